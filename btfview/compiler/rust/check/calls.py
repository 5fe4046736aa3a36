"""Rules for calls of functions and constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.items.core_names import LIBRARY_FUNCTIONS, SIDES, SOME
from btfview.compiler.rust.items.names import path_segments
from btfview.compiler.rust.typed.definitions import Function
from btfview.compiler.rust.typed.tree import Expr, Invalid, SomeValue
from btfview.compiler.rust.types.kinds import (
    ERROR,
    HelperType,
    IntType,
    OptionType,
    Type,
    format_type,
    resolve,
)
from btfview.compiler.rust.types.passing import is_movable
from btfview.compiler.rust.types.traits import has_default
from btfview.source import Span

from .arguments import call_function, refuse_callback, refuse_count
from .body import Checker, Rule
from .constructors import construct
from .library.choices import result_value
from .library.conversions import convert, try_convert
from .library.defaults import default_value
from .library.helper_pointers import helper_call, transmute
from .library.integers import integer_function
from .library.memory import library_call
from .methods import method_call
from .paths import check_way, find_method, unresolved

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


# ---- calls


def call(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    callee = checker.tree.need(node, "function")
    arguments = checker.tree.children(checker.tree.need(node, "arguments"))
    generics: list[Node] | None = None
    if callee.type == "generic_function":
        generics = checker.tree.children(checker.tree.need(callee, "type_arguments"))
        callee = checker.tree.need(callee, "function")
    if callee.type == "field_expression":
        return method_call(checker, node, callee, generics, arguments, expected)
    segments = path_segments(checker.tree, callee)
    if segments is None:
        return _refuse_callee(checker, callee, arguments)
    local = checker.lookup_at(callee, segments[0]) if len(segments) == 1 else None
    if local is not None:
        kind = resolve(local.type)
        if isinstance(kind, HelperType):
            return helper_call(checker, node, kind, local.helper_number, arguments)
        return _refuse_callee(checker, callee, arguments)
    full = checker.names.expand_value(segments)
    check_way(checker, callee, segments)
    if full == SOME:
        return _some(checker, node, arguments, expected, span)
    if full in SIDES:
        return result_value(checker, node, full[3] == "Ok", arguments, expected)
    if full == ("core", "mem", "transmute"):
        return transmute(checker, node, generics, arguments, expected)
    if full in LIBRARY_FUNCTIONS:
        return library_call(checker, node, full, generics, arguments, expected)
    function = checker.names.values.get(full[0]) if len(full) == 1 else find_method(checker, full)
    if isinstance(function, Function):
        if function.owner is None:
            checker.types.check_visible(function, "function", callee)
        elif not checker.names.is_visible(function.visibility):
            message = f"associated function `{function.name}` is private"
            checker.refuse(callee.child_by_field_name("name") or callee, message, "make it `pub`", "E0624")
        if generics is not None:
            message = "function takes 0 generic arguments"
            return checker.refuse(callee, message, "generics are not supported", "E0107")
        return call_function(checker, function, [], arguments, span)
    owner = checker.owner(full[0]) if len(full) == 2 else None
    if isinstance(owner, IntType):
        called = integer_function(checker, node, owner, full[1], arguments)
        if called is not None:
            return called
    if function is not None:
        return _refuse_callee(checker, callee, arguments)
    if len(full) == 2 and full[1] == "default" and not arguments and owner is not None and has_default(owner):
        return default_value(checker, node, owner)
    made = construct(checker, node, callee, segments, arguments)
    if made is not None:
        return made
    for argument in arguments:
        checker.expr(argument)
    return unresolved(checker, callee, segments, "function")


def _refuse_callee(checker: Checker, callee: Node, arguments: list[Node]) -> Expr:
    if callee.type == "break_expression":
        return checker.refuse(callee, "`break(..)` is not understood", "write a space: `break (..)`")
    found = resolve(checker.expr(callee).type)
    for argument in arguments:
        checker.expr(argument)
    if found is ERROR:
        return Invalid(ERROR, checker.tree.span(callee))
    return checker.refuse(callee, f"expected function, found `{format_type(found)}`", None, "E0618")


def _some(checker: Checker, node: Node, arguments: list[Node], expected: Type | None, span: Span) -> Expr:
    if len(arguments) != 1:
        return refuse_count(checker, node, "enum variant", 1, arguments)
    wanted = resolve(expected) if expected is not None else None
    if isinstance(wanted, OptionType):
        value = checker.coerced(arguments[0], wanted.inner)
        return SomeValue(wanted, span, value)
    value = checker.expr(arguments[0])
    found = resolve(value.type)
    if not is_movable(found):
        return checker.refuse(node, f"`Option<{format_type(found)}>` is not supported", "hold a pointer")
    return SomeValue(OptionType(value.type), span, value)


# ---- methods


def call_path(checker: Checker, node: Node, values: list[Expr]) -> Expr:
    """Return the call of the function that *node* names with values that are there already."""
    segments = path_segments(checker.tree, node)
    full = checker.names.expand_value(segments) if segments is not None else ()
    function = checker.names.values.get(full[0]) if len(full) == 1 else find_method(checker, full)
    if not isinstance(function, Function):
        owner = checker.owner(full[0]) if len(full) == 2 and len(values) == 1 else None
        if isinstance(owner, IntType) and full[1] in ("from", "try_from"):
            return (convert if full[1] == "from" else try_convert)(checker, node, owner, values[0])
        return unresolved(checker, node, segments or ("?",), "function")
    if len(function.params) != len(values):
        return refuse_callback(checker, node, "function", len(values), len(function.params))
    given = [checker.coerce(value, param.type) for value, param in zip(values, function.params, strict=True)]
    return call_function(checker, function, given, [], checker.tree.span(node))


RULES: dict[str, Rule] = {
    "call_expression": call,
}
