"""Methods of raw pointers and references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.arguments import no_method, take_arguments
from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.typed.tree import (
    Cast,
    Compare,
    Expr,
    Invalid,
    Literal,
    PointerAccess,
    PointerOffset,
)
from btfview.compiler.rust.types.kinds import (
    BOOL,
    C_VOID,
    ERROR,
    ISIZE,
    UNIT,
    USIZE,
    OptionType,
    PointerType,
    StructType,
    format_type,
    resolve,
)
from btfview.compiler.rust.types.layout import size_of
from btfview.source import Span

from .sizes import complete

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


_POINTER_METHODS = (
    "add sub offset wrapping_add wrapping_sub wrapping_offset byte_add byte_sub byte_offset cast cast_mut "
    "cast_const is_null as_ref as_mut read read_unaligned read_volatile write write_unaligned write_volatile"
)


def pointer_method(
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
        taken = take_arguments(checker, name_node, arguments, [ISIZE if plain == "offset" else USIZE])
        if taken is None:
            return Invalid(ERROR, span)
        pointee = checker.known(found.pointee, span)
        complete(checker, pointee)
        stride = 1 if name.startswith("byte_") or pointee is C_VOID else size_of(pointee)
        return PointerOffset(found, span, receiver, taken[0], -stride if plain == "sub" else stride)
    if name in ("cast", "cast_mut", "cast_const"):
        if take_arguments(checker, name_node, arguments, []) is None:
            return Invalid(ERROR, span)
        pointee = found.pointee
        if name == "cast":
            if generics is not None and len(generics) != 1:
                return checker.refuse(name_node, "`cast` takes one generic argument", None, "E0107")
            pointee = checker.read_type(generics[0]) if generics else checker.new_var(span)
        is_mut = found.is_mut if name == "cast" else name == "cast_mut"
        return Cast(PointerType(pointee, is_mut, False), span, receiver)
    if name == "is_null":
        if take_arguments(checker, name_node, arguments, []) is None:
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
    return no_method(checker, name_node, name, found, arguments, hint)


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
    if take_arguments(checker, name_node, arguments, []) is None:
        return Invalid(ERROR, span)
    if is_mut and not found.is_mut:
        return no_method(checker, name_node, "as_mut", found, arguments, "it needs a `*mut` pointer")
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
        return no_method(checker, name_node, name, found, arguments, "it needs a `*mut` pointer")
    pointee = checker.known(found.pointee, span)
    if pointee is C_VOID or pointee is UNIT:
        return checker.refuse(name_node, f"`{format_type(pointee)}` has no value", "cast the pointer first")
    taken = take_arguments(checker, name_node, arguments, [found.pointee] if is_write else [])
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
