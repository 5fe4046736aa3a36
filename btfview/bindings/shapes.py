"""What one target says of a field path: the steps to it, and the kind of thing that stands there.

A path is walked as C and CO-RE walk it: by value, through anonymous structs and unions without naming
them, array elements by ``[i]``.
"""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.format.spelling import format_type
from btfview.btf.kinds import BtfKind
from btfview.btf.query import find_types
from btfview.btf.sizes import bitfield_size
from btfview.frozen import TYPE_CHECKING, frozen, replace

if TYPE_CHECKING:
    from btfview.btf.reader import Btf

COMPOSITES = frozenset((BtfKind.STRUCT, BtfKind.UNION))
_MAX_DEPTH = 16
"""Anonymous structs in each other, and dimensions of arrays; real ones are below 5."""


@frozen
class PathStep:
    name: str
    indices: tuple[int, ...] = ()
    """Of array elements, outermost first."""

    def __str__(self) -> str:
        return self.name + "".join(f"[{index}]" for index in self.indices)


@frozen
class FieldPath:
    root: str
    """Name of a struct or union."""
    steps: tuple[PathStep, ...]

    @property
    def fields(self) -> str:
        """``se.vruntime``."""
        return ".".join(map(str, self.steps))

    def __str__(self) -> str:
        return f"{self.root}.{self.fields}"


@frozen
class IntLeaf:
    byte_size: int
    is_signed: bool
    is_bool: bool
    is_text: bool
    """C's plain ``char``, whose sign depends on the machine."""


@frozen
class BitfieldLeaf:
    byte_size: int
    """Of its type."""
    is_signed: bool
    bits: int


@frozen
class EnumLeaf:
    name: str
    """Empty for an anonymous one."""
    byte_size: int
    is_signed: bool
    variant: tuple[str, int]
    """One enumerator: Rust has no enum without."""
    bits: int = 0
    """Of a bitfield; else 0."""


@frozen
class PointerLeaf:
    to_struct: str
    """Name of the struct or union behind it; empty for everything else."""
    to_int: IntLeaf | None


@frozen
class StructLeaf:
    name: str
    """Of the struct or its typedef; empty for an anonymous one."""
    is_union: bool


@frozen
class ArrayLeaf:
    element: Leaf
    length: int


Leaf = IntLeaf | BitfieldLeaf | EnumLeaf | PointerLeaf | StructLeaf | ArrayLeaf


@frozen
class Shape:
    """A path as one target has it."""

    path: FieldPath
    is_union: bool
    """The root."""
    owners: tuple[StructLeaf, ...]
    """What each step but the last leads to."""
    lengths: tuple[tuple[int, ...], ...]
    """Of the arrays that each step's indices go into."""
    leaf: Leaf
    byte_size: int
    """Of the field; of a bitfield that of its type."""
    c_type: str
    candidates: int = 1
    """Types called like the root that have the path at different places; more than one is ambiguous."""


@frozen
class Lost:
    """The path ends before its end."""

    step: int
    """Index of the step that has no field; -1 where there is no such root."""
    owner_id: int
    """The struct that lacks it; 0 for the root itself."""
    reason: str
    is_final: bool = False
    """The path is wrong in itself (it goes through a pointer): no other name would help."""


def shape_on(btf: Btf, path: FieldPath) -> Shape | Lost:
    """Return how *btf* has *path*.

    Of several types with the root's name, the first that has the path counts, in id order (libbpf tries
    all of them, and refuses where their answers differ).
    """
    roots = [found for found in find_types(btf, path.root, COMPOSITES) if btf.kind(found) in COMPOSITES]
    if not roots:
        return Lost(-1, 0, _why_no_root(btf, path.root))
    walks = [_walk(btf, root, path) for root in roots]
    found = {
        place: shape for walk in reversed(walks) if not isinstance(walk, Lost) for shape, place in [walk]
    }
    if not found:
        return max((walk for walk in walks if isinstance(walk, Lost)), key=lambda lost: lost.step)
    first = next(walk for walk in walks if not isinstance(walk, Lost))[0]
    if len(found) == 1:
        return first
    return replace(first, candidates=len(found))


def _why_no_root(btf: Btf, name: str) -> str:
    for type_id in find_types(btf, name):
        found = btf.type(type_id)
        if isinstance(found, t.Typedef):
            behind = btf.skip_modifiers(type_id)
            if isinstance(behind, t.Struct):
                tag = f'"{behind.name}"; ask for that' if behind.name else "that has no name of its own"
                return (
                    f'"{name}" is a typedef of a {behind.kind.label} {tag}: CO-RE finds structs by their tag'
                )
        if isinstance(found, t.Fwd):
            return f'"{name}" is declared only, its members are not known'
        return f'"{name}" is {_article(found.kind.label)}, not a struct or union'
    return f'no struct or union "{name}"'


