"""All named types of a target, searched as the user types: 70,000 to 130,000 names in a kernel.

Made in a thread (some 50 ms for a kernel), asked on the one that draws. Techniques: a plain comprehension
for substrings, one regular expression for subsequences, what the last query found where the new one
continues it, the answers themselves where letters are taken back.
"""

from __future__ import annotations

from heapq import nsmallest
from itertools import compress, islice
from weakref import WeakKeyDictionary

from btfview.btf.kinds import BtfKind
from btfview.btf.query import split_kind
from btfview.btf.strings import MAX_NAME
from btfview.frozen import TYPE_CHECKING, frozen

from .matching import letters_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from btfview.btf.reader import Btf

LIMIT = 200
"""Hits that are shown; who wants another types on."""
_ENOUGH = 50
"""Substring hits with which names that only hold the letters are left out."""
_ORDER = {
    int(kind): place
    for place, kinds in enumerate(
        (
            (BtfKind.STRUCT, BtfKind.UNION),
            (BtfKind.TYPEDEF, BtfKind.ENUM, BtfKind.ENUM64),
            (BtfKind.INT, BtfKind.FLOAT, BtfKind.FWD),
        )
    )
    for kind in kinds
}
"""Which of several kinds of one name comes first; functions and the rest last."""
_LAST_PLACE = 3
_LAST_KIND = max(BtfKind)
_ANSWERS_KEPT = 32
"""More letters than are typed, and taken back, in one go."""


@frozen
class Hit:
    """A type whose name fits."""

    type_id: int
    name: str
    kind: BtfKind
    is_fuzzy: bool
    """The name has the letters of the query in their order, but not side by side."""


@frozen
class Hits:
    """What a query finds."""

    query: str
    hits: tuple[Hit, ...]
    """The best :data:`LIMIT`."""
    count: int
    """Of all."""


def type_index_of(btf: Btf) -> TypeIndex:
    """Return the index of *btf*, made once for each that is in memory.

    Raises:
        BtfFormatError: its types or names are damaged.
    """
    index = _INDEXES.get(btf)
    if index is None:
        index = _INDEXES[btf] = TypeIndex(btf)
    return index


