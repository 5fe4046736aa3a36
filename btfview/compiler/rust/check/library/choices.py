"""Methods of ``Option``, ``Result`` and ``bool``, as the ``match`` or ``if`` that ``core`` makes of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.arguments import refuse_count
from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.check.closures import apply
from btfview.compiler.rust.typed.definitions import Local
from btfview.compiler.rust.typed.patterns import NonePattern, ResultPattern, SomePattern
from btfview.compiler.rust.typed.tree import (
    AddressOf,
    Block,
    Deref,
    Expr,
    ExprStatement,
    If,
    Invalid,
    IsSome,
    Literal,
    Match,
    NoneValue,
    ResultValue,
    SomeValue,
    TupleLiteral,
    Unary,
    UnwrapOr,
)
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import (
    BOOL,
    ERROR,
    InferVar,
    OptionType,
    PointerType,
    ResultType,
    TupleType,
    Type,
    format_type,
    resolve,
)
from btfview.source import Span

from .choice_parts import OptionLike, OptionParts, checked_result
from .defaults import default_value

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

OPTION_METHODS = [
    "is_some",
    "is_none",
    "is_some_and",
    "is_none_or",
    "map",
    "and_then",
    "filter",
    "copied",
    "cloned",
    "or",
    "or_else",
    "and",
    "xor",
    "ok_or",
    "ok_or_else",
    "unwrap_or",
    "unwrap_or_else",
    "unwrap_or_default",
    "map_or",
    "map_or_else",
    "unwrap",
    "expect",
    "unwrap_unchecked",
    "as_ref",
    "as_mut",
    "take",
    "replace",
    "insert",
    "get_or_insert",
    "get_or_insert_with",
    "inspect",
    "flatten",
    "transpose",
    "zip",
]
RESULT_METHODS = [
    "is_ok",
    "is_err",
    "is_ok_and",
    "is_err_and",
    "ok",
    "err",
    "map",
    "map_err",
    "and_then",
    "or_else",
    "unwrap_or",
    "unwrap_or_else",
    "unwrap_or_default",
    "map_or",
    "map_or_else",
    "as_ref",
    "as_mut",
    "inspect",
    "unwrap",
    "expect",
    "unwrap_unchecked",
    "unwrap_err",
    "expect_err",
]
_COUNTS = {
    **dict.fromkeys(("map_or", "map_or_else"), 2),
    **dict.fromkeys(
        [
            "is_some",
            "is_none",
            "copied",
            "cloned",
            "unwrap_or_default",
            "is_ok",
            "is_err",
            "ok",
            "err",
            "as_ref",
            "as_mut",
            "take",
            "unwrap",
            "unwrap_err",
            "unwrap_unchecked",
            "flatten",
            "transpose",
        ],
        0,
    ),
}


def option_method(
    checker: Checker,
    name_node: Node,
    name: str,
    base: Expr,
    option: OptionLike,
    arguments: list[Node],
    span: Span,
) -> Expr | None:
    """Return the call of a method of *option*; None where it has no such method."""
    known = OPTION_METHODS if isinstance(option, OptionType) else RESULT_METHODS
    if name not in known:
        return None
    count = _COUNTS.get(name, 1)
    if len(arguments) != count:
        return refuse_count(checker, name_node, "method", count, arguments)
    method = _Method(checker, name_node, base, span)
    if isinstance(option, OptionType):
        return method.of_option(name, option, arguments)
    return method.of_result(name, option, arguments)


def bool_method(checker: Checker, name: str, base: Expr, arguments: list[Node], span: Span) -> Expr | None:
    """Return ``then`` or ``then_some`` of a bool."""
    if name not in ("then", "then_some") or len(arguments) != 1:
        return None
    value = apply(checker, arguments[0], []) if name == "then" else checker.expr(arguments[0])
    if resolve(value.type) is ERROR:
        return Invalid(ERROR, span)
    method = _Method(checker, arguments[0], base, span)
    option = method.option_of(value.type)
    if name == "then":
        return If(option, span, base, SomeValue(option, span, value), NoneValue(option, span))
    flag, given = method.local(BOOL), method.local(value.type)
    chosen = If(
        option, span, method.read(flag), SomeValue(option, span, method.read(given)), NoneValue(option, span)
    )
    return Block(option, span, (method.let(flag, base), method.let(given, value)), chosen)


class _Method(OptionParts):
    # ---- Option

    def of_option(self, name: str, option: OptionType, nodes: list[Node]) -> Expr:
        checker, span, inner = self.checker, self.span, option.inner
        value = self.local(inner)
        read, none = self.read(value), NoneValue(option, span)
        match name:
            case "is_some":
                return IsSome(BOOL, span, self.base)
            case "is_none":
                return Unary(BOOL, span, "!", IsSome(BOOL, span, self.base))
            case "unwrap_or":
                return UnwrapOr(inner, span, self.base, checker.coerced(nodes[0], inner))
            case "unwrap_or_else":
                given = checker.coerce(apply(checker, nodes[0], [], inner), inner)
                return self.branches(option, value, read, given)
            case "unwrap_or_default":
                return self.branches(option, value, read, default_value(checker, self.node, inner))
            case "unwrap" | "expect" | "unwrap_unchecked":
                return self.branches(option, value, read, self.panics(name, nodes))
            case "as_ref" | "as_mut":
                return self.as_reference(option, name == "as_mut")
            case "insert":
                return self.filled(option, checker.coerced(nodes[0], inner), is_kept=False)
            case "get_or_insert":
                return self.filled(option, checker.coerced(nodes[0], inner), is_kept=True)
            case "get_or_insert_with":
                given = checker.coerce(apply(checker, nodes[0], [], inner), inner)
                return self.filled(option, given, is_kept=True, is_lazy=True)
            case "inspect":
                seen = apply(checker, nodes[0], [AddressOf(PointerType(inner, False, True), span, read)])
                again = Block(option, span, (ExprStatement(seen),), SomeValue(option, span, read))
                return self.branches(option, value, again, none)
            case "flatten" | "transpose" | "zip":
                return self._combined(name, option, value, nodes)
            case "take" | "replace":
                new = NoneValue(option, span) if name == "take" else checker.coerced(nodes[0], inner)
                return self.exchanged(option, new if name == "take" else SomeValue(option, span, new))
            case "map":
                mapped = apply(checker, nodes[0], [read])
                if resolve(mapped.type) is ERROR:
                    return mapped
                wanted = self.option_of(mapped.type)
                return self.branches(option, value, SomeValue(wanted, span, mapped), NoneValue(wanted, span))
            case "and_then":
                wanted = OptionType(checker.new_var(span))
                chained = checker.coerce(apply(checker, nodes[0], [read]), wanted)
                return self.branches(option, value, chained, NoneValue(wanted, span))
            case "is_some_and" | "is_none_or":
                test = checker.coerce(apply(checker, nodes[0], [read], BOOL), BOOL)
                return self.branches(option, value, test, Literal(BOOL, span, int(name == "is_none_or")))
            case "filter":
                reference = AddressOf(PointerType(inner, False, True), span, read)
                test = checker.coerce(apply(checker, nodes[0], [reference], BOOL), BOOL)
                kept = If(option, span, test, SomeValue(option, span, read), none)
                return self.branches(option, value, kept, none)
            case "copied" | "cloned":
                return self._copied(option, value, read)
            case "or":
                return self.branches(
                    option, value, SomeValue(option, span, read), self.eager(nodes[0], option)
                )
            case "or_else":
                other = checker.coerce(apply(checker, nodes[0], [], option), option)
                return self.branches(option, value, SomeValue(option, span, read), other)
            case "and":
                wanted = OptionType(checker.new_var(span))
                given = self.eager(nodes[0], wanted)
                return self.branches(option, value, given, NoneValue(wanted, span))
            case "xor":
                other_local = self.local(option)
                given = self.eager(nodes[0], option)
                otherwise = If(
                    option,
                    span,
                    IsSome(BOOL, span, self.read(other_local)),
                    none,
                    SomeValue(option, span, read),
                )
                taken = Block(option, span, (self.let(other_local, given),), otherwise)
                return self.branches(option, value, taken, given)
            case "map_or":
                default = self.eager(nodes[0])
                mapped = checker.coerce(apply(checker, nodes[1], [read], default.type), default.type)
                return self.branches(option, value, mapped, default)
            case "map_or_else":
                default = apply(checker, nodes[0], [])
                mapped = checker.coerce(apply(checker, nodes[1], [read], default.type), default.type)
                return self.branches(option, value, mapped, default)
        return self._ok_or(name, option, nodes, value, read)

    def _combined(self, name: str, option: OptionType, value: Local, nodes: list[Node]) -> Expr:
        checker, span, read = self.checker, self.span, self.read(value)
        inner = checker.known(option.inner, span)
        if name == "zip":
            other = OptionType(checker.new_var(span))
            given = self.eager(nodes[0], other)
            second = self.local(other.inner)
            pair = TupleType((option.inner, other.inner))
            wanted = OptionType(pair)
            both = SomeValue(wanted, span, TupleLiteral(pair, span, (read, self.read(second))))
            arms = (
                self.arm(SomePattern(span, other, self.bound(second)), both),
                self.arm(NonePattern(span, other), NoneValue(wanted, span)),
            )
            return self.branches(option, value, Match(wanted, span, given, arms), NoneValue(wanted, span))
        if name == "flatten" and isinstance(inner, OptionType):
            return self.branches(option, value, read, NoneValue(inner, span))
        if name == "transpose" and isinstance(inner, ResultType):
            some = OptionType(inner.ok)
            result, good, bad = ResultType(some, inner.err), self.local(inner.ok), self.local(inner.err)
            fine = ResultValue(result, span, True, SomeValue(some, span, self.read(good)))
            arms = (
                self.arm(ResultPattern(span, inner, True, self.bound(good)), fine),
                self.arm(
                    ResultPattern(span, inner, False, self.bound(bad)),
                    ResultValue(result, span, False, self.read(bad)),
                ),
            )
            nothing = ResultValue(result, span, True, NoneValue(some, span))
            return self.branches(option, value, Match(result, span, read, arms), nothing)
        message = f"no method named `{name}` found for enum `{format_type(option)}` in the current scope"
        wrapped = "Option" if name == "flatten" else "Result"
        return checker.refuse(self.node, message, f"it is one of an Option of a {wrapped}", "E0599")

    def _copied(self, option: OptionType, value: Local, read: Expr) -> Expr:
        pointer = resolve(option.inner)
        if not (isinstance(pointer, PointerType) and pointer.is_ref):
            message = f"no method named `copied` found for enum `{format_type(option)}` in the current scope"
            return self.checker.refuse(self.node, message, "it is one of `Option<&T>`", "E0599")
        wanted = self.option_of(pointer.pointee)
        copy = SomeValue(wanted, self.span, Deref(pointer.pointee, self.span, read))
        return self.branches(option, value, copy, NoneValue(wanted, self.span))

    def _ok_or(self, name: str, option: OptionType, nodes: list[Node], value: Local, read: Expr) -> Expr:
        error = self.eager(nodes[0]) if name == "ok_or" else apply(self.checker, nodes[0], [])
        if resolve(error.type) is ERROR:
            return error
        wanted = self.result_of(option.inner, error.type)
        good, bad = ResultValue(wanted, self.span, True, read), ResultValue(wanted, self.span, False, error)
        return self.branches(option, value, good, bad)

    # ---- Result

    def result_of(self, ok: Type, err: Type) -> ResultType:
        return checked_result(self.checker, self.node, ok, err)

    def of_result(self, name: str, result: ResultType, nodes: list[Node]) -> Expr:
        checker, span = self.checker, self.span
        ok, err = self.local(result.ok), self.local(result.err)
        read, error = self.read(ok), self.read(err)
        yes, no = Literal(BOOL, span, 1), Literal(BOOL, span, 0)
        match name:
            case "is_ok":
                return self.branches(result, ok, yes, no)
            case "is_err":
                return self.branches(result, ok, no, yes)
            case "is_ok_and":
                test = checker.coerce(apply(checker, nodes[0], [read], BOOL), BOOL)
                return self.branches(result, ok, test, no)
            case "is_err_and":
                test = checker.coerce(apply(checker, nodes[0], [error], BOOL), BOOL)
                return self.branches(result, ok, no, test, err)
            case "ok":
                wanted = self.option_of(result.ok)
                return self.branches(result, ok, SomeValue(wanted, span, read), NoneValue(wanted, span))
            case "err":
                wanted = self.option_of(result.err)
                return self.branches(result, ok, NoneValue(wanted, span), SomeValue(wanted, span, error), err)
            case "unwrap_or":
                return self.branches(result, ok, read, self.eager(nodes[0], result.ok))
            case "unwrap_or_else":
                given = checker.coerce(apply(checker, nodes[0], [error], result.ok), result.ok)
                return self.branches(result, ok, read, given, err)
            case "unwrap_or_default":
                return self.branches(result, ok, read, default_value(checker, self.node, result.ok))
            case "unwrap" | "expect" | "unwrap_unchecked":
                return self.branches(result, ok, read, self.panics(name, nodes))
            case "as_ref" | "as_mut":
                return self.result_reference(result, name == "as_mut")
            case "inspect":
                seen = apply(checker, nodes[0], [AddressOf(PointerType(result.ok, False, True), span, read)])
                again = Block(result, span, (ExprStatement(seen),), ResultValue(result, span, True, read))
                return self.branches(result, ok, again, ResultValue(result, span, False, error), err)
            case "map_or_else":
                failed = apply(checker, nodes[0], [error])
                mapped = checker.coerce(apply(checker, nodes[1], [read], failed.type), failed.type)
                return self.branches(result, ok, mapped, failed, err)
            case "unwrap_err" | "expect_err":
                return self.branches(result, ok, self.panics(name, nodes), error, err)
            case "map":
                mapped = apply(checker, nodes[0], [read])
                if resolve(mapped.type) is ERROR:
                    return mapped
                changed = self.result_of(mapped.type, result.err)
                good = ResultValue(changed, span, True, mapped)
                return self.branches(result, ok, good, ResultValue(changed, span, False, error), err)
            case "map_err":
                mapped = apply(checker, nodes[0], [error])
                if resolve(mapped.type) is ERROR:
                    return mapped
                changed = self.result_of(result.ok, mapped.type)
                good = ResultValue(changed, span, True, read)
                return self.branches(result, ok, good, ResultValue(changed, span, False, mapped), err)
            case "and_then":
                changed = ResultType(checker.new_var(span), result.err)
                chained = checker.coerce(apply(checker, nodes[0], [read], changed), changed)
                return self.branches(result, ok, chained, ResultValue(changed, span, False, error), err)
            case "or_else":
                changed = ResultType(result.ok, checker.new_var(span))
                chained = checker.coerce(apply(checker, nodes[0], [error], changed), changed)
                return self.branches(result, ok, ResultValue(changed, span, True, read), chained, err)
        default = self.eager(nodes[0])
        mapped = checker.coerce(apply(checker, nodes[1], [read], default.type), default.type)
        return self.branches(result, ok, mapped, default)


def result_value(
    checker: Checker, node: Node, is_ok: bool, arguments: list[Node], expected: Type | None
) -> Expr:
    """Return ``Ok(..)`` or ``Err(..)``."""
    span = checker.tree.span(node)
    if len(arguments) != 1:
        return refuse_count(checker, node, "enum variant", 1, arguments)
    wanted = resolve(expected) if expected is not None else None
    if isinstance(wanted, ResultType):
        value = checker.coerced(arguments[0], wanted.ok if is_ok else wanted.err)
        return ResultValue(wanted, span, is_ok, value)
    value = checker.expr(arguments[0])
    other: Type = ERROR if wanted is ERROR else checker.new_var(span)
    parts = (value.type, other) if is_ok else (other, value.type)
    return ResultValue(checked_result(checker, node, *parts), span, is_ok, value)


def try_result(
    checker: Checker, span: Span, value: Expr, found: ResultType, leave: Type
) -> tuple[Local, Local, ResultType] | None:
    """Return the locals for what ``?`` takes out of a Result, and the Result to leave with."""
    target = resolve(leave)
    if isinstance(target, InferVar) and not target.is_int:
        target.bound = ResultType(checker.new_var(span), found.err)
        target = target.bound
    if not isinstance(target, ResultType):
        return None
    if not unify(target.err, found.err):
        checker.report.error(
            Span(span.end - 1, span.end),
            f"`?` couldn't convert the error to `{format_type(target.err)}`",
            code="E0277",
            label=f"the error here is `{format_type(found.err)}`",
            hint="convert it first: `.map_err(|error| ..)?`",
        )
    del value
    return Local("value", found.ok, span, False), Local("error", found.err, span, False), target
