"""Resolve on many targets: one after the other, or in several processes."""

from __future__ import annotations

from ..core_relo.resolve import resolve_relos
from ..record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..bpf.object import BpfObject
    from ..core_relo.resolve import LocalRelo, ReloResult
    from ..targets.target import Target

    Column = tuple[ReloResult, ...]

_job: tuple[BpfObject, tuple[LocalRelo, ...]] | None = None
"""What the processes of a pool inherit by being forked; it need not be pickled."""


def resolve_on(
    obj: BpfObject, relos: tuple[LocalRelo, ...], targets: Sequence[Target], *, jobs: int = 1
) -> list[Column]:
    """Return the results of *relos* on each target, in order.

    With more than one job the targets' BTF stays in the processes that read it. They are forked, so only a
    command without threads may ask for that.

    Raises:
        InputError: a target cannot be read.
    """
    jobs = min(jobs, len(targets))
    if jobs <= 1:
        return [resolve_relos(obj, relos, target.btf) for target in targets]
    from multiprocessing import get_context

    global _job
    _job = (obj, relos)
    try:
        with get_context("fork").Pool(jobs) as pool:
            return list(pool.imap(_resolve_one, targets))
    finally:
        _job = None


def _resolve_one(target: Target) -> Column:
    assert _job is not None
    obj, relos = _job
    column = resolve_relos(obj, relos, target.btf)
    target.forget()
    return column
