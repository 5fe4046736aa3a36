"""The rules of libbpf's relocation, one case each: local types, target types, records, and the answers.

Every answer is libbpf's: ``test_rules.py`` asks the installed libbpf the same (``shared/LIBBPF.md`` tells
what is surprising in them, by the numbers in the comments below).
"""

from __future__ import annotations

from dataclasses import dataclass

from btfview.bpf.insn import LDDW, Insn
from btfview.btf.kinds import CoreReloKind
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
    array,
    const,
    enum,
    enum64,
    float_,
    func_proto,
    fwd,
    int_,
    ptr,
    ref,
    struct,
    typedef,
    union,
    volatile,
)
from tests.objects import Record

OFFSET, SIZE, EXISTS, SIGNED, LSHIFT, RSHIFT = (CoreReloKind(number) for number in range(6))
ID_LOCAL, ID_TARGET, TYPE_EXISTS, TYPE_SIZE = (CoreReloKind(number) for number in range(6, 10))
ENUM_EXISTS, ENUM_VALUE, MATCHES = (CoreReloKind(number) for number in range(10, 13))

POISON = "poison"
"""No candidate matched, and the instruction is poisoned."""
MISSING = "missing: 0"
"""No candidate matched, and the answer is 0."""
AMBIGUOUS = "ambiguous"
REFUSED = "refused"
POISONED_LOAD = "poisoned load"
"""It matched, but the load's width must not change."""
Answer = int | str


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    local: tuple[Described, ...]
    target: tuple[Described, ...]
    records: tuple[Record, ...]
    answers: tuple[Answer, ...]
    """For each record, in file order; after the first that is refused libbpf looks at no other."""


def rule(
    name: str,
    local: Described | tuple[Described, ...],
    target: Described | tuple[Described, ...],
    *asked: tuple[CoreReloKind | int, str | int, str, Insn | int, Answer],
) -> Rule:
    """*asked* are (kind, root, access string, instruction or the value in it, answer)."""
    return Rule(
        name,
        local if isinstance(local, tuple) else (local,),
        target if isinstance(target, tuple) else (target,),
        tuple(Record(kind, root, access_str, insn) for kind, root, access_str, insn, _ in asked),
        tuple(answer for *_, answer in asked),
    )


def ldx(size_opcode: int, off: int) -> Insn:
    """``r2 = *(uN *)(r1 + off)``: 0x61 u32, 0x69 u16, 0x71 u8, 0x79 u64."""
    return Insn(size_opcode, 2, 1, off, 0)


def lddw(value: int) -> Insn:
    return Insn(LDDW, 1, 0, 0, value & 0xFFFF_FFFF_FFFF_FFFF)


def one(name: str, member: Described | None, *, size: int = 8, bit: int = 0) -> Described:
    """A struct with one member ``m``."""
    return struct(name, size=size, m=(member, bit))


PAIR = struct("t", size=8, a=(INT, 0), b=(INT, 32))

