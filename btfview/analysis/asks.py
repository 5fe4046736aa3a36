"""What an object asks of a kernel beside its records, in one list: demands, and what only a verdict tells."""

from __future__ import annotations

from btfview.demands.demand import Met, NotMet, Unknown
from btfview.demands.reasons import UNKNOWN
from btfview.frozen import TYPE_CHECKING, assert_never

from .findings.demands import demand_findings, reached_places, source_of
from .links import span_of
from .result import Ask, AskAnswer, CellState
from .source_text.own_language import in_own_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from btfview.demands.demand import Answer
    from btfview.demands.reasons import Reason

    from .result import Analysis

    Place = tuple[str, int]
    Subject = tuple[str, str]

_NOTHING_AGAINST_IT = "nothing stands against it there"


def find_asks(analysis: Analysis) -> tuple[Ask, ...]:
    """Return the demands in their order, then the reasons of verdicts that are no demand's (the arguments of
    a program, its return value ...); each with what it comes to on each target.

    A demand that is not met is a problem where it keeps the object from loading as libbpf loads it when
    nothing is switched; what a branch guards that is not taken there, or only an optional program asks for,
    is none.
    """
    reasons: dict[Subject, dict[int, tuple[Reason, CellState]]] = {}
    for finding in demand_findings(analysis):
        is_problem = finding.is_failure and not finding.is_left_open
        state = CellState.MISSING if is_problem else CellState.UNKNOWN
        of_subject = reasons.setdefault((finding.reason.demand, finding.reason.subject), {})
        for column in finding.columns:
            if column not in of_subject or is_problem:
                of_subject[column] = finding.reason, state
    asks = [
        _make(
            analysis,
            demand.kind,
            demand.subject,
            demand.programs,
            demand.place,
            demand.optional,
            _answers(analysis, index, reasons.get((demand.kind, demand.subject), {})),
        )
        for index, demand in enumerate(analysis.demands)
    ]
    demanded = {(demand.kind, demand.subject) for demand in analysis.demands}
    for subject, of_column in reasons.items():
        if subject not in demanded:
            asks.append(_only_told(analysis, subject, of_column))
    return _with_keys(asks)


def find_unreached(analysis: Analysis) -> Iterator[tuple[int, int]]:
    """Yield record and target of each poisoned instruction that no program comes to, by the verdict, which
    knows the kernel's version and configuration as well as the records."""
    for group in analysis.column_groups if analysis.verdicts else ():
        first = group[0]
        reached = reached_places(analysis.verdicts[first])
        if reached is None:
            continue
        for linked in analysis.relos:
            place = (linked.relo.section, linked.relo.insn_off)
            if place not in reached and analysis.results[linked.index][first].outcome.is_poisoned:
                for column in group:
                    yield linked.index, column


def _answers(
    analysis: Analysis, demand: int, against: dict[int, tuple[Reason, CellState]]
) -> list[AskAnswer]:
    """Return what a demand comes to on each target; made once for those that share their answers."""
    found: dict[int, AskAnswer] = {}
    for group in analysis.column_groups if analysis.answers else ():
        first = group[0]
        found |= dict.fromkeys(group, _answer(analysis, analysis.answers[first][demand], against.get(first)))
    return [found[column] for column in range(len(analysis.answers))]


def _answer(analysis: Analysis, answer: Answer, against: tuple[Reason, CellState] | None) -> AskAnswer:
    if against:
        return _told(analysis, *against)
    match answer:
        case Met():
            state = CellState.AS_COMPILED
        case NotMet():
            state = CellState.MISSING_GUARDED
        case Unknown():
            state = CellState.UNKNOWN
        case _:
            assert_never(answer)
    is_trimmed = isinstance(answer, Unknown) and answer.is_trimmed
    instead = in_own_language(analysis, answer.instead)
    return AskAnswer(state, answer.why, answer.rule, instead, is_trimmed)


def _told(analysis: Analysis, reason: Reason, state: CellState) -> AskAnswer:
    instead = in_own_language(analysis, reason.instead)
    return AskAnswer(state, reason.why, reason.rule, instead, reason.is_trimmed)


def _only_told(analysis: Analysis, subject: Subject, against: dict[int, tuple[Reason, CellState]]) -> Ask:
    """Return what is no demand, but keeps the object from loading on some targets."""
    first, _ = next(iter(against.values()))
    programs = dict.fromkeys(
        part.name
        for verdict in analysis.verdicts
        for part in verdict.programs
        if any((reason.demand, reason.subject) == subject for reason in part.reasons)
    )
    answers = (
        _told(analysis, *against[column])
        if column in against
        else _nothing_told(analysis, column, programs, first.rule)
        for column in range(len(analysis.targets))
    )
    return _make(analysis, *subject, tuple(programs), first.place, "", answers)


def _nothing_told(analysis: Analysis, column: int, programs: Iterable[str], rule: str) -> AskAnswer:
    """Return the answer of a target whose verdict does not speak of it: met, unless what else *programs* ask
    for is unknown there."""
    for part in analysis.verdicts[column].programs:
        if part.name in programs and part.verdict == UNKNOWN:
            why = f"it hangs on what is not known: {part.reasons[0].why}"
            return AskAnswer(CellState.UNKNOWN, why, rule, "", part.reasons[0].is_trimmed)
    return AskAnswer(CellState.AS_COMPILED, _NOTHING_AGAINST_IT, rule)


def _make(
    analysis: Analysis,
    kind: str,
    subject: str,
    programs: tuple[str, ...],
    insn: Place | None,
    optional: str,
    answers: Iterable[AskAnswer],
) -> Ask:
    line = analysis.object.line_at(*insn) if analysis.object and insn else None
    return Ask(
        kind,
        subject,
        programs,
        insn,
        optional,
        source_of(analysis.object, insn),
        span_of(analysis.source, line) if line else None,
        tuple(answers),
    )


def _with_keys(asks: Iterable[Ask]) -> tuple[Ask, ...]:
    from btfview.frozen import replace

    counts: dict[str, int] = {}
    made = []
    for ask in asks:
        name = f"ask {ask.kind} {ask.subject}"
        counts[name] = number = counts.get(name, 0) + 1
        made.append(replace(ask, key=f"{name} {number}"))
    return tuple(made)
