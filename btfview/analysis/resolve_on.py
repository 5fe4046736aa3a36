"""Resolve on many targets: one after the other, or in several processes."""

from __future__ import annotations

from btfview.core_relo.resolve import resolve_relos
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen, replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.bpf.object import BpfObject
    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import ReloResult
    from btfview.targets.target import Target

    Column = tuple[ReloResult, ...]
    Job = tuple[BpfObject, tuple[LocalRelo, ...], Sequence[Target], bool]


@frozen
class BrokenTarget:
    """A target that cannot be used."""

    target: Target
    problem: str
    """Why, in one line that names its file."""


_job: Job | None = None
"""What the processes of a pool inherit by being forked; a target that has been read cannot be pickled."""


def resolve_on(
    obj: BpfObject,
    relos: tuple[LocalRelo, ...],
    targets: Sequence[Target],
    *,
    jobs: int = 1,
    checks_reads: bool = False,
) -> list[Column | BrokenTarget]:
    """Return the results of *relos* on each target, in order, or why it cannot be used.

    With *checks_reads* each result says, too, whether the program reads the field as what it is not there.
    A BTF that reads well may turn out to be damaged where a record leads to; that target is broken, too.

    With more than one job the targets' BTF stays in the processes that read it. They are forked, so only a
    command without threads may ask for that.
    """
    jobs = min(jobs, len(targets))
    if jobs <= 1:
        found = [_resolve(obj, relos, target, checks_reads) for target in targets]
    else:
        found = _resolve_in_pool((obj, relos, targets, checks_reads), jobs)
    return [
        BrokenTarget(target, column) if isinstance(column, str) else column
        for target, column in zip(targets, found, strict=True)
    ]


def _resolve_in_pool(job: Job, jobs: int) -> list[Column | str]:
    from multiprocessing import get_context

    global _job
    _job = job
    try:
        with get_context("fork").Pool(jobs) as pool:
            return list(pool.imap(_resolve_one, range(len(job[2]))))
    finally:
        _job = None


def _resolve(
    obj: BpfObject, relos: tuple[LocalRelo, ...], target: Target, checks_reads: bool
) -> Column | str:
    """Return the results, or why there are none."""
    try:
        results = resolve_relos(obj, relos, target.btf)
        if not checks_reads:
            return results
        from btfview.core_relo.reads import find_misreads

        found = dict(find_misreads(obj, relos, results, target.btf))
        return tuple(
            replace(result, misread=found[index]) if index in found else result
            for index, result in enumerate(results)
        )
    except InputError as error:
        return str(error)


def _resolve_one(index: int) -> Column | str:
    assert _job is not None
    obj, relos, targets, checks_reads = _job
    column = _resolve(obj, relos, targets[index], checks_reads)
    targets[index].forget()
    return column
