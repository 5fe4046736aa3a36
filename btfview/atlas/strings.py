"""Numbers for strings, those of a whole string section at once.

A string is compared eight bytes at a time, with zeros behind its end.
"""

from __future__ import annotations

import numpy as np

from btfview.frozen import TYPE_CHECKING, frozen

from .arrays import Grown, are_same, ends_of, has_repeats, ranges
from .hash_table import HashTable, mixed, multipliers

if TYPE_CHECKING:
    from .arrays import Hashes, Places, Words

_WORD = 8
_OF_LENGTH = np.array([(1 << 8 * size) - 1 for size in range(_WORD)], np.uint64)
"""By how many of the last eight bytes are a string's: those bytes."""


@frozen
class Section:
    """The strings of a string section; some may be new."""

    numbers: Words
    begins: Places
    """In the section."""
    new: Places
    """Which of them have no number as yet; the one that they have here is what they will have."""
    new_text: bytes
    """Those, a zero behind each."""
    words: Hashes
    starts: Places
    """Of each string in the words, and the end of the last."""
    hashes: Hashes


class Strings:
    """All strings that have a number."""

    def __init__(self) -> None:
        self._table = HashTable()
        self._words, self._starts = Grown(np.zeros(0, np.uint64)), Grown(np.zeros(1, np.intp))
        self._texts: list[bytes] = []
        self._multipliers = multipliers(64)

    @property
    def count(self) -> int:
        return len(self._starts.all) - 1

    @property
    def text(self) -> bytes:
        """All of them in the order of their numbers, a zero behind each."""
        return b"".join(self._texts)

    def read(self, section: bytes) -> Section | None:
        """Return the strings of *section*, the last of which ends in a zero; None where one stands twice, or
        two of them have one hash."""
        text = np.frombuffer(section + bytes(_WORD), np.uint8)
        ends = np.flatnonzero(text[: len(section)] == 0)
        begins = np.zeros(len(ends), np.intp)
        begins[1:] = ends[:-1] + 1
        counts = (ends - begins) // _WORD + 1
        starts = ends_of(counts)
        at_any_byte = np.ndarray((len(section) + 1,), np.dtype("<u8"), text, strides=(1,))
        words = at_any_byte[ranges(begins, counts, _WORD)].astype(np.uint64, copy=False)
        words[starts[1:] - 1] &= _OF_LENGTH[(ends - begins) % _WORD]
        hashes = self._hashes(words, starts)
        numbers = self._table.find(hashes)
        new = np.flatnonzero(numbers == 0)
        numbers[new] = np.arange(self.count + 1, self.count + 1 + len(new))
        numbers -= np.uint32(1)
        new_text = text[ranges(begins[new], ends[new] - begins[new] + 1)].tobytes()
        found = Section(numbers, begins, new, new_text, words, starts, hashes)
        return found if self._are_right(found) else None

    def _are_right(self, section: Section) -> bool:
        is_old = section.numbers < self.count
        old = section.numbers[is_old].astype(np.intp)
        is_there = np.zeros(self.count, np.bool_)
        is_there[old] = True
        known = self._starts.all
        sizes = np.diff(section.starts)
        words = section.words[np.repeat(is_old, sizes)] if len(section.new) else section.words
        return (
            np.count_nonzero(is_there) == len(old)
            and not has_repeats(section.hashes[section.new])
            and are_same(words, ends_of(sizes[is_old]), self._words.all, known[old], known[old + 1])
        )

    def add(self, section: Section) -> None:
        """Take up what is new."""
        new, first = section.new, self.count
        sizes = section.starts[new + 1] - section.starts[new]
        self._words.add(section.words[ranges(section.starts[new], sizes)])
        self._starts.add(self._starts.all[-1] + ends_of(sizes)[1:])
        self._texts.append(section.new_text)
        self._table.add(section.hashes[new], np.arange(first + 1, first + 1 + len(new), dtype=np.uint32))

    def _hashes(self, words: Hashes, starts: Places) -> Hashes:
        sizes = np.diff(starts)
        longest = int(sizes.max(initial=0))
        if longest > len(self._multipliers):
            self._multipliers = multipliers(2 * longest)
        sums = np.zeros(len(words) + 1, np.uint64)
        places = ranges(np.zeros(len(sizes), np.intp), sizes)
        np.cumsum(mixed(words) * self._multipliers[places], out=sums[1:])
        return mixed(sums[starts[1:]] - sums[starts[:-1]])
