"""The fixes of a record, or of what else is asked for, that fails."""

from __future__ import annotations

from btfview.analysis.hint_finder import HintFinder
from btfview.analysis.result import CellState
from btfview.frozen import TYPE_CHECKING
from btfview.words import plural

from .order import proposals
from .prove import prove
from .trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from btfview.analysis.result import Analysis

    from .patch import Fix

_NEVER_CANCELLED = bool
"""Says False when it is called."""


def why_no_place(analysis: Analysis, number: int) -> str:
    """Return why nothing can be changed for an item; empty where a fix may be looked for."""
    if not analysis.targets:
        return "there is no kernel on which it could fail: choose a target"
    states = [analysis.state(number, group[0]) for group in analysis.column_groups]
    if not any(state.is_problem for state in states):
        return _why_none_needed(states)
    if analysis.source is None or analysis.compilation is None:
        return "an object has no source that could be changed; the code of its hint can be copied"
    if analysis.path != analysis.source.path:
        return (
            f"fixes are made for single files, and {analysis.path} is a project; its hint says what to write"
        )
    if analysis.origin not in ("rust", "c"):
        return "fixes are made for Rust and C, and this is neither"
    ask = analysis.ask(number)
    span = ask.span if ask else analysis.relos[number].span
    if ask is None and span is None:
        return "the source does not show where it asks for this"
    if span is not None and not analysis.source.is_own(span.start):
        return f"it is asked for in {analysis.source.file_at(span.start)[0].path}: open that file to mend it"
    return ""


def _why_none_needed(states: list[CellState]) -> str:
    worst = max(states, key=list(CellState).index)
    match worst:
        case CellState.MISSING_GUARDED:
            return "it fails nowhere: where it is missing, a guard has asked before"
        case CellState.UNKNOWN:
            return "it is not known to fail anywhere"
        case _:
            return "it fails nowhere"


def find_fixes(
    analysis: Analysis,
    number: int,
    finder: HintFinder | None = None,
    is_cancelled: Callable[[], bool] = _NEVER_CANCELLED,
    kind: str = "",
) -> Iterator[Fix]:
    """Yield each fix once it is proven, at most one of a kind, the best first, with *kind* only of that one;
    none where :func:`why_no_place` says why.

    Each is compiled and resolved on every target: 0.1 to 1 s each.
    """
    if why_no_place(analysis, number):
        return
    assert analysis.source is not None
    trouble = Trouble(analysis, number, finder or HintFinder(analysis), analysis.source)
    proven: set[str] = set()
    for proposal in proposals(trouble):
        if is_cancelled():
            return
        if proposal.kind in proven or kind not in ("", proposal.kind):
            continue
        fix = prove(proposal, trouble)
        if fix is not None:
            proven.add(proposal.kind)
            yield fix


def why_none_found(analysis: Analysis, number: int) -> str:
    """Return, for an item of which :func:`find_fixes` has found none, what was tried in vain."""
    if why := why_no_place(analysis, number):
        return why
    assert analysis.source is not None
    trouble = Trouble(analysis, number, HintFinder(analysis), analysis.source)
    tried = len(proposals(trouble))
    if not tried:
        ask = analysis.ask(number)
        instead = next((answer.instead for answer in ask.answers if answer.instead), "") if ask else ""
        return f"no kind of fix is known for it{instead and f'; {instead}'}"
    return f"{plural(tried, 'change')} tried: none compiles and turns a kernel good on which it fails"
