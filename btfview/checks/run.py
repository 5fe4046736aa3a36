"""From files and targets to findings: what ``check`` does before it tells them."""

from __future__ import annotations

from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen

from .find import find, find_with, loads_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from btfview.analysis.analyse import Narrow, Prepared
    from btfview.analysis.findings.finding import Finding
    from btfview.analysis.result import Analysis
    from btfview.cluster import Cluster
    from btfview.targets.target import Target

    from .find import CheckTask, FoundIn, Hints


@frozen
class Checked:
    """One file."""

    path: str
    analysis: Analysis | None
    """None where the file cannot be read."""
    findings: tuple[Finding, ...]
    hints: Hints
    """As ``check --json`` has them, by record and first target; none where they were not wanted."""
    problem: str = ""
    """Why it cannot be read."""


def check_files(
    paths: Sequence[str], targets: Sequence[Target], narrow: Narrow, task: CheckTask
) -> list[Checked]:
    """Return what was found in each file. What cannot be read, a file or a target, is told of and keeps
    nothing else from being checked."""
    if any(target.can_share for target in targets):
        return [_check_shared(path, targets, narrow, task) for path in paths]
    from btfview.analysis.by_kernel.ask_all import (
        KEPT_OPEN,
        ask_all,
        processes_for,
        units_of,
    )
    from btfview.forked import forked, processors
    from btfview.targets.target import keep_open

    files = [_prepared(path, targets, narrow, task) for path in paths]
    read = [one for one in files if not isinstance(one, Checked)]
    jobs = processes_for(units_of(read), task.jobs or processors())

    keep_open(KEPT_OPEN)
    try:
        with _cluster(task.scheduler) as cluster:
            analyses = ask_all(read, jobs, task.loading, uses_cache=task.uses_cache, cluster=cluster)
            if cluster is None:
                said = forked(lambda one: find(one, task), analyses, jobs)
            else:
                from .on_cluster import find_on_cluster

                said = find_on_cluster(cluster, analyses, task)
        found = iter([_checked(*one) for one in zip(analyses, said, strict=True)])
    finally:
        keep_open(0)
    return [one if isinstance(one, Checked) else next(found) for one in files]


def _cluster(address: str) -> AbstractContextManager[Cluster | None]:
    """Return the workers of a scheduler, if one is given.

    Raises:
        UsageError, InputError: as :class:`btfview.cluster.Cluster` says.
    """
    if not address:
        from contextlib import nullcontext

        return nullcontext()
    from btfview.cluster import Cluster

    return Cluster(address)


def _checked(analysis: Analysis, found: FoundIn) -> Checked:
    return Checked(analysis.path, analysis, *found)


def _prepared(path: str, targets: Sequence[Target], narrow: Narrow, task: CheckTask) -> Prepared | Checked:
    from btfview.analysis.analyse import prepare

    try:
        return prepare(path, targets, task.options, checks_reads=True, loading=task.loading, narrow=narrow)
    except InputError as error:
        return Checked(path, None, (), {}, str(error))


def _check_shared(path: str, targets: Sequence[Target], narrow: Narrow, task: CheckTask) -> Checked:
    """The same of kernels of an atlas, of which many share an answer: each is told once."""
    from btfview.analysis.analyse import analyse
    from btfview.analysis.shared_columns import still_agree
    from btfview.atlas.needs_kernel import NeedsKernelError
    from btfview.forked import processors

    is_shared = True
    try:
        while True:
            analysis = analyse(
                path,
                targets,
                task.options,
                jobs=task.jobs or processors(),
                skips_broken=True,
                checks_reads=True,
                loading=task.loading,
                is_shared=is_shared,
                narrow=narrow,
            )
            try:
                loads = loads_of(analysis, task)
                found = find_with(analysis, task, loads)
            except NeedsKernelError:
                is_shared = False
                continue
            every = (analysis, *(load.analysis for load in loads))
            agreements = [not one.shared or still_agree(one.shared, one.targets) for one in every]
            if all(agreements):
                return _checked(analysis, found)
    except InputError as error:
        return Checked(path, None, (), {}, str(error))
