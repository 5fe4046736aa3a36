"""The same analysis as other loaders than libbpf would have it."""

from __future__ import annotations

from btfview.analysis.resolve_on import BrokenTarget, DamagedTargetsError, Question, resolve_on
from btfview.analysis.shared_columns import is_alike, resolve_shared, stand_in
from btfview.atlas.needs_kernel import NeedsKernelError
from btfview.core_relo.loaders.answer import LoaderAnswer, first_refusal
from btfview.core_relo.loaders.names import AYA, CILIUM, LIBBPF, LOADERS, OLD_LIBBPF, title
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.outcome import Refused
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen, replace

from .collect import ALL_WARNINGS, find_at, find_demands, find_each_problem
from .finding import ERRORS, WARNINGS, Finding
from .mixed_layouts import MIXED_LAYOUTS, find_mixed_layouts
from .said_once import said_once

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from btfview.analysis.hint_finder import HintFinder
    from btfview.analysis.resolve_on import Column
    from btfview.analysis.result import Analysis
    from btfview.atlas.shared_btf import SharedBtf
    from btfview.core_relo.outcome import ReloResult
    from btfview.demands.asked import Asked, Loading
    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.loaders.judge_as import OtherJudge
    from btfview.demands.verdict import Verdict
    from btfview.targets.target import Target

ENDS = "load ends"
"""The code of a finding that a loader does not take the object, whatever its records are."""


@frozen
class LoadedBy:
    """An analysis with the results of one loader."""

    loader: str
    analysis: Analysis
    answers: tuple[LoaderAnswer, ...]
    """One a target of the analysis."""

    @property
    def title(self) -> str:
        return title(self.loader)


def loaded_by(analysis: Analysis, loader: str, known: dict[Target, Column] | None = None) -> LoadedBy:
    """Return what *loader*, one of :data:`btfview.core_relo.loaders.names.LOADERS`, makes of the program.

    How the program reads what it gets (``misread``) is kept where the value is libbpf's; whether the object
    loads, beside its records, is not told. *known* are answers of that loader for the same object, to which
    new ones are added.
    """
    analysis = analysis.of_libbpf or analysis
    obj = analysis.object
    if obj is None:
        return LoadedBy(loader, analysis, ())
    relos = read_local_relos(obj)
    if loader == LIBBPF:
        results = zip(*analysis.results, strict=True) if relos else ((),) * len(analysis.targets)
        as_libbpf = (LoaderAnswer(loader, one, first_refusal(one)) for one in results)
        return LoadedBy(loader, analysis, tuple(as_libbpf))
    columns = _columns(analysis, Question(obj, relos, loader=loader), {} if known is None else known)
    answers = {id(column): LoaderAnswer(loader, column.results, column.end) for column in columns}
    alike = _groups(analysis, columns)
    by_column: dict[int, tuple[ReloResult, ...]] = {}
    for group in alike or tuple((at,) for at in range(len(columns))):
        own = columns[group[0]].results
        told = tuple(_with_misread(own[row], analysis.results[row][group[0]]) for row in range(len(relos)))
        by_column |= dict.fromkeys(group, told)
    found = replace(
        analysis,
        results=tuple(tuple(by_column[at][row] for at in range(len(columns))) for row in range(len(relos))),
        verdicts=(),
        declared=(),
        alike=alike,
        shared=tuple(column.shared for column in columns) if any(one.shared for one in columns) else (),
        loader=loader,
        ends=tuple(column.end for column in columns),
        of_libbpf=analysis,
    )
    return LoadedBy(loader, found, tuple(answers[id(column)] for column in columns))


def load_of(analysis: Analysis) -> LoadedBy:
    """Return *analysis* as the load by its loader."""
    count = len(analysis.targets)
    results = zip(*analysis.results, strict=True) if analysis.relos else ((),) * count
    ends = analysis.ends or (None,) * count
    answers = (LoaderAnswer(analysis.loader, *both) for both in zip(results, ends, strict=True))
    return LoadedBy(analysis.loader, analysis, tuple(answers))


def _columns(analysis: Analysis, question: Question, known: dict[Target, Column]) -> tuple[Column, ...]:
    """Return what the loader of *question* makes of it on each target; kernels of an atlas that are the same
    in what it looks at share one where they shared libbpf's.

    Raises:
        DamagedTargetsError: targets turn out to be damaged.
    """
    left = [target for target in analysis.targets if target not in known]
    found = resolve_shared(question, left) if analysis.shared else resolve_on(question, left)
    if broken := [column for column in found if isinstance(column, BrokenTarget)]:
        raise DamagedTargetsError(broken)
    pairs = zip(left, found, strict=True)
    known.update((target, column) for target, column in pairs if not isinstance(column, BrokenTarget))
    return tuple(known[target] for target in analysis.targets)


