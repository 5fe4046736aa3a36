"""Rules for literals: of integers, ``bool``, ``char``, bytes, and ``()``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.syntax.literals import char_value, integer_value, string_value
from btfview.compiler.rust.typed.tree import ByteString, Expr, Literal, UnitValue
from btfview.compiler.rust.types.kinds import (
    BOOL,
    CHAR,
    I8,
    PRIMITIVES,
    U8,
    UNIT,
    ArrayType,
    InferVar,
    IntType,
    PointerType,
    Type,
    resolve,
)
from btfview.source import Span

from .body import Checker

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def integer_literal(checker: Checker, node: Node, expected: Type | None) -> Expr:
    return integer_of(checker, node, expected, checker.tree.span(node), negative=False)


def integer_of(checker: Checker, node: Node, expected: Type | None, span: Span, *, negative: bool) -> Expr:
    text = checker.tree.text(node)
    parsed = integer_value(text)
    if parsed is None:
        return checker.refuse(node, f"invalid integer literal `{text}`")
    value, suffix = parsed
    if negative:
        value = -value
    if suffix:
        known = PRIMITIVES.get(suffix)
        if known is None:
            return checker.refuse(node, "128-bit integers are not supported", "BPF registers hold 64 bits")
        literal_type: Type = known
    else:
        wanted = resolve(expected) if expected is not None else None
        is_fitting = isinstance(wanted, IntType) or (isinstance(wanted, InferVar) and wanted.is_int)
        literal_type = wanted if wanted is not None and is_fitting else checker.new_var(span, is_int=True)
    literal = Literal(literal_type, span, value)
    if not 0 <= value <= I8.maximum:  # what every integer type holds
        checker.later(lambda: _check_range(checker, literal))
    return literal


def _check_range(checker: Checker, literal: Literal) -> None:
    found = resolve(literal.type)
    if isinstance(found, IntType) and not found.is_signed and literal.value < 0:
        check_negatable(checker, found, literal.span)
    elif isinstance(found, IntType) and not found.minimum <= literal.value <= found.maximum:
        checker.report.error(
            literal.span,
            f"literal out of range for `{found.name}`",
            hint=f"`{found.name}` holds {found.minimum} to {found.maximum}",
        )


def boolean_literal(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    return Literal(BOOL, checker.tree.span(node), int(checker.tree.text(node) == "true"))


def char_literal(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    parsed = char_value(checker.tree.text(node))
    if parsed is None:
        return checker.refuse(node, "invalid character literal")
    return Literal(U8 if parsed[1] else CHAR, checker.tree.span(node), parsed[0])


def string_literal(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    text = checker.tree.text(node)
    if not text.startswith(("b", "c")):
        return checker.refuse(node, "`str` is not supported", 'write a byte string: `b"..\\0"`')
    data = string_value(checker.tree, node)
    if data is None:
        return checker.refuse(node, "invalid escape in this string literal")
    if text.startswith("c"):
        return checker.refuse(node, "C string literals are not supported", 'write `b"..\\0"` and `.as_ptr()`')
    return ByteString(PointerType(ArrayType(U8, len(data)), False, True), checker.tree.span(node), data)


def unit_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    return UnitValue(UNIT, checker.tree.span(node))


def check_negatable(checker: Checker, found: Type, span: Span) -> None:
    found = resolve(found)
    if isinstance(found, IntType) and not found.is_signed:
        checker.report.error(
            span,
            f"cannot apply unary operator `-` to type `{found.name}`",
            code="E0600",
            label="unsigned values cannot be negated",
            hint="`wrapping_neg()` gives the two's complement",
        )
