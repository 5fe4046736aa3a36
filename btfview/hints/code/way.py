"""How to get at a field on one kernel: structs to declare, pointers to follow, what stands at the end."""

from __future__ import annotations

import re

from btfview.btf import types as t
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.hints.question import read_steps

if TYPE_CHECKING:
    from btfview.hints.kernel import Field, Kernel

_LOCATIONS = ("__data_loc_", "__rel_loc_")
_MAX_DIMENSIONS = 4


@frozen
class Number:
    byte_size: int
    is_signed: bool
    is_resized: bool = False
    """Kernels of the same way have it in another size."""


@frozen
class EnumNumber:
    name: str
    """Empty for an anonymous one."""
    byte_size: int
    is_signed: bool
    first: tuple[str, int]
    """One of its enumerators."""
    bits: int = 0
    """Of a bitfield; else 0."""


@frozen
class Bits:
    byte_size: int
    """Of the type."""
    is_signed: bool
    count: int


@frozen
class Pointer:
    pass


@frozen
class Composite:
    """A struct or union: its address is what is wanted."""


@frozen
class Many:
    """An array: its address is what is wanted."""

    element: Leaf
    length: int


Leaf = Number | EnumNumber | Bits | Pointer | Composite | Many


@frozen
class Part:
    """One step of a path."""

    name: str
    indices: tuple[int, ...]
    lengths: tuple[int, ...]
    """Of the arrays that the indices go into."""


@frozen
class Hop:
    """Fields of one struct, up to a pointer or to the end."""

    root: str
    """Essential name of a struct or union; empty for an anonymous one, which nothing can ask for."""
    is_union: bool
    parts: tuple[Part, ...]


@frozen
class Way:
    hops: tuple[Hop, ...]
    leaf: Leaf
    mask: int = 0
    """Bits of the word that hold it, after :attr:`shift`; 0 for all."""
    shift: int = 0
    is_located: bool = False
    """A trace event's location: offset of the text in the low half, length in the high one."""

    @property
    def is_place(self) -> bool:
        """Its address is what is wanted."""
        is_wide = isinstance(self.leaf, Number) and self.leaf.byte_size > 8
        return self.is_located or is_wide or isinstance(self.leaf, Composite | Many)

    @property
    def has_indices(self) -> bool:
        return any(part.indices for hop in self.hops for part in hop.parts)


def way_on(kernel: Kernel, path: str, mask: int = 0, shift: int = 0) -> Way | None:
    """Return how *path* is reached on a kernel that has it; None for what no code can ask for. An index that
    is left open (``[i]``) is 0."""
    root, *after = path.split("->")
    name, _ = read_steps(root)
    for struct in kernel.structs(name):
        way = _walk(kernel, struct, [root.partition(".")[2], *after], mask, shift)
        if way is not None:
            return way
    return None


def _walk(kernel: Kernel, struct: t.Struct, texts: list[str], mask: int, shift: int) -> Way | None:
    hops: list[Hop] = []
    owner = struct
    for number, text in enumerate(texts):
        parts: list[Part] = []
        current: t.BtfType = owner
        field: Field | None = None
        type_id = 0
        for step in read_steps(f"x.{text}")[1]:
            field = kernel.by_name(current.id).get(step.name) if isinstance(current, t.Struct) else None
            if field is None:
                return None
            indices = tuple(int(i) if i.isdigit() else 0 for i in re.findall(r"\[(\w+)\]", step.indices))
            lengths = []
            type_id = field.type_id
            for _ in indices:
                array = kernel.bare(type_id)
                if not isinstance(array, t.Array):
                    return None
                lengths.append(array.length)
                type_id = array.type_id
            parts.append(Part(step.name, indices, tuple(lengths)))
            current = kernel.bare(type_id)
        hops.append(Hop(owner.name, owner.is_union, tuple(parts)))
        if field is None or not owner.name:
            return None
        if number < len(texts) - 1:
            behind = kernel.pointee(type_id)
            if behind is None or kernel.is_per_cpu(type_id):
                return None
            owner = behind
            continue
        leaf = _leaf(kernel, type_id, field.bit_size)
        located = field.name.startswith(_LOCATIONS)
        return Way(tuple(hops), leaf, mask, shift, located) if leaf else None
    return None


def _leaf(kernel: Kernel, type_id: int, bits: int, depth: int = 0) -> Leaf | None:
    found = kernel.bare(type_id)
    match found:
        case t.Int() if bits:
            return Bits(found.byte_size, found.is_signed, bits)
        case t.Int() if found.byte_size <= 8:
            return Number(found.byte_size, found.is_signed)
        case t.Enum() if found.enumerators and not bits:
            first = found.enumerators[0]
            return EnumNumber(found.name, found.byte_size, found.is_signed, (first.name, first.value))
        case t.Ptr():
            return Pointer()
        case t.Struct():
            return Composite()
        case t.Array() if depth < _MAX_DIMENSIONS:
            element = _leaf(kernel, found.type_id, 0, depth + 1)
            return Many(element, found.length) if element else None
        case _:
            return None
