"""Sizes of what a member holds: of a bitfield in bits, of a type in bytes."""

from __future__ import annotations

from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING

from .types import Int

if TYPE_CHECKING:
    from .reader import Btf
    from .types import BtfType, Member


def bitfield_size(btf: Btf, member: Member) -> int:
    """Return the bits of a bitfield, also of one before kind_flag, whose int has them; else 0."""
    return member.bitfield_size or bits_of_int(behind_names(btf, member.type_id))


def size_of(btf: Btf, type_id: int) -> int:
    """Return ``sizeof`` of a member's type, 0 for one that has none: a layout shows what it can."""
    try:
        return btf.byte_size(type_id)
    except BtfFormatError:
        return 0


def bits_of_int(found: BtfType | None) -> int:
    """Return the bits of an int that fills only a part of its bytes (bitfields before kind_flag), else 0."""
    return found.bits if isinstance(found, Int) and found.bits < found.byte_size * 8 else 0


def behind_names(btf: Btf, type_id: int) -> BtfType | None:
    """Return the type behind typedefs and modifiers; None where the BTF is damaged there."""
    try:
        return btf.skip_modifiers(type_id)
    except BtfFormatError:
        return None
