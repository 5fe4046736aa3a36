"""Rows of what an object asks of a kernel beside its records: in panes 4 and 5, the detail and the cell."""

from __future__ import annotations

import os

from btfview.analysis.findings.demands import place_text
from btfview.analysis.result import CellState
from btfview.frozen import TYPE_CHECKING, assert_never
from btfview.rust_names import demangled

from .rows import OffsetCell, OffsetRow, Row, Segment
from .states import state_role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.analysis.fates import Fates
    from btfview.analysis.result import Analysis, Ask, AskAnswer

ASKS = "asks of the kernel"
"""Title of the group, and the root of its rows where those are ordered by type."""
WHOLE_BTF = (
    "A whole BTF of that kernel tells: its vmlinux or vmlinuz, a copy of its /sys/kernel/btf/vmlinux, "
    "BTFHub's archive. Give it as a target: -t FILE, or on the screen in the list of targets."
)
"""What to do about a trimmed one."""
_SHORT_KINDS = {
    "attach target": "attach",
    "program type": "type",
    "attach type": "attach type",
    "map type": "map",
    "map definition": "definition",
    "byte order": "order",
    "address size": "size",
    "instruction": "insn",
    "section name": "section",
    "return value": "returns",
    "global function": "function",
    "object BTF": "BTF",
}
"""Of the kinds that a narrow column has no room for."""


def ask_number(analysis: Analysis, number: int) -> str:
    """Return what the screen calls it by: ``d0`` is the first behind the records."""
    return f"d{number - len(analysis.relos)}"


def ask_word(state: CellState) -> str:
    """Return what a state means for what is asked of a kernel."""
    match state:
        case CellState.AS_COMPILED | CellState.MOVED:
            return "met"
        case CellState.MISSING_GUARDED:
            return "not met, loads without"
        case CellState.UNKNOWN:
            return "unknown"
        case CellState.MISSING | CellState.AMBIGUOUS | CellState.ERROR:
            return "not met"
        case _:
            assert_never(state)


def ask_value(state: CellState) -> str:
    """Return the same for a cell of the offsets: ``yes``, ``no``, ``-``."""
    match state:
        case CellState.AS_COMPILED | CellState.MOVED:
            return "yes"
        case CellState.UNKNOWN:
            return "-"
        case CellState.MISSING_GUARDED | CellState.MISSING | CellState.AMBIGUOUS | CellState.ERROR:
            return "no"
        case _:
            assert_never(state)


def ask_rows(analysis: Analysis) -> Iterator[Row]:
    """Yield the rows of the relocations pane, in its columns: what is asked for, and by which program
    where."""
    for number, ask in enumerate(analysis.asks, len(analysis.relos)):
        segments = (
            Segment(ask_number(analysis, number), "dim"),
            Segment(ask.kind, "keyword"),
            Segment(""),
            Segment(ask.subject, "name"),
            Segment(ask.optional, "comment"),
            Segment(_who(ask), "dim"),
        )
        yield Row(segments, (number,), ask.key)


def _who(ask: Ask) -> str:
    """Return ``by on_exec and 2 more · sched.bpf.c:31``; empty for the object as a whole."""
    more = len(ask.programs) - 1
    by = f"by {demangled(ask.programs[0])}{f' and {more} more' if more else ''}" if ask.programs else ""
    place = f"{os.path.basename(ask.place.file)}:{ask.place.line}" if ask.place else place_text(ask.insn)
    return " · ".join(part for part in (by, place) if part)


def ask_offset_rows(analysis: Analysis, fates: Fates) -> Iterator[OffsetRow]:
    """Yield the rows of the offsets pane, what is asked for as their group."""
    for number, ask in enumerate(analysis.asks, len(analysis.relos)):
        label = (
            Segment(f"{ask_number(analysis, number)} ", "dim"),
            Segment(_SHORT_KINDS.get(ask.kind, ask.kind), "keyword"),
        )
        cells = tuple(OffsetCell(state, ask_value(state)) for state in fates.states[number])
        yield OffsetRow(number, label, cells, ask.key, ask.subject, ASKS, ASKS)


def ask_title(analysis: Analysis, number: int, ask: Ask) -> str:
    """Return ``d3 helper bpf_loop``."""
    return f"{ask_number(analysis, number)} {ask.kind} {ask.subject}"


def ask_detail_rows(ask: Ask, target_index: int) -> Iterator[Row]:
    """Yield what a target answers, why by which rule, what to write instead, and who asks where. Without
    answers *target_index* is not looked at."""
    if ask.answers:
        answer = ask.answers[target_index]
        role = state_role(answer.state)
        yield Row((Segment(f"{answer.state.glyph} {ask_word(answer.state)}", role),))
        yield Row((Segment(answer.why, role if answer.state.is_problem else "text"),))
        if answer.state == CellState.MISSING_GUARDED:
            yield Row((Segment(_why_it_loads(ask), "text"),))
        if answer.instead:
            yield Row((Segment(f"Instead: {answer.instead}", "name"),))
        if answer.is_trimmed:
            yield Row((Segment(WHOLE_BTF, "text"),))
        yield Row((Segment(f"Rule: {answer.rule}", "comment"),))
    else:
        yield Row((Segment("no target chosen: what the object asks for", "dim"),))
    if ask.programs:
        yield Row((Segment("asked for by ", "dim"), Segment(", ".join(map(demangled, ask.programs)), "name")))
    if ask.place:
        place = f"{ask.place.file}:{ask.place.line}:{ask.place.column}  "
        yield Row((Segment(place, "dim"), Segment(ask.place.text)))


def ask_summary_rows(ask: Ask, names: Sequence[str]) -> Iterator[Row]:
    """Yield who asks where, then a row for each different answer, with the targets (called *names*) that give
    it."""
    if who := _who(ask):
        yield Row((Segment(who, "dim"),))
    columns: dict[AskAnswer, list[str]] = {}
    for answer, name in zip(ask.answers, names, strict=True):
        columns.setdefault(answer, []).append(name)
    for answer, where in columns.items():
        role = state_role(answer.state)
        yield Row(
            (
                Segment(f"{answer.state.glyph} {ask_word(answer.state)}", role),
                Segment(f" on {', '.join(where)}", "text"),
                Segment(f"  {answer.why}", "dim"),
            )
        )


def _why_it_loads(ask: Ask) -> str:
    if ask.optional:
        return f"It is optional ({ask.optional}): the object loads without it."
    return "The object loads all the same: nothing that is loaded by itself comes to it there."
