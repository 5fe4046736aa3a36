"""The disassembly pane: made in a thread, for one result and one target, once it is on show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.errors import error_text
from btfview.keymap.table import DISASM
from btfview.views.rows import Row, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from btfview.analysis.result import Analysis

    from .bench import Bench


class Disassembly:
    """What the disassembly of *bench* shows; *done* is called each time that it is up to date."""

    def __init__(self, bench: Bench, done: Callable[[], None], before: Callable[[], int | None]) -> None:
        self._bench = bench
        self._before = before
        """Tells the target before the last step from kernel to kernel."""
        self._done = done
        self._shown: tuple[Analysis, int | None] | None = None
        """Result and target that it shows, or is about to."""
        self.is_made = False
        """It shows the result and the target of the moment."""

    def show(self, *, is_new: bool = False) -> None:
        """Bring it, if it is on show, up to date; *is_new* makes it anew in any case."""
        session = self._bench.session
        good, selection = session.good, session.selection
        if DISASM not in self._bench.panes or good is None:
            return
        target = (selection.target if selection else 0) if good.targets else None
        if not is_new and self._is_shown(good, target):
            return
        self._shown, self.is_made = (good, target), False
        changes, before = session.object_changes, self._before()

        def make(_is_cancelled: Callable[[], bool]) -> Sequence[Row]:
            from btfview.analysis.instructions.between_kernels import changed_insns
            from btfview.analysis.instructions.disassembly import disassemble
            from btfview.views.stages.disasm import disasm_rows

            try:
                functions = disassemble(good, target)
                was = changed_insns(disassemble(good, before), functions) if before is not None else {}
                return disasm_rows(good, functions, target, changes, was)
            except Exception as error:  # of btfview's own: the screen stays up and says so
                return (Row((Segment(error_text(error), "error"),)),)

        self._bench.in_background("disassemble", make, lambda rows: self._take(good, target, rows))

    def _is_shown(self, analysis: Analysis, target: int | None) -> bool:
        """Tell whether that is what it shows, or is about to."""
        return self._shown is not None and self._shown[0] is analysis and self._shown[1] == target

    def _take(self, analysis: Analysis, target: int | None, rows: Sequence[Row]) -> None:
        if not self._is_shown(analysis, target):
            return
        self.is_made = True
        pane = self._bench.rows_pane(DISASM)
        is_kept = pane.set_rows(rows)
        pane.set_note("" if target is None else f"on {analysis.targets[target].name}")
        self._bench.fit_panes()
        selection = self._bench.session.selection
        if selection is not None and not is_kept:
            pane.show_selection(selection.relo)
        self._done()
