"""What several loaders make of the same records: side by side, where they differ."""

from __future__ import annotations

from btfview.analysis.findings.by_loader import (
    differing_loaders,
    is_passed_over,
    is_refused,
    load_of,
)
from btfview.analysis.findings.mixed_layouts import find_mixed_layouts
from btfview.bpf.insn import decode_insn, format_insn
from btfview.btf.format.spelling import visible
from btfview.core_relo.loaders.names import AYA, LIBBPF, title
from btfview.fitted import wrapped
from btfview.frozen import TYPE_CHECKING

from .kernels.many_targets import ManyTargets
from .loader_advice import what_to_do
from .report import report_json, report_text
from .rows import DIFFER, Row, Segment, column_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from btfview.analysis.findings.by_loader import LoadedBy
    from btfview.analysis.result import Analysis
    from btfview.core_relo.outcome import ReloResult

_ON = "\0"
"""Stands for the targets that something is told of, until they are known."""


def loaders_text(analysis: Analysis, loads: Sequence[LoadedBy], columns: int = 0) -> str:
    """Return a table of the records on which loaders differ, with what each of them writes, and below it
    where loads end, and why, in lines of so many *columns*; one for all targets on which that is the same."""
    columns_of: dict[tuple[tuple[tuple[str, ...], ...], tuple[str, ...]], list[int]] = {}
    for column in range(len(analysis.targets)):
        rows = tuple(
            (f"  #{linked.index}", linked.path, *_cells(loads, linked.index, column))
            for linked in analysis.relos
            if differing_loaders(loads, linked.index, column)
        )
        columns_of.setdefault((rows, tuple(_ends(loads, column))), []).append(column)
    lines: list[str] = []
    told = ManyTargets(analysis).told
    for (rows, ends), targets in columns_of.items():
        count, names = f"{len(rows)} of {len(analysis.relos)}", told(targets)
        lines += ["", f"Loaders differ on {count} records on {names}" + (":" if rows else ".")]
        table = [("", "path", *(load.title for load in loads)), *rows] if rows else []
        widths = [column_width(cells) for cells in zip(*table, strict=True)]
        for row in table:
            lines.append(
                "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            )
        for end in ends:
            lines += wrapped(end.replace(_ON, f"on {names}"), columns, " " * 4)
    return "\n".join(map(visible, lines))


def load_text(load: LoadedBy, width: int = 0) -> str:
    """Return whose rules a report is by, and where and why loads end, a line for all targets that say the
    same; *width* as of ``report_text``."""
    lines = [f"By the rules of {load.title}."]
    columns_of: dict[str, list[int]] = {}
    for column in range(len(load.answers)):
        for end in _ends([load], column):
            columns_of.setdefault(end, []).append(column)
    told = ManyTargets(load.analysis).told
    for end, columns in columns_of.items():
        lines += wrapped(end.replace(_ON, f"on {told(columns)}"), width, " " * 4)
    return "\n".join(map(visible, lines))


def loaded_text(analysis: Analysis, width: int = 0) -> str:
    """Return the report, by the rules of the analysis's loader; *width* as of ``report_text``."""
    said = "" if analysis.loader == LIBBPF else f"{load_text(load_of(analysis), width)}\n"
    return said + report_text(analysis, width)


def loaded_json(analysis: Analysis) -> dict[str, Any]:
    """Return the report as JSON data; of another loader than libbpf with ``loads``."""
    report = report_json(analysis)
    return report if analysis.loader == LIBBPF else {**report, "loads": loads_json([load_of(analysis)])}


def _ends(loads: Sequence[LoadedBy], column: int) -> Iterator[str]:
    """Yield why loads end on a target, which :data:`_ON` stands for."""
    for load in loads:
        end = load.answers[column].end if load.answers else None
        if load.loader == AYA:
            for mixed in find_mixed_layouts(load.analysis, column):
                said = mixed.message.replace(f"on {load.analysis.targets[column].name}", _ON)
                yield f"≠ {load.title}: {said}"
        if end is not None:
            yield f"! {load.title} ends the load {_ON} {end.where}: {end.reason}"


def _cells(loads: Sequence[LoadedBy], relo: int, column: int) -> list[str]:
    results = [load.analysis.results[relo][column] for load in loads]
    words = [answer_word(result) for result in results]
    # The same value may be written otherwise: a load keeps its width, or does not.
    by_word: dict[str, set[bytes]] = {}
    for word, result in zip(words, results, strict=True):
        by_word.setdefault(word, set()).add(result.insn_after)
    return [
        f"{word}: {_insn(load, result)}" if len(by_word[word]) > 1 and not is_refused(result) else word
        for load, word, result in zip(loads, words, results, strict=True)
    ]


def answer_word(result: ReloResult) -> str:
    """Return what a loader does with a record: ``2468``, ``0, missing``, ``poison``, ``not loaded`` or
    ``ends``."""
    outcome = result.outcome
    if outcome.is_poisoned:
        return "poison"
    if is_passed_over(result):
        return "not loaded"
    if outcome.value is None:
        return "ends"
    return f"{outcome.value}, missing" if outcome.status == "missing" else str(outcome.value)


def _insn(load: LoadedBy, result: ReloResult) -> str:
    obj = load.analysis.object
    if obj is None or not result.insn_after:
        return "no instruction"
    return format_insn(decode_insn(result.insn_after, is_little_endian=obj.is_little_endian))


def loader_rows(loads: Sequence[LoadedBy], relo: int, column: int) -> tuple[Row, ...]:
    """Return a paragraph on what loaders do with a record and why, one for those that do the same by the same
    rule, and what to do about it; none where all do the same."""
    if not differing_loaders(loads, relo, column):
        return ()
    titles: dict[tuple[Row, ...], list[str]] = {}
    for load in loads:
        result = load.analysis.results[relo][column]
        outcome = result.outcome
        if is_passed_over(result):
            what, role = "does not come to it", "dim"
        elif is_refused(result):
            what, role = "ends the load", "error"
        elif outcome.is_poisoned:
            what, role = f"poisons the instruction ({_insn(load, result)})", "missing"
        else:
            what, role = f"writes {outcome.value} ({_insn(load, result)})", "text"
        why = f": {outcome.reason}" if outcome.reason else ""
        told = (
            Row((Segment(what, role), Segment(why))),
            Row((Segment(f"    {outcome.trace.summary}", "comment"),)),
        )
        titles.setdefault(told, []).append(load.title)
    rows = [Row((Segment(f"{DIFFER} loaders differ:", "warning"),))]
    for (does, rule), names in titles.items():
        rows += [Row((Segment(f"  {', '.join(names)}: ", "name"), *does.segments)), rule]
    rows.append(Row((Segment(f"  {what_to_do(loads, relo, column)}", "text"),)))
    return tuple(rows)


def loads_json(loads: Sequence[LoadedBy]) -> list[dict[str, Any]]:
    """Return ``loads``: a loader and target each, where the load ends (``end`` is null where it does not)."""
    return [
        {
            "loader": load.loader,
            "library": title(load.loader),
            "target": load.analysis.targets[column].name,
            "end": answer.end and {"record": answer.end.record, "reason": answer.end.reason},
        }
        for load in loads
        for column, answer in enumerate(load.answers)
    ]


def results_json(loads: Sequence[LoadedBy], relo: int, column: int) -> list[dict[str, Any]]:
    """Return ``results[].loaders``: what each loader makes of a record."""
    found = []
    for load in loads:
        result = load.analysis.results[relo][column]
        outcome = result.outcome
        found.append(
            {
                "loader": load.loader,
                "status": outcome.status,
                "value": outcome.value,
                "poisoned": outcome.is_poisoned,
                "ends_load": is_refused(result),
                "passed_over": is_passed_over(result),
                "insn_after": _insn(load, result) if result.insn_after else None,
                "code_after": result.insn_after.hex(),
                "reason": outcome.reason,
            }
        )
    return found
