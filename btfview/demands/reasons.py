"""Why something does not load, or why that is not known; and what several reasons make of it."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

from .demand import Answered, Met, NotMet, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .demand import Answer
    from .object.code import Place

LOADS, FAILS, UNKNOWN = "loads", "fails", "unknown"


@frozen
class Reason:
    """Why something does not load, or why it is not known whether it does."""

    demand: str
    """The kind: :data:`.demand.HELPER` and its like."""
    subject: str
    verdict: str
    """FAILS or UNKNOWN: what this reason alone makes of it."""
    why: str
    rule: str
    """The function of libbpf or of the kernel."""
    instead: str = ""
    place: Place | None = None
    """The instruction; None where it is no instruction's."""
    is_trimmed: bool = False
    """Another BTF of the same kernel would tell: this one was trimmed."""


def reason_of(answered: Answered) -> Iterator[Reason]:
    """Yield why a demand stands in the way, if it does."""
    demand, answer = answered.demand, answered.answer
    if isinstance(answer, Met) or answer.is_hint:
        return
    yield as_reason(demand.kind, demand.subject, answer, demand.place)


def as_reason(kind: str, subject: str, answer: Answer, place: Place | None) -> Reason:
    """Return an answer that is not *met* as a reason."""
    verdict = FAILS if isinstance(answer, NotMet) else UNKNOWN
    is_trimmed = isinstance(answer, Unknown) and answer.is_trimmed
    return Reason(kind, subject, verdict, answer.why, answer.rule, answer.instead, place, is_trimmed)


def decisive(reasons: list[Reason]) -> list[Reason]:
    """Return what fails a program; where nothing does, what may."""
    return [reason for reason in reasons if reason.verdict == FAILS] or reasons


def unique(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return each reason once, those that decide before the others."""
    found = tuple(dict.fromkeys(reasons))
    return (*(one for one in found if one.verdict == FAILS), *(one for one in found if one.verdict != FAILS))


def verdict_of(reasons: Sequence[Reason]) -> str:
    """Return what *reasons* make of what they are given for."""
    if any(reason.verdict == FAILS for reason in reasons):
        return FAILS
    return UNKNOWN if reasons else LOADS
