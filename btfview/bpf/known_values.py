"""What can be known of a register: as much as every verifier since 5.10 knows, and what none of them can
know.

To call code dead, a value must be known to the kernel that decides it; to say that the verifier certainly
comes to an instruction, a branch must be one that no kernel decides. Between the two stands :data:`VAGUE`.
"""

from __future__ import annotations

from btfview.frozen import frozen

from . import insn as i

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from .insn import Insn

U32, U64 = (1 << 32) - 1, (1 << 64) - 1


@frozen
class Const:
    """A number."""

    value: int
    """Unsigned, 64 bits."""
    is_assumed: bool = False
    """Whether it is what ``.rodata`` held when it was compiled; a loader may set another value."""

    # As the common ones, without a loop: states are looked up at each jump.
    def __hash__(self) -> int:
        return hash(self.value)

    def __eq__(self, other: object) -> bool:
        return type(other) is Const and self.value == other.value and self.is_assumed == other.is_assumed


@frozen
class Fresh:
    """What came from outside, and has not been compared yet: each value of so many bits is possible, and no
    verifier knows more."""

    bits: int
    origin: tuple[str, int]
    """Section and byte offset of the instruction that brought it: copies have the same."""

    def __hash__(self) -> int:
        return hash(self.origin)

    def __eq__(self, other: object) -> bool:
        return type(other) is Fresh and self.bits == other.bits and self.origin == other.origin


@frozen
class Shifted:
    """A :class:`Fresh` value shifted left: on the way to its lower bits."""

    by: int
    origin: tuple[str, int]


@frozen
class Vague:
    """Nothing, or something that some verifiers know."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__


@frozen
class NonNull:
    """An address that every verifier knows not to be null: of a kfunc, of a variable of the program."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__


@frozen
class Pointer:
    """What may be an address. That it is null is known to no verifier, that it is not, to some."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__


@frozen
class Data:
    """An address in a data section of the object, or of an extern of ``.kconfig``."""

    place: str
    """Name of the section; ``extern NAME``."""
    offset: int | None
    """None where it is not known."""


@frozen
class Frame:
    """An address in the stack frame of the function; *offset* None where it is not known."""

    offset: int | None

    def __hash__(self) -> int:
        return hash(self.offset)

    def __eq__(self, other: object) -> bool:
        return type(other) is Frame and self.offset == other.offset


@frozen
class Code:
    """The address of a function: a callback."""

    section: str
    insn_off: int


Value: TypeAlias = "Const | Fresh | Shifted | Vague | Pointer | NonNull | Data | Frame | Code"
VAGUE = Vague()
POINTER = Pointer()
NON_NULL = NonNull()
ZERO = Const(0)


def _signed(value: int, bits: int) -> int:
    return value - (value >> (bits - 1) << bits)


COMPARE: dict[int, Callable[[int, int, int], bool]] = {
    0x1: lambda a, b, _: a == b,
    0x2: lambda a, b, _: a > b,
    0x3: lambda a, b, _: a >= b,
    0x4: lambda a, b, _: bool(a & b),
    0x5: lambda a, b, _: a != b,
    0x6: lambda a, b, bits: _signed(a, bits) > _signed(b, bits),
    0x7: lambda a, b, bits: _signed(a, bits) >= _signed(b, bits),
    0xA: lambda a, b, _: a < b,
    0xB: lambda a, b, _: a <= b,
    0xC: lambda a, b, bits: _signed(a, bits) < _signed(b, bits),
    0xD: lambda a, b, bits: _signed(a, bits) <= _signed(b, bits),
}
"""By the operation in the upper half of a jump's opcode."""
EQUAL, NOT_EQUAL = 0x1, 0x5
COMPUTE: dict[int, Callable[[int, int, int], int]] = {
    0x0: lambda a, b, _: a + b,
    0x1: lambda a, b, _: a - b,
    0x2: lambda a, b, _: a * b,
    0x4: lambda a, b, _: a | b,
    0x5: lambda a, b, _: a & b,
    0x6: lambda a, b, bits: a << (b & (bits - 1)),
    0x7: lambda a, b, bits: a >> (b & (bits - 1)),
    0xA: lambda a, b, _: a ^ b,
    0xB: lambda _, b, __: b,
    0xC: lambda a, b, bits: _signed(a, bits) >> (b & (bits - 1)),
}
_ADD, _SUB, _MUL, _AND, _LSH, _RSH, _MOV, _ARSH = 0x0, 0x1, 0x2, 0x5, 0x6, 0x7, 0xB, 0xC


