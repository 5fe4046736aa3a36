"""When a local type and a target type count as the same.

Three different questions, as in libbpf's ``relo_core.c``: may one field stand for another
(``bpf_core_fields_are_compat``), is a type there at all (``__bpf_core_types_are_compat``), and does it
match member by member (``__bpf_core_types_match``). Each answers with a reason: None means yes, a text
says in words why not.
"""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.frozen import TYPE_CHECKING

from .access_spec import RefusedError
from .names import essential_name

if TYPE_CHECKING:
    from btfview.btf.reader import Btf

_MAX_DEPTH = 32


def kinds_agree(local: BtfKind, target: BtfKind) -> bool:
    """Return whether a type of kind *target* can be a candidate (libbpf: ``btf_kind_core_compat``)."""
    return local == target or (_is_enum(local) and _is_enum(target))


def describe(btf: Btf, type_id: int) -> str:
    """Return a type in a few words: ``int (4 bytes)``, ``struct sched_entity``, ``pointer``."""
    found = btf.skip_modifiers(type_id)
    match found:
        case t.Int() | t.Float():
            return f"{found.name} ({found.byte_size} byte{'s' * (found.byte_size != 1)})"
        case t.Ptr():
            return "a pointer"
        case t.Array():
            return f"an array of {found.length}"
        case t.Void():
            return "void"
        case _:
            return f"{found.kind.label} {found.name or '(anonymous)'}"


def why_fields_differ(local: Btf, local_id: int, target: Btf, target_id: int) -> str | None:
    """Return None when a field of the local type can be read as one of the target type, else why not.

    Any struct or union with any other, any int with any int, any pointer with any pointer, enums of the
    same essential name or none, arrays by their elements (libbpf: ``bpf_core_fields_are_compat``).
    """
    for _ in range(_MAX_DEPTH):
        ours, theirs = local.skip_modifiers(local_id), target.skip_modifiers(target_id)
        if isinstance(ours, t.Struct) and isinstance(theirs, t.Struct):
            return None
        if not kinds_agree(ours.kind, theirs.kind):
            return _differ(local, local_id, target, target_id)
        match ours, theirs:
            case t.Ptr() | t.Float(), _:
                return None
            case t.Fwd() | t.Enum(), _:
                our_name, their_name = essential_name(ours.name), essential_name(theirs.name)
                if our_name and their_name and our_name != their_name:
                    return _differ(local, local_id, target, target_id)
                return None
            case t.Int(), t.Int():
                if ours.bit_offset or theirs.bit_offset:
                    return "one of the two is an int with a bit offset (an old-style bitfield)"
                return None
            case t.Array(), t.Array():
                local_id, target_id = ours.type_id, theirs.type_id
            case _:
                return f"{describe(local, local_id)} cannot be a relocated field"
    raise RefusedError("arrays are nested too deep")


def why_types_differ(
    local: Btf, local_id: int, target: Btf, target_id: int, level: int = _MAX_DEPTH
) -> str | None:
    """Return None when the target type exists in the sense of type_exists, type_size and type_id_target,
    else why not (libbpf: ``__bpf_core_types_are_compat``).

    Raises:
        RefusedError: types are nested too deep.
    """
    if not kinds_agree(local.kind(local_id), target.kind(target_id)):
        return f"it is {describe(target, target_id)} there"
    for _ in range(_MAX_DEPTH):
        ours, theirs = local.skip_modifiers(local_id), target.skip_modifiers(target_id)
        if not kinds_agree(ours.kind, theirs.kind):
            return _differ(local, local_id, target, target_id)
        match ours, theirs:
            case t.Void() | t.Struct() | t.Enum() | t.Fwd(), _:
                return None
            case t.Int(), t.Int():
                return (
                    "one of the two is an int with a bit offset"
                    if ours.bit_offset or theirs.bit_offset
                    else None
                )
            case t.Ptr(), t.Ptr():
                local_id, target_id = ours.type_id, theirs.type_id
            case t.Array(), t.Array():
                local_id, target_id = ours.type_id, theirs.type_id
            case t.FuncProto(), t.FuncProto():
                if len(ours.params) != len(theirs.params):
                    return _arity(ours, theirs)
                if level <= 0:
                    break
                for mine, other in zip(ours.params, theirs.params, strict=True):
                    ours_id = local.skip_modifiers(mine.type_id).id
                    theirs_id = target.skip_modifiers(other.type_id).id
                    if why := why_types_differ(local, ours_id, target, theirs_id, level - 1):
                        return f"parameter {mine.name or '?'}: {why}"
                local_id = local.skip_modifiers(ours.type_id).id
                target_id = target.skip_modifiers(theirs.type_id).id
            case _:
                return f"{describe(local, local_id)} cannot be compared"
    raise RefusedError("types are nested too deep")


