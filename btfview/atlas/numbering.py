"""Numbers for strings and types: the same number for the same type, in whatever kernel it stands.

A type is its record with all that varies from kernel to kernel replaced. A string is its number. Another type
that has a name is that name, and which of the types of that name it is in this kernel, in the order of their
ids: so a struct is the same although what it points to has changed. A type without a name is its own number.
What a type is, is then said by its record and by those of the names in it.

All types of a kernel are taken at once, in arrays: a loop over 130,000 of them takes ten times as long.
"""

from __future__ import annotations

import numpy as np

from btfview.frozen import TYPE_CHECKING, frozen

from .arrays import Grown, are_same, ends_of, has_repeats, is_first, ranks_of, without_repeats
from .content_hash import EndlessError, Hashing, Records, find_inside
from .hash_table import HashTable
from .strings import Strings
from .words import LAST_KIND, NAMED, REFERENCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from btfview.btf.reader import Btf

    from .arrays import Hashes, Places, Words
    from .read import Atlas
    from .strings import Section

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
    new_text: bytes
    """Those of its strings that no kernel had before, a zero behind each."""
    first_type: int
    """The number of the first of its types that no kernel had before."""


class Numbering:
    """All strings and types that have a number."""

    def __init__(self) -> None:
        self.strings = Strings()
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
        section = found.strings.read(b"\0".join((*atlas.strings, b"")))
        if section is None:
            raise ValueError("has a string twice")
        found.strings.add(section)
        words, sizes = [np.zeros(0, np.uint32)], [np.zeros(0, np.intp)]
        for first, part, begins in atlas.all_words():
            words.append(np.asarray(part, np.uint32))
            of_part = np.diff(np.asarray(begins)).astype(np.intp)
            sizes.append(of_part[0 if first else 1 :])  # without void's
        records = Records(
            *(np.asarray(known.names)[1:], np.asarray(known.infos)[1:], np.asarray(known.ranks)[1:]),
            *(np.concatenate(words), ends_of(np.concatenate(sizes))),
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
        section = self.strings.read(bytes(btf.string_section()))
        if section is None:
            raise NotNumberedError("a string stands twice in the string section")
        kernel = _read(btf, section)
        first = self.type_count
        try:
            numbers = self._number(kernel)
        except EndlessError as error:
            raise NotNumberedError(str(error)) from error
        self.strings.add(section)
        return Numbered(section.numbers, kernel.used, numbers, section.new_text, first)

    def _number(self, kernel: _Kernel) -> Words:
        types, first = kernel.types, self.type_count
        later = np.flatnonzero(types.ranks)
        heads = types.names[later], np.zeros(len(later), np.uint32), types.ranks[later]
        references = Records(*heads, types.words[:0], np.zeros(len(later) + 1, np.intp))
        of_references = self._hashing.of_references(references.names, references.ranks)
        reference_numbers, is_new_reference = self._found(of_references, first)

        spoken = np.zeros(len(types.names) + 1, np.uint32)
        """How others speak of each type, by its id; 0 of one without a name, and of void."""
        spoken[1:] = np.where(types.names, types.names | np.uint32(NAMED), 0)
        spoken[later + 1] = reference_numbers
        ids = types.words[kernel.type_places]
        types.words[kernel.type_places] = spoken[ids]
        is_open = (ids != 0) & (spoken[ids] == 0)
        open_at, open_to = kernel.type_places[is_open], ids[is_open].astype(np.intp) - 1
        hashes = self._hashing.of_types(types, open_at, open_to)
        numbers, is_new = self._found(hashes, first + int(is_new_reference.sum()))
        types.words[open_at] = numbers[open_to]

        self._compare(references, reference_numbers)
        self._compare(types, numbers)
        self._add(_taken(references, is_new_reference), of_references[is_new_reference])
        self._add(_taken(types, is_new), hashes[is_new])
        return numbers

    def _found(self, hashes: Hashes, first: int) -> tuple[Words, NDArray[np.bool_]]:
        """Return the numbers of types by their hashes, and which of them are new: from *first* on."""
        numbers = self._table.find(hashes)
        is_new = numbers == 0
        new = hashes[is_new]
        numbers[is_new] = np.arange(first, first + len(new))
        if has_repeats(new):
            raise NotNumberedError("two types have one hash")
        return numbers, is_new

    def _compare(self, types: Records, numbers: Words) -> None:
        """Raises NotNumberedError: of two different types the hashes are the same."""
        known, is_old = self.types, numbers < self.type_count
        mine = types if is_old.all() else _taken(types, is_old)
        old = numbers[is_old].astype(np.intp)
        begins, ends = known.starts[old], known.starts[old + 1]
        is_same = (
            np.array_equal(mine.names, known.names[old])
            and np.array_equal(mine.infos, known.infos[old])
            and np.array_equal(mine.ranks, known.ranks[old])
            and are_same(mine.words, mine.starts, known.words, begins, ends)
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

    used: Words
    types: Records
    type_places: Places


def _read(btf: Btf, section: Section) -> _Kernel:
    """Return *btf*, whose strings are *section*.

    Raises:
        NotNumberedError: it cannot be told by what it is.
    """
    at_offset = np.full(len(btf.string_section()), _NO_STRING, np.uint32)
    at_offset[section.begins] = section.numbers
    string_count = int(section.numbers.max(initial=0)) + 1
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
    ranks[named] = _ranks_of_names(names[named], string_count)
    types = Records(names, infos, ranks, words[body_at], starts)
    if len(inside.types) and types.words[inside.types].max() > len(names):
        raise NotNumberedError("a type speaks of one that is not there")
    return _Kernel(without_repeats(spoken, string_count), types, inside.types)


def _ranks_of_names(names: Words, string_count: int) -> Words:
    """Return of each name how many of those before it are the same; of nearly all none is."""
    ranks = np.zeros(len(names), np.uint32)
    later = np.flatnonzero(~is_first(names, string_count))
    ranks[later] = ranks_of(names[later]) + 1
    return ranks


def _taken(types: Records, is_wanted: NDArray[np.bool_]) -> Records:
    sizes: Places = np.diff(types.starts)
    words = types.words[np.repeat(is_wanted, sizes)]
    heads = types.names[is_wanted], types.infos[is_wanted], types.ranks[is_wanted]
    return Records(*heads, words, ends_of(sizes[is_wanted]))
