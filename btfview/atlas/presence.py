"""Which kernels have a type or a string: a set of all kernels at once, as the bits of one number.

A kernel is what differs from its base, so a type is there where, on the way down to the first base, an odd
number of kernels differ in it: the sum without carry of the kernels above each of them.
"""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from .classes import Classes
    from .read import Atlas, AtlasKernel


class Presence:
    """The kernels of one atlas, without those that are kept whole."""

    def __init__(self, atlas: Atlas) -> None:
        self.kernels: tuple[AtlasKernel, ...] = atlas.numbered_kernels
        self.bit_of = {kernel.id: bit for bit, kernel in enumerate(self.kernels)}
        above = [1 << bit for bit in range(len(self.kernels))]
        for bit in range(len(self.kernels) - 1, -1, -1):  # a base was added before what stands on it
            base = self.kernels[bit].base
            if base is not None:
                above[self.bit_of[base]] |= above[bit]
        self._above = above
        self._types, self._strings = atlas.type_classes, atlas.string_classes
        self._known: dict[tuple[Classes, int], int] = {}
        self.all = (1 << len(self.kernels)) - 1

    def of_type(self, number: int) -> int:
        """Return the kernels that have a type, by its number: bit n stands for ``kernels[n]``."""
        return self._having(self._types, number)

    def of_string(self, number: int) -> int:
        """Return the kernels that have a string in their string section."""
        return self._having(self._strings, number)

    def _having(self, classes: Classes, number: int) -> int:
        key = (classes, classes.class_of[number])
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = classes.kernels_of(key[1], self._above)
        return found
