"""Rows of a fix: what it does, its difference, and what the fate strip becomes."""

from __future__ import annotations

from btfview.analysis.fates import fates_of, worst
from btfview.analysis.result import CellState
from btfview.fixes.difference import unified
from btfview.fixes.prove import identity
from btfview.frozen import TYPE_CHECKING

from .kernels.strip import cell_segments, plan_strip
from .rows import Row, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.result import Analysis
    from btfview.fixes.patch import Fix

WORDS = {
    "successor": "under both names",
    "bitfield": "by its bits",
    "weak": "weak symbol",
    "rename": "other name",
    "guard": "guard",
}
_WIDEST = max(map(len, WORDS.values()))
_NOW, _THEN = "now  ", "then "
_ROLES = {"+": "as-compiled", "-": "error", "@": "dim", "\\": "dim"}


def fix_row(fix: Fix) -> Row:
    """Return a line that tells a fix from others: its kind, and on how many kernels it fails now and then."""
    guess = (Segment("a guess: ", "warning"),) if fix.proposal.is_guess else ()
    left = sum(fix.failing_after)
    return Row(
        (
            Segment(f"{WORDS[fix.kind]:<{_WIDEST}}  ", "name"),
            *guess,
            Segment(fix.fate, "as-compiled" if not left else "warning"),
        )
    )


def difference_rows(path: str, fix: Fix, before: str) -> Iterator[Row]:
    """Yield the lines of the unified diff, without the two that name the file."""
    for number, line in enumerate(unified(path, before, fix.proposal.text)):
        if number > 1:
            sign, rest = line[:1], line[1:].rstrip("\r").expandtabs(4)
            yield Row((Segment(f"{sign}{rest}", _ROLES.get(sign, "text")),))


def strip_rows(before: Analysis, number: int, fix: Fix, width: int) -> tuple[Row, ...]:
    """Return the fate strip of what is mended, as it is and as it would be, kernel above kernel; below, on
    how many the program fails, where that is for other reasons, too."""
    fates = fates_of(before)
    plan = plan_strip(fates, max(1, width - len(_NOW)))
    now = [worst(fates.state(number, target) for target in cell.targets) for cell in plan.cells]
    told = _states_after(before, number, fix)
    then = [worst(told[target] for target in cell.targets) for cell in plan.cells]
    rows = [
        Row((Segment(label, "dim"), *cell_segments(plan, states), Segment(f"  {_said(failing)}", "dim")))
        for label, states, failing in ((_NOW, now, fix.failing), (_THEN, then, fix.failing_after))
    ]
    if plan.note:
        rows.append(Row((Segment(plan.note, "dim"),)))
    count, others = (len(one.failing_targets()) for one in (fates, fates_of(fix.after)))
    if others > sum(fix.failing_after):
        total = len(before.targets)
        said = f"the program fails on {count} of {total} → {others} of {total}: something else fails, too"
        rows.append(Row((Segment(said, "warning"),)))
    return tuple(rows)


def _states_after(before: Analysis, number: int, fix: Fix) -> list[CellState]:
    """Return for each target the worst state of what asks for the same with the fix."""
    name = identity(before, number)[-1]
    after = fix.after
    same = [other for other in range(after.item_count) if identity(after, other)[-1] == name]
    told: dict[int, CellState] = {}
    for group in after.column_groups:
        state = worst(after.state(other, group[0]) for other in same) or CellState.AS_COMPILED
        told |= dict.fromkeys(group, state)
    return [told[target] for target in range(len(after.targets))]


def _said(failing: tuple[bool, ...]) -> str:
    return f"fails on {sum(failing)} of {len(failing)}"
