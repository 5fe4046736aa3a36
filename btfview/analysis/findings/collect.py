"""What stands in the way of a program on its targets, one finding at a time: for reviews and for CI."""

from __future__ import annotations

from btfview.analysis.hint_finder import HintFinder, question_of
from btfview.analysis.result import Analysis, CellState
from btfview.analysis.source_text.own_language import in_own_language
from btfview.analysis.suggestions import advice, answer_sentences, hints_json
from btfview.bpf.insn import INSN_SIZE
from btfview.bpf.reach import Reach
from btfview.core_relo.local import DECLARED_ONLY, read_local_relos
from btfview.core_relo.outcome import Missing
from btfview.core_relo.reads import READ_SIGN
from btfview.frozen import TYPE_CHECKING, replace

from .finding import ERRORS, NOTES, WARNINGS, Finding
from .other_meaning import find_other_meanings
from .rust_layouts import rust_baked_in
from .said_once import said_once

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from typing import Any

    from btfview.analysis.result import LinkedRelo
    from btfview.core_relo.outcome import Misread

    Place = tuple[str, int]

NEVER_THERE, MALFORMED, UNTOLD, ANOTHER_THING = "never there", "malformed", "trimmed", "another thing"
_CODES = {CellState.MISSING: "missing", CellState.AMBIGUOUS: "ambiguous", CellState.ERROR: "refused"}
ALL_WARNINGS = "warnings"
_MANY = 2
"""Targets that must lack a field before it is worth a note that none has it."""


OBJECT_BTF = "object_btf"
"""The lint of what the kernel refuses of an object's BTF."""
_MAX_BTF_PROBLEMS = 3


def find_problems(
    analysis: Analysis,
    denied: Container[str] = (),
    allowed: Container[str] = (),
    finder: HintFinder | None = None,
) -> tuple[Finding, ...]:
    """Return the findings: those of the compiler in its order, then those of the records; each thing once.

    A record that is missing where no path of the program leads is none. *denied* are names of lints (or
    ``warnings`` for all) whose warnings count as errors, *allowed* those whose warnings and notes are
    left out. A *finder* of this analysis keeps what was searched.
    """
    return said_once(analysis, find_each_problem(analysis, denied, allowed, finder))


def find_each_problem(
    analysis: Analysis,
    denied: Container[str] = (),
    allowed: Container[str] = (),
    finder: HintFinder | None = None,
) -> tuple[Finding, ...]:
    """Return the same with a finding for each record, also where several say one thing."""
    found = [*_compiler_findings(analysis), *_malformed(analysis), *_object_findings(analysis)]
    finder = finder or HintFinder(analysis)
    from .demands import reached_places

    distinct = {id(verdict): verdict for verdict in analysis.verdicts}
    places = {key: reached_places(verdict) for key, verdict in distinct.items()}
    reached = [places[id(verdict)] for verdict in analysis.verdicts]
    for linked in analysis.relos:
        found += _relo_findings(analysis, linked, finder, reached)
        found += _misreads(analysis, linked)
    found += _never_there(analysis, finder)
    found += _demand_findings(analysis)
    found += _baked_in(analysis)
    found += _baked_in_layouts(analysis)
    found += _another_thing(analysis, finder)
    return _graded(found, denied, allowed)


def find_demands(
    analysis: Analysis, denied: Container[str] = (), allowed: Container[str] = ()
) -> tuple[Finding, ...]:
    """Return those of the findings that are of what the object asks for beside its records."""
    return _graded(_demand_findings(analysis), denied, allowed)


def _graded(found: Iterable[Finding], denied: Container[str], allowed: Container[str]) -> tuple[Finding, ...]:
    return tuple(
        replace(one, severity=ERRORS)
        if one.severity == WARNINGS and (one.code in denied or ALL_WARNINGS in denied)
        else one
        for one in found
        if one.severity == ERRORS or not (one.code in allowed or ALL_WARNINGS in allowed)
    )


def _compiler_findings(analysis: Analysis) -> Iterator[Finding]:
    for diagnostic in analysis.diagnostics:
        assert analysis.source is not None
        where = analysis.source.location(diagnostic.span.start)
        yield Finding(
            diagnostic.severity,
            diagnostic.code or diagnostic.lint or "",
            diagnostic.message,
            diagnostic.hint or "",
            analysis.source.file_at(diagnostic.span.start)[0].path,
            where.line,
            where.column,
        )