def _groups(analysis: Analysis, columns: Sequence[Column]) -> tuple[tuple[int, ...], ...]:
    """Return the targets that share both libbpf's answers and the loader's; none where each has its own."""
    if not analysis.shared or not any(column.shared for column in columns):
        return ()
    groups: dict[tuple[int, int], list[int]] = {}
    for number, group in enumerate(analysis.column_groups):
        for at in group:
            groups.setdefault((number, id(columns[at])), []).append(at)
    return tuple(sorted(map(tuple, groups.values())))


def _with_misread(result: ReloResult, as_libbpf: ReloResult) -> ReloResult:
    is_same = result.insn_after == as_libbpf.insn_after and as_libbpf.misread is not None
    return replace(result, misread=as_libbpf.misread) if is_same else result


def loaded_by_all(analysis: Analysis) -> tuple[LoadedBy, ...]:
    """Return what each loader makes of it, libbpf's newest first."""
    return tuple(loaded_by(analysis, loader) for loader in LOADERS)


def loaded_on(analysis: Analysis, column: int) -> tuple[LoadedBy, ...]:
    """Return the same on one of its targets alone."""
    return loaded_by_all(analysis.on((column,)))


def differing_loaders(loads: Sequence[LoadedBy], relo: int, target: int) -> bool:
    """Tell whether loaders load another instruction for a record, or the load ends there; those that do not
    come to it are not asked."""
    results = [one.analysis.results[relo][target] for one in loads if not passes_over(one, relo, target)]
    return len({None if is_refused(result) else result.insn_after for result in results}) > 1


def is_refused(result: ReloResult) -> bool:
    """Tell whether the record is neither patched nor poisoned: the load ends there."""
    outcome = result.outcome
    return outcome.value is None and not outcome.is_poisoned and not is_passed_over(result)


def is_passed_over(result: ReloResult) -> bool:
    return isinstance(result.outcome, Refused) and result.outcome.is_passed_over


def passes_over(load: LoadedBy, relo: int, target: int) -> bool:
    """Tell whether a loader does not come to a record: it does not take the object, or no program that it
    loads has the instruction."""
    end = load.answers[target].end
    return (end is not None and end.is_early) or is_passed_over(load.analysis.results[relo][target])


def find_problems_of(
    analysis: Analysis,
    loads: Sequence[LoadedBy],
    denied: Container[str] = (),
    allowed: Container[str] = (),
    finder: HintFinder | None = None,
    loading: Loading | None = None,
) -> tuple[Finding, ...]:
    """Return the findings for the loader of *loads*: of the records and of what it looks up by its rules, of
    what the kernel refuses as ever; for all loaders each with those that it concerns, if not all. *loading*
    is how the analysis was made."""
    as_libbpf = find_each_problem(analysis, denied, allowed, finder)
    if not loads or not analysis.targets or analysis.object is None:
        return said_once(analysis, as_libbpf)
    if len(loads) == 1:
        return said_once(analysis, _findings_of(analysis, as_libbpf, loads[0], denied, allowed, loading))
    concerned: dict[Finding, list[str]] = {}
    for load in loads:
        found = as_libbpf
        if load.loader != LIBBPF:
            found = _findings_of(analysis, as_libbpf, load, denied, allowed, loading)
        for one in found:
            concerned.setdefault(one, []).append(load.loader)
    told = (
        one if len(names) == len(loads) else replace(one, message=f"with {', '.join(names)}: {one.message}")
        for one, names in concerned.items()
    )
    return said_once(analysis, told)


def _findings_of(
    analysis: Analysis,
    as_libbpf: tuple[Finding, ...],
    load: LoadedBy,
    denied: Container[str],
    allowed: Container[str],
    loading: Loading | None,
) -> tuple[Finding, ...]:
    """Return libbpf's findings; of records of which the loader makes something else, its own, and of what it
    looks up otherwise."""
    ours = {
        row
        for row, results in enumerate(load.analysis.results)
        if any(map(_differ, results, analysis.results[row]))
    }
    kept = [one for one in as_libbpf if one.relo not in ours]
    if load.loader in (CILIUM, AYA) and analysis.verdicts:
        others = set(find_demands(analysis, denied, allowed))
        kept = [one for one in kept if one not in others]
        kept += find_demands(judged_as(load, analysis, loading), denied, allowed)
    own = [one for one in _record_findings(load, denied, allowed) if one.relo is None or one.relo in ours]
    return (*kept, *own, *_mixed_findings(load, denied, allowed))


