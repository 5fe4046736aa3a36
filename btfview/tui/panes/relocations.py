"""The relocations pane: the records, those that the last edit changed marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from btfview.tui.drawing import Line, Piece, pieces_of, visible, width_of
from btfview.tui.strip_pieces import strip_pieces
from btfview.views.kernels.strip import plan_strip
from btfview.views.relocations import COLUMNS

from .records import RecordsPane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.changes.selection_changes import Changes
    from btfview.views.kernels.strip import StripPlan
    from btfview.views.rows import OffsetRow, Row

    from .record_rows import RecordRows

_GAP = "  "
_CODE = 3
"""The column of the instruction; the access string stands behind it."""
_LIMIT = 28
"""Cells beyond which one long text does not push all others to the right."""


_SIGN = len(" ± ")


class RelocationsPane(RecordsPane):
    """A row a record under the path that it asks for, in columns; alone, with the strip of all kernels at the
    right."""

    def __init__(self, rows: RecordRows | None = None) -> None:
        super().__init__(rows, id="relocations", title="4 .BTF.ext relocations")
        self._records: Sequence[Row] = ()
        """By their numbers."""
        self._widths: Sequence[int] = ()
        self._plan: StripPlan | None = None
        self._changed: dict[int, Piece] = {}
        self._lines_above = 0
        self._has_places = True
        """There is room for the last column: the functions, or who asks."""

    # -- content ----------------------------------------------------------------------------------

    def set_records(self, records: Sequence[Row]) -> None:
        """Show *records*, by their numbers, on the lines that their rows stand on."""
        self._records, self._wanted_width = records, None
        texts = [[segment.text for segment in record.segments] for record in records]
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        # What else is asked has no access string: its text may reach into that column.
        codes = [row[_CODE] for row in texts if row[_CODE + 1]]
        if codes:
            widths[_CODE] = max(map(len, codes))
        self._widths = [min(_LIMIT, width) for width in widths]

    def set_changes(self, changes: Changes) -> None:
        """Mark the records of *changes* as ``+ new`` or with what they were: ``± was 8``."""
        self._changed = dict.fromkeys(changes.new, (" + new ", "as-compiled"))
        self._changed |= {index: (f" ± {visible(text)} ", "warning") for index, text in changes.changed}
        self._wanted_width = None
        self.refresh()

    def fit_columns(self) -> None:
        self._has_places = True
        if self._records and self.size.width:
            self._has_places = self.measure() <= self.size.width
        fates = self.rows.table.fates
        room = self.size.width // 3
        has_strip = fates is not None and len(fates.class_of) > 1 and not self.rows.is_paired and room > 2
        self._plan = plan_strip(fates, room, has_labels=False) if has_strip and fates else None
        if not self.rows.is_paired:
            self._lines_above = 0
        self._set_heading()
        self.refresh()

    @property
    def wanted_width(self) -> tuple[int, int]:
        """Return the cells of all columns but the last, which is left out where it has no room, twice."""
        if not self._records:
            return super().wanted_width
        if self._wanted_width is None:
            before, self._has_places = self._has_places, False
            try:
                titles = self._row_pieces([(title, "") for title in COLUMNS])
                needed = max(self.measure(), 1 + width_of(titles))
            finally:
                self._has_places = before
            self._wanted_width = needed, needed
        return self._wanted_width

    def marks_changed(self) -> None:
        self._wanted_width = None
        super().marks_changed()

    def rows_moved_down(self, lines_above: int) -> None:
        self._lines_above = lines_above if self.rows.is_paired else 0
        self._set_heading()

    def _set_heading(self) -> None:
        """Name the columns, at the height of the names of the kernels beside."""
        before = len(self.headings)
        names = Line(self._row_pieces([(title, "dim") for title in COLUMNS])) if self._records else Line()
        count = self._lines_above if self.rows.is_paired else int(bool(self._records))
        self.headings = (*(Line() for _ in range(count - 1)), names) if count else ()
        if len(self.headings) != before:
            self.lines_changed()

    def _row_pieces(self, texts: Sequence[Piece], path: str = "") -> tuple[Piece, ...]:
        """Return the columns of a row; its *path*, where no heading names it, behind the kind."""
        pieces: list[Piece] = []
        reaches = 0  # cells of the column before that stand in this one
        for position, (text, role) in enumerate(texts):
            width = self._widths[position] if position < len(self._widths) else 0
            if (width or text) and (self._has_places or position < len(COLUMNS) - 1):
                is_number = position == 2
                room = max(width, cell_len(COLUMNS[position])) if width else 0
                left = room - cell_len(text) - reaches
                reaches = max(0, -left)
                gap = " " * left
                pieces += [(gap, ""), (text, role)] if is_number else [(text, role), (gap, "")]
                pieces.append((_GAP, ""))
                if position == 1 and path:
                    pieces += [(path, "name"), (_GAP, "")]
        return tuple(pieces[:-1])

    def row_line(self, index: int, row: OffsetRow) -> Line:
        relos = self.rows.relos[index]
        # A row that stands for several shows the one that is selected.
        relo = self.selected_relo if self.selected_relo in relos else row.relo
        record = self._records[relo] if relo is not None and relo < len(self._records) else None
        if record is None:
            return Line((), relos)
        texts = pieces_of(record.segments)
        if mark := self.fold_mark(index):
            texts[1] = (texts[1][0] + mark, texts[1][1])
        path = visible(row.group) if self.rows.names_paths and not row.part else ""
        pieces = self._row_pieces(texts, path)
        changed = next((self._changed[one] for one in relos if one in self._changed), None)
        tail: list[Piece] = []
        if changed:
            is_cut = width_of(pieces) + cell_len(changed[0]) >= self.drawn_width
            tail.append((changed[0][:_SIGN], changed[1]) if is_cut else changed)
        if differ := self.rows.differ_mark(index):
            tail.append((f" {differ} ", "warning"))
        if self._plan and row.cells:
            tail += [(" ", ""), *strip_pieces(self._plan, [cell.state for cell in row.cells]), (" ", "")]
        return Line(pieces, relos, (), tuple(tail))

    # -- selection --------------------------------------------------------------------------------

    def show_selection(self, relo: int | None, *, keeps_cursor: bool = False) -> None:
        """Light the row of *relo*; the cursor goes there unless it is to stay."""
        self.show_relo(relo)
        if not keeps_cursor:
            self.go_to_relo(relo)
