"""What is other about a field beside its name: width, sign, kind, what it points to, its elements."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.frozen import TYPE_CHECKING
from btfview.words import plural

from .question import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kernel import Field, Kernel

_ANONYMOUS = "struct "
"""Signature of a struct without a name: as programs declare what they do not look into."""
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
    was, now = old.bare(mine), new.bare(theirs)
    match was, now:
        case t.Int(), t.Int():
            if was.byte_size != now.byte_size:
                yield f"{plural(now.byte_size, 'byte')}, not {was.byte_size}"
            if was.is_signed != now.is_signed and not _is_char(was) and not _is_char(now):
                yield "signed" if now.is_signed else "unsigned"
        case t.Enum(), t.Enum() if was.byte_size != now.byte_size:
            yield f"{plural(now.byte_size, 'byte')}, not {was.byte_size}"
        case t.Ptr(), t.Ptr():
            before, after = old.signature(was.type_id), new.signature(now.type_id)
            if before != after and not _is_same_function(before, after):
                yield f"it points to {_words(new, now.type_id)}, not to {_words(old, was.type_id)}"
        case t.Array(), t.Array():
            inner = tuple(type_differences(old, was.type_id, new, now.type_id))
            if inner:
                yield f"its elements: {', '.join(inner)}"
        case t.Struct(), t.Struct():
            before, after = old.signature(mine), new.signature(theirs)
            if before != after and before != _ANONYMOUS != after:
                yield f"{_words(new, theirs)}, not {_words(old, mine)}"
        case _ if old.kind(mine) != new.kind(theirs):
            sizes = old.byte_size(mine), new.byte_size(theirs)
            size = f" of {plural(sizes[1], 'byte')}" if sizes[0] != sizes[1] and sizes[1] else ""
            yield f"{_words(new, theirs)}{size}, not {_words(old, mine)}"
        case _:
            pass


def _is_char(found: t.Int) -> bool:
    """Whether ``char`` has a sign differs by architecture and release."""
    return found.byte_size == 1


def _is_same_function(one: str, other: str) -> bool:
    """A function that takes other arguments is told by its caller's types, not here."""
    return one.startswith("fn(") and other.startswith("fn(")


def _words(kernel: Kernel, type_id: int) -> str:
    found = kernel.bare(type_id)
    match found:
        case t.Ptr():
            return (
                f"a pointer to {_words(kernel, found.type_id)}"
                if not _is_deep(kernel, found)
                else "a pointer"
            )
        case t.Int() | t.Float():
            return found.name
        case t.Struct() | t.Enum() | t.Fwd():
            name = found.name or kernel.typedef_of(type_id)
            return f"{found.kind.label} {name}" if name else f"a {found.kind.label}"
        case t.Array():
            return f"an array of {found.length}" if found.length else "an array"
        case t.Void():
            return "anything"
        case _:
            return f"a {found.kind.label}"


def _is_deep(kernel: Kernel, pointer: t.Ptr) -> bool:
    """Tell whether behind a pointer is a third one."""
    behind = kernel.bare(pointer.type_id)
    return isinstance(behind, t.Ptr) and isinstance(kernel.bare(behind.type_id), t.Ptr)
