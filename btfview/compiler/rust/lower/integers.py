"""Methods of integers to LLVM instructions.

Overflow is found by comparing, not by LLVM's ``with.overflow``: BPF has no multiplication that keeps the high
half, and LLVM would call ``__multi3`` for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.types.kinds import BOOL, U32, IntType, Type, resolve
from btfview.compiler.rust.types.layout import offsets_of
from btfview.source import Span

from .choices import pair

if TYPE_CHECKING:
    from .function import FunctionLowerer, Rules

_OPERATORS = ("add", "sub", "mul")


def integer_method(lower: FunctionLowerer, expr: n.IntegerMethod) -> str:
    operands = [lower.value(operand) for operand in expr.operands]
    if lower.writer.is_dead:
        return "poison"
    found = resolve(expr.operands[0].type)
    if isinstance(found, IntType):
        return _Writer(lower, expr.span, found).method(expr, operands)
    found = resolve(expr.type)
    assert isinstance(found, IntType)
    return _Writer(lower, expr.span, found).from_bytes(expr.method.name, operands[0])


class _Writer:
    """Writes instructions on one integer type."""

    def __init__(self, lower: FunctionLowerer, span: Span, found: IntType) -> None:
        self.lower = lower
        self.writer = lower.writer
        self.span = span
        self.type = found
        self.kind = f"i{found.bits}"
        self.bits = found.bits

    def op(self, hint: str, text: str) -> str:
        return self.writer.value(hint, text, self.span)

    def same(self, name: str, left: str, right: str | int) -> str:
        if name == "udiv":
            return self.writer.divide(name, self.kind, left, str(right), self.span)
        return self.op(name, f"{name} {self.kind} {left}, {right}")

    def is_(self, condition: str, left: str, right: str | int) -> str:
        return self.op("is", f"icmp {condition} {self.kind} {left}, {right}")

    def choose(self, flag: str, yes: str | int, no: str | int) -> str:
        return self.op("v", f"select i1 {flag}, {self.kind} {yes}, {self.kind} {no}")

    def logic(self, name: str, left: str, right: str) -> str:
        return self.op("is", f"{name} i1 {left}, {right}")

    def method(self, expr: n.IntegerMethod, operands: list[str]) -> str:
        bound, operation = expr.method.bound, expr.method.operation
        if operation == "pow":
            return self._power(expr, bound or "wrapping", *operands)
        if not bound:
            return getattr(self, f"_{operation}")(expr, *operands)  # type: ignore[no-any-return]
        if operation in _OPERATORS:
            if bound == "wrapping":
                return self.same(operation, *operands)
            return self._arithmetic(expr, bound, operation, operands)
        if operation in ("shl", "shr"):
            return self._shift(expr, bound, operation, operands)
        if operation in ("neg", "abs"):
            return self._negation(expr, bound, operation, operands[0])
        return self._division(expr, bound, operation, operands)

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
        bound = self._bound(operation, left, right) if verb == "saturating" else ""
        return self._given(expr, verb, result, overflow, bound)

    def _given(self, expr: n.IntegerMethod, verb: str, result: str, overflow: str, bound: str | int) -> str:
        """Return what *verb* makes of a wrapped *result*; *bound* is what a saturating one stops at."""
        if verb == "checked":
            return pair(self.writer, expr.type, self._not(overflow), result, self.span)
        if verb == "overflowing":
            return self._tuple(expr.type, result, overflow)
        return self.choose(overflow, bound, result) if verb == "saturating" else result

    def _not(self, flag: str) -> str:
        return self.op("is", f"xor i1 {flag}, true")

    def _bound(self, operation: str, left: str, right: str) -> str:
        if not self.type.is_signed:
            return "0" if operation == "sub" else "-1"
        sign = self.same("xor", left, right) if operation == "mul" else left
        return self.choose(self.is_("slt", sign, 0), self.type.minimum, self.type.maximum)

    def _tuple(self, found: Type, value: str, flag: str) -> str:
        w = self.writer
        slot = w.slot("pair", found)
        w.store(self.type, value, slot, self.span)
        byte = self.op("b", f"zext i1 {flag} to i8")
        w.emit(f"store i8 {byte}, ptr {w.moved(slot, offsets_of(found)[1], self.span)}, align 1", self.span)
        return slot

    # ---- division

    def _division(self, expr: n.IntegerMethod, verb: str, operation: str, operands: list[str]) -> str:
        left, right = operands
        fine, wraps = self.is_("ne", right, 0), "false"
        if self.type.is_signed:
            wraps = self.logic("and", self.is_("eq", left, self.type.minimum), self.is_("eq", right, -1))
        if verb == "checked":
            fine = self.logic("and", fine, self._not(wraps))
            divisor = self.choose(fine, right, 1)
            return pair(self.writer, expr.type, fine, self._divided(operation, left, divisor), self.span)
        self.lower.panic_unless(fine, self.span)
        # MIN / 1 is what MIN / -1 wraps to, and their remainders are both 0.
        result = self._divided(operation, left, self.choose(wraps, 1, right) if wraps != "false" else right)
        return self._given(expr, verb, result, wraps, self.type.maximum)

    def _divided(self, operation: str, left: str, right: str) -> str:
        sign, (operation, _, is_euclid) = "s" if self.type.is_signed else "u", operation.partition("_")
        if not (is_euclid and self.type.is_signed):
            return self.same(sign + operation, left, right)
        rest = self.same("srem", left, right)
        is_negative = self.is_("slt", rest, 0)
        if operation == "rem":
            return self.choose(is_negative, self.same("add", rest, self._magnitude(right)), rest)
        quotient = self.same("sdiv", left, right)
        toward = self.choose(self.is_("sgt", right, 0), -1, 1)
        return self.choose(is_negative, self.same("add", quotient, toward), quotient)

    def _div_ceil(self, _expr: n.IntegerMethod, left: str, right: str) -> str:
        self.lower.panic_unless(self.is_("ne", right, 0), self.span)
        more = self.is_("ne", self.same("urem", left, right), 0)
        return self.same(
            "add", self.same("udiv", left, right), self.op("more", f"zext i1 {more} to {self.kind}")
        )

    def _ordinary(self, left: str, right: str) -> None:
        """Leave the function where ``left / right`` panics."""
        fine = self.is_("ne", right, 0)
        if self.type.is_signed:
            wraps = self.logic("and", self.is_("eq", left, self.type.minimum), self.is_("eq", right, -1))
            fine = self.logic("and", fine, self._not(wraps))
        self.lower.panic_unless(fine, self.span)

    def _rem_euclid(self, _expr: n.IntegerMethod, left: str, right: str) -> str:
        self._ordinary(left, right)
        return self._divided("rem_euclid", left, right)

    def _div_euclid(self, _expr: n.IntegerMethod, left: str, right: str) -> str:
        self._ordinary(left, right)
        return self._divided("div_euclid", left, right)

    def _next_multiple_of(self, _expr: n.IntegerMethod, left: str, right: str) -> str:
        self.lower.panic_unless(self.is_("ne", right, 0), self.span)
        rest = self.same("urem", left, right)
        added = self.choose(self.is_("eq", rest, 0), 0, self.same("sub", right, rest))
        return self.same("add", left, added)

    def _is_multiple_of(self, _expr: n.IntegerMethod, left: str, right: str) -> str:
        is_zero = self.is_("eq", right, 0)
        rest = self.same("urem", left, self.choose(is_zero, 1, right))
        rest = self.choose(is_zero, left, rest)
        return self.is_("eq", rest, 0)

    def _midpoint(self, _expr: n.IntegerMethod, left: str, right: str) -> str:
        """Half of the sum, which may not fit: the bits both have, and half of those one has."""
        differing = self.same("xor", left, right)
        half = self.same("ashr" if self.type.is_signed else "lshr", differing, 1)
        down = self.same("add", half, self.same("and", left, right))
        if not self.type.is_signed:
            return down
        is_odd = self.is_("ne", self.same("and", differing, 1), 0)
        toward_zero = self.logic("and", is_odd, self.is_("slt", down, 0))
        return self.choose(toward_zero, self.same("add", down, 1), down)

    # ---- powers

    def _power(self, expr: n.IntegerMethod, verb: str, base: str, exponent: str) -> str:
        """By squares, of which only those that are needed may overflow."""
        w, number = self.writer, expr.operands[1]
        needs_flag = verb != "wrapping"
        if isinstance(number, n.Literal):
            result, power, overflow, rest = "1", base, "false", number.value
            while rest:
                if rest & 1:
                    result, overflow = self._times(result, power, overflow, needs_flag)
                rest >>= 1
                if rest:
                    power, overflow = self._times(power, power, overflow, needs_flag)
            return self._given(expr, verb, result, overflow, self._power_bound(verb, base, exponent))
        slots = [w.slot(hint, self.type) for hint in ("result", "power")]
        left, flag = w.slot("left", U32), w.slot("overflow", BOOL)
        w.store(self.type, "1", slots[0], self.span)
        w.store(self.type, base, slots[1], self.span)
        w.store(U32, exponent, left, self.span)
        w.store(BOOL, "false", flag, self.span)
        again, body, done = w.label("power"), w.label("square"), w.label("powered")
        w.jump(again, self.span)
        w.start(again)
        rest_value = w.load(U32, left, self.span)
        w.branch(self.op("more", f"icmp ne i32 {rest_value}, 0"), body, done, self.span)
        w.start(body)
        result, power = (w.load(self.type, slot, self.span) for slot in slots)
        overflow = w.load(BOOL, flag, self.span)
        is_odd = self.op("odd", f"trunc i32 {rest_value} to i1")
        rest_value = self.op("left", f"lshr i32 {rest_value}, 1")
        product, over = self._times(result, power, "false", needs_flag)
        square, over_square = self._times(power, power, "false", needs_flag)
        if needs_flag:
            has_more = self.op("more", f"icmp ne i32 {rest_value}, 0")
            over = self.logic("or", self.logic("and", is_odd, over), self.logic("and", has_more, over_square))
            w.store(BOOL, self.logic("or", overflow, over), flag, self.span)
        w.store(self.type, self.choose(is_odd, product, result), slots[0], self.span)
        w.store(self.type, square, slots[1], self.span)
        w.store(U32, rest_value, left, self.span)
        w.jump(again, self.span)
        w.start(done)
        result, overflow = w.load(self.type, slots[0], self.span), w.load(BOOL, flag, self.span)
        return self._given(expr, verb, result, overflow, self._power_bound(verb, base, exponent))

    def _times(self, left: str, right: str, overflow: str, needs_flag: bool) -> tuple[str, str]:
        product = self.same("mul", left, right)
        if needs_flag:
            overflow = self.logic("or", overflow, self._mul_overflow(left, right, product))
        return product, overflow

    def _power_bound(self, verb: str, base: str, exponent: str) -> str | int:
        if not self.type.is_signed or verb != "saturating":
            return "-1"
        is_odd = self.op("odd", f"trunc i32 {exponent} to i1")
        is_low = self.logic("and", is_odd, self.is_("slt", base, 0))
        return self.choose(is_low, self.type.minimum, self.type.maximum)

    def _ilog2(self, _expr: n.IntegerMethod, value: str) -> str:
        self.lower.panic_unless(self.is_("sgt" if self.type.is_signed else "ne", value, 0), self.span)
        return self._log2(value)

    def _checked_ilog2(self, expr: n.IntegerMethod, value: str) -> str:
        fine = self.is_("sgt" if self.type.is_signed else "ne", value, 0)
        return pair(self.writer, expr.type, fine, self._log2(value), self.span)

    def _log2(self, value: str) -> str:
        zeros = self._count(self._intrinsic("ctlz", value, ", i1 false"))
        return self.op("log", f"sub i32 {self.bits - 1}, {zeros}")

    def _next_power_of_two(self, _expr: n.IntegerMethod, value: str) -> str:
        below = self.same("sub", self.choose(self.is_("ult", value, 2), 2, value), 1)
        zeros = self._intrinsic("ctlz", below, ", i1 false")
        ones = self.same("lshr", "-1", zeros)
        return self.choose(self.is_("ult", value, 2), 1, self.same("add", ones, 1))

    def _checked_next_power_of_two(self, expr: n.IntegerMethod, value: str) -> str:
        power = self._next_power_of_two(expr, value)
        return pair(self.writer, expr.type, self.is_("ne", power, 0), power, self.span)

    # ---- signs

    def _magnitude(self, value: str) -> str:
        return self.choose(self.is_("slt", value, 0), self.same("sub", "0", value), value)

    def _negation(self, expr: n.IntegerMethod, verb: str, operation: str, value: str) -> str:
        """``neg`` and ``abs``: both overflow for the least value, and ``neg`` of unsigned ones for most."""
        result = self._magnitude(value) if operation == "abs" else self.same("sub", "0", value)
        overflow = (
            self.is_("eq", value, self.type.minimum) if self.type.is_signed else self.is_("ne", value, 0)
        )
        return self._given(expr, verb, result, overflow, self.type.maximum)

    def _abs(self, _expr: n.IntegerMethod, value: str) -> str:
        return self._magnitude(value)

    _unsigned_abs = _abs

    def _signum(self, _expr: n.IntegerMethod, value: str) -> str:
        positive = self.choose(self.is_("sgt", value, 0), 1, 0)
        return self.choose(self.is_("slt", value, 0), -1, positive)

    def _abs_diff(self, _expr: n.IntegerMethod, left: str, right: str) -> str:
        is_less = self.is_("slt" if self.type.is_signed else "ult", left, right)
        return self.choose(is_less, self.same("sub", right, left), self.same("sub", left, right))

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

    def _ordered(self, value: str, order: str) -> str:
        """Return *value* with its bytes turned round where the target has not *order*."""
        is_same = self.lower.module.is_little == (order == "le")
        return value if is_same or self.bits == 8 else self._intrinsic("bswap", value)

    def _to_le_bytes(self, expr: n.IntegerMethod, value: str) -> str:
        w = self.writer
        slot = w.slot("bytes", expr.type)
        value = self._ordered(value, expr.method.name[3:5])
        w.emit(f"store {self.kind} {value}, ptr {slot}, align 1", self.span)
        return slot

    _to_be_bytes = _to_le_bytes

    def from_bytes(self, name: str, address: str) -> str:
        return self._ordered(self.op("v", f"load {self.kind}, ptr {address}, align 1"), name[5:7])

    def _shift(self, expr: n.IntegerMethod, verb: str, operation: str, operands: list[str]) -> str:
        value, amount = operands
        word = "shl" if operation == "shl" else "ashr" if self.type.is_signed else "lshr"
        result = self.same(word, value, self._amount(amount))
        if verb == "wrapping":
            return result
        too_far = self.op("is", f"icmp uge i32 {amount}, {self.bits}")
        if verb == "unbounded":
            gone = self.same(word, value, self.bits - 1) if word == "ashr" else 0
            return self.choose(too_far, gone, result)
        return self._given(expr, verb, result, too_far, "")

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


INTEGERS: Rules = {n.IntegerMethod: integer_method}