CANDIDATES = [
    # 1: one list of candidates for a root type, and what did not match once is gone.
    rule(
        "a-candidate-that-did-not-match-is-gone",
        struct("t", size=12, a=(INT, 0), b=(INT, 32)),
        (struct("t", size=8, a=(INT, 0), b=(INT, 32)), struct("t", size=8, x=(INT, 0), a=(INT, 32))),
        (EXISTS, "t", "0:1", 1, 1),
        (OFFSET, "t", "0:0", 0, 0),
    ),
    rule(
        "without-the-first-record-it-would-be-ambiguous",
        struct("t", size=12, a=(INT, 0), b=(INT, 32)),
        (struct("t", size=8, a=(INT, 0), b=(INT, 32)), struct("t", size=8, x=(INT, 0), a=(INT, 32))),
        (OFFSET, "t", "0:0", 0, AMBIGUOUS),
    ),
    rule(
        "what-exists-alone-does-not-in-file-order",
        struct("t", size=12, a=(INT, 0), b=(INT, 32)),
        (struct("t", size=8, a=(INT, 0)), struct("t", size=8, b=(INT, 0))),
        (EXISTS, "t", "0:0", 1, 1),
        (EXISTS, "t", "0:1", 1, MISSING),
    ),
    rule(
        "a-record-without-a-match-drops-nothing",
        struct("t", size=12, a=(INT, 0), b=(INT, 32), c=(INT, 64)),
        (struct("t", size=8, a=(INT, 0)), struct("t", size=8, b=(INT, 32))),
        (EXISTS, "t", "0:2", 1, MISSING),
        (EXISTS, "t", "0:0", 1, 1),
    ),
    rule(
        "flavors-have-lists-of-their-own",
        (struct("t___a", size=8, a=(INT, 0)), struct("t___b", size=8, b=(INT, 0))),
        (struct("t", size=8, a=(INT, 0)), struct("t", size=8, b=(INT, 32))),
        (EXISTS, "t___a", "0:0", 1, 1),
        (OFFSET, "t___b", "0:0", 0, 4),
    ),
    # 2
    rule(
        "even-existence-is-ambiguous-at-two-offsets",
        PAIR,
        (PAIR, struct("t", size=8, a=(INT, 0), x=(INT, 32), b=(INT, 64))),
        (EXISTS, "t", "0:1", 1, AMBIGUOUS),
    ),
    rule(
        "twins-that-agree-are-not-ambiguous",
        PAIR,
        (struct("t", size=8, a=(INT, 0), b=(INT, 32)), struct("t", size=16, a=(INT, 0), b=(INT, 32))),
        (OFFSET, "t", "0:1", 4, 4),
    ),
    # 3
    rule(
        "the-id-of-twins-is-ambiguous",
        PAIR,
        (struct("t", size=8, a=(INT, 0)), struct("t", size=8, a=(INT, 0))),
        (ID_TARGET, "t", "0", 5, AMBIGUOUS),
    ),
    rule(
        "the-size-of-twins-is-not",
        PAIR,
        (struct("t", size=24, a=(INT, 0)), struct("t", size=24, b=(INT, 0))),
        (TYPE_SIZE, "t", "0", 8, 24),
    ),
    rule(
        "sizes-that-differ-are",
        PAIR,
        (struct("t", size=24, a=(INT, 0)), struct("t", size=32, b=(INT, 0))),
        (TYPE_SIZE, "t", "0", 8, AMBIGUOUS),
    ),
    # 4
    rule(
        "both-sides-have-flavors",
        struct("t___mine", size=4, a=(INT, 0)),
        struct("t___theirs", size=8, a=(INT, 32)),
        (OFFSET, "t___mine", "0:0", 0, 4),
    ),
    rule(
        "four-underscores-part-no-flavor",
        struct("nm____four", size=4, a=(INT, 0)),
        (struct("nm", size=8, a=(INT, 32)), struct("nm____four", size=8, a=(INT, 0))),
        (OFFSET, "nm____four", "0:0", 0, 0),
    ),
    rule(
        "the-last-separator-counts",
        struct("nm___x___y", size=4, a=(INT, 0)),
        # "nm___x" in the target is a flavor of "nm", so the essential name "nm___x" finds nothing.
        struct("nm___x", size=4, a=(INT, 0)),
        (OFFSET, "nm___x___y", "0:0", 0, POISON),
    ),
    rule(
        "the-last-separator-counts-on-both-sides",
        struct("nm___x___y", size=4, a=(INT, 0)),
        struct("nm___x___z", size=8, a=(INT, 32)),
        (OFFSET, "nm___x___y", "0:0", 0, 4),
    ),
    rule(
        "separators-at-the-ends-are-part-of-the-name",
        (struct("nm___", size=4, a=(INT, 0)), struct("___nm", size=4, a=(INT, 0))),
        (struct("nm", size=4, a=(INT, 0)), struct("___nm", size=8, a=(INT, 32))),
        (EXISTS, "nm___", "0:0", 1, MISSING),
        (OFFSET, "___nm", "0:0", 0, 4),
    ),
    # 5
    rule(
        "a-struct-is-no-union",
        struct("t", size=4, a=(INT, 0)),
        union("t", size=4, a=(INT, 0)),
        (EXISTS, "t", "0:0", 1, MISSING),
        (TYPE_EXISTS, "t", "0", 1, MISSING),
        (TYPE_SIZE, "t", "0", 4, MISSING),
        (ID_TARGET, "t", "0", 2, MISSING),
    ),
    rule(
        "an-enum-is-an-enum64",
        enum("e", A=1, B=2),
        enum64("e", B=7),
        (ENUM_VALUE, "e", "1", lddw(2), 7),
        (ENUM_EXISTS, "e", "0", 1, MISSING),
        (TYPE_EXISTS, "e", "0", 1, 1),
    ),
    rule(
        "a-struct-is-no-forward-declaration",
        struct("t", size=4, a=(INT, 0)),
        fwd("t"),
        (TYPE_EXISTS, "t", "0", 1, MISSING),
    ),
    rule(
        "a-typedef-finds-typedefs-only",
        typedef("t", struct("inner", size=4, a=(INT, 0))),
        (struct("t", size=8, a=(INT, 32)), typedef("t", struct("other", size=8, a=(INT, 32), b=(INT, 0)))),
        (OFFSET, "t", "0:0", 0, 4),
    ),
]

