"""Methods of integers on values that are known: what ``lower.integers`` writes instructions for."""

from __future__ import annotations

from btfview.compiler.rust.typed.definitions import Constant
from btfview.compiler.rust.typed.tree import IntegerMethod
from btfview.compiler.rust.types.integer_methods import FROM_BYTES, IntegerOperation
from btfview.compiler.rust.types.kinds import IntType, resolve


class IntegerPanicError(Exception):
    """The method panics for these values: it divides by zero, or overflows where Rust says so."""


def integer_method(expr: IntegerMethod, operands: list[Constant]) -> Constant:
    """Return the value of a call; operands are integers, for ``from_le_bytes`` an array of bytes.

    Raises:
        IntegerPanicError: it has none.
    """
    if expr.method.name in FROM_BYTES:
        (data,) = operands
        assert isinstance(data, tuple)
        whole = bytes(byte for byte in data if isinstance(byte, int))
        target = resolve(expr.type)
        assert isinstance(target, IntType)
        return target.wrap(int.from_bytes(whole, "little" if expr.method.name == "from_le_bytes" else "big"))
    found = resolve(expr.operands[0].type)
    assert isinstance(found, IntType)
    return _Values(found).method(expr.method, [value for value in operands if isinstance(value, int)])


class _Values:
    def __init__(self, found: IntType) -> None:
        self.type = found
        self.bits = found.bits
        self.mask = (1 << found.bits) - 1

    def method(self, method: IntegerOperation, values: list[int]) -> Constant:
        if method.bound:
            return self._bounded(method.bound, method.operation, values)
        return getattr(self, f"_{method.operation}")(*values)  # type: ignore[no-any-return]

    def _bounded(self, bound: str, operation: str, values: list[int]) -> Constant:
        """Return what *bound* makes of the exact result, which may be out of range."""
        is_shift = operation in ("shl", "shr")
        if bound == "checked" and operation in ("div", "rem", "div_euclid", "rem_euclid") and values[1] == 0:
            return (0,)
        exact: int = getattr(self, f"_exact_{operation}")(*values)
        wrapped = self.type.wrap(exact)
        is_over = values[1] >= self.bits if is_shift else wrapped != exact
        if "rem" in operation and self.type.is_signed:
            is_over = values == [self.type.minimum, -1]
        match bound:
            case "checked":
                return (0,) if is_over else (1, wrapped)
            case "overflowing":
                return (wrapped, int(is_over))
            case "saturating" if is_over:
                return self.type.minimum if exact < 0 else self.type.maximum
            case "unbounded" if is_over:
                return -1 if operation == "shr" and values[0] < 0 else 0
        return wrapped

    def _in_range(self, value: int) -> int:
        if self.type.wrap(value) != value:
            raise IntegerPanicError("attempt to overflow")
        return value

    # ---- exact results

    def _exact_add(self, left: int, right: int) -> int:
        return left + right

    def _exact_sub(self, left: int, right: int) -> int:
        return left - right

    def _exact_mul(self, left: int, right: int) -> int:
        return left * right

    def _exact_div(self, left: int, right: int) -> int:
        if right == 0:
            raise IntegerPanicError("attempt to divide by zero")
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient

    def _exact_rem(self, left: int, right: int) -> int:
        return left - self._exact_div(left, right) * right

    def _exact_rem_euclid(self, left: int, right: int) -> int:
        rest = self._exact_rem(left, right)
        return rest + abs(right) if rest < 0 else rest

    def _exact_div_euclid(self, left: int, right: int) -> int:
        rest = self._exact_rem_euclid(left, right)
        return (left - rest) // right

    def _exact_neg(self, value: int) -> int:
        return -value

    def _exact_abs(self, value: int) -> int:
        return abs(value)

    def _exact_pow(self, value: int, exponent: int) -> int:
        if abs(value) > 1 and exponent > self.bits * 64:  # out of range, with the right rest
            is_negative = value < 0 and exponent % 2 == 1
            rest = pow(value, exponent, self.mask + 1)
            return rest + (-1 if is_negative else 1) * (self.mask + 1) * 2
        return int(value**exponent)

    def _exact_shl(self, value: int, amount: int) -> int:
        return value << (amount % self.bits)

    def _exact_shr(self, value: int, amount: int) -> int:
        return value >> (amount % self.bits)

    # ---- those that panic, or cannot overflow

    def _rem_euclid(self, left: int, right: int) -> int:
        self._in_range(self._exact_div(left, right))
        return self._exact_rem_euclid(left, right)

    def _div_euclid(self, left: int, right: int) -> int:
        return self._in_range(self._exact_div_euclid(left, right))

    def _div_ceil(self, left: int, right: int) -> int:
        return -(-left // right) if right else self._exact_div(left, right)

    def _abs(self, value: int) -> int:
        return self._in_range(abs(value))

    def _pow(self, value: int, exponent: int) -> int:
        return self._in_range(self._exact_pow(value, exponent))

    def _next_multiple_of(self, value: int, step: int) -> int:
        return self._in_range(self._div_ceil(value, step) * step)

    def _is_multiple_of(self, value: int, step: int) -> int:
        return int(value % step == 0 if step else value == 0)

    def _midpoint(self, left: int, right: int) -> int:
        return self._exact_div(left + right, 2)

    def _next_power_of_two(self, value: int) -> int:
        return self._in_range(1 << max(value - 1, 0).bit_length())

    def _checked_next_power_of_two(self, value: int) -> Constant:
        power = 1 << max(value - 1, 0).bit_length()
        return (1, power) if power <= self.type.maximum else (0,)

    def _ilog2(self, value: int) -> int:
        if value <= 0:
            raise IntegerPanicError("argument of integer logarithm must be positive")
        return value.bit_length() - 1

    def _checked_ilog2(self, value: int) -> Constant:
        return (1, value.bit_length() - 1) if value > 0 else (0,)

    def _unsigned_abs(self, value: int) -> int:
        return abs(value)

    def _abs_diff(self, left: int, right: int) -> int:
        return abs(left - right)

    def _signum(self, value: int) -> int:
        return (value > 0) - (value < 0)

    def _clamp(self, value: int, low: int, high: int) -> int:
        if low > high:
            raise IntegerPanicError("assertion failed: min <= max")
        return min(max(value, low), high)

    # ---- bits

    def _count_ones(self, value: int) -> int:
        return (value & self.mask).bit_count()

    def _count_zeros(self, value: int) -> int:
        return self.bits - self._count_ones(value)

    def _leading_zeros(self, value: int) -> int:
        return self.bits - (value & self.mask).bit_length()

    def _trailing_zeros(self, value: int) -> int:
        value &= self.mask
        return (value & -value).bit_length() - 1 if value else self.bits

    def _leading_ones(self, value: int) -> int:
        return self._leading_zeros(~value)

    def _trailing_ones(self, value: int) -> int:
        return self._trailing_zeros(~value)

    def _is_power_of_two(self, value: int) -> int:
        return int(value.bit_count() == 1)

    def _rotate_left(self, value: int, amount: int) -> int:
        value &= self.mask
        amount %= self.bits
        return self.type.wrap(value << amount | value >> (self.bits - amount))

    def _rotate_right(self, value: int, amount: int) -> int:
        return self._rotate_left(value, -amount)

    def _reverse_bits(self, value: int) -> int:
        return self.type.wrap(int(f"{value & self.mask:0{self.bits}b}"[::-1], 2))

    def _swap_bytes(self, value: int) -> int:
        data = (value & self.mask).to_bytes(self.bits // 8, "little")
        return self.type.wrap(int.from_bytes(data, "big"))

    def _to_le_bytes(self, value: int) -> Constant:
        return tuple((value & self.mask).to_bytes(self.bits // 8, "little"))

    def _to_be_bytes(self, value: int) -> Constant:
        return tuple((value & self.mask).to_bytes(self.bits // 8, "big"))