def _malformed(analysis: Analysis) -> Iterator[Finding]:
    """Without targets nothing is resolved; what is wrong with a record itself is known all the same."""
    if analysis.object is None or analysis.targets:
        return
    for local in read_local_relos(analysis.object):
        if local.problem:
            linked = analysis.relos[local.relo.index]
            message = f"{_named(linked)}: {local.problem}"
            yield _at(analysis, linked, ERRORS, MALFORMED, message, "libbpf refuses the object")


def _object_findings(analysis: Analysis) -> Iterator[Finding]:
    """Yield what is wrong with the object's own BTF, on every kernel."""
    obj = analysis.object
    if obj is None:
        return
    if obj.sections and not obj.has_btf:
        message = "it has no .BTF: nothing of it is relocated, whatever it asks of a kernel's types"
        hint = "compile it with debug information: clang -g, rustc -C debuginfo=2"
        yield Finding(NOTES, OBJECT_BTF, message, hint, analysis.path, 0, 0)
        return
    if obj.sections and obj.elf.section(".BTF.ext") is None:
        message = "it has BTF, but no .BTF.ext: no record of it is relocated, and no function has a prototype"
        hint = "was it stripped? llvm-strip -g takes .BTF.ext away, as strip does"
        yield Finding(NOTES, OBJECT_BTF, message, hint, analysis.path, 0, 0)
    if not analysis.verdicts:
        return
    from btfview.demands.object.object_rules import btf_problems

    for one in btf_problems(obj)[:_MAX_BTF_PROBLEMS]:
        message = f"the kernel refuses type [{one.type_id}] {one.name} of the object's BTF: {one.why}"
        hint = "libbpf loads without BTF then, so without what needs it: spin locks, timers, global functions"
        yield Finding(WARNINGS, OBJECT_BTF, message, hint, analysis.path, 0, 0)


def _relo_findings(
    analysis: Analysis,
    linked: LinkedRelo,
    finder: HintFinder,
    reached: Sequence[Container[Place] | None],
) -> Iterator[Finding]:
    """Yield one finding for each reason why *linked* fails, with the targets on which it does; *reached* are
    the places of each target that :func:`reached_places` names."""
    place = (linked.relo.section, linked.relo.insn_off)
    columns_of: dict[tuple[CellState, str, bool], list[int]] = {}
    unknown_on: list[int] = []
    results = analysis.results[linked.index]
    for group in analysis.column_groups:
        column, result = group[0], results[group[0]]
        state = analysis.state(linked.index, column)
        known = reached[column] if reached else None
        is_harmless = result.outcome.is_poisoned and (
            result.is_dead or (known is not None and place not in known)
        )
        if state == CellState.UNKNOWN:
            if result.outcome.is_poisoned and not is_harmless:
                unknown_on += group
        elif state in _CODES and not is_harmless:
            key = state, result.outcome.reason or "", result.reach == Reach.MAYBE
            columns_of.setdefault(key, []).extend(group)
    for (state, reason, is_open), columns in columns_of.items():
        columns.sort()
        names = tuple(analysis.targets[column].name for column in columns)
        word = "cannot be resized" if _is_poisoned(analysis, linked, columns[0]) else _CODES[state]
        word = "missing" if state == CellState.MISSING else word
        message = f"{_named(linked)} is {word}" if state != CellState.ERROR else f"{_named(linked)} {word}"
        listed = _listed(analysis, names)
        message = f"{message} on {listed}: {reason}"
        hint = ". ".join(_hints(analysis, linked, columns[0], finder))
        severity = WARNINGS if is_open else ERRORS
        found = _at(analysis, linked, severity, _CODES[state], message, hint)
        yield replace(found, targets=names, listed=listed)

    if unknown_on:
        names = tuple(analysis.targets[column].name for column in sorted(unknown_on))
        kind = f"{linked.local_type_kind} {linked.local_type_name}"
        listed = _listed(analysis, names)
        message = f"{_named(linked)} is unknown on {listed}: this BTF was trimmed of {kind}"
        hint = "give a whole one to know (-t running, -t FILE)"
        yield replace(_at(analysis, linked, NOTES, UNTOLD, message, hint), targets=names, listed=listed)


def _misreads(analysis: Analysis, linked: LinkedRelo) -> Iterator[Finding]:
    """Yield a warning for each way in which the field is read as what it is not, with the targets where
    it is so."""
    columns_of: dict[Misread, list[int]] = {}
    results = analysis.results[linked.index]
    for group in analysis.column_groups:
        misread = results[group[0]].misread
        if misread is not None:
            columns_of.setdefault(misread, []).extend(group)
    for misread, columns in columns_of.items():
        names = tuple(analysis.targets[column].name for column in sorted(columns))
        listed = _listed(analysis, names)
        message = f"{_named(linked)} on {listed}: {misread.message}"
        severity = NOTES if misread.rule == READ_SIGN else WARNINGS
        hint = in_own_language(analysis, misread.hint)
        found = _at(analysis, linked, severity, misread.rule, message, hint)
        yield replace(found, targets=names, listed=listed)


