"""How the panes stand in a terminal of some size."""

from __future__ import annotations

WIDE, MEDIUM, TABS = "wide", "medium", "tabs"
LAYOUTS = (WIDE, MEDIUM, TABS)

_WIDE_COLUMNS, _WIDE_ROWS = 140, 20
_MEDIUM_COLUMNS, _MEDIUM_ROWS = 100, 32
_DETAIL_ROWS = 16
"""With fewer, the detail drawer is left out: it would take the room of what it explains."""


def choose_layout(columns: int, rows: int) -> str:
    """Return ``wide`` (source above, four panes side by side), ``medium`` (those two by two) or ``tabs``."""
    if columns >= _WIDE_COLUMNS and rows >= _WIDE_ROWS:
        return WIDE
    if columns >= _MEDIUM_COLUMNS and rows >= _MEDIUM_ROWS:
        return MEDIUM
    return TABS


def has_room_for_detail(rows: int) -> bool:
    return rows >= _DETAIL_ROWS