def compute(insn: Insn, left: Value, right: Value) -> Value:
    """Return what an ALU instruction makes of its operands."""
    op, bits = insn.opcode >> 4, 64 if insn.class_ == i.ALU64 else 32
    if insn.off or op not in COMPUTE:  # movsx, addr_space_cast; division, negation, byte swap: not followed
        return VAGUE
    mask = U64 if bits == 64 else U32
    if isinstance(right, Const) and (isinstance(left, Const) or op == _MOV):
        start = left.value if isinstance(left, Const) else 0
        is_assumed = right.is_assumed or (op != _MOV and isinstance(left, Const) and left.is_assumed)
        return Const(COMPUTE[op](start & mask, right.value & mask, bits) & mask, is_assumed)
    if op == _MOV:
        return _moved(right, bits)
    if op in (_AND, _MUL) and ZERO in (_number(left, mask), _number(right, mask)):
        return ZERO
    if isinstance(right, Const):
        return _with_constant(op, bits, left, _signed(right.value & mask, bits))
    return _somewhere_in(left, right)


def _somewhere_in(left: Value, right: Value) -> Value:
    """An unknown number added to an address leads somewhere in the same memory."""
    for value in (left, right):
        if isinstance(value, Frame):
            return Frame(None)
        if isinstance(value, Data):
            return Data(value.place, None)
    return VAGUE


def _number(value: Value, mask: int) -> Value:
    return Const(value.value & mask) if isinstance(value, Const) and not value.is_assumed else value


def _moved(value: Value, bits: int) -> Value:
    if bits == 64:
        return value
    return Fresh(min(value.bits, 32), value.origin) if isinstance(value, Fresh) else VAGUE


def _with_constant(op: int, bits: int, left: Value, right: int) -> Value:
    match left:
        case Fresh(bits=known, origin=origin) if bits == 64 and op == _LSH and 0 < right < 64:
            return Shifted(right, origin) if known >= 64 - right else VAGUE
        case Shifted(by=by, origin=origin) if bits == 64 and op in (_RSH, _ARSH) and right == by:
            return Fresh(64 - by, origin)
        case Frame(offset=offset) if bits == 64 and op in (_ADD, _SUB):
            return Frame(None if offset is None else offset + (right if op == _ADD else -right))
        case Data(place=place, offset=offset) if bits == 64 and op in (_ADD, _SUB):
            return Data(place, None if offset is None else offset + (right if op == _ADD else -right))
        case _:
            return _somewhere_in(left, VAGUE)


@frozen
class Decided:
    """The verifier takes one way only."""

    is_taken: bool
    is_assumed: bool
    """Whether ``.rodata`` as compiled decides it."""


@frozen
class Open:
    """It goes both ways, as far as is known here."""

    is_taken_certain: bool
    """Whether every verifier goes that way, too."""
    is_passed_certain: bool


_BOTH, _UNSURE = Open(True, True), Open(False, False)


def decide(op: int, bits: int, left: Value, right: Value) -> Decided | Open:
    """Return which way a conditional jump goes."""
    compare = COMPARE.get(op)
    if compare is None:
        return _UNSURE
    if isinstance(left, Const) and isinstance(right, Const):
        mask = U64 if bits == 64 else U32
        is_taken = compare(left.value & mask, right.value & mask, bits)
        return Decided(is_taken, left.is_assumed or right.is_assumed)
    if bits == 64 and right == ZERO and isinstance(left, (NonNull, Data, Code)):
        if op in (EQUAL, NOT_EQUAL):
            return Decided(op == NOT_EQUAL, is_assumed=False)
        return _UNSURE
    if isinstance(left, Pointer) and bits == 64 and right == ZERO and op in (EQUAL, NOT_EQUAL):
        return Open(op == NOT_EQUAL, op == EQUAL)
    if isinstance(left, Fresh) and isinstance(right, Const):
        return _BOTH if _is_open(op, bits, left.bits, right.value) else _UNSURE
    if isinstance(left, Fresh) and isinstance(right, Fresh) and op in (EQUAL, NOT_EQUAL):
        return _BOTH if left.origin != right.origin else _UNSURE
    return _UNSURE


def _is_open(op: int, bits: int, known_bits: int, right: int) -> bool:
    """Return whether some value of *known_bits* makes the comparison true, and some other false."""
    compare = COMPARE[op]
    mask = U64 if bits == 64 else U32
    top = (1 << known_bits) - 1
    samples = {0, 1, top, top >> 1, (top >> 1) + 1, right, right - 1, right + 1, ~right}
    answers = {compare(sample & mask, right & mask, bits) for sample in samples if 0 <= sample <= top}
    return len(answers) == 2
