"""Numbers for strings and types: the same number for the same type, in whatever kernel it stands.

A type is its record with all that varies from kernel to kernel replaced. A string is its number. Another type
that has a name is that name, and which of the types of that name it is in this kernel, in the order of their
ids: so a struct is the same although what it points to has changed. A type without a name is its own number.
What a type is, is then said by its record and by those of the names in it.

All types of a kernel are taken at once, in arrays: a loop over 130,000 of them takes ten times as long.
"""

from __future__ import annotations

from itertools import count, repeat

import numpy as np

from btfview.frozen import TYPE_CHECKING, frozen

from .content_hash import EndlessError, Hashing, HashTable, Records, find_inside, ranges, ranks_of
from .words import LAST_KIND, NAMED, REFERENCE

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from btfview.btf.reader import Btf

    from .content_hash import Hashes, Places, Words
    from .read import Atlas

_NO_STRING = 0xFFFFFFFF


class NotNumberedError(Exception):
    """The BTF has a form that no compiler, linker or pahole gives it; it is kept whole."""


@frozen
class Numbered:
    """A BTF in numbers."""

    strings: Words
    """Of its string section, in order."""
    used: Words
    """The same as far as types name them, in the order in which they do first."""
    types: Words
    """Of its types, in id order from 1 on."""
    first_string: int
    """The number of the first that no kernel had before."""
    first_type: int


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


