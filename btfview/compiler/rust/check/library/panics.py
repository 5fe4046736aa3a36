"""Macros that panic: ``panic!``, ``unreachable!``, ``todo!``, ``assert!`` and their like.

A panic leaves the function it is in with 0, null, ``None`` or ``Err`` of 0, as an index out of bounds and a
division by zero do: BPF has no way to stop a program otherwise, and one rule for all of them can be
remembered. ``debug_assert!`` is checked and not run, as in a release build, where overflow wraps, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.check.operators import compare
from btfview.compiler.rust.typed.tree import Block, Expr, If, Invalid, Panic, Unary
from btfview.compiler.rust.types.kinds import BOOL, ERROR, NEVER, UNIT, resolve

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def _panic(checker: Checker, node: Node, name: str, arguments: list[list[Node]]) -> Expr:
    _check_message(checker, node, name, arguments)
    return Panic(NEVER, checker.tree.span(node))


def _assert(checker: Checker, node: Node, name: str, arguments: list[list[Node]]) -> Expr:
    span = checker.tree.span(node)
    if not arguments or not arguments[0]:
        message = f"`{name}!` requires a boolean expression as an argument"
        return checker.refuse(node, message, "as in `assert!(length < 16)`")
    counts = len(checker.queries), len(checker.calls)
    value_node = _expression(checker, arguments[0])
    if value_node is None:
        return Invalid(ERROR, span)
    value = checker.coerced(value_node, BOOL)
    _check_message(checker, node, name, arguments[1:])
    return _unless(checker, node, name, value, counts)


def _assert_equal(checker: Checker, node: Node, name: str, arguments: list[list[Node]]) -> Expr:
    span = checker.tree.span(node)
    if len(arguments) < 2 or not all(arguments[:2]):
        return checker.refuse(node, f"`{name}!` takes two values", f"as in `{name}!(left, right)`")
    counts = len(checker.queries), len(checker.calls)
    sides = [_expression(checker, tokens) for tokens in arguments[:2]]
    left, right = sides
    if left is None or right is None:
        return Invalid(ERROR, span)
    value = compare(checker, "!=" if name.endswith("ne") else "==", left, right, span, span)
    _check_message(checker, node, name, arguments[2:])
    return _unless(checker, node, name, value, counts)


def _unless(checker: Checker, node: Node, name: str, value: Expr, counts: tuple[int, int]) -> Expr:
    """Return a panic where *value* is false; for ``debug_assert!`` nothing, of which nothing is asked."""
    span = checker.tree.span(node)
    if resolve(value.type) is ERROR:
        return Invalid(ERROR, span)
    if name.startswith("debug_"):
        del checker.queries[counts[0] :], checker.calls[counts[1] :]
        return Block(UNIT, span, (), None)
    return If(UNIT, span, Unary(BOOL, span, "!", value), Panic(NEVER, span), None)


def _expression(checker: Checker, tokens: list[Node]) -> Node | None:
    found = checker.tree.expression(tokens[0], tokens[-1])
    if found is None:
        checker.refuse(tokens[0], "expected an expression")
    return found


def _check_message(checker: Checker, node: Node, name: str, arguments: list[list[Node]]) -> None:
    """Complain about a message that is more than text: nothing prints it, so nothing formats it."""
    if not arguments or not any(arguments):
        return
    first = arguments[0][0]
    text = checker.tree.text(first)
    if first.type != "string_literal" or len(arguments[0]) != 1 or not text.startswith('"'):
        checker.refuse(first, "format argument must be a string literal", f'as in `{name}!("too long")`')
    elif len(arguments) > 1 or "{" in text.replace("{{", ""):
        hint = "write plain text, or call `bpf_trace_printk` before"
        checker.refuse(node, f"values in the message of `{name}!` are not supported: nothing prints it", hint)


PANIC_MACROS: dict[str, Callable[[Checker, Node, str, list[list[Node]]], Expr]] = {
    **dict.fromkeys(("panic", "unreachable", "todo", "unimplemented"), _panic),
    **dict.fromkeys(("assert", "debug_assert"), _assert),
    **dict.fromkeys(("assert_eq", "assert_ne", "debug_assert_eq", "debug_assert_ne"), _assert_equal),
}
