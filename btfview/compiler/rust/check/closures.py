"""Closures: bodies put where they are called, which is all that a method's argument is needed for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.items.core_names import SIDES, SOME
from btfview.compiler.rust.items.names import path_segments
from btfview.compiler.rust.typed.tree import (
    Block,
    Expr,
    Invalid,
    LabelledBlock,
    Let,
    LoopTarget,
    ResultValue,
    SomeValue,
    Statement,
)
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import ERROR, NEVER, OptionType, ResultType, Type, format_type, resolve

from .arguments import refuse_callback
from .body import Checker
from .constructors import call_constructor
from .patterns.exhaustive import check_total_later
from .patterns.rules import read_pattern

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def apply(checker: Checker, node: Node, values: list[Expr], expected: Type | None = None) -> Expr:
    """Return the call of the closure or function *node* with *values*; *expected* is what it should give."""
    if node.type == "closure_expression":
        return _inline(checker, node, values, expected)
    segments = path_segments(checker.tree, node)
    if segments is None or (len(segments) == 1 and checker.lookup_at(node, segments[0]) is not None):
        found = checker.known(checker.expr(node).type, checker.tree.span(node))
        if found is ERROR:
            return Invalid(ERROR, checker.tree.span(node))
        message = f"expected a closure, found `{format_type(found)}`"
        return checker.refuse(node, message, "as in `|x| x + 1`, or the name of a function", "E0277")
    full = checker.names.expand_value(segments)
    span = checker.tree.span(node)
    if full == SOME and len(values) == 1:
        return SomeValue(OptionType(values[0].type), span, values[0])
    if full in SIDES and len(values) == 1:
        is_ok, other = full[3] == "Ok", checker.new_var(span)
        result = ResultType(values[0].type, other) if is_ok else ResultType(other, values[0].type)
        return ResultValue(result, span, is_ok, values[0])
    made = call_constructor(checker, node, segments, values)
    return made if made is not None else checker.rules.call(checker, node, values)


def _inline(checker: Checker, node: Node, values: list[Expr], expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    for child in node.children:
        if child.type in ("async", "static"):
            return checker.refuse(node, f"`{child.type}` closures are not supported")
    parameters = [
        child
        for child in checker.tree.tokens(checker.tree.need(node, "parameters"))
        if child.type not in ("|", ",")
    ]
    if len(parameters) != len(values):
        return refuse_callback(checker, node, "closure", len(values), len(parameters))
    result_node = node.child_by_field_name("return_type")
    if result_node is not None:
        result: Type = checker.read_type(result_node)
    else:
        result = expected if expected is not None else checker.new_var(span, is_needed=False)
    target = LoopTarget(None, result, True, word="closure")
    loops, checker.loops = checker.loops, []
    outer, checker.closure = checker.closure, target
    try:
        with checker.scope():
            lets: list[Statement] = [
                _bind(checker, parameter, value) for parameter, value in zip(parameters, values, strict=True)
            ]
            body = checker.expr(checker.tree.need(node, "body"), expected if result_node is None else result)
    finally:
        checker.loops, checker.closure = loops, outer
    if result_node is not None or target.has_break:
        body = checker.coerce(body, result)
    elif resolve(body.type) is ERROR:
        return Invalid(ERROR, span)
    found = result if target.has_break else body.type
    whole = Block(found, span, tuple(lets), body)
    return LabelledBlock(found, span, target, whole) if target.has_break else whole


def _bind(checker: Checker, parameter: Node, value: Expr) -> Let:
    pattern_node = parameter
    if parameter.type == "parameter":
        pattern_node = checker.tree.need(parameter, "pattern")
        written = checker.read_type(checker.tree.need(parameter, "type"))
        if not unify(written, value.type):
            message = f"type mismatch in closure arguments: `{format_type(written)}` is written"
            hint = f"the value is a `{format_type(value.type)}`"
            checker.refuse(parameter, message, hint, "E0631")
            value = Invalid(ERROR, value.span)
    found: Type = value.type
    if resolve(found) is NEVER:
        found = ERROR
    pattern = read_pattern(checker, pattern_node, found, value)
    check_total_later(checker, pattern, found, "closure argument")
    return Let(pattern.span, pattern, value, None)
