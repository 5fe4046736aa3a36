"""Runs and numbers in whole arrays, where a loop would take ten times as long."""

from __future__ import annotations

import numpy as np

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Words = NDArray[np.uint32]
    Places = NDArray[np.intp]
    Hashes = NDArray[np.uint64]


class Grown:
    """An array that grows at its end."""

    def __init__(self, first: NDArray[Any]) -> None:
        self._held = first
        self._count = len(first)

    @property
    def all(self) -> NDArray[Any]:
        return self._held[: self._count]

    def add(self, more: NDArray[Any]) -> None:
        end = self._count + len(more)
        if end > len(self._held):
            held = np.zeros(2 * end, self._held.dtype)
            held[: self._count] = self.all
            self._held = held
        self._held[self._count : end] = more
        self._count = end


def ranges(firsts: Places, counts: Places, step: int = 1) -> Places:
    """Return runs of *counts* places, each *step* behind the one before it, from *firsts* on."""
    before = np.cumsum(counts) - counts
    found: Places = np.repeat(firsts - step * before, counts)
    found += np.arange(0, step * len(found), step)
    return found


def ends_of(sizes: Places) -> Places:
    """Return where each of *sizes* begins when they stand behind one another, and the end of the last."""
    found = np.zeros(len(sizes) + 1, np.intp)
    np.cumsum(sizes, out=found[1:])
    return found


def are_same(mine: NDArray[Any], starts: Places, theirs: NDArray[Any], begins: Places, ends: Places) -> bool:
    """Tell whether each run of *mine* from one of *starts* to the next is what *theirs* has between *begins*
    and *ends*."""
    sizes = np.diff(starts)
    if not np.array_equal(sizes, ends - begins):
        return False
    return np.array_equal(mine, theirs[ranges(begins, sizes)])


def without_repeats(numbers: Words, count: int) -> Words:
    """Return *numbers*, below *count*, each where it comes first."""
    found: Words = numbers[is_first(numbers, count)]
    return found


def is_first(numbers: Words, count: int) -> NDArray[np.bool_]:
    """Tell of each of *numbers*, below *count*, whether it has not come before."""
    firsts, places = np.full(count, len(numbers), np.int32), np.arange(len(numbers), dtype=np.int32)
    np.minimum.at(firsts, numbers, places)
    found: NDArray[np.bool_] = firsts[numbers] == places
    return found


def ranks_of(values: Hashes | Words) -> Words:
    """Return of each value how many of those before it are the same."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    firsts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    ranks = np.zeros(len(values), np.uint32)
    ranks[order] = np.arange(len(values)) - np.repeat(firsts, np.diff(firsts, append=len(values)))
    return ranks


def has_repeats(values: Hashes | Words) -> bool:
    """Tell whether two of *values* are the same."""
    ordered = np.sort(values)
    return bool((ordered[1:] == ordered[:-1]).any())
