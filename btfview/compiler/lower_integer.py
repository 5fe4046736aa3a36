"""Methods of integers to LLVM instructions.

Overflow is found by comparing, not by LLVM's ``with.overflow``: BPF has no multiplication that keeps the high
half, and LLVM would call ``__multi3`` for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..source import Span
from . import nodes as n
from .lower_expr import pair
from .types import IntType, Type, offsets_of, resolve

if TYPE_CHECKING:
    from .lower import FunctionLowerer

_OPERATORS = {"add": "add", "sub": "sub", "mul": "mul"}


def integer_method(lower: FunctionLowerer, expr: n.IntegerMethod) -> str:
    operands = [lower.value(operand) for operand in expr.operands]
    if lower.writer.is_dead:
        return "poison"
    found = resolve(expr.operands[0].type)
    assert isinstance(found, IntType)
    return _Writer(lower, expr.span, found).method(expr, operands)


class _Writer:
    """Writes instructions on one integer type."""

    def __init__(self, lower: FunctionLowerer, span: Span, found: IntType) -> None:
        self.lower = lower
        self.span = span
        self.type = found
        self.kind = f"i{found.bits}"
        self.bits = found.bits

    def op(self, hint: str, text: str) -> str:
        return self.lower.writer.value(hint, text, self.span)

    def same(self, name: str, left: str, right: str | int) -> str:
        return self.op(name, f"{name} {self.kind} {left}, {right}")

    def is_(self, condition: str, left: str, right: str | int) -> str:
        return self.op("is", f"icmp {condition} {self.kind} {left}, {right}")

    def choose(self, flag: str, yes: str | int, no: str | int) -> str:
        return self.op("v", f"select i1 {flag}, {self.kind} {yes}, {self.kind} {no}")

    def logic(self, name: str, left: str, right: str) -> str:
        return self.op("is", f"{name} i1 {left}, {right}")

    def method(self, expr: n.IntegerMethod, operands: list[str]) -> str:
        name = expr.name
        verb, _, operation = name.partition("_")
        if verb in ("saturating", "checked", "overflowing") and operation in _OPERATORS:
            return self._arithmetic(expr, verb, operation, operands)
        if name in ("wrapping_div", "wrapping_rem", "checked_div", "checked_rem"):
            return self._division(expr, verb, operation, operands)
        if operation in ("shl", "shr"):
            fine = self.op("is", f"icmp ult i32 {operands[1]}, {self.bits}")
            word = "shl" if operation == "shl" else "ashr" if self.type.is_signed else "lshr"
            return pair(
                self.lower,
                expr.type,
                fine,
                self.same(word, operands[0], self._amount(operands[1])),
                self.span,
            )
        return getattr(self, f"_{name}")(expr, *operands)  # type: ignore[no-any-return]

    # ---- overflow

    def _overflow(self, operation: str, left: str, right: str, result: str) -> str:
        signed = self.type.is_signed
        if operation == "mul":
            return self._mul_overflow(left, right, result)
        if not signed:
            return self.is_("ult", result, left) if operation == "add" else self.is_("ult", left, right)
        other = result if operation == "add" else right
        mixed = self.same(
            "and",
            self.same("xor", left, other),
            self.same("xor", right if operation == "add" else left, result),
        )
        return self.is_("slt", mixed, 0)

    def _mul_overflow(self, left: str, right: str, result: str) -> str:
        if self.bits < 64:
            word = "sext" if self.type.is_signed else "zext"
            wide = [self.op("wide", f"{word} {self.kind} {value} to i64") for value in (left, right, result)]
            product = self.op("mul", f"mul i64 {wide[0]}, {wide[1]}")
            return self.op("is", f"icmp ne i64 {product}, {wide[2]}")
        if not self.type.is_signed:
            return self._unsigned_mul_overflow(left, right)
        magnitudes = [
            self.choose(self.is_("slt", value, 0), self.same("sub", "0", value), value)
            for value in (left, right)
        ]
        too_wide = self._unsigned_mul_overflow(*magnitudes)
        product = self.same("mul", *magnitudes)
        is_negative = self.is_("slt", self.same("xor", left, right), 0)
        limit = self.choose(is_negative, self.type.minimum, self.type.maximum)
        return self.logic("or", too_wide, self.is_("ugt", product, limit))

    def _unsigned_mul_overflow(self, left: str, right: str) -> str:
        """By halves of 32 bits: either both high ones count, or their cross products or the sum run over."""
        high = [self.same("lshr", value, 32) for value in (left, right)]
        low = [self.same("and", value, 0xFFFFFFFF) for value in (left, right)]
        both = self.logic("and", self.is_("ne", high[0], 0), self.is_("ne", high[1], 0))
        # Where one high half is zero, so is one product.
        cross = self.same("or", self.same("mul", high[0], low[1]), self.same("mul", high[1], low[0]))
        too_high = self.is_("ne", self.same("lshr", cross, 32), 0)
        upper = self.same("shl", cross, 32)
        total = self.same("add", upper, self.same("mul", low[0], low[1]))
        carried = self.is_("ult", total, upper)
        return self.logic("or", both, self.logic("or", too_high, carried))

    def _arithmetic(self, expr: n.IntegerMethod, verb: str, operation: str, operands: list[str]) -> str:
        left, right = operands
        result = self.same(operation, left, right)
        overflow = self._overflow(operation, left, right, result)
        if verb == "checked":
            fine = self.op("is", f"xor i1 {overflow}, true")
            return pair(self.lower, expr.type, fine, result, self.span)
        if verb == "overflowing":
            return self._tuple(expr.type, result, overflow)
        return self.choose(overflow, self._bound(operation, left, right), result)

    def _bound(self, operation: str, left: str, right: str) -> str:
        if not self.type.is_signed:
            return "0" if operation == "sub" else "-1"
        sign = self.same("xor", left, right) if operation == "mul" else left
        return self.choose(self.is_("slt", sign, 0), self.type.minimum, self.type.maximum)

    def _tuple(self, found: Type, value: str, flag: str) -> str:
        w = self.lower.writer
        slot = w.slot("pair", found)
        w.store(self.type, value, slot, self.span)
        byte = self.op("b", f"zext i1 {flag} to i8")
        w.emit(f"store i8 {byte}, ptr {w.moved(slot, offsets_of(found)[1], self.span)}, align 1", self.span)
        return slot

    # ---- division

    def _division(self, expr: n.IntegerMethod, verb: str, operation: str, operands: list[str]) -> str:
        left, right = operands
        fine = self.is_("ne", right, 0)
        word = ("s" if self.type.is_signed else "u") + operation
        wraps = "false"
        if self.type.is_signed:
            wraps = self.logic("and", self.is_("eq", left, self.type.minimum), self.is_("eq", right, -1))
        if verb == "wrapping":
            self.lower.panic_unless(fine, self.span)
            result = self.same(word, left, self.choose(wraps, 1, right))
            return self.choose(wraps, 0, result) if operation == "rem" else result
        fine = self.logic("and", fine, self.op("is", f"xor i1 {wraps}, true"))
        return pair(
            self.lower, expr.type, fine, self.same(word, left, self.choose(fine, right, 1)), self.span
        )

    def _div_ceil(self, _expr: n.IntegerMethod, left: str, right: str) -> str:
        self.lower.panic_unless(self.is_("ne", right, 0), self.span)
        more = self.is_("ne", self.same("urem", left, right), 0)
        return self.same(
            "add", self.same("udiv", left, right), self.op("more", f"zext i1 {more} to {self.kind}")
        )

    def _euclid(self, left: str, right: str) -> tuple[str, str, str]:
        """Return quotient and remainder of the ordinary division, and whether the remainder is negative."""
        fine = self.is_("ne", right, 0)
        if self.type.is_signed:
            wraps = self.logic("and", self.is_("eq", left, self.type.minimum), self.is_("eq", right, -1))
            fine = self.logic("and", fine, self.op("is", f"xor i1 {wraps}, true"))
        self.lower.panic_unless(fine, self.span)
        sign = "s" if self.type.is_signed else "u"
        rest = self.same(f"{sign}rem", left, right)
        is_negative = self.is_("slt", rest, 0) if self.type.is_signed else "false"
        return self.same(f"{sign}div", left, right), rest, is_negative

    def _rem_euclid(self, _expr: n.IntegerMethod, left: str, right: str) -> str:
        _, rest, is_negative = self._euclid(left, right)
        if not self.type.is_signed:
            return rest
        return self.choose(is_negative, self.same("add", rest, self._magnitude(right)), rest)

    def _div_euclid(self, _expr: n.IntegerMethod, left: str, right: str) -> str:
        quotient, _, is_negative = self._euclid(left, right)
        if not self.type.is_signed:
            return quotient
        toward = self.choose(self.is_("sgt", right, 0), -1, 1)
        return self.choose(is_negative, self.same("add", quotient, toward), quotient)

    # ---- signs

    def _magnitude(self, value: str) -> str:
        return self.choose(self.is_("slt", value, 0), self.same("sub", "0", value), value)

    def _abs(self, _expr: n.IntegerMethod, value: str) -> str:
        return self._magnitude(value)

    _wrapping_abs = _abs
    _unsigned_abs = _abs

    def _signum(self, _expr: n.IntegerMethod, value: str) -> str:
        positive = self.choose(self.is_("sgt", value, 0), 1, 0)
        return self.choose(self.is_("slt", value, 0), -1, positive)

    def _abs_diff(self, _expr: n.IntegerMethod, left: str, right: str) -> str:
        is_less = self.is_("slt" if self.type.is_signed else "ult", left, right)
        return self.choose(is_less, self.same("sub", right, left), self.same("sub", left, right))

    def _checked_neg(self, expr: n.IntegerMethod, value: str) -> str:
        fine = self.is_("ne", value, self.type.minimum) if self.type.is_signed else self.is_("eq", value, 0)
        return pair(self.lower, expr.type, fine, self.same("sub", "0", value), self.span)

    def _clamp(self, _expr: n.IntegerMethod, value: str, low: str, high: str) -> str:
        sign = "s" if self.type.is_signed else "u"
        self.lower.panic_unless(self.is_(f"{sign}le", low, high), self.span)
        value = self.choose(self.is_(f"{sign}lt", value, low), low, value)
        return self.choose(self.is_(f"{sign}gt", value, high), high, value)

    # ---- bits

    def _intrinsic(self, name: str, value: str, flag: str = "") -> str:
        full = f"@llvm.{name}.{self.kind}"
        shape = ", i1 immarg" if flag else ""
        self.lower.module.declared.add(f"declare {self.kind} {full}({self.kind}{shape})")
        return self.op(name, f"call {self.kind} {full}({self.kind} {value}{flag})")

    def _count(self, value: str) -> str:
        if self.bits == 32:
            return value
        return self.op("count", f"{'trunc' if self.bits > 32 else 'zext'} {self.kind} {value} to i32")

    def _inverted(self, value: str) -> str:
        return self.same("xor", value, -1)

    def _count_ones(self, _expr: n.IntegerMethod, value: str) -> str:
        return self._count(self._intrinsic("ctpop", value))

    def _count_zeros(self, _expr: n.IntegerMethod, value: str) -> str:
        return self._count(self._intrinsic("ctpop", self._inverted(value)))

    def _leading_zeros(self, _expr: n.IntegerMethod, value: str) -> str:
        return self._count(self._intrinsic("ctlz", value, ", i1 false"))

    def _trailing_zeros(self, _expr: n.IntegerMethod, value: str) -> str:
        return self._count(self._intrinsic("cttz", value, ", i1 false"))

    def _leading_ones(self, expr: n.IntegerMethod, value: str) -> str:
        return self._leading_zeros(expr, self._inverted(value))

    def _trailing_ones(self, expr: n.IntegerMethod, value: str) -> str:
        return self._trailing_zeros(expr, self._inverted(value))

    def _is_power_of_two(self, _expr: n.IntegerMethod, value: str) -> str:
        return self.is_("eq", self._intrinsic("ctpop", value), 1)

    def _swap_bytes(self, _expr: n.IntegerMethod, value: str) -> str:
        return value if self.bits == 8 else self._intrinsic("bswap", value)

    def _reverse_bits(self, _expr: n.IntegerMethod, value: str) -> str:
        return self._intrinsic("bitreverse", value)

    def _to_be(self, expr: n.IntegerMethod, value: str) -> str:
        return self._swap_bytes(expr, value) if self.lower.module.options.endian == "little" else value

    def _to_le(self, expr: n.IntegerMethod, value: str) -> str:
        return value if self.lower.module.options.endian == "little" else self._swap_bytes(expr, value)

    def _amount(self, amount: str) -> str:
        """Return a u32 as a number of bits to shift by, masked."""
        if self.bits > 32:
            amount = self.op("by", f"zext i32 {amount} to {self.kind}")
        elif self.bits < 32:
            amount = self.op("by", f"trunc i32 {amount} to {self.kind}")
        return self.same("and", amount, self.bits - 1)

    def _rotate(self, value: str, amount: str, there: str, back: str) -> str:
        by = self._amount(amount)
        rest = self.same("and", self.same("sub", "0", by), self.bits - 1)
        return self.same("or", self.same(there, value, by), self.same(back, value, rest))

    def _rotate_left(self, _expr: n.IntegerMethod, value: str, amount: str) -> str:
        return self._rotate(value, amount, "shl", "lshr")

    def _rotate_right(self, _expr: n.IntegerMethod, value: str, amount: str) -> str:
        return self._rotate(value, amount, "lshr", "shl")

    def _pow(self, expr: n.IntegerMethod, value: str, _exponent: str) -> str:
        exponent = expr.operands[1]
        assert isinstance(exponent, n.Literal)
        rest, power, result = exponent.value, value, "1"
        while rest:
            if rest & 1:
                result = self.same("mul", result, power)
            rest >>= 1
            if rest:
                power = self.same("mul", power, power)
        return result

    _wrapping_pow = _pow
