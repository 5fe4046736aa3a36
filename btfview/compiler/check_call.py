"""Rules for calls and methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.source import Span

from .check_array import ARRAY_METHODS, array_method
from .check_convert import convert, into, try_convert
from .check_default import default_value
from .check_helper import helper_call, transmute
from .check_integer import integer_function, integer_method, method_hint
from .check_layout import complete
from .check_library import library_call
from .check_option import OPTION_METHODS, RESULT_METHODS, bool_method, option_method, result_value
from .check_path import check_way, find_method, unresolved
from .check_place import address_of, autoderef, read_type
from .check_tuple_struct import construct
from .checker import Checker, Rule
from .rust.items.core_names import LIBRARY_FUNCTIONS, SIDES, SOME
from .rust.items.names import path_segments, similar
from .rust.typed.definitions import Function
from .rust.typed.tree import (
    Call,
    Cast,
    Compare,
    Expr,
    Invalid,
    Literal,
    PointerAccess,
    PointerOffset,
    SomeValue,
)
from .rust.types.kinds import (
    BOOL,
    C_VOID,
    ERROR,
    ISIZE,
    NEVER,
    UNIT,
    USIZE,
    ArrayType,
    EnumType,
    HelperType,
    IntType,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    format_type,
    is_integer,
    is_scalar,
    resolve,
)
from .rust.types.layout import size_of
from .rust.types.passing import is_movable
from .rust.types.traits import has_default

if TYPE_CHECKING:
    from tree_sitter import Node

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
_POINTER_METHODS = (
    "add sub offset wrapping_add wrapping_sub wrapping_offset byte_add byte_sub byte_offset cast cast_mut "
    "cast_const is_null as_ref as_mut read read_unaligned read_volatile write write_unaligned write_volatile"
)


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
    local = checker.lookup(segments[0]) if len(segments) == 1 else None
    if local is not None:
        kind = resolve(local.type)
        if isinstance(kind, HelperType):
            return helper_call(checker, node, kind, local.helper_number, arguments)
        return _refuse_callee(checker, callee, arguments)
    full = checker.names.expand(segments)
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
        return _call_function(checker, function, [], arguments, span)
    owner = checker.types.owner(full[0]) if len(full) == 2 else None
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


def _call_function(
    checker: Checker, function: Function, given: list[Expr], arguments: list[Node], span: Span
) -> Expr:
    """Return the call; *given* holds the receiver of a method, already as its parameter wants it."""
    if function.is_unsafe:
        checker.need_unsafe(span, f"call to unsafe function `{function.path}`")
    if checker.const_context and not function.is_const:
        message = f"cannot call non-const function `{function.path}` in {checker.const_context}"
        checker.report.error(span, message, code="E0015", hint="make it a `const fn`")
        return Invalid(ERROR, span)
    checker.program.declare_function(function)
    checker.calls.append((function, span))
    params = function.params[len(given) :]
    count_is_wrong = len(arguments) < len(params) if function.is_variadic else len(arguments) != len(params)
    if count_is_wrong:
        plural = "" if len(params) == 1 else "s"
        were = "argument was" if len(arguments) == 1 else "arguments were"
        kind = "method" if given else "function"
        names = ", ".join(f"{param.name}: {format_type(param.type)}" for param in params)
        checker.report.error(
            span,
            f"this {kind} takes {len(params)} argument{plural} but {len(arguments)} {were} supplied",
            code="E0061",
            hint=f"it is `{function.name}({names})`",
        )
        for argument in arguments:
            checker.expr(argument)
        return Invalid(function.result, span)
    values = given + [
        checker.coerced(argument, param.type) for argument, param in zip(arguments, params, strict=False)
    ]
    for argument in arguments[len(params) :]:
        values.append(_variadic_argument(checker, argument))
    if len(values) > 5 and function.helper_number is not None:
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


def _some(checker: Checker, node: Node, arguments: list[Node], expected: Type | None, span: Span) -> Expr:
    if len(arguments) != 1:
        message = f"this enum variant takes 1 argument but {len(arguments)} were supplied"
        return checker.refuse(node, message, None, "E0061")
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
        return _pointer_method(checker, node, name_node, name, receiver, found, generics, arguments)
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
        return called or _no_method(checker, name_node, name, base_type, arguments, hint)
    if base_type is BOOL:
        called = bool_method(checker, name, base, arguments, span)
        if called is not None and checker.const_context:
            return checker.refuse_unstable(name_node, f"method `{name}`")
        hint = "supported: then, then_some"
        return called or _no_method(checker, name_node, name, base_type, arguments, hint)
    if is_integer(base_type):
        called = integer_method(checker, name_node, name, base, arguments, span)
        if called is not None and checker.const_context and name in ("min", "max", "clamp"):
            return checker.refuse_unstable(name_node, f"method `{name}`")
        if called is not None:
            return called
        hint = method_hint(name, base_type)
        return _no_method(checker, name_node, name, base_type, arguments, hint)
    if isinstance(base_type, ArrayType):
        called = array_method(checker, name_node, name, base, base_type, arguments, span)
        hint = f"supported on arrays: {', '.join(ARRAY_METHODS)}, `[i]`, and `iter` in a `for`"
        return called or _no_method(checker, name_node, name, base_type, arguments, hint)
    return _no_method(checker, name_node, name, found, arguments)


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


def _no_method(
    checker: Checker, name_node: Node, name: str, found: Type, arguments: list[Node], hint: str | None = None
) -> Expr:
    for argument in arguments:
        if argument.type != "closure_expression":
            checker.expr(argument)
    kind = "struct" if isinstance(found, StructType) else "type"
    message = f"no method named `{name}` found for {kind} `{format_type(found)}` in the current scope"
    return checker.refuse(name_node, message, hint, "E0599")


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
        return _no_method(checker, name_node, name, struct, arguments, hint)
    checker.program.declare_function(function)
    if function.self_param is None:
        hint = f"call it as `{struct.name}::{name}(..)`"
        return _no_method(checker, name_node, name, struct, arguments, hint)
    if not checker.names.is_visible(function.visibility):
        message = f"method `{name}` is private"
        return checker.refuse(name_node, message, "make it `pub`", "E0624")
    if checker.const_context and not function.is_const:
        message = f"cannot call non-const method `{function.path}` in {checker.const_context}"
        return checker.refuse(name_node, message, "make it a `const fn`", "E0015")
    wanted = resolve(function.self_param.type)
    if not isinstance(wanted, PointerType):
        return _call_function(checker, function, [base], arguments, span)
    is_mut = isinstance(wanted, PointerType) and wanted.is_mut
    receiver = address_of(checker, base, base.span, is_mut=is_mut, is_raw=False)
    return _call_function(checker, function, [receiver], arguments, span)


def _take(checker: Checker, node: Node, arguments: list[Node], wanted: list[Type]) -> list[Expr] | None:
    if len(arguments) != len(wanted):
        plural = "" if len(wanted) == 1 else "s"
        were = "was" if len(arguments) == 1 else "were"
        message = f"this method takes {len(wanted)} argument{plural} but {len(arguments)} {were} supplied"
        checker.refuse(node, message, None, "E0061")
        return None
    return [checker.coerced(argument, want) for argument, want in zip(arguments, wanted, strict=True)]


def _pointer_method(
    checker: Checker,
    node: Node,
    name_node: Node,
    name: str,
    receiver: Expr,
    found: PointerType,
    generics: list[Node] | None,
    arguments: list[Node],
) -> Expr:
    span = checker.tree.span(node)
    if generics is not None and name != "cast":
        return checker.refuse(name_node, f"`{name}` takes no generic arguments", None, "E0107")
    plain = name.removeprefix("wrapping_").removeprefix("byte_")
    if plain in ("add", "sub", "offset") and name in _POINTER_METHODS.split():
        if not name.startswith("wrapping_"):
            checker.need_unsafe(span, f"call to unsafe method `{name}`")
        taken = _take(checker, name_node, arguments, [ISIZE if plain == "offset" else USIZE])
        if taken is None:
            return Invalid(ERROR, span)
        pointee = checker.known(found.pointee, span)
        complete(checker, pointee)
        stride = 1 if name.startswith("byte_") or pointee is C_VOID else size_of(pointee)
        return PointerOffset(found, span, receiver, taken[0], -stride if plain == "sub" else stride)
    if name in ("cast", "cast_mut", "cast_const"):
        if _take(checker, name_node, arguments, []) is None:
            return Invalid(ERROR, span)
        pointee = found.pointee
        if name == "cast":
            if generics is not None and len(generics) != 1:
                return checker.refuse(name_node, "`cast` takes one generic argument", None, "E0107")
            pointee = read_type(checker, generics[0]) if generics else checker.new_var(span)
        is_mut = found.is_mut if name == "cast" else name == "cast_mut"
        return Cast(PointerType(pointee, is_mut, False), span, receiver)
    if name == "is_null":
        if _take(checker, name_node, arguments, []) is None:
            return Invalid(ERROR, span)
        return Compare(BOOL, span, "==", receiver, Literal(found, span, 0))
    verb, _, manner = name.partition("_")
    if verb in ("read", "write") and manner in ("", "unaligned", "volatile"):
        return _pointer_access(checker, name_node, name, receiver, found, arguments, span)
    hint = f"supported on raw pointers: {_POINTER_METHODS.replace(' ', ', ')}"
    pointee = resolve(found.pointee)
    if isinstance(pointee, StructType) and name in checker.names.methods.get(pointee.key, {}):
        hint = f"make a reference first: `unsafe {{ &*pointer }}.{name}(..)`"
    if name in ("as_ref", "as_mut"):
        return _as_ref(checker, name_node, name == "as_mut", receiver, found, arguments, span)
    return _no_method(checker, name_node, name, found, arguments, hint)


def _as_ref(
    checker: Checker,
    name_node: Node,
    is_mut: bool,
    receiver: Expr,
    found: PointerType,
    arguments: list[Node],
    span: Span,
) -> Expr:
    checker.need_unsafe(span, f"call to unsafe method `{'as_mut' if is_mut else 'as_ref'}`")
    if _take(checker, name_node, arguments, []) is None:
        return Invalid(ERROR, span)
    if is_mut and not found.is_mut:
        return _no_method(checker, name_node, "as_mut", found, arguments, "it needs a `*mut` pointer")
    pointee = checker.known(found.pointee, span)
    if pointee is C_VOID or pointee is UNIT:
        return checker.refuse(name_node, f"`{format_type(pointee)}` has no value", "cast the pointer first")
    return Cast(OptionType(PointerType(found.pointee, is_mut, True)), span, receiver)


def _pointer_access(
    checker: Checker,
    name_node: Node,
    name: str,
    receiver: Expr,
    found: PointerType,
    arguments: list[Node],
    span: Span,
) -> Expr:
    verb, _, manner = name.partition("_")
    checker.need_unsafe(span, f"call to unsafe method `{name}`")
    is_write = verb == "write"
    if is_write and not found.is_mut:
        return _no_method(checker, name_node, name, found, arguments, "it needs a `*mut` pointer")
    pointee = checker.known(found.pointee, span)
    if pointee is C_VOID or pointee is UNIT:
        return checker.refuse(name_node, f"`{format_type(pointee)}` has no value", "cast the pointer first")
    taken = _take(checker, name_node, arguments, [found.pointee] if is_write else [])
    if taken is None or pointee is ERROR:
        return Invalid(ERROR, span)
    return PointerAccess(
        UNIT if is_write else found.pointee,
        span,
        receiver,
        taken[0] if is_write else None,
        manner == "volatile",
        manner != "unaligned",
    )


def call_path(checker: Checker, node: Node, values: list[Expr]) -> Expr:
    """Return the call of the function that *node* names with values that are there already."""
    segments = path_segments(checker.tree, node)
    full = checker.names.expand(segments) if segments is not None else ()
    function = checker.names.values.get(full[0]) if len(full) == 1 else find_method(checker, full)
    if not isinstance(function, Function):
        owner = checker.types.owner(full[0]) if len(full) == 2 and len(values) == 1 else None
        if isinstance(owner, IntType) and full[1] in ("from", "try_from"):
            return (convert if full[1] == "from" else try_convert)(checker, node, owner, values[0])
        return unresolved(checker, node, segments or ("?",), "function")
    if len(function.params) != len(values):
        plural = "" if len(values) == 1 else "s"
        takes = len(function.params)
        message = f"function is expected to take {len(values)} argument{plural}, but it takes {takes}"
        return checker.refuse(node, message, None, "E0593")
    given = [checker.coerce(value, param.type) for value, param in zip(values, function.params, strict=True)]
    return _call_function(checker, function, given, [], checker.tree.span(node))


Checker.call_path = call_path

RULES: dict[str, Rule] = {
    "call_expression": call,
}
