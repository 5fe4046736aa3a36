"""The fate strip: one cell a kernel, by architecture and age, never cut.

What others build on, stable:

* ``cells(states, width)``: any states in a row of at most *width* cells, each with the worst state of a run
  of neighbours and how many these are;
* ``plan_strip(fates, width)``: which kernels stand in which cell of a strip, chosen once for all strips of a
  pane, so that their cells stand above each other;
* ``strip_segments(plan, fates.of(item))``: such a strip of one record or demand, or of the program (None), as
  text with roles;
* ``fate_sentence(fates, analysis)``: ``✖ 1 record fails on 9 of 31 kernels``.

``fates`` are those of :func:`btfview.analysis.fates.fates_of`; the screen finds them in ``Views.fates``.
"""

from __future__ import annotations

from btfview.analysis.fates import worst
from btfview.analysis.result import CellState
from btfview.core_relo.loaders.names import title
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.views.rows import Segment
from btfview.views.states import state_role
from btfview.words import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.fates import Fates
    from btfview.analysis.result import Analysis

UNKNOWN = "·"
"""Of a kernel of which nothing is known yet."""
PART = "│"
"""Between architectures."""


@frozen
class Cell:
    """One sign, which stands for one kernel or for a run of neighbours."""

    state: CellState | None
    """The worst of them; None where nothing is known."""
    count: int


@frozen
class PlannedCell:
    """A place in a strip."""

    x: int
    """Cells from the beginning of the strip."""
    targets: tuple[int, ...]
    classes: tuple[int, ...]


@frozen
class StripPlan:
    """Which kernels stand where in strips of one width."""

    cells: tuple[PlannedCell, ...]
    labels: tuple[tuple[int, str], ...]
    """What stands between cells: where, and what (architectures, ``│``)."""
    width: int
    note: str = ""
    """Says how many kernels a cell stands for, where that is more than one: ``≤ 25 kernels a cell``."""
    place_of: tuple[int, ...] = ()
    """For each target the index of its cell."""

    def cell_at(self, x: int) -> PlannedCell | None:
        """Return the cell that is drawn at *x*; None beside them."""
        return next((cell for cell in self.cells if cell.x == x), None)

    def cell_of(self, target: int) -> PlannedCell | None:
        """Return the cell of a target; None where there is none."""
        return self.cells[self.place_of[target]] if 0 <= target < len(self.place_of) and self.cells else None


def cells(states: Sequence[CellState | None], width: int) -> tuple[Cell, ...]:
    """Return *states* in at most *width* cells, neighbours that share one told by the worst.

    >>> from btfview.analysis.result import CellState as State
    >>> [(cell.state.glyph, cell.count) for cell in cells([State.MOVED, State.ERROR, State.MOVED], 2)]
    [('▲', 1), ('!', 2)]
    """
    return tuple(
        Cell(worst(states[run.start : run.stop]), len(run)) for run in _runs(len(states), max(1, width))
    )


def glyph(state: CellState | None) -> str:
    """Return the sign of a cell."""
    return state.glyph if state is not None else UNKNOWN


def role(state: CellState | None) -> str:
    """Return the role of a cell, as those of all states; but what is missing and guarded is as good as there:
    of a kernel the question is whether something fails."""
    if state == CellState.MISSING_GUARDED:
        return state_role(CellState.AS_COMPILED)
    return state_role(state) if state is not None else "dim"


_last: tuple[Fates, dict[tuple[int, bool], StripPlan]] | None = None
"""The plans of the result that was asked about last: several panes ask at each key, of as many widths."""
_MOST_PLANS = 32
"""A border that is dragged asks for one at each cell."""


def plan_strip(fates: Fates, width: int, *, has_labels: bool = True) -> StripPlan:
    """Return the richest plan that fits into *width* cells: a cell a kernel under the names of the
    architectures, a cell a kernel, a cell a class, a cell a run of classes."""
    global _last
    known = _last
    if known is None or known[0] is not fates or len(known[1]) >= _MOST_PLANS:
        known = _last = fates, {}
    key = width, has_labels
    if key not in known[1]:
        known[1][key] = _richest(fates, width, has_labels=has_labels)
    return known[1][key]


def _richest(fates: Fates, width: int, *, has_labels: bool) -> StripPlan:
    kernels = [(line.arch, line.targets) for line in fates.lines]
    is_labelled = has_labels and any(line.arch for line in fates.lines)
    for labelled in (True, False) if is_labelled else (False,):
        if _width(kernels, is_labelled=labelled) <= width:
            by_kernel = [(arch, [(target,) for target in targets]) for arch, targets in kernels]
            return _plan(fates, by_kernel, is_labelled=labelled)
    by_class: list[tuple[str, list[tuple[int, ...]]]] = [(line.arch, []) for line in fates.lines]
    number_of = {line.targets[0]: number for number, line in enumerate(fates.lines)}
    number = 0
    for one in fates.classes:  # the class of a line's first kernel comes first in it
        number = number_of.get(one.targets[0], number)
        by_class[number][1].append(one.targets)
    if len(fates.classes) < len(fates.class_of) and _width(by_class) <= width:
        plan = _plan(fates, by_class)
        return _noted(plan, f"a cell a class, of ≤ {_most(plan)} kernels")
    runs = _shared_out(by_class, width)
    plan = _plan(fates, runs, parts_them=len(runs) > 1 and width >= 3 * len(runs))
    return _noted(plan, f"≤ {_most(plan)} kernels a cell: the worst") if plan.cells else plan


