"""Values of constants: what of the typed tree can be worked out while compiling."""

from __future__ import annotations

from ..source import Span
from .const_integer import IntegerPanicError, integer_method
from .nodes import (
    AddressOf,
    ArrayLiteral,
    ArrayRepeat,
    Binary,
    Block,
    ByteString,
    Cast,
    Compare,
    Constant,
    ConstValue,
    Deref,
    Expr,
    FieldPlace,
    If,
    IndexPlace,
    IntegerMethod,
    Literal,
    Logic,
    MinMax,
    NoneValue,
    Panic,
    ResultValue,
    SomeValue,
    StructLiteral,
    TupleField,
    TupleLiteral,
    Unary,
    UnitValue,
)
from .types import BOOL, CHAR, IntType, PointerType, StructType, Type, is_nullable_pointer, resolve

MAX_ELEMENTS = 1 << 16
"""Longest array written out as a constant, so that ``[0; 1 << 40]`` does not fill the memory."""


class ConstError(Exception):
    """The expression at *span* has no value now."""

    def __init__(self, span: Span, message: str, code: str | None = None) -> None:
        self.span = span
        self.message = message
        self.code = code
        super().__init__(message)


def evaluate(expr: Expr) -> Constant:
    """Return the value of *expr*.

    Raises:
        ConstError: it is not constant, or overflows (an error in rustc's constants too: E0080).
    """
    match expr:
        case Literal(value=value):
            return value
        case TupleLiteral(elements=elements):
            return tuple(evaluate(element) for element in elements)
        case TupleField(base=base, index=index):
            whole = evaluate(base)
            assert isinstance(whole, tuple)
            return whole[index]
        case ConstValue(value=constant):
            return constant
        case Panic():
            raise ConstError(expr.span, "evaluation of this constant panics", "E0080")
        case UnitValue():
            return 0
        case SomeValue(type=option, value=inner) if not is_nullable_pointer(option):
            return (1, evaluate(inner))
        case NoneValue(type=option):
            return 0 if is_nullable_pointer(option) else (0,)
        case ResultValue(is_ok=is_ok, value=inner):
            return (int(is_ok), evaluate(inner))
        case Deref(pointer=ByteString(data=data)):
            return tuple(data)
        case Deref(pointer=AddressOf(place=place)):
            return evaluate(place)
        case Unary(operator=operator, operand=operand):
            return _unary(expr, operator, _scalar(operand))
        case Binary(operator=operator, left=left, right=right):
            return _binary(expr, operator, _scalar(left), _scalar(right))
        case Compare(operator=operator, left=left, right=right):
            return _compare(operator, _scalar(left), _scalar(right))
        case Logic(operator=operator, left=left, right=right):
            first = _scalar(left)
            return _scalar(right) if bool(first) == (operator == "&&") else first
        case IntegerMethod(name=name, operands=operands):
            try:
                return integer_method(expr, [evaluate(operand) for operand in operands])
            except IntegerPanicError as panic:
                message = f"evaluation of `{name}` in a constant panics: {panic}"
                raise ConstError(expr.span, message, "E0080") from panic
        case MinMax(is_max=is_max, left=left, right=right):
            return (max if is_max else min)(_scalar(left), _scalar(right))
        case Cast(type=target, value=value):
            return _cast(expr, _scalar(value), target)
        case ArrayLiteral(elements=elements):
            return tuple(evaluate(element) for element in elements)
        case ArrayRepeat(element=element, length=length):
            if length > MAX_ELEMENTS:
                raise ConstError(expr.span, f"a constant array of {length} elements is too long")
            return (evaluate(element),) * length
        case StructLiteral(struct=struct, fields=fields, base=rest):
            values = {field.index: evaluate(value) for field, value in fields}
            if rest is not None:
                others = evaluate(rest)
                assert isinstance(others, tuple)
                values = {**dict(enumerate(others)), **values}
            return _struct(expr, struct, list(values.items()))
        case FieldPlace(base=base, field=field):
            fields_value = evaluate(base)
            assert isinstance(fields_value, tuple)
            return fields_value[field.index]
        case IndexPlace(base=base, index=position_expr):
            elements_value, position = evaluate(base), _scalar(position_expr)
            assert isinstance(elements_value, tuple)
            if position >= len(elements_value):
                raise ConstError(expr.span, "index out of bounds in a constant", "E0080")
            return elements_value[position]
        case Block(statements=(), tail=tail) if tail is not None:
            return evaluate(tail)
        case If(condition=condition, then=then, otherwise=otherwise) if otherwise is not None:
            return evaluate(then) if _scalar(condition) else evaluate(otherwise)
    raise ConstError(expr.span, "this is not supported in a constant")


def _struct(expr: Expr, struct: StructType, values: list[tuple[int, Constant]]) -> Constant:
    if struct.is_union:
        raise ConstError(expr.span, "unions are not supported in constants")
    return tuple(value for _, value in sorted(values, key=lambda pair: pair[0]))


def _scalar(expr: Expr) -> int:
    value = evaluate(expr)
    if not isinstance(value, int):
        raise ConstError(expr.span, "this is not supported in a constant")
    return value


def _checked(expr: Expr, value: int) -> int:
    found = resolve(expr.type)
    if isinstance(found, IntType) and not found.minimum <= value <= found.maximum:
        raise ConstError(expr.span, f"arithmetic overflow in a constant of type `{found.name}`", "E0080")
    return value


def _unary(expr: Expr, operator: str, value: int) -> int:
    if operator == "-":
        return _checked(expr, -value)
    found = resolve(expr.type)
    return int(not value) if found is BOOL else found.wrap(~value) if isinstance(found, IntType) else value


def _binary(expr: Expr, operator: str, left: int, right: int) -> int:
    match operator:
        case "+":
            return _checked(expr, left + right)
        case "-":
            return _checked(expr, left - right)
        case "*":
            return _checked(expr, left * right)
        case "/" | "%":
            if right == 0:
                raise ConstError(expr.span, "division by zero in a constant", "E0080")
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            return _checked(expr, quotient if operator == "/" else left - quotient * right)
        case "&":
            return left & right
        case "|":
            return left | right
        case "^":
            return left ^ right
    found = resolve(expr.type)
    assert isinstance(found, IntType)
    if not 0 <= right < found.bits:
        raise ConstError(expr.span, "shift overflow in a constant", "E0080")
    return found.wrap(left << right) if operator == "<<" else left >> right


def _compare(operator: str, left: int, right: int) -> int:
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


def _cast(expr: Expr, value: int, target: Type) -> int:
    target = resolve(target)
    if isinstance(target, IntType):
        return target.wrap(value)
    if target is CHAR or target is BOOL:
        return value
    if isinstance(target, PointerType) and value == 0:
        return 0
    raise ConstError(expr.span, "only a null pointer is supported in a constant")
