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
_SIDE = 15
"""Cells of place and size on one side of a comparison."""
_WIDEST_NAME = 40


def row_segments(row: TypeRow, name_width: int, fold: str = "") -> tuple[Segment, ...]:
    """Return a row as offset, size, name and type, in columns; *fold* is the sign before its name."""
    return (
        Segment(f"{row.place:>8} ", "number"),
        Segment(f"{row.size:>6}  ", "dim"),
        _name(row, name_width, fold),
        Segment(row.type_name, "type"),
    )


def row_heading(rows: Sequence[TypeRow], name_width: int) -> Segment:
    """Return what stands above the columns of :func:`row_segments`; empty over a column that has nothing."""
    place = "value" if any(row.value is not None for row in rows) else "offset"
    if not any(row.place for row in rows):
        place = ""
    size = "size" if any(row.size for row in rows) else ""
    return Segment(f"{place:>8} {size:>6}  {'name':<{name_width}}  type", "heading")


def comparison_segments(compared: RowComparison, name_width: int, fold: str = "") -> tuple[Segment, ...]:
    """Return a glyph and a word for the state, the name, place and size on both targets, and the type: where
    both have another, that of the other target behind it."""
    here, there = compared.here, compared.there
    row = row_of(compared)
    sign, role = _LOOKS[compared.state]
    word = "" if compared.state == RowState.SAME else compared.state
    is_other = here is not None and there is not None and here.type_name != there.type_name
    return (
        Segment(f"{sign} {word:<10} ", role),
        _name(row, name_width, fold),
        Segment(f"{_numbers(here)} │ ", "number"),
        Segment(f"{_numbers(there)}  ", role),
        Segment(row.type_name, "type"),
        *((Segment(f" ≠ {there.type_name}", "warning"),) if is_other and there else ()),
    )


def comparison_headings(here: str, there: str, name_width: int) -> tuple[Segment, Segment]:
    """Return the two lines above the columns of :func:`comparison_segments`: the targets, and what is said
    of each."""
    gap = " " * (13 + name_width + 2)
    side = f"{'offset':>8} {'size':>6}"
    names = " │ ".join(f"{_cut(name):>{_SIDE}}" for name in (here, there))
    return (
        Segment(gap + names, "title"),
        Segment(f"{'':13}{'name':<{name_width}}  {side} │ {side}  type", "heading"),
    )


def _cut(name: str) -> str:
    return name if len(name) <= _SIDE else f"{name[: _SIDE - 1]}…"


def row_of(row: TypeRow | RowComparison) -> TypeRow:
    """Return a row as this target has it, else as the other."""
    if isinstance(row, TypeRow):
        return row
    found = row.here or row.there
    assert found is not None
    return found


def search_text(row: TypeRow | RowComparison) -> str:
    """Return what a search looks at: ``se.vruntime u64``, and the type of the other target where that is
    another."""
    found = row_of(row)
    there = row.there if isinstance(row, RowComparison) else None
    other = there.type_name if there is not None and there.type_name != found.type_name else ""
    return " ".join(part for part in (found.path or found.name or found.note, found.type_name, other) if part)


def differing_below(rows: Sequence[TypeRow | RowComparison], at: int) -> int:
    """Return how many rows below row *at*, which stand in it, differ between the targets."""
    depth = row_of(rows[at]).depth
    count = 0
    for below in rows[at + 1 :]:
        if row_of(below).depth <= depth:
            break
        count += isinstance(below, RowComparison) and below.state != RowState.SAME
    return count


def _name(row: TypeRow, width: int, fold: str) -> Segment:
    indented = "  " * row.depth + fold + (row.name or f"({row.note})")
    return Segment(f"{indented:<{width}}  ", "name" if row.name else "dim")


def _numbers(row: TypeRow | None) -> str:
    return f"{row.place:>8} {row.size:>6}" if row else f"{'—':>8} {'':>6}"


def name_width(rows: Sequence[TypeRow | None], *, fold: int = 0) -> int:
    """Return the width of the column of names, within bounds, each with *fold* cells before it."""
    lengths = (2 * row.depth + fold + len(row.name or f"({row.note})") for row in rows if row)
    return min(_WIDEST_NAME, max(lengths, default=0))
