"""Text from files made safe to draw, measured in cells, and cut so that the cut shows.

A *piece* is text with the roles it plays (:data:`btfview.views.rows.ROLES` and the component classes of
:class:`.widgets.line_list.LineList`, parted by spaces). Nothing here is ever read as markup.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from rich.cells import cell_len, get_character_cell_size

from btfview.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.views.rows import Segment

Piece: TypeAlias = tuple[str, str]
"""Text and roles."""

ELLIPSIS = "…"
_WORDS = re.compile(r" +|[^ ]+ *")
_LEAST_WRAPPED = 8
"""Cells that wrapped text has at least, rather than being indented."""
_MAX_COMBINING = 3
"""More marks than this on one letter paint over the lines around it in many terminals."""


@frozen
class Line:
    """What is drawn in one row of a list, left to right."""

    pieces: tuple[Piece, ...] = ()
    """Scrolls sideways, and is cut where it does not fit."""
    relos: tuple[int, ...] = ()
    """Indices of the records that the line belongs to."""
    gutter: tuple[Piece, ...] = ()
    """Stays at the left edge."""
    tail: tuple[Piece, ...] = ()
    """Stays at the right edge; takes at most half of the width."""
    start: int = 0
    """Cells of the pieces that are left out at the left as long as nothing is scrolled sideways: what matters
    on the line stands further right than there is room."""


@lru_cache(8192)
def visible(text: str) -> str:
    """Return *text* with everything that a terminal would obey, hide or reorder shown as a stand-in.

    Control characters become control pictures, other invisible or unassigned characters ``<U+XXXX>``;
    that covers escape sequences, bidirectional controls, zero-width characters and lone surrogates.

    >>> visible("a\\x1b[2J"), visible("x\\u202ey")
    ('a␛[2J', 'x<U+202E>y')
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = _MAX_COMBINING  # a mark at the start would join whatever stands left of it on the screen
    for char in text:
        code = ord(char)
        if code < 0x20:
            shown.append("→" if char == "\t" else chr(0x2400 + code))
        elif code == 0x7F:
            shown.append("␡")
        elif code in (0xFE0E, 0xFE0F):
            continue  # asks for another drawing of the same sign, and terminals disagree on its width
        elif not char.isprintable():
            shown.append("␣" if unicodedata.category(char) == "Zs" else f"<U+{code:04X}>")
        elif get_character_cell_size(char) == 0:
            marks += 1
            if marks <= _MAX_COMBINING:
                shown.append(char)
            elif marks == _MAX_COMBINING + 1 and not shown:
                shown += ("◌", char)
                marks = 1
            elif marks == _MAX_COMBINING + 1:
                shown.append(ELLIPSIS)
            continue
        else:
            shown.append(char)
        marks = 0
    return "".join(shown)


def width_of(pieces: Iterable[Piece]) -> int:
    """Return the width in cells."""
    return sum(cell_len(text) for text, _ in pieces)


def pieces_of(segments: Iterable[Segment]) -> list[Piece]:
    """Return segments of a row as pieces, fit to draw."""
    return [(visible(segment.text), segment.role) for segment in segments]


def crop(pieces: Iterable[Piece], start: int, width: int) -> list[Piece]:
    """Return the cells from *start*, at most *width* of them, with ``…`` at each end that was cut.

    >>> crop([("abcdef", "")], 0, 4), crop([("abcdef", "")], 2, 9), crop([("abc", "")], 0, 3)
    ([('abc', ''), ('…', '')], [('…', ''), ('def', '')], [('abc', '')])
    """
    if width <= 0:
        return []
    pieces = list(pieces)
    total = width_of(pieces)
    end = start + width
    cut_left, cut_right = start > 0 and total > 0, total > end
    if not cut_left and not cut_right:
        return pieces
    if cut_left:
        start += 1
    if cut_right:
        end -= 1
    if end < start:  # one cell and text on both sides of it
        return [(ELLIPSIS, pieces[0][1])]
    kept: list[Piece] = []
    position = 0
    edge_role = pieces[-1][1]
    for text, role in pieces:
        length = cell_len(text)
        if position + length > start and position < end:
            part = _cells(text, start - position, end - position)
            if part:
                kept.append((part, role))
        if position < end:
            edge_role = role
        position += length
    if cut_left:
        kept.insert(0, (ELLIPSIS, kept[0][1] if kept else pieces[0][1]))
    if cut_right:
        kept.append((ELLIPSIS, edge_role))
    return kept


def wrap(pieces: Iterable[Piece], width: int, indent: int = 2) -> list[list[Piece]]:
    """Return *pieces* as lines of at most *width* cells, broken at spaces where there are any; all but the
    first are *indent* cells further in than that.

    >>> wrap([("one two three", "x"), (" four", "y")], 10)
    [[('one two', 'x')], [('  ', ''), ('three', 'x')], [('  ', ''), ('four', 'y')]]
    """
    lines: list[list[Piece]] = []
    line: list[Piece] = []
    words = [(word, role) for text, role in pieces for word in _WORDS.findall(text)]
    used = margin = 0
    if words and not words[0][0].strip():
        margin = cell_len(words[0][0])
    indent = min(margin + indent, max(0, width - _LEAST_WRAPPED))
    while words:
        word, role = words.pop(0)
        is_first = len(line) == (1 if lines and indent else 0)
        room = width - used
        size = cell_len(word.rstrip())
        if size > room and not (is_first and size > width - indent):
            while line and not line[-1][0].strip():
                line.pop()
            if line:
                line[-1] = (line[-1][0].rstrip(), line[-1][1])
            lines.append(line)
            line, used = ([(" " * indent, "")] if indent else []), indent
            word = word.lstrip() if word.strip() else ""
            size, room, is_first = cell_len(word.rstrip()), width - indent, True
        if size > room:  # longer than any line
            head = _cells(word, 0, max(1, room)).rstrip() or word[:1]
            words.insert(0, (word[len(head) :], role))
            word = head
        if word:
            if line and line[-1][1] == role and not is_first:
                line[-1] = (line[-1][0] + word, role)
            else:
                line.append((word, role))
            used += cell_len(word)
    if line or not lines:
        lines.append(line)
    last = lines[-1]
    if last and last[-1][0].strip():
        last[-1] = (last[-1][0].rstrip(), last[-1][1])
    return lines


def _cells(text: str, start: int, end: int) -> str:
    """Return the part of *text* in cells *start* to *end*; half of a wide character becomes a space."""
    if text.isascii():
        return text[max(start, 0) : max(end, 0)]
    kept: list[str] = []
    position = 0
    for char in text:
        size = get_character_cell_size(char)
        if size == 0:
            if start < position <= end:
                kept.append(char)
        elif position >= start and position + size <= end:
            kept.append(char)
        elif position < end and position + size > start:
            kept.append(" " * (min(position + size, end) - max(position, start)))
        position += size
        if position > end:
            break
    return "".join(kept)
