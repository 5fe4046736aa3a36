"""A pane that shows rows: structs, intrinsics, relocations, detail."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from btfview.tui.drawing import Line, Piece, pieces_of, visible
from btfview.tui.keys.bindings import bindings_of
from btfview.tui.messages import ReloSelected, RowOpened
from btfview.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType

    from btfview.views.rows import Row


class RowsPane(LineList):
    """Rows of the workspace, those with children foldable, each linked to its records."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("rows", {"list.fold": "activate"})

    def __init__(self, *, id: str, title: str, empty_text: str = "") -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, title=title)
        self.empty_text = empty_text
        self._rows: Sequence[Row] = ()
        self._shown: Sequence[int] = ()
        """Index of the row on each line."""
        self._folded: set[str] = set()
        """Keys of the rows whose children are hidden."""
        self._is_tree = False
        self._rows_of: dict[int, list[int]] = {}
        """Rows of each record."""

    # -- content ----------------------------------------------------------------------------------

    def set_rows(self, rows: Sequence[Row]) -> bool:
        """Show *rows*; the cursor stays on the row with the same key, folded rows stay folded.

        Return whether the cursor's row is still there.
        """
        key = self._rows[self._shown[self.here]].key if self.here is not None else ""
        if rows and rows is self._rows:  # of an answer that grows, which says no more of them
            return bool(key)
        self._rows = rows
        self._is_tree = any(row.has_children for row in rows)
        self._rows_of = {}
        for index, row in enumerate(rows):
            for relo in row.relos:
                self._rows_of.setdefault(relo, []).append(index)
        return self._refold(key)

    def _refold(self, cursor_key: str) -> bool:
        """Compute the lines anew and put the cursor on the row with *cursor_key*.

        Return whether that is there.
        """
        rows = self._rows
        if self._folded and self._is_tree:
            shown: list[int] = []
            hidden_below: int | None = None
            for index, row in enumerate(rows):
                if hidden_below is not None and row.depth > hidden_below:
                    continue
                hidden_below = row.depth if row.has_children and row.key in self._folded else None
                shown.append(index)
            self._shown = shown
        else:
            self._shown = range(len(rows))
        cursor = None
        if cursor_key:
            cursor = next((n for n, index in enumerate(self._shown) if rows[index].key == cursor_key), None)
        self.lines_changed(cursor=cursor)
        return cursor is not None

    @property
    def line_count(self) -> int:
        return len(self._shown)

    def line(self, index: int) -> Line:
        row = self._rows[self._shown[index]]
        pieces: list[Piece] = []
        if self._is_tree:
            fold = ("▸ " if row.key in self._folded else "▾ ") if row.has_children else "  "
            pieces.append(("  " * row.depth + fold, "dim"))
        elif row.depth:
            pieces.append(("  " * row.depth, ""))
        pieces += pieces_of(row.segments)
        return Line(tuple(pieces), row.relos)

    def relos_of(self, index: int) -> Sequence[int]:
        return self._rows[self._shown[index]].relos

    def search_texts(self) -> Sequence[str]:
        """Return the text of each row, folded ones included."""
        return [visible(row.text) for row in self._rows]

    def place_of(self, index: int) -> int:
        return self._shown[index]

    def line_of_place(self, place: int) -> int:
        self._unfold_to(place)
        return self._line_of(place)

    def go_to_key(self, key: str) -> bool:
        """Move to the row with *key* as if the user had gone there; false if there is none."""
        row = next((index for index, row in enumerate(self._rows) if row.key == key), None)
        if row is None:
            return False
        self.choose_hit(row)
        return True

    # -- what the user does -----------------------------------------------------------------------

    def cursor_moved(self, index: int) -> None:
        relos = self._rows[self._shown[index]].relos
        if relos and self.selected_relo not in relos:
            self.report(ReloSelected(self, relos[0]))

    def activate(self, index: int) -> None:
        """Fold or unfold a row with children; on any other, go through its records."""
        row = self._rows[self._shown[index]]
        if row.has_children and self._is_tree:
            self._folded ^= {row.key}
            self._refold(row.key)
        elif row.relos:
            at = row.relos.index(self.selected_relo) + 1 if self.selected_relo in row.relos else 0
            self.report(ReloSelected(self, row.relos[at % len(row.relos)]))
        elif row.key:
            self.report(RowOpened(row.key))

    # -- selection --------------------------------------------------------------------------------

    def show_selection(self, relo: int | None) -> None:
        """Light the rows of *relo* and put the cursor on the one that says most about it."""
        self.show_relo(relo)
        rows = self._rows_of.get(relo, []) if relo is not None else []
        if not rows:
            return
        best = self.best_row(rows)
        self._unfold_to(best)
        self.place_cursor(self._line_of(best), with_context=True)

    def best_row(self, rows: Sequence[int]) -> int:
        """Return which of *rows*, those of one record, says most about it: one that is about few others."""
        fewest = min(len(self._rows[index].relos) for index in rows)
        return next(index for index in rows if len(self._rows[index].relos) == fewest)

    def _line_of(self, row_index: int) -> int:
        if isinstance(self._shown, range):
            return row_index
        from bisect import bisect_left

        return bisect_left(self._shown, row_index)

    def _unfold_to(self, row_index: int) -> None:
        """Unfold whatever hides a row."""
        line = self._line_of(row_index)
        if line < len(self._shown) and self._shown[line] == row_index:
            return
        depth = self._rows[row_index].depth
        for index in range(row_index - 1, -1, -1):
            row = self._rows[index]
            if row.depth < depth:
                self._folded.discard(row.key)
                depth = row.depth
        self._refold(self._rows[row_index].key)
