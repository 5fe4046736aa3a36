"""What is known of a value that a program holds, and what becomes of it: numbers, ranges, pointers."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    Value = Any
    """None: nothing is known; an int: a number, unsigned 64 bits; else a tuple of one of the words below and
    more."""

RANGE = "range"  # lowest, highest: a number
HIDDEN = "hidden"  # why: the same number on every run, which nothing here tells
CONTEXT = "context"  # bytes from its start
FRAME = "frame"  # which call, bytes from its r10
BYTES = "bytes"  # section, bytes into it: a variable of the object
CONFIG = "config"  # name: a variable of .kconfig
MAP_ADDRESS = "map"  # name
LOOKED_UP = "looked up"  # number, map: what a map lookup returned, not yet compared with 0
ELEMENT = "element"  # number, map: the same, not 0
ADDRESS = "address"  # is surely not 0
CODE_ADDRESS = "code"  # place
KERNEL = "kernel"  # what, bytes into it: a struct of the kernel that the context leads to
RESULT = "result"  # name: what a helper or a kfunc returned
PACKET = "packet"  # bytes of a packet, not yet compared with its end
PACKET_END = "packet end"
WILD = "wild"  # what: an address with an offset that nothing bounds
SCALAR = "scalar"  # what: a number of the context, which is no pointer

U32, U64 = (1 << 32) - 1, (1 << 64) - 1
_MAX_OFFSET = 1 << 29
"""BPF_MAX_VAR_OFF."""


def low_half(value: Value) -> Value:
    if isinstance(value, int):
        return value & U32
    high = bounds(value)[1]
    if high is not None and high <= U32:
        return value
    return value if isinstance(value, tuple) and value[0] == HIDDEN else (RANGE, 0, U32)


def moved_by(pointer: tuple[Any, ...], distance: int) -> Value:
    distance -= distance >> 63 << 64
    word = pointer[0]
    if word == CONTEXT:
        return (CONTEXT, None if pointer[1] is None else pointer[1] + distance)
    if word in (FRAME, BYTES, KERNEL):
        return (word, pointer[1], pointer[2] + distance)
    if word == RANGE:
        low, high = pointer[1] + distance, pointer[2] + distance
        return (RANGE, low, high) if low >= 0 and high <= U64 else None
    return pointer if word in (HIDDEN, ELEMENT, PACKET) else None


def estimate(op: int, left: Value, right: Value, is_64: bool) -> Value:
    """Return what is known of a result where not both operands are numbers."""
    hidden = hidden_by(left) or hidden_by(right)
    if hidden and (isinstance(left, int) or isinstance(right, int) or (hidden_by(left) and hidden_by(right))):
        return (HIDDEN, hidden)
    if isinstance(left, tuple) and left[0] == CONTEXT and is_64 and op == 0x00:
        return (CONTEXT, None)
    if isinstance(right, tuple) and right[0] == CONTEXT and is_64 and op == 0x00:
        return (CONTEXT, None)
    for value in (left, right):
        if isinstance(value, tuple) and is_64 and op == 0x00:
            if value[0] == PACKET:
                return value
            other = right if value is left else left
            high = bounds(other)[1]
            if value[0] in (BYTES, ELEMENT, WILD) and (high is None or high > _MAX_OFFSET):
                return (WILD, value[0])
    low, high = bounds(left)
    if op == 0x50 and isinstance(right, int):  # and
        mask = right if is_64 else right & U32
        return (RANGE, 0, mask if high is None else min(mask, high))
    top = U64 if is_64 else U32
    if isinstance(right, int) and high is not None and high <= top:
        by = right & 63
        if op == 0x70 or (op == 0xC0 and high <= top >> 1):  # rsh, and arsh of what is positive
            return (RANGE, low >> by, high >> by)
        if op == 0x60 and high << by <= top:  # lsh
            return (RANGE, low << by, high << by)
    return None if is_64 else (RANGE, 0, U32)


def compute(op: int, left: int, right: int, is_64: bool) -> Value:
    bits = 64 if is_64 else 32
    mask = U64 if is_64 else U32
    left &= mask
    right &= mask
    shift = right & (bits - 1)
    match op:
        case 0x00:
            value = left + right
        case 0x10:
            value = left - right
        case 0x20:
            value = left * right
        case 0x30:
            value = left // right if right else 0
        case 0x40:
            value = left | right
        case 0x50:
            value = left & right
        case 0x60:
            value = left << shift
        case 0x70:
            value = left >> shift
        case 0x90:
            value = left % right if right else left
        case 0xA0:
            value = left ^ right
        case 0xC0:
            value = _signed(left, bits) >> shift
        case _:
            return None
    return value & mask


def _signed(value: int, bits: int) -> int:
    return value - (value >> (bits - 1) << bits)


def hidden_by(value: Value) -> str:
    return str(value[1]) if isinstance(value, tuple) and value[0] == HIDDEN else ""


def bounds(value: Value) -> tuple[int, int | None]:
    """Return the lowest and highest that a number can be; (0, None) where nothing is known."""
    if isinstance(value, int):
        return value, value
    if isinstance(value, tuple) and value[0] == RANGE:
        return value[1], value[2]
    return 0, None


def _is_pointer(value: Value) -> bool:
    """Tell whether the verifier knows the pointer not to be 0 (``reg_not_null``)."""
    return isinstance(value, tuple) and (
        value[0] in (BYTES, ELEMENT, CONFIG) or (value[0] == ADDRESS and bool(value[1]))
    )


def is_taken(op: int, left: Value, right: Value, is_64: bool) -> bool | None:
    """Return whether a branch is taken; None where that is open (verifier: ``is_branch_taken``)."""
    if is_64 and right == 0 and op in (0x10, 0x50) and _is_pointer(left):
        return op == 0x50
    (low, high), (low2, high2) = bounds(left), bounds(right)
    if high is None or high2 is None:
        return None
    if not is_64:
        if low == high and low2 == high2:
            low, low2 = low & U32, low2 & U32
            high, high2 = low, low2
        elif high > U32 or high2 > U32:
            if low2 == high2:
                low2 = high2 = low2 & U32
            if high > U32 or high2 > U32:
                return None
    bits = 64 if is_64 else 32
    half = 1 << (bits - 1)
    match op:
        case 0x10 | 0x50:
            if low == high == low2 == high2:
                return op == 0x10
            return (op == 0x50) if high < low2 or high2 < low else None
        case 0x20:
            return _decide(low > high2, high <= low2)
        case 0x30:
            return _decide(low >= high2, high < low2)
        case 0xA0:
            return _decide(high < low2, low >= high2)
        case 0xB0:
            return _decide(high <= low2, low > high2)
        case 0x40:
            return bool(low & low2) if low == high and low2 == high2 else None
        case 0x60 | 0x70 | 0xC0 | 0xD0:
            if low == high and low2 == high2:
                a, b = _signed(low, bits), _signed(low2, bits)
                return {0x60: a > b, 0x70: a >= b, 0xC0: a < b, 0xD0: a <= b}[op]
            if high >= half or high2 >= half:
                if low2 == high2 >= half and high < half:  # a number that is not negative, and one that is
                    return op in (0x60, 0x70)
                return None
            unsigned = {0x60: 0x20, 0x70: 0x30, 0xC0: 0xA0, 0xD0: 0xB0}[op]
            return is_taken(unsigned, left, (RANGE, low2, high2), is_64)
    return None


def _decide(yes: bool, no: bool) -> bool | None:
    return True if yes else False if no else None


def are_of_packet(left: Value, right: Value) -> bool:
    words = {value[0] for value in (left, right) if isinstance(value, tuple)}
    return words == {PACKET, PACKET_END}


def is_in_packet(value: Value) -> bool:
    return isinstance(value, tuple) and bool(value[0] == PACKET)


def value_covers(known: Value, value: Value) -> bool:
    if known is None or known == value:
        return True
    if isinstance(known, tuple) and known[0] == RANGE:
        low, high = bounds(value)
        return high is not None and known[1] <= low and high <= known[2]
    return False