def why_no_match(
    local: Btf,
    local_id: int,
    target: Btf,
    target_id: int,
    *,
    behind_ptr: bool = False,
    level: int = _MAX_DEPTH,
) -> str | None:
    """Return None when the target type matches in the sense of type_matches, else why not
    (libbpf: ``__bpf_core_types_match``).

    Raises:
        RefusedError: types are nested too deep.
    """
    if level <= 0:
        raise RefusedError("types are nested too deep")
    for _ in range(_MAX_DEPTH):
        ours, theirs = local.skip_modifiers(local_id), target.skip_modifiers(target_id)
        if essential_name(ours.name) != essential_name(theirs.name):
            return _differ(local, local_id, target, target_id)
        match ours, theirs:
            case t.Void(), _:
                return None if isinstance(theirs, t.Void) else f"void is {describe(target, target_id)} there"
            case t.Fwd(), t.Fwd():
                return None if ours.is_union == theirs.is_union else "struct and union differ"
            case t.Fwd(), t.Struct() if behind_ptr:
                return None if ours.is_union == theirs.is_union else "struct and union differ"
            case t.Struct(), t.Fwd() if behind_ptr:
                return None if ours.is_union == theirs.is_union else "struct and union differ"
            case t.Enum(), t.Enum():
                return _why_enums_differ(ours, theirs)
            case t.Struct(), t.Struct() if ours.kind == theirs.kind:
                return None if behind_ptr else _why_members_differ(local, ours, target, theirs, level)
            case t.Int(), t.Int():
                if (ours.byte_size, ours.is_signed) == (theirs.byte_size, theirs.is_signed):
                    return None
                return f"{_differ(local, local_id, target, target_id)}: size or sign differ"
            case t.Ptr(), t.Ptr():
                behind_ptr = True
                local_id, target_id = ours.type_id, theirs.type_id
            case t.Array(), t.Array():
                if ours.length != theirs.length:
                    return f"an array of {ours.length} has {theirs.length} elements there"
                local_id, target_id = ours.type_id, theirs.type_id
            case t.FuncProto(), t.FuncProto():
                if len(ours.params) != len(theirs.params):
                    return _arity(ours, theirs)
                for mine, other in zip(ours.params, theirs.params, strict=True):
                    why = why_no_match(
                        local, mine.type_id, target, other.type_id, behind_ptr=behind_ptr, level=level - 1
                    )
                    if why:
                        return f"parameter {mine.name or '?'}: {why}"
                local_id, target_id = ours.type_id, theirs.type_id
            case _:
                return _differ(local, local_id, target, target_id)
    raise RefusedError("types are nested too deep")


def _why_enums_differ(ours: t.Enum, theirs: t.Enum) -> str | None:
    if ours.byte_size != theirs.byte_size:
        return f"enum {ours.name} has {theirs.byte_size} bytes there, {ours.byte_size} in the program"
    if len(ours.enumerators) > len(theirs.enumerators):
        return f"enum {ours.name} has fewer enumerators there"
    known = {essential_name(enumerator.name) for enumerator in theirs.enumerators}
    missing = next((e.name for e in ours.enumerators if essential_name(e.name) not in known), None)
    return f"enum {ours.name} has no {missing} there" if missing is not None else None


def _why_members_differ(local: Btf, ours: t.Struct, target: Btf, theirs: t.Struct, level: int) -> str | None:
    if len(ours.members) > len(theirs.members):
        counts = f"{len(theirs.members)}, not {len(ours.members)}"
        return f"{theirs.kind.label} {theirs.name} has fewer members there than in the program: {counts}"
    for mine in ours.members:
        why: str | None = f"{theirs.kind.label} {theirs.name} has no member {mine.name}"
        for other in theirs.members:
            if essential_name(mine.name) == essential_name(other.name):
                why = why_no_match(local, mine.type_id, target, other.type_id, level=level - 1)
                if why is None:
                    break
        if why is not None:
            return f"member {mine.name}: {why}"
    return None


def _differ(local: Btf, local_id: int, target: Btf, target_id: int) -> str:
    return f"it is {describe(target, target_id)} there, but {describe(local, local_id)} in the program"


def _arity(ours: t.FuncProto, theirs: t.FuncProto) -> str:
    return f"the function takes {len(theirs.params)} parameters there, {len(ours.params)} in the program"


def _is_enum(kind: BtfKind) -> bool:
    return kind in (BtfKind.ENUM, BtfKind.ENUM64)
