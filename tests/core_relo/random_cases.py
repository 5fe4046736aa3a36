"""Random types, and records that ask for what is in them; those of two sides often meet."""

from __future__ import annotations

from random import Random

from btfview.bpf.insn import LDDW, Insn
from btfview.btf import types as t
from btfview.btf.kinds import CoreReloKind
from btfview.btf.reader import Btf
from btfview.core_relo.access_spec import RefusedError, parse_access_spec
from btfview.core_relo.values import calc_value
from btfview.errors import BtfFormatError
from tests.btf.build import (
    BOOL,
    CHAR,
    INT,
    LONG,
    UNSIGNED_CHAR,
    UNSIGNED_INT,
    UNSIGNED_LONG,
    UNSIGNED_SHORT,
    VOID,
    Described,
    NamedPlace,
    array,
    const,
    enum,
    enum64,
    float_,
    func_proto,
    fwd,
    int_,
    ptr,
    struct,
    type_tag,
    typedef,
    union,
    volatile,
)
from tests.objects import Record

BYTE_SIZE = {id(INT): 4, id(LONG): 8, id(CHAR): 1, id(BOOL): 1}
LEAVES = (
    INT,
    LONG,
    CHAR,
    BOOL,
    UNSIGNED_CHAR,
    UNSIGNED_INT,
    UNSIGNED_LONG,
    UNSIGNED_SHORT,
    float_("double", 8),
)
MEMBER_NAMES = ("a", "b", "c", "d", "a___f")


class Types:
    """Draws types; those of the two sides are drawn from the same few names, so that they often meet."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def any_type(self, depth: int) -> Described:
        choice = self.random.random()
        if depth and choice < 0.25:
            return self.composite(self.random.choice(("", "in1", "in2")), depth - 1)
        if depth and choice < 0.40:
            return array(self.any_type(depth - 1), self.random.randrange(4))
        if choice < 0.50:
            return self.enumeration(self.random.choice(("e", "e___x", "f", "")))
        if choice < 0.60:
            return ptr(self.random.choice((VOID, INT, fwd("x"), self.random.choice(LEAVES))))
        if choice < 0.70:
            wrap = self.random.choice(
                (const, volatile, lambda of: typedef("td", of), lambda of: type_tag("g", of))
            )
            return wrap(self.any_type(depth))
        if choice < 0.72:
            return int_("int", 4, encoding=1, bits=3, bit_offset=self.random.randrange(3))
        return self.random.choice(LEAVES)

    def enumeration(self, name: str) -> Described:
        signed = self.random.random() < 0.5
        values = {
            key: self.random.choice((1, 2, 77, -3 if signed else 3, 0x7FFFFFFF))
            for key in self.random.sample(("A", "B", "C", "A___x"), self.random.randrange(1, 4))
        }
        make = enum64 if self.random.random() < 0.3 else enum
        return make(name, signed=signed, **values)

    def composite(self, name: str, depth: int) -> Described:
        is_union = self.random.random() < 0.25
        members: list[NamedPlace] = []
        bit = 0
        has_bitfields = self.random.random() < 0.3
        for member in self.random.sample(MEMBER_NAMES, self.random.randrange(1, len(MEMBER_NAMES))):
            of = self.any_type(depth)
            is_anonymous = of.name == "" and self.random.random() < 0.5
            bit += 8 * self.random.randrange(3)
            if has_bitfields and of in (INT, UNSIGNED_INT, UNSIGNED_CHAR, LONG):
                bit += self.random.randrange(8)
                width = self.random.randrange(1, 9)
                members.append((member, of, 0 if is_union else bit, width))
                bit += width
            else:
                bit += -bit % 8
                members.append(("" if is_anonymous else member, of, 0 if is_union else bit))
                bit += 64
        make = union if is_union else struct
        return make(name, *members, size=bit // 8 + 8)

    def roots(self, names: tuple[str, ...]) -> list[Described]:
        found = []
        for name in names:
            choice = self.random.random()
            if choice < 0.70:
                found.append(self.composite(name, 2))
            elif choice < 0.85:
                found.append(self.enumeration(name))
            elif choice < 0.95:
                found.append(typedef(name, self.any_type(2)))
            else:
                params = {f"p{number}": self.any_type(1) for number in range(self.random.randrange(3))}
                found.append(typedef(name, ptr(func_proto(self.any_type(1), **params))))
        return found


def random_access(random: Random, btf: Btf, type_id: int) -> str:
    """Return a path that mostly exists."""
    path = [0 if random.random() < 0.9 else random.randrange(3)]
    current = btf.skip_modifiers(type_id)
    if isinstance(current, t.Enum):
        return str(random.randrange(len(current.enumerators)))
    while random.random() < 0.85:
        if isinstance(current, t.Struct) and current.members:
            path.append(random.randrange(len(current.members)))
            current = btf.skip_modifiers(current.members[path[-1]].type_id)
        elif isinstance(current, t.Array):
            path.append(random.randrange(max(current.length, 1) + (random.random() < 0.1)))
            current = btf.skip_modifiers(current.type_id)
        else:
            break
    return ":".join(map(str, path))


def is_array(btf: Btf, type_id: int, access: str) -> bool:
    current = btf.skip_modifiers(type_id)
    for index in map(int, access.split(":")[1:]):
        match current:
            case t.Struct():
                current = btf.skip_modifiers(current.members[index].type_id)
            case t.Array():
                current = btf.skip_modifiers(current.type_id)
    return isinstance(current, t.Array)


def random_record(random: Random, btf: Btf, root: str) -> Record:
    (type_id,) = btf.ids_named(root)
    is_enum = isinstance(btf.skip_modifiers(type_id), t.Enum)
    kind = CoreReloKind(
        random.choice((10, 11, 7, 8, 9, 12) if is_enum else (0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12))
    )
    access = "0" if kind.is_type else random_access(random, btf, type_id)
    value = size = 0
    try:
        spec = parse_access_spec(btf, type_id, access, kind)
        found = calc_value(btf, spec, kind, is_little_endian=True)
        value, size = found.value, found.byte_size
    except (RefusedError, BtfFormatError):
        pass
    form = random.random()
    opcode = {1: 0x71, 2: 0x69, 4: 0x61, 8: 0x79}.get(size, 0x61)
    # The width of loads of whole arrays is the one point in which libbpf before 1.6 differs from newer ones.
    is_plain = ":" in access and not is_array(btf, type_id, access)
    if kind == CoreReloKind.FIELD_BYTE_OFFSET and form < 0.6 and value < 1 << 15 and is_plain:
        return Record(kind, root, access, Insn(opcode, 2, 1, value, 0))
    if form < 0.3 or value >= 1 << 31:
        return Record(kind, root, access, Insn(LDDW, 1, 0, 0, value))
    return Record(kind, root, access, value)
