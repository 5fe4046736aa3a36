"""The rule for ``as``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed.tree import Cast, Expr, Invalid
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import (
    BOOL,
    CHAR,
    ERROR,
    NEVER,
    U8,
    USIZE,
    ArrayType,
    EnumType,
    InferVar,
    IntType,
    PointerType,
    Type,
    format_type,
    is_integer,
    resolve,
)

from .body import Checker

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def cast(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    target = checker.read_type(checker.tree.need(node, "type"))
    value_node = checker.tree.need(node, "value")
    hint = (
        target if value_node.type in ("integer_literal", "unary_expression") and is_integer(target) else None
    )
    value = checker.expr(value_node, hint)
    found, target = checker.known(value.type, value.span), resolve(target)
    if ERROR in (found, target):
        return Invalid(ERROR, span)
    if isinstance(found, PointerType) and isinstance(target, PointerType):
        pointee = resolve(target.pointee)
        if isinstance(pointee, InferVar):
            unify(pointee, found.pointee)
    problem = _cast_problem(found, target)
    if problem is not None:
        code, hint_text = problem
        message = {
            "E0054": f"cannot cast `{format_type(found)}` as `bool`",
            "E0604": f"only `u8` can be cast as `char`, not `{format_type(found)}`",
            "E0606": f"casting `{format_type(found)}` as `{format_type(target)}` is invalid",
            "E0605": f"non-primitive cast: `{format_type(found)}` as `{format_type(target)}`",
        }[code]
        checker.report.error(span, message, code=code, hint=hint_text)
        return Invalid(ERROR, span)
    return Cast(target, span, value)


def _cast_problem(found: Type, target: Type) -> tuple[str, str | None] | None:
    """Return rustc's code and a hint where ``found as target`` is not allowed (reference: `as` casts)."""
    if found is NEVER:
        return None
    if isinstance(target, IntType):
        if is_integer(found) or found is BOOL or found is CHAR or isinstance(found, EnumType):
            return None
        if isinstance(found, PointerType):
            return ("E0606", "cast to a raw pointer first") if found.is_ref else None
        return "E0605", None
    if target is BOOL:
        if found is BOOL:
            return None
        return ("E0054", "compare with zero instead: `!= 0`") if is_integer(found) else ("E0605", None)
    if target is CHAR:
        if found is CHAR or (is_integer(found) and unify(found, U8)):
            return None
        return ("E0604", "cast to `u8` first") if is_integer(found) else ("E0605", None)
    if isinstance(target, PointerType):
        if isinstance(found, PointerType) and not target.is_ref:
            if not found.is_ref:
                return None
            element = resolve(found.pointee)
            is_array_start = isinstance(element, ArrayType) and unify(element.element, target.pointee)
            if (found.is_mut or not target.is_mut) and (
                is_array_start or unify(found.pointee, target.pointee)
            ):
                return None
            return "E0606", f"first cast to `*const {format_type(found.pointee)}`"
        if is_integer(found) and not target.is_ref:
            unify(found, USIZE)
            return None
        if unify(found, target):
            return None
        return "E0605", "`unsafe { &*pointer }` makes a reference of a raw pointer" if target.is_ref else None
    return None if unify(found, target) else ("E0605", None)
