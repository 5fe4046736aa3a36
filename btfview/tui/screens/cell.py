"""One cell of the offsets in full: why, which bytes, since which kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from btfview.tui.drawing import Line, pieces_of, visible
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.status import selection_text
from btfview.tui.widgets.bars import Bar, KeyBar
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.views.cell import cell_rows

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from btfview.session.state import Session


class CellList(ChoiceList):
    """The rows; sideways goes from target to target."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "screen.step_target(1)", "Next target", show=False),
        Binding("left,h", "screen.step_target(-1)", "Previous target", show=False),
        Binding("enter", "screen.leave_for_insn", "Go to the instruction", show=False),
        Binding("greater_than_sign", "screen.leave_for_insn", "Go to the instruction", show=False),
        Binding("L", "sideways(1)", "Scroll right", show=False),
        Binding("H", "sideways(-1)", "Scroll left", show=False),
    ]


class CellScreen(ModalScreen[bool]):
    """What :func:`cell_rows` tells of the selection; its keys move that. Gives back whether to go to the
    instruction."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,B", "leave", "Close", show=False),
        Binding("left_square_bracket", "step(-1)", "Previous record", show=False),
        Binding("right_square_bracket", "step(1)", "Next record", show=False),
        Binding("left_curly_bracket", "step_problem(-1)", "Previous problem", show=False),
        Binding("right_curly_bracket", "step_problem(1)", "Next problem", show=False),
        Binding("y", "copy", "Copy the line", show=False),
    ]
    HINTS = (
        ("h l", "target", "step_target(1)"),
        ("[ ]", "record", "step(1)"),
        ("{ }", "problem", "step_problem(1)"),
        ("enter", "instruction", "leave_for_insn"),
        ("H L", "scroll", ""),
        ("y", "copy", "copy"),
        ("esc", "close", "leave"),
    )

    def __init__(self, session: Session, start: str = "") -> None:
        """Show the selection of *session*; the cursor begins at the title *start*."""
        super().__init__()
        self._session = session
        self._start = start
        self._keys: list[str] = []
        """Of the rows."""

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-tall -broad"):
            yield Bar(id="about")
            yield CellList(id="choices")
            yield KeyBar(self.HINTS)

    def on_mount(self) -> None:
        self._show()
        if self._start:
            at = self._keys.index(self._start) if self._start in self._keys else 0
            self._list.place_cursor(self._list.line_count - 1)
            self._list.place_cursor(at)

    @property
    def _list(self) -> CellList:
        return self.query_one(CellList)

    def _show(self) -> None:
        session = self._session
        selection, good = session.selection, session.good
        if selection is None or good is None:
            return
        place = f" on target {selection.target + 1} of {len(good.targets)} " if good.targets else ""
        about = visible(selection_text(session))
        self.query_one("#about", Bar).show(((about, "title"),), ((place, "dim"),))
        rows = cell_rows(good, selection.relo, selection.target)
        self._keys = [row.key for row in rows]
        self._list.set_lines([Line((("  " * row.depth, ""), *pieces_of(row.segments))) for row in rows])

    def action_step(self, delta: int) -> None:
        if self._session.step(delta):
            self._show()

    def action_step_target(self, delta: int) -> None:
        selection = self._session.selection
        if selection is not None and self._session.select(selection.relo, selection.target + delta):
            self._show()

    def action_step_problem(self, direction: int) -> None:
        if self._session.step_problem(direction):
            self._show()
        else:
            self.notify("There are no problems.")

    def action_copy(self) -> None:
        self._list.copy_line()

    def action_leave(self) -> None:
        self.dismiss(False)

    def action_leave_for_insn(self) -> None:
        self.dismiss(True)
