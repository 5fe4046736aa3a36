"""What a record asks of a spec: an offset, a size, a shift, a type id ...

libbpf: ``bpf_core_calc_field_relo``, ``bpf_core_calc_type_relo``, ``bpf_core_calc_enumval_relo``.
"""

from __future__ import annotations

from btfview.btf.kinds import BtfKind, CoreReloKind
from btfview.btf.types import Array, Enum, Int, Ptr, Struct
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen, replace

from .access_spec import AccessSpec, RefusedError

if TYPE_CHECKING:
    from btfview.btf.reader import Btf

_U64 = (1 << 64) - 1
_U32 = (1 << 32) - 1
"""libbpf computes shifts in 32 bits, which shows where a field has more than 8 bytes."""


@frozen
class SpecValue:
    value: int
    """Unsigned 64 bits."""
    is_validated: bool = True
    """The instruction must hold this value before it is patched."""
    byte_size: int = 0
    """Of a field_byte_offset: bytes that a load of the field takes (of an array, of one element)."""
    type_id: int = 0
    """Of a field_byte_offset: the field's type."""


@frozen
class BitWindow:
    """The load that reads a field, and where the field lies in it."""

    byte_offset: int
    byte_size: int
    bit_offset: int
    """From the start of the root type."""
    bit_size: int
    is_bitfield: bool


def calc_value(btf: Btf, spec: AccessSpec, kind: CoreReloKind, *, is_little_endian: bool) -> SpecValue:
    """Return the value of *spec* in the BTF it was parsed against; the byte order is the object's.

    Raises:
        RefusedError: libbpf refuses to compute it.
    """
    try:
        if kind.is_type:
            return _type_value(btf, spec, kind)
        if kind.is_enumval:
            return _enumval_value(btf, spec, kind)
        return _field_value(btf, spec, kind, is_little_endian)
    except BtfFormatError as error:
        raise RefusedError(error.problem) from error


def _type_value(btf: Btf, spec: AccessSpec, kind: CoreReloKind) -> SpecValue:
    match kind:
        case CoreReloKind.TYPE_ID_LOCAL | CoreReloKind.TYPE_ID_TARGET:
            # A linker renumbers types, so the id that the compiler wrote may be out of date.
            return SpecValue(spec.root_type_id, is_validated=False)
        case CoreReloKind.TYPE_SIZE:
            return SpecValue(btf.byte_size(spec.root_type_id))
        case _:
            return SpecValue(1)


def _enumval_value(btf: Btf, spec: AccessSpec, kind: CoreReloKind) -> SpecValue:
    if kind == CoreReloKind.ENUMVAL_EXISTS:
        return SpecValue(1)
    enum = btf.type(spec.steps[0].type_id)
    assert isinstance(enum, Enum)
    value = enum.enumerators[spec.steps[0].index].value
    if enum.kind == BtfKind.ENUM:
        # libbpf reads 32-bit enumerators as __s32, whatever their sign: 0x80000000 and more come out
        # sign-extended, and then fail the check against the instruction.
        value = as_s32(value)
    return SpecValue(value & _U64)


def as_s32(value: int) -> int:
    """Return the low 32 bits of *value* as a signed number: all that BTF_KIND_ENUM holds of an enumerator."""
    return (value & 0xFFFFFFFF) - ((value & 0x80000000) << 1)


def _field_value(btf: Btf, spec: AccessSpec, kind: CoreReloKind, is_little_endian: bool) -> SpecValue:
    if kind == CoreReloKind.FIELD_EXISTS:
        return SpecValue(1)
    if spec.steps[-1].name is None:
        return _element_value(btf, spec, kind)
    window = bit_window(btf, spec)
    is_validated = not window.is_bitfield
    match kind:
        case CoreReloKind.FIELD_BYTE_OFFSET:
            if window.is_bitfield:
                return SpecValue(window.byte_offset, is_validated=False)
            type_id = _field_type_id(btf, spec)
            return SpecValue(window.byte_offset, True, _element_size(btf, type_id), type_id)
        case CoreReloKind.FIELD_BYTE_SIZE:
            return SpecValue(window.byte_size, is_validated)
        case CoreReloKind.FIELD_SIGNED:
            field = btf.type(_field_type_id(btf, spec))
            return SpecValue(int(isinstance(field, Int | Enum) and field.is_signed))
        case CoreReloKind.FIELD_LSHIFT_U64:
            bits_before = window.bit_offset - window.byte_offset * 8
            if is_little_endian:
                return SpecValue((64 - (bits_before + window.bit_size)) & _U32, is_validated)
            return SpecValue(((8 - window.byte_size) * 8 + bits_before) & _U32, is_validated)
        case _:
            return SpecValue((64 - window.bit_size) & _U32)


