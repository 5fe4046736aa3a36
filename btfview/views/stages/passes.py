"""LLVM's passes over one function as entries to walk through: where questions become records."""

from __future__ import annotations

import re

from btfview.analysis.instructions.ir_links import ReloNames, link_function, link_results, result_name
from btfview.bpf.insn import INSN_SIZE
from btfview.changes.shortest_edit import shortest_edit, shown_indices
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.views.rows import Row, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from btfview.analysis.result import Analysis
    from btfview.compiler.passes import FunctionTrace, PassStep

WRITTEN_NAME, RECORDED_NAME = "as written", "in the object"
ASKED = "the question: a chain of preserve.* calls, one a step of the path, and the call that asks"
NAMED = "the question becomes a load from a global that is named llvm.TYPE:KIND:VALUE$ACCESS after it"
INLINED = "the question comes here with the function that it was written in, which is inlined"
SELECTED = "machine instructions are selected: the address of the global, and a load from it"
FOLDED = "the load goes: where the global's address stood, the loader's answer will stand"
RECORDED = "the global becomes its value in the instruction, and its name a record in .BTF.ext"
_CONTEXT = 2
"""Lines that stay, shown on each side of those that a pass changed."""
_NUMBERS = re.compile(r"[!#]\d+")
_MACHINE_LOAD = re.compile(r"= LD[BHWD](?:SX)?(?:32)? .*@\"llvm\.")
"""``LDD``, ``LDW32``; their line names the global as the memory that they read."""


@frozen
class PassEntry:
    """One pass that changed a function, or one of the two ends of the way."""

    function: str
    name: str
    title: str
    """LLVM's words for it beside its name; may be empty."""
    before: tuple[str, ...]
    after: tuple[str, ...]
    pairs: tuple[tuple[int, int], ...]
    """Indices of equal lines in both."""
    marks_before: dict[int, tuple[int, ...]]
    """The records of each line, by its index."""
    marks_after: dict[int, tuple[int, ...]]
    relos: tuple[int, ...]
    """Records whose lines it changed."""
    step: str
    """What it does with them, where it is one of the steps from question to record; else empty."""

    @property
    def removed(self) -> int:
        return len(self.before) - len(self.pairs)

    @property
    def added(self) -> int:
        return len(self.after) - len(self.pairs)


def pass_entries(analysis: Analysis, trace: FunctionTrace) -> tuple[PassEntry, ...]:
    """Return an entry a pass that changed the function, between that of the function as it was written and,
    where it holds records, that of the records in the object."""
    compilation = analysis.compilation
    marker = _Marker(analysis, trace.symbol)
    start_marks = marker.marks(trace.start)
    entries = [
        PassEntry(
            trace.symbol,
            WRITTEN_NAME,
            "by the front end" if compilation and compilation.program else "",
            (),
            trace.start,
            (),
            {},
            start_marks,
            _all_relos(start_marks),
            ASKED if any(map(_asks, trace.start)) else "",
        )
    ]
    before, marks_before, was_machine = trace.start, start_marks, False
    for step in trace.steps:
        marks = marker.marks(step.lines)
        entries.append(_entry(trace.symbol, step, before, marks_before, marks, was_machine=was_machine))
        before, marks_before, was_machine = step.lines, marks, step.is_machine
    recorded = _recorded_lines(analysis, trace.symbol)
    if recorded:
        marks = {index: (relo,) for index, (_, relo) in enumerate(recorded)}
        lines = tuple(line for line, _ in recorded)
        entries.append(
            PassEntry(trace.symbol, RECORDED_NAME, "", (), lines, (), {}, marks, _all_relos(marks), RECORDED)
        )
    return tuple(entries)


class _Marker:
    def __init__(self, analysis: Analysis, function: str) -> None:
        self._names = ReloNames(analysis)
        self._results = link_results(analysis, function)
        self._function = function

    def marks(self, lines: Sequence[str]) -> dict[int, tuple[int, ...]]:
        """Return the records of each line, by its index."""
        found = link_function(self._names, lines, self._function, {})
        for index, line in enumerate(lines):
            if index not in found and (relos := self._results.get(result_name(line))):
                found[index] = relos
        return found


