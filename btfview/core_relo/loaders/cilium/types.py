"""Names, sizes and likeness of types."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.core_relo.access_spec import RefusedError
from btfview.core_relo.compat import kinds_agree
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from btfview.btf.reader import Btf
    from btfview.btf.types import BtfType

_MAX_DEPTH = 32
_POINTER_SIZE = 8
"""Whatever the kernel's BTF says (cilium/ebpf: ``Pointer.size``)."""


def essential_name(name: str) -> str:
    """Return *name* up to the last ``___``, unless that begins it (cilium/ebpf: ``newEssentialName``); what
    stands around the underscores does not matter.

    >>> essential_name("task_struct___v5_14"), essential_name("nm____four"), essential_name("___x")
    ('task_struct', 'nm_', '___x')
    """
    at = name.rfind("___")
    return name[:at] if at > 0 else name


def type_name(found: BtfType) -> str:
    """Return the name that a type is found by; tags have one in BTF only."""
    return "" if isinstance(found, t.DeclTag | t.Modifier) else found.name


def names_agree(ours: str, theirs: str) -> bool:
    """Return whether two names are one without flavors; none is like any (``coreEssentialNamesMatch``)."""
    return not ours or not theirs or essential_name(ours) == essential_name(theirs)


def size_of(btf: Btf, type_id: int) -> int:
    """Return the bytes of a type, 0 for void (cilium/ebpf: ``Sizeof``).

    Raises:
        RefusedError: it has no size.
    """
    length, current = 1, type_id
    for _ in range(_MAX_DEPTH):
        match btf.type(current):
            case t.Array() as array:
                length, current = length * array.length, array.type_id
            case t.Int() | t.Float() | t.Enum() | t.Struct() | t.Datasec() as sized:
                return sized.byte_size * length
            case t.Ptr():
                return _POINTER_SIZE * length
            case t.Typedef() | t.Modifier() as named:
                current = named.type_id
            case t.Void():
                return 0
            case other:
                raise RefusedError(f"type {in_words(other)}: type doesn't have a size")
    raise RefusedError("exceeded type depth")


def align_of(btf: Btf, type_id: int) -> int:
    """Return the alignment of the type of a bitfield (cilium/ebpf: ``alignof``).

    Raises:
        RefusedError: the type has none that is known.
    """
    found = btf.skip_modifiers(type_id)
    for _ in range(_MAX_DEPTH):
        if not isinstance(found, t.Array):
            break
        found = btf.skip_modifiers(found.type_id)
    if not isinstance(found, t.Int | t.Enum):
        raise RefusedError(f"can't calculate alignment of {in_words(found)}")
    if found.byte_size.bit_count() != 1:
        raise RefusedError(f"alignment value {found.byte_size} is not a power of two")
    return found.byte_size


def why_types_differ(local: Btf, local_id: int, target: Btf, target_id: int) -> str | None:
    """Return None when the target type is there, for type_exists, type_size and type_id_target, else why not
    (cilium/ebpf: ``coreAreTypesCompatible``).

    Raises:
        RefusedError: a type is of a kind that is not compared, such as a float.
    """
    return _compare(local, local_id, target, target_id, _parts_to_be_compatible)


def why_no_match(local: Btf, local_id: int, target: Btf, target_id: int) -> str | None:
    """Return None when the target type matches, for type_matches, else why not (cilium/ebpf:
    ``coreTypesMatch``). What a pointer points at is compared member by member, too.

    Raises:
        RefusedError: a type is of a kind that is not compared, such as a float.
    """
    return _compare(local, local_id, target, target_id, _parts_to_match)


@frozen
class _Lack:
    """In place of a part to compare: that there is none."""

    why: str


_Part = tuple[int, int] | _Lack
"""Two types, by id in their BTF, that must be alike."""

if TYPE_CHECKING:
    from collections.abc import Callable

    _Rule = Callable[[Btf, BtfType, Btf, BtfType], "list[_Part] | _Lack"]


def _compare(local: Btf, local_id: int, target: Btf, target_id: int, rule: _Rule) -> str | None:
    # In Go this is a recursion; a kernel's types are nested more deeply than Python's may be.
    seen: set[tuple[int, int]] = set()
    waiting: list[_Part] = [(local_id, target_id)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, _Lack):
            return part.why
        ours, theirs = local.skip_modifiers(part[0]), target.skip_modifiers(part[1])
        if rule is _parts_to_match and not names_agree(type_name(ours), type_name(theirs)):
            return _differ(ours, theirs)
        if not kinds_agree(ours.kind, theirs.kind):
            return _differ(ours, theirs)
        if (ours.id, theirs.id) in seen:
            continue
        seen.add((ours.id, theirs.id))
        parts = rule(local, ours, target, theirs)
        if isinstance(parts, _Lack):
            return parts.why
        waiting.extend(reversed(parts))
    return None


