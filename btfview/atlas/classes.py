"""Which numbers of types and strings each kernel differs in from its base, told in classes.

What the same kernels differ in is one class, and of thousands of kernels there are few: a class is another
one and a kernel more.
"""

from __future__ import annotations

from array import array

from btfview.frozen import TYPE_CHECKING

from .packing import join, pack_numbers, split, unpack_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Classes:
    """For each number of a type, or of a string, the kernels that differ in it from their bases: of one class
    are those numbers in which the same kernels do."""

    def __init__(self) -> None:
        self.class_of = array("I")
        """By number."""
        self._parents, self._bits = array("I", (0,)), array("I", (0,))
        """Of each class the one that it was before its last kernel came, and the place of that kernel; the
        class 0 has none."""

    def add(self, bit: int, numbers: Iterable[int], count: int) -> None:
        """Take up the kernel at place *bit*, which differs from its base in *numbers*; of all numbers there
        are *count*."""
        class_of, parents, bits = self.class_of, self._parents, self._bits
        class_of.frombytes(bytes(4 * (count - len(class_of))))
        made: dict[int, int] = {}
        for number in numbers:
            before = class_of[number]
            after = made.get(before)
            if after is None:
                after = made[before] = len(parents)
                parents.append(before)
                bits.append(bit)
            class_of[number] = after

    def without(self, bit: int, numbers: Iterable[int]) -> array[int]:
        """Return those of *numbers* in which the kernel at place *bit* does not differ from its base."""
        is_there = bytearray(len(self._parents))
        for one, (parent, its_bit) in enumerate(zip(self._parents, self._bits, strict=True)):
            is_there[one] = (one > 0 and its_bit == bit) or is_there[parent]
        class_of = self.class_of
        return array("I", [number for number in numbers if not is_there[class_of[number]]])

    def kernels_of(self, class_: int, above: Sequence[int]) -> int:
        """Return the kernels that have what is in a class; *above* holds, for each kernel, itself and those
        that stand on it."""
        found = 0
        while class_:
            found ^= above[self._bits[class_]]
            class_ = self._parents[class_]
        return found

    def to_bytes(self) -> bytes:
        return join(map(pack_numbers, (self.class_of, self._parents, self._bits)))

    @classmethod
    def from_bytes(cls, data: bytes, count: int, kernel_count: int) -> Classes:
        """Return what was written of *count* numbers and *kernel_count* kernels.

        Raises:
            ValueError: it is damaged.
        """
        found = cls()
        found.class_of, found._parents, found._bits = map(unpack_numbers, split(data, 3))
        size = len(found._parents)
        if (
            len(found.class_of) != count
            or not size
            or len(found._bits) != size
            or max(found._bits) >= max(kernel_count, 1)
            or max(found.class_of, default=0) >= size
            or any(parent >= one for one, parent in enumerate(found._parents[1:], 1))
        ):
            raise ValueError("has types in classes that it has not")
        return found
