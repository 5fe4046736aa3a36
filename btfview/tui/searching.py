"""Search in a list: which texts hold a query, and where in a drawn line it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .drawing import Piece


def is_exact(query: str) -> bool:
    """Tell whether case counts: it does once the query has a capital letter."""
    return query != query.lower()


def find_texts(texts: Sequence[str], query: str) -> list[int]:
    """Return the indices of *texts* that hold *query*.

    >>> find_texts(["se.vruntime", "SE", "x"], "se"), find_texts(["se.vruntime", "SE", "x"], "SE")
    ([0, 1], [1])
    """
    if not query:
        return []
    if is_exact(query):
        return [index for index, text in enumerate(texts) if query in text]
    return [index for index, text in enumerate(texts) if query in text.lower()]


def light_hits(pieces: Sequence[Piece], query: str) -> tuple[Piece, ...]:
    """Return *pieces*, cut so that every occurrence of *query* also plays the role ``hit``.

    >>> light_hits([("ab", "name"), ("cd", "")], "bc")
    (('a', 'name'), ('b', 'name hit'), ('c', ' hit'), ('d', ''))
    """
    whole = "".join(text for text, _ in pieces)
    text = whole if is_exact(query) else whole.lower()
    if not query or len(text) != len(whole):  # of a few letters the lower form is longer
        return tuple(pieces)
    cuts: list[tuple[int, int]] = []
    at = text.find(query)
    while at >= 0:
        cuts.append((at, at + len(query)))
        at = text.find(query, at + len(query))
    if not cuts:
        return tuple(pieces)
    lit: list[Piece] = []
    position = 0
    for part, role in pieces:
        end = position + len(part)
        start = position
        for first, last in cuts:
            first, last = max(first, position), min(last, end)
            if first < last:
                if start < first:
                    lit.append((whole[start:first], role))
                lit.append((whole[first:last], f"{role} hit"))
                start = last
        if start < end:
            lit.append((whole[start:end], role))
        position = end
    return tuple(lit)
