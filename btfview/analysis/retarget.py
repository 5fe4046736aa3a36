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
    """Return *analysis* resolved on *targets*, with what it asks for beside its records and whether it loads
    there; those of the targets that could be used, and those that could not."""
    from btfview.demands.asked import Asked, Loading

    from .asks import find_asks, find_unreached

    started = time.perf_counter()
    obj = analysis.object
    local = read_local_relos(obj) if obj is not None else ()
    columns: dict[Target, Column] = {}
    broken: list[BrokenTarget] = []
    wanted = tuple(dict.fromkeys(targets))
    found: list[Column | BrokenTarget] = [Column(()) for _ in wanted]
    asked = Asked(obj, Loading()) if obj is not None else None
    if obj is not None:
        found = resolve_on(Question(obj, local, checks_reads=True, asked=asked), wanted)
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
        demands=asked.demands if asked else (),
        answers=tuple(column.answers for column in columns.values()) if asked else (),
        verdicts=tuple(column.verdict for column in columns.values() if column.verdict),
        baked_in=tuple(column.baked_in for column in columns.values()) if asked else (),
        milliseconds=analysis.milliseconds + took,
    )
    done = replace(done, asks=find_asks(done), unreached=frozenset(find_unreached(done)))
    return done, done.targets, tuple(broken)
