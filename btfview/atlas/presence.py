"""Which kernels have a type or a string: a set of all kernels at once, as the bits of one number.

A kernel is what differs from its base, so a type is there where, on the way down to the first base, an odd
number of kernels differ in it: the sum without carry of the kernels above each of them.
"""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from array import array

    from .read import Atlas, AtlasKernel

_MANY = 500
"""Differences of a kernel from its base from which they are kept as a set that is asked."""


class Presence:
    """The kernels of one atlas, without those that are kept whole."""

    def __init__(self, atlas: Atlas) -> None:
        parts = atlas.parts
        self.kernels: tuple[AtlasKernel, ...] = tuple(atlas.kernel(part.kernel) for part in parts)
        self.bit_of = {kernel.id: bit for bit, kernel in enumerate(self.kernels)}
        above = [1 << bit for bit in range(len(parts))]
        for bit in range(len(parts) - 1, -1, -1):  # a base was added before what stands on it
            base = self.kernels[bit].base
            if base is not None:
                above[self.bit_of[base]] |= above[bit]
        self._types = _Differences([part.types for part in parts], above)
        self._strings = _Differences([part.strings for part in parts], above)
        self.all = (1 << len(parts)) - 1

    def of_type(self, number: int) -> int:
        """Return the kernels that have a type, by its number: bit n stands for ``kernels[n]``."""
        return self._types.of(number)

    def of_string(self, number: int) -> int:
        """Return the kernels that have a string in their string section."""
        return self._strings.of(number)


class _Differences:
    def __init__(self, lists: list[array[int]], above: list[int]) -> None:
        self._above = above
        self._sets = [(set(one), bit) for bit, one in enumerate(lists) if len(one) >= _MANY]
        self._few: dict[int, list[int]] = {}
        for bit, one in enumerate(lists):
            if len(one) < _MANY:
                for number in one:
                    self._few.setdefault(number, []).append(bit)
        self._known: dict[int, int] = {}

    def of(self, number: int) -> int:
        found = self._known.get(number)
        if found is None:
            found = 0
            for members, bit in self._sets:
                if number in members:
                    found ^= self._above[bit]
            for bit in self._few.get(number, ()):
                found ^= self._above[bit]
            self._known[number] = found
        return found
