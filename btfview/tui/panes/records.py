"""A pane of rows that it has in common with another: the records and their offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from btfview.tui.drawing import Line, visible
from btfview.tui.keys.bindings import bindings_of, keymap_of
from btfview.tui.messages import CellOpened, KernelStepped, ReloSelected
from btfview.tui.widgets.line_list import LineList

from .record_rows import RecordRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType

    from btfview.views.rows import OffsetRow


class RecordsPane(LineList):
    """The lines of *rows*. Side by side with the other pane of these it has the same lines at the same
    height, and the same cursor."""

    dims_rest = True

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "records",
        {
            "list.fold": "toggle_members",
            "offsets.kernels": "screen.every_kernel",
            "offsets.first_kernel": "to_kernel(0)",
            "offsets.last_kernel": "to_kernel(-1)",
        },
    )

    def __init__(self, rows: RecordRows | None, *, id: str, title: str) -> None:  # noqa: A002  Textual's
        super().__init__(id=id, title=title)
        self.rows = rows or RecordRows()
        self.rows.panes.append(self)

    # -- content ----------------------------------------------------------------------------------

    def relist(self, relo: int | None) -> bool:
        """Show the rows as they are now, the cursor on that of record *relo*; return whether it is there."""
        self.empty_text = keymap_of(self).said(self.rows.empty_text, "records")
        cursor = self.rows.line_of.get(relo) if relo is not None else None
        self.fit_columns()
        self.lines_changed(cursor=cursor)
        return cursor is not None

    def marks_changed(self) -> None:
        """Other records are marked."""
        self.refresh()

    def fit_columns(self) -> None:
        """Choose the widths of what stands in columns."""

    def rows_moved_down(self, lines_above: int) -> None:
        """The rows of the other pane stand below as many lines as these."""

    def _relist_all(self) -> None:
        for pane in self.rows.panes:
            pane.relist(self.selected_relo)

    def cycle_filter(self) -> None:
        """Show all rows, those that fail somewhere, those that moved somewhere."""
        self.rows.cycle_filter()
        self._relist_all()

    def cycle_order(self) -> None:
        """Order the rows by path, by function, by type, worst first."""
        self.rows.cycle_order()
        self._relist_all()

    @property
    def line_count(self) -> int:
        return len(self.rows.entries)

    def line(self, index: int) -> Line:
        row = self.rows.row(index)
        if row is None:
            return Line(((visible(str(self.rows.entries[index])), "title"),))
        return self.row_line(index, row)

    def row_line(self, index: int, row: OffsetRow) -> Line:
        """Return the line of *row*."""
        raise NotImplementedError

    def relos_of(self, index: int) -> Sequence[int]:
        return self.rows.relos[index]

    def fold_mark(self, index: int) -> str:
        """Return how many records a row stands for, as a factor; empty for one."""
        count = len(self.rows.relos[index])
        return f" \N{MULTIPLICATION SIGN}{count}" if count > 1 else ""

    # -- what the user does -----------------------------------------------------------------------

    def cursor_moved(self, index: int) -> None:
        relos = self.rows.relos[index]
        if relos and self.selected_relo not in relos:
            self.report(ReloSelected(self, relos[0]))

    def activate(self, index: int) -> None:
        """Unfold a row that stands for several records, or fold it again; explain any other."""
        if self.rows.toggle_fold(index):
            self._relist_all()
        elif (relos := self.rows.relos[index]) and self.selected_relo in relos:
            self.report(CellOpened())

    def action_sideways(self, direction: int) -> None:
        """Move to the next or previous column of kernels."""
        self.report(KernelStepped(direction))

    def action_to_kernel(self, position: int) -> None:
        """Move to a column, from the end where *position* is negative."""
        self.report(KernelStepped(position=position))

    def action_toggle_members(self) -> None:
        """Open the column of kernels, or close it again."""
        self.report(KernelStepped())

    # -- selection --------------------------------------------------------------------------------

    def go_to_relo(self, relo: int | None) -> None:
        """Put the cursor on the row of record *relo*, if it is listed."""
        if relo is not None and relo in self.rows.line_of:
            self.place_cursor(self.rows.line_of[relo], with_context=True)

    def shares_cursor_with(self, pane: object) -> bool:
        """Tell whether the cursor is that of *pane*, or goes where that goes."""
        return pane is self or (self.rows.is_paired and pane in self.rows.panes)

    def place_cursor(self, index: int, *, with_context: bool = False) -> None:
        super().place_cursor(index, with_context=with_context)
        self.rows.follow(self)

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        self.rows.follow(self)

    def take_place(self, cursor: int, top: int) -> None:
        """Put the cursor on line *cursor*, and line *top* to the top."""
        before, self.cursor = self.cursor, self._nearest(cursor)
        if before != self.cursor:
            self.refresh_list_line(before)
            self.refresh_list_line(self.cursor)
            self._update_frame()
        if top != round(self.scroll_y):
            self.scroll_to(y=top, animate=False, force=True)

    def on_show(self) -> None:
        """Come on show beside the other pane, or alone."""
        self.fit_columns()
        for other in self.rows.others(self):
            if other.display:
                self.rows.follow(other)

    def on_resize(self) -> None:
        self.fit_columns()
        super().on_resize()
