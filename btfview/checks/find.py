"""What is found in one file whose kernels have been asked: findings, and the hints that are wanted."""

from __future__ import annotations

from btfview.core_relo.loaders.names import LIBBPF
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from btfview.analysis.findings.by_loader import LoadedBy
    from btfview.analysis.findings.finding import Finding
    from btfview.analysis.hint_finder import HintFinder
    from btfview.analysis.result import Analysis
    from btfview.compiler.options import CompileOptions
    from btfview.demands.asked import Loading

    from .report import Accepted
    from .settings import CheckSettings

    Hints = dict[tuple[int, str], list[dict[str, str | None]]]
    FoundIn = tuple[tuple[Finding, ...], Hints]


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


def find(analysis: Analysis, task: CheckTask) -> FoundIn:
    """Return the findings of a file, whose kernels have been asked, and the hints that are wanted."""
    from btfview.analysis.by_kernel.ask_all import stack_as_asked

    stack_as_asked(analysis)
    return find_with(analysis, task, loads_of(analysis, task))


def find_with(analysis: Analysis, task: CheckTask, loads: tuple[LoadedBy, ...]) -> FoundIn:
    """Return the same, of what other *loads* than libbpf's make of it."""
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
    from btfview.analysis.findings.collect import finding_cell, finding_hints
    from btfview.analysis.suggestions import MAX_CODES

    from .baseline import with_known
    from .gather import checked_file
    from .report import checked_name

    file, _ = checked_file(analysis, findings, task.settings)
    if task.accepted is not None:
        name = checked_name(file.path, task.settings.prefixes, task.settings.root)
        file = with_known(file, task.accepted, name, len(file.targets))
    cells = [finding_cell(one.finding, analysis) for one in file.found]
    finder.write_codes(filter(None, cells), MAX_CODES)
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


def loads_of(analysis: Analysis, task: CheckTask) -> tuple[LoadedBy, ...]:
    """Return what the loaders make of it that are asked for; none where that is libbpf."""
    if task.loader == LIBBPF:
        return ()
    from btfview.analysis.findings.by_loader import loaded_by, loaded_by_all

    return loaded_by_all(analysis) if task.loader == "all" else (loaded_by(analysis, task.loader),)