FIELDS = [
    rule(
        "moved",
        PAIR,
        struct("t", size=16, b=(INT, 64), a=(INT, 96)),
        (OFFSET, "t", "0:0", 0, 12),
        (OFFSET, "t", "0:1", 4, 8),
        (SIZE, "t", "0:1", 4, 4),
        (EXISTS, "t", "0:1", 1, 1),
    ),
    rule(
        "gone",
        PAIR,
        struct("t", size=4, a=(INT, 0)),
        (OFFSET, "t", "0:1", 4, POISON),
        (SIZE, "t", "0:1", 4, POISON),
        (EXISTS, "t", "0:1", 1, MISSING),
        (SIGNED, "t", "0:1", 1, POISON),
        (LSHIFT, "t", "0:1", 32, POISON),
        (RSHIFT, "t", "0:1", 32, POISON),
    ),
    rule(
        "through-an-anonymous-union-there",
        struct("t", size=8, a=(INT, 0)),
        struct(
            "t",
            ("", union("", ("", struct("", size=8, x=(INT, 0), a=(INT, 32)), 0), y=(LONG, 0), size=8), 64),
            size=16,
        ),
        (OFFSET, "t", "0:0", 0, 12),
    ),
    rule(
        "through-an-anonymous-struct-here",
        struct("t", ("", struct("", size=8, x=(INT, 0), a=(INT, 32)), 0), size=8),
        struct("t", size=8, a=(INT, 0)),
        (OFFSET, "t", "0:0:1", 4, 0),
    ),
    rule(
        "an-incompatible-namesake-in-an-anonymous-struct-shifts-the-next",
        one("t", INT),
        # libbpf goes on behind the anonymous struct, but keeps the offset that m had in it.
        struct("t", ("", struct("", size=16, x=(LONG, 0), m=(ptr(VOID), 64)), 0), m=(INT, 128), size=24),
        (OFFSET, "t", "0:0", 0, 16 + 8),
    ),
    rule(
        "an-incompatible-namesake-behind-it-does-not-matter",
        one("t", INT),
        struct("t", ("", struct("", size=8, m=(INT, 0)), 64), m=(ptr(VOID), 0), size=16),
        (OFFSET, "t", "0:0", 0, 8),
    ),
    rule(
        "an-incompatible-namesake-before-it-ends-the-search",
        one("t", INT),
        struct("t", ("m", ptr(VOID), 0), ("", struct("", size=8, m=(INT, 0)), 64), size=16),
        (EXISTS, "t", "0:0", 1, MISSING),
    ),
    rule(
        "an-anonymous-member-itself-is-its-place",
        struct("t", ("", struct("", size=8, x=(INT, 0), a=(INT, 32)), 64), size=16),
        struct("t", size=8, a=(INT, 0)),
        # No step has a name, so the relocation is of the root: at 0, on both sides.
        (EXISTS, "t", "0:0", 1, 1),
    ),
    rule(
        "struct-and-union-members-swap",
        one("t", struct("in1", size=4, x=(INT, 0))),
        one("t", union("in2", size=4, x=(INT, 0)), bit=32),
        (OFFSET, "t", "0:0", 0, 4),
        (OFFSET, "t", "0:0:0", 0, 4),
    ),
    # 6
    rule(
        "any-int-stands-for-any-int",
        one("t", INT),
        one("t", UNSIGNED_CHAR, bit=8),
        (OFFSET, "t", "0:0", 0, 1),
        (SIZE, "t", "0:0", 4, 1),
        (SIGNED, "t", "0:0", 1, 0),
    ),
    rule(
        "an-int-is-no-enum-and-no-pointer",
        struct("t", size=16, a=(INT, 0), b=(LONG, 64)),
        struct("t", size=16, a=(enum("e", A=0), 0), b=(ptr(VOID), 64)),
        (EXISTS, "t", "0:0", 1, MISSING),
        (EXISTS, "t", "0:1", 1, MISSING),
    ),
    rule(
        "any-pointer-stands-for-any-pointer",
        one("t", ptr(INT)),
        one("t", ptr(struct("other", size=4, x=(INT, 0))), bit=64, size=16),
        (OFFSET, "t", "0:0", 0, 8),
    ),
    rule(
        "a-float-stands-for-a-float-only",
        struct("t", size=16, a=(float_("double", 8), 0), b=(float_("float", 4), 64)),
        struct("t", size=16, a=(float_("float", 4), 32), b=(INT, 64)),
        (OFFSET, "t", "0:0", 0, 4),
        (EXISTS, "t", "0:1", 1, MISSING),
    ),
    rule(
        "enums-by-essential-name",
        struct("t", size=8, a=(enum("e___mine", A=0), 0), b=(enum("f", A=0), 32)),
        struct("t", size=8, a=(enum("e", A=0), 32), b=(enum("g", A=0), 0)),
        (OFFSET, "t", "0:0", 0, 4),
        (EXISTS, "t", "0:1", 1, MISSING),
    ),
    rule(
        "an-anonymous-enum-stands-for-any",
        one("t", enum("", A=0)),
        one("t", enum("e", A=0), bit=32),
        (OFFSET, "t", "0:0", 0, 4),
    ),
    rule(
        "enum-and-enum64-swap",
        one("t", enum("e", A=0)),
        one("t", enum64("e", A=0), size=16, bit=64),
        (OFFSET, "t", "0:0", 0, 8),
        (SIZE, "t", "0:0", 4, 8),
    ),
    rule(
        "modifiers-and-typedefs-do-not-matter",
        one("t", const(volatile(typedef("mine", INT)))),
        one("t", typedef("a", typedef("b", UNSIGNED_INT)), bit=32),
        (OFFSET, "t", "0:0", 0, 4),
    ),
    rule(
        "old-style-bitfield-ints-with-an-offset-do-not-match",
        one("t", INT),
        one("t", int_("int", 4, encoding=1, bits=3, bit_offset=2)),
        (EXISTS, "t", "0:0", 1, MISSING),
    ),
    rule(
        "arrays-by-their-elements",
        struct("t", size=24, a=(array(INT, 4), 0), b=(array(ptr(INT), 1), 128)),
        struct("t", size=24, a=(array(CHAR, 2), 32), b=(array(INT, 1), 128)),
        (OFFSET, "t", "0:0", 0, 4),
        (EXISTS, "t", "0:1", 1, MISSING),
    ),
    rule(
        "a-member-of-function-type-is-no-field",
        one("t", ptr(func_proto(INT))),
        one("t", func_proto(INT)),
        (EXISTS, "t", "0:0", 1, MISSING),
    ),
]

