"""Where a path leads, in the object and in a candidate at once (cilium/ebpf: ``coreFindField``)."""

from __future__ import annotations

from btfview.btf.types import Array, Int, Struct
from btfview.core_relo.access_spec import RefusedError
from btfview.frozen import TYPE_CHECKING, frozen

from .types import align_of, in_words, size_of, why_members_differ

if TYPE_CHECKING:
    from btfview.btf.reader import Btf
    from btfview.btf.types import Member

_MAX_ANONYMOUS = 32
_U32 = (1 << 32) - 1


class ImpossibleError(Exception):
    """The candidate does not have it: the record is poison there, or 0 (``errImpossibleRelocation``)."""


@frozen
class Field:
    """Where a path leads."""

    btf: Btf
    type_id: int
    byte_offset: int
    """Of a bitfield, rounded down to the alignment of its type; modulo 2**32."""
    bit_offset: int = 0
    """Of a bitfield, from ``byte_offset``."""
    bit_size: int = 0
    """Of a bitfield; else 0."""
    may_be_flexible: bool = False
    """It is the last member of its struct, so an array of no length has any."""

    @property
    def size_bits(self) -> int:
        return self.bit_size or size_of(self.btf, self.type_id) * 8


@frozen
class FoundMember:
    type_id: int
    bit_offset: int
    bit_size: int
    is_last: bool


def find_field(
    local: Btf, local_id: int, accessor: tuple[int, ...], target: Btf, target_id: int
) -> tuple[Field, Field]:
    """Return the field in the object and in the candidate.

    Raises:
        ImpossibleError: the candidate does not have it.
        RefusedError: the load ends.
    """
    ours, theirs = Field(local, local_id, 0), Field(target, target_id, 0)
    _check_alike(ours, theirs)
    ours, theirs = _nth(ours, accessor[0]), _nth(theirs, accessor[0])
    for position, index in enumerate(accessor[1:], 2):
        match local.skip_modifiers(ours.type_id):
            case Struct() as struct:
                if index >= len(struct.members):
                    raise RefusedError(f"invalid accessor {index} for {in_words(struct)}")
                member = struct.members[index]
                if not member.name:
                    inner = local.skip_modifiers(member.type_id)
                    if not isinstance(inner, Struct):
                        raise RefusedError(f"unnamed field with type {in_words(inner)}: not supported")
                    ours = Field(local, inner.id, ours.byte_offset + member.bit_offset // 8 & _U32)
                    continue
                ours, theirs = _members(ours, theirs, struct, index, is_end=position == len(accessor))
            case Array() as array:
                ours, theirs = _elements(ours, theirs, array, index)
            case other:
                raise RefusedError(f"relocate field of {in_words(other)}: not supported")
        _check_alike(ours, theirs)
    return ours, theirs


def _check_alike(ours: Field, theirs: Field) -> None:
    here, there = ours.btf.skip_modifiers(ours.type_id), theirs.btf.skip_modifiers(theirs.type_id)
    if why := why_members_differ(here, there):
        raise ImpossibleError(why)


def _nth(field: Field, index: int) -> Field:
    if not index:
        return field
    offset = field.byte_offset + index * size_of(field.btf, field.type_id) & _U32
    return Field(field.btf, field.type_id, offset)


def _members(ours: Field, theirs: Field, struct: Struct, index: int, *, is_end: bool) -> tuple[Field, Field]:
    there = theirs.btf.skip_modifiers(theirs.type_id)
    if not isinstance(there, Struct):
        raise ImpossibleError(f"it is {in_words(there)} there, which has no members")
    member = struct.members[index]
    bit_offset, bit_size = place_of(ours.btf, struct, member)
    mine = FoundMember(member.type_id, bit_offset, bit_size, index == len(struct.members) - 1)
    other = _find_member(theirs.btf, there, member.name)
    if not mine.bit_size and not other.bit_size:
        return _plain(ours, mine), _plain(theirs, other)
    if not is_end:
        raise RefusedError("can't descend into bitfield")
    return _bitfield(ours, mine), _bitfield(theirs, other)


def _plain(field: Field, member: FoundMember) -> Field:
    offset = field.byte_offset + member.bit_offset // 8 & _U32
    return Field(field.btf, member.type_id, offset, may_be_flexible=member.is_last)


def _bitfield(field: Field, member: FoundMember) -> Field:
    """Return the place of a member that is a bitfield here or there: of the load that its type's alignment
    makes, which is not widened where the bits end beyond it (``adjustOffsetBits``)."""
    align = align_of(field.btf, member.type_id)
    skipped = member.bit_offset // 8 // align * align
    offset = field.byte_offset + skipped & _U32
    return Field(field.btf, member.type_id, offset, member.bit_offset - skipped * 8, member.bit_size)


def _elements(ours: Field, theirs: Field, array: Array, index: int) -> tuple[Field, Field]:
    there = theirs.btf.skip_modifiers(theirs.type_id)
    if not isinstance(there, Array):
        raise ImpossibleError(f"it is {in_words(there)} there, not an array")
    if not array.length and not ours.may_be_flexible:
        raise RefusedError("local type has invalid flexible array")
    if not there.length and not theirs.may_be_flexible:
        raise RefusedError("target type has invalid flexible array")
    if array.length and index >= array.length:
        raise RefusedError(f"invalid access of an array of {array.length} at index {index}")
    if there.length and index >= there.length:
        raise ImpossibleError(f"the array has {there.length} elements there; {index} is past the end")
    mine = Field(ours.btf, array.type_id, ours.byte_offset)
    other = Field(theirs.btf, there.type_id, theirs.byte_offset)
    return _nth(mine, index), _nth(other, index)


def place_of(btf: Btf, struct: Struct, member: Member) -> tuple[int, int]:
    """Return offset and size of a member in bits, the size 0 where it is no bitfield; one from before
    kind_flag has both in its int (cilium/ebpf: ``convertMembers``)."""
    if not struct.kind_flag:
        found = btf.type(member.type_id)
        if isinstance(found, Int) and (found.bit_offset or found.bits // 8 != found.byte_size):
            return member.bit_offset + found.bit_offset, found.bits
    return member.bit_offset, member.bitfield_size


def _find_member(btf: Btf, struct: Struct, name: str) -> FoundMember:
    """Return the member of that name, those of the struct itself first, then those of its anonymous ones
    (cilium/ebpf: ``coreFindMember``); libbpf goes into each as it comes to it."""
    waiting: list[tuple[Struct, int]] = [(struct, 0)]
    seen: set[tuple[int, int]] = set()
    for owner, offset in waiting:
        if (owner.id, offset) in seen:
            continue
        if len(seen) >= _MAX_ANONYMOUS:
            raise RefusedError("type is nested too deep")
        seen.add((owner.id, offset))
        for index, member in enumerate(owner.members):
            bit_offset, bit_size = place_of(btf, owner, member)
            if member.name == name:
                is_last = index == len(owner.members) - 1
                return FoundMember(member.type_id, bit_offset + offset, bit_size, is_last)
            if not member.name:
                inner = btf.skip_modifiers(member.type_id)
                if not isinstance(inner, Struct):
                    raise RefusedError(f"anonymous non-composite type {in_words(inner)} not allowed")
                waiting.append((inner, offset + bit_offset))
    raise ImpossibleError(f"{in_words(struct)} has no member {name} there")
