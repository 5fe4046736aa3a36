"""Kernel helpers called through function pointers, which ``transmute`` makes of their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.arguments import refuse_count
from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.consts.errors import ConstError
from btfview.compiler.rust.consts.evaluate import evaluate
from btfview.compiler.rust.typed.patterns import Binding
from btfview.compiler.rust.typed.tree import Block, Expr, HelperCall, HelperPointer, Invalid, Let
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import ERROR, HelperType, IntType, Type, format_type, resolve
from btfview.compiler.rust.types.layout import size_of

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def transmute(
    checker: Checker, node: Node, generics: list[Node] | None, arguments: list[Node], expected: Type | None
) -> Expr:
    """Return ``transmute(5usize)`` as the helper of that number; nothing else can be transmuted here."""
    span = checker.tree.span(node)
    if len(arguments) != 1:
        return refuse_count(checker, node, "function", 1, arguments)
    checker.need_unsafe(span, "call to unsafe function `transmute`")
    source: Type | None = None
    if generics is not None and len(generics) == 2:
        source, written = checker.read_type(generics[0]), checker.read_type(generics[1])
        if expected is not None:
            unify(written, expected)
        expected = written
    target = resolve(expected) if expected is not None else None
    value = checker.expr(arguments[0], source)
    if source is not None:
        value = checker.coerce(value, source)
    found = checker.known(value.type, value.span)
    if found is ERROR or target is ERROR:
        return Invalid(ERROR, span)
    if not isinstance(target, HelperType):
        hint = 'as in `let f: unsafe extern "C" fn() -> u64 = transmute(5usize);`; `as` converts integers'
        return checker.refuse(node, "`transmute` is supported only for numbers of helpers", hint)
    if not isinstance(found, IntType) or size_of(found) != 8:
        message = "cannot transmute between types of different sizes, or dependently-sized types"
        shown = format_type(found) if isinstance(found, IntType) else "i32"
        return checker.refuse(node, message, f"`{shown}` is no `usize`: write `5usize`", "E0512")
    if checker.function is None:
        message = "constructing invalid value: a number, but expected a function pointer"
        return checker.refuse(node, message, "make it in a function, with `let`", "E0080")
    try:
        number = evaluate(value)
    except ConstError:
        return checker.refuse(arguments[0], "the number of a helper must be a constant", "see linux/bpf.h")
    if not isinstance(number, int) or not 0 < number < 1 << 31:
        return checker.refuse(arguments[0], "this is not the number of a helper", "see linux/bpf.h")
    return HelperPointer(target, span, number)


def helper_number(value: Expr | None) -> int | None:
    """Return the number of the helper that *value* is, if it is one."""
    while isinstance(value, Block) and not value.statements:
        value = value.tail
    return value.number if isinstance(value, HelperPointer) else None


def name_helper(statement: Let) -> None:
    """Let calls of what ``let`` binds know the helper."""
    pattern = statement.pattern
    if isinstance(pattern, Binding) and pattern.inner is None and not pattern.local.is_mut:
        pattern.local.helper_number = helper_number(statement.value)


def helper_call(
    checker: Checker, node: Node, found: HelperType, number: int | None, arguments: list[Node]
) -> Expr:
    """Return the call of a function pointer."""
    span = checker.tree.span(node)
    if number is None:
        return checker.refuse(
            node,
            "this function pointer may be any helper",
            "call it by a `let` or `const` that a `transmute` gives its value, without `mut`",
        )
    if found.is_unsafe:
        checker.need_unsafe(span, "call to unsafe function pointer")
    if checker.const_context:
        return checker.refuse(node, f"function pointer calls are not allowed in {checker.const_context}")
    if len(arguments) != len(found.params):
        return refuse_count(checker, node, "function", len(found.params), arguments)
    values = [checker.coerced(argument, want) for argument, want in zip(arguments, found.params, strict=True)]
    return HelperCall(found.result, span, number, tuple(values))
