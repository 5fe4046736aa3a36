"""The intrinsics pane: the queries' calls, or the whole program at a stage of its compile.

In a narrow pane the meaning of a call comes before its text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.tui.drawing import Line, Piece, visible, width_of
from btfview.tui.highlight import Highlighter

from .rows import RowsPane

_SHORTEST = 3
"""The last of the forms of a call."""
_MEASURED_CALLS = 300
"""Rows of a long program that the form is chosen by."""

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.views.rows import Row
    from btfview.views.stages.listings import Listing


class IntrinsicsPane(RowsPane):
    """IR lines, each with a comment on the step it stands for."""

    dims_rest = True

    def __init__(self) -> None:
        super().__init__(id="intrinsics", title="3 IR intrinsics")
        self._highlighter: Highlighter | None = None
        """Of the listing on show; None while the queries' calls are."""
        self._code: frozenset[int] = frozenset()
        """Its rows of code."""
        self._widths: tuple[int, ...] | None = None
        """Of the widest row, for each form of the calls."""

    def set_rows(self, rows: Sequence[Row]) -> bool:
        self._highlighter = None
        self.is_awaited = False
        return super().set_rows(rows)

    def set_listing(self, listing: Listing) -> bool:
        """Show the lines of a stage; return as :meth:`set_rows`."""
        self._highlighter = Highlighter("", listing.suffix)
        self.is_awaited = False
        self._code = listing.code
        return super().set_rows(listing.rows)

    def lines_changed(self, *, cursor: int | None = None) -> None:
        self._widths = None
        super().lines_changed(cursor=cursor)

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
        row = self._rows[self._shown[index]]
        return Line(_in_form(line.pieces, row.meaning, self._form), line.relos) if row.meaning else line

    @property
    def _form(self) -> int:
        """How calls are written: the first form in which the widest fits."""
        width = self.drawn_width
        return next((form for form, wanted in enumerate(self._form_widths()) if wanted <= width), _SHORTEST)

    def _form_widths(self) -> tuple[int, ...]:
        if self._widths is None:
            widths = [0] * (_SHORTEST + 1)
            for index in range(min(self.line_count, _MEASURED_CALLS)):
                pieces, meaning = super().line(index).pieces, self._rows[self._shown[index]].meaning
                for form in range(_SHORTEST + 1):
                    widths[form] = max(widths[form], 1 + width_of(_in_form(pieces, meaning, form)))
            self._widths = tuple(widths)
        return self._widths

    def measure(self, width: int = 400) -> int:
        if self._highlighter is not None:
            return super().measure(width)
        return self._form_widths()[0]

    @property
    def wanted_width(self) -> tuple[int, int]:
        least, best = super().wanted_width
        return (least if self._highlighter is not None else self._form_widths()[_SHORTEST]), best


def _in_form(pieces: Sequence[Piece], meaning: str, form: int) -> tuple[Piece, ...]:
    """Return a call in full with what it means behind it; without what the names of all such calls have in
    common; with the end of what it means alone; or what it means, and the value that others know it by."""
    if not meaning or form == 0:
        return tuple(pieces)
    *call, _ = pieces
    if form < _SHORTEST:
        call = [(text.replace(".access.index", "").replace("bpf.", ""), role) for text, role in call]
        told = meaning if form == 1 else meaning.rpartition("→ ")[2]
        return (*call, (f"  ; {visible(told)}", "comment"))
    indent = [call.pop(0)] if not call[0][0].strip() else []
    result = call[0][0].removesuffix(" = ") if call[0][0].endswith(" = ") else ""
    return (*indent, (visible(meaning), "name"), *([(f"  {result}", "dim")] if result else []))


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
