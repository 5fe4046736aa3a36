"""The offsets pane: records by classes of kernels, a matrix with a fixed label column and a fixed header."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len

from btfview.tui.drawing import Line, Piece, crop, pieces_of, visible, width_of
from btfview.tui.keys.bindings import bindings_of, keymap_of
from btfview.tui.messages import CellOpened, ReloSelected
from btfview.tui.strip_pieces import strip_pieces
from btfview.views.kernels.strip import plan_strip
from btfview.views.states import state_role

from .offset_columns import Arrangement, Columns, right
from .record_rows import NO_TABLE, Order
from .records import RecordsPane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType
    from textual.events import Click

    from btfview.changes.selection_changes import Changes
    from btfview.views.kernels.strip import StripPlan
    from btfview.views.rows import OffsetCell, OffsetRow, OffsetTable

    from .record_rows import RecordRows

CHANGE = "│"
"""Before a value that is not that of the kernel to the left."""
_LEAST_STRIP = 8
"""Cells below which a strip says too little for the room it takes."""
_MOST_STRIP = 64
"""Cells that are asked for."""
_MEASURED_LINES = 300


class OffsetsPane(RecordsPane):
    """One line a record, one column a class of kernels; before them the strip of all kernels. The cursor is a
    line and a kernel."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("offsets", {"generate": "screen.generate"})

    def __init__(self, rows: RecordRows | None = None) -> None:
        super().__init__(rows, id="offsets", title="5 Target offsets")
        self._marks: dict[int, str] = {}
        """Sign of each record that the last edit changed."""
        self._arrangement = Arrangement.BY_AGE
        self._columns = Columns(NO_TABLE)
        self._opened: set[int] = set()
        """Classes whose kernels have a column each."""
        self._target = 0
        """Index of the chosen target."""
        self._target_before: int | None = None
        """The chosen target when the search began, until a hit is chosen."""
        self._line_before = 0
        """And the line."""
        self._label_width = 0
        self._plan: StripPlan | None = None
        self._lines: dict[int, Line] = {}
        """Lines already made."""

    # -- content ----------------------------------------------------------------------------------

    @property
    def _table(self) -> OffsetTable:
        return self.rows.table

    def set_table(self, table: OffsetTable, programs: Sequence[str] = ()) -> bool:
        """Show *table*, whose records are in the functions *programs*, in all panes of these rows; the cursor
        stays on its record. Return whether that is still there."""
        row = self.rows.row(self.here) if self.here is not None else None
        self._opened = self._carried(table)
        self.rows.set_table(table, programs)
        self._target = max(0, min(self._target, len(table.columns) - 1))
        self._columns = Columns(table, self._arrangement, self._opened)
        self._target_before = None
        relo = next((one.relo for one in table.rows if row is not None and one.key == row.key), None)
        for pane in self.rows.others(self):
            pane.relist(relo)
        return self.relist(relo)

    def _carried(self, table: OffsetTable) -> set[int]:
        """Return the classes of *table* that are open as those of their kernels were."""
        names = {
            self._table.columns[target]
            for target in range(len(self._table.columns))
            if self._table.class_of(target) in self._opened
        }
        return {table.class_of(target) for target, name in enumerate(table.columns) if name in names}

    def set_changes(self, changes: Changes) -> None:
        """Mark the records that the last edit changed, ``±``, or added, ``+``."""
        self._marks = {index: "±" for index, _ in changes.changed} | dict.fromkeys(changes.new, "+")
        self._lines = {}
        self.refresh()

    def marks_changed(self) -> None:
        self._lines = {}
        super().marks_changed()

    def clear(self) -> None:
        """Show nothing."""
        self.set_table(NO_TABLE)

    def cycle_arrangement(self) -> None:
        """Arrange the columns by architecture and age, those with the same answers in one or each by itself,
        or as the targets were given."""
        every = list(Arrangement)
        self._arrange(every[(every.index(self._arrangement) + 1) % len(every)])

    @property
    def order(self) -> tuple[int, int]:
        """Which order of rows and which arrangement of columns is chosen, in the order of the choices."""
        return list(Order).index(self.rows.order), list(Arrangement).index(self._arrangement)

    def order_as(self, rows: int, columns: int) -> None:
        """Order rows and columns as :attr:`order` tells it."""
        if (rows, columns) == self.order:
            return
        self.rows.order = list(Order)[rows]
        self.rows.list_rows()
        self._arrange(list(Arrangement)[columns])
        for pane in self.rows.others(self):
            pane.relist(self.selected_relo)

    def toggle_every_kernel(self) -> None:
        """Give every kernel a column of its own, or those with the same answers one again."""
        is_every = self._arrangement == Arrangement.EVERY_KERNEL or bool(self._opened)
        self._opened = set()
        self._arrange(Arrangement.BY_AGE if is_every else Arrangement.EVERY_KERNEL)

    def toggle_members(self) -> None:
        """Give each kernel of the chosen column one of its own, or close it again."""
        if self._arrangement == Arrangement.BY_AGE and len(self._columns):
            self._opened ^= {self._columns.class_at(self._column)}
            self._arrange(self._arrangement)

    def _arrange(self, arrangement: Arrangement) -> None:
        self._arrangement = arrangement
        self._columns = Columns(self._table, arrangement, self._opened)
        self.relist(self.selected_relo)

    def _label_of(self, row: OffsetRow, index: int) -> list[Piece]:
        label = pieces_of(row.label)
        if mark := self.fold_mark(index):
            label.append((mark, "number"))
        if self.rows.names_paths or row.part:
            label.append((f" {visible(row.group)}", "name"))
        return label

    def _label_cells(self, index: int) -> int:
        """Return the width of :meth:`_label_of`; for tens of thousands of rows that is too slow to draw."""
        row = self.rows.row(index)
        if row is None:
            return 0
        text = "".join([segment.text for segment in row.label]) + self.fold_mark(index)
        if self.rows.names_paths or row.part:
            text += f" {row.group}"
        return len(text) if text.isascii() and text.isprintable() else width_of(self._label_of(row, index))

    def fit_columns(self) -> None:
        width = self.size.width or 40
        if self.rows.is_paired:  # the other pane says which record a line is
            self._label_width = 1
        else:
            widest = max(map(self._label_cells, range(self.line_count)), default=0)
            self._label_width = max(4, min(widest + 2, width // 2))
        self._plan = self._planned_strip(width - 1 - self._label_width)
        self._columns.fit(self._columns_room)
        self._set_window()

    def _planned_strip(self, room: int) -> StripPlan | None:
        """Return the strip of all kernels, where there are more than one and *room* for it beside the chosen
        column, whichever that comes to be."""
        fates = self._table.fates
        if fates is None or len(fates.class_of) < 2:
            return None
        width = max(room // 2, room - 1 - self._columns.least_width)
        width = min(width, room - 1 - self._columns.least_room)
        return plan_strip(fates, width, has_labels=False) if width >= _LEAST_STRIP else None

    @property
    def _strip_width(self) -> int:
        return self._plan.width + 1 if self._plan else 0

    @property
    def _columns_room(self) -> int:
        """Cells between the strips and the right edge."""
        return max(1, (self.size.width or 40) - 1 - self._label_width - self._strip_width)

    @property
    def _column(self) -> int:
        """Position of the chosen column."""
        return self._columns.positions.get(self._target, 0)

    def _cell(self, row: OffsetRow, column: int) -> OffsetCell:
        return row.cells[self._columns.class_at(column)]

    def _set_window(self) -> None:
        """Bring the chosen column into view."""
        self._columns.bring_into_view(self._column, self._columns_room)
        self._lines = {}
        self._set_heading()
        self.refresh()

    def _set_heading(self) -> None:
        if not len(self._columns):
            key = keymap_of(self).shown("targets")
            text = f"no targets: {key} picks some" if self._table.rows else ""
            self.headings = (*self._choices(), Line(((text, "dim"),)))
        else:
            gutter = ((" " * (self._label_width + self._strip_width), ""),)
            names = [Line(pieces, gutter=gutter) for pieces in self._columns.heading_pieces(self._column)]
            if self._plan:
                names[-1] = Line(names[-1].pieces, gutter=self._strip_heading())
            self.headings = (*self._choices(), *names)
        for pane in self.rows.others(self):
            pane.rows_moved_down(len(self.headings))
        self._update_note()

    def _strip_heading(self) -> tuple[Piece, ...]:
        """Return the strip of the whole program, above those of the records."""
        fates, strip = self._table.fates, self._plan
        assert fates is not None
        assert strip is not None
        pieces = strip_pieces(strip, fates.program, self._target)
        return ((" " * self._label_width, ""), *pieces, (" ", ""))

    def _choices(self) -> tuple[Line, ...]:
        """Return a line that says how rows are filtered and ordered, where they are."""
        parts = [part for part in (*self.rows.choices, self._arrangement) if part]
        return (Line(((" · ".join(parts), "warning"),)),) if parts else ()

    def _update_note(self) -> None:
        """Say which target is chosen, and since which the selected value is as it is."""
        parts: list[str] = []
        columns = self._columns
        if len(columns):
            name, badge = columns.names[self._target], columns.badges[self._target]
            hidden = len(columns) - len(columns.window)
            parts += [
                f"{name} ({badge})" if badge else name,
                self._since(),
                self._plan.note if self._plan else "",
                f"{hidden} more: {keymap_of(self).told('h l', 'records')}" if hidden else "",
            ]
        self.set_note(" · ".join(part for part in parts if part))

    def _since(self) -> str:
        """Return ``since 6.12, before: 208`` for the selected cell, nothing where all older ones agree."""
        line = self.rows.line_of.get(self.selected_relo) if self.selected_relo is not None else None
        row = self.rows.row(line) if line is not None else None
        if row is None or not row.cells:
            return ""
        table = self._table
        lines = table.lines or (tuple(range(len(table.columns))),)
        kernels = next(targets for targets in lines if self._target in targets)
        first, answer = self._target, row.cells[table.class_of(self._target)]
        is_same = [cell == answer for cell in row.cells]
        class_of = table.fates.class_of if table.fates else range(len(is_same))
        for at in range(kernels.index(first) - 1, -1, -1):
            before = kernels[at]
            if not is_same[class_of[before]]:
                cell = row.cells[class_of[before]]
                was = cell.state if cell.value == "-" else cell.value
                since = f"since {self._columns.names[first]}, " if first != self._target else ""
                return f"{since}before: {visible(was)}"
            first = before
        return ""

    @property
    def is_idle(self) -> bool:
        return not self._table.rows

    def measure(self, width: int = 0) -> int:  # noqa: ARG002  as in LineList
        """Return the width in which all columns are in view, under their short names, behind a strip with a
        cell for every kernel."""
        fates = self._table.fates
        strip = plan_strip(fates, _MOST_STRIP, has_labels=False).width + 1 if fates else 0
        label = 1
        if not self.rows.is_paired:
            label = 2 + max(map(self._label_cells, range(min(self.line_count, _MEASURED_LINES))), default=0)
        told = max(map(width_of, (line.pieces for line in self.headings)), default=0)
        columns = self._columns.least_width if len(self._columns) else told
        return 1 + label + strip + columns

    def row_line(self, index: int, row: OffsetRow) -> Line:
        line = self._lines.get(index)
        if line is None:
            line = self._lines[index] = self._make_line(index, row)
        return line

    def _make_line(self, index: int, row: OffsetRow) -> Line:
        columns = self._columns
        relos = self.rows.relos[index]
        mark = next((self._marks[relo] for relo in relos if relo in self._marks), "")
        mark = mark or self.rows.differ_mark(index) or " "
        label: list[Piece] = [(mark, "warning")]
        if not self.rows.is_paired:
            label += self._label_of(row, index)
        surplus = width_of(label) - (self._label_width - 1 if not self.rows.is_paired else 1)
        if surplus > 0 and self.rows.names_paths:  # of a path, the end says more than the beginning
            path = label.pop()
            label += crop([path], surplus, cell_len(path[0]) - surplus)
        if not self.rows.is_paired:
            label = crop(label, 0, self._label_width - 1)
            label.append((" " * (self._label_width - width_of(label)), ""))
        if self._plan and row.cells:
            states = [cell.state for cell in row.cells]
            label += [*strip_pieces(self._plan, states), (" ", "")]
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
        return Line(columns.in_window(pieces) if pieces else (), relos, tuple(label))

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
        classes = [self._columns.class_at(position) for position in range(len(self._columns))]
        blank = [""] * len(classes)
        for index, entry in enumerate(self.rows.entries):
            row = self.rows.row(index)
            if row is None:
                texts += (visible(str(entry)), *blank)
            else:
                texts.append("".join(text for text, _ in self._label_of(row, index)))
                texts += [row.cells[number].value for number in classes]
        return texts

    def place_of(self, index: int) -> int:
        names, count = len(self._columns.names), len(self._columns)
        in_line = 1 + self._column if self.rows.row(index) is not None and count else 0
        return names + index * (count + 1) + in_line

    def line_of_place(self, place: int) -> int:
        names = len(self._columns.names)
        if place < names:  # a kernel's name: only the column is gone to
            return self.cursor if self._target_before is None else self._line_before
        return (place - names) // (len(self._columns) + 1)

    def _show_column_of(self, place: int) -> None:
        names = len(self._columns.names)
        if place < names:
            self._show_target(place)
        elif in_line := (place - names) % (len(self._columns) + 1):
            self._show_column(in_line - 1)

    def set_query(self, query: str) -> None:
        if query and not self._query:
            self._target_before, self._line_before = self._target, self.cursor
        elif not query and self._target_before is not None:
            self._show_target(min(self._target_before, max(0, len(self._columns.names) - 1)))
            self._target_before = None
        super().set_query(query)

    def show_hit(self, place: int) -> None:
        self._show_column_of(place)
        super().show_hit(place)

    def choose_hit(self, place: int) -> None:
        self._target_before = None
        self._show_column_of(place)
        super().choose_hit(place)

    # -- what the user does -----------------------------------------------------------------------

    def _choose(self, index: int) -> None:
        relos = self.rows.relos[index]
        relo = self.selected_relo if not relos or self.selected_relo in relos else relos[0]
        if relo is not None:
            self.report(ReloSelected(self, relo, self._target))

    def cursor_moved(self, index: int) -> None:
        self._choose(index)

    def activate(self, index: int) -> None:
        """Open a column that stands for several kernels; else the cell: all that is known of a record on the
        chosen target."""
        self._choose(index)
        if len(self._columns) and self._columns.is_closed(self._column):
            self.toggle_members()
        elif self.rows.row(index) is not None:
            self.report(CellOpened())

    def action_sideways(self, direction: int) -> None:
        """Move to the next or previous column."""
        self._go_to_column(self._column + direction)

    def action_to_kernel(self, position: int) -> None:
        self._go_to_column(position if position >= 0 else len(self._columns) + position)

    def action_toggle_members(self) -> None:
        self.toggle_members()

    def _go_to_column(self, column: int) -> None:
        column = max(0, min(column, len(self._columns) - 1))
        if not self.rows.entries or not len(self._columns) or column == self._column:
            return
        target = self._columns.members[column][0]
        if self.selected_relo is not None:
            self.report(ReloSelected(self, self.selected_relo, target))
        self._show_target(target)

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and offset.y < len(self.headings):
            self._click_heading(offset.x)
        else:
            super().on_click(event)

    def _click_heading(self, x: int) -> None:
        """Go to the column under a name, and open or close it once it is chosen."""
        column = self._column_at(x)
        if column is None:
            self._click_strip(x, self.cursor)
        elif column == self._column:
            self.toggle_members()
        else:
            self._go_to_column(column)

    def _column_at(self, x: int) -> int | None:
        return self._columns.position_at(x - 1 - self._label_width - self._strip_width)

    def _click_strip(self, x: int, index: int) -> None:
        """Choose the kernel whose cell of a strip was clicked."""
        cell = self._plan.cell_at(x - 1 - self._label_width) if self._plan else None
        if cell is not None:
            self._show_target(cell.targets[0])
            if index < self.line_count:
                self._choose(index)

    def clicked(self, index: int, x: int) -> None:
        column = self._column_at(x)
        if column is None:
            self._click_strip(x, index)
        else:
            self._show_column(column)
            self._choose(index)

    def copy_text(self, index: int) -> str:
        """Return the value in the chosen column; of a heading its words."""
        row = self.rows.row(index)
        if row is None or not len(self._columns):
            return super().copy_text(index)
        return visible(self._cell(row, self._column).value)

    # -- selection --------------------------------------------------------------------------------

    def show_selection(self, relo: int | None, target: int, *, keeps_cursor: bool = False) -> None:
        """Light the row of *relo* and the column of *target*; the cursor goes there unless it is to stay."""
        self.show_relo(relo)
        self._show_target(target)
        if not keeps_cursor:
            self.go_to_relo(relo)

    def show_relo(self, relo: int | None) -> None:
        super().show_relo(relo)
        self._update_note()

    def _show_column(self, column: int) -> None:
        if column != self._column:
            self._show_target(self._columns.members[column][0])

    def _show_target(self, target: int) -> None:
        if target != self._target and target in self._columns.positions:
            self._target = target
            self._set_window()
