"""Words that panes and commands share."""

from __future__ import annotations


def plural(count: int, noun: str) -> str:
    """Return ``1 record``, ``2 records``.

    >>> plural(0, "problem")
    '0 problems'
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
