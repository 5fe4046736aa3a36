"""Rules for names and paths: locals, constants, statics, ``None``; and what to say where one is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.items.core_names import (
    LIBRARY_FUNCTIONS,
    MAYBE_UNINIT,
    NONE,
    OLD_QUERIES,
    OPTION,
    SIDES,
    SOME,
    is_library_path,
)
from btfview.compiler.rust.items.names import normal_module, path_segments, similar
from btfview.compiler.rust.typed.definitions import Const, Constant, Function, Static
from btfview.compiler.rust.typed.tree import (
    ConstValue,
    Expr,
    FunctionPointer,
    Invalid,
    Literal,
    LocalPlace,
    NoneValue,
    StaticPlace,
    UnitValue,
)
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import (
    ERROR,
    PRIMITIVES,
    UNIT,
    EnumType,
    HelperType,
    IntType,
    OptionType,
    StructType,
    Type,
    format_type,
    is_scalar,
    resolve,
)
from btfview.source import Span

from .body import Checker, Rule
from .constructors import struct_value

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def path(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    segments = path_segments(checker.tree, node)
    if segments is None:
        return checker.refuse(node, "this path is not supported", "generics are not supported")
    if len(segments) == 1:
        local = checker.lookup_at(node, segments[0])
        if local is not None:
            return LocalPlace(local.type, span, local)
        if segments[0] == "_":
            message = "in expressions, `_` can only be used on the left-hand side of an assignment"
            return checker.refuse(node, message, "write a value")
    full = checker.names.expand_value(segments)
    check_way(checker, node, segments)
    if len(full) == 1:
        made = struct_value(checker, node, segments, span)
        made = made or _function_pointer(checker, node, full[0], expected, span)
        return made if made is not None else _item_value(checker, node, full[0], span)
    if full == NONE:
        return none_value(checker, span, expected)
    if full == SOME:
        return checker.refuse(node, "`Some` is not supported as a function value", "write `Some(value)`")
    if full in SIDES:
        hint = f"write `{full[3]}(value)`"
        return checker.refuse(node, f"`{full[3]}` is not supported as a function value", hint)
    if full in LIBRARY_FUNCTIONS or find_method(checker, full) is not None:
        return checker.refuse(node, "functions are not supported as values", "call it: `..(..)`")
    known = checker.owner(full[0])
    if isinstance(known, (StructType, EnumType)) and len(full) == 2:
        found = _associated(checker, node, known, full[1], span)
        if found is not None:
            return found
    if isinstance(known, IntType) and len(full) == 2 and full[1] in ("MAX", "MIN"):
        return Literal(known, span, known.maximum if full[1] == "MAX" else known.minimum)
    if isinstance(known, IntType) and len(full) == 2 and full[1] == "BITS":
        return Literal(PRIMITIVES["u32"], span, known.bits)
    return unresolved(checker, node, segments, "value")


def _function_pointer(
    checker: Checker, node: Node, name: str, expected: Type | None, span: Span
) -> Expr | None:
    """Return the address of the function *name* where a static wants one; None where it does not."""
    item = checker.names.values.get(name)
    wanted = resolve(expected) if expected is not None else None
    if not isinstance(item, Function) or not isinstance(wanted, HelperType) or checker.function is not None:
        return None
    checker.types.check_visible(item, "function", node)
    if item.helper_number is not None or item.is_kfunc:
        return checker.refuse(node, f"`{name}` is the kernel's, and has no address here")
    if not checker.facts.declare_function(item):
        return Invalid(ERROR, span)
    found = HelperType(tuple(param.type for param in item.params), item.result, item.is_unsafe)
    if not item.is_extern_c or (item.is_unsafe and not wanted.is_unsafe) or not unify(found, wanted):
        hint = f"expected `{format_type(wanted)}`, found `{format_type(found)}`"
        if not item.is_extern_c:
            hint = 'declare it `extern "C" fn`'
        return checker.refuse(node, "mismatched types", hint, "E0308")
    return FunctionPointer(wanted, span, item)


def _associated(
    checker: Checker, node: Node, owner: StructType | EnumType, name: str, span: Span
) -> Expr | None:
    """Return the variant or associated constant of *owner* with that name."""
    if isinstance(owner, EnumType) and owner.variant(name) is not None:
        checker.facts.complete_enum(owner)
        variant = owner.variant(name)
        return Literal(owner, span, variant.value) if variant is not None else None
    const = checker.names.consts.get(owner.key, {}).get(name)
    if const is None:
        return None
    if not checker.names.is_visible(const.visibility):
        message = f"associated constant `{name}` is private"
        return checker.refuse(node.child_by_field_name("name") or node, message, "make it `pub`", "E0624")
    return _const(checker, const, span)


def _const(checker: Checker, item: Const, span: Span) -> Expr:
    value = checker.facts.const_value(item)
    return Invalid(ERROR, span) if value is None else _known_value(value, item.type, span)


def _known_value(value: Constant, found: Type, span: Span) -> Expr:
    if resolve(found) is UNIT:
        return UnitValue(UNIT, span)
    if isinstance(value, int) and is_scalar(found):
        return Literal(found, span, value)
    return ConstValue(found, span, value)


def const_block(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    wanted = expected if expected is not None else checker.new_var(span)
    value = checker.facts.evaluate(checker.tree.children(node)[-1], wanted, checker.context)
    return Invalid(ERROR, span) if value is None else _known_value(value, wanted, span)


def _item_value(checker: Checker, node: Node, name: str, span: Span) -> Expr:
    item = checker.names.values.get(name)
    if isinstance(item, (Const, Static)):
        checker.types.check_visible(item, "constant" if isinstance(item, Const) else "static", node)
    match item:
        case Const():
            return _const(checker, item, span)
        case Static():
            if item.is_mut:
                checker.need_unsafe(span, "use of mutable static")
            elif item.is_external and not item.is_safe:
                checker.need_unsafe(span, "use of extern static")
            checker.facts.declare_value(item)
            return StaticPlace(item.type, span, item)
        case Function():
            return checker.refuse(node, "functions are not supported as values", f"call it: `{name}(..)`")
    if name == "self" and name not in checker.outer_locals:
        message = "expected value, found module `self`"
        return checker.refuse(node, message, "`self` needs a `&self` parameter", "E0424")
    return unresolved(checker, node, (name,), "value")


def check_way(checker: Checker, node: Node, segments: tuple[str, ...]) -> None:
    """Complain about a private module on the way of a path."""
    hidden = checker.names.private_module(segments) if len(segments) > 2 else None
    if hidden is not None:
        checker.refuse(node, f"module `{hidden}` is private", "make it `pub`", "E0603")
        return
    imported = checker.names.private_import(segments) if len(segments) > 1 else None
    if imported is not None:
        checker.refuse(node, f"import `{imported}` is private", "write `pub use`", "E0603")
    elif checker.names.globs and checker.names.is_ambiguous(segments[0]):
        hint = "import the one that is meant by its name"
        checker.refuse(node, f"`{segments[0]}` is ambiguous", hint, "E0659")


def unresolved(checker: Checker, node: Node, segments: tuple[str, ...], what: str) -> Expr:
    """Complain about a name that does not exist, as rustc words it."""
    name, before = segments[-1], checker.names.expand(segments)[:-1]
    if segments.count("super") > len(normal_module(checker.names.module)):
        return checker.refuse(node, "too many leading `super` keywords", None, "E0433")
    if len(segments) == 1 and name in checker.names.told_missing:
        return Invalid(ERROR, checker.tree.span(node))
    last = node.child_by_field_name("name") or node
    if name in OLD_QUERIES:
        current = f"write `core::btf::{OLD_QUERIES[name]}!(A, field)`, with the names of a type and a field"
        return checker.refuse(node, f"`{name}` is an older spelling of the query", current)
    if not before and name in checker.outer_locals:
        if checker.function is not None:
            message = "can't capture dynamic environment (local variable) in a fn item"
            return checker.refuse(node, message, "hand it over as an argument", "E0434")
        message = f"attempt to use a non-constant value in a constant: `{name}`"
        return checker.refuse(node, message, "write a `const` item", "E0435")
    if not before:
        visible = checker.visible_names()
        hint = checker.names.similar_value(name, visible)
        if name in visible:  # and yet it was not found
            hint = f"a macro does not see its caller's `{name}`: hand it over, as in `m!({name})`"
        return checker.refuse(node, f"cannot find {what} `{name}` in this scope", hint, "E0425")
    if segments[0] == "Self" and checker.context.self_type is None:
        return checker.refuse(node, "cannot find `Self` in this scope", "`Self` is known in an impl", "E0433")
    owner = checker.owner(before[0])
    if isinstance(owner, (StructType, EnumType)):
        known = [*checker.names.methods.get(owner.key, {}), *checker.names.consts.get(owner.key, {})]
        if isinstance(owner, EnumType):
            known += [variant.name for variant in owner.variants]
            message = f"no variant, associated function, or constant named `{name}` found for enum"
        else:
            message = f"no function or associated item named `{name}` found for struct"
        message += f" `{owner.name}` in the current scope"
        return checker.refuse(last, message, similar(name, known), "E0599")
    if tuple(before[0].split("::")) in checker.names.modules or "::" in checker.names.expand(segments)[0]:
        inside = "::".join(segments[:-1])
        return checker.refuse(last, f"cannot find {what} `{name}` in module `{inside}`", None, "E0425")
    if before == OPTION or before[0] in PRIMITIVES:
        message = f"no associated item named `{name}` found for `{before[-1]}` in the current scope"
        return checker.refuse(last, message, "`Some`, `None`, `MIN`, `MAX` and `BITS` are known", "E0599")
    if before == MAYBE_UNINIT:
        hint = "begin with a value, or with `unsafe { core::mem::zeroed() }`"
        return checker.refuse(node, "uninitialised memory is not supported", hint)
    if is_library_path(before):
        message = f"cannot find {what} `{name}` in module `{'::'.join(before)}`"
        return checker.refuse(last, message, "btfview knows little of `core`; see its documentation", "E0425")
    message = f"cannot find module or crate `{segments[0]}` in this scope"
    return checker.refuse(node, message, "one file is compiled alone, with a part of `core`", "E0433")


def none_value(checker: Checker, span: Span, expected: Type | None) -> Expr:
    wanted = resolve(expected) if expected is not None else None
    if isinstance(wanted, OptionType):
        return NoneValue(wanted, span)
    if wanted is ERROR:
        return Invalid(ERROR, span)
    return NoneValue(OptionType(checker.new_var(span)), span)


def find_method(checker: Checker, full: tuple[str, ...]) -> Function | None:
    """Return the function that ``Type::name`` names."""
    if len(full) != 2:
        return None
    owner = checker.owner(full[0])
    if not isinstance(owner, (StructType, EnumType)):
        return None
    return checker.names.methods.get(owner.key, {}).get(full[1])


RULES: dict[str, Rule] = {"identifier": path, "scoped_identifier": path, "self": path}
