"""The offsets pane: one row a record, and one for all else that is asked for; one column a target."""

from __future__ import annotations

from btfview.analysis.kernel_age import lines_of_targets
from btfview.analysis.result import Analysis, CellState

from .asks import ask_offset_rows, ask_word
from .rows import OffsetCell, OffsetRow, OffsetTable, Segment
from .states import state_role


def offset_table(analysis: Analysis) -> OffsetTable:
    """Return the matrix; rows of one path follow each other, in order of the path's first record."""
    by_path: dict[str, list[int]] = {}
    for linked in analysis.relos:
        by_path.setdefault(linked.path, []).append(linked.index)
    return OffsetTable(
        tuple(target.name for target in analysis.targets),
        tuple(target.badge for target in analysis.targets),
        (
            *(_row(analysis, index) for indices in by_path.values() for index in indices),
            *ask_offset_rows(analysis),
        ),
        tuple(map(tuple, lines_of_targets(analysis.targets).values())),
    )


def _row(analysis: Analysis, index: int) -> OffsetRow:
    linked = analysis.relos[index]
    label = (Segment(f"#{index} ", "dim"), Segment(short_kind(linked.relo.kind_label), "keyword"))
    cells = tuple(_cell(analysis, index, column) for column in range(len(analysis.targets)))
    return OffsetRow(index, label, cells, linked.key, linked.path, linked.root)


def _cell(analysis: Analysis, index: int, column: int) -> OffsetCell:
    state = analysis.state(index, column)
    value = analysis.value(index, column)
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


def summarise_relo(analysis: Analysis, relo_index: int) -> Segment:
    """Return, of a record or what else is asked for, ``▲ moved on 2 of 3``, or ``✔ as compiled`` where all
    targets agree; the worst state counts.

    The text is empty without targets.
    """
    counts: dict[CellState, int] = {}
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
