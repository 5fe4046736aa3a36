"""From files and targets to findings: what ``check`` does before it tells them."""

from __future__ import annotations

from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from btfview.analysis.analyse import Narrow, Prepared
    from btfview.analysis.findings.by_loader import LoadedBy
    from btfview.analysis.findings.finding import Finding
    from btfview.analysis.hint_finder import HintFinder
    from btfview.analysis.result import Analysis
    from btfview.cluster import Cluster
    from btfview.compiler.options import CompileOptions
    from btfview.demands.asked import Loading
    from btfview.targets.target import Target

    from .report import Accepted
    from .settings import CheckSettings

    Hints = dict[tuple[int, str], list[dict[str, str | None]]]

LIBBPF = "libbpf"


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


@frozen
class CheckTask:
    """What is to be found."""

    settings: CheckSettings
    options: CompileOptions
    loading: Loading
    loader: str
    """One of :data:`btfview.core_relo.loaders.names.LOADERS`, or ``all``."""
    accepted: tuple[Accepted, ...] | None
    """The entries of the baseline; None where there is none."""
    wants_hints: bool
    jobs: int | None
    """Processes; None for one a processor."""
    uses_cache: bool = True
    """Answers of earlier runs are taken, and these kept."""
    scheduler: str = ""
    """The address of a Dask scheduler whose workers are asked; empty for processes of this machine."""


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
        stack_as_asked,
        units_of,
    )
    from btfview.forked import forked, processors
    from btfview.targets.target import keep_open

    files = [_prepared(path, targets, narrow, task) for path in paths]
    read = [one for one in files if not isinstance(one, Checked)]
    jobs = processes_for(units_of(read), task.jobs or processors())

    def find(analysis: Analysis) -> tuple[tuple[Finding, ...], Hints]:
        stack_as_asked(analysis)
        return _find(analysis, task, _loads(analysis, task))

    if task.scheduler:
        jobs = 1  # Dask's client has threads, so that no process is forked here
    keep_open(KEPT_OPEN)
    try:
        with _cluster(task.scheduler) as cluster:
            analyses = ask_all(read, jobs, task.loading, uses_cache=task.uses_cache, cluster=cluster)
        found = iter(
            [_checked(one, said) for one, said in zip(analyses, forked(find, analyses, jobs), strict=True)]
        )
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


def _checked(analysis: Analysis, found: tuple[tuple[Finding, ...], Hints]) -> Checked:
    return Checked(analysis.path, analysis, *found)


def _prepared(path: str, targets: Sequence[Target], narrow: Narrow, task: CheckTask) -> Prepared | Checked:
    from btfview.analysis.analyse import prepare

    try:
        return prepare(path, targets, task.options, checks_reads=True, loading=task.loading, narrow=narrow)
    except InputError as error:
        return Checked(path, None, (), {}, str(error))


def _loads(analysis: Analysis, task: CheckTask) -> tuple[LoadedBy, ...]:
    """Return what the loaders make of it that are asked for; none where that is libbpf."""
    if task.loader == LIBBPF:
        return ()
    from btfview.analysis.findings.by_loader import loaded_by, loaded_by_all

    return loaded_by_all(analysis) if task.loader == "all" else (loaded_by(analysis, task.loader),)


def _find(
    analysis: Analysis, task: CheckTask, loads: tuple[LoadedBy, ...]
) -> tuple[tuple[Finding, ...], Hints]:
    from btfview.analysis.hint_finder import HintFinder

    finder = HintFinder(analysis)
    found = _findings(analysis, task, finder, loads)
    return found, _hints(analysis, found, task, finder) if task.wants_hints else {}


def _findings(
    analysis: Analysis, task: CheckTask, finder: HintFinder, loads: tuple[LoadedBy, ...]
) -> tuple[Finding, ...]:
    denied, allowed = task.settings.denied, task.settings.allowed
    if not loads:
        from btfview.analysis.findings.collect import find_problems

        return find_problems(analysis, denied, allowed, finder)
    from btfview.analysis.findings.by_loader import find_problems_of

    return find_problems_of(analysis, loads, denied, allowed, finder, task.loading)


def _hints(analysis: Analysis, findings: tuple[Finding, ...], task: CheckTask, finder: HintFinder) -> Hints:
    """Return the hints of those that will be told."""
    from btfview.analysis.findings.collect import finding_hints

    from .baseline import with_known
    from .gather import checked_file
    from .report import checked_name

    file, _ = checked_file(analysis, findings, task.settings)
    if task.accepted is not None:
        name = checked_name(file.path, task.settings.prefixes, task.settings.root)
        file = with_known(file, task.accepted, name, len(file.targets))
    hints: Hints = {}
    for one in file.found:
        key = hints_key(one.finding)
        if key not in hints:
            hints[key] = finding_hints(one.finding, analysis, finder)
    return hints


def hints_key(finding: Finding) -> tuple[int, str]:
    """Return what a finding's hints stand under in :attr:`Checked.hints`."""
    if finding.relo is None or not finding.targets:
        return -1, ""
    return finding.relo, finding.targets[0]


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
                loads = _loads(analysis, task)
                found = _find(analysis, task, loads)
            except NeedsKernelError:
                is_shared = False
                continue
            every = (analysis, *(load.analysis for load in loads))
            agreements = [not one.shared or still_agree(one.shared, one.targets) for one in every]
            if all(agreements):
                return _checked(analysis, found)
    except InputError as error:
        return Checked(path, None, (), {}, str(error))
