"""The offsets pane: one row a record, and one for all else that is asked for; one cell a class of kernels."""

from __future__ import annotations

from btfview.analysis.fates import fates_of
from btfview.analysis.result import Analysis, CellState
from btfview.frozen import TYPE_CHECKING

from .asks import ask_offset_rows, ask_word
from .rows import OffsetCell, OffsetRow, OffsetTable, Segment
from .states import state_role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.fates import Fates


def offset_table(analysis: Analysis, fates: Fates | None = None) -> OffsetTable:
    """Return the matrix; rows of one path follow each other, in order of the path's first record. *fates* are
    those of *analysis*, where they are at hand."""
    fates = fates or fates_of(analysis)
    by_path: dict[str, list[int]] = {}
    for linked in analysis.relos:
        by_path.setdefault(linked.path, []).append(linked.index)
    return OffsetTable(
        tuple(target.name for target in analysis.targets),
        tuple(target.badge for target in analysis.targets),
        (
            *(row for indices in by_path.values() for row in _rows(analysis, fates, indices)),
            *ask_offset_rows(analysis, fates),
        ),
        tuple(line.targets for line in fates.lines),
        fates,
    )


def _rows(analysis: Analysis, fates: Fates, indices: list[int]) -> Iterator[OffsetRow]:
    """Yield the rows of one path."""
    first: dict[tuple[str, tuple[OffsetCell, ...]], int] = {}
    for index in indices:
        linked = analysis.relos[index]
        label = (Segment(f"#{index} ", "dim"), Segment(short_kind(linked.relo.kind_label), "keyword"))
        cells = tuple(
            _cell(state, analysis.value(index, one.targets[0]))
            for state, one in zip(fates.states[index], fates.classes, strict=True)
        )
        twin = first.setdefault((linked.relo.kind_label, cells), index)
        yield OffsetRow(
            index, label, cells, linked.key, linked.path, linked.root, "", twin if twin != index else None
        )


def _cell(state: CellState, value: int | None) -> OffsetCell:
    return OffsetCell(state, "-" if value is None else str(value))


def short_kind(kind_label: str) -> str:
    """Return a kind in one word or two: ``offset``, ``exists``, ``enum value``."""
    return {
        "field_byte_offset": "offset",
        "field_byte_size": "size",
        "field_exists": "exists",
        "field_signed": "signed",
        "field_lshift_u64": "lshift",
        "field_rshift_u64": "rshift",
        "type_id_local": "local id",
        "type_id_target": "target id",
        "type_exists": "exists",
        "type_size": "size",
        "type_matches": "matches",
        "enumval_exists": "exists",
        "enumval_value": "value",
    }.get(kind_label, kind_label)


def summarise_relo(analysis: Analysis, relo_index: int, fates: Fates | None = None) -> Segment:
    """Return, of a record or what else is asked for, ``▲ moved on 2 of 3``, or ``✔ as compiled`` where all
    targets agree; the worst state counts. *fates* are those of *analysis*, where they are at hand.

    The text is empty without targets.
    """
    counts: dict[CellState, int] = {}
    if fates:
        for state, one in zip(fates.states[relo_index], fates.classes, strict=True):
            counts[state] = counts.get(state, 0) + len(one.targets)
    else:
        for column in range(len(analysis.targets)):
            state = analysis.state(relo_index, column)
            counts[state] = counts.get(state, 0) + 1
    if not counts:
        return Segment("")
    worst = max(counts, key=list(CellState).index)
    total = len(analysis.targets)
    where = "" if counts[worst] == total else f" on {counts[worst]} of {total}"
    word = ask_word(worst) if analysis.ask(relo_index) else worst
    return Segment(f"{worst.glyph} {word}{where}", state_role(worst))