ARRAYS = [
    # 7
    rule(
        "elements",
        struct("t", size=20, a=(array(INT, 4), 32)),
        struct("t", size=40, a=(array(LONG, 4), 64)),
        (OFFSET, "t", "0:0:2", 12, 24),
        (SIZE, "t", "0:0:2", 4, 8),
    ),
    rule(
        "past-the-end-there",
        struct("t", size=16, a=(array(INT, 4), 0)),
        struct("t", size=8, a=(array(INT, 2), 0)),
        (EXISTS, "t", "0:0:1", 1, 1),
        (EXISTS, "t", "0:0:2", 1, MISSING),
        (OFFSET, "t", "0:0:3", 12, POISON),
    ),
    rule(
        "past-the-end-here-is-an-error",
        struct("t", size=16, a=(array(INT, 4), 0)),
        struct("t", size=32, a=(array(INT, 8), 0)),
        (OFFSET, "t", "0:0:4", 16, REFUSED),
    ),
    rule(
        "a-flexible-array-has-any-element",
        struct("t", size=16, a=(array(INT, 4), 0)),
        struct("t", size=8, x=(LONG, 0), a=(array(INT, 0), 64)),
        (OFFSET, "t", "0:0:3", 12, 20),
    ),
    rule(
        "a-flexible-array-here",
        struct("t", size=4, x=(INT, 0), a=(array(INT, 0), 32)),
        struct("t", size=72, x=(LONG, 0), a=(array(INT, 16), 64)),
        (OFFSET, "t", "0:1:5", 24, 28),
    ),
    rule(
        "an-array-of-none-that-is-not-last-has-no-element",
        struct("t", size=16, a=(array(INT, 4), 0)),
        struct("t", size=8, a=(array(INT, 0), 0), x=(LONG, 0)),
        (EXISTS, "t", "0:0:0", 1, MISSING),
    ),
    rule(
        "an-array-of-none-that-is-not-last-here-is-an-error",
        struct("t", size=8, u=(union("", size=8, a=(array(LONG, 0), 0), b=(LONG, 0)), 0)),
        struct("t", size=8, u=(union("", size=8, a=(array(LONG, 0), 0), b=(LONG, 0)), 0)),
        (OFFSET, "t", "0:0:0:3", 24, REFUSED),
    ),
    rule(
        "an-element-where-there-is-no-array",
        struct("t", size=16, a=(array(INT, 4), 0)),
        struct("t", size=4, a=(INT, 0)),
        (EXISTS, "t", "0:0:0", 1, MISSING),
    ),
    # 8
    rule(
        "the-first-index-counts-root-types-of-the-target",
        PAIR,
        struct("t", size=24, a=(INT, 0), b=(INT, 64)),
        (OFFSET, "t", "2:1", 20, 56),
        (OFFSET, "t", "3", 24, 72),
        (SIZE, "t", "3", 8, 24),
    ),
    rule(
        "offsets-wrap-at-32-bits",
        struct("t", size=16, a=(array(INT, 4), 0)),
        struct("t", size=8, x=(LONG, 0), a=(array(LONG, 0), 64)),
        (OFFSET, "t", "100000000:0", 1600000000 % (1 << 29), 800000008 % (1 << 29)),
    ),
    # 9
    rule(
        "an-element-has-no-sign",
        struct("t", size=16, a=(array(INT, 4), 0)),
        struct("t", size=16, a=(array(INT, 4), 0)),
        (SIGNED, "t", "0:0:1", 1, REFUSED),
    ),
    rule(
        "an-element-has-no-shift",
        struct("t", size=16, a=(array(INT, 4), 0)),
        struct("t", size=16, a=(array(INT, 4), 0)),
        (LSHIFT, "t", "0:0:1", 32, REFUSED),
    ),
    rule(
        "a-shift-of-an-element-is-an-error-where-it-is-missing-too",
        struct("t", size=16, a=(array(INT, 4), 0)),
        struct("t", size=16, b=(INT, 0)),
        (LSHIFT, "t", "0:0:1", 32, REFUSED),
    ),
    # 17
    rule(
        "two-dimensions",
        struct("t", size=24, m=(array(array(INT, 3), 2), 0)),
        struct("t", size=96, m=(array(array(LONG, 6), 2), 0)),
        (OFFSET, "t", "0:0:1:2", 20, 64),
    ),
    rule(
        "two-dimensions-that-pahole-made-one",
        struct("t", size=24, m=(array(array(INT, 3), 2), 0)),
        struct("t", size=24, m=(array(INT, 6), 0)),
        (EXISTS, "t", "0:0:1:2", 1, MISSING),
    ),
    # 18
    rule(
        "pointers-have-the-size-of-long",
        struct("t", size=32, p=(array(ptr(VOID), 4), 0)),
        (int_("long", 4, encoding=1), struct("t", size=16, p=(array(ptr(VOID), 4), 0))),
        (OFFSET, "t", "0:0:3", 24, 12),
        (SIZE, "t", "0:0:3", 8, 4),
        (SIZE, "t", "0:0", 32, 16),
    ),
]

