"""Rules for loops, labelled blocks and jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed.tree import (
    Break,
    Continue,
    Expr,
    Invalid,
    LabelledBlock,
    Loop,
    LoopTarget,
    Return,
    UnitValue,
)
from btfview.compiler.rust.types.kinds import ERROR, NEVER, UNIT, Type, format_type, resolve

from .body import Checker, Rule

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def label_of(checker: Checker, node: Node) -> str | None:
    label = checker.tree.child(node, "label")
    return checker.tree.text(label).rstrip(": ") if label is not None else None


def loop_expression(checker: Checker, node: Node, expected: Type | None) -> Expr:
    result = expected if expected is not None else checker.new_var(checker.tree.span(node), is_needed=False)
    target = LoopTarget(label_of(checker, node), result, True)
    body = loop_body(checker, node, target)
    if not target.has_break:
        return Loop(NEVER, checker.tree.span(node), target, None, body)
    return Loop(target.type, checker.tree.span(node), target, None, body)


def while_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    target = LoopTarget(label_of(checker, node), UNIT, False)
    with checker.scope():
        condition = checker.rules.condition(checker, checker.tree.need(node, "condition"))
        body = loop_body(checker, node, target)
    return Loop(UNIT, checker.tree.span(node), target, condition, body)


def labelled_block(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    result = expected if expected is not None else checker.new_var(span, is_needed=False)
    target = LoopTarget(label_of(checker, node), result, True, word="block")
    checker.loops.append(target)
    try:
        body = checker.rules.block(checker, node, result)
    finally:
        checker.loops.pop()
    if resolve(body.type) is not NEVER:
        body = checker.coerce(body, result)
    if not target.has_break:
        return body
    return LabelledBlock(result, span, target, body)


def loop_body(checker: Checker, node: Node, target: LoopTarget) -> Expr:
    checker.loops.append(target)
    try:
        return checker.coerced(checker.tree.need(node, "body"), UNIT)
    finally:
        checker.loops.pop()


def _find_loop(checker: Checker, node: Node, word: str, label: str | None) -> LoopTarget | None:
    for target in reversed(checker.loops):
        if target.label == label if label is not None else target.word != "block":
            return target
    if label is not None:
        label_node = next((child for child in node.children if child.type == "label"), node)
        checker.refuse(label_node, f"use of undeclared label `{label}`", None, "E0426")
    elif checker.closure is not None:
        message = f"`{word}` inside of a closure"
        checker.refuse(node, message, "the closure ends with a value; use `if let` or `match`", "E0267")
    else:
        checker.refuse(node, f"`{word}` outside of a loop or labeled block", None, "E0268")
    return None


def break_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    values = [child for child in checker.tree.children(node) if child.type != "label"]
    return _break(checker, node, label_of(checker, node), values)


def _break(checker: Checker, node: Node, label: str | None, values: list[Node]) -> Expr:
    span = checker.tree.span(node)
    target = _find_loop(checker, node, "break", label)
    if target is None:
        return Invalid(NEVER, span)
    target.has_break = True
    if not values:
        if target.takes_value:
            checker.coerce(UnitValue(UNIT, span), target.type)
        return Break(NEVER, span, target, None)
    if not target.takes_value:
        message = f"`break` with value from a `{target.word}` loop"
        return checker.refuse(node, message, "use `loop`", "E0571")
    return Break(NEVER, span, target, checker.coerced(values[0], target.type))


def continue_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    target = _find_loop(checker, node, "continue", label_of(checker, node))
    span = checker.tree.span(node)
    if target is not None and target.word == "block":
        message = "`continue` pointing to a labeled block"
        return checker.refuse(node, message, "name a loop", "E0696")
    return Invalid(NEVER, span) if target is None else Continue(NEVER, span, target)


def yield_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    """Check a ``break`` with a value that the grammar is shown as ``yield``, else refuse."""
    start = checker.tree.shown_span(node).start
    if start not in checker.tree.breaks:
        return checker.refuse(node, "`yield` is not supported")
    return _break(checker, node, checker.tree.breaks[start], checker.tree.children(node))


def return_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    values = checker.tree.children(node)
    if checker.closure is not None:
        checker.closure.has_break = True
        result = checker.closure.type
        value = (
            checker.coerced(values[0], result) if values else checker.coerce(UnitValue(UNIT, span), result)
        )
        return Break(NEVER, span, checker.closure, value)
    if checker.function is None:
        return checker.refuse(node, "return statement outside of function body", None, "E0572")
    result = checker.function.result
    if values:
        return Return(NEVER, span, checker.coerced(values[0], result))
    if resolve(result) not in (UNIT, ERROR):
        message = "`return;` in a function whose return type is not `()`"
        checker.report.error(span, message, code="E0069", hint=f"return a `{format_type(result)}`")
    return Return(NEVER, span, None)


RULES: dict[str, Rule] = {
    "loop_expression": loop_expression,
    "while_expression": while_expression,
    "break_expression": break_expression,
    "continue_expression": continue_expression,
    "return_expression": return_expression,
    "yield_expression": yield_expression,
}
