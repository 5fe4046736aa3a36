"""A line of code as pieces to draw: its tabs widened, its words lit, and where it is after an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from btfview.changes.shortest_edit import common_ends
from btfview.tui.drawing import Piece, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.source import Source, Span
    from btfview.tui.highlight import Highlighter

_TAB = 4


def code_pieces(source: Source, number: int, highlighter: Highlighter, lit: Span | None) -> tuple[Piece, ...]:
    """Return line *number* of *source*, the part of it that is in *lit* marked as the span that is chosen."""
    raw = source.line(number)
    offset = source.offset(number, 1)
    lit_start, lit_end = (lit.start - offset, lit.end - offset) if lit else (0, 0)
    pieces: list[Piece] = []
    position = 0

    def add(start: int, end: int, role: str) -> None:
        for cut in (lit_start, lit_end):
            if start < cut < end:
                add(start, cut, role)
                add(cut, end, role)
                return
        if start < end:
            is_lit = lit_start <= start < lit_end
            pieces.append((raw[start:end], f"{role} span" if is_lit else role))

    for start, end, role in highlighter.tokens(raw, offset):
        add(position, start, "text")
        add(start, end, role)
        position = end
    add(position, len(raw), "text")
    return tuple(_expand(pieces))


def expanded(text: str) -> str:
    """Return *text* as it is drawn, each cell of a tab a space.

    >>> expanded("a\\tb")
    'a   b'
    """
    return "".join(piece for piece, _ in _expand([(text, "")]))


def _expand(pieces: Sequence[Piece]) -> list[Piece]:
    """Return *pieces* fit to draw: tabs widened to the next stop in cells, the rest made visible."""
    drawn: list[Piece] = []
    column = 0
    for text, role in pieces:
        parts = text.split("\t")
        shown = ""
        for number, part in enumerate(parts):
            if number:
                gap = _TAB - column % _TAB
                shown += " " * gap
                column += gap
            part = visible(part)
            shown += part
            column += cell_len(part)
        drawn.append((shown, role))
    return drawn


def carry_line(before: Sequence[str], after: Sequence[str], number: int) -> int:
    """Return where line *number* of *before* is in *after*, as far as one edit between them tells.

    Lines before what changed stay; those after it move with the end; of the rest the nearest that is there.

    >>> carry_line("abc", "axbc", 3), carry_line("abc", "ac", 2), carry_line("abc", "", 3)
    (4, 2, 1)
    """
    head, tail = common_ends(before, after)
    if number <= head:
        return number
    if number > len(before) - tail:
        return number + len(after) - len(before)
    return max(1, min(number, max(head + 1, len(after) - tail), len(after)))
