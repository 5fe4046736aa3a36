"""The same records on other targets, without compiling or reading the file again."""

from __future__ import annotations

import time

from btfview.core_relo.local import read_local_relos
from btfview.frozen import TYPE_CHECKING, replace

from .resolve_on import BrokenTarget, Column, Question, resolve_on, trimmed_columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.core_relo.outcome import ReloResult
    from btfview.targets.target import Target

    from .result import Analysis


def retarget(
    analysis: Analysis, targets: Iterable[Target]
) -> tuple[Analysis, tuple[Target, ...], tuple[BrokenTarget, ...]]:
    """Return *analysis* resolved on *targets*, those of them that could be used, and those that could not."""
    started = time.perf_counter()
    obj = analysis.object
    local = read_local_relos(obj) if obj is not None else ()
    columns: dict[Target, Column] = {}
    broken: list[BrokenTarget] = []
    wanted = tuple(dict.fromkeys(targets))
    found: list[Column | BrokenTarget] = [Column(()) for _ in wanted]
    if obj is not None:
        found = resolve_on(Question(obj, local, checks_reads=True), wanted)
    for target, column in zip(wanted, found, strict=True):
        if isinstance(column, BrokenTarget):
            broken.append(column)
        else:
            columns[target] = column
    results: tuple[tuple[ReloResult, ...], ...] = (
        tuple(zip(*(column.results for column in columns.values()), strict=True))
        if columns
        else ((),) * len(local)
    )
    took = (time.perf_counter() - started) * 1000
    done = replace(
        analysis,
        targets=tuple(columns),
        results=results,
        trimmed=trimmed_columns(columns.values()),
        milliseconds=analysis.milliseconds + took,
    )
    return done, done.targets, tuple(broken)
