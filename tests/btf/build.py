"""Small BTF, written down in the test that needs it.

>>> btf = build_btf(struct("pair", size=8, a=(INT, 0), b=(INT, 32)))
>>> btf.ids_named("pair")
(2,)

A description may stand inside another; a type gets its id after the types it consists of, and a
description that occurs twice (the same object) is one type. ``ref("node")`` stands for the type of that
name in the same BTF, or in its base, and so allows circles:
``struct("node", size=8, next=(ptr(ref("node")), 0))``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.btf.reader import Btf
from btfview.btf.writer import write_btf


@dataclass(frozen=True, slots=True)
class Ref:
    """The type called *name*."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """A type before it has an id: *make* is given it, and the ids of *parts*."""

    name: str
    parts: tuple[Part, ...]
    make: Callable[[int, Sequence[int]], t.BtfType]


Part: TypeAlias = Described | Ref | None
"""None is void."""
Place: TypeAlias = tuple[Part, int] | tuple[Part, int, int]
"""Type, bit offset, and for a bitfield its bits."""

NamedPlace: TypeAlias = tuple[str, Part, int] | tuple[str, Part, int, int]
"""The same with the member's name before it."""

VOID = None


def build_types(*described: Described, base: Btf | None = None) -> list[t.BtfType]:
    """Return the records of *described* and all they consist of, ids ascending."""
    ids: dict[Described, int] = {}
    first_id = base.type_count if base else 1

    def number(part: Part) -> None:
        if isinstance(part, Described) and part not in ids:
            for inner in part.parts:
                number(inner)
            ids.setdefault(part, first_id + len(ids))

    for one in described:
        number(one)
    names = {one.name: type_id for one, type_id in reversed(ids.items())}

    def id_of(part: Part) -> int:
        match part:
            case None:
                return 0
            case Ref(name):
                return names[name] if name in names else (base.ids_named(name)[0] if base else names[name])
            case _:
                return ids[part]

    return [one.make(type_id, [id_of(part) for part in one.parts]) for one, type_id in ids.items()]


def build_btf_bytes(*described: Described, is_little_endian: bool = True, base: Btf | None = None) -> bytes:
    """Return a ``.BTF`` section with *described* and all they consist of."""
    return write_btf(build_types(*described, base=base), is_little_endian=is_little_endian, base=base)


def build_btf(*described: Described, is_little_endian: bool = True, base: Btf | None = None) -> Btf:
    """Return the BTF of *described* and all they consist of, as read back from its bytes."""
    return Btf(build_btf_bytes(*described, is_little_endian=is_little_endian, base=base), base=base)


# -- kinds -----------------------------------------------------------------------------------


def ref(name: str) -> Ref:
    return Ref(name)


def int_(
    name: str, size: int, *, encoding: int = 0, bits: int | None = None, bit_offset: int = 0
) -> Described:
    """An int of *size* bytes; old-style bitfields have fewer *bits*, from *bit_offset* on."""
    width = size * 8 if bits is None else bits
    return Described(name, (), lambda new, _: t.Int(new, name, size, encoding, bit_offset, width))


def float_(name: str, size: int) -> Described:
    return Described(name, (), lambda new, _: t.Float(new, name, size))


def ptr(to: Part) -> Described:
    return Described("", (to,), lambda new, parts: t.Ptr(new, parts[0]))


def array(element: Part, length: int, index: Part = VOID) -> Described:
    """An array; its index type is ``int`` of this BTF where none is given."""
    parts = (element, index or INT)
    return Described("", parts, lambda new, parts: t.Array(new, parts[0], parts[1], length))


def struct(name: str, /, *members: NamedPlace, size: int, **named: Place) -> Described:
    """A struct of *size* bytes: ``a=(INT, 0)`` at bit 0, or ``b=(INT, 3, 5)`` for 5 bits at bit 3.

    Members by position, ``("", TYPE, bit_offset)``, may be anonymous or have any name; they come first.
    A struct with a bitfield stores its offsets under kind_flag, as compilers do.
    """
    return _composite(BtfKind.STRUCT, name, members, size, named)


def union(name: str, /, *members: NamedPlace, size: int, **named: Place) -> Described:
    """A union of *size* bytes; members as :func:`struct`'s."""
    return _composite(BtfKind.UNION, name, members, size, named)