def strip_segments(plan: StripPlan, states: Sequence[CellState]) -> tuple[Segment, ...]:
    """Return the strip of *states*, one a class as ``Fates.of`` tells them; what is alike in one segment."""
    return cell_segments(plan, states_in(plan, states))


def cell_segments(plan: StripPlan, states: Sequence[CellState | None]) -> tuple[Segment, ...]:
    """The same of one state a cell of *plan*."""
    texts: list[list[str]] = []
    labels = dict(plan.labels)
    x = 0
    for cell, state in zip(plan.cells, states, strict=True):
        while x < cell.x:
            texts.append([labels[x], "dim"])
            x += len(labels[x])
        kind = role(state)
        if texts and texts[-1][1] == kind:
            texts[-1][0] += glyph(state)
        else:
            texts.append([glyph(state), kind])
        x += 1
    return tuple(Segment(text, kind) for text, kind in texts)


def states_in(plan: StripPlan, states: Sequence[CellState]) -> list[CellState | None]:
    """Return for each cell of *plan* the worst of *states*, one a class."""
    return [
        states[cell.classes[0]]
        if len(cell.classes) == 1
        else worst(states[number] for number in cell.classes)
        for cell in plan.cells
    ]


def fate_sentence(fates: Fates, analysis: Analysis, *, is_short: bool = False) -> Segment:
    """Return in words on how many kernels something fails; empty without kernels."""
    total = len(fates.class_of)
    if not total:
        return Segment("")
    failing = fates.failing_items
    where = len(fates.failing_targets())
    kernels = f"{total}" if is_short else plural(total, "kernel")
    if ended := sum(end is not None for end in analysis.ends):
        loader = analysis.loader if is_short else title(analysis.loader)
        return Segment(f"✖ {loader} ends the load on {ended} of {kernels}", "error")
    if failing:
        relos = sum(item < len(analysis.relos) for item in failing)
        demands = len(failing) - relos
        parts = [plural(count, word) for count, word in ((relos, "record"), (demands, "demand")) if count]
        what = f"{len(failing)}" if is_short else " and ".join(parts)
        verb = "fails" if len(failing) == 1 else "fail"
        return Segment(f"✖ {what} {verb} on {where} of {kernels}", "error")
    unknown = sum(fates.program[number] == CellState.UNKNOWN for number in fates.class_of)
    if unknown:
        return Segment(f"? nothing fails · unknown on {unknown} of {kernels}", "unknown")
    return Segment(f"✔ nothing fails on {kernels}", "as-compiled")


def _width(groups: Sequence[tuple[str, Sequence[object]]], *, is_labelled: bool = False) -> int:
    """Return the cells of the plan of *groups*, without making it."""
    labels = sum(len(_label(arch)) for arch, _ in groups) if is_labelled else 0
    return sum(len(members) for _, members in groups) + len(PART) * max(0, len(groups) - 1) + labels


def _label(arch: str) -> str:
    return f"{arch or 'other'} "


def _plan(
    fates: Fates,
    groups: Sequence[tuple[str, Sequence[tuple[int, ...]]]],
    *,
    is_labelled: bool = False,
    parts_them: bool = True,
) -> StripPlan:
    planned: list[PlannedCell] = []
    labels: list[tuple[int, str]] = []
    place_of = [0] * len(fates.class_of)
    x = 0
    for number, (arch, members) in enumerate(groups):
        before = PART if number and parts_them else ""
        before += _label(arch) if is_labelled else ""
        if before:
            labels.append((x, before))
            x += len(before)
        for targets in members:
            for target in targets:
                place_of[target] = len(planned)
            classes = tuple(dict.fromkeys(fates.class_of[target] for target in targets))
            planned.append(PlannedCell(x, targets, classes))
            x += 1
    return StripPlan(tuple(planned), tuple(labels), x, "", tuple(place_of))


def _noted(plan: StripPlan, note: str) -> StripPlan:
    return StripPlan(plan.cells, plan.labels, plan.width, note, plan.place_of)


def _most(plan: StripPlan) -> int:
    return max(len(cell.targets) for cell in plan.cells)


def _shared_out(
    groups: Sequence[tuple[str, Sequence[tuple[int, ...]]]], width: int
) -> list[tuple[str, list[tuple[int, ...]]]]:
    """Return *groups* of classes in at most *width* cells: each group gets a share by its classes, at least
    one cell; where even that is too many, all are one group."""
    room = width - (len(groups) - 1)
    if width < 3 * len(groups):
        groups = [("", [targets for _, members in groups for targets in members])]
        room = width
    total = sum(len(members) for _, members in groups)
    spare = max(0, room - len(groups))
    shared = []
    for arch, members in groups:
        count = 1 + spare * len(members) // max(1, total)
        shared.append((arch, [_joined(members, run) for run in _runs(len(members), count)]))
    return shared


def _joined(members: Sequence[tuple[int, ...]], run: range) -> tuple[int, ...]:
    return tuple(target for position in run for target in members[position])


def _runs(count: int, most: int) -> list[range]:
    """Return *count* places in at most *most* runs of as good as the same length, later ones the longer."""
    runs = min(count, most)
    return [range(number * count // runs, (number + 1) * count // runs) for number in range(runs)]
