"""What the running kernel said of each program: rows, and JSON."""

from __future__ import annotations

import errno
import os
from typing import assert_never

from btfview import __version__
from btfview.demands.reasons import UNKNOWN
from btfview.frozen import TYPE_CHECKING
from btfview.loader_log.match import Programs, read_loader_log
from btfview.verifier.load import Loads, NotFinished, NotPermitted, RefusedBefore, RefusedByVerifier
from btfview.words import plural

from .log_complaints import finding_sentences
from .rows import Row, Segment, column_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from btfview.analysis.result import Analysis
    from btfview.demands.verdict import PartVerdict
    from btfview.loader_log.match import LogFinding
    from btfview.verifier.load import Answer, ProgramVerdict, Verification

_MAX_MESSAGES, _MAX_REASONS = 6, 3


def verification_rows(
    verification: Verification, analysis: Analysis, predicted: Mapping[str, PartVerdict]
) -> Iterator[Row]:
    """Yield the rows of a report: a line a program, and what explains a refusal below it; *predicted* are
    btfview's own verdicts."""
    width = column_width(verdict.program for verdict in verification.programs)
    for verdict in verification.programs:
        yield verdict_row(verdict, width)
        for row in program_rows(verdict, analysis):
            yield Row(row.segments, depth=2)
        for row in difference_rows(verdict, verification, analysis, predicted):
            yield Row(row.segments, depth=2)
    yield from object_rows(verification)


def differs(verdict: ProgramVerdict, predicted: Mapping[str, PartVerdict]) -> bool:
    """Tell whether the kernel answered otherwise than btfview predicted; to say that it is not known is no
    prediction."""
    part = predicted.get(verdict.program)
    if part is None or part.verdict == UNKNOWN:
        return False
    return _word(verdict.answer) not in (UNKNOWN, part.verdict)


def difference_rows(
    verdict: ProgramVerdict,
    verification: Verification,
    analysis: Analysis,
    predicted: Mapping[str, PartVerdict],
) -> Iterator[Row]:
    """Yield what to say where prediction and kernel differ."""
    if not differs(verdict, predicted):
        return
    part = predicted[verdict.program]
    why = "; ".join(f"{reason.why} ({reason.rule})" for reason in part.reasons[:_MAX_REASONS])
    yield _row(f"≠ btfview predicted that it {part.verdict}{f': {why}' if why else ''}", "warning")
    yield _row("please report this line, with the object:", "dim")
    yield _row(report_line(verdict, verification, analysis, part), "text")


def report_line(
    verdict: ProgramVerdict, verification: Verification, analysis: Analysis, part: PartVerdict
) -> str:
    """Return in a line what tells a difference to whoever mends it: versions, program, both verdicts."""
    rules = ", ".join(f"{reason.demand} {reason.subject} by {reason.rule}" for reason in part.reasons)
    answer = verdict.answer
    words = verdict.log.reason[-1:] if isinstance(answer, RefusedByVerifier) else ()
    words = answer.messages[-1:] if isinstance(answer, RefusedBefore) else words
    number = errno_name(answer.errno) if isinstance(answer, (RefusedByVerifier, RefusedBefore)) else ""
    said = ": ".join(part for part in (_word(answer), number, *words) if part)
    return (
        f"btfview {__version__}, {os.uname().release} {os.uname().machine}, libbpf {verification.libbpf},"
        f" {os.path.basename(analysis.path)} {verdict.program} {verdict.section}:"
        f" predicted {part.verdict}{f' [{rules}]' if rules else ''}, kernel {said}"
    )


def object_rows(verification: Verification) -> Iterator[Row]:
    """Yield what is said of the object as a whole: why libbpf does not open it, why answers are missing."""
    if verification.refused is not None:
        yield _row("✖ libbpf does not open the object", "missing")
        for message in verification.refused.messages[-_MAX_MESSAGES:]:
            yield Row((Segment(message, "text"),), depth=2)
    if verification.unfinished is not None:
        yield _row(f"? {verification.unfinished.why}: programs that are not listed have no answer", "warning")