def judged_as(load: LoadedBy, as_libbpf: Analysis, loading: Loading | None = None) -> Analysis:
    """Return the analysis with the verdicts of the loader; none on targets where it does not take the object
    at all, which is told by itself."""
    from btfview.demands.asked import Asked, Loading
    from btfview.demands.loaders.judge_as import OtherJudge

    assert as_libbpf.object is not None
    asked = Asked(as_libbpf.object, loading or Loading())
    judge = OtherJudge(as_libbpf.object, load.loader)
    shared = load.analysis.shared or (None,) * len(as_libbpf.targets)
    verdicts: dict[int, Verdict] = {}
    groups: list[tuple[int, ...]] = []
    for group in load.analysis.column_groups:
        end, verdict = load.answers[group[0]].end, as_libbpf.verdicts[group[0]]
        if end is not None and end.is_early:
            verdicts |= dict.fromkeys(group, replace(verdict, reasons=()))
            groups.append(group)
            continue
        left = list(group)
        while left:
            target = as_libbpf.targets[left[0]]
            told, kernel = _judge(judge, asked, verdict, target, shared[left[0]])
            same = [at for at in left if at == left[0] or is_alike(kernel, as_libbpf.targets[at])]
            verdicts |= dict.fromkeys(same, told)
            groups.append(tuple(same))
            left = [at for at in left if at not in same]
    return replace(
        as_libbpf,
        verdicts=tuple(verdicts[at] for at in range(len(as_libbpf.targets))),
        alike=tuple(sorted(groups)) if load.analysis.alike else (),
        shared=load.analysis.shared,
    )


def _judge(
    judge: OtherJudge, asked: Asked, verdict: Verdict, target: Target, shared: SharedBtf | None
) -> tuple[Verdict, Kernel]:
    """Return the verdict on a target, and what was asked about it: its own BTF, or what several share."""
    if shared is not None:
        try:
            kernel = asked.kernel(stand_in(target, shared))
            return judge.judge(verdict, kernel), kernel
        except (NeedsKernelError, InputError):
            pass
    kernel = asked.kernel(target)
    kernel.is_alone = shared is not None
    return judge.judge(verdict, kernel), kernel


def _mixed_findings(load: LoadedBy, denied: Container[str], allowed: Container[str]) -> Iterator[Finding]:
    """Yield a warning for each type that aya reads by two layouts; the others take care of that."""
    if load.loader != AYA or MIXED_LAYOUTS in allowed or ALL_WARNINGS in allowed:
        return
    severity = ERRORS if MIXED_LAYOUTS in denied or ALL_WARNINGS in denied else WARNINGS
    for column, target in enumerate(load.analysis.targets):
        for found in find_mixed_layouts(load.analysis, column):
            if load.analysis.shared and load.analysis.shared[column]:
                raise NeedsKernelError("ids of types, by which layouts are told")
            hint = "declare each layout as a struct of its own flavor, and ask which one is there"
            one = find_at(load.analysis, found.second, severity, MIXED_LAYOUTS, found.message, hint)
            yield replace(one, targets=(target.name,))


def _differ(result: ReloResult, as_libbpf: ReloResult) -> bool:
    return (is_refused(result), result.insn_after) != (is_refused(as_libbpf), as_libbpf.insn_after)


def _record_findings(load: LoadedBy, denied: Container[str], allowed: Container[str]) -> tuple[Finding, ...]:
    """Return what is wrong with records by one loader; of an object that it does not take, that alone."""
    columns_of: dict[str, list[int]] = {}
    ended: set[int] = set()
    for column, answer in enumerate(load.answers):
        if answer.end is not None and answer.end.record is None:
            columns_of.setdefault(answer.end.reason, []).append(column)
            if not answer.end.is_late:
                ended.add(column)
    names = [target.name for target in load.analysis.targets]
    found: list[Finding] = []
    for reason, columns in columns_of.items():
        on = tuple(names[column] for column in columns)
        listed = ", ".join(on)
        message = f"{load.title} does not take the object on {listed}: {reason}"
        one = Finding(ERRORS, ENDS, message, "", load.analysis.path, 0, 0, on)
        found.append(replace(one, subject=f"load by {load.loader}", listed=listed))
    kept = [column for column in range(len(names)) if column not in ended]
    if not kept:
        return tuple(found)
    analysis = load.analysis.on(kept)
    for one in find_each_problem(analysis, denied, allowed):
        if one.relo is not None:
            ends = one.code in ("refused", "ambiguous") and load.loader != OLD_LIBBPF
            found.append(replace(one, hint=f"{load.title} ends the load there") if ends else one)
    return tuple(found)
