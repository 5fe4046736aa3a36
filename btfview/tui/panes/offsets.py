"""The offsets pane: records by targets, a matrix with a fixed label column and a fixed header."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, TypeVar, assert_never

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from btfview.analysis.result import CellState
from btfview.tui.drawing import Line, Piece, crop, visible, width_of
from btfview.tui.messages import CellOpened, ReloSelected
from btfview.tui.widgets.line_list import LineList
from btfview.views.rows import OffsetTable
from btfview.views.states import state_role

from .offset_columns import Arrangement, Columns, right

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.changes.selection_changes import Changes
    from btfview.views.rows import OffsetCell, OffsetRow

CHANGE = "│"
"""Before a value that is not that of the kernel to the left."""


class Filter(StrEnum):
    ALL = ""
    PROBLEMS = "problems only"
    MOVES = "moved only"


class Order(StrEnum):
    BY_PATH = ""
    BY_FUNCTION = "by function"
    BY_TYPE = "by type"
    WORST_FIRST = "worst first"


_NOTHING = {
    Filter.ALL: "",
    Filter.PROBLEMS: "no record fails on these targets: f shows others",
    Filter.MOVES: "no record has moved on these targets: f shows others",
}
_BADNESS = {state: badness for badness, state in enumerate(CellState)}
_NO_TABLE = OffsetTable((), (), ())


class OffsetsPane(LineList):
    """One line a record, one column a target; the cursor is a line and a column."""

    dims_rest = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "screen.generate", "Code for the field", show=False, id="offsets.generate"),
        Binding("0,circumflex_accent", "to_target(0)", "First target", show=False, id="offsets.first_target"),
        Binding("dollar_sign", "to_target(-1)", "Last target", show=False, id="offsets.last_target"),
    ]

    def __init__(self) -> None:
        super().__init__(id="offsets", title="5 Target offsets")
        self._table = _NO_TABLE
        self._programs: Sequence[str] = ()
        """Function of each record."""
        self._marks: dict[int, str] = {}
        """Sign of each record that the last edit changed."""
        self._filter, self._order, self._arrangement = Filter.ALL, Order.BY_PATH, Arrangement.AS_GIVEN
        self._entries: list[int | str] = []
        """What stands on each line: an index into the table's rows, or the heading of a group."""
        self._line_of: dict[int, int] = {}
        """Line of each record."""
        self._columns = Columns(_NO_TABLE)
        self._column = 0
        """Position of the chosen column."""
        self._column_before: int | None = None
        """The chosen column when the search began, until a hit is chosen."""
        self._line_before = 0
        """And the line."""
        self._label_width = 0
        self._lines: dict[int, Line] = {}
        """Lines already made."""

    # -- content ----------------------------------------------------------------------------------

    def set_table(self, table: OffsetTable, programs: Sequence[str] = ()) -> bool:
        """Show *table*, whose records are in the functions *programs*; the cursor stays on its record.

        Return whether that is still there.
        """
        entry = self._entries[self.here] if self.here is not None else ""
        key = self._table.rows[entry].key if isinstance(entry, int) else ""
        target = self._target
        self._table, self._programs = table, programs
        self._columns = Columns(table, self._arrangement)
        self._column = self._columns.positions.get(min(target, len(self._columns) - 1), 0)
        self._column_before = None
        relo = next((row.relo for row in table.rows if key and row.key == key), None)
        return self._list_rows(relo)

    def set_changes(self, changes: Changes) -> None:
        """Mark the records that the last edit changed, ``±``, or added, ``+``."""
        self._marks = {index: "±" for index, _ in changes.changed} | dict.fromkeys(changes.new, "+")
        self._lines = {}
        self.refresh()

    def _list_rows(self, relo: int | None) -> bool:
        """Choose and order the rows, and put the cursor on record *relo*; return whether that is listed."""
        rows = self._table.rows
        chosen = [index for index, row in enumerate(rows) if self._passes(row)]
        if self._order == Order.BY_FUNCTION:
            chosen.sort(key=lambda index: rows[index].relo)
        elif self._order == Order.BY_TYPE:
            first: dict[str, int] = {}
            for row in rows:
                first[row.root] = min(first.get(row.root, row.relo), row.relo)
            chosen.sort(key=lambda index: first[rows[index].root])
        elif self._order == Order.WORST_FIRST:
            chosen.sort(
                key=lambda index: -max((_BADNESS[cell.state] for cell in rows[index].cells), default=0)
            )
        self._entries, self._line_of = [], {}
        group: str | None = None
        part = ""
        for index in chosen:
            if self._order == Order.BY_PATH and rows[index].part != part:
                part = rows[index].part
                self._entries.append(part)
            heading = self._heading_of(rows[index])
            if heading is not None and heading != group:
                group = heading
                self._entries.append(heading)
            self._line_of[rows[index].relo] = len(self._entries)
            self._entries.append(index)
        self.empty_text = _NOTHING[self._filter] if rows else ""
        self._fit_columns()
        cursor = self._line_of.get(relo) if relo is not None else None
        self.lines_changed(cursor=cursor)
        return cursor is not None

    def _passes(self, row: OffsetRow) -> bool:
        if self._filter == Filter.PROBLEMS:
            return any(cell.state.is_problem for cell in row.cells)
        return self._filter == Filter.ALL or any(cell.state == CellState.MOVED for cell in row.cells)

    def _heading_of(self, row: OffsetRow) -> str | None:
        match self._order:
            case Order.BY_FUNCTION:
                function = self._programs[row.relo] if row.relo < len(self._programs) else ""
                return function or "(no function)"
            case Order.BY_TYPE:
                return row.root or "(no type)"
            case Order.WORST_FIRST:
                return None
            case Order.BY_PATH:
                return row.group
            case _:
                assert_never(self._order)

    def _label_of(self, row: OffsetRow) -> list[Piece]:
        label: list[Piece] = [(visible(segment.text), segment.role) for segment in row.label]
        if self._order != Order.BY_PATH:
            label.append((f" {visible(row.group)}", "name"))
        return label

    def _label_cells(self, row: OffsetRow) -> int:
        """Return the width of :meth:`_label_of`; for tens of thousands of rows that is too slow to draw."""
        text = "".join([segment.text for segment in row.label])
        if self._order != Order.BY_PATH:
            text += f" {row.group}"
        return len(text) if text.isascii() and text.isprintable() else width_of(self._label_of(row))

    def cycle_filter(self) -> None:
        """Show all rows, those that fail somewhere, those that moved somewhere."""
        self._filter = _next(self._filter)
        self._list_rows(self.selected_relo)

    def cycle_order(self) -> None:
        """Order the rows by path, by function, by type, worst first."""
        self._order = _next(self._order)
        self._list_rows(self.selected_relo)

    def cycle_arrangement(self) -> None:
        """Arrange the columns as the targets were given, or by architecture and age."""
        self._arrangement = _next(self._arrangement)
        target = self._target
        self._columns = Columns(self._table, self._arrangement)
        self._column = self._columns.positions.get(target, 0)
        self._list_rows(self.selected_relo)

    def clear(self) -> None:
        """Show nothing."""
        self.set_table(_NO_TABLE)

    def _fit_columns(self) -> None:
        rows = self._table.rows
        widest = max(
            (self._label_cells(rows[entry]) for entry in self._entries if isinstance(entry, int)), default=0
        )
        self._label_width = max(4, min(widest + 2, (self.size.width or 40) // 2))
        self._columns.fit(self._columns_room)
        self._set_window()

    @property
    def _columns_room(self) -> int:
        """Cells between the labels and the right edge."""
        return max(1, (self.size.width or 40) - 1 - self._label_width)

    @property
    def _target(self) -> int:
        """Index of the chosen target."""
        return self._columns.targets[self._column] if len(self._columns) else 0

    def _cell(self, row: OffsetRow, column: int) -> OffsetCell:
        return row.cells[self._columns.targets[column]]

    def _set_window(self) -> None:
        """Bring the chosen column into view."""
        self._columns.bring_into_view(self._column, self._columns_room)
        self._lines = {}
        self._set_heading()
        self.refresh()

    def _set_heading(self) -> None:
        if not len(self._columns):
            text = "no targets: t picks some" if self._table.rows else ""
            self.headings = (*self._choices(), Line(((text, "dim"),)))
        else:
            gutter = ((" " * self._label_width, ""),)
            names = (Line(pieces, gutter=gutter) for pieces in self._columns.heading_pieces(self._column))
            self.headings = (*self._choices(), *names)
        self._update_note()

    def _choices(self) -> tuple[Line, ...]:
        """Return a line that says how rows are filtered and ordered, where they are."""
        count = sum(isinstance(entry, int) for entry in self._entries)
        parts = [f"{self._filter}: {count} of {len(self._table.rows)}"] if self._filter else []
        parts += [part for part in (self._order, self._arrangement) if part]
        return (Line(((" · ".join(parts), "warning"),)),) if parts else ()

    def _update_note(self) -> None:
        """Say what is filtered, which target is chosen, and since which the selected value is as it is."""
        parts: list[str] = []
        columns = self._columns
        if len(columns):
            name, badge = columns.names[self._column], columns.badges[self._column]
            hidden = len(columns) - len(columns.window)
            parts += [
                f"{name} ({badge})" if badge else name,
                self._since(),
                f"{hidden} more: h l" if hidden else "",
            ]
        self.set_note(" · ".join(part for part in parts if part))

    def _since(self) -> str:
        """Return ``since 6.12, before: 208`` for the selected cell, nothing where all older ones agree."""
        line = self._line_of.get(self.selected_relo) if self.selected_relo is not None else None
        entry = self._entries[line] if line is not None else ""
        if isinstance(entry, str):
            return ""
        row, columns = self._table.rows[entry], self._columns
        first, answer = self._column, self._cell(row, self._column)
        while (before := columns.older[first]) is not None and self._cell(row, before) == answer:
            first = before
        if before is None:
            return ""
        cell = self._cell(row, before)
        was = cell.state if cell.value == "-" else cell.value
        return f"{f'since {columns.names[first]}, ' if first != self._column else ''}before: {visible(was)}"

    @property
    def is_idle(self) -> bool:
        return not self._table.rows

    def measure(self, width: int = 0) -> int:  # noqa: ARG002  as in LineList
        """Return the width in which all targets are in view, under their short names."""
        rows = self._table.rows
        widest = max(
            (self._label_cells(rows[entry]) for entry in self._entries[:300] if isinstance(entry, int)),
            default=0,
        )
        told = max(map(width_of, (line.pieces for line in self.headings)), default=0)
        return max(1 + widest + 2 + self._columns.least_width, 0 if len(self._columns) else 1 + told)

    def on_resize(self) -> None:
        self._fit_columns()
        super().on_resize()

    @property
    def line_count(self) -> int:
        return len(self._entries)

    def line(self, index: int) -> Line:
        entry = self._entries[index]
        if isinstance(entry, str):
            return Line(((visible(entry), "title"),))
        line = self._lines.get(index)
        if line is None:
            line = self._lines[index] = self._make_line(self._table.rows[entry])
        return line

    def _make_line(self, row: OffsetRow) -> Line:
        columns = self._columns
        label: list[Piece] = [(self._marks.get(row.relo, " "), "warning"), *self._label_of(row)]
        surplus = width_of(label) - (self._label_width - 1)
        if surplus > 0 and self._order != Order.BY_PATH:  # of a path, the end says more than the beginning
            path = label.pop()
            label += crop([path], surplus, cell_len(path[0]) - surplus)
        label = crop(label, 0, self._label_width - 1)
        label.append((" " * (self._label_width - width_of(label)), ""))
        pieces: list[Piece] = []
        for column in columns.window if row.cells else ():
            cell = self._cell(row, column)
            text = f"{cell.state.glyph}{columns.glyph_gap}{visible(cell.value)}"
            left = columns.left[column]
            if left is not None and self._cell(row, left) != cell:
                text = CHANGE + text
            role = state_role(cell.state)
            pieces.append(
                (right(text, columns.widths[column]), f"{role} lit" if column == self._column else role)
            )
        return Line(columns.in_window(pieces) if pieces else (), (row.relo,), tuple(label))

    def decorate(self, line: Line) -> Line:
        """Mark the selected cell."""
        if self.selected_relo not in line.relos or not line.pieces:
            return line
        at = self._column - self._columns.window.start + (self._columns.window.start > 0)
        text, role = line.pieces[at]
        cell = text.lstrip(f" {CHANGE}")
        gap = (text[: len(text) - len(cell)], "")
        pieces = (*line.pieces[:at], gap, (cell, f"{role} cell"), *line.pieces[at + 1 :])
        return Line(pieces, line.relos, line.gutter)

    # -- search: label and values of each line, and before them the names of the targets -------------

    def search_texts(self) -> Sequence[str]:
        texts = [*self._columns.names]
        blank = [""] * len(self._columns)
        for entry in self._entries:
            if isinstance(entry, str):
                texts += (visible(entry), *blank)
            else:
                row = self._table.rows[entry]
                texts.append("".join(text for text, _ in self._label_of(row)))
                texts += [row.cells[target].value for target in self._columns.targets]
        return texts

    def place_of(self, index: int) -> int:
        count = len(self._columns)
        in_line = 1 + self._column if isinstance(self._entries[index], int) and count else 0
        return count + index * (count + 1) + in_line

    def line_of_place(self, place: int) -> int:
        count = len(self._columns)
        if place < count:  # a kernel's name: only the column is gone to
            return self.cursor if self._column_before is None else self._line_before
        return (place - count) // (count + 1)

    def _show_column_of(self, place: int) -> None:
        count = len(self._columns)
        in_line = place + 1 if place < count else (place - count) % (count + 1)
        if in_line:
            self._show_column(in_line - 1)

    def set_query(self, query: str) -> None:
        if query and not self._query:
            self._column_before, self._line_before = self._column, self.cursor
        elif not query and self._column_before is not None:
            self._show_column(min(self._column_before, max(0, len(self._columns) - 1)))
            self._column_before = None
        super().set_query(query)

    def show_hit(self, place: int) -> None:
        self._show_column_of(place)
        super().show_hit(place)

    def choose_hit(self, place: int) -> None:
        self._column_before = None
        self._show_column_of(place)
        super().choose_hit(place)

    # -- what the user does -----------------------------------------------------------------------

    def _choose(self, index: int) -> None:
        entry = self._entries[index]
        relo = self._table.rows[entry].relo if isinstance(entry, int) else self.selected_relo
        if relo is not None:
            self.report(ReloSelected(self, relo, self._target))

    def cursor_moved(self, index: int) -> None:
        self._choose(index)

    def activate(self, index: int) -> None:
        """Open the cell: all that is known of a record on the chosen target."""
        self._choose(index)
        if isinstance(self._entries[index], int):
            self.report(CellOpened())

    def action_sideways(self, direction: int) -> None:
        """Move to the next or previous target."""
        self._go_to_column(self._column + direction)

    def action_to_target(self, position: int) -> None:
        """Move to the target at *position*, from the end where that is negative."""
        self._go_to_column(position if position >= 0 else len(self._columns) + position)

    def _go_to_column(self, column: int) -> None:
        column = max(0, min(column, len(self._columns) - 1))
        if column == self._column or not self._entries or not len(self._columns):
            return
        if self.selected_relo is not None:
            self.report(ReloSelected(self, self.selected_relo, self._columns.targets[column]))
        self._show_column(column)

    def clicked(self, index: int, x: int) -> None:
        column = self._columns.position_at(x - 1 - self._label_width)
        if column is not None:
            self._show_column(column)
            self._choose(index)

    def copy_text(self, index: int) -> str:
        """Return the value in the chosen column; of a heading its words."""
        entry = self._entries[index]
        if isinstance(entry, str) or not len(self._columns):
            return super().copy_text(index)
        return visible(self._cell(self._table.rows[entry], self._column).value)

    # -- selection --------------------------------------------------------------------------------

    def show_selection(self, relo: int | None, target: int, *, keeps_cursor: bool = False) -> None:
        """Light the row of *relo* and the column of *target*; the cursor goes there unless it is to stay."""
        self.show_relo(relo)
        self._show_column(self._columns.positions.get(target, 0))
        if relo is not None and relo in self._line_of and not keeps_cursor:
            self.place_cursor(self._line_of[relo], with_context=True)

    def show_relo(self, relo: int | None) -> None:
        super().show_relo(relo)
        self._update_note()

    def _show_column(self, column: int) -> None:
        if column != self._column:
            self._column = column
            self._set_window()


_Choice = TypeVar("_Choice", bound=StrEnum)


def _next(choice: _Choice) -> _Choice:
    """Return the choice behind *choice*, behind the last the first."""
    every = list(type(choice))
    return every[(every.index(choice) + 1) % len(every)]
