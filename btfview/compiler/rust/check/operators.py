"""Rules for operators: arithmetic, shifts, comparisons, and what stands in parentheses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed.tree import Binary, Compare, Deref, Expr, Invalid, Literal, Logic, Unary
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import (
    BOOL,
    CHAR,
    ERROR,
    NEVER,
    UNIT,
    ArrayType,
    EnumType,
    IntType,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    format_type,
    is_integer,
    resolve,
)
from btfview.compiler.rust.types.traits import (
    MAX_COMPARED,
    holds_optional_reference,
    is_compared_in_full,
    lacks,
)
from btfview.source import Span

from .body import Checker, Rule
from .casts import cast
from .literals import (
    boolean_literal,
    char_literal,
    check_negatable,
    integer_literal,
    integer_of,
    string_literal,
    unit_expression,
)
from .places import deref

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

_VERBS = {
    "+": "add `{right}` to `{left}`", "-": "subtract `{right}` from `{left}`",
    "*": "multiply `{left}` by `{right}`", "/": "divide `{left}` by `{right}`",
    "%": "calculate the remainder of `{left}` divided by `{right}`",
}  # fmt: skip
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


# ---- literals


# ---- operators


def parenthesized(checker: Checker, node: Node, expected: Type | None) -> Expr:
    children = checker.tree.children(node)
    if len(children) != 1:
        return checker.refuse(node, "this syntax is not supported")
    return checker.expr(children[0], expected)


def unary(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    operator = node.children[0].type
    operand_node = checker.tree.children(node)[0]
    if operator == "*":
        return deref(checker, operand_node, span)
    if operator == "-" and operand_node.type == "integer_literal":
        return integer_of(checker, operand_node, expected, span, negative=True)
    operand = _behind_reference(checker.expr(operand_node, expected))
    found = checker.known(operand.type, operand.span)
    if found is NEVER or found is ERROR:
        return operand
    if operator == "!" and (found is BOOL or is_integer(found)):
        return Unary(found, span, operator, operand)
    if operator == "-" and is_integer(found):
        checker.later(lambda: check_negatable(checker, found, span))
        return Unary(found, span, operator, operand)
    return checker.refuse(
        node, f"cannot apply unary operator `{operator}` to type `{format_type(found)}`", None, "E0600"
    )


def binary(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    operator_node = checker.tree.need(node, "operator")
    operator, place = operator_node.type, checker.tree.span(operator_node)
    left_node, right_node = checker.tree.need(node, "left"), checker.tree.need(node, "right")
    if operator in ("&&", "||"):
        left = checker.coerced(left_node, BOOL)
        return Logic(BOOL, span, operator, left, checker.coerced(right_node, BOOL))
    if operator in _COMPARISONS:
        return compare(checker, operator, left_node, right_node, span, place)
    left = checker.expr(left_node, expected)
    return arithmetic(checker, operator, left, right_node, span, place)


def arithmetic(
    checker: Checker, operator: str, left: Expr, right_node: Node, span: Span, place: Span
) -> Expr:
    """Return ``left operator right``; *place* is that of the operator."""
    is_shift = operator in ("<<", ">>")
    given, left = left, _behind_reference(left)
    right = checker.expr(right_node, None if is_shift else left.type)
    if checker.const_context and (left is not given or _behind_reference(right) is not right):
        checker.refuse_unstable(right_node, "operator")
    right = _behind_reference(right)
    left_type, right_type = checker.known(left.type, left.span), checker.known(right.type, right.span)
    if ERROR in (left_type, right_type):
        return Invalid(ERROR, span)
    if NEVER in (left_type, right_type):
        return Binary(NEVER, span, operator, left, right)
    if is_shift and is_integer(left_type) and is_integer(right_type):
        if checker.function is not None:  # the evaluation of a constant tells it itself
            checker.later(lambda: _check_shift(checker, left_type, right, span))
        return Binary(left_type, span, operator, left, right)
    is_logic = operator in ("&", "|", "^")
    is_fitting = is_integer(left_type) or (is_logic and left_type is BOOL)
    if not is_shift and is_fitting and unify(left_type, right_type):
        if operator in ("/", "%") and checker.function is not None:
            checker.later(lambda: _check_division(checker, left_type, right, span))
        return Binary(left_type, span, operator, left, right)
    _refuse_operator(checker, operator, left_type, right_type, right, place)
    return Invalid(ERROR, span)


def _behind_reference(operand: Expr) -> Expr:
    """Return *operand*, or what it refers to: ``core`` has the operators for `&u32`, too, and so on."""
    found = resolve(operand.type)
    if not isinstance(found, PointerType) or not found.is_ref or found.is_mut:
        return operand
    if is_integer(found.pointee) or resolve(found.pointee) is BOOL:
        return Deref(found.pointee, operand.span, operand)
    return operand


def _refuse_operator(
    checker: Checker, operator: str, left: Type, right: Type, right_expr: Expr, span: Span
) -> None:
    if is_integer(left) and is_integer(right):
        checker.mismatch(right_expr.span, left, right, hint=f"convert it: `as {format_type(left)}`")
        return
    if isinstance(left, PointerType) or isinstance(right, PointerType):
        is_ref = (isinstance(left, PointerType) and left.is_ref) or (
            isinstance(right, PointerType) and right.is_ref
        )
        hint = "dereference it with `*`" if is_ref else "use `add`, `sub` or `offset`"
    elif isinstance(left, OptionType) or isinstance(right, OptionType):
        hint = "take the value out with `?`, `match` or `if let Some(..)`"
    else:
        hint = "both sides must be integers of one type"
    verb = _VERBS.get(operator)
    names = {"left": format_type(left), "right": format_type(right)}
    if verb is not None:
        checker.report.error(
            span, "cannot " + verb.format(**names), code="E0277" if is_integer(left) else "E0369", hint=hint
        )
    else:
        message = f"no implementation for `{names['left']} {operator} {names['right']}`"
        checker.report.error(span, message, code="E0277" if is_integer(left) else "E0369", hint=hint)


def _check_shift(checker: Checker, left: Type, right: Expr, span: Span) -> None:
    found = resolve(left)
    if isinstance(found, IntType) and isinstance(right, Literal) and not 0 <= right.value < found.bits:
        checker.report.error(
            span,
            "this arithmetic operation will overflow",
            label=f"a shift of `{found.name}` by {right.value} bits",
        )


def _check_division(checker: Checker, found: Type, right: Expr, span: Span) -> None:
    found = resolve(found)
    if not isinstance(found, IntType):
        return
    if isinstance(right, Literal) and right.value == 0:
        checker.report.error(span, "this operation will panic at runtime", label="division by zero")
    elif found.is_signed and checker.cpu != "v4":
        checker.report.error(
            span,
            f"signed division of `{found.name}` needs BPF cpu v4",
            hint="compile with `--cpu v4`, or divide unsigned values",
        )


def compare(
    checker: Checker, operator: str, left_node: Node, right_node: Node, span: Span, place: Span
) -> Expr:
    for side in (left_node, right_node):
        if side.type == "binary_expression" and checker.tree.need(side, "operator").type in _COMPARISONS:
            checker.report.error(
                span, "comparison operators cannot be chained", hint="use `&&`, or parentheses"
            )
            return Invalid(ERROR, span)
    left = checker.expr(left_node)
    # Of an array the length is compared below.
    right = checker.expr(right_node, None if isinstance(resolve(left.type), ArrayType) else left.type)
    left_type, right_type = checker.known(left.type, left.span), checker.known(right.type, right.span)
    if ERROR in (left_type, right_type):
        return Invalid(ERROR, span)
    if left_type is NEVER:
        return Compare(BOOL, span, operator, left, right)
    while isinstance(left_type, PointerType) and isinstance(right_type, PointerType):
        if not (left_type.is_ref and right_type.is_ref):
            break
        if checker.const_context:
            return checker.refuse_unstable(right_node, "operator")
        left, right = Deref(left_type.pointee, left.span, left), Deref(right_type.pointee, right.span, right)
        left_type, right_type = checker.known(left.type, left.span), checker.known(right.type, right.span)
    is_raw = isinstance(left_type, PointerType) and not left_type.is_ref
    wanted = "PartialEq" if operator in ("==", "!=") else "PartialOrd"
    is_derived = isinstance(left_type, EnumType) and wanted in left_type.derives
    if isinstance(left_type, (StructType, TupleType, ArrayType, OptionType, ResultType)) or left_type is UNIT:
        return _compare_whole(checker, operator, left, right, span, place)
    if not (is_derived or is_integer(left_type) or left_type is BOOL or left_type is CHAR or is_raw):
        hint = _derive_hint(left_type, wanted)
        if isinstance(left_type, PointerType) and not isinstance(right_type, PointerType):
            message = f"can't compare `{format_type(left_type)}` with `{format_type(right_type)}`"
            checker.report.error(place, message, code="E0277", hint="dereference it with `*`")
            return Invalid(ERROR, span)
        message = f"binary operation `{operator}` cannot be applied to type `{format_type(left_type)}`"
        checker.report.error(place, message, code="E0369", hint=hint)
        return Invalid(ERROR, span)
    return Compare(BOOL, span, operator, left, checker.coerce(right, left_type))


def _compare_whole(checker: Checker, operator: str, left: Expr, right: Expr, span: Span, place: Span) -> Expr:
    """Return the comparison of structs, tuples, arrays, Options or Results, part by part."""
    one, other = resolve(left.type), resolve(right.type)
    if isinstance(one, ArrayType) and isinstance(other, ArrayType) and one.length != other.length:
        message = f"can't compare `{format_type(one)}` with `{format_type(other)}`"
        checker.report.error(place, message, code="E0277")
        return Invalid(ERROR, span)
    right = checker.coerce(right, one)
    if resolve(right.type) is ERROR:
        return Invalid(ERROR, span)
    trait = "PartialEq" if operator in ("==", "!=") else "PartialOrd"

    def check() -> None:
        found = resolve(left.type)
        part = lacks(found, trait)
        if part is not None:
            message = f"binary operation `{operator}` cannot be applied to type `{format_type(found)}`"
            checker.report.error(place, message, code="E0369", hint=_derive_hint(part, trait))
        elif holds_optional_reference(found):
            message = f"`{operator}` of `{format_type(found)}` is not supported: it looks behind a reference"
            checker.report.error(place, message, hint="compare inside a `match`")
        elif not is_compared_in_full(found):
            message = f"`{operator}` of `{format_type(found)}` compares more than {MAX_COMPARED:,} values"
            checker.report.error(place, message, hint="compare the fields that matter")

    checker.later(check)
    return Compare(BOOL, span, operator, left, right)


def _derive_hint(found: Type, trait: str) -> str | None:
    if isinstance(found, (EnumType, StructType)):
        traits = "PartialEq" if trait == "PartialEq" else "PartialEq, PartialOrd"
        return f"add `#[derive({traits})]` to `{found.name}`"
    return "dereference both sides with `*`" if isinstance(found, PointerType) else None


# ---- casts


RULES: dict[str, Rule] = {
    "integer_literal": integer_literal,
    "boolean_literal": boolean_literal,
    "char_literal": char_literal,
    "string_literal": string_literal,
    "unit_expression": unit_expression,
    "parenthesized_expression": parenthesized,
    "unary_expression": unary,
    "binary_expression": binary,
    "type_cast_expression": cast,
}