def _element_value(btf: Btf, spec: AccessSpec, kind: CoreReloKind) -> SpecValue:
    type_id = spec.steps[-1].type_id
    if kind == CoreReloKind.FIELD_BYTE_OFFSET:
        return SpecValue(spec.bit_offset // 8, True, _element_size(btf, type_id), type_id)
    if kind == CoreReloKind.FIELD_BYTE_SIZE:
        return SpecValue(btf.byte_size(type_id))
    raise RefusedError(f"{kind.label} cannot be asked of an array element")


def bit_window(btf: Btf, spec: AccessSpec) -> BitWindow:
    """Return the load that reads the field at the end of *spec*.

    For a bitfield, the smallest aligned load of at least its declared type that covers it.

    Raises:
        RefusedError: no load of up to 8 bytes covers the bitfield.
        BtfFormatError: the field's type has no size.
    """
    owner = btf.type(spec.steps[-1].type_id)
    assert isinstance(owner, Struct)
    member = owner.members[spec.steps[-1].index]
    field_size = btf.byte_size(member.type_id)
    bit_offset, bit_size = spec.bit_offset, member.bitfield_size
    if not bit_size:
        return BitWindow(bit_offset // 8, field_size, bit_offset, field_size * 8, False)
    byte_size = field_size
    if not byte_size:
        raise RefusedError(f"bitfield {member.name} has a type of no size")
    byte_offset = bit_offset // 8 // byte_size * byte_size
    while bit_offset + bit_size - byte_offset * 8 > byte_size * 8:
        if byte_size >= 8:
            raise RefusedError(f"bitfield {member.name} cannot be read with one load of 8 bytes")
        byte_size *= 2
        byte_offset = bit_offset // 8 // byte_size * byte_size
    return BitWindow(byte_offset, byte_size, bit_offset, bit_size, True)


def _field_type_id(btf: Btf, spec: AccessSpec) -> int:
    owner = btf.type(spec.steps[-1].type_id)
    assert isinstance(owner, Struct)
    return btf.skip_modifiers(owner.members[spec.steps[-1].index].type_id).id


def with_whole_arrays(btf: Btf, value: SpecValue) -> SpecValue:
    """Return *value* as libbpf before 1.6 has it: a load of an array is one of all its elements."""
    return replace(value, byte_size=btf.byte_size(value.type_id)) if value.type_id else value


def _element_size(btf: Btf, type_id: int) -> int:
    """Return the size of a type, of an array that of its innermost elements (libbpf from 1.6 on; before
    that, of the whole array: :func:`with_whole_arrays`)."""
    btf.byte_size(type_id)  # refuses arrays that contain themselves
    found = btf.skip_modifiers(type_id)
    while isinstance(found, Array):
        found = btf.skip_modifiers(found.type_id)
    return btf.byte_size(found.id)


def can_resize_load(local: Btf, local_id: int, target: Btf, target_id: int) -> bool:
    """Return whether a load of one type may become a load of the other's size.

    Pointers (64 bits in BPF, 32 on some kernels) and unsigned ints: both zero-extend. "Unsigned" is every
    encoding but exactly "signed", so that _Bool counts (libbpf: ``bpf_core_calc_relo``).
    """
    ours, theirs = local.type(local_id), target.type(target_id)
    if isinstance(ours, Ptr) and isinstance(theirs, Ptr):
        return True
    is_unsigned = [isinstance(found, Int) and found.encoding != 1 for found in (ours, theirs)]
    return all(is_unsigned)
