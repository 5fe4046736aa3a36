"""Size, alignment and offsets of types: those of ``repr(C)`` on BPF.

Pointers and ``usize`` have 64 bits, every scalar is aligned to its size. A struct without ``repr(C)`` has no
promised layout in Rust; here it has this one.
"""

from __future__ import annotations

from btfview.source import Span

from .kinds import (
    BOOL,
    C_VOID,
    CHAR,
    ArrayType,
    EnumType,
    Field,
    HelperType,
    InferVar,
    IntType,
    NamedType,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    format_type,
    is_nullable_pointer,
    parts_of,
    resolve,
)


def has_unspecified_layout(found: Type) -> bool:
    """Whether Rust promises nothing about where the parts of the type lie (reference: type layout)."""
    found = resolve(found)
    while isinstance(found, ArrayType):
        found = resolve(found.element)
    return isinstance(found, (OptionType, ResultType)) and not is_nullable_pointer(found)


def lay_out(struct: StructType) -> None:
    """Give every field its offset, and the type its size and alignment, as C does."""
    position = end = 0
    align = struct.min_align
    for field in struct.fields:
        field_align = align_of(field.type)
        if struct.packed is not None:
            field_align = min(field_align, struct.packed)
        field.byte_offset = 0 if struct.is_union else _round_up(position, field_align)
        position = field.byte_offset + size_of(field.type)
        end = max(end, position)
        align = max(align, field_align)
    struct.align = align
    struct.size = _round_up(end, align)


def offsets_of(found: Type) -> tuple[int, ...]:
    """Return the byte offsets of :func:`parts_of`."""
    return _lay_out_parts(found)[0]


def _lay_out_parts(found: Type) -> tuple[tuple[int, ...], int]:
    """Return the byte offsets of :func:`parts_of`, and where the last one ends.

    Each part is asked once for its size: twice, and a nest of tuples would take time by powers of two.
    """
    found = resolve(found)
    # LLVM has no member without a size that is worth the name: `()` in a Result takes a byte there.
    least = 1 if isinstance(found, ResultType) else 0
    offsets: list[int] = []
    end = 0
    for part in parts_of(found):
        offsets.append(_round_up(end, align_of(part)))
        end = offsets[-1] + max(size_of(part), least)
    return tuple(offsets), end


def size_of(found: Type) -> int:
    """Return the bytes a value takes; 0 for types that have no value."""
    if type(found) is InferVar:
        found = resolve(found)
    if type(found) is IntType:  # nearly all that are asked for
        return found.bits // 8
    match found:
        case IntType(bits=bits):
            return bits // 8
        case PointerType():
            return 8
        case ArrayType(element, length):
            return size_of(element) * length
        case StructType() as struct:
            return max(struct.size, 0)
        case OptionType(inner) as option:
            if is_nullable_pointer(option):
                return 8
            align = align_of(inner)
            return _round_up(size_of(inner) + align, align)
        case ResultType() | TupleType() as parts:
            return _round_up(_lay_out_parts(parts)[1], align_of(parts))
        case HelperType():
            return 8
        case EnumType() as enum:
            return enum.repr.bits // 8
        case NamedType() as named:
            return {BOOL: 1, CHAR: 4, C_VOID: 1}.get(named, 0)
        case InferVar():
            return 4


def align_of(found: Type) -> int:
    """Return the alignment in bytes."""
    if type(found) is InferVar:
        found = resolve(found)
    if type(found) is IntType:
        return found.bits // 8
    match found:
        case ArrayType(element):
            return align_of(element)
        case StructType() as struct:
            return struct.align
        case OptionType(inner):
            return align_of(inner)
        case ResultType() | TupleType() as parts:
            return max((align_of(part) for part in parts_of(parts)), default=1)
        case other:
            return max(size_of(other), 1)


def _round_up(value: int, align: int) -> int:
    return -(-value // align) * align


def struct_of_tuple(found: TupleType) -> StructType:
    """Return a tuple as a struct with fields ``0``, ``1``, which a query can walk.

    What takes no room has no member in debug info, so it is left out and not counted.
    """
    struct = StructType(format_type(found), Span(0, 0), False, None)  # type: ignore[arg-type]
    struct.tuple = found
    for number, (element, offset) in enumerate(zip(found.elements, offsets_of(found), strict=True)):
        if size_of(element):
            index = len(struct.fields)
            field = Field(str(number), struct.span, format_type(element), element, index)
            field.byte_offset = offset
            struct.add(field)
    struct.size, struct.align = size_of(found), align_of(found)
    return struct


def _library_struct(name: str) -> StructType:
    """Return a struct of ``core`` without fields; it is laid out, so nothing asks for its syntax."""
    struct = StructType(name, Span(0, 0), False, None)  # type: ignore[arg-type]
    struct.derives = frozenset(["Clone", "Copy", "Debug", "PartialEq", "Eq"])
    lay_out(struct)
    return struct


TRY_FROM_INT_ERROR = _library_struct("TryFromIntError")
"""``core::num::TryFromIntError``."""


INFALLIBLE = _library_struct("Infallible")
"""``core::convert::Infallible``, of which there is no value."""
