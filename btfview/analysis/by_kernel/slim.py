"""Results without what only one kernel has: type ids and the traces of candidates."""

from __future__ import annotations

from btfview.analysis.resolve_on import Column
from btfview.core_relo.outcome import Ambiguous, CandidateTrace, Missing, Refused, ReloResult, Resolved, Trace
from btfview.frozen import TYPE_CHECKING, assert_never, replace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    from btfview.core_relo.outcome import Outcome

    _T = TypeVar("_T")

NO_TRACE = Trace("")
SOME_TRACE = Trace("", (CandidateTrace(0, "", "", (), "", False),))
"""There were candidates."""


def slim_results(results: Sequence[ReloResult]) -> tuple[ReloResult, ...]:
    """Return *results* as far as findings are made of them."""
    return tuple(
        ReloResult(_slim(one.outcome), one.insn_after, None, one.reach, one.misread) for one in results
    )


def _slim(outcome: Outcome) -> Outcome:
    match outcome:
        case Resolved():
            return replace(outcome, target_spec=None, trace=NO_TRACE)
        case Missing():
            return replace(outcome, trace=SOME_TRACE if outcome.trace.candidates else NO_TRACE)
        case Ambiguous():
            return replace(outcome, trace=NO_TRACE)
        case Refused():
            return replace(outcome, target_spec=None, trace=NO_TRACE)
        case _:
            assert_never(outcome)


class Sharing:
    """Equal parts of columns are kept once: most kernels of a series say the same."""

    def __init__(self) -> None:
        self._kept: dict[object, object] = {}

    def column(self, column: Column) -> Column:
        return replace(
            column,
            results=self._one(tuple(map(self._one, column.results))),
            verdict=self._one(column.verdict),
            answers=self._one(column.answers),
            baked_in=self._one(column.baked_in),
            declared=self._one(column.declared),
        )

    def _one(self, part: _T) -> _T:
        kept: _T = self._kept.setdefault(part, part)  # type: ignore[assignment]
        return kept
