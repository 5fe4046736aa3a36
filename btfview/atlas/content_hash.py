"""Hashes of types by what they are, for all types of a kernel at once: by its 64 bits a type is found again.

They only lead to a type: that it is the same is seen by its words.
"""

from __future__ import annotations

import numpy as np

from btfview.frozen import TYPE_CHECKING, frozen

from .arrays import has_repeats, ranges, ranks_of
from .hash_table import mixed, multipliers
from .words import ARRAY, DATASEC, DECL_TAG, ENUMERATORS, LAST_KIND, MEMBERS, ONE_TYPE, PROTO, VAR

if TYPE_CHECKING:
    from .arrays import Hashes, Places, Words

_NAME, _INFO, _RANK, _BODY = 0, 1, 2, 3
"""Which multipliers stand for what."""


class EndlessError(ValueError):
    """A type without a name holds itself."""


@frozen
class Records:
    """Types in arrays: of each what stands before its body, and all bodies behind one another."""

    names: Words
    infos: Words
    ranks: Words
    words: Words
    starts: Places
    """Of each body in the words, and the end of the last."""


@frozen
class Inside:
    """Where bodies speak of something else, in their words."""

    strings: Places
    types: Places


def find_inside(infos: Words, starts: Places) -> Inside:
    """Return where the bodies of types with these info words name strings and types."""
    kinds, counts = (infos >> np.uint32(24) & np.uint32(0x7F)).astype(np.uint8), infos & np.uint32(0xFFFFFF)
    strings, types = [], []
    for kind in range(1, LAST_KIND + 1):
        of_kind = np.flatnonzero(kinds == kind)
        begins = starts[of_kind]
        if kind in ONE_TYPE or kind in (PROTO, VAR, DECL_TAG):
            types.append(begins)
        if kind == ARRAY:
            types += (begins + 1, begins + 2)
        if kind in MEMBERS or kind in ENUMERATORS or kind in (PROTO, DATASEC):
            size = 2 if kind == PROTO else ENUMERATORS.get(kind, 3)
            elements = ranges(begins + 1, counts[of_kind].astype(np.intp), size)
            if kind == DATASEC:
                types.append(elements)
            else:
                strings.append(elements)
            if kind in MEMBERS or kind == PROTO:
                types.append(elements + 1)
    return Inside(_joined(strings), _joined(types))


def _joined(places: list[Places]) -> Places:
    return np.concatenate(places) if places else np.zeros(0, np.intp)


class Hashing:
    """Makes hashes; holds the multiplier of each word of a record."""

    def __init__(self) -> None:
        self._multipliers = multipliers(64)

    def of_references(self, names: Words, ranks: Words) -> Hashes:
        """Return the hashes of what stands for the later types of a name."""
        return mixed(names * self._multipliers[_NAME] + ranks * self._multipliers[_RANK])

    def of_types(self, given: Records, open_at: Places, open_to: Places) -> Hashes:
        """Return the hashes of types whose words are the same in each kernel, but for those at *open_at*
        (which are 0): they speak of those of the types, without a name, that *open_to* counts from 0 on.

        The ranks of types without a name are set, where several are the same.

        Raises:
            EndlessError: a type without a name holds itself.
        """
        starts, count = given.starts, len(given.names)
        owners = np.repeat(np.arange(count), np.diff(starts))
        places = np.arange(len(given.words)) - starts[owners]
        if len(places):
            self._have(int(places.max()) + 1)
        multiplied = self._multipliers[_BODY:][places]
        sums = np.zeros(len(places) + 1, np.uint64)
        np.cumsum(given.words * multiplied, out=sums[1:])
        sums = sums[starts[1:]] - sums[starts[:-1]]
        sums += given.names * self._multipliers[_NAME] + given.infos * self._multipliers[_INFO]
        return self._closed(given, sums, owners[open_at], open_to, multiplied[open_at])

    def _closed(self, given: Records, sums: Hashes, of: Places, to: Places, multiplied: Hashes) -> Hashes:
        """Return the hashes of types, *sums* but for what the types *of* hold of those *to*."""
        hashes, is_named = np.zeros(len(sums), np.uint64), given.names != 0
        is_outer = is_named[of]  # to which no word leads from another type
        outer, inner = (of[is_outer], to[is_outer], multiplied[is_outer]), ~is_outer
        of, to, multiplied = of[inner], to[inner], multiplied[inner]
        is_waiting = np.zeros(len(sums), np.bool_)
        is_waiting[of] = True
        ready = np.flatnonzero(~is_waiting & ~is_named)
        while True:
            self._finish(given, sums, hashes, ready)
            if not len(of):
                break
            is_later = np.zeros(len(sums), np.bool_)
            is_later[of[is_waiting[to]]] = True
            is_now = ~is_later[of]
            if not is_now.any():
                raise EndlessError("a type without a name holds itself")
            np.add.at(sums, of[is_now], hashes[to[is_now]] * multiplied[is_now])
            is_waiting[of[is_now]] = False
            is_later[of] = False
            is_later[of[is_now]] = True
            ready = np.flatnonzero(is_later)
            of, to, multiplied = of[~is_now], to[~is_now], multiplied[~is_now]
        np.add.at(sums, outer[0], hashes[outer[1]] * outer[2])
        named = np.flatnonzero(is_named)
        hashes[named] = mixed(sums[named] + given.ranks[named] * self._multipliers[_RANK])
        return hashes

    def _finish(self, given: Records, sums: Hashes, hashes: Hashes, ready: Places) -> None:
        """Give types without a name their hashes; those that are the same get ranks, in the order of their
        ids."""
        found = mixed(sums[ready] + given.ranks[ready] * self._multipliers[_RANK])
        if has_repeats(found):
            given.ranks[ready] = ranks_of(found)
            found = mixed(sums[ready] + given.ranks[ready] * self._multipliers[_RANK])
        hashes[ready] = found

    def _have(self, count: int) -> None:
        if count + _BODY > len(self._multipliers):
            self._multipliers = multipliers(2 * (count + _BODY))
