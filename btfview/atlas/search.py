"""Who has a member of some name, or of some type, in one kernel of an atlas: found without making its BTF."""

from __future__ import annotations

import sys
from bisect import bisect_right

from btfview.frozen import TYPE_CHECKING

from .words import MEMBERS, NAMED_ELEMENTS, kind_of

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Iterator

    from .shared_btf import AtlasNames, SharedBtf


class TypeSearch:
    """Searches in the types of all kernels of an atlas."""

    def __init__(self, names: AtlasNames) -> None:
        self._names = names
        self._parts: list[tuple[int, array[int], bytes]] | None = None
        """The first type of each part, where each of its types begins, and their words."""

    def having_name(self, btf: SharedBtf, name: str) -> tuple[int, ...]:
        """Return the ids of the structs, unions, enums and prototypes with a member, an enumerator or a
        parameter of a name, in the order in which the kernel has them."""
        number = self._names.number_of.get(name.encode("utf-8", "surrogatepass"))
        if not number:
            return ()
        found = {
            holder
            for holder, at in self._places_of(number)
            if (size := NAMED_ELEMENTS.get(kind_of(self._names.atlas.info(holder)))) and not (at - 1) % size
        }
        return self._ids(btf, found)

    def having_type(self, btf: SharedBtf, type_id: int) -> tuple[int, ...]:
        """Return the ids of the structs and unions with a member of a type without a name, likewise; once for
        each such member."""
        if self._names.named(type_id) is not None:
            return ()
        found = [
            holder
            for holder, at in self._places_of(self._names.unnamed(type_id))
            if kind_of(self._names.atlas.info(holder)) in MEMBERS and at % 3 == 2
        ]
        ids = self._ids(btf, found)
        return tuple(one for one in ids for _ in range(found.count(btf.number_of(one))))

    def _ids(self, btf: SharedBtf, numbers: Iterable[int]) -> tuple[int, ...]:
        wanted = {number for number in numbers if btf.has(number)}
        if not wanted:
            return ()
        order = self._names.atlas.type_order(btf.kernel.id) if len(wanted) > 1 else wanted
        return tuple(self._id_of(number) for number in order if number in wanted)

    def _id_of(self, number: int) -> int:
        atlas = self._names.atlas
        name = atlas.names[number]
        return self._names.id_of(name, atlas.rank(number)) if name else self._names.id_of_reference(number)

    def _places_of(self, word: int) -> Iterator[tuple[int, int]]:
        """Yield the types that have a word behind their info word, and the index of the word there."""
        if self._parts is None:
            self._parts = [
                (first, starts, words.tobytes()) for first, words, starts in self._names.atlas.all_words()
            ]
        needle = word.to_bytes(4, sys.byteorder)
        for first, starts, data in self._parts:
            # Backwards, because that looks for the first byte of the number first, the one that differs most.
            at = data.rfind(needle)
            while at >= 0:
                if at % 4 == 0:
                    index = bisect_right(starts, at // 4) - 1
                    yield first + index, at // 4 - starts[index]
                at = data.rfind(needle, 0, at + 3)