def _parts_to_be_compatible(_local: Btf, ours: BtfType, _target: Btf, theirs: BtfType) -> list[_Part] | _Lack:
    match ours, theirs:
        case t.Void() | t.Struct() | t.Enum() | t.Fwd() | t.Int(), _:
            return []
        case t.Ptr(), t.Ptr():
            return [(ours.type_id, theirs.type_id)]
        case t.Array(), t.Array():
            return [(ours.index_type_id, theirs.index_type_id), (ours.type_id, theirs.type_id)]
        case t.FuncProto(), t.FuncProto():
            result: _Part = (ours.type_id, theirs.type_id)
            if len(ours.params) != len(theirs.params):
                return [result, _Lack("function param mismatch")]
            return [result, *_params(ours, theirs)]
    raise RefusedError(f"unsupported type {in_words(ours)}")


def _parts_to_match(local: Btf, ours: BtfType, target: Btf, theirs: BtfType) -> list[_Part] | _Lack:
    match ours, theirs:
        case t.Void(), _:
            return []
        case t.Fwd(), t.Fwd():
            return [] if ours.is_union == theirs.is_union else _Lack("struct and union differ")
        case t.Enum(), t.Enum():
            return _enum_lack(ours, theirs) or []
        case t.Struct(), t.Struct():
            if len(ours.members) > len(theirs.members):
                return _Lack(f"{in_words(theirs)} has fewer members there than in the program")
            named = {member.name: member for member in theirs.members}
            return [
                (mine.type_id, named[mine.name].type_id)
                if mine.name in named
                else _Lack(f'no field "{mine.name}" in {in_words(theirs)}')
                for mine in ours.members
            ]
        case t.Int(), t.Int():
            is_same = (ours.byte_size, ours.encoding == 1) == (theirs.byte_size, theirs.encoding == 1)
            return [] if is_same else _Lack(f"{_differ(ours, theirs)}: size or sign differ")
        case t.Ptr(), t.Ptr():
            pointed = local.skip_modifiers(ours.type_id), target.skip_modifiers(theirs.type_id)
            if _declares(*pointed) or _declares(*reversed(pointed)):
                return []
            return [(ours.type_id, theirs.type_id)]
        case t.Array(), t.Array():
            if ours.length != theirs.length:
                return _Lack(f"an array of {ours.length} has {theirs.length} elements there")
            return [(ours.type_id, theirs.type_id)]
        case t.FuncProto(), t.FuncProto():
            if len(ours.params) != len(theirs.params):
                return _Lack("function param mismatch")
            return [*_params(ours, theirs), (ours.type_id, theirs.type_id)]
    raise RefusedError(f"unsupported type {in_words(ours)}")


def _params(ours: t.FuncProto, theirs: t.FuncProto) -> list[_Part]:
    return [(mine.type_id, other.type_id) for mine, other in zip(ours.params, theirs.params, strict=True)]


def _declares(fwd: BtfType, other: BtfType) -> bool:
    return isinstance(fwd, t.Fwd) and isinstance(other, t.Struct) and fwd.is_union == other.is_union


def _enum_lack(ours: t.Enum, theirs: t.Enum) -> _Lack | None:
    if ours.byte_size != theirs.byte_size:
        return _Lack(f"enum {ours.name} has {theirs.byte_size} bytes there, {ours.byte_size} in the program")
    if len(ours.enumerators) > len(theirs.enumerators):
        return _Lack("local has more values than target")
    for mine in ours.enumerators:
        if not any(names_agree(mine.name, other.name) for other in theirs.enumerators):
            return _Lack(f"enum {ours.name} has no {mine.name} there")
    return None


def why_members_differ(ours: BtfType, theirs: BtfType) -> str | None:
    """Return None when a field of one type may stand for one of the other, else why not; both without
    qualifiers (cilium/ebpf: ``coreAreMembersCompatible``).

    Raises:
        RefusedError: a type is of a kind that cannot be a field.
    """
    if isinstance(ours, t.Struct) and isinstance(theirs, t.Struct):
        return None
    if not kinds_agree(ours.kind, theirs.kind):
        return _differ(ours, theirs)
    match ours:
        case t.Array() | t.Ptr() | t.Float() | t.Int():
            return None
        case t.Enum() | t.Fwd():
            return None if names_agree(ours.name, theirs.name) else _differ(ours, theirs)
    raise RefusedError(f"type {in_words(ours)}: not supported")


def in_words(found: BtfType) -> str:
    if found.kind == BtfKind.VOID:
        return "void"
    return f"{found.kind.label} {found.name or '(anonymous)'}" if type_name(found) else found.kind.label


def _differ(ours: BtfType, theirs: BtfType) -> str:
    return f"it is {in_words(theirs)} there, but {in_words(ours)} in the program"
