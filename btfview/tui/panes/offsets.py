"""The offsets pane: records by targets, a matrix with a fixed label column and a fixed header."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ...workspace.analysis import GLYPHS
from ...workspace.offset_table import state_role
from ...workspace.rows import OffsetTable
from ..drawing import ELLIPSIS, Line, Piece, crop, visible, width_of
from ..messages import ReloSelected
from ..widgets.line_list import LineList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...workspace.rows import OffsetRow

_GAP = 1
"""Cells between columns."""
LEGEND = "  ".join(f"{glyph} {state}" for state, glyph in GLYPHS.items())


class OffsetsPane(LineList):
    """One line a record, one column a target; the cursor is a line and a column."""

    def __init__(self) -> None:
        super().__init__(id="offsets", title="5 Target offsets")
        self._rows: Sequence[OffsetRow] = ()
        self._entries: list[int | str] = []
        """What stands on each line: an index into _rows, or the heading of a group."""
        self._line_of: dict[int, int] = {}
        """Line of each record."""
        self._names: Sequence[str] = ()
        self._badges: Sequence[str] = ()
        self._column = 0
        self._label_width = 0
        self._widths: list[int] = []
        self._glyph_gap = " "
        """Stands between sign and value, where there is room for it."""
        self._shown_names: Sequence[tuple[str, str]] = ()
        """Two lines for each target."""
        self._window = range(0)
        """The columns in view."""
        self._lines: dict[int, Line] = {}
        """Lines already made."""

    # -- content ----------------------------------------------------------------------------------

    def set_table(self, table: OffsetTable) -> bool:
        """Show *table*; the cursor stays on the row with the same key. Return whether that is still there."""
        entry = self._entries[self.cursor] if self.cursor < len(self._entries) else ""
        key = self._rows[entry].key if isinstance(entry, int) else ""
        self._rows = table.rows
        self._names = [visible(name) for name in table.columns]
        self._badges = [visible(badge) for badge in table.badges]
        self._entries, self._line_of = [], {}
        group: str | None = None
        for index, row in enumerate(table.rows):
            if row.group != group:
                group = row.group
                self._entries.append(group)
            self._line_of[row.relo] = len(self._entries)
            self._entries.append(index)
        self._column = max(0, min(self._column, len(self._names) - 1))
        self._fit_columns()
        cursor = next((self._line_of[row.relo] for row in table.rows if key and row.key == key), None)
        self.set_line_count(len(self._entries), cursor=cursor)
        return cursor is not None

    def clear(self) -> None:
        """Show nothing."""
        self.set_table(OffsetTable((), (), ()))

    def _fit_columns(self) -> None:
        """Compute the widths: whole target names where they fit, else what tells them apart."""
        labels = [width_of((segment.text, "") for segment in row.label) for row in self._rows]
        room = self.size.width or 40
        values = [
            max((cell_len(visible(row.cells[column].value)) for row in self._rows), default=1)
            for column in range(len(self._names))
        ]
        self._label_width = max(4, min(max(labels, default=0) + 2, room // 2))
        short = short_names(self._names)
        choices = (([(name, "") for name in self._names], " "), (short, " "), (short, ""))
        for names, self._glyph_gap in choices:
            self._shown_names = [
                (f"{name}?" if badge else name, rest)
                for (name, rest), badge in zip(names, self._badges, strict=True)
            ]
            self._widths = [
                max(1 + len(self._glyph_gap) + width, cell_len(name), cell_len(rest)) + _GAP
                for width, (name, rest) in zip(values, self._shown_names, strict=True)
            ]
            if sum(self._widths) <= self._columns_room:
                break
        self._set_window()

    @property
    def _columns_room(self) -> int:
        """Cells between the labels and the right edge."""
        return max(1, (self.size.width or 40) - 1 - self._label_width)

    def _set_window(self) -> None:
        """Choose the columns in view: whole ones, with the selected one among them."""
        count = len(self._widths)
        first = min(self._window.start, self._column)
        while first < self._column and not self._fits(first, self._column + 1):
            first += 1
        stop = self._column + 1
        while stop < count and self._fits(first, stop + 1):
            stop += 1
        while first > 0 and self._fits(first - 1, stop):  # there is room for more at the left
            first -= 1
        self._window = range(first, min(stop, count))
        self._lines = {}
        self._set_heading()
        self.refresh()

    def _fits(self, first: int, stop: int) -> bool:
        hidden = (first > 0) + (stop < len(self._widths))  # a cell for the ellipsis of each
        return sum(self._widths[first:stop]) + hidden <= self._columns_room

    def _in_window(self, pieces: Sequence[Piece], edge: str = ELLIPSIS) -> tuple[Piece, ...]:
        """Return the cells in view of a piece for each column, with *edge* where columns are hidden."""
        shown = [pieces[column] for column in self._window]
        if self._window.start > 0:
            shown.insert(0, (edge, "dim"))
        if self._window.stop < len(pieces):
            shown.append((edge, "dim"))
        return tuple(shown)

    def _set_heading(self) -> None:
        if not self._names:
            text = "no targets: t picks some" if self._rows else ""
            self.headings = (Line(((text, "dim"),)),)
            self.set_note("")
            return
        gutter = ((" " * self._label_width, ""),)
        lines = [
            self._in_window(
                [
                    (" " * (width - cell_len(names[part])) + names[part], "")
                    for names, width in zip(self._shown_names, self._widths, strict=True)
                ],
                ELLIPSIS if part == 0 else " ",
            )
            for part in (0, 1)
        ]
        has_second = any(rest for _, rest in self._shown_names)
        self.headings = tuple(Line(pieces, gutter=gutter) for pieces in lines[: 1 + has_second])
        name, badge = self._names[self._column], self._badges[self._column]
        hidden = len(self._names) - len(self._window)
        more = f"{hidden} more: h l" if hidden else ""
        self.set_note(" · ".join(part for part in (f"{name} ({badge})" if badge else name, more) if part))

    def on_resize(self) -> None:
        self._fit_columns()
        super().on_resize()

    def line(self, index: int) -> Line:
        entry = self._entries[index]
        if isinstance(entry, str):
            return Line(((visible(entry), "title"),))
        line = self._lines.get(index)
        if line is None:
            line = self._lines[index] = self._make_line(self._rows[entry])
        return line

    def _make_line(self, row: OffsetRow) -> Line:
        label = crop(
            [(" ", ""), *((visible(segment.text), segment.role) for segment in row.label)],
            0,
            self._label_width - 1,
        )
        label.append((" " * (self._label_width - width_of(label)), ""))
        pieces: list[Piece] = []
        for cell, width in zip(row.cells, self._widths, strict=True):
            text = f"{cell.glyph}{self._glyph_gap}{visible(cell.value)}"
            pieces.append((" " * (width - cell_len(text)) + text, state_role(cell.state)))
        return Line(self._in_window(pieces) if pieces else (), (row.relo,), tuple(label))

    def decorate(self, line: Line) -> Line:
        """Mark the selected cell."""
        if self.selected_relo not in line.relos or not line.pieces:
            return line
        at = self._column - self._window.start + (self._window.start > 0)
        text, role = line.pieces[at]
        cell = text.lstrip(" ")
        gap = (text[: len(text) - len(cell)], "")
        pieces = (*line.pieces[:at], gap, (cell, f"{role} cell"), *line.pieces[at + 1 :])
        return Line(pieces, line.relos, line.gutter)

    # -- what the user does -----------------------------------------------------------------------

    def _choose(self, index: int) -> None:
        entry = self._entries[index]
        if isinstance(entry, int):
            self.report(ReloSelected(self, self._rows[entry].relo, self._column))

    def cursor_moved(self, index: int) -> None:
        self._choose(index)

    def activate(self, index: int) -> None:
        self._choose(index)

    def action_sideways(self, direction: int) -> None:
        """Move to the next or previous target."""
        column = max(0, min(self._column + direction, len(self._names) - 1))
        if column == self._column or not self._entries:
            return
        if self.selected_relo is not None:
            self.report(ReloSelected(self, self.selected_relo, column))
        self._show_column(column)

    def clicked(self, index: int, x: int) -> None:
        left = 1 + self._label_width + (self._window.start > 0)
        for column in self._window:
            if left <= x < left + self._widths[column]:
                self._show_column(column)
                self._choose(index)
                return
            left += self._widths[column]

    def copy_text(self, index: int) -> str:
        """Return the value in the chosen column; of a heading its words."""
        entry = self._entries[index]
        if isinstance(entry, str) or not self._names:
            return super().copy_text(index)
        return visible(self._rows[entry].cells[self._column].value)

    # -- selection --------------------------------------------------------------------------------

    def show_selection(self, relo: int | None, target: int, *, keeps_cursor: bool = False) -> None:
        """Light the row of *relo* and the column of *target*; the cursor goes there unless it is to stay."""
        self.show_relo(relo)
        self._show_column(max(0, min(target, len(self._names) - 1)))
        if relo is not None and relo in self._line_of and not keeps_cursor:
            self.place_cursor(self._line_of[relo], with_context=True)

    def _show_column(self, column: int) -> None:
        if column != self._column:
            self._column = column
            self._set_window()


def short_names(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return for each of *names* its first two words, and the words that tell it from others with the same.

    >>> short_names(["6.1.0-56-amd64", "7.2.9-amd64", "7.2.38-amd64", "7.2.38-arm64"])
    [('6.1', ''), ('7.2', '9'), ('7.2', '38-amd64'), ('7.2', '38-arm64')]
    """
    words = [re.findall(r"[.\-_+ ]*[^.\-_+ ]+", name) or [name] for name in names]
    return [_short_name(parts, words) for parts in words]


def _short_name(parts: list[str], all_words: Sequence[list[str]]) -> tuple[str, str]:
    rivals = [other for other in all_words if other[:2] == parts[:2] and other != parts]
    rest = ""
    for position in range(2, len(parts)):
        alike = [other for other in rivals if other[position : position + 1] == [parts[position]]]
        if len(alike) < len(rivals):
            rest += parts[position]
            rivals = alike
    return "".join(parts[:2]), rest.lstrip(".-_+ ")
