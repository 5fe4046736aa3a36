"""Choose one of a few names."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from btfview.tui.drawing import Line, visible
from btfview.tui.keys.bindings import bindings_of
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.bars import KeyBar
from btfview.tui.widgets.choice_list import ChoiceList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType


class ChooseScreen(ModalScreen["int | None"]):
    """Gives the index of the name that was chosen, None where none was."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "choose", {"leave": "dismiss(None)", "close": "dismiss(None)"}
    )
    HINTS = (("j k", "move", ""), ("enter", "choose", "choose"), ("esc", "cancel", "dismiss(None)"))

    def __init__(self, title: str, names: Sequence[str], cursor: int) -> None:
        super().__init__()
        self._title = title
        self._names = names
        self._cursor = cursor

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content(visible(self._title))
            yield ChoiceList(id="choices")
            yield KeyBar(self.HINTS, "choose")

    def on_mount(self) -> None:
        shown = self.query_one(ChoiceList)
        shown.set_lines([Line(((visible(name), "name"),)) for name in self._names], cursor=self._cursor)
        shown.focus()

    def on_line_list_activated(self) -> None:
        self.action_choose()

    def action_choose(self) -> None:
        self.dismiss(self.query_one(ChoiceList).here)
