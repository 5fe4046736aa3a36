"""How a struct must be written in C so that clang lays it out as BTF says: packed, with what padding.

BTF has offsets but neither alignment nor ``packed``. The members are put down one by one by the rules
of clang's record layout (SysV bitfields); where a member would land elsewhere than BTF has it, unnamed
bitfields are put before it, and where no padding helps, the whole struct is packed.
"""

from __future__ import annotations

from btfview.btf.sizes import bitfield_size
from btfview.btf.types import Array, Enum, Float, Int, Ptr, Struct
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from btfview.btf.reader import Btf
    from btfview.btf.types import Member

_MAX_DEPTH = 64
"""Structs nested by value and arrays of arrays; real kernels have 8."""
_PAD_UNITS = ((64, "long long"), (32, "int"), (16, "short"), (8, "char"))
_MAX_BITFIELD_PADDING = 256 * 8
"""Bits; a longer hole is an array with a name."""


@frozen
class Padding:
    bit_offset: int
    bit_size: int
    is_array: bool = False
    """It has a name, as in a union, where bitfields would lie upon each other."""

    def lines(self) -> list[str]:
        """Return the declarations that fill the hole, without indentation."""
        at, end = self.bit_offset, self.bit_offset + self.bit_size
        if self.bit_size <= _MAX_BITFIELD_PADDING and not self.is_array:
            return _unnamed_bitfields(at, end)
        first, last = -(-at // 8), end // 8
        array = f"char __pad_{first}[{last - first}];"
        return [*_unnamed_bitfields(at, first * 8), array, *_unnamed_bitfields(last * 8, end)]


@frozen
class CLayout:
    """What to write between the braces, and after them."""

    items: tuple[Member | Padding, ...]
    is_packed: bool
    alignment: int
    """Bytes."""
    opaque_size: int | None = None
    """Bytes of an array that stands for everything: the members do not fit any C struct."""


class CLayouts:
    """Finds the C layout of the structs of one BTF, each once."""

    def __init__(self, btf: Btf) -> None:
        self._btf = btf
        self._layouts: dict[int, CLayout] = {}

    def layout(self, struct: Struct, depth: int = 0) -> CLayout:
        found = self._layouts.get(struct.id)
        if found is None:
            opaque = CLayout((), False, 1, struct.byte_size)
            if depth > _MAX_DEPTH:
                return opaque
            self._layouts[struct.id] = opaque  # what a struct that contains itself is told
            place = self._place_union if struct.is_union else self._place_struct
            found = place(struct, depth, False) or place(struct, depth, True) or opaque
            self._layouts[struct.id] = found
        return found

    def _place_struct(self, struct: Struct, depth: int, is_packed: bool) -> CLayout | None:
        at, struct_alignment = 0, 1
        items: list[Member | Padding] = []
        for member in struct.members:
            size, alignment = self._size_and_alignment(member.type_id, depth)
            if is_packed:
                alignment = 1
            if size is None or member.bit_offset < at:
                return None
            struct_alignment = max(struct_alignment, alignment)
            bits = bitfield_size(self._btf, member)
            start = _bitfield_start(at, bits, size, alignment, is_packed) if bits else _up(at, alignment * 8)
            if start != member.bit_offset:
                items.append(Padding(at, member.bit_offset - at))
                at = member.bit_offset
                start = (
                    _bitfield_start(at, bits, size, alignment, is_packed) if bits else _up(at, alignment * 8)
                )
            if start != member.bit_offset or (bits and not self._takes_bitfield(member, bits, size)):
                return None
            items.append(member)
            at = start + (bits or size * 8)
        end = struct.byte_size * 8
        if at > end or struct.byte_size % struct_alignment:
            return None
        if _up(at, struct_alignment * 8) != end:
            items.append(Padding(at, end - at))
        return CLayout(tuple(items), is_packed, struct_alignment)

    def _place_union(self, union: Struct, depth: int, is_packed: bool) -> CLayout | None:
        largest, union_alignment = 0, 1
        items: list[Member | Padding] = list(union.members)
        for member in union.members:
            size, alignment = self._size_and_alignment(member.type_id, depth)
            bits = bitfield_size(self._btf, member)
            if size is None or member.bit_offset or (bits and not self._takes_bitfield(member, bits, size)):
                return None
            largest = max(largest, -(-bits // 8) if bits else size)
            union_alignment = max(union_alignment, 1 if is_packed else alignment)
        if largest > union.byte_size or union.byte_size % union_alignment:
            return None
        if _up(largest, union_alignment) != union.byte_size:
            items.append(Padding(0, union.byte_size * 8, is_array=True))
        return CLayout(tuple(items), is_packed, union_alignment)

    def _takes_bitfield(self, member: Member, bits: int, size: int) -> bool:
        return isinstance(self._btf.skip_modifiers(member.type_id), Int | Enum) and bits <= size * 8

    def _size_and_alignment(self, type_id: int, depth: int) -> tuple[int | None, int]:
        """Return size and alignment in bytes; no size for what cannot be a member."""
        try:
            size = self._btf.byte_size(type_id)
            found = self._btf.skip_modifiers(type_id)
            for _ in range(_MAX_DEPTH):
                if not isinstance(found, Array):
                    break
                found = self._btf.skip_modifiers(found.type_id)
        except BtfFormatError:
            return None, 1
        match found:
            case Ptr():
                return size, self._btf.pointer_size
            case Int() | Enum() | Float():
                return size, found.byte_size if found.byte_size in (1, 2, 4, 8, 16) else 1
            case Struct():
                return size, self.layout(found, depth + 1).alignment
            case _:
                return None, 1


def _unnamed_bitfields(at: int, end: int) -> list[str]:
    texts = []
    while at < end:
        fitting = (unit for unit in _PAD_UNITS if at % unit[0] == 0 and at + unit[0] <= end)
        bits, name = next(fitting, (min(end - at, 8 - at % 8), "char"))
        texts.append(f"{name}: {bits};")
        at += bits
    return texts


def _bitfield_start(at: int, bits: int, size: int, alignment: int, is_packed: bool) -> int:
    """Return the bit at which clang puts a bitfield of *size* bytes' type that may start at bit *at*."""
    unit = alignment * 8
    return at if is_packed or at % unit + bits <= size * 8 else _up(at, unit)


def _up(value: int, unit: int) -> int:
    return -(-value // unit) * unit
