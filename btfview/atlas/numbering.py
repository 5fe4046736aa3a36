"""Numbers for strings and types: the same number for the same type, in whatever kernel it stands.

A type is its record with all that varies from kernel to kernel replaced. A string is its number. Another type
that has a name is that name, and which of the types of that name it is in this kernel, in the order of their
ids: so a struct is the same although what it points to has changed. A type without a name is its own number.
What a type is, is then said by its record and by those of the names in it.
"""

from __future__ import annotations

from array import array

from btfview.frozen import TYPE_CHECKING, frozen

from .words import (
    ARRAY,
    DATASEC,
    DECL_TAG,
    ENUMERATORS,
    MEMBERS,
    NAMED,
    NAMED_ELEMENTS,
    ONE_TYPE,
    PLAIN,
    PROTO,
    REFERENCE,
    VAR,
    kind_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from btfview.btf.reader import Btf

    Key = tuple[int, ...]
    """Rank among the types of its name, number of its name, info word, and all that follows."""


class NotNumberedError(Exception):
    """The BTF has a form that no compiler, linker or pahole gives it; it is kept whole."""


@frozen
class Numbered:
    """A BTF in numbers."""

    strings: array[int]
    """Of its string section, in order."""
    used: list[int]
    """The same as far as types name them, in the order in which they do first."""
    types: array[int]
    """Of its types, in id order from 1 on."""


class Numbering:
    """All strings and types that have a number."""

    def __init__(self) -> None:
        self.strings: dict[bytes, int] = {b"": 0}
        self.types: dict[Key, int] = {}
        """From 1 on; 0 is void."""

    def number(self, btf: Btf) -> Numbered:
        """Return *btf*, a kernel's, in numbers; what is new in it has a number from now on.

        Raises:
            NotNumberedError: names or types of it cannot be told apart by what they are.
        """
        before = len(self.strings), len(self.types)
        try:
            return _Numberer(self, btf).number()
        except NotNumberedError:
            _drop_from(self.strings, before[0])
            _drop_from(self.types, before[1])
            raise


def _drop_from(table: dict[Any, int], size: int) -> None:
    while len(table) > size:
        table.popitem()


class _Numberer:
    def __init__(self, numbering: Numbering, btf: Btf) -> None:
        self._known = numbering.types
        self._words, self._info_at = btf.records()
        self._strings, self._at_offset = _number_strings(numbering, btf)
        count = len(self._info_at) + 1
        self._names = array("I", bytes(4 * count))
        self._ranks = array("I", bytes(4 * count))
        self._references = array("I", bytes(4 * count))
        """Of each type how another one speaks of it; 0 while that is not known."""
        self._found = array("I", bytes(4 * count))
        self._seen: dict[Key, int] = {}
        """Types without a name of this BTF, and how many of each."""
        self._open: set[int] = set()

    def number(self) -> Numbered:
        try:
            self._name_all()
            for type_id in range(1, len(self._found)):
                if not self._found[type_id]:
                    self._number(type_id)
        except (KeyError, IndexError, RecursionError) as error:
            raise NotNumberedError(str(error)) from error
        return Numbered(self._strings, self._used(), self._found[1:])

    def _name_all(self) -> None:
        words, at_offset, known = self._words, self._at_offset, self._known
        count_of: dict[int, int] = {}
        for type_id, at in enumerate(self._info_at, 1):
            name = at_offset[words[at - 1]]
            if not name:
                continue
            rank = count_of.get(name, 0)
            count_of[name] = rank + 1
            self._names[type_id] = name
            if rank:
                self._ranks[type_id] = rank
                reference = (rank, name, REFERENCE)
                self._references[type_id] = known.setdefault(reference, len(known) + 1)
            else:
                self._references[type_id] = NAMED | name

    def _used(self) -> list[int]:
        words, offsets = self._words, []
        for at in self._info_at:
            info = words[at]
            offsets.append(words[at - 1])
            size = NAMED_ELEMENTS.get(kind_of(info))
            if size:
                offsets += words[at + 2 : at + 2 + size * (info & 0xFFFFFF) : size].tolist()
        return [self._at_offset[offset] for offset in dict.fromkeys(offsets)]

    def _reference(self, type_id: int) -> int:
        found = self._references[type_id]  # an IndexError where there is no such type
        if not found and type_id:
            found = self._references[type_id] = self._found[type_id] or self._number(type_id)
        return found

    def _number(self, type_id: int) -> int:
        name = self._names[type_id]
        if not name:
            if type_id in self._open:
                raise NotNumberedError(f"type [{type_id}] holds itself, without a name")
            self._open.add(type_id)
        rank, body = self._ranks[type_id], self._body(type_id)
        key = (rank, name, *body)
        if not name:
            self._open.discard(type_id)
            rank = self._seen.get(key, 0)
            self._seen[key] = rank + 1
            if rank:
                key = (rank, *key[1:])
        known = self._known
        found = known.get(key)
        if found is None:
            found = known[key] = len(known) + 1
        self._found[type_id] = found
        return found

    def _body(self, type_id: int) -> list[int]:
        words, at = self._words, self._info_at[type_id - 1]
        info, first = words[at], words[at + 1]
        kind, start = kind_of(info), at + 2
        reference, references = self._reference, self._references
        if kind in ONE_TYPE:
            return [info, references[first] or reference(first)]
        strings = self._at_offset
        body = [info, first]
        if kind in MEMBERS:
            for i in range(start, start + 3 * (info & 0xFFFFFF), 3):
                inner = words[i + 1]
                body += (strings[words[i]], references[inner] or reference(inner), words[i + 2])
        elif kind == PROTO:
            body[1] = references[first] or reference(first)
            for i in range(start, start + 2 * (info & 0xFFFFFF), 2):
                inner = words[i + 1]
                body += (strings[words[i]], references[inner] or reference(inner))
        elif kind in ENUMERATORS:
            size = ENUMERATORS[kind]
            for i in range(start, start + size * (info & 0xFFFFFF), size):
                body += (strings[words[i]], *words[i + 1 : i + size])
        elif kind == ARRAY:
            body += (reference(words[start]), reference(words[start + 1]), words[start + 2])
        elif kind in (VAR, DECL_TAG):
            body[1] = references[first] or reference(first)
            body.append(words[start])
        elif kind == DATASEC:
            for i in range(start, start + 3 * (info & 0xFFFFFF), 3):
                body += (reference(words[i]), words[i + 1], words[i + 2])
        elif kind == 1:
            body.append(words[start])
        elif kind not in PLAIN:
            raise NotNumberedError(f"type [{type_id}] has the unknown kind {kind}")
        return body


def _number_strings(numbering: Numbering, btf: Btf) -> tuple[array[int], dict[int, int]]:
    """Return the numbers of the string section's strings, and the number of what stands at each offset."""
    known = numbering.strings
    parts: Sequence[bytes] = bytes(btf.string_section()).split(b"\0")[:-1]
    numbers = array("I")
    at_offset: dict[int, int] = {}
    offset = 0
    for part in parts:
        number = known.get(part)
        if number is None:
            number = known[part] = len(known)
        numbers.append(number)
        at_offset[offset] = number
        offset += len(part) + 1
    if len(set(numbers)) != len(numbers):
        raise NotNumberedError("a string stands twice in the string section")
    return numbers, at_offset
