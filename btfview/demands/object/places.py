"""Places in an object's code, found by the functions that hold them."""

from __future__ import annotations

from bisect import bisect_left
from operator import itemgetter

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .code import Function, Place

_offset = itemgetter(0)


class PlaceIndex:
    """*places*, to be asked for those of one program after the other."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._by_section: dict[str, list[tuple[int, int, Place]]] = {}
        for number, place in enumerate(places):
            self._by_section.setdefault(place[0], []).append((place[1], number, place))
        for found in self._by_section.values():
            found.sort(key=_offset)

    def within(self, functions: Iterable[Function]) -> list[Place]:
        """Return the places in *functions*, in the order in which they were given.

        The cost is that of the functions and of what is found, not of all places.
        """
        if not self._by_section:
            return []
        held: dict[int, Place] = {}
        for function in functions:
            known = self._by_section.get(function.section)
            if not known:
                continue
            for index in range(bisect_left(known, function.start, key=_offset), len(known)):
                offset, number, place = known[index]
                if offset >= function.end:
                    break
                held[number] = place
        return [held[number] for number in sorted(held)]
