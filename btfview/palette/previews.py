"""What a choice of the palette would show, in a few rows."""

from __future__ import annotations

from btfview.analysis.result import CellState
from btfview.bpf.insn import INSN_SIZE
from btfview.frozen import TYPE_CHECKING
from btfview.views.asks import ask_summary_rows, ask_title
from btfview.views.kernels.history import history_summary_rows
from btfview.views.offset_table import summarise_relo
from btfview.views.rows import Row, Segment
from btfview.views.states import state_role
from btfview.words import plural

from .goals import ToField, ToFunction, ToInsn, ToKernel, ToLine, ToRecord, ToType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.analysis.result import Analysis
    from btfview.targets.target import Target

    from .goals import Goal, GoalInResult

_AROUND = 3
"""Lines and instructions on each side of one."""
_BEFORE = 16
"""Instructions in which the record before one without is looked for."""


def preview_rows(analysis: Analysis | None, goal: Goal, limit: int, target: Target | None) -> tuple[Row, ...]:
    """Return at most *limit* rows on what *goal* leads to; *target* is that of a type. Nothing for a goal in
    a result that there is not.

    Raises:
        BtfFormatError: the BTF of a target is damaged where a type leads to.
    """
    rows: Iterator[Row]
    if isinstance(goal, ToType):
        rows = _type(target, goal) if target is not None else iter(())
    elif analysis is None:
        rows = iter(())
    else:
        rows = _rows(analysis, goal)
    shown: list[Row] = []
    for row in rows:
        if len(shown) == limit:
            shown[-1] = Row((Segment("…", "dim"),))
            break
        shown.append(row)
    return tuple(shown)


def _rows(analysis: Analysis, goal: GoalInResult) -> Iterator[Row]:
    match goal:
        case ToRecord(relo=relo):
            return _record(analysis, relo)
        case ToField():
            return _field(analysis, goal)
        case ToFunction():
            return _function(analysis, goal)
        case ToKernel(target=target):
            return _kernel(analysis, target)
        case ToLine():
            return _line(analysis, goal)
        case ToInsn(section=section, insn_off=insn_off):
            return _insn(analysis, section, insn_off)


def _record(analysis: Analysis, relo: int) -> Iterator[Row]:
    if ask := analysis.ask(relo):
        yield Row((Segment(ask_title(analysis, relo, ask), "title"),))
        yield from ask_summary_rows(ask, [target.name for target in analysis.targets])
        return
    linked = analysis.relos[relo]
    value = "malformed" if linked.local_value is None else f"= {linked.local_value}"
    yield Row(
        (
            Segment(f"#{relo} ", "title"),
            Segment(f"{linked.relo.kind_label} ", "keyword"),
            Segment(f"{linked.path} ", "name"),
            Segment(f" {linked.relo.access_str} {value}", "dim"),
        )
    )
    where = f"insn {linked.relo.insn_off // INSN_SIZE} of {linked.relo.section}"
    if linked.program:
        where += f", in {linked.program}"
    yield Row((Segment(f"{where}  ", "dim"), Segment(linked.insn_text or "")))
    if linked.place is not None:
        yield Row(
            (
                Segment(f"{linked.place.file}:{linked.place.line}  ", "dim"),
                Segment(linked.place.text, "comment"),
            )
        )
    if analysis.targets:
        yield from history_summary_rows(analysis, relo)


def _field(analysis: Analysis, goal: ToField) -> Iterator[Row]:
    offset = f"+{goal.bit_offset // 8}" + (f".{goal.bit_offset % 8}" if goal.bit_offset % 8 else "")
    yield Row(
        (
            Segment(f"{goal.path} ", "name"),
            Segment(f"{offset} ", "number"),
            Segment(goal.type_name, "type"),
            Segment("  as the program declares it", "dim"),
        )
    )
    if not goal.relos:
        yield Row((Segment("no record asks about it", "dim"),))
    for relo in goal.relos:
        yield _asked(analysis, relo)


def _asked(analysis: Analysis, relo: int) -> Row:
    linked, summary = analysis.relos[relo], summarise_relo(analysis, relo)
    return Row(
        (
            Segment(f"◆ #{relo} ", "title"),
            Segment(f"{linked.relo.kind_label} ", "keyword"),
            Segment(f"{linked.path} ", "name"),
            Segment(f" {summary.text}", summary.role),
        )
    )


def _function(analysis: Analysis, goal: ToFunction) -> Iterator[Row]:
    first = goal.start // INSN_SIZE
    where = f"{goal.section}, instructions {first} to {first + max(goal.insn_count, 1) - 1}"
    yield Row((Segment(f"{goal.name} ", "title"), Segment(where, "dim")))
    if not goal.relos:
        yield Row((Segment("no records", "dim"),))
    for relo in goal.relos:
        yield _asked(analysis, relo)


