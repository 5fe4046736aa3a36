"""What is known of a place: its alignment."""

from __future__ import annotations

from btfview.compiler.rust.types.kinds import ERROR, ArrayType, resolve
from btfview.compiler.rust.types.layout import align_of, offsets_of

from .tree import Expr, FieldPlace, IndexPlace, TupleField


def place_align(place: Expr) -> int:
    """Return the alignment in bytes that the address of *place* is known to have."""
    match place:
        case FieldPlace(base=base, field=field):
            align = place_align(base)
            return min(align, field.byte_offset & -field.byte_offset) if field.byte_offset else align
        case TupleField(base=base, index=index):
            offset = offsets_of(base.type)[index]
            return min(place_align(base), offset & -offset) if offset else place_align(base)
        case IndexPlace(base=base):
            array = resolve(base.type)
            element = array.element if isinstance(array, ArrayType) else ERROR
            return min(place_align(base), align_of(element))
        case _:
            return align_of(place.type)
