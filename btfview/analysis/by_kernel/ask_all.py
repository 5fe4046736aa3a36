"""All objects on all their kernels."""

from __future__ import annotations

from btfview.analysis.analyse import assemble
from btfview.analysis.resolve_on import BrokenTarget, Column
from btfview.forked import forked
from btfview.frozen import TYPE_CHECKING, frozen

from .ask import ask_or_find
from .slim import Sharing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.analyse import Prepared
    from btfview.analysis.resolve_on import Question
    from btfview.analysis.result import Analysis
    from btfview.cluster import Cluster
    from btfview.demands.asked import Loading
    from btfview.targets.target import Target

_LEAST_UNITS = 8
"""Answers of one object on one kernel that a process must have to do, or it costs more than it saves: some
10 ms each."""
KEPT_OPEN = 16
"""Kernels of which a process keeps the BTF, 6 MB each: more than a field is mostly followed through."""


@frozen
class Unit:
    """One kernel, and who is to ask it."""

    target: Target
    asking: tuple[int, ...]
    """Files that have a question for it, by their index."""


def units_of(files: Sequence[Prepared]) -> list[Unit]:
    """Return the work that *files* are."""
    asking: dict[Target, list[int]] = {}
    for index, one in enumerate(files):
        for target in one.targets if one.question else ():
            asking.setdefault(target, []).append(index)
    return [Unit(target, tuple(indices)) for target, indices in asking.items()]


def processes_for(units: Sequence[Unit], jobs: int) -> int:
    """Return how many of *jobs* processes the work is worth; it is done here where that is one."""
    return max(min(jobs, len(units), answers_of(units) // _LEAST_UNITS), 1)


def answers_of(units: Sequence[Unit]) -> int:
    """Return how many answers the work is: each of one object on one kernel."""
    return sum(len(unit.asking) for unit in units)


def ask_all(
    files: Sequence[Prepared],
    jobs: int,
    loading: Loading | None = None,
    *,
    uses_cache: bool = False,
    cluster: Cluster | None = None,
) -> list[Analysis]:
    """Return what is known of each file on its targets; those that cannot be used are in
    ``broken_targets``. With *uses_cache* answers are kept for the next run, where there are enough of them;
    a *cluster* is asked in place of processes of this machine. Both need *loading*, by which the files were
    prepared.

    Raises:
        InputError: the cluster's scheduler is lost.
    """
    units = units_of(files)
    questions = [one.question for one in files]
    kept = keys = None
    if uses_cache and loading is not None and answers_of(units) >= _LEAST_UNITS:
        from .kept import KeptResults, Keys, results_limit, results_path

        if room := results_limit():
            kept, keys = KeptResults(results_path(), room), Keys(loading)

    def asked(unit: Unit) -> list[Question]:
        return [one for index in unit.asking if (one := questions[index])]

    def ask(unit: Unit) -> list[Column | str]:
        return ask_or_find(asked(unit), unit.target, kept, keys)

    if cluster is not None and loading is not None:
        from .on_cluster import ask_on_cluster

        wanted = [(unit.target, asked(unit)) for unit in units]
        said = ask_on_cluster(cluster, wanted, loading, kept, keys)
    else:
        said = forked(ask, units, processes_for(units, jobs))
    if kept is not None:
        kept.close()
    return gathered(files, units, said)


def gathered(
    files: Sequence[Prepared], units: Sequence[Unit], said: Sequence[Sequence[Column | str]]
) -> list[Analysis]:
    """Return the analysis of each file of what was *said* in each unit to those that ask."""
    sharing = Sharing()
    columns: list[dict[Target, Column | BrokenTarget]] = [{} for _ in files]
    for unit, answers in zip(units, said, strict=True):
        for index, answer in zip(unit.asking, answers, strict=True):
            columns[index][unit.target] = (
                BrokenTarget(unit.target, answer) if isinstance(answer, str) else sharing.column(answer)
            )
    return [
        assemble(one, [known.get(target) or Column(()) for target in one.targets])
        for one, known in zip(files, columns, strict=True)
    ]


def stack_as_asked(analysis: Analysis) -> None:
    """Put on each target the modules that this analysis found something in, and no others."""
    for index, target in enumerate(analysis.targets):
        names = analysis.modules[index] if analysis.modules else ()
        target.unstack()
        if names:
            target.stack(tuple(one for one in target.modules if one.name in names))
