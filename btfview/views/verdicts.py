"""Demands and verdicts as text for people and as JSON for programs."""

from __future__ import annotations

from btfview.analysis.findings.demands import place_text, source_of
from btfview.btf.format.spelling import visible
from btfview.demands.reasons import FAILS, LOADS
from btfview.fitted import beside, wrapped
from btfview.frozen import TYPE_CHECKING
from btfview.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from btfview.analysis.result import Analysis
    from btfview.demands.demand import Answer, Demand
    from btfview.demands.reasons import Reason
    from btfview.demands.verdict import PartVerdict, Verdict

    Place = tuple[str, int]

_GLYPHS = {"met": "✔", "not met": "✖", "unknown": "?"}
_WHOLE = {LOADS: "loads", FAILS: "fails to load"}
_VERDICT_GLYPHS = {LOADS: "✔", FAILS: "✖"}


def verdicts_json(analysis: Analysis) -> list[dict[str, Any]]:
    """Return the verdict of each target: what ``check --json`` has as ``verdicts``."""
    return [
        {
            "target": target.name,
            "object": {"verdict": verdict.verdict, "reasons": _reasons_json(analysis, verdict.reasons)},
            "maps": [_part_json(analysis, part) for part in verdict.maps],
            "programs": [
                {
                    **_part_json(analysis, part),
                    "attach": part.attach or None,
                    "attach_why": part.attach_why or None,
                }
                for part in verdict.programs
            ],
        }
        for target, verdict in zip(analysis.targets, analysis.verdicts, strict=True)
    ]


def _part_json(analysis: Analysis, part: PartVerdict) -> dict[str, Any]:
    return {
        "name": part.name,
        "section": part.section or None,
        "verdict": part.verdict,
        "autoload": part.is_wanted,
        "reasons": _reasons_json(analysis, part.reasons),
    }


def _reasons_json(analysis: Analysis, reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    return [
        {
            "demand": {"kind": reason.demand, "subject": reason.subject},
            "verdict": reason.verdict,
            "why": reason.why,
            "rule": reason.rule,
            "instead": reason.instead or None,
            **_place_json(analysis, reason.place),
        }
        for reason in reasons
    ]


def _place_json(analysis: Analysis, place: Place | None) -> dict[str, Any]:
    source = source_of(analysis.object, place)
    return {
        "place": place and {"section": place[0], "insn_offset": place[1]},
        "source": source
        and {"file": source.file, "line": source.line, "column": source.column, "text": source.text},
    }


def demands_json(analysis: Analysis) -> list[dict[str, Any]]:
    """Return the demands, each with its answer on each target: what ``relos --json`` has as ``demands``."""
    return [
        {
            "index": index,
            "kind": demand.kind,
            "subject": demand.subject,
            "programs": list(demand.programs),
            "optional": demand.optional or None,
            **_place_json(analysis, demand.place),
            "results": [
                {"target": target.name, **_answer_json(answers[index])}
                for target, answers in zip(analysis.targets, analysis.answers, strict=True)
            ],
        }
        for index, demand in enumerate(analysis.demands)
    ]


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status,
        "why": answer.why,
        "rule": answer.rule,
        "instead": answer.instead or None,
        "is_hint": answer.is_hint,
    }


# -- text ------------------------------------------------------------------------------------------


def demands_text(analysis: Analysis, width: int = 0) -> str:
    """Return the demands with their answers, then the verdicts, in lines of *width*."""
    return "\n".join(_lines(analysis, width))


def _lines(analysis: Analysis, width: int) -> Iterator[str]:
    targets = f" on {plural(len(analysis.targets), 'target')}" if analysis.targets else ""
    yield visible(f"{analysis.path}: {plural(len(analysis.demands), 'demand')}{targets}")
    names = max((len(target.name) for target in analysis.targets), default=0)
    for index, demand in enumerate(analysis.demands):
        yield from wrapped(visible(f"  {_title(analysis, demand)}"), width, " " * 6)
        for target, answers in zip(analysis.targets, analysis.answers, strict=True):
            answer = answers[index]
            instead = f"; {answer.instead}" if answer.instead else ""
            said = f"{answer.status}: {answer.why}{instead}"
            start = visible(f"    {_GLYPHS[answer.status]} {target.name:<{names}}  ")
            yield beside(start, visible(said), width)
    for target, verdict in zip(analysis.targets, analysis.verdicts, strict=True):
        yield visible(f"{target.name}: the object {_verdict_text(verdict)}")
        for part in (*verdict.maps, *verdict.programs):
            for line in _part_lines(part):
                yield from wrapped(visible(line), width, " " * 10)


def _title(analysis: Analysis, demand: Demand) -> str:
    optional = f" ({demand.optional})" if demand.optional else ""
    programs = f", by {', '.join(demand.programs)}" if demand.programs else ""
    source = source_of(analysis.object, demand.place)
    where = f"{source.file}:{source.line}" if source else place_text(demand.place)
    return f"{demand.kind} {demand.subject}{optional}{programs}{f': {where}' if where else ''}"


def _verdict_text(verdict: Verdict) -> str:
    return _WHOLE.get(verdict.verdict, "may load or not: that is unknown")


def _part_lines(part: PartVerdict) -> Iterator[str]:
    off = "" if part.is_wanted else ", not loaded by itself"
    attach = f", attach: {part.attach}" if part.attach else ""
    yield f"  {_VERDICT_GLYPHS.get(part.verdict, '?')} {part.name}: {part.verdict}{off}{attach}"
    for reason in part.reasons:
        yield f"      {reason.demand} {reason.subject}: {reason.why} [{reason.rule}]"
