"""From files and targets to findings: what ``check`` does before it tells them."""

from __future__ import annotations

from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen, replace

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

_LEAST_FILES = 2
"""Files of which a process asks an atlas, whose names it has to read, or it costs more than it saves."""


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
    files = [_prepared(path, targets, narrow, task) for path in paths]
    read = [one for one in files if not isinstance(one, Checked)]
    is_shared = any(target.can_share for target in targets)
    found = iter(_check_shared(read, task) if is_shared else _check_kernels(read, task))
    return [one if isinstance(one, Checked) else next(found) for one in files]


def _check_kernels(read: Sequence[Prepared], task: CheckTask) -> list[Checked]:
    """Return what was found in files on kernels of which each is asked by all of them."""
    from btfview.analysis.by_kernel.ask_all import (
        KEPT_OPEN,
        ask_all,
        processes_for,
        units_of,
    )
    from btfview.forked import forked, processors
    from btfview.targets.target import keep_open

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
        return [_checked(*one) for one in zip(analyses, said, strict=True)]
    finally:
        keep_open(0)


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


def _check_shared(files: Sequence[Prepared], task: CheckTask) -> list[Checked]:
    """Return what was found in files on kernels of an atlas, of which many share an answer: each is told
    once. A process has a file with all of its kernels."""
    from btfview.analysis.resolve_on import BrokenTarget
    from btfview.forked import forked, processors

    most = task.jobs or processors()
    jobs = max(min(most, len(files) // _LEAST_FILES), 1)
    checked: list[Checked] = []
    # A process of several starts no others.
    said = forked(lambda one: _find_shared(one, task, most if jobs == 1 else 1), files, jobs)
    for one, told in zip(files, said, strict=True):
        if isinstance(told, str):
            checked.append(Checked(one.path, None, (), {}, told))
            continue
        analysis, found, problems = told
        analysis = replace(
            analysis,
            object=one.question.object if one.question else None,
            targets=tuple(target for at, target in enumerate(one.targets) if at not in problems),
            broken_targets=tuple(BrokenTarget(one.targets[at], why) for at, why in problems.items()),
        )
        checked.append(_checked(analysis, found))
    return checked


def _find_shared(
    file: Prepared, task: CheckTask, jobs: int
) -> tuple[Analysis, FoundIn, dict[int, str]] | str:
    """Return what is known of a file, without what no other process can be sent, what was found in it, and
    why some of its targets, by their index, cannot be used; in words why it cannot be checked at all."""
    from btfview.analysis.analyse import ask_targets, assemble
    from btfview.analysis.resolve_on import BrokenTarget
    from btfview.analysis.shared_columns import still_agree
    from btfview.atlas.needs_kernel import NeedsKernelError

    is_shared = True
    try:
        while True:
            columns = ask_targets(file, jobs=jobs, is_shared=is_shared)
            analysis = assemble(file, columns)
            try:
                loads = loads_of(analysis, task)
                found = find_with(analysis, task, loads)
            except NeedsKernelError:
                is_shared = False
                continue
            every = (analysis, *(load.analysis for load in loads))
            agreements = [not one.shared or still_agree(one.shared, one.targets) for one in every]
            if all(agreements):
                problems = {
                    at: one.problem for at, one in enumerate(columns) if isinstance(one, BrokenTarget)
                }
                bare = replace(analysis, object=None, targets=(), broken_targets=(), shared=())
                return bare, found, problems
    except InputError as error:
        return str(error)
