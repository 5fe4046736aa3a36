"""Macros of ``core`` that are plain Rust inside: ``matches!``, ``addr_of!`` and ``addr_of_mut!``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .check_pattern import read_pattern
from .check_place import address_of
from .checker import Checker
from .rust.typed.patterns import Wildcard
from .rust.typed.tree import Arm, Expr, Invalid, Literal, Match
from .rust.types.kinds import BOOL, ERROR, resolve

if TYPE_CHECKING:
    from tree_sitter import Node


def matches(checker: Checker, node: Node, tokens: list[Node]) -> Expr:
    """Return ``matches!(value, pattern if guard)`` as the match it stands for."""
    span = checker.tree.span(node)
    comma = next((index for index, token in enumerate(tokens) if token.type == ","), 0)
    rest = tokens[comma + 1 :]
    if rest and rest[-1].type == ",":
        rest = rest[:-1]
    if not comma or not rest:
        hint = "as in `matches!(value, 1 | 2)`"
        return checker.refuse(node, "`matches!` takes a value and a pattern", hint)
    value_node = checker.tree.fragment("fn f(){", tokens[0], tokens[comma - 1], "}", "block")
    match_node = checker.tree.fragment("fn f(){match 0{", rest[0], rest[-1], "=>0}}", "match_arm")
    if value_node is None or len(checker.tree.children(value_node)) != 1:
        return checker.refuse(tokens[0], "expected an expression")
    if match_node is None:
        return checker.refuse(rest[0], "expected a pattern")
    inner = checker.tree.children(value_node)[0]
    if inner.type == "expression_statement":
        inner = checker.tree.children(inner)[0]
    value = checker.expr(inner)
    with checker.scope():
        outer = checker.tree.need(match_node, "pattern")
        parts = checker.tree.tokens(outer)
        pattern = read_pattern(checker, parts[0], value.type)
        guard_node = outer.child_by_field_name("condition")
        guard = checker.condition(guard_node) if guard_node is not None else None
    if resolve(value.type) is ERROR:
        return Invalid(ERROR, span)
    yes = Arm(pattern, guard, Literal(BOOL, span, 1), span)
    no = Arm(Wildcard(span), None, Literal(BOOL, span, 0), span)
    return Match(BOOL, span, value, (yes, no))


def addr_of(checker: Checker, node: Node, tokens: list[Node], *, is_mut: bool) -> Expr:
    """Return ``addr_of!(place)``, which is ``&raw const place``."""
    block = checker.tree.fragment("fn f(){", tokens[0], tokens[-1], "}", "block") if tokens else None
    inner = checker.tree.children(block) if block is not None else []
    if len(inner) != 1:
        return checker.refuse(node, "this macro takes one place", "as in `addr_of!((*pointer).field)`")
    place_node = inner[0]
    if place_node.type == "expression_statement":
        place_node = checker.tree.children(place_node)[0]
    is_name = place_node.type == "identifier"
    checker.unsafe_depth += is_name  # the address of a `static mut` is safe to take
    place = checker.expr(place_node)
    checker.unsafe_depth -= is_name
    return address_of(checker, place, checker.tree.span(node), is_mut=is_mut, is_raw=True)
