"""Rules for blocks, statements and control flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..source import Span
from . import check_for, check_loop
from .check_helper import name_helper
from .check_option import try_result
from .check_pattern import check_total_later, read_pattern
from .check_place import read_type
from .checker import Checker, Rule
from .exhaustive import TooComplexError, uncovered
from .nodes import (
    Arm,
    Binding,
    Block,
    Break,
    Expr,
    ExprStatement,
    If,
    Invalid,
    Let,
    LetCondition,
    Local,
    LocalPlace,
    Logic,
    Match,
    NonePattern,
    NoneValue,
    ResultPattern,
    ResultValue,
    Return,
    SomePattern,
    Statement,
    Try,
    UnitValue,
    Wildcard,
)
from .patterns import bindings, borrows
from .types import BOOL, ERROR, NEVER, UNIT, InferVar, OptionType, ResultType, Type, format_type, resolve

if TYPE_CHECKING:
    from tree_sitter import Node

_BLOCK_LIKE = (
    "if_expression", "match_expression", "block", "unsafe_block", "loop_expression", "while_expression",
    "for_expression",
)  # fmt: skip
_ITEMS = (
    "struct_item", "union_item", "function_item", "const_item", "static_item", "use_declaration", "impl_item",
    "foreign_mod_item", "enum_item", "mod_item", "type_item", "trait_item", "macro_definition",
)  # fmt: skip


def block(checker: Checker, node: Node, expected: Type | None) -> Expr:
    if node.children[0].type == "label":
        return check_loop.labelled_block(checker, node, expected)
    return _scoped_body(checker, node, expected)


def _scoped_body(checker: Checker, node: Node, expected: Type | None) -> Expr:
    with checker.scope():
        return _block_body(checker, node, expected)


def _block_body(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    statements: list[Statement] = []
    tail: Expr | None = None
    diverges = False
    children = [child for child in checker.tree.children(node) if child.type != "label"]
    attributes: list[Node] = []
    for position, child in enumerate(children):
        kind = child.type
        if kind == "attribute_item":
            attributes.append(child)
            continue
        if attributes:
            checker.items.attributes.harmless_only(attributes, "a statement")
            attributes = []
        if kind == "empty_statement":
            continue
        is_last = position == len(children) - 1
        if kind == "let_declaration":
            statement = _let(checker, child)
            statements.append(statement)
            diverges = diverges or (statement.value is not None and resolve(statement.value.type) is NEVER)
            continue
        if kind in _ITEMS:
            checker.refuse(child, "items inside functions are not supported", "move it out of the function")
            continue
        inner, has_semicolon = child, False
        if kind == "expression_statement":
            inner, has_semicolon = checker.tree.children(child)[0], child.children[-1].type == ";"
        if _starts_with_block(checker, inner):
            hint = "Rust ends the statement there: add parentheses"
            tail = checker.refuse(inner, "leading block-like expression", hint)
            continue
        if is_last and not has_semicolon:
            tail = checker.expr(inner, expected)
            if expected is not None:
                tail = checker.coerce(tail, expected)
            continue
        # `{ .. };` is parsed as a statement and an empty one.
        has_semicolon = has_semicolon or (not is_last and children[position + 1].type == "empty_statement")
        is_unit_wanted = not has_semicolon and inner.type in _BLOCK_LIKE
        value = checker.coerced(inner, UNIT) if is_unit_wanted else checker.expr(inner)
        diverges = diverges or resolve(value.type) is NEVER
        statements.append(ExprStatement(value))
    if attributes:
        checker.refuse(attributes[-1], "expected statement after attribute")
    if tail is not None:
        found = NEVER if diverges and resolve(tail.type) is UNIT else tail.type
    else:
        found = NEVER if diverges else UNIT
    return Block(found, span, tuple(statements), tail)


def _starts_with_block(checker: Checker, node: Node) -> bool:
    """Whether rustc ends the statement at a block where tree-sitter reads on: ``if a {1} else {2} - 3``."""
    while True:
        kind = node.type
        if kind in (
            "binary_expression",
            "assignment_expression",
            "compound_assignment_expr",
            "range_expression",
        ):
            first = node.child_by_field_name("left")
        elif kind == "type_cast_expression":
            first = node.child_by_field_name("value")
        elif kind == "call_expression":
            first = node.child_by_field_name("function")
        elif kind == "index_expression":
            first = checker.tree.children(node)[0]
        else:
            return False
        if first is None:
            return False
        if first.type in _BLOCK_LIKE:
            return True
        node = first


def _let(checker: Checker, node: Node) -> Let:
    span = checker.tree.span(node)
    type_node, value_node = node.child_by_field_name("type"), node.child_by_field_name("value")
    wanted = read_type(checker, type_node) if type_node is not None else None
    if type_node is not None and wanted is not None and resolve(wanted) in (NEVER,):
        checker.refuse(type_node, "a local cannot have this type")
        wanted = ERROR
    value: Expr
    if value_node is None:
        return _late_let(checker, node, wanted)
    value = checker.coerced(value_node, wanted) if wanted is not None else checker.expr(value_node)
    otherwise_node = node.child_by_field_name("alternative")
    otherwise: Expr | None = None
    if otherwise_node is not None:
        otherwise = checker.expr(otherwise_node)
        if resolve(otherwise.type) not in (NEVER, ERROR):
            checker.report.error(
                otherwise.span, "`else` clause of `let...else` does not diverge", code="E0308",
                hint="end it with `return`, `break` or `continue`",
            )  # fmt: skip
    found = wanted if wanted is not None else value.type
    if resolve(found) is NEVER:
        found = UNIT
    is_mut = checker.tree.child(node, "mutable_specifier") is not None
    pattern_node = checker.tree.need(node, "pattern")
    pattern = read_pattern(checker, pattern_node, found, value, is_mut=is_mut)

    if otherwise is None:
        check_total_later(checker, pattern, found, "local binding")
    statement = Let(span, pattern, value, otherwise)
    name_helper(statement)
    return statement


def _late_let(checker: Checker, node: Node, wanted: Type | None) -> Let:
    """Return a ``let`` without a value; :mod:`.check_init` sees to it that it gets one."""
    span, pattern_node = checker.tree.span(node), checker.tree.need(node, "pattern")
    found = wanted if wanted is not None else checker.new_var(checker.tree.span(pattern_node))
    is_mut = checker.tree.child(node, "mutable_specifier") is not None
    pattern = read_pattern(checker, pattern_node, found, is_mut=is_mut)
    if borrows(pattern):
        checker.refuse(pattern_node, "a `let` without a value has nothing to borrow", "give it a value")
    check_total_later(checker, pattern, found, "local binding")
    for binding in bindings(pattern):
        binding.local.is_late = True
        checker.has_late = True
    return Let(span, pattern, None, None)


def unsafe_block(checker: Checker, node: Node, expected: Type | None) -> Expr:
    checker.unsafe_depth += 1
    try:
        return checker.expr(checker.tree.children(node)[0], expected)
    finally:
        checker.unsafe_depth -= 1


# ---- conditions and branches


def _condition(checker: Checker, node: Node) -> Expr:
    """Return a condition; names that its ``let`` binds go into the current scope."""
    span = checker.tree.span(node)
    if node.type == "let_condition":
        value = checker.expr(checker.tree.need(node, "value"))
        pattern = read_pattern(checker, checker.tree.need(node, "pattern"), value.type, value)
        return LetCondition(BOOL, span, pattern, value)
    if node.type == "let_chain":
        chain: Expr | None = None
        for child in checker.tree.children(node):
            part = _condition(checker, child)
            chain = part if chain is None else Logic(BOOL, span, "&&", chain, part)
        return chain if chain is not None else Invalid(ERROR, span)
    return checker.coerced(node, BOOL)


def stray_let(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    return checker.refuse(
        node, "expected expression, found `let` statement", "`let` stands in `if` or `while`"
    )


def if_expression(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    otherwise_node = node.child_by_field_name("alternative")
    with checker.scope():
        condition = _condition(checker, checker.tree.need(node, "condition"))
        then_node = checker.tree.need(node, "consequence")
        is_value = expected is not None and resolve(expected) not in (UNIT, ERROR, NEVER)
        then = checker.expr(then_node, expected if otherwise_node is not None else None if is_value else UNIT)
    if otherwise_node is None:
        if expected is not None and is_value:
            checker.report.error(
                span, "`if` may be missing an `else` clause", code="E0317",
                label=f"expected `{format_type(expected)}`, found `()`",
            )  # fmt: skip
            return Invalid(ERROR, span)
        return If(UNIT, span, condition, checker.coerce(then, UNIT), None)
    if expected is not None:
        then = checker.coerce(then, expected)
    found, then = checker.merge(None, then)
    wanted = expected if expected is not None else (None if resolve(found) is NEVER else found)
    otherwise = checker.expr(checker.tree.children(otherwise_node)[0], wanted)
    found, otherwise = checker.merge(found, otherwise)
    return If(found, span, condition, then, otherwise)


def match_expression(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    value_node = checker.tree.need(node, "value")
    value = checker.expr(value_node)
    arms: list[Arm] = []
    found: Type | None = None
    for child in checker.tree.children(checker.tree.need(node, "body")):
        if child.type == "attribute_item":
            checker.items.attributes.harmless_only([child], "a match arm")
            continue
        if child.type != "match_arm":
            checker.refuse(child, "this syntax is not supported in a match")
            continue
        with checker.scope():
            outer = checker.tree.need(child, "pattern")
            parts = checker.tree.tokens(outer)
            while len(parts) > 1 and parts[0].type == "|":
                parts = parts[1:]
            pattern = read_pattern(checker, parts[0], value.type, value)
            guard_node = outer.child_by_field_name("condition")
            guard = _condition(checker, guard_node) if guard_node is not None else None
            body_node = checker.tree.need(child, "value")
            wanted = expected if expected is not None else found
            if wanted is not None and resolve(wanted) is NEVER:
                wanted = None
            body = checker.expr(body_node, wanted)
            if expected is not None:
                body = checker.coerce(body, expected)
            found, body = checker.merge(found, body)
        arms.append(Arm(pattern, guard, body, checker.tree.span(child)))

    def check() -> None:
        try:
            missing = uncovered([arm.pattern for arm in arms if arm.guard is None], value.type)
        except TooComplexError:
            missing = None
            message = "this `match` is too complex to tell whether it covers every value"
            checker.report.error(checker.tree.span(value_node), message, hint="match on fewer values at once")
        if missing is not None and resolve(value.type) not in (ERROR, NEVER):
            checker.report.error(
                checker.tree.span(value_node), f"non-exhaustive patterns: `{missing}` not covered",
                code="E0004", label=f"pattern `{missing}` not covered",
                hint="add an arm for it, or `_ => ..`",
            )  # fmt: skip

    checker.later(check)
    return Match(found if found is not None else NEVER, span, value, tuple(arms))


def try_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    value = checker.expr(checker.tree.children(node)[0])
    found = checker.known(value.type, value.span)
    if found is ERROR or found is NEVER:
        return Invalid(ERROR, span)
    if isinstance(found, ResultType):
        return _try_result(checker, span, value, found)
    if not isinstance(found, OptionType):
        message = "the `?` operator can only be applied to values that implement `Try`"
        hint = None
        if checker.dialect == "repr":
            hint = "with `#[repr(Btf)]` a query gives the plain `usize`; with `#[btf_relocatable]` an Option"
        checker.report.error(
            span, message, code="E0277", label=f"`{format_type(found)}` is no `Option`", hint=hint
        )
        return Invalid(ERROR, span)
    if checker.function is None:
        return checker.refuse(node, "`?` is not allowed in a constant", None, "E0744")
    result = resolve(checker.closure.type if checker.closure is not None else checker.function.result)
    if checker.closure is not None and (isinstance(result, (InferVar, OptionType))):
        if isinstance(result, InferVar):
            result.bound = OptionType(checker.new_var(span))
        return _try_in_closure(checker, span, value, found)
    if not isinstance(result, OptionType) and result is not ERROR:
        message = "the `?` operator can only be used in a function that returns `Result` or `Option`"
        checker.report.error(
            Span(span.end - 1, span.end), message, code="E0277",
            label=f"this function returns `{format_type(result)}`",
            hint="return an `Option`, or take the value out with `match` or `if let`",
        )  # fmt: skip
        return Invalid(found.inner, span)
    return Try(found.inner, span, value)


def _try_in_closure(checker: Checker, span: Span, value: Expr, found: OptionType) -> Expr:
    target = checker.closure
    assert target is not None
    target.has_break = True
    local = Local("value", found.inner, span, False)
    leave = Break(NEVER, span, target, NoneValue(target.type, span))
    arms = (
        Arm(
            SomePattern(span, found, Binding(span, local, None)),
            None,
            LocalPlace(found.inner, span, local),
            span,
        ),
        Arm(NonePattern(span, found), None, leave, span),
    )
    return Match(found.inner, span, value, arms)


def _try_result(checker: Checker, span: Span, value: Expr, found: ResultType) -> Expr:
    if checker.function is None:
        checker.report.error(span, "`?` is not allowed in a constant", code="E0744")
        return Invalid(ERROR, span)
    target = checker.closure
    leave_type = target.type if target is not None else checker.function.result
    parts = try_result(checker, span, value, found, leave_type)
    if parts is None:
        where = "closure" if target is not None else "function"
        checker.report.error(
            Span(span.end - 1, span.end),
            f"the `?` operator on a `Result` can only be used in a {where} that returns `Result`",
            code="E0277",
            label=f"this {where} returns `{format_type(leave_type)}`",
            hint="`.ok()?` makes an Option of it",
        )
        return Invalid(found.ok, span)
    good, bad, wanted = parts
    is_unit = resolve(found.ok) is UNIT
    error: Expr = UnitValue(UNIT, span) if resolve(found.err) is UNIT else LocalPlace(found.err, span, bad)
    failure = ResultValue(wanted, span, False, error)
    leave: Expr
    if target is not None:
        target.has_break = True
        leave = Break(NEVER, span, target, failure)
    else:
        leave = Return(NEVER, span, failure)
    first = Wildcard(span) if is_unit else Binding(span, good, None)
    second = Wildcard(span) if resolve(found.err) is UNIT else Binding(span, bad, None)
    body: Expr = UnitValue(UNIT, span) if is_unit else LocalPlace(found.ok, span, good)
    arms = (
        Arm(ResultPattern(span, found, True, first), None, body, span),
        Arm(ResultPattern(span, found, False, second), None, leave, span),
    )
    return Match(found.ok, span, value, arms)


Checker.condition = _condition
Checker.block_body = _scoped_body

RULES: dict[str, Rule] = {
    "block": block,
    "unsafe_block": unsafe_block,
    "let_condition": stray_let,
    "let_chain": stray_let,
    "if_expression": if_expression,
    "match_expression": match_expression,
    **check_loop.RULES,
    **check_for.RULES,
    "try_expression": try_expression,
}