BITS = struct("t", size=8, x=(INT, 0, 3), b=(UNSIGNED_INT, 3, 5), c=(INT, 30, 4), d=(INT, 64))

BITFIELDS = [
    # 10; what the compiler wrote is not checked for bitfields, so the immediates are 99.
    rule(
        "a-bitfield-in-its-own-word",
        BITS,
        struct("t", size=8, x=(INT, 0, 3), b=(UNSIGNED_INT, 37, 5)),
        (OFFSET, "t", "0:1", 99, 4),
        (SIZE, "t", "0:1", 99, 4),
        (LSHIFT, "t", "0:1", 99, 64 - 10),
        (RSHIFT, "t", "0:1", 59, 59),
        (SIGNED, "t", "0:1", 0, 0),
        (SIGNED, "t", "0:0", 1, 1),
    ),
    rule(
        "a-bitfield-across-words-takes-a-wider-load",
        BITS,
        struct("t", size=16, c=(INT, 94, 4)),
        (OFFSET, "t", "0:2", 99, 8),
        (SIZE, "t", "0:2", 99, 8),
        (LSHIFT, "t", "0:2", 99, 64 - 34),
    ),
    rule(
        "a-bitfield-across-eight-bytes-is-an-error",
        BITS,
        struct("t", size=16, c=(INT, 62, 4)),
        (OFFSET, "t", "0:2", 99, REFUSED),
    ),
    rule(
        "a-field-becomes-a-bitfield",
        BITS,
        struct("t", size=8, d=(INT, 8, 7)),
        (OFFSET, "t", "0:3", 8, 0),
        (SIZE, "t", "0:3", 4, 4),
        (LSHIFT, "t", "0:3", 32, 64 - 15),
        (RSHIFT, "t", "0:3", 32, 57),
    ),
    rule(
        "a-bitfield-becomes-a-field",
        BITS,
        struct("t", size=8, b=(UNSIGNED_SHORT, 48)),
        (OFFSET, "t", "0:1", 99, 6),
        (SIZE, "t", "0:1", 99, 2),
        (LSHIFT, "t", "0:1", 99, 48),
        (RSHIFT, "t", "0:1", 59, 48),
    ),
    rule(
        "the-right-shift-is-checked",
        BITS,
        struct("t", size=8, b=(UNSIGNED_INT, 37, 5)),
        (RSHIFT, "t", "0:1", 99, REFUSED),
    ),
    rule(
        "shifts-of-a-field-above-eight-bytes-wrap-at-32-bits",
        one("t", struct("in", size=16, x=(LONG, 0)), size=16),
        one("t", struct("in", size=24, x=(LONG, 0)), size=24),
        (RSHIFT, "t", "0:0", lddw((1 << 32) - 64), (1 << 32) - 128),
        (LSHIFT, "t", "0:0", lddw((1 << 32) - 64), (1 << 32) - 128),
    ),
    rule(
        "a-bitfield-of-an-enum-has-its-sign",
        struct("t", size=4, e=(enum("e", signed=True, A=-1), 0, 4)),
        struct("t", size=4, e=(enum("e", A=1), 4, 4)),
        (SIGNED, "t", "0:0", 1, 0),
    ),
]

