"""The same records on other targets, without compiling or reading the file again."""

from __future__ import annotations

import time

from btfview.core_relo.loaders.names import LIBBPF
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
    retargeting = Retargeting(analysis)
    for target in dict.fromkeys(targets):
        retargeting.add(target)
    done = retargeting.result()
    return done, done.targets, retargeting.broken


class Retargeting:
    """The records of *analysis* resolved on one target after the other, with an answer at any time."""

    def __init__(self, analysis: Analysis) -> None:
        from btfview.demands.asked import Asked, Loading

        self._analysis = analysis
        self._seconds = 0.0
        started = time.perf_counter()
        obj = analysis.object
        self._local = read_local_relos(obj) if obj is not None else ()
        self._asked = Asked(obj, Loading()) if obj is not None else None
        self._question = (
            Question(obj, self._local, checks_reads=True, asked=self._asked) if obj is not None else None
        )
        self._columns: dict[Target, Column] = {}
        self._broken: list[BrokenTarget] = []
        self._seconds += time.perf_counter() - started

    @property
    def broken(self) -> tuple[BrokenTarget, ...]:
        """The targets that could not be used."""
        return tuple(self._broken)

    def add(self, target: Target) -> None:
        """Resolve on one target more."""
        started = time.perf_counter()
        found: list[Column | BrokenTarget] = [Column(())]
        if self._question is not None:
            found = resolve_on(self._question, (target,))
        for column in found:
            if isinstance(column, BrokenTarget):
                self._broken.append(column)
            else:
                self._columns[target] = column
        self._seconds += time.perf_counter() - started

    def result(self) -> Analysis:
        """Return the analysis on the targets up to now."""
        from .asks import find_asks, find_unreached

        started = time.perf_counter()
        columns = self._columns
        results: tuple[tuple[ReloResult, ...], ...] = (
            tuple(zip(*(column.results for column in columns.values()), strict=True))
            if columns
            else ((),) * len(self._local)
        )
        asked = self._asked
        done = replace(
            self._analysis,
            loader=LIBBPF,
            ends=(),
            of_libbpf=None,
            targets=tuple(columns),
            results=results,
            trimmed=trimmed_columns(columns.values()),
            demands=asked.demands if asked else (),
            answers=tuple(column.answers for column in columns.values()) if asked else (),
            verdicts=tuple(column.verdict for column in columns.values() if column.verdict),
            baked_in=tuple(column.baked_in for column in columns.values()) if asked else (),
            milliseconds=self._analysis.milliseconds + (self._seconds + time.perf_counter() - started) * 1000,
        )
        return replace(done, asks=find_asks(done), unreached=frozenset(find_unreached(done)))
