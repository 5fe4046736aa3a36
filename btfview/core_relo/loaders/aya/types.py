"""When a local type and a target type count as the same, and how many bytes a type has."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.core_relo.access_spec import RefusedError
from btfview.core_relo.compat import kinds_agree
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from btfview.btf.reader import Btf
    from btfview.btf.types import BtfType

_MAX_DEPTH = 32
_POINTER_SIZE = 8
"""That of the machine aya was built for, whatever the kernel's BTF says."""
_U32 = (1 << 32) - 1


def flavorless(name: str) -> str:
    """Return *name* up to the first ``___`` (aya: ``flavorless_name``); libbpf cuts at the last.

    >>> flavorless("task_struct___v5_14"), flavorless("a___b___c"), flavorless("___x")
    ('task_struct', 'a', '')
    """
    return name.partition("___")[0]


def size_of(btf: Btf, type_id: int) -> int:
    """Return the bytes of a type (aya: ``Btf::type_size``). Of an array of arrays, only the innermost
    length counts: ``int[2][3]`` has 12 bytes to aya.

    Raises:
        RefusedError: it has no size.
    """
    length, current = 1, type_id
    for _ in range(_MAX_DEPTH):
        match btf.type(current):
            case t.Array() as array:
                length, current = array.length, array.type_id
            case t.Int() | t.Float() | t.Enum() | t.Struct() | t.Datasec() as sized:
                return sized.byte_size * length & _U32
            case t.Ptr():
                return _POINTER_SIZE * length & _U32
            case t.Typedef() | t.Modifier() | t.FuncProto() | t.Var() | t.DeclTag() as named:
                current = named.type_id
            case _:
                raise RefusedError(f"unexpected BTF type id `{current}`")
    raise RefusedError(f"maximum depth reached resolving BTF type {type_id}")


def are_types_compatible(local: Btf, local_id: int, target: Btf, target_id: int) -> bool:
    """Return whether the target type is there, for type_exists, type_size and type_id_target
    (aya: ``types_are_compatible``).

    Raises:
        RefusedError: aya fails, or panics on a kind that it does not expect.
    """
    if not kinds_agree(local.kind(local_id), target.kind(target_id)):
        return False
    for _ in range(_MAX_DEPTH):
        ours, theirs = local.skip_modifiers(local_id), target.skip_modifiers(target_id)
        if not kinds_agree(ours.kind, theirs.kind):
            return False
        match ours, theirs:
            case t.Void() | t.Struct() | t.Enum() | t.Fwd() | t.Float(), _:
                return True
            case t.Int(), t.Int():
                return not ours.bit_offset and not theirs.bit_offset
            case t.Ptr(), t.Ptr():
                local_id, target_id = ours.type_id, theirs.type_id
            case t.Array(), t.Array():
                local_id, target_id = ours.type_id, theirs.type_id
            case t.FuncProto(), t.FuncProto():
                if len(ours.params) != len(theirs.params):
                    return False
                for mine, other in zip(ours.params, theirs.params, strict=True):
                    ours_id = local.skip_modifiers(mine.type_id).id
                    theirs_id = target.skip_modifiers(other.type_id).id
                    if not are_types_compatible(local, ours_id, target, theirs_id):
                        return False
                local_id, target_id = ours.type_id, theirs.type_id
            case _:
                raise _unexpected(ours)
    raise RefusedError(f"maximum depth reached resolving BTF type {local_id}")


def why_fields_differ(local: Btf, local_id: int, target: Btf, target_id: int) -> str | None:
    """Return None when a field of one type can stand for one of the other, else why not
    (aya: ``fields_are_compatible``). An enum without a name is like no enum that has one.

    Raises:
        RefusedError: aya fails, or panics on a kind that it does not expect.
    """
    for _ in range(_MAX_DEPTH):
        ours, theirs = local.skip_modifiers(local_id), target.skip_modifiers(target_id)
        if isinstance(ours, t.Struct) and isinstance(theirs, t.Struct):
            return None
        if not kinds_agree(ours.kind, theirs.kind):
            return f"it is {_in_words(theirs)} there, but {_in_words(ours)} in the program"
        match ours, theirs:
            case (t.Fwd(), t.Fwd()) | (t.Enum(), t.Enum()):
                if flavorless(ours.name) == flavorless(theirs.name):
                    return None
                return f"it is {_in_words(theirs)} there, but {_in_words(ours)} in the program"
            case t.Int(), t.Int():
                if ours.bit_offset or theirs.bit_offset:
                    return "one of the two is an int with a bit offset (an old-style bitfield)"
                return None
            case t.Float() | t.Ptr(), _:
                return None
            case t.Array(), t.Array():
                local_id, target_id = ours.type_id, theirs.type_id
            case _:
                raise _unexpected(ours)
    raise RefusedError(f"maximum depth reached resolving BTF type {local_id}")


def _in_words(found: BtfType) -> str:
    return f"{found.kind.label} {found.name or '(anonymous)'}"


def _unexpected(found: BtfType) -> RefusedError:
    kind = "void" if found.kind == BtfKind.VOID else found.kind.label
    return RefusedError(f"aya panics: unexpected type ({kind}) where types are compared")
