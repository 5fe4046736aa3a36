"""What a record asks of a path: an offset, a size, a shift, a type id ... (aya: ``ComputedRelocation``)."""

from __future__ import annotations

from btfview.btf.kinds import CoreReloKind
from btfview.btf.types import Datasec, Enum, Float, Int, Ptr, Struct
from btfview.core_relo.access_spec import AccessSpec, RefusedError
from btfview.frozen import TYPE_CHECKING, frozen

from .types import size_of

if TYPE_CHECKING:
    from btfview.btf.reader import Btf

_U64 = (1 << 64) - 1
_U32 = (1 << 32) - 1
_SIZED = Int | Float | Enum | Struct | Datasec | Ptr


@frozen
class AyaValue:
    value: int
    """Unsigned 64 bits."""
    byte_size: int = 0
    """Of a byte offset, what a load of the field takes; else 0."""
    type_id: int | None = None
    """Of a byte offset, the field's type."""


def compute_value(btf: Btf, spec: AccessSpec | None, kind: CoreReloKind) -> AyaValue:
    """Return the value of *spec*; None is no path at all, which an existence query can be asked of.

    Raises:
        RefusedError: aya has no value.
    """
    if kind in (CoreReloKind.FIELD_EXISTS, CoreReloKind.TYPE_EXISTS, CoreReloKind.ENUMVAL_EXISTS):
        return AyaValue(int(spec is not None))
    if spec is None:
        raise RefusedError(f"{kind.label}: missing target BTF info")
    if kind.is_enumval:
        enum = btf.type(spec.steps[0].type_id)
        assert isinstance(enum, Enum)
        return AyaValue(enum.enumerators[spec.steps[0].index].value & _U64)
    match kind:
        case CoreReloKind.TYPE_ID_LOCAL | CoreReloKind.TYPE_ID_TARGET:
            return AyaValue(spec.root_type_id)
        case CoreReloKind.TYPE_SIZE:
            return AyaValue(size_of(btf, spec.root_type_id))
    return _field_value(btf, spec, kind)


def _field_value(btf: Btf, spec: AccessSpec, kind: CoreReloKind) -> AyaValue:
    """Return the value of a field (aya: ``compute_field_relocation``)."""
    last = spec.steps[-1]
    if last.name is None:
        if kind == CoreReloKind.FIELD_BYTE_OFFSET:
            return AyaValue(spec.bit_offset // 8, size_of(btf, last.type_id), last.type_id)
        if kind == CoreReloKind.FIELD_BYTE_SIZE:
            return AyaValue(size_of(btf, last.type_id))
        raise RefusedError(f"{kind.label}: invalid relocation kind for array type")
    owner = btf.type(last.type_id)
    assert isinstance(owner, Struct)
    member = owner.members[last.index]
    field = btf.skip_modifiers(member.type_id)
    bit_offset, bit_size = spec.bit_offset & _U32, member.bitfield_size
    if bit_size:
        byte_size = _declared_size(btf, field.id)
        byte_offset = bit_offset // 8 // byte_size * byte_size
        while bit_offset + bit_size - byte_offset * 8 > byte_size * 8:
            if byte_size >= 8:
                raise RefusedError("invalid BTF type info: a bitfield larger than 8 bytes")
            byte_size *= 2
            byte_offset = bit_offset // 8 // byte_size * byte_size
    else:
        byte_size = size_of(btf, field.id)
        bit_size, byte_offset = byte_size * 8 & _U32, bit_offset // 8
    match kind:
        case CoreReloKind.FIELD_BYTE_OFFSET:
            return (
                AyaValue(byte_offset) if member.bitfield_size else AyaValue(byte_offset, byte_size, field.id)
            )
        case CoreReloKind.FIELD_BYTE_SIZE:
            return AyaValue(byte_size)
        case CoreReloKind.FIELD_SIGNED:
            return AyaValue(_signedness(field))
        case CoreReloKind.FIELD_LSHIFT_U64:
            return AyaValue(64 - (bit_offset + bit_size - byte_offset * 8 & _U32) & _U64)
        case _:
            return AyaValue(64 - bit_size & _U64)


def _declared_size(btf: Btf, type_id: int) -> int:
    size = size_of(btf, type_id) if isinstance(btf.type(type_id), _SIZED) else 0
    if not size:
        raise RefusedError("aya panics: a bitfield of a type without a size")
    return size


def _signedness(field: object) -> int:
    match field:
        case Enum():
            return int(field.is_signed)
        case Int():
            # Only 0, 1, 2 and 4 have a name; what has none is 5, which is odd (aya: IntEncoding::Unknown).
            return field.encoding & 1 if field.encoding in (0, 1, 2, 4) else 1
        case _:
            return 0
