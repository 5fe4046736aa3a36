"""Values of ``Default``, for ``unwrap_or_default``, ``core::mem::take`` and ``T::default()``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.typed.tree import Expr, Literal, NoneValue, UnitValue, Zeroed
from btfview.compiler.rust.types.kinds import (
    UNIT,
    ArrayType,
    OptionType,
    StructType,
    TupleType,
    Type,
    format_type,
    resolve,
)
from btfview.compiler.rust.types.traits import has_default
from btfview.source import Span

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def default_value(checker: Checker, node: Node, found: Type) -> Expr:
    """Return ``Default::default()`` of type *found*, or complain at *node*."""
    if has_default(found):
        return _default(checker.tree.span(node), resolve(found))
    message = f"the trait bound `{format_type(found)}: Default` is not satisfied"
    return checker.refuse(node, message, "give the value yourself, as in `unwrap_or(..)`", "E0277")


def _default(span: Span, found: Type) -> Expr:
    match found:
        case OptionType():
            return NoneValue(found, span)
        case ArrayType() | TupleType() | StructType():
            return Zeroed(found, span)  # all that has a default has one of zeros
        case other:
            return UnitValue(UNIT, span) if other is UNIT else Literal(other, span, 0)
