"""Operators on the values of constants: integers of their types, with what rustc refuses of them."""

from __future__ import annotations

from btfview.compiler.rust.typed.tree import Expr
from btfview.compiler.rust.types.kinds import BOOL, CHAR, IntType, PointerType, Type, resolve
from btfview.source import Span

from .errors import ConstError


def _checked(expr: Expr, value: int, span: Span | None = None) -> int:
    found = resolve(expr.type)
    if isinstance(found, IntType) and not found.minimum <= value <= found.maximum:
        raise ConstError(
            span or expr.span, f"arithmetic overflow in a constant of type `{found.name}`", "E0080"
        )
    return value


def unary(expr: Expr, operator: str, value: int) -> int:
    if operator == "-":
        return _checked(expr, -value)
    found = resolve(expr.type)
    return int(not value) if found is BOOL else found.wrap(~value) if isinstance(found, IntType) else value


def binary(expr: Expr, operator: str, left: int, right: int, span: Span | None = None) -> int:
    """Return ``left operator right`` in the type of *expr*; *span* is where it stands, if not there."""
    span = span or expr.span
    match operator:
        case "+":
            return _checked(expr, left + right, span)
        case "-":
            return _checked(expr, left - right, span)
        case "*":
            return _checked(expr, left * right, span)
        case "/" | "%":
            if right == 0:
                raise ConstError(span, "division by zero in a constant", "E0080")
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            return _checked(expr, quotient if operator == "/" else left - quotient * right, span)
        case "&":
            return left & right
        case "|":
            return left | right
        case "^":
            return left ^ right
    found = resolve(expr.type)
    assert isinstance(found, IntType)
    if not 0 <= right < found.bits:
        raise ConstError(span, "shift overflow in a constant", "E0080")
    return found.wrap(left << right) if operator == "<<" else left >> right


def compare(operator: str, left: int, right: int) -> int:
    return int(
        {
            "==": left == right,
            "!=": left != right,
            "<": left < right,
            "<=": left <= right,
            ">": left > right,
            ">=": left >= right,
        }[operator]
    )


def cast(expr: Expr, value: int, target: Type) -> int:
    target = resolve(target)
    if isinstance(target, IntType):
        return target.wrap(value)
    if target is CHAR or target is BOOL:
        return value
    if isinstance(target, PointerType) and value == 0:
        return 0
    raise ConstError(expr.span, "only a null pointer is supported in a constant")