class Numbering:
    """All strings and types that have a number."""

    def __init__(self) -> None:
        self.strings: dict[bytes, int] = {b"": 0}
        void = np.zeros(1, np.uint32)
        self._names, self._infos, self._ranks = Grown(void), Grown(void), Grown(void)
        self._words, self._starts = Grown(void[:0]), Grown(np.zeros(2, np.intp))
        self._hashing, self._table = Hashing(), HashTable()

    @classmethod
    def of(cls, atlas: Atlas) -> Numbering:
        """Return the numbers that an atlas has.

        Raises:
            ValueError, LookupError: it is damaged.
        """
        found, known = cls(), atlas.types
        found.strings = dict(zip(atlas.strings, range(len(atlas.strings)), strict=True))
        words, sizes = [np.zeros(0, np.uint32)], [np.zeros(0, np.intp)]
        for first, part, begins in atlas.all_words():
            words.append(np.asarray(part, np.uint32))
            of_part = np.diff(np.asarray(begins)).astype(np.intp)
            sizes.append(of_part[0 if first else 1 :])  # without void's
        records = Records(
            *(np.asarray(known.names)[1:], np.asarray(known.infos)[1:], np.asarray(known.ranks)[1:]),
            *(np.concatenate(words), _ends(np.concatenate(sizes))),
        )
        found._add(records, found._hashes_of(records))
        return found

    @property
    def type_count(self) -> int:
        """One more than the last number."""
        return len(self._names.all)

    @property
    def types(self) -> Records:
        """All types by their numbers; 0 is void."""
        return Records(
            *(self._names.all, self._infos.all, self._ranks.all, self._words.all, self._starts.all)
        )

    def number(self, btf: Btf) -> Numbered:
        """Return *btf*, a kernel's, in numbers; what is new in it has a number from now on.

        Raises:
            NotNumberedError: names or types of it cannot be told apart by what they are.
        """
        before = len(self.strings), self.type_count
        try:
            kernel = _read(btf, self.strings)
            return Numbered(kernel.strings, kernel.used, self._number(kernel), *before)
        except (NotNumberedError, EndlessError) as error:
            while len(self.strings) > before[0]:
                self.strings.popitem()
            raise NotNumberedError(str(error)) from error

    def _number(self, kernel: _Kernel) -> Words:
        types, first = kernel.types, self.type_count
        later = np.flatnonzero(types.ranks)
        heads = types.names[later], np.zeros(len(later), np.uint32), types.ranks[later]
        references = Records(*heads, types.words[:0], np.zeros(len(later) + 1, np.intp))
        of_references = self._hashing.of_references(references.names, references.ranks)
        reference_numbers, new_references = self._found(of_references, first)

        spoken = np.zeros(len(types.names) + 1, np.uint32)
        """How others speak of each type, by its id; 0 of one without a name, and of void."""
        spoken[1:] = np.where(types.names, types.names | np.uint32(NAMED), 0)
        spoken[later + 1] = reference_numbers
        ids = types.words[kernel.type_places]
        types.words[kernel.type_places] = spoken[ids]
        is_open = (ids != 0) & (spoken[ids] == 0)
        open_at, open_to = kernel.type_places[is_open], ids[is_open].astype(np.intp) - 1
        hashes = self._hashing.of_types(types, open_at, open_to)
        numbers, new = self._found(hashes, first + len(new_references))
        types.words[open_at] = numbers[open_to]

        self._compare(references, reference_numbers)
        self._compare(types, numbers)
        self._add(_taken(references, new_references), of_references[new_references])
        self._add(_taken(types, new), hashes[new])
        return numbers

    def _found(self, hashes: Hashes, first: int) -> tuple[Words, Places]:
        """Return the numbers of types by their hashes, and which of them are new: from *first* on."""
        numbers = self._table.find(hashes)
        new = np.flatnonzero(numbers == 0)
        numbers[new] = np.arange(first, first + len(new))
        ordered = np.sort(hashes[new])
        if (ordered[1:] == ordered[:-1]).any():
            raise NotNumberedError("two types have one hash")
        return numbers, new

    def _compare(self, types: Records, numbers: Words) -> None:
        """Raises NotNumberedError: of two different types the hashes are the same."""
        known, is_old = self.types, numbers < self.type_count
        mine, theirs = _taken(types, np.flatnonzero(is_old)), _taken(known, numbers[is_old].astype(np.intp))
        is_same = all(
            np.array_equal(one, other)
            for one, other in (
                *((mine.names, theirs.names), (mine.infos, theirs.infos), (mine.ranks, theirs.ranks)),
                *((mine.starts, theirs.starts), (mine.words, theirs.words)),
            )
        )
        if not is_same:
            raise NotNumberedError("two types have one hash")

    def _hashes_of(self, types: Records) -> Hashes:
        """Return the hashes of numbered types, from the number 1 on."""
        words = types.words.copy()
        places = find_inside(types.infos, types.starts).types
        spoken = words[places]
        to = spoken.astype(np.intp) - 1
        is_number = (spoken != 0) & (spoken < NAMED)
        if is_number.any() and to[is_number].max() >= len(types.names):
            raise ValueError("has types of types that it has not")
        to[~is_number] = 0
        is_open = is_number & (types.infos[to] != REFERENCE)
        words[places[is_open]] = 0
        given = Records(types.names, types.infos, types.ranks.copy(), words, types.starts)
        return self._hashing.of_types(given, places[is_open], to[is_open])

    def _add(self, types: Records, hashes: Hashes) -> None:
        first = self.type_count
        self._starts.add(types.starts[1:] + self._starts.all[-1])
        for held, more in (
            *((self._names, types.names), (self._infos, types.infos), (self._ranks, types.ranks)),
            (self._words, types.words),
        ):
            held.add(more)
        self._table.add(hashes, np.arange(first, first + len(hashes), dtype=np.uint32))


@frozen
class _Kernel:
    """A BTF with numbers for its strings; other types have their ids."""

    strings: Words
    used: Words
    types: Records
    type_places: Places


