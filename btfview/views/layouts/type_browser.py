"""Any type of any target as rows: layout, what to follow from each row, and how another target has it."""

from __future__ import annotations

from btfview.analysis.type_rows import RowComparison, RowState, TypeRow
from btfview.frozen import TYPE_CHECKING
from btfview.views.rows import Segment

if TYPE_CHECKING:
    from collections.abc import Sequence


_LOOKS = {
    RowState.SAME: (" ", "dim"),
    RowState.MOVED: ("▲", "moved"),
    RowState.CHANGED: ("≠", "warning"),
    RowState.ONLY_HERE: ("-", "missing"),
    RowState.ONLY_THERE: ("+", "as-compiled"),
}
"""Sign and role of what becomes of a field from this target to the other."""


def row_segments(row: TypeRow, name_width: int) -> tuple[Segment, ...]:
    """Return a row as offset, size, name and type, in columns."""
    indented = "  " * row.depth + (row.name or f"({row.note})")
    return (
        Segment(f"{row.place:>8} ", "number"),
        Segment(f"{row.size:>6}  ", "dim"),
        Segment(f"{indented:<{name_width}}  ", "name" if row.name else "dim"),
        Segment(row.type_name, "type"),
    )


def comparison_segments(compared: RowComparison, name_width: int) -> tuple[Segment, ...]:
    """Return a glyph and a word for the state, the name, place and size on both targets, and the type: where
    both have another, that of the other target behind it."""
    here, there = compared.here, compared.there
    row = here or there
    assert row is not None
    sign, role = _LOOKS[compared.state]
    indented = "  " * row.depth + (row.name or f"({row.note})")
    word = "" if compared.state == RowState.SAME else compared.state
    is_other = here is not None and there is not None and here.type_name != there.type_name
    return (
        Segment(f"{sign} {word:<10} ", role),
        Segment(f"{indented:<{name_width}}  ", "name" if row.name else "dim"),
        Segment(f"{_numbers(here)} │ ", "number"),
        Segment(f"{_numbers(there)}  ", role),
        Segment(row.type_name, "type"),
        *((Segment(f" ≠ {there.type_name}", "warning"),) if is_other and there else ()),
    )


def _numbers(row: TypeRow | None) -> str:
    return f"{row.place:>6} {row.size:>5}" if row else f"{'—':>6} {'':>5}"


def name_width(rows: Sequence[TypeRow | None]) -> int:
    """Return the width of the column of names, within bounds."""
    return min(40, max((2 * row.depth + len(row.name or f"({row.note})") for row in rows if row), default=0))
