"""Words for counts: the one place that knows how a plural is made."""

from __future__ import annotations


def noun_for(count: int, one: str, many: str = "") -> str:
    """Return the noun that stands behind *count*: *one*, or *many* (default: *one* with an ``s``).

    >>> noun_for(1, "query", "queries"), noun_for(0, "query", "queries"), noun_for(2, "record")
    ('query', 'queries', 'records')
    """
    return one if count == 1 else many or f"{one}s"


def plural(count: int, one: str, many: str = "") -> str:
    """Return *count* with its noun.

    >>> plural(1, "record"), plural(0, "problem"), plural(2, "query", "queries")
    ('1 record', '0 problems', '2 queries')
    """
    return f"{count} {noun_for(count, one, many)}"