TYPES = [
    rule(
        "a-type-there",
        PAIR,
        (INT, struct("t", size=24, z=(INT, 0))),
        (TYPE_EXISTS, "t", "0", 1, 1),
        (TYPE_SIZE, "t", "0", 8, 24),
        (ID_TARGET, "t", "0", 77, 2),
        (ID_LOCAL, "t", "0", 77, 2),
    ),
    rule(
        "no-type-there",
        PAIR,
        INT,
        (TYPE_EXISTS, "t", "0", 1, MISSING),
        (TYPE_SIZE, "t", "0", 8, MISSING),
        (ID_TARGET, "t", "0", 77, MISSING),
        (MATCHES, "t", "0", 1, MISSING),
        (ID_LOCAL, "t", "0", 77, 2),
    ),
    rule(
        "typedefs-by-what-is-behind",
        (typedef("t", struct("x", size=4, a=(INT, 0))), typedef("u", INT)),
        (typedef("t", struct("y", size=8, b=(INT, 0))), typedef("u", ptr(INT))),
        (TYPE_EXISTS, "t", "0", 1, 1),
        (TYPE_SIZE, "t", "0", 4, 8),
        (TYPE_EXISTS, "u", "0", 1, MISSING),
    ),
    rule(
        "function-types-by-their-parameters",
        (
            typedef("f", ptr(func_proto(INT, a=INT))),
            typedef("g", ptr(func_proto(INT, a=INT))),
            typedef("h", ptr(func_proto(INT, a=INT))),
        ),
        (
            typedef("f", ptr(func_proto(LONG, a=CHAR))),
            typedef("g", ptr(func_proto(INT, a=INT, b=INT))),
            typedef("h", ptr(func_proto(INT, a=ptr(INT)))),
        ),
        (TYPE_EXISTS, "f", "0", 1, 1),
        (TYPE_EXISTS, "g", "0", 1, MISSING),
        (TYPE_EXISTS, "h", "0", 1, MISSING),
    ),
    # 15
    rule(
        "matches-member-by-member",
        struct("t", size=8, a=(INT, 0), b=(ptr(struct("in", size=4, x=(INT, 0))), 64)),
        struct("t", size=32, b=(ptr(struct("in", size=8, y=(LONG, 0))), 64), z=(LONG, 128), a=(INT, 0)),
        (MATCHES, "t", "0", 1, 1),
    ),
    rule(
        "matches-not-with-a-member-less",
        PAIR,
        struct("t", size=8, a=(INT, 0), c=(INT, 32)),
        (MATCHES, "t", "0", 1, MISSING),
    ),
    rule(
        "matches-asks-for-size-and-sign-of-ints",
        (struct("t", size=4, a=(INT, 0)), struct("u", size=4, a=(INT, 0)), struct("v", size=1, a=(BOOL, 0))),
        (
            struct("t", size=8, a=(int_("int", 8, encoding=1), 0)),
            struct("u", size=4, a=(int_("int", 4), 0)),
            struct("v", size=1, a=(int_("_Bool", 1), 0)),
        ),
        (MATCHES, "t", "0", 1, MISSING),
        (MATCHES, "u", "0", 1, MISSING),
        (MATCHES, "v", "0", 1, 1),
    ),
    rule(
        "matches-asks-for-the-names-of-types",
        one("t", struct("in", size=4, x=(INT, 0))),
        one("t", struct("other", size=4, x=(INT, 0))),
        (MATCHES, "t", "0", 1, MISSING),
    ),
    rule(
        "matches-struct-by-value-is-taken-apart",
        one("t", struct("in", size=4, x=(INT, 0))),
        one("t", struct("in", size=4, y=(INT, 0))),
        (MATCHES, "t", "0", 1, MISSING),
    ),
    rule(
        "matches-behind-a-pointer-by-name-only",
        one("t", ptr(struct("in", size=4, x=(INT, 0)))),
        one("t", ptr(fwd("in"))),
        (MATCHES, "t", "0", 1, 1),
    ),
    rule(
        "matches-behind-a-pointer-not-struct-for-union",
        one("t", ptr(struct("in", size=4, x=(INT, 0)))),
        one("t", ptr(union("in", size=4, x=(INT, 0)))),
        (MATCHES, "t", "0", 1, MISSING),
    ),
    rule(
        "matches-arrays-of-the-same-length",
        one("t", array(INT, 2)),
        one("t", array(INT, 3), size=12),
        (MATCHES, "t", "0", 1, MISSING),
    ),
    rule(
        "matches-enums-that-know-all-values",
        (enum("e", A=1, B=2), enum("f", A=1, B=2), enum("g", A=1)),
        (enum("e", B=7, X=1, A=9), enum("f", A=1, C=2), enum64("g", A=1)),
        (MATCHES, "e", "0", 1, 1),
        (MATCHES, "f", "0", 1, MISSING),
        (MATCHES, "g", "0", 1, MISSING),
    ),
    rule(
        "matches-functions-of-the-same-arity",
        (typedef("f", ptr(func_proto(INT, a=INT))), typedef("g", ptr(func_proto(INT, a=INT)))),
        (typedef("f", ptr(func_proto(INT, b=INT))), typedef("g", ptr(func_proto(INT, a=INT, b=INT)))),
        (MATCHES, "f", "0", 1, 1),
        (MATCHES, "g", "0", 1, MISSING),
    ),
    rule(
        "matches-circles",
        struct("node", size=16, next=(ptr(ref("node")), 0), v=(INT, 64)),
        struct("node", size=16, v=(INT, 0), next=(ptr(ref("node")), 64)),
        (MATCHES, "node", "0", 1, 1),
    ),
]

