"""The rule for method calls: which method of which type is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.items.names import similar
from btfview.compiler.rust.typed.tree import Expr, Invalid
from btfview.compiler.rust.types.kinds import (
    BOOL,
    ERROR,
    NEVER,
    UNIT,
    ArrayType,
    EnumType,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    is_integer,
    is_scalar,
    resolve,
)
from btfview.source import Span

from .arguments import call_function, no_method
from .body import Checker
from .library.arrays import ARRAY_METHODS, array_method
from .library.choices import OPTION_METHODS, RESULT_METHODS, bool_method, option_method
from .library.conversions import into
from .library.integers import integer_method, method_hint
from .library.pointers import pointer_method
from .places import address_of, autoderef

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

_CONST_METHODS = frozenset(
    [
        "is_some",
        "is_none",
        "is_ok",
        "is_err",
        "as_ref",
        "as_mut",
        "unwrap",
        "expect",
        "copied",
        "take",
        "replace",
    ]
)
"""Methods of Option and Result that rustc lets constants and ``const fn`` call."""


def method_call(
    checker: Checker,
    node: Node,
    callee: Node,
    generics: list[Node] | None,
    arguments: list[Node],
    expected: Type | None,
) -> Expr:
    span = checker.tree.span(node)
    name_node = checker.tree.need(callee, "field")
    name = checker.tree.name(name_node)
    receiver = checker.expr(checker.tree.need(callee, "value"))
    found = checker.known(receiver.type, receiver.span)
    if found is ERROR or found is NEVER:
        for argument in arguments:
            checker.expr(argument)
        return Invalid(ERROR, span)
    if isinstance(found, PointerType) and not found.is_ref:
        return pointer_method(checker, node, name_node, name, receiver, found, generics, arguments)
    if generics is not None:
        return checker.refuse(name_node, "generics are not supported", None, "E0107")
    base = autoderef(checker, receiver)
    base_type = resolve(base.type)
    if name == "into" and not arguments and is_scalar(base_type):
        return into(checker, node, base, expected)
    if name == "clone" and not arguments and _is_cloned(checker, base_type):
        return base
    if isinstance(base_type, (StructType, EnumType)):
        return _struct_method(checker, name_node, name, base, base_type, arguments, span)
    if isinstance(base_type, (OptionType, ResultType)):
        called = option_method(checker, name_node, name, base, base_type, arguments, span)
        if called is not None and checker.const_context and name not in _CONST_METHODS:
            return checker.refuse_unstable(name_node, f"method `{name}`")
        names = OPTION_METHODS if isinstance(base_type, OptionType) else RESULT_METHODS
        hint = f"supported: {', '.join(names)}, `?`, `match`, `if let`"
        return called or no_method(checker, name_node, name, base_type, arguments, hint)
    if base_type is BOOL:
        called = bool_method(checker, name, base, arguments, span)
        if called is not None and checker.const_context:
            return checker.refuse_unstable(name_node, f"method `{name}`")
        hint = "supported: then, then_some"
        return called or no_method(checker, name_node, name, base_type, arguments, hint)
    if is_integer(base_type):
        called = integer_method(checker, name_node, name, base, arguments, span)
        if called is not None and checker.const_context and name in ("min", "max", "clamp"):
            return checker.refuse_unstable(name_node, f"method `{name}`")
        if called is not None:
            return called
        hint = method_hint(name, base_type)
        return no_method(checker, name_node, name, base_type, arguments, hint)
    if isinstance(base_type, ArrayType):
        called = array_method(checker, name_node, name, base, base_type, arguments, span)
        hint = f"supported on arrays: {', '.join(ARRAY_METHODS)}, `[i]`, and `iter` in a `for`"
        return called or no_method(checker, name_node, name, base_type, arguments, hint)
    return no_method(checker, name_node, name, found, arguments)


def _is_cloned(checker: Checker, found: Type) -> bool:
    """Whether ``clone()`` of the type is a copy: nothing here owns what would have to be made anew."""
    match resolve(found):
        case StructType() | EnumType() as item:
            return "Clone" in item.derives and "clone" not in checker.names.methods.get(item.key, {})
        case ArrayType(element=inner) | OptionType(inner):
            return _is_cloned(checker, inner)
        case ResultType(ok, err):
            return _is_cloned(checker, ok) and _is_cloned(checker, err)
        case TupleType(elements):
            return all(_is_cloned(checker, element) for element in elements)
        case PointerType():
            return True
        case other:
            return is_scalar(other) or other is UNIT


def _struct_method(
    checker: Checker,
    name_node: Node,
    name: str,
    base: Expr,
    struct: StructType | EnumType,
    arguments: list[Node],
    span: Span,
) -> Expr:
    methods = checker.names.methods.get(struct.key, {})
    function = methods.get(name)
    if function is None:
        hint = similar(name, list(methods))
        if isinstance(struct, StructType) and struct.field(name) is not None:
            hint = "it is a field, not a method"
        return no_method(checker, name_node, name, struct, arguments, hint)
    if not checker.facts.declare_function(function):
        return Invalid(ERROR, span)
    if function.self_param is None:
        hint = f"call it as `{struct.name}::{name}(..)`"
        return no_method(checker, name_node, name, struct, arguments, hint)
    if not checker.names.is_visible(function.visibility):
        message = f"method `{name}` is private"
        return checker.refuse(name_node, message, "make it `pub`", "E0624")
    if checker.const_context and not function.is_const:
        message = f"cannot call non-const method `{function.path}` in {checker.const_context}"
        return checker.refuse(name_node, message, "make it a `const fn`", "E0015")
    wanted = resolve(function.self_param.type)
    if not isinstance(wanted, PointerType):
        return call_function(checker, function, [base], arguments, span)
    is_mut = isinstance(wanted, PointerType) and wanted.is_mut
    receiver = address_of(checker, base, base.span, is_mut=is_mut, is_raw=False)
    return call_function(checker, function, [receiver], arguments, span)
