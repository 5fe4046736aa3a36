"""Resolve on many targets: one after the other, or in several processes."""

from __future__ import annotations

from btfview.core_relo.loaders.names import LIBBPF
from btfview.core_relo.names import essential_name
from btfview.core_relo.outcome import Missing
from btfview.core_relo.resolve import resolve_relos
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen, replace
from btfview.targets.trimmed import is_trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from btfview.atlas.shared_btf import SharedBtf
    from btfview.bpf.object import BpfObject
    from btfview.core_relo.loaders.answer import LoadEnd
    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import ReloResult
    from btfview.demands.asked import Asked
    from btfview.demands.demand import Answer
    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.program.baked_in import BakedIn
    from btfview.demands.verdict import Verdict
    from btfview.targets.target import Target

    from .declared import Declared


@frozen
class Question:
    """What is asked of each target."""

    object: BpfObject
    relos: tuple[LocalRelo, ...]
    """All of the object's records."""
    checks_reads: bool = False
    """Each result says, too, whether the program reads the field as what it is not there."""
    asked: Asked | None = None
    """The object's demands, if it is told whether it loads."""
    loader: str = LIBBPF
    """Whose rules resolve the records; of another than libbpf nothing else is told."""


@frozen
class Column:
    """What becomes of an object on one target."""

    results: tuple[ReloResult, ...]
    """Of its records, in their order."""
    verdict: Verdict | None = None
    """Whether it loads; None where that was not asked."""
    modules: tuple[str, ...] = ()
    """Names of the modules in which types were found that the kernel itself lacks."""
    answers: tuple[Answer, ...] = ()
    """To its demands, in their order; none where they were not looked at."""
    baked_in: tuple[BakedIn, ...] = ()
    """What it reads there at offsets that no record moves."""
    is_trimmed: bool = False
    """The target lacks a type of a record, and was trimmed of it, perhaps."""
    declared: tuple[tuple[int, Declared], ...] | None = None
    """How the target declares the fields that records ask for, where that was looked up
    (:func:`.declared.declared_fields`)."""
    end: LoadEnd | None = None
    """Where another loader than libbpf gives up the object."""
    shared: SharedBtf | None = None
    """Whose type ids it holds, where several kernels share it; else the target's."""


def trimmed_columns(columns: Iterable[Column]) -> frozenset[int]:
    """Return the positions of those that lack a type because they were trimmed of it."""
    return frozenset(index for index, column in enumerate(columns) if column.is_trimmed)


def alike_columns(columns: Sequence[Column]) -> tuple[tuple[int, ...], ...]:
    """Return the indices of columns that are one object together; none where each is its own."""
    if not any(column.shared for column in columns):
        return ()
    groups: dict[int, list[int]] = {}
    for index, column in enumerate(columns):
        groups.setdefault(id(column), []).append(index)
    return tuple(map(tuple, groups.values()))


@frozen
class BrokenTarget:
    """A target that cannot be used."""

    target: Target
    problem: str
    """Why, in one line that names its file."""


class DamagedTargetsError(InputError):
    """The targets *broken* turn out to be damaged where no other question has led to."""

    def __init__(self, broken: Sequence[BrokenTarget]) -> None:
        self.broken = tuple(broken)
        super().__init__("; ".join(one.problem for one in broken))


def resolve_on(
    question: Question, targets: Sequence[Target], *, jobs: int = 1
) -> list[Column | BrokenTarget]:
    """Return the answer of each target, in order, or why it cannot be used.

    A BTF that reads well may turn out to be damaged where a record leads to; that target is broken, too.

    With more than one job the targets' BTF stays in the processes that read it. They are forked, so only a
    command without threads may ask for that.
    """
    jobs = min(jobs, len(targets))
    if jobs <= 1:
        found = [_resolve(question, target) for target in targets]
    else:
        from btfview.forked import forked

        def resolve(target: Target) -> Column | str:
            column = _resolve(question, target)
            target.forget()
            return column

        found = forked(resolve, targets, jobs)
        for target, column in zip(targets, found, strict=True):
            if isinstance(column, Column) and column.modules:  # as in the process that resolved
                target.stack(tuple(one for one in target.modules if one.name in column.modules))
    return [
        BrokenTarget(target, column) if isinstance(column, str) else column
        for target, column in zip(targets, found, strict=True)
    ]


def _resolve(question: Question, target: Target) -> Column | str:
    """Return the answer of a target, or why there is none."""
    try:
        return _answer(question, target)
    except InputError as error:
        return str(error)


def _answer(question: Question, target: Target) -> Column:
    return ask_target(question, target)[0]


def ask_target(question: Question, target: Target) -> tuple[Column, Kernel | None]:
    """Return the answer of a target, and what was asked whether it loads."""
    if question.loader != LIBBPF:
        from btfview.core_relo.loaders.resolve_as import resolve_as

        answer = resolve_as(question.loader, question.object, question.relos, target.btf)
        return Column(answer.results, end=answer.end), None
    asked = question.asked
    # Before all else: its names and the records' are found in one pass.
    kernel = asked.kernel(target, question.relos) if asked else None
    results = resolve_relos(question.object, question.relos, target.btf)
    if target.modules and not target.stacked and (modules := _modules_for(question, results, target)):
        target.stack(modules)
        kernel = asked.kernel(target, question.relos) if asked else None
        results = resolve_relos(question.object, question.relos, target.btf)
    lacks_types = _lacks_types(results, target, kernel)
    verdict: Verdict | None = None
    answers: tuple[Answer, ...] = ()
    if asked and kernel:
        if asked.is_judged:
            verdict = asked.judge(kernel, question.relos, results)
            answers = verdict.answers
        else:
            answers = asked.answers(kernel)
    if not question.checks_reads:
        return Column(results, verdict, _names_of(target), answers, is_trimmed=lacks_types), kernel
    from btfview.core_relo.reads import find_misreads

    found = dict(find_misreads(question.object, question.relos, results, target.btf))
    results = tuple(
        replace(result, misread=found[index]) if index in found else result
        for index, result in enumerate(results)
    )
    baked_in = asked.baked_in(kernel) if asked and kernel else ()
    return Column(results, verdict, _names_of(target), answers, baked_in, lacks_types), kernel


def _lacks_types(results: Sequence[ReloResult], target: Target, kernel: Kernel | None) -> bool:
    """Tell whether a type that a record finds no candidate of may have been left out of the target."""
    if all(not isinstance(one.outcome, Missing) or one.outcome.trace.candidates for one in results):
        return False
    return kernel.is_trimmed if kernel else bool(target.badge) or is_trimmed(target.btf.root)


def _names_of(target: Target) -> tuple[str, ...]:
    return tuple(module.name for module in target.stacked)


def _modules_for(question: Question, results: tuple[ReloResult, ...], target: Target) -> tuple[Target, ...]:
    """Return the modules of *target* that have a type of which the kernel itself has none: libbpf looks for
    it there (``bpf_core_find_cands``)."""
    wanted = {
        essential_name(local.type_name)
        for local, result in zip(question.relos, results, strict=True)
        if isinstance(result.outcome, Missing) and not result.outcome.trace.candidates and local.type_name
    }
    found: list[Target] = []
    for module in target.modules if wanted else ():
        try:
            btf = module.btf
        except InputError:
            continue  # told where it is given as a target
        if any(type_id >= btf.start_id for name in wanted for type_id in btf.ids_named(name)):
            found.append(module)
    return tuple(found)