ENUMS = [
    rule(
        "an-enumerator-by-name",
        enum("e", A=1, B=2, C=3),
        enum("e", X=0, B=20),
        (ENUM_VALUE, "e", "1", lddw(2), 20),
        (ENUM_EXISTS, "e", "1", 1, 1),
        (ENUM_EXISTS, "e", "2", 1, MISSING),
        (ENUM_VALUE, "e", "2", lddw(3), POISON),
    ),
    rule(
        "enumerators-have-flavors-too",
        enum("e___mine", A___old=1),
        enum("e", A___new=9),
        (ENUM_VALUE, "e___mine", "0", lddw(1), 9),
    ),
    rule(
        "negative-values-extend-their-sign",
        (enum("e", signed=True, A=-5), enum64("f", signed=True, A=-(1 << 40))),
        (enum("e", signed=True, A=-6), enum64("f", signed=True, A=-(1 << 41))),
        (ENUM_VALUE, "e", "0", lddw(-5), (1 << 64) - 6),
        (ENUM_VALUE, "f", "0", lddw(-(1 << 40)), (1 << 64) - (1 << 41)),
    ),
    # 12
    rule(
        "unsigned-32-bit-values-from-two-to-the-31st-on-fail-their-check",
        enum("e", A=0x80000000),
        enum("e", A=0x80000000),
        (ENUM_VALUE, "e", "0", lddw(0x80000000), REFUSED),
    ),
    rule(
        "a-64-bit-value-does-not-fit-a-mov",
        enum64("e", A=1),
        enum64("e", A=1 << 33 | 5),
        (ENUM_VALUE, "e", "0", 1, 1 << 33 | 5),
    ),
]

P = struct("t", size=16, p=(ptr(VOID), 0), i=(INT, 64), u=(UNSIGNED_INT, 96))

INSTRUCTIONS = [
    # 12
    rule("the-value-compiled-in-is-checked", PAIR, PAIR, (OFFSET, "t", "0:1", 5, REFUSED)),
    rule("of-a-load-the-offset-is-checked", PAIR, PAIR, (OFFSET, "t", "0:1", ldx(0x61, 8), REFUSED)),
    rule("of-a-wide-load-too", PAIR, PAIR, (OFFSET, "t", "0:1", lddw(1 << 40 | 4), REFUSED)),
    rule(
        "type-ids-are-not-checked",
        PAIR,
        PAIR,
        (ID_TARGET, "t", "0", lddw(12345), 2),
        (ID_LOCAL, "t", "0", lddw(12345), 2),
    ),
    rule(
        "32-bit-alu-is-patched-as-well",
        PAIR,
        struct("t", size=64, b=(INT, 256)),
        (OFFSET, "t", "0:1", Insn(0xB4, 1, 0, 0, 4), 32),
        (OFFSET, "t", "0:1", Insn(0x07, 1, 0, 0, 4), 32),
    ),
    rule("registers-cannot-be-patched", PAIR, PAIR, (OFFSET, "t", "0:1", Insn(0x0F, 1, 2, 0, 4), REFUSED)),
    rule("jumps-cannot", PAIR, PAIR, (OFFSET, "t", "0:1", Insn(0x15, 1, 0, 0, 4), REFUSED)),
    rule("packet-loads-cannot", PAIR, PAIR, (OFFSET, "t", "0:1", Insn(0x30, 0, 0, 0, 4), REFUSED)),
    rule("a-wide-load-of-a-map-cannot", PAIR, PAIR, (OFFSET, "t", "0:1", Insn(LDDW, 1, 1, 0, 4), REFUSED)),
    rule(
        "loads-and-stores",
        PAIR,
        struct("t", size=64, b=(INT, 256)),
        (OFFSET, "t", "0:1", ldx(0x61, 4), 32),
        (OFFSET, "t", "0:1", Insn(0x63, 1, 2, 4, 0), 32),
        (OFFSET, "t", "0:1", Insn(0x62, 1, 0, 4, 7), 32),
        (OFFSET, "t", "0:1", ldx(0x81, 4), 32),
    ),
    rule(
        "poison-of-every-form",
        PAIR,
        struct("t", size=4, a=(INT, 0)),
        (OFFSET, "t", "0:1", lddw(4), POISON),
        (OFFSET, "t", "0:1", ldx(0x61, 4), POISON),
        (OFFSET, "t", "0:1", Insn(0x62, 1, 0, 4, 7), POISON),
    ),
    rule("what-will-be-poisoned-is-not-checked", PAIR, INT, (OFFSET, "t", "0:1", 5, POISON)),
    # 13
    rule(
        "pointers-change-their-width",
        P,
        (int_("long", 4, encoding=1), struct("t", size=16, p=(ptr(VOID), 32))),
        (OFFSET, "t", "0:0", ldx(0x79, 0), 4),
    ),
    rule(
        "unsigned-ints-do",
        P,
        struct("t", size=16, u=(UNSIGNED_LONG, 0)),
        (OFFSET, "t", "0:2", ldx(0x61, 12), 0),
        (OFFSET, "t", "0:2", Insn(0x63, 1, 2, 12, 0), 0),
    ),
    rule(
        "bool-counts-as-unsigned",
        one("t", BOOL),
        one("t", UNSIGNED_INT, bit=32),
        (OFFSET, "t", "0:0", ldx(0x71, 0), 4),
    ),
    rule(
        "signed-ints-do-not",
        P,
        struct("t", size=16, i=(LONG, 0)),
        (OFFSET, "t", "0:1", ldx(0x61, 8), POISONED_LOAD),
    ),
    rule(
        "one-signed-is-enough",
        P,
        struct("t", size=16, u=(LONG, 0)),
        (OFFSET, "t", "0:2", ldx(0x61, 12), POISONED_LOAD),
    ),
    rule(
        "enums-do-not",
        one("t", enum("e", A=0)),
        one("t", enum64("e", A=0)),
        (OFFSET, "t", "0:0", ldx(0x61, 0), POISONED_LOAD),
    ),
    rule(
        "structs-do-not",
        one("t", struct("in", size=4, x=(INT, 0))),
        one("t", struct("in", size=8, x=(LONG, 0))),
        (OFFSET, "t", "0:0", ldx(0x61, 0), POISONED_LOAD),
    ),
    rule(
        "a-mov-does-not-care",
        P,
        struct("t", size=16, i=(LONG, 64)),
        (OFFSET, "t", "0:1", 8, 8),
    ),
    rule(
        "a-load-that-does-not-have-the-fields-width-is-an-error",
        P,
        struct("t", size=16, u=(UNSIGNED_LONG, 0)),
        (OFFSET, "t", "0:2", ldx(0x69, 12), REFUSED),
    ),
    rule(
        "a-load-of-the-wrong-width-is-none-where-the-size-stays",
        P,
        struct("t", size=16, u=(UNSIGNED_INT, 0)),
        (OFFSET, "t", "0:2", ldx(0x69, 12), 0),
    ),
    rule(
        "no-load-has-three-bytes",
        one("t", UNSIGNED_INT),
        one("t", int_("odd", 3)),
        (OFFSET, "t", "0:0", ldx(0x61, 0), REFUSED),
    ),
    # 14
    rule(
        "an-offset-above-32767-does-not-fit-a-load",
        P,
        struct("t", size=1 << 16, i=(INT, 32768 * 8)),
        (OFFSET, "t", "0:1", ldx(0x61, 8), REFUSED),
    ),
    rule(
        "but-a-mov",
        P,
        struct("t", size=1 << 16, i=(INT, 32767 * 8), u=(INT, 32768 * 8)),
        (OFFSET, "t", "0:1", ldx(0x61, 8), 32767),
        (OFFSET, "t", "0:2", 12, 32768),
    ),
]

