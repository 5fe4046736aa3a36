"""Jumps of the workbench: to an instruction, a line, a record or a kernel, and back again."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, assert_never

from btfview.keymap.table import DISASM
from btfview.palette.goals import ToField, ToFunction, ToInsn, ToKernel, ToLine, ToRecord, ToType, renew_goal

if TYPE_CHECKING:
    from collections.abc import Callable

    from btfview.analysis.result import Analysis
    from btfview.palette.goals import Goal
    from btfview.session.state import Session

    from .bench import Bench

_REMEMBERED = 100
"""Places to go back to."""


class Jumps:
    """Where *bench* was before each jump, and where it goes once the disassembly is there.

    *is_disassembled* tells whether that shows the result and the target of the moment.
    """

    def __init__(self, bench: Bench, is_disassembled: Callable[[], bool]) -> None:
        self._bench = bench
        self._is_disassembled = is_disassembled
        self._places: deque[tuple[str, str, int]] = deque(maxlen=_REMEMBERED)
        """Pane, key of the selected record, target."""
        self._awaited = ""
        """Key of the instruction to go to."""

    @property
    def _session(self) -> Session:
        return self._bench.session

    def leave(self) -> None:
        """Remember this place, to come back to."""
        selection = self._session.selection
        target = selection.target if selection else 0
        self._places.append((self._bench.pane_name, self._session.selected_key, target))

    def back(self) -> None:
        """Return to the place before the last jump."""
        if not self._places:
            self._bench.notify("There is nothing to go back to.")
            return
        pane, key, target = self._places.pop()
        self._awaited = ""
        good = self._session.good
        numbers = range(good.item_count) if good and key else ()
        relo = next((number for number in numbers if good and good.key(number) == key), None)
        self._bench.show_pane(pane)
        if relo is not None:
            self._bench.select_relo(relo, target)

    def follow(self, goal: Goal | None, made_for: Analysis | None) -> None:
        """Go where a choice of the palette leads, in the result
        *made_for*, which another may have replaced since."""
        good = self._session.good
        if goal is not None and made_for is not None and good is not None and good is not made_for:
            goal = renew_goal(goal, made_for, good)
        match goal:
            case None:
                self._bench.notify("That is gone: the file was compiled anew in between.")
            case ToRecord(relo=relo):
                self.to_relo(relo, self._bench.pane_name)
            case ToField(key=key, relos=relos):
                if self.to_row("structs", key):
                    return
                if relos:
                    self._bench.select_relo(relos[0])
                else:
                    key = self._bench.key_of("structs_mode")
                    self._bench.notify(f"The struct tree shows a kernel's types: {key} shows the program's.")
            case ToFunction(section=section, start=start, relos=relos):
                if relos:
                    self._bench.select_relo(relos[0])
                self.to_insn(section, start)
            case ToKernel(target=target):
                self.to_target(target)
            case ToType(target=target, type_id=type_id, path=path):
                self._bench.open_type(type_id, path, target)
            case ToLine(number=number, key=key):
                if key:
                    self.to_row("source", key)
                else:
                    self.to_line(number)
            case ToInsn(section=section, insn_off=insn_off):
                self.to_insn(section, insn_off)
            case _:
                assert_never(goal)

    def to_relo(self, relo: int, pane: str) -> None:
        """Select a record, and show it in *pane*."""
        self.leave()
        self._bench.show_pane(pane)
        self._bench.select_relo(relo)

    def to_target(self, target: int) -> None:
        """Select a kernel, and show its column."""
        self.leave()
        self._bench.show_pane("offsets")
        if self._session.selection is not None:
            self._bench.select_relo(self._session.selection.relo, target)

    def to_row(self, pane: str, key: str) -> bool:
        """Go to the row of *pane* with *key*; false if there is none."""
        self.leave()
        self._bench.show_pane(pane)
        return self._bench.rows_pane(pane).go_to_key(key)

    def to_line(self, number: int) -> None:
        """Go to a line of the source on show."""
        self.leave()
        self._bench.show_pane("source")
        self._bench.source_pane.go_to_number(number)

    def open_cell(self, start: str = "") -> None:
        """Explain the selection in full; the cursor begins at the title *start*."""
        from btfview.tui.screens.cell import CellScreen

        session = self._session
        if session.selection is None:
            self._bench.notify("No record is selected.")
            return
        before = session.selection

        def closed(goes_to_insn: bool | None) -> None:
            if session.selection != before:
                self._bench.show_selection()
            if goes_to_insn:
                self.to_selected_insn()

        self._bench.open_dialogue(CellScreen(session, start), closed)

    def to_selected_insn(self) -> None:
        """Go to the instruction of the selection."""
        insn = self._session.selected_insn
        if insn is not None:
            self.to_insn(*insn)
        elif self._session.selected_ask:
            self._bench.notify("The object as a whole asks for that: it is no instruction's.")
        else:
            self._bench.notify("No record is selected.")

    def to_insn(self, section: str, insn_off: int) -> None:
        """Go to an instruction in the disassembly, which may have to be made first."""
        self.leave()
        self._awaited = f"{section}+{insn_off}"
        self._bench.show_pane(DISASM)
        if self._is_disassembled():
            self.disassembled()

    def disassembled(self) -> None:
        """The disassembly shows the result of the moment: go where a jump was to lead."""
        key, self._awaited = self._awaited, ""
        if key:
            self._bench.rows_pane(DISASM).go_to_key(key)