class TypeIndex:
    """Names, ids and kinds of one BTF's types, its base's included."""

    def __init__(self, btf: Btf) -> None:
        names: list[str] = []
        ids: list[int] = []
        kinds: list[int] = []
        for part in _parts(btf):
            _collect(part, names, ids, kinds)
        self._names, self._ids, self._kinds = names, ids, kinds
        self._low = _lowered(names)
        self._last: tuple[str, frozenset[BtfKind], list[int]] = ("", frozenset(), [])
        self._last_fuzzy = self._last
        """The query before, and what it found: what a longer one finds is among that."""
        self._answers: dict[str, Hits] = {}
        """Of the last queries."""

    def __len__(self) -> int:
        return len(self._names)

    def search(self, query: str) -> Hits:
        """Return the types whose names hold *query*, best first, case ignored; where they are few, then also
        those with its letters in that order. A word such as ``struct`` before it asks for the kind. Without a
        name, types stand in the order of the file, structs first: a kernel begins with those that all use."""
        known = self._answers.pop(query, None)
        self._answers[query] = answer = known or self._search(query)
        if len(self._answers) > _ANSWERS_KEPT:
            del self._answers[next(iter(self._answers))]
        return answer

    def _search(self, query: str) -> Hits:
        wanted, text = split_kind(query.strip())
        needle = text.lower()
        substring = self._substring(needle, wanted)
        best = self._best(substring, needle)
        count = len(substring)
        fuzzy: list[int] = []
        if needle and count < _ENOUGH:
            known = set(substring)
            fuzzy = [index for index in self._subsequence(needle, wanted) if index not in known]
            count += len(fuzzy)
        hits = [self._hit(index, False) for index in best]
        room = LIMIT - len(hits)
        hits += [self._hit(index, True) for index in self._closest(room, fuzzy, needle)]
        return Hits(query, tuple(hits), count)

    def _hit(self, index: int, is_fuzzy: bool) -> Hit:
        return Hit(self._ids[index], self._names[index], BtfKind(self._kinds[index]), is_fuzzy)

    def _substring(self, needle: str, wanted: frozenset[BtfKind]) -> list[int]:
        low, (last, last_wanted, last_found) = self._low, self._last
        if last and needle.startswith(last) and wanted == last_wanted:
            found = [index for index in last_found if needle in low[index]]
        else:
            found = [index for index, name in enumerate(low) if needle in name]
            if wanted:
                found = self._of_kinds(found, wanted)
        self._last = (needle, wanted, found)
        return found

    def _of_kinds(self, indexes: Iterable[int], wanted: frozenset[BtfKind]) -> list[int]:
        kinds, numbers = self._kinds, {int(kind) for kind in wanted}
        return [index for index in indexes if kinds[index] in numbers]

    def _subsequence(self, needle: str, wanted: frozenset[BtfKind]) -> list[int]:
        """Return the names with these letters in order."""
        matches = letters_pattern(needle).search
        low, (last, last_wanted, last_found) = self._low, self._last_fuzzy
        if last and needle.startswith(last) and wanted == last_wanted:
            found = [index for index in last_found if matches(low[index])]
        else:
            found = list(compress(range(len(low)), map(matches, low)))
            if wanted:
                found = self._of_kinds(found, wanted)
        self._last_fuzzy = (needle, wanted, found)
        return found

    def _best(self, found: Sequence[int], needle: str) -> list[int]:
        low, kinds = self._low, self._kinds
        if not needle:
            return list(islice(self._by_kind(found), LIMIT))

        def place(index: int) -> tuple[bool, int, int, int, str]:
            name = low[index]
            at = name.find(needle)
            # At the start, at the start of a word, within one.
            where = 0 if at == 0 else 1 if name[at - 1] == "_" else 2
            return name != needle, where, _order(kinds[index]), len(name), name

        if len(found) > 4 * LIMIT:  # a full comparison of all would take longer than the search
            starts = [index for index in found if low[index].startswith(needle)]
            found = starts if len(starts) >= LIMIT else [*starts, *(set(found) - set(starts))][: 8 * LIMIT]
        return nsmallest(LIMIT, found, key=place)

    def _by_kind(self, found: Sequence[int]) -> Iterator[int]:
        """Yield *found*, those of each place in :data:`_ORDER` after those of the one before."""
        kinds = self._kinds
        for place in range(_LAST_PLACE + 1):
            numbers = {int(kind) for kind in BtfKind if _order(kind) == place}
            yield from (index for index in found if kinds[index] in numbers)

    def _closest(self, room: int, found: Sequence[int], needle: str) -> list[int]:
        """Return those of *found* in which the letters of *needle* stand closest together, and foremost."""
        if not found:
            return []
        low, kinds, matches = self._low, self._kinds, letters_pattern(needle).search
        spreads = []
        for index in found:
            match = matches(low[index])
            assert match is not None
            start, end = match.span()
            spreads.append(end - start + start // 2)
        widest = sorted(spreads)[min(room, len(spreads)) - 1]  # so that few are compared in full
        close = [
            (spread, _order(kinds[index]), low[index], index)
            for spread, index in zip(spreads, found, strict=True)
            if spread <= widest
        ]
        return [index for *_, index in nsmallest(room, close)]


def first_types(btf: Btf) -> tuple[Hit, ...]:
    """Return the structs and unions that a search without a name begins with, at once: they are among the
    first types of a kernel.

    Raises:
        BtfFormatError: a name among them is outside the strings.
    """
    return tuple(islice(_first_types(btf), LIMIT))


def _first_types(btf: Btf) -> Iterator[Hit]:
    for part in _parts(btf):
        words, starts = part.records()
        for type_id, at in enumerate(starts, part.start_id):
            kind = words[at] >> 24 & 0x7F
            if _order(kind) == 0 and (name := part.name(type_id)):
                yield Hit(type_id, name, BtfKind(kind), False)


_INDEXES: WeakKeyDictionary[Btf, TypeIndex] = WeakKeyDictionary()


def _order(kind: int) -> int:
    return _ORDER.get(kind, _LAST_PLACE)


def _parts(btf: Btf) -> list[Btf]:
    return [*(_parts(btf.base) if btf.base else ()), btf]


def _lowered(names: Sequence[str]) -> list[str]:
    """Return *names* in lower case, each name that many types have once."""
    distinct = dict.fromkeys(names)
    low = "\n".join(distinct).lower().split("\n") if names else []
    # A name with a line feed in it, or one that case changes the length of.
    if len(low) != len(distinct):
        low = [name.lower() for name in distinct]
    return list(map(dict(zip(distinct, low, strict=True)).__getitem__, names))


def _collect(btf: Btf, names: list[str], ids: list[int], kinds: list[int]) -> None:
    """Append what has a name of *btf*'s own types: the strings are decoded once, then cut; once all cut are
    more than the section, :meth:`.Btf.name` goes on, which has each string once and a bound."""
    words, starts = btf.records()
    start = btf.string_start
    section = btf.string_section()
    text = section.decode("ascii") if section.isascii() else ""
    room = len(text)
    for type_id, at in enumerate(starts, btf.start_id):
        offset = words[at - 1] - start
        end = text.find("\0", offset, offset + MAX_NAME) if room > 0 and offset >= 0 else -1
        if end >= 0:
            name = text[offset:end]
            room -= end - offset
        else:
            name = btf.name(type_id)
        if name:
            names.append(name)
            ids.append(type_id)
            kind = words[at] >> 24 & 0x7F
            kinds.append(kind if kind <= _LAST_KIND else BtfKind.VOID)  # as Btf.kind says it
