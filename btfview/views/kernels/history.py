"""Since which kernel a record has the answer it has: targets of one architecture, from old to new."""

from __future__ import annotations

from btfview.analysis.kernels.kernel_age import arch_of, lines_of_targets, short_release
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.views.asks import ask_word
from btfview.views.rows import Row, Segment
from btfview.views.states import state_role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.analysis.result import Analysis, CellState


@frozen
class Run:
    """Kernels that follow each other and agree on a record."""

    targets: tuple[int, ...]
    """Indices of the targets, from old to new."""
    state: CellState
    value: int | str | None
    """Of a record what the loader writes; of what else is asked for a word."""


@frozen
class ArchHistory:
    """One architecture."""

    arch: str
    """As Debian calls it; empty where the target's name does not say."""
    runs: tuple[Run, ...]


@frozen
class Since:
    """Where the answer of a target comes from."""

    first: int
    """Index of the oldest target of the same architecture from which on it is the same."""
    before: int | None
    """Index of the one before that, which has another; None if there is none."""


def history(analysis: Analysis, relo_index: int) -> tuple[ArchHistory, ...]:
    """Return what becomes of a record over the kernels of each architecture."""
    lines = []
    for arch, indices in lines_of_targets(analysis.targets).items():
        runs: list[Run] = []
        for index in indices:
            answer = _answer(analysis, relo_index, index)
            if runs and (runs[-1].state, runs[-1].value) == answer:
                runs[-1] = Run((*runs[-1].targets, index), *answer)
            else:
                runs.append(Run((index,), *answer))
        lines.append(ArchHistory(arch, tuple(runs)))
    return tuple(lines)


def since(analysis: Analysis, relo_index: int, target_index: int) -> Since:
    """Return since which target a record has the answer that it has on target *target_index*."""
    indices = lines_of_targets(analysis.targets)[arch_of(analysis.targets[target_index])]
    answer = _answer(analysis, relo_index, target_index)
    ask = analysis.ask(relo_index)
    told: Sequence[object] = ask.answers if ask else analysis.results[relo_index]
    is_same: dict[tuple[int, bool, bool], bool] = {}  # thousands of kernels share a few results
    at = indices.index(target_index)
    while at > 0:
        other = indices[at - 1]
        key = id(told[other]), other in analysis.trimmed, (relo_index, other) in analysis.unreached
        if key not in is_same:
            is_same[key] = _answer(analysis, relo_index, other) == answer
        if not is_same[key]:
            break
        at -= 1
    return Since(indices[at], indices[at - 1] if at else None)


def since_text(analysis: Analysis, relo_index: int, target_index: int) -> str:
    """Return ``since 5.15.0-204-generic-amd64; before, on 5.13.0-52-generic-amd64: 2340``; empty for one
    target alone of its architecture."""
    arch = arch_of(analysis.targets[target_index])
    if len(lines_of_targets(analysis.targets)[arch]) < 2:
        return ""
    found = since(analysis, relo_index, target_index)
    first = analysis.targets[found.first].name
    if found.before is None:
        return f"since {first}, the oldest {arch or 'kernel'} here"
    state, value = _answer(analysis, relo_index, found.before)
    was = state if value is None else str(value)
    return f"since {first}; before, on {analysis.targets[found.before].name}: {was}"


def history_rows(analysis: Analysis, relo_index: int, target_index: int | None = None) -> Iterator[Row]:
    """Yield a row a run, from old to new, under a title for each architecture; the run of target
    *target_index* is marked."""
    names = [target.name for target in analysis.targets]
    lines = history(analysis, relo_index)
    for line in lines:
        if len(lines) > 1 or line.arch:
            yield Row((Segment(line.arch or "architecture not told by the name", "title"),))
        for position, run in enumerate(line.runs):
            first, last = names[run.targets[0]], names[run.targets[-1]]
            count = len(run.targets)
            where = first if count == 1 else f"{first} … {last}"
            value = run.state if run.value is None else str(run.value)
            is_here = target_index in run.targets
            segments = [
                Segment("▸ " if is_here else "  ", "title"),
                Segment(f"{run.state.glyph} {value:<9} ", state_role(run.state)),
                Segment(where, "name" if is_here else "text"),
            ]
            if count > 1:
                segments.append(Segment(f"  ({count} kernels)", "dim"))
            if position:
                segments.append(Segment("  changed", "comment"))
            yield Row(tuple(segments), depth=1)


def history_summary_rows(analysis: Analysis, relo_index: int) -> Iterator[Row]:
    """Yield a row an architecture: each answer with the first kernel that has it, from old to new."""
    for line in history(analysis, relo_index):
        segments = [Segment(f"{line.arch}  " if line.arch else "", "dim")]
        for position, run in enumerate(line.runs):
            value = run.state if run.value is None else str(run.value)
            segments += [
                Segment(" · " if position else "", "dim"),
                Segment(f"{run.state.glyph} {value}", state_role(run.state)),
                Segment(f" from {short_release(analysis.targets[run.targets[0]].name)}", "dim"),
            ]
        yield Row(tuple(segments))


def _answer(analysis: Analysis, relo_index: int, target_index: int) -> tuple[CellState, int | str | None]:
    state = analysis.state(relo_index, target_index)
    if analysis.ask(relo_index):
        return state, ask_word(state)
    return state, analysis.value(relo_index, target_index)
