"""Where the bytes of a struct go: members with offsets and sizes, holes, padding, nested structs in place."""

from __future__ import annotations

from ..errors import BtfFormatError
from ..record import TYPE_CHECKING, record
from .format_type import format_type
from .types import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .reader import Btf

MEMBER, HOLE, PADDING = "member", "hole", "padding"
_MAX_DEPTH = 16
"""Structs nested by value; real kernels have 8."""


@record
class LayoutRow:
    what: str
    """MEMBER, HOLE (bytes that no member uses) or PADDING (the same at the end)."""
    depth: int
    """0 for a member of the outermost struct."""
    name: str
    """Empty for an anonymous member, a hole or padding."""
    type_name: str
    """As C spells it; empty for holes."""
    bit_offset: int
    """From the start of the outermost struct."""
    bit_size: int
    """Of a bitfield its bits, else eight times the bytes."""
    is_bitfield: bool
    path: tuple[int, ...]
    """Member indices from the outermost struct; empty for holes."""
    type_id: int = 0
    """Of the member; 0 for holes."""
    has_children: bool = False
    """Rows of greater depth follow: the members of a struct or union that lies here by value."""


def struct_layout(btf: Btf, struct: Struct, *, is_expanded: bool = True) -> Iterator[LayoutRow]:
    """Yield the rows of *struct* in declaration order; with *is_expanded* those of nested structs too."""
    yield from _rows(btf, struct, 0, (), 0, _MAX_DEPTH if is_expanded else 0)


def _rows(
    btf: Btf, struct: Struct, base: int, path: tuple[int, ...], depth: int, depth_left: int
) -> Iterator[LayoutRow]:
    end = 0
    for index, member in enumerate(struct.members):
        byte_size = size_of(btf, member.type_id)
        bits = member.bitfield_size or byte_size * 8
        if not struct.is_union and member.bit_offset > end:
            yield _gap(HOLE, depth, base + end, member.bit_offset - end)
        own_path = (*path, index)
        inner = btf.skip_modifiers(member.type_id)
        children = inner if isinstance(inner, Struct) and depth_left else None
        yield LayoutRow(
            MEMBER,
            depth,
            member.name,
            format_type(btf, member.type_id),
            base + member.bit_offset,
            bits,
            bool(member.bitfield_size),
            own_path,
            member.type_id,
            children is not None and bool(children.members),
        )
        if children is not None:
            yield from _rows(btf, children, base + member.bit_offset, own_path, depth + 1, depth_left - 1)
        end = max(end, member.bit_offset + bits)
    if not struct.is_union and struct.byte_size * 8 > end and struct.members:
        yield _gap(PADDING, depth, base + end, struct.byte_size * 8 - end)


def _gap(what: str, depth: int, bit_offset: int, bit_size: int) -> LayoutRow:
    return LayoutRow(what, depth, "", "", bit_offset, bit_size, False, ())


def size_of(btf: Btf, type_id: int) -> int:
    """Return ``sizeof`` of a member's type, 0 for one that has none: a layout shows what it can."""
    try:
        return btf.byte_size(type_id)
    except BtfFormatError:
        return 0
