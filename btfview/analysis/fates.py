"""What becomes of a program, its records and its demands on every kernel, and which kernels give it the same
answers: what the fate strip and the columns of the offsets are made from."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

from .kernels.kernel_age import lines_of_targets
from .result import CellState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .result import Analysis

    Answers = tuple[tuple[CellState, int | None], ...]

_BADNESS = {state: badness for badness, state in enumerate(CellState)}


@frozen
class KernelLine:
    """The kernels of one architecture, from old to new."""

    arch: str
    """Empty where the names do not tell."""
    targets: tuple[int, ...]
    """Indices into ``Analysis.targets``."""


@frozen
class KernelClass:
    """Kernels of one architecture on which the whole program, records and demands, gets the same answers."""

    arch: str
    targets: tuple[int, ...]
    """From old to new; at least one."""
    has_gaps: bool = False
    """A kernel of another class is between its oldest and its newest."""


@frozen
class Fates:
    """The states of all items (records, then demands) on all kernels, told once a class."""

    lines: tuple[KernelLine, ...]
    classes: tuple[KernelClass, ...]
    """In the order of their oldest kernels, architecture by architecture."""
    class_of: tuple[int, ...]
    """For each target the index of its class."""
    states: tuple[tuple[CellState, ...], ...]
    """``states[item][class]``."""
    program: tuple[CellState, ...]
    """For each class the worst state of any item; ``AS_COMPILED`` where nothing is asked, ``ERROR`` where
    another loader than libbpf gives up the object."""

    @property
    def order(self) -> tuple[int, ...]:
        """All targets, architecture by architecture, each from old to new."""
        return tuple(target for line in self.lines for target in line.targets)

    def of(self, item: int | None) -> tuple[CellState, ...]:
        """Return the states of an item, of the program for None, one a class."""
        return self.program if item is None else self.states[item]

    def state(self, item: int | None, target: int) -> CellState:
        """Return the state of an item, of the program for None, on one kernel."""
        return self.of(item)[self.class_of[target]]

    @property
    def failing_items(self) -> tuple[int, ...]:
        """Those that fail on at least one kernel."""
        return tuple(
            item for item, states in enumerate(self.states) if any(state.is_problem for state in states)
        )

    def failing_targets(self, item: int | None = None) -> tuple[int, ...]:
        """Return the kernels, in :attr:`order`, on which an item, for None any, fails."""
        bad = [state.is_problem for state in self.of(item)]
        return tuple(target for target in self.order if bad[self.class_of[target]])


def worst(states: Iterable[CellState | None]) -> CellState | None:
    """Return the worst of *states*; what is not known yet, None, counts least.

    >>> worst([CellState.MOVED, CellState.MISSING, CellState.AS_COMPILED, None]).glyph
    '✖'
    """
    return max((state for state in states if state is not None), key=_BADNESS.__getitem__, default=None)


def fates_of(analysis: Analysis) -> Fates:
    """Return what becomes of everything that *analysis* asks for on its targets.

    Thousands of targets that hold the very same results, as those of an atlas do, are looked at once a set
    of results.
    """
    lines = tuple(
        KernelLine(arch, tuple(targets)) for arch, targets in lines_of_targets(analysis.targets).items()
    )
    answers = _answers(analysis)
    ended = [end is not None for end in analysis.ends] or [False] * len(analysis.targets)
    by_answers: dict[tuple[int, bool, Answers], list[int]] = {}
    for number, line in enumerate(lines):
        for target in line.targets:
            by_answers.setdefault((number, ended[target], answers[target]), []).append(target)
    class_of = [0] * len(analysis.targets)
    for index, members in enumerate(by_answers.values()):
        for target in members:
            class_of[target] = index
    classes = tuple(
        KernelClass(lines[number].arch, tuple(members), _has_gaps(lines[number].targets, members))
        for (number, *_), members in by_answers.items()
    )
    columns = [[state for state, _ in told] for *_, told in by_answers]
    states = tuple(tuple(column[item] for column in columns) for item in range(analysis.item_count))
    program = tuple(
        CellState.ERROR if is_ended else worst(column) or CellState.AS_COMPILED
        for column, (_, is_ended, _) in zip(columns, by_answers, strict=True)
    )
    return Fates(lines, classes, tuple(class_of), states, program)


def _has_gaps(line: tuple[int, ...], members: list[int]) -> bool:
    first = line.index(members[0])
    return line[first : first + len(members)] != tuple(members)


def _answers(analysis: Analysis) -> list[Answers]:
    """Return for each target the state and the value of every item."""
    seen: dict[object, Answers] = {}
    found: dict[int, Answers] = {}
    for group, facts in zip(analysis.column_groups, _facts(analysis), strict=True):
        told = seen.get(facts)
        if told is None:
            first = group[0]
            told = seen[facts] = tuple(
                (analysis.state(item, first), None if analysis.ask(item) else analysis.value(item, first))
                for item in range(analysis.item_count)
            )
        found |= dict.fromkeys(group, told)
    return [found[target] for target in range(len(analysis.targets))]


def _facts(analysis: Analysis) -> Iterator[object]:
    """Yield for the first of each group of targets what their answers follow from; the same results are the
    same objects."""
    unreached: dict[int, list[int]] = {}
    for relo, target in sorted(analysis.unreached):
        unreached.setdefault(target, []).append(relo)
    for first, *_ in analysis.column_groups:
        yield (
            tuple(id(row[first]) for row in analysis.results),
            tuple(ask.answers[first].state for ask in analysis.asks),
            first in analysis.trimmed,
            tuple(unreached.get(first, ())),
        )
