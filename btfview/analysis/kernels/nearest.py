"""Kernels by how near they are to another one: of its architecture before others, then by release."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from heapq import merge
from itertools import groupby

from btfview.frozen import TYPE_CHECKING

from .kernel_age import arch_of, release_number, releases_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from btfview.targets.target import Target

    Aged = tuple[float, Target]


class Nearest:
    """Kernels in order once, so that to go through them from one on costs what is looked at: there may be
    thousands."""

    def __init__(self, kernels: Iterable[Target]) -> None:
        self._of_arch: dict[str, list[Aged]] = {}
        for kernel in kernels:
            self._of_arch.setdefault(arch_of(kernel), []).append((release_number(kernel.name), kernel))
        for line in self._of_arch.values():
            line.sort(key=_release)

    def from_here(self, here: Target, is_better: Callable[[Target], bool]) -> Iterator[Target]:
        """Yield all of them, the nearest to *here* first; of some that are as near, the better ones, then by
        name."""
        arch, release = arch_of(here), release_number(here.name)
        others = [line for name, line in self._of_arch.items() if name != arch]
        for lines in ([self._of_arch.get(arch, [])], others):
            ways = [way for line in lines for way in _both_ways(line, release)]
            for _, as_near in groupby(merge(*ways, key=_release), key=_release):
                yield from sorted((one for _, one in as_near), key=lambda one: (not is_better(one), one.name))

    def between(self, arch: str, one: float, other: float) -> list[Target]:
        """Return those of an architecture whose releases lie between two, in no order."""
        line = self._of_arch.get(arch, [])
        first = bisect_right(line, min(one, other), key=_release)
        return [kernel for _, kernel in line[first : bisect_left(line, max(one, other), key=_release)]]


def _release(aged: Aged) -> float:
    return aged[0]


def _both_ways(line: list[Aged], release: float) -> tuple[Iterator[Aged], Iterator[Aged]]:
    """Return those of *line* that are older, and the others, each by how far from *release* they are."""
    at = bisect_left(line, release, key=_release)

    def far(places: Iterable[int]) -> Iterator[Aged]:
        return ((releases_apart(release, line[place][0]), line[place][1]) for place in places)

    return far(range(at - 1, -1, -1)), far(range(at, len(line)))