def _composite(
    kind: BtfKind, name: str, members: Sequence[NamedPlace], size: int, named: dict[str, Place]
) -> Described:
    places = [*members, *((member, *place) for member, place in named.items())]
    kind_flag = any(len(place) == 4 for place in places)

    def make(type_id: int, ids: Sequence[int]) -> t.BtfType:
        made = tuple(
            t.Member(member, member_type, bit_offset, rest[0] if rest else 0)
            for (member, _, bit_offset, *rest), member_type in zip(places, ids, strict=True)
        )
        return t.Struct(type_id, name, kind, size, made, kind_flag)

    return Described(name, tuple(place[1] for place in places), make)


def enum(name: str, /, *, size: int = 4, signed: bool = False, **values: int) -> Described:
    made = tuple(t.Enumerator(key, value) for key, value in values.items())
    return Described(name, (), lambda new, _: t.Enum(new, name, BtfKind.ENUM, size, made, signed))


def enum64(name: str, /, *, size: int = 8, signed: bool = False, **values: int) -> Described:
    made = tuple(t.Enumerator(key, value) for key, value in values.items())
    return Described(name, (), lambda new, _: t.Enum(new, name, BtfKind.ENUM64, size, made, signed))


def fwd(name: str, *, is_union: bool = False) -> Described:
    return Described(name, (), lambda new, _: t.Fwd(new, name, is_union))


def typedef(name: str, of: Part) -> Described:
    return Described(name, (of,), lambda new, parts: t.Typedef(new, name, parts[0]))


def const(of: Part) -> Described:
    return _modifier(BtfKind.CONST, "", of)


def volatile(of: Part) -> Described:
    return _modifier(BtfKind.VOLATILE, "", of)


def restrict(of: Part) -> Described:
    return _modifier(BtfKind.RESTRICT, "", of)


def type_tag(name: str, of: Part, *, is_attribute: bool = False) -> Described:
    return _modifier(BtfKind.TYPE_TAG, name, of, is_attribute)


def _modifier(kind: BtfKind, name: str, of: Part, flag: bool = False) -> Described:
    return Described(name, (of,), lambda new, parts: t.Modifier(new, name, kind, parts[0], flag))


def func_proto(result: Part = VOID, **params: Part) -> Described:
    def make(type_id: int, ids: Sequence[int]) -> t.BtfType:
        return t.FuncProto(type_id, ids[0], tuple(map(t.Param, params, ids[1:])))

    return Described("", (result, *params.values()), make)


def func(name: str, proto: Part, *, linkage: int = 1) -> Described:
    return Described(name, (proto,), lambda new, parts: t.Func(new, name, parts[0], linkage))


def var(name: str, of: Part, *, linkage: int = 1) -> Described:
    return Described(name, (of,), lambda new, parts: t.Var(new, name, parts[0], linkage))


def datasec(name: str, *variables: tuple[Part, int, int], size: int) -> Described:
    """A section of *size* bytes; variables are (var, byte offset, byte size)."""

    def make(type_id: int, ids: Sequence[int]) -> t.BtfType:
        made = tuple(
            t.DatasecVar(var_id, at, length) for var_id, (_, at, length) in zip(ids, variables, strict=True)
        )
        return t.Datasec(type_id, name, size, made)

    return Described(name, tuple(part for part, _, _ in variables), make)


def decl_tag(name: str, of: Part, *, component: int = -1, is_attribute: bool = False) -> Described:
    """A tag on *of*, or on its member or parameter number *component*."""
    return Described(name, (of,), lambda new, parts: t.DeclTag(new, name, parts[0], component, is_attribute))


INT = int_("int", 4, encoding=t.INT_SIGNED)
UNSIGNED_INT = int_("unsigned int", 4)
LONG = int_("long", 8, encoding=t.INT_SIGNED)
UNSIGNED_LONG = int_("unsigned long", 8)
CHAR = int_("char", 1, encoding=t.INT_SIGNED)
UNSIGNED_CHAR = int_("unsigned char", 1)
UNSIGNED_SHORT = int_("unsigned short", 2)
BOOL = int_("_Bool", 1, encoding=t.INT_BOOL)