def _all_relos(marks: dict[int, tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sorted({relo for relos in marks.values() for relo in relos}))


def _entry(
    function: str,
    step: PassStep,
    before: tuple[str, ...],
    marks_before: dict[int, tuple[int, ...]],
    marks: dict[int, tuple[int, ...]],
    *,
    was_machine: bool,
) -> PassEntry:
    old, new = [_plain(line) for line in before], [_plain(line) for line in step.lines]
    is_comparable = step.is_machine == was_machine
    pairs = tuple((shortest_edit(old, new) if is_comparable else None) or ())
    kept_old, kept_new = {old for old, _ in pairs}, {new for _, new in pairs}
    is_asked_no_more = any(_asks(line) for index, line in enumerate(before) if index not in kept_old)
    gone = [index for index in marks_before if index not in kept_old]
    come = [index for index in marks if index not in kept_new]
    relos = {relo for index in gone for relo in marks_before[index]}
    relos |= {relo for index in come for relo in marks[index]}
    said = ""
    if step.is_machine and not was_machine and relos:
        said = SELECTED
    elif is_asked_no_more and any('@"llvm.' in step.lines[index] for index in come):
        said = NAMED
    elif not step.is_machine and come and not marks_before:
        said = INLINED
    elif _count_loads(before) > _count_loads(step.lines) and step.is_machine:
        said = FOLDED
    return PassEntry(
        function,
        step.name,
        step.title,
        before,
        step.lines,
        pairs,
        marks_before,
        marks,
        tuple(sorted(relos)),
        said,
    )


def _asks(line: str) -> bool:
    """Tell whether an IR line is one of the calls that LLVM's relocation passes look for."""
    return "@llvm.preserve." in line or "@llvm.bpf.preserve." in line or "@llvm.bpf.btf.type.id" in line


def _count_loads(lines: Sequence[str]) -> int:
    return sum(_MACHINE_LOAD.search(line) is not None for line in lines)


def _plain(line: str) -> str:
    return _NUMBERS.sub("#", line)


def _recorded_lines(analysis: Analysis, function: str) -> list[tuple[str, int]]:
    lines = []
    for linked in analysis.relos:
        if linked.program == function:
            relo = linked.relo
            lines.append(
                (f"insn {relo.insn_off // INSN_SIZE}: {linked.insn_text or 'malformed'}", linked.index)
            )
            lines.append(
                (
                    f"  record #{linked.index}: {relo.kind_label} {linked.local_type_name} "
                    f'"{relo.access_str}"  {linked.path}',
                    linked.index,
                )
            )
    return lines


# -- rows -----------------------------------------------------------------------------------------


def entry_row(entry: PassEntry, *, has_function: bool) -> Row:
    """Return one line about an entry; with *has_function* it names the function."""
    segments = [Segment(f"{entry.function} · ", "dim")] if has_function else []
    segments.append(Segment(entry.name, "keyword" if entry.step else "name"))
    if entry.before:
        segments += [Segment(f"  +{entry.added}", "as-compiled"), Segment(f" -{entry.removed}", "error")]
    if entry.relos:
        segments.append(Segment("  ◆ " + " ".join(f"#{index}" for index in entry.relos), "type"))
    if entry.step:
        segments.append(Segment(f"  {entry.step}", "moved"))
    elif entry.title:
        segments.append(Segment(f"  {entry.title}", "dim"))
    return Row(tuple(segments), entry.relos, f"{entry.function} {entry.name}")


def difference_rows(entry: PassEntry) -> tuple[Row, ...]:
    """Return what a pass took away and what it put there, with some lines around; all lines of an end."""
    return tuple(_difference(entry))


def _difference(entry: PassEntry) -> Iterator[Row]:
    if not entry.before:
        for index, line in enumerate(entry.after):
            yield _line_row(" ", line, entry.marks_after.get(index, ()), f"after {index}")
        return
    steps: list[tuple[str, int]] = []
    old_at = new_at = 0
    for old, new in (*entry.pairs, (len(entry.before), len(entry.after))):
        steps += [("-", index) for index in range(old_at, old)]
        steps += [("+", index) for index in range(new_at, new)]
        if new < len(entry.after):
            steps.append((" ", new))
        old_at, new_at = old + 1, new + 1
    for at in shown_indices([sign != " " for sign, _ in steps], _CONTEXT):
        if at is None:
            yield Row((Segment("⋮", "dim"),))
            continue
        sign, index = steps[at]
        is_old = sign == "-"
        lines, marks = (entry.before, entry.marks_before) if is_old else (entry.after, entry.marks_after)
        yield _line_row(sign, lines[index], marks.get(index, ()), f"{sign}{index}")


def _line_row(sign: str, line: str, relos: tuple[int, ...], key: str) -> Row:
    role = {"+": "as-compiled", "-": "error"}.get(sign, "text")
    mark = "◆ " if relos else "  "
    segments = [Segment(f"{sign} ", role), Segment(mark, "type"), Segment(line, role)]
    if relos:
        segments.append(Segment("  " + " ".join(f"#{index}" for index in relos), "type"))
    return Row(tuple(segments), relos, key)


def passes_text(analysis: Analysis, traces: Sequence[FunctionTrace]) -> str:
    """Return every pass over every function of *traces*, each with its difference."""
    lines: list[str] = []
    for trace in traces:
        for entry in pass_entries(analysis, trace):
            lines += [f"== {entry_row(entry, has_function=True).text}", ""]
            lines += [row.text.rstrip() for row in difference_rows(entry)]
            lines.append("")
    return "\n".join(lines)


def passes_json(analysis: Analysis, traces: Sequence[FunctionTrace]) -> list[dict[str, Any]]:
    """Return the passes over each function as JSON data: ``function`` and ``passes[]`` with ``name``,
    ``step``, ``relocations`` (indices as ``btfview relos`` counts) and the lines ``before`` and ``after``."""
    return [
        {
            "function": trace.symbol,
            "passes": [
                {
                    "name": entry.name,
                    "step": entry.step,
                    "relocations": list(entry.relos),
                    "before": list(entry.before),
                    "after": list(entry.after),
                }
                for entry in pass_entries(analysis, trace)
            ],
        }
        for trace in traces
    ]
