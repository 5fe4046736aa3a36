"""Whether a proposal mends what it is for: compiled, and resolved on every target."""

from __future__ import annotations

from collections import Counter

from btfview.core_relo.names import essential_name
from btfview.errors import BtfviewError
from btfview.frozen import TYPE_CHECKING

from .patch import Fix

if TYPE_CHECKING:
    from btfview.analysis.result import Analysis

    from .patch import Proposal
    from .trouble import Trouble


def prove(proposal: Proposal, trouble: Trouble) -> Fix | None:
    """Return the fix; None where the text does not compile, no target on which it fails turns good, or
    something fails where it did not."""
    before = trouble.analysis
    after = analyse_text(before, trouble.source.path, proposal.text)
    if after is None or after.object is None or len(after.targets) != len(before.targets):
        return None
    mine = identity(before, trouble.number)
    count = len(before.targets)
    failing, failing_after = [False] * count, [False] * count
    for group in before.column_groups:
        was = _failing(before, group[0])
        is_failing = before.state(trouble.number, group[0]).is_problem
        for part in after.groups_of(group):
            now = _failing(after, part[0])
            if now - was:
                return None  # something fails that did not
            for column in part:
                failing[column] = is_failing
                failing_after[column] = is_failing and now[mine] >= was[mine]
    if failing == failing_after:
        return None
    return Fix(proposal, tuple(failing), tuple(failing_after), after)


def analyse_text(before: Analysis, path: str, text: str) -> Analysis | None:
    """Return what becomes of *text*, as the file of *before*, on the same targets; None where that cannot be
    known."""
    from btfview.analysis.analyse import analyse
    from btfview.analysis.as_loaded import as_loaded_by
    from btfview.analysis.retarget import retarget
    from btfview.source import Source

    assert before.compilation is not None
    targets = before.targets
    try:
        after = analyse(
            path, (), before.compilation.options, source=Source(path, text), kernels=lambda: targets
        )
        if after.object is None:
            return None
        after = retarget(after, targets, is_shared=True)[0]
        return as_loaded_by(after, before.loader)
    except BtfviewError:
        return None


def identity(analysis: Analysis, number: int) -> tuple[str, ...]:
    """Return what an item is known by, whichever text asks for it."""
    if ask := analysis.ask(number):
        return (ask.kind, ask.subject)
    linked = analysis.relos[number]
    return (linked.program, linked.relo.kind_label, essential_path(linked.path))


def essential_path(path: str) -> str:
    """Return a path without the flavor of its root.

    >>> essential_path("task_struct___v5_10.state")
    'task_struct.state'
    """
    root, mark, rest = path.partition(".")
    return essential_name(root) + mark + rest


def _failing(analysis: Analysis, column: int) -> Counter[tuple[str, ...]]:
    return Counter(
        identity(analysis, number)
        for number in range(analysis.item_count)
        if analysis.state(number, column).is_problem
    )
