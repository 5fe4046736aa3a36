"""What pahole says of a struct: where its members stand, the holes between them, packing and alignment.

BTF has neither alignment nor ``packed``; both are inferred from offsets. Source of the rules: pahole's
``class__find_holes``, ``class__infer_packed_attributes`` and ``tag__natural_alignment`` (dwarves.c) and
``class__infer_alignment`` (btf_loader.c).
"""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

from .sizes import behind_names, bits_of_int, size_of
from .types import Array, Enum, Float, Int, Ptr, Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from .reader import Btf
    from .types import BtfType, Member

CACHELINE = 64
"""Bytes; of every machine whose kernels are read here but s390x (256)."""
_MAX_DEPTH = 32
"""Structs nested by value that are looked into for their alignment; real kernels have 8."""


@frozen
class MemberLayout:
    """Where one member stands. Holes come after it."""

    byte_offset: int
    """Of a bitfield that of its storage unit, an aligned integer of its type."""
    byte_size: int
    bit_offset: int
    """Of the member itself, from the start of the struct."""
    bitfield_size: int
    """Bits; 0 for a member that is no bitfield."""
    alignment: int
    """Bytes to which it seems to be aligned by an attribute; 0 for the alignment of its type."""
    hole: int
    """Bytes."""
    bit_hole: int
    """Bits, besides those bytes."""

    @property
    def bitfield_offset(self) -> int:
        """Bits from the start of the storage unit."""
        return self.bit_offset - self.byte_offset * 8


@frozen
class Holes:
    places: tuple[MemberLayout, ...]
    """One a member."""
    hole: int
    """Bytes before the first member."""
    bit_hole: int
    padding: int
    """Bytes at the end."""
    bit_padding: int
    """Bits at the end that are left of a bitfield."""
    alignment: int
    """Bytes to which the struct seems to be aligned by an attribute; 0 for what its members ask for."""

    @property
    def hole_count(self) -> int:
        return bool(self.hole) + sum(1 for place in self.places if place.hole)

    @property
    def bit_hole_count(self) -> int:
        return bool(self.bit_hole) + sum(1 for place in self.places if place.bit_hole)


