"""A table of hashes for many at once, and how hashes are made."""

from __future__ import annotations

import numpy as np

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .arrays import Hashes, Places, Words

_STRETCH = np.uint64(0xFF51AFD7ED558CCD)  # of MurmurHash3's finalizer (fmix64), as are the shifts
_SHIFT = np.uint64(33)
_STEP = np.uint64(0x9E3779B97F4A7C15)  # of SplitMix64: 2^64 by the golden ratio
_HALF_FULL = 2


def multipliers(count: int) -> Hashes:
    """Return so many odd numbers without order, the same each time."""
    return mixed(mixed(np.arange(1, count + 1, dtype=np.uint64) * _STEP)) | np.uint64(1)


def mixed(hashes: Hashes) -> Hashes:
    """Return *hashes*, none of them 0, with each bit of them in all others."""
    hashes = (hashes ^ hashes >> _SHIFT) * _STRETCH
    hashes ^= hashes >> _SHIFT
    hashes[hashes == 0] = 1
    return hashes


class HashTable:
    """Numbers by hashes, none of them 0: open addressing, for many at once."""

    def __init__(self) -> None:
        self._hashes = np.zeros(1 << 16, np.uint64)
        self._numbers = np.zeros(1 << 16, np.uint32)
        self._count = 0

    def find(self, hashes: Hashes) -> Words:
        """Return the number of each hash, 0 where it has none."""
        which, slots = self._begin(hashes)
        held = self._hashes[slots]
        is_it = held == hashes
        found: Words = self._numbers[slots] * is_it  # most are where they are looked for first
        which, slots = self._go_on(which, slots, ~is_it & (held != 0))
        while len(which):
            held = self._hashes[slots]
            is_it = held == hashes[which]
            found[which[is_it]] = self._numbers[slots[is_it]]
            is_taken = ~is_it & (held != 0)
            which, slots = self._go_on(which, slots, is_taken)
        return found

    def add(self, hashes: Hashes, numbers: Words) -> None:
        """Take up *hashes*, all different, that it does not have."""
        self._count += len(hashes)
        if self._count * _HALF_FULL > len(self._hashes):
            is_held = self._hashes != 0
            held, size = (self._hashes[is_held], self._numbers[is_held]), len(self._hashes)
            while self._count * _HALF_FULL > size:
                size *= 4
            self._hashes, self._numbers = np.zeros(size, np.uint64), np.zeros(size, np.uint32)
            self._put(*held)
        self._put(hashes, numbers)

    def _put(self, hashes: Hashes, numbers: Words) -> None:
        which, slots = self._begin(hashes)
        while len(which):
            is_free = self._hashes[slots] == 0
            self._hashes[slots[is_free]] = hashes[which[is_free]]
            is_held = self._hashes[slots] == hashes[which]  # of several for one slot, one
            self._numbers[slots[is_held]] = numbers[which[is_held]]
            which, slots = self._go_on(which, slots, ~is_held)

    def _begin(self, hashes: Hashes) -> tuple[Places, Places]:
        mask = np.uint64(len(self._hashes) - 1)
        return np.arange(len(hashes)), (hashes & mask).astype(np.intp)

    def _go_on(self, which: Places, slots: Places, is_wanted: NDArray[np.bool_]) -> tuple[Places, Places]:
        return which[is_wanted], slots[is_wanted] + 1 & len(self._hashes) - 1
