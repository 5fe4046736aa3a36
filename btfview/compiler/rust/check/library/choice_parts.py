"""What the methods of ``Option`` and ``Result`` are put together from."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.check.places import check_writable
from btfview.compiler.rust.typed.definitions import Local
from btfview.compiler.rust.typed.patterns import (
    Binding,
    NonePattern,
    Pattern,
    ResultPattern,
    SomePattern,
    Wildcard,
)
from btfview.compiler.rust.typed.tree import (
    AddressOf,
    Arm,
    Assign,
    Block,
    Deref,
    Expr,
    ExprStatement,
    If,
    IsSome,
    Let,
    Literal,
    LocalPlace,
    Match,
    NoneValue,
    Panic,
    ResultValue,
    SomeValue,
    Statement,
    Unary,
    UnitValue,
)
from btfview.compiler.rust.types.kinds import (
    BOOL,
    ERROR,
    NEVER,
    UNIT,
    OptionType,
    PointerType,
    ResultType,
    Type,
    format_type,
    resolve,
)
from btfview.compiler.rust.types.passing import is_movable
from btfview.source import Span

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

OptionLike: TypeAlias = OptionType | ResultType


class OptionParts:
    """The receiver of a method, and the nodes that its expansion is made of."""

    def __init__(self, checker: Checker, node: Node, base: Expr, span: Span) -> None:
        self.checker = checker
        self.node = node
        self.base = base
        self.span = span
        self.before: list[Statement] = []

    # ---- parts

    def local(self, found: Type) -> Local:
        return Local("value", found, self.span, False)

    def read(self, local: Local) -> Expr:
        if resolve(local.type) is UNIT:
            return UnitValue(UNIT, self.span)
        return LocalPlace(local.type, self.span, local)

    def let(self, local: Local, value: Expr) -> Let:
        pattern: Pattern = Binding(self.span, local, None)
        return Let(self.span, Wildcard(self.span) if resolve(local.type) is UNIT else pattern, value, None)

    def option_of(self, inner: Type) -> OptionType:
        """Return ``Option<inner>``, and complain later if there is none."""
        checker, node = self.checker, self.node

        def check() -> None:
            found = resolve(inner)
            if not is_movable(found):
                checker.refuse(node, f"`Option<{format_type(found)}>` is not supported", "hold a pointer")

        checker.later(check)
        return OptionType(inner)

    def eager(self, node: Node, wanted: Type | None = None) -> Expr:
        """Return an argument, worked out after the receiver and before anything is looked at."""
        value = self.checker.coerced(node, wanted) if wanted is not None else self.checker.expr(node)
        if isinstance(value, (Literal, NoneValue, UnitValue)) or resolve(value.type) is ERROR:
            return value
        base = self.local(self.base.type)
        given = self.local(value.type)
        self.before += [self.let(base, self.base), self.let(given, value)]
        self.base = self.read(base)
        return self.read(given)

    def whole(self, found: Type, arms: tuple[Arm, ...]) -> Expr:
        value = Match(found, self.span, self.base, arms)
        return Block(found, self.span, tuple(self.before), value) if self.before else value

    def arm(self, pattern: Pattern, body: Expr) -> Arm:
        return Arm(pattern, None, body, self.span)

    def bound(self, local: Local) -> Pattern:
        return Wildcard(self.span) if resolve(local.type) is UNIT else Binding(self.span, local, None)

    def branches(
        self, option: OptionLike, local: Local, some: Expr, none: Expr, other: Local | None = None
    ) -> Expr:
        """Return the match that gives *some* for ``Some(local)``/``Ok(local)`` and *none* else."""
        found, some = self.checker.merge(None, some)
        found, none = self.checker.merge(found, none)
        span = self.span
        if isinstance(option, OptionType):
            first: Pattern = SomePattern(span, option, self.bound(local))
            second: Pattern = NonePattern(span, option)
        else:
            first = ResultPattern(span, option, True, self.bound(local))
            rest = self.bound(other) if other is not None else Wildcard(span)
            second = ResultPattern(span, option, False, rest)
        return self.whole(found, (self.arm(first, some), self.arm(second, none)))

    def panics(self, name: str, nodes: list[Node]) -> Expr:
        """Return what ``unwrap`` and its like do where there is nothing to take."""
        if name == "unwrap_unchecked":
            self.checker.need_unsafe(self.span, "call to unsafe method `unwrap_unchecked`")
        if nodes and nodes[0].type != "string_literal":
            hint = "`expect` takes a message, which is not kept"
            self.checker.refuse(nodes[0], "expected a string literal", hint, "E0308")
        return Panic(NEVER, self.span)

    def as_reference(self, option: OptionType, is_mut: bool) -> Expr:
        """Return ``as_ref()`` or ``as_mut()``."""
        span = self.span
        if is_mut:
            check_writable(self.checker, self.base, span, is_borrow=True)
        local = self.local(PointerType(option.inner, is_mut, True))
        wanted = OptionType(local.type)
        bound = SomePattern(span, option, Binding(span, local, None, True))
        some = SomeValue(wanted, span, LocalPlace(local.type, span, local))
        arms = (self.arm(bound, some), self.arm(NonePattern(span, option), NoneValue(wanted, span)))
        return self.whole(wanted, arms)

    def result_reference(self, result: ResultType, is_mut: bool) -> Expr:
        """Return ``as_ref()`` or ``as_mut()`` of a Result."""
        span = self.span
        if is_mut:
            check_writable(self.checker, self.base, span, is_borrow=True)
        good, bad = (self.local(PointerType(part, is_mut, True)) for part in (result.ok, result.err))
        wanted = ResultType(good.type, bad.type)
        arms = tuple(
            self.arm(
                ResultPattern(span, result, is_ok, Binding(span, local, None, True)),
                ResultValue(wanted, span, is_ok, LocalPlace(local.type, span, local)),
            )
            for is_ok, local in ((True, good), (False, bad))
        )
        return self.whole(wanted, arms)

    def filled(self, option: OptionType, value: Expr, *, is_kept: bool, is_lazy: bool = False) -> Expr:
        """Return a reference to what is in the Option, after *value* was put in.

        Where *is_kept*, only an Option without a value gets it; *is_lazy* says that it is worked out then.
        """
        span = self.span
        check_writable(self.checker, self.base, span, is_borrow=True)
        pointer = self.local(PointerType(option, True, True))
        inner = self.local(PointerType(option.inner, True, True))
        place = Deref(option, span, LocalPlace(pointer.type, span, pointer))
        self.before.append(self.let(pointer, AddressOf(pointer.type, span, self.base)))
        if not is_lazy:
            given = self.local(option.inner)
            self.before.append(self.let(given, value))
            value = self.read(given)
        put: Expr = Assign(UNIT, span, place, SomeValue(option, span, value))
        if is_kept:
            put = If(UNIT, span, Unary(BOOL, span, "!", IsSome(BOOL, span, place)), put, None)
        self.before.append(ExprStatement(put))
        bound = SomePattern(span, option, Binding(span, inner, None, True))
        arms = (
            self.arm(bound, LocalPlace(inner.type, span, inner)),
            self.arm(NonePattern(span, option), Panic(NEVER, span)),
        )
        return Block(inner.type, span, tuple(self.before), Match(inner.type, span, place, arms))

    def exchanged(self, option: OptionType, value: Expr) -> Expr:
        """Return what was in the Option, with *value* in it from now on."""
        span = self.span
        check_writable(self.checker, self.base, span, is_borrow=True)
        pointer, new, old = (
            self.local(PointerType(option, True, True)),
            self.local(option),
            self.local(option),
        )
        place = Deref(option, span, LocalPlace(pointer.type, span, pointer))
        self.before += [
            self.let(pointer, AddressOf(pointer.type, span, self.base)),
            self.let(new, value),
            self.let(old, place),
            ExprStatement(Assign(UNIT, span, place, self.read(new))),
        ]
        return Block(option, span, tuple(self.before), self.read(old))


def checked_result(checker: Checker, node: Node, ok: Type, err: Type) -> ResultType:
    """Return ``Result<ok, err>``, and complain later if there is none."""

    def check() -> None:
        if not (is_movable(ok) and is_movable(err)):
            message = f"`Result<{format_type(ok)}, {format_type(err)}>` is not supported"
            checker.refuse(node, message, "hold a pointer")

    checker.later(check)
    return ResultType(ok, err)
