"""What a writer knows of its atlas: the numbers that there are, the kernels that a new one may stand on."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from btfview.frozen import TYPE_CHECKING, frozen

from .numbering import Numbering
from .packing import join, pack, pack_numbers, pack_words

if TYPE_CHECKING:
    from typing import Any

    from .arrays import Words
    from .numbering import Numbered
    from .read import Atlas, AtlasKernel

_MAX_ORDERS = 48
"""Kernels whose lists of types and strings are kept, a megabyte each."""


@frozen
class OverBase:
    """What a kernel stands on: another kernel, or nothing."""

    base: int | None
    strings: Words
    """Of the base, by their numbers, in order; none where there is no base."""
    types: Words
    changed_strings: Words
    """In which the kernel differs from it: one of them has them, from the lowest number to the highest."""
    changed_types: Words


class Known:
    """All of an atlas up to its kernel :attr:`last_kernel`."""

    def __init__(self, atlas: Atlas) -> None:
        """Raises TargetError: the atlas is damaged."""
        self._atlas = atlas
        with atlas.damage_told():
            self.numbering = Numbering.of(atlas)
        self._types, self._strings = atlas.type_classes, atlas.string_classes
        self._kernel_count = len(atlas.numbered_kernels)
        self.last_kernel = max((one.id for one in atlas.kernels), default=0)
        self._orders: OrderedDict[int, tuple[Words, Words]] = OrderedDict()

    def over(self, base: int | None, numbered: Numbered) -> OverBase:
        """Return a kernel as what differs from the kernel *base*."""
        none = np.zeros(0, np.uint32)
        strings, types = self.orders(base) if base else (none, none)
        numbering = self.numbering
        return OverBase(
            *(base, strings, types),
            _in_one(strings, numbered.strings, numbering.strings.count),
            _in_one(types, numbered.types, numbering.type_count),
        )

    def take(self, kernel: int, numbered: Numbered, over: OverBase) -> None:
        """Take up a kernel that was added."""
        numbering, bit = self.numbering, self._kernel_count
        self._strings.add(bit, over.changed_strings.tolist(), numbering.strings.count)
        self._types.add(bit, over.changed_types.tolist(), numbering.type_count)
        self._kernel_count += 1
        self.last_kernel = kernel
        self._keep(kernel, (numbered.strings, numbered.types))

    def orders(self, kernel: int) -> tuple[Words, Words]:
        """Return the strings and the types of a kernel by their numbers, in order."""
        found = self._orders.get(kernel)
        if found is None:
            lists = self._atlas.string_order(kernel), self._atlas.type_order(kernel)
            found = np.asarray(lists[0], np.uint32), np.asarray(lists[1], np.uint32)
        self._keep(kernel, found)
        return found

    def _keep(self, kernel: int, orders: tuple[Words, Words]) -> None:
        self._orders[kernel] = orders
        self._orders.move_to_end(kernel)
        if len(self._orders) > _MAX_ORDERS:
            self._orders.popitem(last=False)

    def nearest(self, name: str, count: int) -> list[AtlasKernel]:
        """Return the *count* kernels whose names begin most like *name*, and the one that was added last: of
        those whose orders are at hand, if there are any."""
        kernels = [self._atlas.kernel(number) for number in sorted(self._orders)]
        kernels = kernels or [one for one in self._atlas.kernels if not one.is_whole]
        likest = sorted(kernels, key=lambda one: (-_common(one.name, name), abs(len(one.name) - len(name))))
        return list(dict.fromkeys((*likest[:count], *kernels[-1:])))

    def merged(self) -> dict[str, Any]:
        """Return what all kernels brought in as one row."""
        types = self.numbering.types
        return {
            "id": 1,
            "last_kernel": self.last_kernel,
            "strings": pack(self.numbering.strings.text),
            "types": join(map(pack_numbers, (types.names, types.infos, types.ranks))),
            "bodies": pack_words(types.words),
            "presence": join((self._types.to_bytes(), self._strings.to_bytes())),
        }


def _in_one(numbers: Words, others: Words, count: int) -> Words:
    """Return which numbers, below *count*, are in one of the lists and not in both."""
    is_in = np.zeros(count, np.bool_)
    is_in[numbers] = True
    is_in_other = np.zeros(count, np.bool_)
    is_in_other[others] = True
    return np.flatnonzero(is_in != is_in_other).astype(np.uint32)


def _common(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    count = min(len(one), len(other))
    return next((at for at in range(count) if one[at] != other[at]), count)