def verdict_row(verdict: ProgramVerdict, width: int) -> Row:
    """Return the answer for a program in a line; its name is padded to *width*."""
    glyph, role = _glyph(verdict.answer)
    name = f"{glyph} {verdict.program:<{width}}  {verdict.section}  "
    return Row((Segment(name, role), Segment(answer_text(verdict), "text")))


def program_rows(verdict: ProgramVerdict, analysis: Analysis) -> Iterator[Row]:
    """Yield what explains the answer: where the verifier stopped, why, and which record it was about."""
    for text in _explanation(verdict, analysis, Programs(analysis)):
        yield _row(text, "text")


def record_of(verdict: ProgramVerdict, analysis: Analysis) -> int | None:
    """Return the index of the one record that the kernel's answer is about; None without one."""
    found = {index for finding in _findings(verdict, analysis) for index in finding.relos}
    return found.pop() if len(found) == 1 else None


def _row(text: str, role: str) -> Row:
    return Row((Segment(text, role),))


def _glyph(answer: Answer) -> tuple[str, str]:
    match answer:
        case Loads():
            return "✔", "as-compiled"
        case RefusedByVerifier() | RefusedBefore():
            return "✖", "missing"
        case NotPermitted() | NotFinished():
            return "?", "warning"
        case _:
            assert_never(answer)


def answer_text(verdict: ProgramVerdict) -> str:
    """Return the kernel's answer in a line: ``loads: 18 instructions followed, 3 states, 152 µs``."""
    match verdict.answer:
        case Loads():
            text = "loads" + _costs(verdict)
        case RefusedByVerifier(errno=number):
            text = f"refused by the verifier ({errno_name(number)})" + _costs(verdict)
        case RefusedBefore(errno=number):
            text = f"refused before the verifier looked at it ({errno_name(number)})"
        case NotPermitted():
            text = f"no answer: this kernel does not let you load such a program (EPERM{_who()})"
        case NotFinished(why=why):
            text = f"no answer: {why}"
        case _:
            assert_never(verdict.answer)
    return text if verdict.is_on_by_default else f"{text}; off by default (SEC begins with ?)"


def _who() -> str:
    return "; it needs root, or CAP_BPF and CAP_PERFMON" if os.geteuid() else ""


def errno_name(number: int) -> str:
    """Return ``EINVAL: invalid argument``; the number where Linux has no such error.

    >>> errno_name(22), errno_name(524)
    ('EINVAL: invalid argument', 'ENOTSUPP: not supported')
    """
    if number == 524:  # the kernel's own, which libc does not know (include/linux/errno.h)
        return "ENOTSUPP: not supported"
    name = errno.errorcode.get(number)
    return f"{name}: {os.strerror(number).lower()}" if name else f"error {number}"


def _costs(verdict: ProgramVerdict) -> str:
    log = verdict.log
    if log.processed is None:
        return ""
    parts = [f"{plural(log.processed, 'instruction')} followed"]
    if log.total_states:
        parts.append(plural(log.total_states, "state"))
    if log.stack and log.stack != "0":
        parts.append(f"stack {log.stack}")
    if log.microseconds is not None:
        parts.append(f"{log.microseconds:,} µs")
    return f": {', '.join(parts)}"


def _explanation(verdict: ProgramVerdict, analysis: Analysis, programs: Programs) -> Iterator[str]:
    match verdict.answer:
        case RefusedBefore(messages=messages):
            yield from messages[-_MAX_MESSAGES:]
            yield from _complaints(verdict, analysis)
        case RefusedByVerifier():
            yield from _stop(verdict, analysis, programs)
            yield from _complaints(verdict, analysis)
        case _:
            return


def _stop(verdict: ProgramVerdict, analysis: Analysis, programs: Programs) -> Iterator[str]:
    log = verdict.log
    if log.stopped_at is not None:
        place = programs.place_of(verdict.program, log.stopped_at)
        yield f"stopped at instruction {log.stopped_at}{_function(analysis, place)}: {log.insn_text}"
        source = _source(analysis, place) or log.comment
        if source:
            yield source
    yield from log.reason
    if log.registers:
        yield "registers there: " + "  ".join(f"{name}={value}" for name, value in log.registers)


def _function(analysis: Analysis, place: tuple[str, int] | None) -> str:
    function = analysis.object.function_at(*place) if analysis.object and place else None
    if function is None or place is None:
        return ""
    return f" ({function.name}+{(place[1] - function.value) // 8})"


