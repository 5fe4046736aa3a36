"""Rules for loops, labelled blocks and jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .check_pattern import check_total_later, read_pattern
from .checker import Checker, Rule
from .nodes import (
    Break,
    Continue,
    Expr,
    ForRange,
    Invalid,
    LabelledBlock,
    Literal,
    Loop,
    LoopTarget,
    Return,
    UnitValue,
    Wildcard,
)
from .types import ERROR, NEVER, UNIT, USIZE, Type, format_type, is_integer, resolve, unify

if TYPE_CHECKING:
    from tree_sitter import Node


def _label(checker: Checker, node: Node) -> str | None:
    label = next((child for child in node.children if child.type == "label"), None)
    return checker.tree.text(label).rstrip(": ") if label is not None else None


def loop_expression(checker: Checker, node: Node, expected: Type | None) -> Expr:
    result = expected if expected is not None else checker.new_var(checker.tree.span(node), is_needed=False)
    target = LoopTarget(_label(checker, node), result, True)
    body = _loop_body(checker, node, target)
    if not target.has_break:
        return Loop(NEVER, checker.tree.span(node), target, None, body)
    return Loop(target.type, checker.tree.span(node), target, None, body)


def while_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    target = LoopTarget(_label(checker, node), UNIT, False)
    with checker.scope():
        condition = checker.condition(checker.tree.need(node, "condition"))
        body = _loop_body(checker, node, target)
    return Loop(UNIT, checker.tree.span(node), target, condition, body)


def for_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    value_node = checker.tree.need(node, "value")
    target = LoopTarget(_label(checker, node), UNIT, False, word="for")
    ranged = _read_range(checker, value_node)
    with checker.scope():
        pattern_node = node.child_by_field_name("pattern")
        found: Type = ranged[0].type if ranged is not None else ERROR
        pattern = read_pattern(checker, pattern_node, found) if pattern_node is not None else Wildcard(span)
        check_total_later(checker, pattern, found, "`for` loop binding")
        body = _loop_body(checker, node, target)
    if ranged is None:
        return Invalid(ERROR, span)
    low, high, is_inclusive, is_reversed, step = ranged
    return ForRange(UNIT, span, target, pattern, low, high, is_inclusive, is_reversed, step, body)


def _read_range(checker: Checker, node: Node) -> tuple[Expr, Expr, bool, bool, int] | None:
    """Return low, high, whether ``..=``, whether ``rev()``, and the step of what ``for`` goes through."""
    is_reversed, step = False, 1
    if node.type == "call_expression":
        callee = checker.tree.need(node, "function")
        name = ""
        if callee.type == "field_expression":
            name = checker.tree.name(checker.tree.need(callee, "field"))
        arguments = checker.tree.children(checker.tree.need(node, "arguments"))
        if name == "rev" and not arguments:
            is_reversed = True
        elif name == "step_by" and len(arguments) == 1:
            read = _read_step(checker, arguments[0])
            if read is None:
                return None
            step = read
        else:
            checker.refuse(node, "`for` goes through ranges only", _HINT)
            return None
        node = checker.tree.need(callee, "value")
    while node.type == "parenthesized_expression":
        node = checker.tree.children(node)[0]
    if node.type != "range_expression":
        found = checker.known(checker.expr(node).type, checker.tree.span(node))
        if found is not ERROR and found is not NEVER:
            code = "E0277" if is_integer(found) or found in (UNIT,) else None
            message = f"`{format_type(found)}` is not an iterator"
            if code is None:
                message = f"`for` goes through ranges only, not through `{format_type(found)}`"
            checker.refuse(node, message, _HINT, code)
        return None
    ends = checker.tree.children(node)
    operator = next(child.type for child in node.children if not child.is_named)
    if len(ends) != 2:
        message = "a range in `for` needs both ends"
        checker.refuse(node, message, "the verifier must see the end of a loop: `0..n`")
        return None
    low = checker.expr(ends[0])
    high = checker.expr(ends[1], low.type)
    low_type, high_type = checker.known(low.type, low.span), checker.known(high.type, high.span)
    if ERROR in (low_type, high_type):
        return None
    if not is_integer(low_type):
        message = f"a range of `{format_type(low_type)}` is not supported in `for`"
        code = None if format_type(low_type) == "char" else "E0277"
        checker.refuse(node, message, "the ends are integers", code)
        return None
    if not unify(low_type, high_type):
        checker.mismatch(high.span, low_type, high_type)
        return None
    return low, high, operator == "..=", is_reversed, step


_HINT = "write `for i in 0..n`, `0..=n`, `(0..n).rev()` or `(0..n).step_by(4)`"


def _read_step(checker: Checker, node: Node) -> int | None:
    step = checker.coerced(node, USIZE)
    if isinstance(step, Literal) and 0 < step.value < 1 << 31:
        return step.value
    if resolve(step.type) is not ERROR:
        checker.refuse(node, "the step of a range must be a positive constant")
    return None


def labelled_block(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    result = expected if expected is not None else checker.new_var(span, is_needed=False)
    target = LoopTarget(_label(checker, node), result, True, word="block")
    checker.loops.append(target)
    try:
        body = checker.block_body(node, result)
    finally:
        checker.loops.pop()
    if resolve(body.type) is not NEVER:
        body = checker.coerce(body, result)
    if not target.has_break:
        return body
    return LabelledBlock(result, span, target, body)


def _loop_body(checker: Checker, node: Node, target: LoopTarget) -> Expr:
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
    return _break(checker, node, _label(checker, node), values)


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
    target = _find_loop(checker, node, "continue", _label(checker, node))
    span = checker.tree.span(node)
    if target is not None and target.word == "block":
        message = "`continue` pointing to a labeled block"
        return checker.refuse(node, message, "name a loop", "E0696")
    return Invalid(NEVER, span) if target is None else Continue(NEVER, span, target)


def return_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    values = checker.tree.children(node)
    if span.start in checker.tree.breaks:
        return _break(checker, node, checker.tree.breaks[span.start], values)
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
    "for_expression": for_expression,
    "break_expression": break_expression,
    "continue_expression": continue_expression,
    "return_expression": return_expression,
}