def _kernel(analysis: Analysis, target: int) -> Iterator[Row]:
    chosen = analysis.targets[target]
    badge = f" ({chosen.badge})" if chosen.badge else ""
    yield Row((Segment(f"{chosen.name}{badge}  ", "title"), Segment(chosen.path, "dim")))
    counts: dict[CellState, int] = {}
    for index in range(len(analysis.relos)):
        state = analysis.state(index, target)
        counts[state] = counts.get(state, 0) + 1
    for state in CellState:
        if state in counts:
            yield Row(
                (Segment(f"{state.glyph} {plural(counts[state], 'record')} {state}", state_role(state)),)
            )


def _type(target: Target, goal: ToType) -> Iterator[Row]:
    from btfview.analysis.type_rows import definition_of, title_of, type_rows
    from btfview.views.layouts.type_browser import name_width, row_segments

    type_id = definition_of(target.btf, goal.type_id)
    yield Row((Segment(title_of(target.btf, type_id), "title"), Segment(f"  on {target.name}", "dim")))
    rows = type_rows(target.btf, type_id)
    at = next((index for index, row in enumerate(rows) if goal.path and row.path == goal.path), None)
    first = max(0, at - _AROUND) if at is not None else 0
    width = name_width(rows[first : first + 20])
    for index, row in enumerate(rows[first : first + 20], first):
        mark = Segment("▸" if index == at else " ", "title")
        yield Row((mark, *row_segments(row, width)))


def _line(analysis: Analysis, goal: ToLine) -> Iterator[Row]:
    source = analysis.source
    if source is None:
        yield Row((Segment(f"{goal.number}  ", "dim"), Segment(goal.text)))
    else:
        first = max(1, goal.number - _AROUND)
        for number in range(first, min(source.line_count, goal.number + _AROUND) + 1):
            mark = Segment("▸" if number == goal.number else " ", "title")
            text = source.line(number).replace("\t", "    ")
            yield Row((mark, Segment(f"{number:>5}  ", "dim"), Segment(text)))
    for relo in goal.relos:
        yield _asked(analysis, relo)


def _insn(analysis: Analysis, section: str, insn_off: int) -> Iterator[Row]:
    obj = analysis.object
    if obj is None:
        return
    at = [
        linked.index
        for linked in analysis.relos
        if (linked.relo.section, linked.relo.insn_off) == (section, insn_off)
    ]
    for relo in at:
        yield _asked(analysis, relo)
    if not at:
        yield _before(analysis, section, insn_off)
    line = obj.line_at(section, insn_off)
    if line is not None:
        yield Row((Segment(f"{line.file}:{line.line}  ", "dim"), Segment(line.text.strip(), "comment")))
    for offset in _neighbours(analysis, section, insn_off):
        mark = Segment("▸" if offset == insn_off else " ", "title")
        text = obj.insn_text(section, offset) or "no instruction there"
        yield Row((mark, Segment(f"{offset // INSN_SIZE:>5}: ", "dim"), Segment(text)))


def _before(analysis: Analysis, section: str, insn_off: int) -> Row:
    """Return which record an instruction may owe its offset to: the nearest before it in its function."""
    obj = analysis.object
    assert obj is not None
    function = obj.function_at(section, insn_off)
    first = max(function.value if function else 0, insn_off - INSN_SIZE * _BEFORE)
    near = [
        linked
        for linked in analysis.relos
        if linked.relo.section == section and first <= linked.relo.insn_off < insn_off
    ]
    if not near:
        return Row((Segment("no record belongs to it", "dim"),))
    nearest = max(near, key=lambda linked: linked.relo.insn_off)
    return Row(
        (
            Segment("no record belongs to it; the nearest before is ", "dim"),
            Segment(f"#{nearest.index} ", "title"),
            Segment(f"{nearest.path} ", "name"),
            Segment(f" insn {nearest.relo.insn_off // INSN_SIZE}", "dim"),
        )
    )


def _neighbours(analysis: Analysis, section: str, insn_off: int) -> Sequence[int]:
    """Return the offsets of the instructions around one; the second half of a ldimm64 is none."""
    obj = analysis.object
    assert obj is not None
    function = obj.function_at(section, insn_off)
    start, end = (function.value, function.value + function.size) if function else (0, len(obj.code(section)))
    offsets: list[int] = []
    offset = max(start, 0)
    # Counted from the start, since nobody knows from behind where a ldimm64 begins.
    while offset < min(end, insn_off + INSN_SIZE * (_AROUND + 1)):
        insn = obj.insn_at(section, offset)
        offsets.append(offset)
        offset += insn.byte_size if insn else INSN_SIZE
    at = max((index for index, one in enumerate(offsets) if one <= insn_off), default=0)
    return offsets[max(0, at - _AROUND) : at + _AROUND + 1]