MALFORMED = [
    # 16
    rule(
        "a-root-without-a-name",
        (PAIR, const(PAIR)),
        PAIR,
        (OFFSET, 3, "0:1", 4, REFUSED),
    ),
    rule("an-anonymous-struct-has-a-local-id", struct("", size=4, a=(INT, 0)), INT, (ID_LOCAL, 2, "0", 9, 2)),
    # 19
    rule("type-0", PAIR, PAIR, (OFFSET, 0, "0:1", 4, REFUSED)),
    rule("a-type-that-is-not-there", PAIR, PAIR, (OFFSET, 99, "0:1", 4, REFUSED)),
    rule("an-unknown-kind", PAIR, PAIR, (13, "t", "0:1", 4, REFUSED)),
    rule("an-enum-kind-of-a-struct", PAIR, PAIR, (ENUM_VALUE, "t", "0", 4, REFUSED)),
    rule("a-field-kind-of-an-int", PAIR, PAIR, (OFFSET, "int", "0:1", 4, REFUSED)),
    rule("a-member-too-many", PAIR, PAIR, (OFFSET, "t", "0:2", 4, REFUSED)),
    rule("an-enumerator-too-many", enum("e", A=1), enum("e", A=1), (ENUM_VALUE, "e", "1", lddw(1), REFUSED)),
    rule("an-access-string-of-nothing", PAIR, PAIR, (OFFSET, "t", "", 0, REFUSED)),
    rule("an-access-string-of-words", PAIR, PAIR, (OFFSET, "t", "0:b", 4, REFUSED)),
    rule("an-access-string-that-goes-on", PAIR, PAIR, (OFFSET, "t", "0:1:0", 4, REFUSED)),
    rule("an-access-string-for-a-type", PAIR, PAIR, (TYPE_EXISTS, "t", "0:1", 1, REFUSED)),
    rule(
        "an-enum-with-two-indices", enum("e", A=1), enum("e", A=1), (ENUM_VALUE, "e", "0:0", lddw(1), REFUSED)
    ),
    rule(
        "65-levels",
        struct("t", size=4, a=(INT, 0)),
        INT,
        (OFFSET, "t", ":".join("0" * 65), 0, REFUSED),
    ),
]

RULES = [*CANDIDATES, *FIELDS, *ARRAYS, *BITFIELDS, *TYPES, *ENUMS, *INSTRUCTIONS, *MALFORMED]
