"""Values of ``Default``, for ``unwrap_or_default`` and ``core::mem::take``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .checker import Checker
from .nodes import ArrayRepeat, Expr, Literal, NoneValue, TupleLiteral, UnitValue
from .types import BOOL, CHAR, UNIT, ArrayType, OptionType, TupleType, Type, format_type, is_integer, resolve

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_DEFAULT_LENGTH = 32
"""Longest array that has a default (core: ``impl Default for [T; N]``)."""


def default_value(checker: Checker, node: Node, found: Type) -> Expr:
    """Return ``Default::default()`` of type *found*, or complain at *node*."""
    value = _default(checker, node, found)
    if value is not None:
        return value
    message = f"the trait bound `{format_type(found)}: Default` is not satisfied"
    return checker.refuse(node, message, "give the value yourself, as in `unwrap_or(..)`", "E0277")


def _default(checker: Checker, node: Node, found: Type) -> Expr | None:
    span, resolved = checker.tree.span(node), resolve(found)
    if is_integer(resolved) or resolved is BOOL or resolved is CHAR:
        return Literal(resolved, span, 0)
    if resolved is UNIT:
        return UnitValue(UNIT, span)
    match resolved:
        case OptionType():
            return NoneValue(resolved, span)
        case ArrayType(element, length) if length <= _MAX_DEFAULT_LENGTH:
            value = _default(checker, node, element)
            return ArrayRepeat(resolved, span, value, length) if value is not None else None
        case TupleType(elements):
            values = [_default(checker, node, element) for element in elements]
            parts = tuple(value for value in values if value is not None)
            return TupleLiteral(resolved, span, parts) if len(parts) == len(values) else None
    return None
