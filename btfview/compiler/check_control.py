"""Rules for blocks, statements and control flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..source import Span
from .check_pattern import read_pattern
from .check_place import read_type
from .checker import Checker, Rule
from .exhaustive import TooComplexError, is_irrefutable, uncovered
from .nodes import (
    Arm,
    Block,
    Break,
    Continue,
    Expr,
    ExprStatement,
    If,
    Invalid,
    Let,
    LetCondition,
    Logic,
    Loop,
    LoopTarget,
    Match,
    Return,
    Statement,
    Try,
    UnitValue,
)
from .types import BOOL, ERROR, NEVER, UNIT, InferVar, OptionType, Type, format_type, resolve

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
    if any(child.type == "label" for child in node.children):
        return checker.refuse(node, "labelled blocks are not supported", "use a `loop` with a label")
    with checker.scope():
        return _block_body(checker, node, expected)


def _block_body(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    statements: list[Statement] = []
    tail: Expr | None = None
    diverges = False
    children = checker.tree.children(node)
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
        value = checker.refuse(
            node, "`let` without a value is not supported", "give it one: `let x = if .. { .. } else { .. };`"
        )
    elif wanted is not None:
        value = checker.coerced(value_node, wanted)
    else:
        value = checker.expr(value_node)
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
    is_mut = any(child.type == "mutable_specifier" for child in node.children)
    pattern_node = checker.tree.need(node, "pattern")
    pattern = read_pattern(checker, pattern_node, found, is_mut=is_mut)

    def check() -> None:
        if otherwise is None and resolve(found) is not ERROR and not is_irrefutable(pattern, found):
            checker.report.error(
                pattern.span, "refutable pattern in local binding", code="E0005",
                hint="use `if let`, `match` or `let .. else`",
            )  # fmt: skip

    checker.later(check)
    return Let(span, pattern, value, otherwise)


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
        pattern = read_pattern(checker, checker.tree.need(node, "pattern"), value.type)
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
            pattern = read_pattern(checker, parts[0], value.type)
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


# ---- loops and jumps


def _label(checker: Checker, node: Node) -> str | None:
    label = next((child for child in node.children if child.type == "label"), None)
    return checker.tree.text(label).rstrip(": ") if label is not None else None


def loop_expression(checker: Checker, node: Node, expected: Type | None) -> Expr:
    result = expected if expected is not None else InferVar(checker.tree.span(node), False)
    target = LoopTarget(_label(checker, node), result, True)
    body = _loop_body(checker, node, target)
    if not target.has_break:
        return Loop(NEVER, checker.tree.span(node), target, None, body)
    return Loop(target.type, checker.tree.span(node), target, None, body)


def while_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    target = LoopTarget(_label(checker, node), UNIT, False)
    with checker.scope():
        condition = _condition(checker, checker.tree.need(node, "condition"))
        body = _loop_body(checker, node, target)
    return Loop(UNIT, checker.tree.span(node), target, condition, body)


def _loop_body(checker: Checker, node: Node, target: LoopTarget) -> Expr:
    checker.loops.append(target)
    try:
        return checker.coerced(checker.tree.need(node, "body"), UNIT)
    finally:
        checker.loops.pop()


def _find_loop(checker: Checker, node: Node, word: str) -> LoopTarget | None:
    label = _label(checker, node)
    for target in reversed(checker.loops):
        if label is None or target.label == label:
            return target
    if label is not None:
        label_node = next(child for child in node.children if child.type == "label")
        checker.refuse(label_node, f"use of undeclared label `{label}`", None, "E0426")
    else:
        checker.refuse(node, f"`{word}` outside of a loop or labeled block", None, "E0268")
    return None


def break_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    target = _find_loop(checker, node, "break")
    values = [child for child in checker.tree.children(node) if child.type != "label"]
    if target is None:
        return Invalid(NEVER, span)
    target.has_break = True
    if not values:
        if target.takes_value:
            checker.coerce(UnitValue(UNIT, span), target.type)
        return Break(NEVER, span, target, None)
    if not target.takes_value:
        return checker.refuse(node, "`break` with value from a `while` loop", "use `loop`", "E0571")
    return Break(NEVER, span, target, checker.coerced(values[0], target.type))


def continue_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    target = _find_loop(checker, node, "continue")
    span = checker.tree.span(node)
    return Invalid(NEVER, span) if target is None else Continue(NEVER, span, target)


def return_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    if checker.function is None:
        return checker.refuse(node, "return statement outside of function body", None, "E0572")
    values = checker.tree.children(node)
    result = checker.function.result
    if values:
        return Return(NEVER, span, checker.coerced(values[0], result))
    if resolve(result) not in (UNIT, ERROR):
        message = "`return;` in a function whose return type is not `()`"
        checker.report.error(span, message, code="E0069", hint=f"return a `{format_type(result)}`")
    return Return(NEVER, span, None)


def try_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    value = checker.expr(checker.tree.children(node)[0])
    found = checker.known(value.type, value.span)
    if found is ERROR or found is NEVER:
        return Invalid(ERROR, span)
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
    result = resolve(checker.function.result)
    if not isinstance(result, OptionType) and result is not ERROR:
        message = "the `?` operator can only be used in a function that returns `Result` or `Option`"
        checker.report.error(
            Span(span.end - 1, span.end), message, code="E0277",
            label=f"this function returns `{format_type(result)}`",
            hint="return an `Option`, or take the value out with `match` or `if let`",
        )  # fmt: skip
        return Invalid(found.inner, span)
    return Try(found.inner, span, value)


RULES: dict[str, Rule] = {
    "block": block,
    "unsafe_block": unsafe_block,
    "let_condition": stray_let,
    "let_chain": stray_let,
    "if_expression": if_expression,
    "match_expression": match_expression,
    "loop_expression": loop_expression,
    "while_expression": while_expression,
    "break_expression": break_expression,
    "continue_expression": continue_expression,
    "return_expression": return_expression,
    "try_expression": try_expression,
}
