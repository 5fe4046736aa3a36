"""What is other about a field beside its name: width, sign, kind, what it points to, its elements."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING
from btfview.words import plural

from .question import walk
from .shape import KernelShape, shape_differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kernel import Field, Kernel

_LOCATIONS = ("__data_loc_", "__rel_loc_")


def beside_name(old: Kernel, old_path: str, new: Kernel, new_path: str) -> tuple[str, ...]:
    """Return in words what changes with the name: ``4 bytes, not 8``, ``one more read``."""
    mine, theirs = walk(old, old_path), walk(new, new_path)
    if theirs is None:
        return ()
    words = []
    if theirs.hops:
        words.append("one more read" if theirs.hops == 1 else f"{theirs.hops} more reads")
    if "[i]" in new_path:
        words.append("an element of an array: choose i")
    was_located = mine is not None and mine.field.name.startswith(_LOCATIONS)
    if theirs.field.name.startswith(_LOCATIONS) and not was_located:
        return (*words, "where the text stands: its offset in the low half, its length in the high one")
    if mine is not None and was_located and not theirs.field.name.startswith(_LOCATIONS):
        return (*words, "the text itself, not where it stands")
    if mine is not None:
        words += field_differences(old, mine.field, mine.type_id, new, theirs.field, theirs.type_id)
    return tuple(words)


def field_differences(
    old: Kernel, mine: Field, my_type: int, new: Kernel, theirs: Field, their_type: int
) -> Iterator[str]:
    """Yield what is other about two fields; the types are those behind the last index."""
    if mine.bit_size != theirs.bit_size:
        if not theirs.bit_size:
            yield f"no bitfield of {plural(mine.bit_size, 'bit')} any more"
        elif mine.bit_size:
            yield f"{plural(theirs.bit_size, 'bit')}, not {mine.bit_size}"
        else:
            yield f"a bitfield of {plural(theirs.bit_size, 'bit')}"
        return
    yield from type_differences(old, my_type, new, their_type)


def type_differences(old: Kernel, mine: int, new: Kernel, theirs: int) -> Iterator[str]:
    """Yield what is other about two types that stand for each other."""
    yield from shape_differences(KernelShape(old, mine), KernelShape(new, theirs))
