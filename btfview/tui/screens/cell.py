"""One cell of the offsets in full: why, which bytes, since which kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.screen import ModalScreen

from btfview.tui.drawing import Line, pieces_of, visible
from btfview.tui.keys.bindings import bindings_of
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.status import selection_text
from btfview.tui.widgets.bars import Bar, KeyBar
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.views.cell import cell_rows

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from btfview.session.state import Session


class CellList(ChoiceList):
    """The rows; sideways goes from target to target."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "cell list",
        {
            "cell.next_kernel": "screen.step_target(1)",
            "cell.previous_kernel": "screen.step_target(-1)",
            "cell.instruction": "screen.leave_for_insn",
            "cell.right": "sideways(1)",
            "cell.left": "sideways(-1)",
        },
    )


class CellScreen(ModalScreen[bool]):
    """What :func:`cell_rows` tells of the selection; its keys move that. Gives back whether to go to the
    instruction."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "cell",
        {
            "leave": "leave",
            "close": "leave",
            "previous": "step(-1)",
            "next": "step(1)",
            "previous_problem": "step_problem(-1)",
            "next_problem": "step_problem(1)",
            "copy": "copy",
        },
    )
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
            yield KeyBar(self.HINTS, "cell list")

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
