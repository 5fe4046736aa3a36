"""The intrinsics pane: the queries' calls, or the whole program at a stage of its compile.

In a narrow pane the meaning of a call comes before its text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.tui.drawing import Line, Piece, visible, width_of
from btfview.tui.highlight import Highlighter

from .rows import RowsPane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.views.listings import Listing
    from btfview.views.rows import Row


class IntrinsicsPane(RowsPane):
    """IR lines, each with a comment on the step it stands for."""

    dims_rest = True

    def __init__(self) -> None:
        super().__init__(id="intrinsics", title="3 IR intrinsics")
        self._highlighter: Highlighter | None = None
        """Of the listing on show; None while the queries' calls are."""
        self._code: frozenset[int] = frozenset()
        """Its rows of code."""

    def set_rows(self, rows: Sequence[Row]) -> bool:
        self._highlighter = None
        return super().set_rows(rows)

    def set_listing(self, listing: Listing) -> bool:
        """Show the lines of a stage; return as :meth:`set_rows`."""
        self._highlighter = Highlighter("", listing.suffix)
        self._code = listing.code
        return super().set_rows(listing.rows)

    def best_row(self, rows: Sequence[int]) -> int:
        """Of a listing the first line of code: not a declaration, not a directive."""
        if self._highlighter is None:
            return super().best_row(rows)
        return next((index for index in rows if index in self._code), rows[0])

    def line(self, index: int) -> Line:
        line = super().line(index)
        if self._highlighter is not None:
            (segment,) = self._rows[self._shown[index]].segments
            return Line(tuple(_coloured(self._highlighter, segment.text, segment.role)), line.relos)
        if width_of(line.pieces) <= self.size.width - 1 or not line.pieces:
            return line
        *call, _ = line.pieces
        meaning = self._rows[self._shown[index]].meaning
        if not meaning:
            return line
        indent = [call.pop(0)] if not call[0][0].strip() else []
        return Line((*indent, (visible(meaning), "name"), ("  ", ""), *call), line.relos)


def _coloured(highlighter: Highlighter, text: str, role: str) -> list[Piece]:
    if role != "text":
        return [(visible(text), role)]
    pieces: list[Piece] = []
    position = 0
    for start, end, word_role in highlighter.tokens(text, 0):
        pieces += [(visible(text[position:start]), "text"), (visible(text[start:end]), word_role)]
        position = end
    pieces.append((visible(text[position:]), "text"))
    return [piece for piece in pieces if piece[0]]
