"""A list of choices for a dialogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.tui.drawing import Line

from .line_list import LineList

if TYPE_CHECKING:
    from collections.abc import Sequence


class ChoiceList(LineList):
    """Lines to choose from; its cursor shows even while an input beside it has the focus."""

    always_shows_cursor = True

    def __init__(self, *, id: str, title: str = "", can_focus: bool = True) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, title=title)
        self.can_focus = can_focus
        self._lines: Sequence[Line] = ()

    def set_lines(self, lines: Sequence[Line], *, cursor: int | None = None) -> None:
        self._lines = lines
        self.lines_changed(cursor=cursor)

    @property
    def line_count(self) -> int:
        return len(self._lines)

    def line(self, index: int) -> Line:
        return self._lines[index]