class HoleFinder:
    """Finds holes and alignments in structs of one BTF; each is looked at once."""

    def __init__(self, btf: Btf) -> None:
        self._btf = btf
        self._holes: dict[int, Holes] = {}
        self._packed: dict[int, bool] = {}
        self._alignments: dict[int, int] = {}
        """Of structs."""
        self._facts: dict[int, tuple[BtfType | None, int, int]] = {}

    def holes(self, struct: Struct) -> Holes:
        found = self._holes.get(struct.id)
        if found is None:
            found = self._holes[struct.id] = self._find(struct)
        return found

    def _find(self, struct: Struct) -> Holes:
        starts = [self._start(member) for member in struct.members]
        places: list[MemberLayout] = []
        gaps, tail = _gaps(starts, struct.byte_size) if not struct.is_union else ([(0, 0)], (0, 0))
        gaps += [(0, 0)] * (len(starts) + 1 - len(gaps))
        end = 0
        for (byte_offset, byte_size, bit_offset, bits), (hole, bit_hole), member in zip(
            starts, gaps[1:], struct.members, strict=True
        ):
            alignment = 0
            if byte_size:
                alignment = _forced_alignment(byte_offset, self._facts_of(member.type_id)[2], end)
                end = byte_offset + byte_size
            places.append(MemberLayout(byte_offset, byte_size, bit_offset, bits, alignment, hole, bit_hole))
        alignment = _forced_alignment(struct.byte_size, self._struct_alignment(struct, 0), end)
        return Holes(tuple(places), *gaps[0], *tail, alignment)

    def _start(self, member: Member) -> tuple[int, int, int, int]:
        """Return byte offset and size (of a bitfield its storage unit's), bit offset, bits of a bitfield."""
        behind, byte_size, _ = self._facts_of(member.type_id)
        bits = member.bitfield_size or bits_of_int(behind)
        if bits and byte_size:
            return member.bit_offset // (byte_size * 8) * byte_size, byte_size, member.bit_offset, bits
        return member.bit_offset // 8, byte_size, member.bit_offset, bits

    def _facts_of(self, type_id: int) -> tuple[BtfType | None, int, int]:
        """Return of a member's type what is behind its typedefs, its size and its alignment."""
        found = self._facts.get(type_id)
        if found is None:
            behind = behind_names(self._btf, type_id)
            found = behind, size_of(self._btf, type_id), self._alignment(behind, 0)
            self._facts[type_id] = found
        return found

    # -- alignment ---------------------------------------------------------------------------

    def _alignment(self, found: BtfType | None, depth: int) -> int:
        """Return the bytes that a type asks for where nothing is packed; at least 1."""
        for _ in range(_MAX_DEPTH):
            if not isinstance(found, Array):
                break
            found = behind_names(self._btf, found.type_id)
        match found:
            case Ptr():
                return self._btf.pointer_size
            case Int() | Float() | Enum():
                return found.byte_size or 1
            case Struct():
                return self._struct_alignment(found, depth)
            case _:
                return 1

    def _struct_alignment(self, struct: Struct, depth: int) -> int:
        found = self._alignments.get(struct.id)
        if found is None:
            if depth > _MAX_DEPTH:
                return 1
            self._alignments[struct.id] = 1  # what a struct that contains itself is told
            found = 1
            for member in struct.members:
                found = max(found, self._alignment(behind_names(self._btf, member.type_id), depth + 1))
            self._alignments[struct.id] = found
        return found

    # -- packed ------------------------------------------------------------------------------

    def is_packed(self, struct: Struct) -> bool:
        """Return whether a struct must be packed to have its members where they are.

        Where the struct cannot tell (it has holes, or members that stand well by chance), its place in
        the struct around it can, if that one has been asked for first.
        """
        found = self._packed.get(struct.id)
        if found is None:
            found = self._packed[struct.id] = not struct.is_union and self._must_be_packed(struct)
            if struct.is_union:
                self._mark_members(struct, is_odd=lambda alignment, _: struct.byte_size % alignment != 0)
        return found

    def _must_be_packed(self, struct: Struct) -> bool:
        holes = self.holes(struct)
        if holes.padding or holes.hole_count:
            self._mark_members(struct, is_odd=lambda alignment, place: place.byte_offset % alignment != 0)
            return False
        alignments = [self._facts_of(member.type_id)[2] for member in struct.members]
        is_odd = any(place.byte_offset % align for place, align in zip(holes.places, alignments, strict=True))
        return is_odd or struct.byte_size % max(alignments, default=1) != 0

    def _mark_members(self, struct: Struct, is_odd: Callable[[int, MemberLayout], bool]) -> None:
        for member, place in zip(struct.members, self.holes(struct).places, strict=True):
            inner, _, alignment = self._facts_of(member.type_id)
            if not isinstance(inner, Struct) or inner.is_union:
                continue
            if is_odd(alignment, place):
                self._packed[inner.id] = True


def _gaps(
    starts: list[tuple[int, int, int, int]], byte_size: int
) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """Return (bytes, bits) of the hole before each member, and (bytes, bits) of padding at the end.

    Bits that are left of a bitfield's storage unit are a bit hole; whole bytes after it are a hole.
    """
    gaps: list[tuple[int, int]] = []
    seen = unit_size = 0
    unit_end = byte_size * 8
    in_bitfield = False
    for byte_offset, size, start, bits in starts:
        hole = bit_hole = 0
        if in_bitfield:
            unit_rest = min(start, unit_end)
            bit_hole = unit_rest - seen
            seen = unit_rest
        if bits:
            unit_start = byte_offset * 8
            # A bitfield may begin in the unit before its own; only then is its unit's start no hole.
            if seen < unit_start <= start:
                hole = byte_offset - seen // 8
                seen = unit_start
            bit_hole += start - seen
        else:
            hole = start // 8 - seen // 8
        gaps.append((hole, bit_hole))
        end = seen = start + (bits or size * 8)
        if not bits:
            in_bitfield, unit_size, unit_end = False, 0, end
            continue
        in_bitfield = True
        if end > unit_end or size * 8 > unit_size:
            unit_size = size * 8
            unit_end = byte_offset * 8 + unit_size
            if end > unit_end:
                unit_end += unit_size
    bit_padding = 0
    if in_bitfield:
        unit_rest = min(byte_size * 8, unit_end)
        bit_padding = unit_rest - seen
        seen = unit_rest
    return gaps, (byte_size - seen // 8, bit_padding)


def _forced_alignment(byte_offset: int, natural: int, end_before: int) -> int:
    """Return the alignment that only an attribute can have given, 0 where none is needed: a gap of more
    than the type's own alignment shows it. A cacheline is taken for likelier than less."""
    gap = byte_offset - end_before
    if gap <= 0 or byte_offset % 2:
        return 0
    alignment = 1 << gap.bit_length()
    if alignment <= natural:
        return 0
    if alignment < CACHELINE and byte_offset % CACHELINE == 0:
        return CACHELINE
    return alignment
