"""Rules for blocks, statements and control flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed.definitions import Local
from btfview.compiler.rust.typed.patterns import Binding, NonePattern, ResultPattern, SomePattern, Wildcard
from btfview.compiler.rust.typed.tree import (
    Arm,
    Break,
    Expr,
    If,
    Invalid,
    LetCondition,
    LocalPlace,
    Logic,
    Match,
    NoneValue,
    ResultValue,
    Return,
    Try,
    UnitValue,
)
from btfview.compiler.rust.types.kinds import (
    BOOL,
    ERROR,
    NEVER,
    UNIT,
    InferVar,
    OptionType,
    ResultType,
    Type,
    format_type,
    resolve,
)
from btfview.source import Span

from . import blocks, for_loops, loops
from .body import Checker, Rule
from .library.choices import try_result
from .patterns.exhaustive import TooComplexError, uncovered
from .patterns.rules import read_pattern

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def unsafe_block(checker: Checker, node: Node, expected: Type | None) -> Expr:
    checker.unsafe_depth += 1
    try:
        return checker.expr(checker.tree.children(node)[0], expected)
    finally:
        checker.unsafe_depth -= 1


# ---- conditions and branches


def check_condition(checker: Checker, node: Node) -> Expr:
    """Return a condition; names that its ``let`` binds go into the current scope."""
    span = checker.tree.span(node)
    if node.type == "let_condition":
        value = checker.expr(checker.tree.need(node, "value"))
        pattern = read_pattern(checker, checker.tree.need(node, "pattern"), value.type, value)
        return LetCondition(BOOL, span, pattern, value)
    if node.type == "let_chain":
        chain: Expr | None = None
        for child in checker.tree.children(node):
            part = check_condition(checker, child)
            chain = part if chain is None else Logic(BOOL, span, "&&", chain, part)
        return chain if chain is not None else Invalid(ERROR, span)
    return checker.coerced(node, BOOL)


def stray_let(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    return checker.refuse(
        node, "expected expression, found `let` statement", "`let` stands in `if` or `while`"
    )


def if_expression(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    otherwise_node = node.child_by_field_name("alternative")
    with checker.scope():
        condition = check_condition(checker, checker.tree.need(node, "condition"))
        then_node = checker.tree.need(node, "consequence")
        is_value = expected is not None and resolve(expected) not in (UNIT, ERROR)
        wants_never = expected is not None and resolve(expected) is NEVER
        then_wanted = expected if otherwise_node is not None or wants_never else None if is_value else UNIT
        then = checker.expr(then_node, then_wanted)
    if otherwise_node is None:
        if expected is not None and wants_never and resolve(then.type) is not NEVER:
            return checker.coerce(then, expected)  # rustc tells the first of the two mistakes
        if expected is not None and is_value:
            checker.report.error(
                span, "`if` may be missing an `else` clause", code="E0317",
                label=f"expected `{format_type(expected)}`, found `()`",
            )  # fmt: skip
            return Invalid(ERROR, span)
        return If(UNIT, span, condition, checker.coerce(then, UNIT), None)
    if expected is not None:
        then = checker.coerce(then, expected)
    found, then = checker.merge(None, then)
    wanted = expected if expected is not None else (None if resolve(found) is NEVER else found)
    otherwise = checker.expr(checker.tree.children(otherwise_node)[0], wanted)
    found, otherwise = checker.merge(found, otherwise)
    return If(found, span, condition, then, otherwise)


def match_expression(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    value_node = checker.tree.need(node, "value")
    value = checker.expr(value_node)
    arms: list[Arm] = []
    found: Type | None = None
    for child in checker.tree.children(checker.tree.need(node, "body")):
        if child.type == "attribute_item":
            checker.items.attributes.harmless_only([child], "a match arm")
            continue
        if child.type != "match_arm":
            checker.refuse(child, "this syntax is not supported in a match")
            continue
        with checker.scope():
            outer = checker.tree.need(child, "pattern")
            parts = checker.tree.tokens(outer)
            while len(parts) > 1 and parts[0].type == "|":
                parts = parts[1:]
            pattern = read_pattern(checker, parts[0], value.type, value)
            guard_node = outer.child_by_field_name("condition")
            guard = check_condition(checker, guard_node) if guard_node is not None else None
            body_node = checker.tree.need(child, "value")
            wanted = expected if expected is not None else found
            if expected is None and wanted is not None and resolve(wanted) is NEVER:
                wanted = None
            body = checker.expr(body_node, wanted)
            if expected is not None:
                body = checker.coerce(body, expected)
            found, body = checker.merge(found, body)
        arms.append(Arm(pattern, guard, body, checker.tree.span(child)))

    def check() -> None:
        try:
            missing = uncovered([arm.pattern for arm in arms if arm.guard is None], value.type)
        except TooComplexError:
            missing = None
            message = "this `match` is too complex to tell whether it covers every value"
            checker.report.error(checker.tree.span(value_node), message, hint="match on fewer values at once")
        if missing is not None and resolve(value.type) not in (ERROR, NEVER):
            checker.report.error(
                checker.tree.span(value_node), f"non-exhaustive patterns: `{missing}` not covered",
                code="E0004", label=f"pattern `{missing}` not covered",
                hint="add an arm for it, or `_ => ..`",
            )  # fmt: skip

    checker.later(check)
    return Match(found if found is not None else NEVER, span, value, tuple(arms))


def try_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    value = checker.expr(checker.tree.children(node)[0])
    found = checker.known(value.type, value.span)
    if found is ERROR or found is NEVER:
        return Invalid(ERROR, span)
    if checker.const_context and isinstance(found, (OptionType, ResultType)):
        return _refuse_try(checker, node)
    if isinstance(found, ResultType):
        return _try_result(checker, span, value, found)
    if not isinstance(found, OptionType):
        message = "the `?` operator can only be applied to values that implement `Try`"
        hint = None
        if checker.dialect == "repr":
            hint = "with `#[repr(Btf)]` a query gives the plain `usize`; with `#[btf_relocatable]` an Option"
        checker.report.error(
            span, message, code="E0277", label=f"`{format_type(found)}` is no `Option`", hint=hint
        )
        return Invalid(ERROR, span)
    assert checker.function is not None
    result = resolve(checker.closure.type if checker.closure is not None else checker.function.result)
    if checker.closure is not None and (isinstance(result, (InferVar, OptionType))):
        if isinstance(result, InferVar):
            result.bound = OptionType(checker.new_var(span))
        return _try_in_closure(checker, span, value, found)
    if not isinstance(result, OptionType) and result is not ERROR:
        message = "the `?` operator can only be used in a function that returns `Result` or `Option`"
        checker.report.error(
            Span(span.end - 1, span.end), message, code="E0277",
            label=f"this function returns `{format_type(result)}`",
            hint="return an `Option`, or take the value out with `match` or `if let`",
        )  # fmt: skip
        return Invalid(found.inner, span)
    return Try(found.inner, span, value)


def _refuse_try(checker: Checker, node: Node) -> Expr:
    if checker.function is None:
        return checker.refuse(node, "return statement outside of function body", "use `match`", "E0572")
    return checker.refuse(node, "`?` is not allowed in constant functions", "use `match`", "E0658")


def _try_in_closure(checker: Checker, span: Span, value: Expr, found: OptionType) -> Expr:
    target = checker.closure
    assert target is not None
    target.has_break = True
    local = Local("value", found.inner, span, False)
    leave = Break(NEVER, span, target, NoneValue(target.type, span))
    arms = (
        Arm(
            SomePattern(span, found, Binding(span, local, None)),
            None,
            LocalPlace(found.inner, span, local),
            span,
        ),
        Arm(NonePattern(span, found), None, leave, span),
    )
    return Match(found.inner, span, value, arms)


def _try_result(checker: Checker, span: Span, value: Expr, found: ResultType) -> Expr:
    target = checker.closure
    assert checker.function is not None
    leave_type = target.type if target is not None else checker.function.result
    parts = try_result(checker, span, value, found, leave_type)
    if parts is None:
        where = "closure" if target is not None else "function"
        checker.report.error(
            Span(span.end - 1, span.end),
            f"the `?` operator on a `Result` can only be used in a {where} that returns `Result`",
            code="E0277",
            label=f"this {where} returns `{format_type(leave_type)}`",
            hint="`.ok()?` makes an Option of it",
        )
        return Invalid(found.ok, span)
    good, bad, wanted = parts
    is_unit = resolve(found.ok) is UNIT
    error: Expr = UnitValue(UNIT, span) if resolve(found.err) is UNIT else LocalPlace(found.err, span, bad)
    failure = ResultValue(wanted, span, False, error)
    leave: Expr
    if target is not None:
        target.has_break = True
        leave = Break(NEVER, span, target, failure)
    else:
        leave = Return(NEVER, span, failure)
    first = Wildcard(span) if is_unit else Binding(span, good, None)
    second = Wildcard(span) if resolve(found.err) is UNIT else Binding(span, bad, None)
    body: Expr = UnitValue(UNIT, span) if is_unit else LocalPlace(found.ok, span, good)
    arms = (
        Arm(ResultPattern(span, found, True, first), None, body, span),
        Arm(ResultPattern(span, found, False, second), None, leave, span),
    )
    return Match(found.ok, span, value, arms)


RULES: dict[str, Rule] = {
    **blocks.RULES,
    "unsafe_block": unsafe_block,
    "let_condition": stray_let,
    "let_chain": stray_let,
    "if_expression": if_expression,
    "match_expression": match_expression,
    **loops.RULES,
    **for_loops.RULES,
    "try_expression": try_expression,
}
