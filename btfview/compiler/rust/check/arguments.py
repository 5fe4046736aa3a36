"""Arguments of calls: their number, their types, and the call that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed.definitions import Function
from btfview.compiler.rust.typed.tree import Call, Expr, Invalid
from btfview.compiler.rust.types.kinds import (
    BOOL,
    ERROR,
    NEVER,
    IntType,
    StructType,
    Type,
    format_type,
    is_scalar,
    resolve,
)
from btfview.source import Span
from btfview.words import noun_for, plural

from .body import Checker

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def refuse_count(
    checker: Checker, node: Node, what: str, wanted: int, arguments: list[Node], hint: str | None = None
) -> Expr:
    """Complain that *what* is given as many *arguments*; it takes *wanted*."""
    return checker.refuse(node, _wrong_count(what, wanted, len(arguments)), hint, "E0061")


def _wrong_count(what: str, wanted: int, given: int) -> str:
    were = noun_for(given, "was", "were")
    return f"this {what} takes {plural(wanted, 'argument')} but {plural(given, 'argument')} {were} supplied"


def refuse_callback(checker: Checker, node: Node, what: str, wanted: int, takes: int) -> Expr:
    """Complain about the number of arguments that a closure or a function *takes*, which others call."""
    message = f"{what} is expected to take {plural(wanted, 'argument')}, but it takes {takes}"
    return checker.refuse(node, message, None, "E0593")


def call_function(
    checker: Checker, function: Function, given: list[Expr], arguments: list[Node], span: Span
) -> Expr:
    """Return the call; *given* holds the receiver of a method, already as its parameter wants it."""
    if function.is_unsafe:
        checker.need_unsafe(span, f"call to unsafe function `{function.path}`")
    if checker.const_context and not function.is_const:
        message = f"cannot call non-const function `{function.path}` in {checker.const_context}"
        checker.report.error(span, message, code="E0015", hint="make it a `const fn`")
        return Invalid(ERROR, span)
    if not checker.facts.declare_function(function):
        return Invalid(ERROR, span)
    checker.calls.append((function, span))
    params = function.params[len(given) :]
    count_is_wrong = len(arguments) < len(params) if function.is_variadic else len(arguments) != len(params)
    if count_is_wrong:
        names = ", ".join(f"{param.name}: {format_type(param.type)}" for param in params)
        message = _wrong_count("method" if given else "function", len(params), len(arguments))
        checker.report.error(span, message, code="E0061", hint=f"it is `{function.name}({names})`")
        for argument in arguments:
            checker.expr(argument)
        return Invalid(function.result, span)
    values = given + [
        checker.coerced(argument, param.type) for argument, param in zip(arguments, params, strict=False)
    ]
    for argument in arguments[len(params) :]:
        values.append(_variadic_argument(checker, argument))
    if len(values) > 5 and (function.helper_number is not None or function.is_kfunc):
        checker.report.error(span, "a helper takes five arguments at most", hint="r1 to r5 carry them")
    return Call(function.result, span, function, tuple(values))


def _variadic_argument(checker: Checker, node: Node) -> Expr:
    value = checker.expr(node)

    def check() -> None:
        found = resolve(value.type)
        is_small = found is BOOL or (isinstance(found, IntType) and found.bits < 32)
        if is_small or not (is_scalar(found) or found in (ERROR, NEVER)):
            message = f"can't pass `{format_type(found)}` to a variadic function"
            checker.report.error(value.span, message, code="E0617", hint="cast to `c_int` or a wider integer")

    checker.later(check)
    return value


def no_method(
    checker: Checker, name_node: Node, name: str, found: Type, arguments: list[Node], hint: str | None = None
) -> Expr:
    for argument in arguments:
        if argument.type != "closure_expression":
            checker.expr(argument)
    kind = "struct" if isinstance(found, StructType) else "type"
    message = f"no method named `{name}` found for {kind} `{format_type(found)}` in the current scope"
    return checker.refuse(name_node, message, hint, "E0599")


def take_arguments(
    checker: Checker, node: Node, arguments: list[Node], wanted: list[Type]
) -> list[Expr] | None:
    if len(arguments) != len(wanted):
        refuse_count(checker, node, "method", len(wanted), arguments)
        return None
    return [checker.coerced(argument, want) for argument, want in zip(arguments, wanted, strict=True)]
