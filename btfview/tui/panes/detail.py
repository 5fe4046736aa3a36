"""The detail drawer: sentences that explain a record, wrapped, and blocks of code to be copied whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.tui.drawing import Line, pieces_of, visible, wrap
from btfview.tui.widgets.line_list import LineList

from .rows import RowsPane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.views.rows import Row


class DetailPane(RowsPane):
    """Rows of which each takes as many lines as it needs; a line of code is one, and scrolls sideways."""

    def __init__(self, *, id: str, title: str) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, title=title)
        self._wrapped: list[tuple[int, Line]] = []
        """The row of each line, and what is drawn of it."""
        self._wrapped_for = 0

    def set_rows(self, rows: Sequence[Row]) -> bool:
        self._rows = rows
        self._wrap()
        self.lines_changed()
        self.place_cursor(next((at for at, (row, _) in enumerate(self._wrapped) if rows[row].is_code), 0))
        return False

    def _wrap(self) -> None:
        self._wrapped_for = self.size.width or self.screen.size.width - 2
        self._wrapped = []
        for index, row in enumerate(self._rows):
            pieces = pieces_of(row.segments)
            lines = [pieces] if row.is_code else wrap(pieces, max(1, self._wrapped_for - 1))
            self._wrapped += [(index, Line(tuple(line), row.relos)) for line in lines]

    def on_resize(self) -> None:
        if self.size.width != self._wrapped_for:
            self._wrap()
            self.lines_changed()
        super().on_resize()

    @property
    def line_count(self) -> int:
        return len(self._wrapped)

    def line(self, index: int) -> Line:
        return self._wrapped[index][1]

    # The lines are its places, as in any list, and not the rows.
    relos_of, search_texts = LineList.relos_of, LineList.search_texts
    place_of, line_of_place = LineList.place_of, LineList.line_of_place

    def cursor_moved(self, index: int) -> None:
        """Nothing is selected by reading."""

    def activate(self, index: int) -> None:
        row = self._rows[self._wrapped[index][0]]
        if row.key:
            super().activate(index)

    def copy_text(self, index: int) -> str:
        """Return the whole sentence of a line, or the whole block of code."""
        row = self._wrapped[index][0]
        if not self._rows[row].is_code:
            return visible(self._rows[row].text).strip()
        first = last = row
        while first and self._rows[first - 1].is_code:
            first -= 1
        while last + 1 < len(self._rows) and self._rows[last + 1].is_code:
            last += 1
        lines = [visible(one.text) for one in self._rows[first : last + 1]]
        indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
        return "\n".join(line[indent:].rstrip() for line in lines)