def _read(btf: Btf, known: dict[bytes, int]) -> _Kernel:
    """Return *btf*; the strings that are not *known* are added to them.

    Raises:
        NotNumberedError: it cannot be told by what it is.
    """
    strings, at_offset = _number_strings(bytes(btf.string_section()), known)
    given, places = btf.records()
    words, info_at = np.array(given), np.array(places, np.intp)
    infos = words[info_at]
    kinds = infos >> np.uint32(24) & np.uint32(0x7F)
    if len(kinds) and not REFERENCE < kinds.min() <= kinds.max() <= LAST_KIND:
        raise NotNumberedError("a type has an unknown kind")
    starts = np.append(info_at - 1, len(words)) - 2 * np.arange(len(info_at) + 1)
    is_body = np.ones(len(words), np.bool_)
    is_body[info_at] = is_body[info_at - 1] = False
    body_at = np.flatnonzero(is_body)
    inside = find_inside(infos, starts)
    is_string = np.zeros(len(words), np.bool_)
    is_string[info_at - 1] = is_string[body_at[inside.strings]] = True
    string_at = np.flatnonzero(is_string)
    offsets = words[string_at]
    if len(offsets) and offsets.max() >= len(at_offset):
        raise NotNumberedError("a name lies beyond the strings")
    spoken = words[string_at] = at_offset[offsets]
    if len(spoken) and spoken.max() == _NO_STRING:
        raise NotNumberedError("a name begins within another")
    names = words[info_at - 1]
    ranks = np.zeros(len(names), np.uint32)
    named = np.flatnonzero(names)
    ranks[named] = _ranks_of_names(names[named], len(known))
    types = Records(names, infos, ranks, words[body_at], starts)
    if len(inside.types) and types.words[inside.types].max() > len(names):
        raise NotNumberedError("a type speaks of one that is not there")
    return _Kernel(strings, _firsts(spoken, len(known)), types, inside.types)


def _number_strings(section: bytes, known: dict[bytes, int]) -> tuple[Words, Words]:
    """Return the numbers of the section's strings, and the number of what begins at each offset."""
    parts = section.split(b"\0")[:-1]
    numbers = np.fromiter(map(known.get, parts, repeat(-1)), np.int64, len(parts))
    new = np.flatnonzero(numbers < 0)
    first = len(known)
    known.update(zip(map(parts.__getitem__, new.tolist()), count(first)))
    numbers[new] = np.arange(first, first + len(new))
    is_there = np.zeros(first + len(new), np.bool_)
    is_there[numbers] = True
    if len(known) < len(is_there) or is_there.sum() < len(parts):
        raise NotNumberedError("a string stands twice in the string section")
    ends = np.flatnonzero(np.frombuffer(section, np.uint8) == 0) if section else numbers
    at_offset = np.full(len(section), _NO_STRING, np.uint32)
    at_offset[np.append(0, ends[:-1] + 1)[: len(parts)]] = numbers
    return numbers.astype(np.uint32), at_offset


def _ranks_of_names(names: Words, string_count: int) -> Words:
    """Return of each name how many of those before it are the same; of nearly all none is."""
    ranks, first = np.zeros(len(names), np.uint32), _first_places(names, string_count)
    later = np.flatnonzero(first[names] < np.arange(len(names)))
    ranks[later] = ranks_of(names[later]) + 1
    return ranks


def _firsts(numbers: Words, count: int) -> Words:
    """Return *numbers*, below *count*, each where it comes first."""
    found: Words = numbers[_first_places(numbers, count)[numbers] == np.arange(len(numbers))]
    return found


def _first_places(numbers: Words, count: int) -> Places:
    found = np.full(count, len(numbers), np.intp)
    np.minimum.at(found, numbers, np.arange(len(numbers)))
    return found


def _taken(types: Records, which: Places) -> Records:
    sizes: Places = np.diff(types.starts)[which]
    words = types.words[ranges(types.starts[which], sizes)]
    return Records(types.names[which], types.infos[which], types.ranks[which], words, _ends(sizes))


def _ends(sizes: Places) -> Places:
    """Return where each of *sizes* words begins, and the end of the last."""
    found: Places = np.zeros(len(sizes) + 1, np.intp)
    np.cumsum(sizes, out=found[1:])
    return found
