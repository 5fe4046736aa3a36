"""The same records on other targets, without compiling or reading the file again."""

from __future__ import annotations

import time

from ..core_relo.resolve import read_local_relos, resolve_relos
from ..errors import BtfviewError
from ..record import TYPE_CHECKING, record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..core_relo.resolve import ReloResult
    from ..targets.target import Target
    from .analysis import Analysis


@record
class BrokenTarget:
    """A target that cannot be used."""

    target: Target
    problem: str
    """Why, in one line that names its file."""


def retarget(
    analysis: Analysis, targets: Iterable[Target]
) -> tuple[Analysis, tuple[Target, ...], tuple[BrokenTarget, ...]]:
    """Return *analysis* resolved on *targets*, those of them that could be used, and those that could not.

    A BTF that reads well may turn out to be damaged where a record leads to; that target is left out.
    """
    started = time.perf_counter()
    obj = analysis.object
    local = read_local_relos(obj) if obj is not None else ()
    columns: dict[Target, tuple[ReloResult, ...]] = {}
    broken: list[BrokenTarget] = []
    for target in dict.fromkeys(targets):
        try:
            columns[target] = resolve_relos(obj, local, target.btf) if obj is not None else ()
        except BtfviewError as error:
            broken.append(BrokenTarget(target, str(error)))
    results: tuple[tuple[ReloResult, ...], ...] = (
        tuple(zip(*columns.values(), strict=True)) if columns else ((),) * len(local)
    )
    took = (time.perf_counter() - started) * 1000
    done = replace(
        analysis, targets=tuple(columns), results=results, milliseconds=analysis.milliseconds + took
    )
    return done, done.targets, tuple(broken)