def _is_poisoned(analysis: Analysis, linked: LinkedRelo, column: int) -> bool:
    return analysis.results[linked.index][column].outcome.is_poisoned


def _hints(analysis: Analysis, linked: LinkedRelo, column: int, finder: HintFinder) -> Iterator[str]:
    yield from (sentence.rstrip(".") for sentence in advice(analysis, linked.index, column))
    meant = "; ".join(_meant(linked, column, finder))
    if meant:
        yield meant


def _meant(linked: LinkedRelo, column: int, finder: HintFinder) -> Iterator[str]:
    if finder.is_missing(linked.index, column) and question_of(linked) is not None:
        yield from answer_sentences(finder.answer(linked.index, column), linked.path)


def _never_there(analysis: Analysis, finder: HintFinder) -> Iterator[Finding]:
    """Yield a note for each path that is asked for with a guard and that no target has: a typing mistake
    behind a guard is found by nothing else."""
    seen: set[tuple[str, str]] = set()
    for linked in analysis.relos:
        kind = linked.relo.kind
        if kind is None or not kind.is_existence or (linked.program, linked.path) in seen:
            continue
        results = analysis.results[linked.index]
        if not results or not all(isinstance(result.outcome, Missing) for result in results):
            continue
        if len(results) < _MANY and (
            analysis.lacks_type(linked.index, 0) or finder.is_known_elsewhere(linked.index, 0)
        ):
            continue
        seen.add((linked.program, linked.path))
        names = tuple(target.name for target in analysis.targets)
        where = f"none of the {len(names)} targets" if len(names) > 1 else f"neither {names[0]}"
        where += "" if len(names) > 1 else " nor any kernel that btfview knows"
        hint = "; ".join(_meant(linked, 0, finder))
        is_empty = linked.local_type_kind == DECLARED_ONLY
        why = f": {results[0].outcome.reason}" if is_empty else ""
        hint = f"give it a body: struct {linked.local_type_name} {{}};" if is_empty else hint
        message = f"{_named(linked)} is on {where}: what it guards never runs{why}"
        yield replace(_at(analysis, linked, NOTES, NEVER_THERE, message, hint), targets=names)


def _demand_findings(analysis: Analysis) -> Iterator[Finding]:
    """Yield what keeps the object from loading beside its records: an error where it does, a note where BTF
    does not tell. Of what trimmed kernels lack one note speaks for all."""
    if not analysis.verdicts:
        return
    from btfview.demands.demand import LISTED

    from .demands import demand_findings, place_text, source_of

    untold: dict[str, None] = {}
    for one in demand_findings(analysis):
        reason = one.reason
        names = tuple(analysis.targets[column].name for column in one.columns)
        if reason.is_trimmed:
            # That the kernel has the type of a program, or a helper, is not worth a word in each report.
            untold |= {} if reason.demand in LISTED else dict.fromkeys(names)
            continue
        severity = ERRORS if one.is_failure and not one.is_left_open else NOTES
        word = "fails" if one.is_failure else "may fail"
        subject, listed = f"{reason.demand} {reason.subject}", _listed(analysis, names)
        message = f"{subject}: {word} on {listed}: {reason.why}"
        place = source_of(analysis.object, reason.place)
        hint = in_own_language(analysis, reason.instead)
        if place is None:
            where = place_text(reason.place)
            message = f"{where}: {message}" if where else message
            found = Finding(severity, reason.demand, message, hint, analysis.path, 0, 0, names)
        else:
            found = Finding(
                severity, reason.demand, message, hint, place.file, place.line, place.column, names
            )
        yield replace(found, subject=subject, listed=listed)
    if untold:
        listed = _listed(analysis, tuple(untold))
        message = f"what else it asks of a kernel is not known for {listed}"
        hint = "its BTF was trimmed: give a whole one (-t running, -t FILE) to be sure"
        found = Finding(NOTES, UNTOLD, message, hint, analysis.path, 0, 0, tuple(untold))
        yield replace(found, subject="demands", listed=listed)


