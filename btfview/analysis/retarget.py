"""The same records on other targets, without compiling or reading the file again."""

from __future__ import annotations

import time

from btfview.core_relo.loaders.names import LIBBPF
from btfview.core_relo.local import read_local_relos
from btfview.frozen import TYPE_CHECKING, replace

from .resolve_on import BrokenTarget, Column, Question, alike_columns, resolve_on, trimmed_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from btfview.atlas.shared_btf import SharedBtf
    from btfview.core_relo.outcome import ReloResult
    from btfview.targets.target import Target

    from .result import Analysis


def retarget(
    analysis: Analysis, targets: Iterable[Target], *, is_shared: bool = False
) -> tuple[Analysis, tuple[Target, ...], tuple[BrokenTarget, ...]]:
    """Return *analysis* resolved on *targets*, with what it asks for beside its records and whether it loads
    there; those of the targets that could be used, and those that could not. With *is_shared*, kernels of an
    atlas that are the same in what is looked at share an answer."""
    retargeting = Retargeting(analysis)
    every = tuple(dict.fromkeys(targets))
    for _ in retargeting.add_all(every) if is_shared else map(retargeting.add, every):
        pass
    retargeting.order_as(every)
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
        self._shared: dict[Target, SharedBtf] = {}
        """Of targets that share their answer, the BTF of the type ids in it, which is that of the target."""
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

    def add_all(self, targets: Sequence[Target]) -> Iterator[int]:
        """Resolve on many targets more; yield, after each answer, of how many it is. Kernels of an atlas that
        are the same in what is looked at share one, and come first."""
        left = dict.fromkeys(targets)
        if self._question is not None and sum(target.can_share for target in targets) > 1:
            from .shared_columns import btf_by_name, shared_columns

            ended = time.perf_counter()
            for column, indices in shared_columns(self._question, targets):
                for index in indices:
                    target = targets[index]
                    self._columns[target] = column
                    if (btf := btf_by_name(target)) is not None:
                        self._shared[target] = btf
                    del left[target]
                self._seconds += time.perf_counter() - ended
                yield len(indices)
                ended = time.perf_counter()
            self._seconds += time.perf_counter() - ended
        for target in left:
            self.add(target)
            yield 1

    def order_as(self, targets: Iterable[Target]) -> None:
        """Bring the targets into the order of *targets*, which are the same ones or more."""
        self._columns = {target: self._columns[target] for target in targets if target in self._columns}

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
            alike=alike_columns(tuple(columns.values())),
            shared=tuple(map(self._shared.get, columns)) if self._shared else (),
            milliseconds=self._analysis.milliseconds + (self._seconds + time.perf_counter() - started) * 1000,
        )
        return replace(done, asks=find_asks(done), unreached=frozenset(find_unreached(done)))