def _source(analysis: Analysis, place: tuple[str, int] | None) -> str:
    line = analysis.object.line_at(*place) if analysis.object and place else None
    return f"{line.file}:{line.line}  {line.text.strip()}" if line else ""


def _findings(verdict: ProgramVerdict, analysis: Analysis) -> tuple[LogFinding, ...]:
    log = verdict.log_text
    if isinstance(verdict.answer, RefusedBefore):
        log = "\n".join(verdict.answer.messages)
    return read_loader_log(f"prog '{verdict.program}': -- BEGIN PROG LOAD LOG --\n{log}", analysis)


def _complaints(verdict: ProgramVerdict, analysis: Analysis) -> Iterator[str]:
    """What ``explain --log`` would say, too."""
    for finding in _findings(verdict, analysis):
        if len(finding.relos) == 1:
            linked = analysis.relos[finding.relos[0]]
            yield f"record #{linked.index} {linked.relo.kind_label} {linked.path}: missing in this kernel"
            yield f"more: btfview explain {analysis.path} --relo {linked.index} -t running"
        else:
            yield from finding_sentences(finding, analysis)


def verification_json(
    verification: Verification, analysis: Analysis, kernel: str, predicted: Mapping[str, PartVerdict]
) -> dict[str, Any]:
    """Return what ``btfview verify --json`` prints (schema_version 1)."""
    programs = Programs(analysis)
    return {
        "schema_version": 1,
        "file": analysis.path,
        "kernel": kernel,
        "libbpf": verification.libbpf,
        "object": {
            "opens": verification.refused is None,
            "messages": list(verification.refused.messages) if verification.refused else [],
        },
        "programs": [
            {
                **_program_json(verdict, analysis, programs),
                "prediction": _prediction_json(verdict, verification, analysis, predicted),
            }
            for verdict in verification.programs
        ],
        "unfinished": verification.unfinished.why if verification.unfinished else None,
    }


def _prediction_json(
    verdict: ProgramVerdict,
    verification: Verification,
    analysis: Analysis,
    predicted: Mapping[str, PartVerdict],
) -> dict[str, Any] | None:
    """``report`` is the line to report where kernel and prediction differ, else null."""
    part = predicted.get(verdict.program)
    if part is None:
        return None
    is_other = differs(verdict, predicted)
    return {
        "verdict": part.verdict,
        "reasons": [
            {"demand": reason.demand, "subject": reason.subject, "why": reason.why, "rule": reason.rule}
            for reason in part.reasons
        ],
        "differs": is_other,
        "report": report_line(verdict, verification, analysis, part) if is_other else None,
    }


def _program_json(verdict: ProgramVerdict, analysis: Analysis, programs: Programs) -> dict[str, Any]:
    log, answer = verdict.log, verdict.answer
    place = None if log.stopped_at is None else programs.place_of(verdict.program, log.stopped_at)
    line = analysis.object.line_at(*place) if analysis.object and place else None
    return {
        "name": verdict.program,
        "section": verdict.section,
        "on_by_default": verdict.is_on_by_default,
        "verdict": _word(answer),
        "errno": answer.errno if isinstance(answer, (RefusedByVerifier, RefusedBefore)) else None,
        "messages": list(answer.messages) if isinstance(answer, RefusedBefore) else [],
        "stopped_at": None
        if log.stopped_at is None
        else {
            "insn": log.stopped_at,
            "text": log.insn_text,
            "section": place[0] if place else None,
            "insn_offset": place[1] if place else None,
            "source": {"file": line.file, "line": line.line, "text": line.text.strip()} if line else None,
            "registers": dict(log.registers),
        },
        "reason": list(log.reason),
        "relocations": sorted({index for finding in _findings(verdict, analysis) for index in finding.relos}),
        "processed_insns": log.processed,
        "total_states": log.total_states,
        "microseconds": log.microseconds,
    }


def _word(answer: Answer) -> str:
    match answer:
        case Loads():
            return "loads"
        case RefusedByVerifier() | RefusedBefore():
            return "fails"
        case NotPermitted() | NotFinished():
            return "unknown"
        case _:
            assert_never(answer)