def _baked_in(analysis: Analysis) -> Iterator[Finding]:
    """Yield a warning for each struct of the kernel that is read at offsets without a record. Of a Rust
    source the compiler tells it."""
    if analysis.origin == "rust":
        yield from rust_baked_in(analysis)
        return
    if not any(analysis.baked_in):
        return
    from .baked_in import BAKED_IN, HINT, baked_in_findings
    from .demands import place_text, source_of

    for one in baked_in_findings(analysis):
        names = tuple(analysis.targets[column].name for column in one.columns)
        place = source_of(analysis.object, one.place)
        file, line, column = (place.file, place.line, place.column) if place else (analysis.path, 0, 0)
        message = one.message if place else f"{place_text(one.place)}: {one.message}"
        hint = HINT.format(f"struct {one.struct}")
        found = Finding(WARNINGS, BAKED_IN, message, hint, file, line, column, names)
        yield replace(found, subject=f"struct {one.struct}")


def _baked_in_layouts(analysis: Analysis) -> Iterator[Finding]:
    """Yield a warning for each ``offsetof`` and ``sizeof`` of a kernel's struct in a C source."""
    if analysis.origin != "c" or analysis.source is None:
        return
    from .c_baked_in import BAKED_IN, baked_in_layouts

    for one in baked_in_layouts(analysis):
        where = analysis.source.location(one.span.start)
        path = analysis.source.path
        yield Finding(WARNINGS, BAKED_IN, one.message, one.hint or "", path, where.line, where.column)


def _another_thing(analysis: Analysis, finder: HintFinder) -> Iterator[Finding]:
    """Yield a note for each field that resolves and is another thing on some targets than on the one that the
    program was written for."""
    for found in find_other_meanings(analysis, finder):
        linked = analysis.relos[found.relo]
        names = tuple(analysis.targets[column].name for column in found.columns)
        listed = _listed(analysis, names)
        message = f"{_named(linked)} resolves on {listed}, and is {found.words}"
        hint = "declare it once for each kernel, in structs of two flavors, and ask which one fits"
        one = _at(analysis, linked, NOTES, ANOTHER_THING, message, hint)
        yield replace(one, targets=names, listed=listed)


def find_at(analysis: Analysis, relo: int, severity: str, code: str, message: str, hint: str) -> Finding:
    """Return a finding at the place of a record."""
    return _at(analysis, analysis.relos[relo], severity, code, message, hint)


def _named(linked: LinkedRelo) -> str:
    return f"{linked.path} ({linked.relo.kind_label})"


def _listed(analysis: Analysis, names: tuple[str, ...]) -> str:
    return listed_targets(names, len(analysis.targets))


def listed_targets(names: tuple[str, ...], count: int) -> str:
    """Return how a message lists targets, of which there are *count* in all."""
    return f"all {len(names)} targets" if len(names) == count > 1 else ", ".join(names)


def _at(analysis: Analysis, linked: LinkedRelo, severity: str, code: str, message: str, hint: str) -> Finding:
    place = linked.place
    if place is None:
        where = f"instruction {linked.relo.insn_off // INSN_SIZE} of {linked.relo.section}"
        found = Finding(severity, code, f"{where}: {message}", hint, analysis.path, 0, 0, relo=linked.index)
    else:
        found = Finding(
            severity, code, message, hint, place.file, place.line, place.column, relo=linked.index
        )
    return replace(found, program=linked.program, subject=_named(linked))


def finding_cell(finding: Finding, analysis: Analysis) -> tuple[int, int] | None:
    """Return the record of *finding* and the first of its targets; None for a finding of no record."""
    if finding.relo is None or not finding.targets:
        return None
    return finding.relo, [target.name for target in analysis.targets].index(finding.targets[0])


def finding_hints(finding: Finding, analysis: Analysis, finder: HintFinder) -> list[dict[str, str | None]]:
    """Return what stands for the record of *finding* on the first of its targets, as in ``btfview relos
    --json``; nothing for a finding of no record."""
    cell = finding_cell(finding, analysis)
    return hints_json(finder, *cell) if cell else []


def finding_json(finding: Finding, analysis: Analysis, hints: list[dict[str, str | None]]) -> dict[str, Any]:
    """Return *finding* as JSON data; ``relocation`` is the record as ``btfview relos`` counts, or null, and
    ``hints`` what :func:`finding_hints` has."""
    linked = None if finding.relo is None else analysis.relos[finding.relo]
    return {
        "severity": finding.severity,
        "code": finding.code or None,
        "message": finding.message,
        "hint": finding.hint or None,
        "hints": hints,
        "file": finding.file,
        "line": finding.line or None,
        "column": finding.column or None,
        "targets": list(finding.targets),
        "relocation": linked
        and {
            "index": linked.index,
            "program": linked.program,
            "section": linked.relo.section,
            "insn_offset": linked.relo.insn_off,
            "kind": linked.relo.kind_label,
            "path": linked.path,
        },
    }
