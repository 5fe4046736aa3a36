"""The offsets pane: records by targets, a matrix with a fixed label column and a fixed header."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ...workspace.analysis import GLYPHS, MOVED, PROBLEM_STATES
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
CHANGE = "│"
"""Before a value that is not that of the kernel to the left."""
ALL, PROBLEMS, MOVES = FILTERS = ("", "problems only", "moved only")
BY_PATH, BY_FUNCTION, WORST_FIRST = ORDERS = ("", "by function", "worst first")
_NOTHING = {
    ALL: "",
    PROBLEMS: "no record fails on these targets: f shows others",
    MOVES: "no record has moved on these targets: f shows others",
}
_BADNESS = {state: badness for badness, state in enumerate(GLYPHS)}


class OffsetsPane(LineList):
    """One line a record, one column a target; the cursor is a line and a column."""

    def __init__(self) -> None:
        super().__init__(id="offsets", title="5 Target offsets")
        self._rows: Sequence[OffsetRow] = ()
        self._programs: Sequence[str] = ()
        """Function of each record."""
        self._filter, self._order = ALL, BY_PATH
        self._value_widths: list[int] = []
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

    def set_table(self, table: OffsetTable, programs: Sequence[str] = ()) -> bool:
        """Show *table*, whose records are in the functions *programs*; the cursor stays on its record.

        Return whether that is still there.
        """
        entry = self._entries[self.cursor] if self.cursor < len(self._entries) else ""
        key = self._rows[entry].key if isinstance(entry, int) else ""
        self._rows = table.rows
        self._names = [visible(name) for name in table.columns]
        self._badges = [visible(badge) for badge in table.badges]
        self._programs = programs
        self._value_widths = [
            max((cell_len(visible(row.cells[column].value)) for row in table.rows), default=1)
            for column in range(len(self._names))
        ]
        self._column = max(0, min(self._column, len(self._names) - 1))
        relo = next((row.relo for row in table.rows if key and row.key == key), None)
        return self._list_rows(relo)

    def _list_rows(self, relo: int | None) -> bool:
        """Choose and order the rows, and put the cursor on record *relo*; return whether that is listed."""
        rows = self._rows
        chosen = [index for index, row in enumerate(rows) if self._passes(row)]
        if self._order == BY_FUNCTION:
            chosen.sort(key=lambda index: rows[index].relo)
        elif self._order == WORST_FIRST:
            chosen.sort(
                key=lambda index: -max((_BADNESS[cell.state] for cell in rows[index].cells), default=0)
            )
        self._entries, self._line_of = [], {}
        group: str | None = None
        for index in chosen:
            heading = self._heading_of(rows[index])
            if heading is not None and heading != group:
                group = heading
                self._entries.append(heading)
            self._line_of[rows[index].relo] = len(self._entries)
            self._entries.append(index)
        self.empty_text = _NOTHING[self._filter] if rows else ""
        self._fit_columns()
        cursor = self._line_of.get(relo) if relo is not None else None
        self.set_line_count(len(self._entries), cursor=cursor)
        return cursor is not None

    def _passes(self, row: OffsetRow) -> bool:
        if self._filter == PROBLEMS:
            return any(cell.state in PROBLEM_STATES for cell in row.cells)
        return self._filter == ALL or any(cell.state == MOVED for cell in row.cells)

    def _heading_of(self, row: OffsetRow) -> str | None:
        if self._order == BY_PATH:
            return row.group
        if self._order == WORST_FIRST:
            return None
        return (self._programs[row.relo] if row.relo < len(self._programs) else "") or "(no function)"

    def _label_of(self, row: OffsetRow) -> list[Piece]:
        label: list[Piece] = [(visible(segment.text), segment.role) for segment in row.label]
        if self._order != BY_PATH:
            label.append((f" {visible(row.group)}", "name"))
        return label

    def cycle_filter(self) -> None:
        """Show all rows, those that fail somewhere, those that moved somewhere."""
        self._filter = FILTERS[(FILTERS.index(self._filter) + 1) % len(FILTERS)]
        self._list_rows(self.selected_relo)

    def cycle_order(self) -> None:
        """Order the rows by path, by function, worst first."""
        self._order = ORDERS[(ORDERS.index(self._order) + 1) % len(ORDERS)]
        self._list_rows(self.selected_relo)

    def clear(self) -> None:
        """Show nothing."""
        self.set_table(OffsetTable((), (), ()))

    def _fit_columns(self) -> None:
        """Compute the widths: whole target names where they fit, else what tells them apart."""
        labels = [
            width_of(self._label_of(self._rows[entry])) for entry in self._entries if isinstance(entry, int)
        ]
        room = self.size.width or 40
        values = self._value_widths
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
        """Return *pieces*, one for each column in view, with *edge* where columns are hidden."""
        shown = list(pieces)
        if self._window.start > 0:
            shown.insert(0, (edge, "dim"))
        if self._window.stop < len(self._widths):
            shown.append((edge, "dim"))
        return tuple(shown)

    def _set_heading(self) -> None:
        if not self._names:
            text = "no targets: t picks some" if self._rows else ""
            self.headings = (*self._choices(), Line(((text, "dim"),)))
            self._update_note()
            return
        gutter = ((" " * self._label_width, ""),)
        lines = [
            self._in_window(
                [
                    (_right(self._shown_names[column][part], self._widths[column]), "")
                    for column in self._window
                ],
                ELLIPSIS if part == 0 else " ",
            )
            for part in (0, 1)
        ]
        has_second = any(rest for _, rest in self._shown_names)
        shown = lines[: 1 + has_second]
        self.headings = (*self._choices(), *(Line(pieces, gutter=gutter) for pieces in shown))
        self._update_note()

    def _choices(self) -> tuple[Line, ...]:
        """Return a line that says how rows are filtered and ordered, where they are."""
        count = sum(isinstance(entry, int) for entry in self._entries)
        parts = [f"{self._filter}: {count} of {len(self._rows)}"] if self._filter else []
        parts += [self._order] if self._order else []
        return (Line(((" · ".join(parts), "warning"),)),) if parts else ()

    def _update_note(self) -> None:
        """Say what is filtered, which target is chosen, and since which the selected value is as it is."""
        parts: list[str] = []
        if self._names:
            name, badge = self._names[self._column], self._badges[self._column]
            hidden = len(self._names) - len(self._window)
            parts += [
                f"{name} ({badge})" if badge else name,
                self._since(),
                f"{hidden} more: h l" if hidden else "",
            ]
        self.set_note(" · ".join(part for part in parts if part))

    def _since(self) -> str:
        """Return ``since 6.12, before: 208`` for the selected cell, nothing where all to its left agree."""
        line = self._line_of.get(self.selected_relo) if self.selected_relo is not None else None
        entry = self._entries[line] if line is not None else ""
        if isinstance(entry, str):
            return ""
        cells = self._rows[entry].cells
        first = self._column
        while first > 0 and cells[first - 1] == cells[first]:
            first -= 1
        if first == 0:
            return ""
        before = cells[first - 1]
        was = before.state if before.value == "-" else before.value
        return f"{f'since {self._names[first]}, ' if first != self._column else ''}before: {visible(was)}"

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
        label: list[Piece] = [(" ", ""), *self._label_of(row)]
        surplus = width_of(label) - (self._label_width - 1)
        if surplus > 0 and self._order != BY_PATH:  # of a path, the end says more than the beginning
            path = label.pop()
            label += crop([path], surplus, cell_len(path[0]) - surplus)
        label = crop(label, 0, self._label_width - 1)
        label.append((" " * (self._label_width - width_of(label)), ""))
        pieces: list[Piece] = []
        for column in self._window if row.cells else ():
            cell = row.cells[column]
            text = f"{cell.glyph}{self._glyph_gap}{visible(cell.value)}"
            if column and row.cells[column - 1] != cell:
                text = CHANGE + text
            pieces.append((_right(text, self._widths[column]), state_role(cell.state)))
        return Line(self._in_window(pieces) if pieces else (), (row.relo,), tuple(label))

    def decorate(self, line: Line) -> Line:
        """Mark the selected cell."""
        if self.selected_relo not in line.relos or not line.pieces:
            return line
        at = self._column - self._window.start + (self._window.start > 0)
        text, role = line.pieces[at]
        cell = text.lstrip(f" {CHANGE}")
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

    def show_relo(self, relo: int | None) -> None:
        super().show_relo(relo)
        self._update_note()

    def _show_column(self, column: int) -> None:
        if column != self._column:
            self._column = column
            self._set_window()


def _right(text: str, width: int) -> str:
    """Return *text* at the right edge of *width* cells."""
    return " " * (width - cell_len(text)) + text


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
