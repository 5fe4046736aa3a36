"""A whole source mended: fix after fix, each on the text that the one before has made."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

from .find import find_fixes, why_none_found

if TYPE_CHECKING:
    from btfview.analysis.result import Analysis

    from .patch import Fix

MOST_STEPS = 200
"""What fails of one source, mended in one go."""


@frozen
class Step:
    """One item that fails, and what came of it."""

    number: int
    """In the analysis that it was found in."""
    what: str
    """What fails: ``#0 field_byte_offset task_struct.state``."""
    place: str
    """``prog.c:12:9``; empty where it is not known."""
    fix: Fix | None
    why: str
    """Why there is none."""


@frozen
class Mended:
    text: str
    steps: tuple[Step, ...]
    after: Analysis
    """Of the text."""
    is_whole: bool
    """Everything that fails was looked at, and not :data:`MOST_STEPS` of it."""


def mend(analysis: Analysis, number: int | None = None, kind: str = "") -> Mended:
    """Return the source of *analysis* with the best fix for what fails: for the item *number*, without it for
    all, one after the other; with *kind* only fixes of that kind."""
    assert analysis.source is not None
    current, text = analysis, analysis.source.text
    steps: list[Step] = []
    given_up: set[str] = set()
    while (at := number if number is not None else _next(current, given_up)) is not None:
        if len(steps) == MOST_STEPS:
            return Mended(text, tuple(steps), current, is_whole=False)
        fix = next(find_fixes(current, at, kind=kind), None)
        given_up.add(current.key(at))
        why = "" if fix else why_none_found(current, at) if not kind else f"no fix of the kind {kind} does"
        steps.append(Step(at, describe(current, at), place_of(current, at), fix, why))
        if fix is not None:
            current, text = fix.after, fix.proposal.text
        if number is not None:
            break
    return Mended(text, tuple(steps), current, is_whole=True)


def describe(analysis: Analysis, number: int) -> str:
    """Return what an item is, as lists name it."""
    if ask := analysis.ask(number):
        return f"{ask.kind} {ask.subject}"
    linked = analysis.relos[number]
    return f"#{number} {linked.relo.kind_label} {linked.path}"


def place_of(analysis: Analysis, number: int) -> str:
    ask = analysis.ask(number)
    place = ask.place if ask else analysis.relos[number].place
    return f"{place.file}:{place.line}:{place.column}" if place else ""


def _next(analysis: Analysis, given_up: set[str]) -> int | None:
    """Return the first item that fails and was not tried in vain."""
    for number in range(analysis.item_count):
        if analysis.fails(number) and analysis.key(number) not in given_up:
            return number
    return None
