"""Where to look: arrange the offsets, explain a cell, go to an instruction, a line or a kernel, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .jumps import Jumps
from .stages import CompileScreen

if TYPE_CHECKING:
    from btfview.analysis.result import Analysis
    from btfview.tui.messages import CellOpened


class JumpingScreen(CompileScreen):
    """The part of the workbench that moves the selection in other ways than row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.jumps = Jumps(self)
        self._alike: tuple[Analysis, dict[str, frozenset[int]]] | None = None
        """The records of each path, of the result that they were made from."""

    @property
    def is_disassembled(self) -> bool:
        """Whether the disassembly shows the result and the target of the moment."""
        raise NotImplementedError

    def relos_alike(self, relo: int | None) -> frozenset[int]:
        """Return the records that ask about the same field, or type, as *relo*, itself among them."""
        good = self.session.good
        if good is None or relo is None:
            return frozenset()
        if self._alike is None or self._alike[0] is not good:
            by_path: dict[str, list[int]] = {}
            for linked in good.relos:
                by_path.setdefault(linked.path, []).append(linked.index)
            self._alike = good, {path: frozenset(relos) for path, relos in by_path.items()}
        return self._alike[1][good.relos[relo].path]

    def action_filter_offsets(self) -> None:
        self.offsets_pane.cycle_filter()
        self._bring_up("offsets")

    def action_sort_offsets(self) -> None:
        self.offsets_pane.cycle_order()
        self._bring_up("offsets")

    def action_arrange_targets(self) -> None:
        self.offsets_pane.cycle_arrangement()
        self._bring_up("offsets")

    def on_cell_opened(self, _message: CellOpened) -> None:
        self.action_open_cell()

    def action_open_cell(self, start: str = "") -> None:
        """Explain the selection in full; the cursor begins at the title *start*."""
        from btfview.tui.screens.cell import CellScreen

        if self.session.selection is None:
            self.notify("No record is selected.")
            return
        before = self.session.selection

        def closed(goes_to_insn: bool | None) -> None:
            if self.session.selection != before:
                self._show_selection()
            if goes_to_insn:
                self.action_follow()

        self.app.push_screen(CellScreen(self.session, start), closed)

    def action_follow(self) -> None:
        linked = self.session.selected_relo
        if linked is None:
            self.notify("No record is selected.")
        else:
            self.jumps.to_insn(linked.relo.section, linked.relo.insn_off)

    def action_go_back(self) -> None:
        if not self.jumps.back():
            self.notify("There is nothing to go back to.")

    def select_relo(self, relo: int, target: int | None = None) -> None:
        """Select a record, and a target if given, as if the user had gone there."""
        self.session.select(relo, target)
        self._show_selection()

    def action_palette(self, query: str = "") -> None:
        self.app.open_palette(query)  # type: ignore[attr-defined]  # of BtfviewApp
