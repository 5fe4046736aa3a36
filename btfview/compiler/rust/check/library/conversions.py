"""Conversions between integers: ``u64::from``, ``u8::try_from``, ``into()``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.typed.definitions import Local
from btfview.compiler.rust.typed.patterns import Binding
from btfview.compiler.rust.typed.tree import (
    Block,
    Cast,
    Compare,
    Expr,
    If,
    Let,
    Literal,
    LocalPlace,
    Logic,
    ResultValue,
    StructLiteral,
)
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import (
    BOOL,
    CHAR,
    ERROR,
    InferVar,
    IntType,
    ResultType,
    Type,
    format_type,
    resolve,
)
from btfview.compiler.rust.types.layout import INFALLIBLE, TRY_FROM_INT_ERROR

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def convert(checker: Checker, node: Node, owner: IntType, value: Expr) -> Expr:
    """Return ``owner::from(value)``."""
    found = _known(checker, owner, value)
    if found is ERROR:
        return value
    if not _is_from(owner, found):
        message = f"the trait bound `{owner.name}: From<{format_type(found)}>` is not satisfied"
        return checker.refuse(node, message, f"`as {owner.name}` cuts the value off", "E0277")
    return Cast(owner, checker.tree.span(node), value)


def try_convert(checker: Checker, node: Node, owner: IntType, value: Expr) -> Expr:
    """Return ``owner::try_from(value)``."""
    span, found = checker.tree.span(node), _known(checker, owner, value)
    if found is ERROR:
        return value
    if not isinstance(found, IntType):
        if _is_from(owner, found):
            return ResultValue(ResultType(owner, INFALLIBLE), span, True, Cast(owner, span, value))
        message = f"the trait bound `{owner.name}: TryFrom<{format_type(found)}>` is not satisfied"
        return checker.refuse(node, message, "it converts integers", "E0277")
    result = ResultType(owner, INFALLIBLE if _is_from(owner, found) else TRY_FROM_INT_ERROR)
    held = Local("value", found, span, False)
    read = LocalPlace(found, span, held)
    good = ResultValue(result, span, True, Cast(owner, span, read))
    limits = [
        Compare(BOOL, span, operator, read, Literal(found, span, limit))
        for operator, limit, is_needed in (
            (">=", owner.minimum, owner.minimum > found.minimum),
            ("<=", owner.maximum, owner.maximum < found.maximum),
        )
        if is_needed
    ]
    whole: Expr = good
    if limits:
        fits: Expr = limits[0] if len(limits) == 1 else Logic(BOOL, span, "&&", limits[0], limits[1])
        error = StructLiteral(TRY_FROM_INT_ERROR, span, TRY_FROM_INT_ERROR, ())
        whole = If(result, span, fits, good, ResultValue(result, span, False, error))
    return Block(result, span, (Let(span, Binding(span, held, None), value, None),), whole)


def into(checker: Checker, node: Node, value: Expr, expected: Type | None) -> Expr:
    """Return ``value.into()``, of which the surroundings say what it becomes."""
    target = resolve(expected) if expected is not None else None
    if isinstance(target, IntType):
        return convert(checker, node, target, value)
    return checker.refuse(node, "what `into()` makes is not known here", "write it: `u64::from(value)`")


def _known(checker: Checker, owner: IntType, value: Expr) -> Type:
    """Return the type of *value*; an integer literal is one of *owner*."""
    found = checker.known(value.type, value.span)
    if isinstance(found, InferVar):
        unify(found, owner)
        return owner
    return found


def _is_from(owner: IntType, found: Type) -> bool:
    """Whether ``owner: From<found>`` (core: ``convert::num``), which holds on every width of ``usize``."""
    if not isinstance(found, IntType):
        is_wide = not owner.is_signed and owner.bits >= 32 and owner.name != "usize"
        return found is BOOL or (found is CHAR and is_wide)
    limit = {"usize": 16, "isize": 16}.get(owner.name, owner.bits)
    small = found.bits < limit or (found.bits == limit and owner.name in ("usize", "isize"))
    same_sign = not found.is_signed or owner.is_signed
    room = small if found.is_signed == owner.is_signed else found.bits < limit
    return unify(found, owner) or (same_sign and room and found.name not in ("usize", "isize"))