def _walk(btf: Btf, root_id: int, path: FieldPath) -> tuple[Shape, int] | Lost:
    """Return the shape and the field's offset in bits."""
    owner_id, place = root_id, 0
    owners: list[StructLeaf] = []
    lengths: list[tuple[int, ...]] = []
    for number, step in enumerate(path.steps):
        owner = btf.type(owner_id)
        assert isinstance(owner, t.Struct)
        found = _find_member(btf, owner, step.name)
        if found is None:
            reason = f"{owner.kind.label} {owner.name or '(anonymous)'} has no field {step.name!r}"
            return Lost(number, owner_id, reason)
        member, offset = found
        place += offset
        type_id, found_lengths = member.type_id, []
        for index in step.indices:
            array = btf.skip_modifiers(type_id)
            if not isinstance(array, t.Array):
                return Lost(number, owner_id, f"{step.name} has no element [{index}]: it is no array", True)
            if array.length and index >= array.length:
                reason = f"{step.name} has {array.length} elements, so none [{index}]"
                return Lost(number, owner_id, reason, True)
            found_lengths.append(array.length)
            type_id = array.type_id
            place += index * btf.byte_size(type_id) * 8
        lengths.append(tuple(found_lengths))
        if number == len(path.steps) - 1:
            bits = 0 if step.indices else bitfield_size(btf, member)
            leaf = leaf_of(btf, type_id, bits)
            c_type = format_type(btf, type_id) + (f":{bits}" if bits else "")
            if isinstance(leaf, str):
                return Lost(number, owner_id, f"{step} is {leaf}", True)
            byte_size = btf.byte_size(type_id)
            root = btf.type(root_id)
            is_union = isinstance(root, t.Struct) and root.is_union
            return Shape(path, is_union, tuple(owners), tuple(lengths), leaf, byte_size, c_type), place
        inner = btf.skip_modifiers(type_id)
        if not isinstance(inner, t.Struct):
            rest = ".".join(map(str, path.steps[number + 1 :]))
            return Lost(number, owner_id, _why_no_way(btf, step, type_id, inner, rest), True)
        owners.append(_struct_leaf(btf, type_id, inner))
        owner_id = inner.id
    raise AssertionError("a path has at least one step")


def _why_no_way(btf: Btf, step: PathStep, type_id: int, inner: t.BtfType, rest: str) -> str:
    if isinstance(inner, t.Ptr):
        behind = btf.skip_modifiers(inner.type_id)
        reason = f"{step} is a pointer ({format_type(btf, type_id)}), and a query stays in one object"
        if isinstance(behind, t.Struct | t.Fwd) and behind.name:
            reason += f"; end the path at {step}, and ask for {behind.name}.{rest} as well"
        return reason
    if isinstance(inner, t.Array):
        return f"{step} is an array ({format_type(btf, type_id)}): say which element, as in {step}[0].{rest}"
    return f"{step} is {format_type(btf, type_id)}, which has no fields"


def _find_member(btf: Btf, owner: t.Struct, name: str, depth: int = 0) -> tuple[t.Member, int] | None:
    """Return the member called *name* and its offset in bits, also from within anonymous structs and unions;
    the first in declaration order (libbpf: ``bpf_core_match_member``)."""
    for member in owner.members:
        if member.name == name:
            return member, member.bit_offset
        if not member.name and depth < _MAX_DEPTH:
            inner = btf.skip_modifiers(member.type_id)
            found = _find_member(btf, inner, name, depth + 1) if isinstance(inner, t.Struct) else None
            if found:
                return found[0], member.bit_offset + found[1]
    return None


def leaf_of(btf: Btf, type_id: int, bits: int = 0, depth: int = 0) -> Leaf | str:
    """Return what a type is to a Rust program; in words, with an article, what no program can read.

    *bits* is that of a bitfield, else 0.
    """
    found = btf.skip_modifiers(type_id)
    match found:
        case t.Int():
            if bits:
                return BitfieldLeaf(found.byte_size, found.is_signed, bits)
            is_text = found.name in ("char", "unsigned char") and found.byte_size == 1
            return IntLeaf(found.byte_size, found.is_signed, bool(found.encoding & t.INT_BOOL), is_text)
        case t.Enum():
            if not found.enumerators:
                return f"an enum without values ({found.name})"
            first = found.enumerators[0]
            return EnumLeaf(found.name, found.byte_size, found.is_signed, (first.name, first.value), bits)
        case t.Ptr():
            behind = btf.skip_modifiers(found.type_id)
            if isinstance(behind, t.Struct | t.Fwd):
                return PointerLeaf(behind.name, None)
            pointee = leaf_of(btf, behind.id) if isinstance(behind, t.Int) else None
            return PointerLeaf("", pointee if isinstance(pointee, IntLeaf) else None)
        case t.Struct():
            return _struct_leaf(btf, type_id, found)
        case t.Array():
            if depth > _MAX_DEPTH:
                return "an array of too many dimensions"
            element = leaf_of(btf, found.type_id, 0, depth + 1)
            return element if isinstance(element, str) else ArrayLeaf(element, found.length)
        case t.Float():
            return f"a floating point number ({found.name}), which BPF does not have"
        case _:
            return f"{_article(found.kind.label)}, which has no size"


def _struct_leaf(btf: Btf, type_id: int, struct: t.Struct) -> StructLeaf:
    """Return a struct with its tag, or the name of the outermost typedef where it has none."""
    name = struct.name
    while not name and type_id != struct.id:
        found = btf.type(type_id)
        if isinstance(found, t.Typedef):
            name = name or found.name
        elif not isinstance(found, t.Modifier):
            break
        type_id = found.type_id
    return StructLeaf(name, struct.is_union)


def _article(label: str) -> str:
    return f"{'an' if label[0] in 'aeiou' else 'a'} {label}"
