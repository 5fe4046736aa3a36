"""Control flow, statements and patterns to LLVM blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.patterns import (
    bindings,
    borrows,
)
from btfview.compiler.rust.typed.places import place_align
from btfview.compiler.rust.types.kinds import (
    BOOL,
)
from btfview.compiler.rust.types.layout import size_of

from .choices import is_signed
from .join import Join, has_value
from .patterns import label_hint, match_pattern, matched_value
from .values import address, arithmetic
from .writer import ir_type

if TYPE_CHECKING:
    from .function import FunctionLowerer, Rules


# ---- blocks and statements


def block(lower: FunctionLowerer, expr: n.Block) -> str:
    for statement in expr.statements:
        if isinstance(statement, n.Let):
            _let(lower, statement)
        else:
            lower.value(statement.value)
    return lower.value(expr.tail) if expr.tail is not None else ""


def _let(lower: FunctionLowerer, statement: n.Let) -> None:
    w = lower.writer
    if statement.value is None:
        for binding in bindings(statement.pattern):
            local = binding.local
            if has_value(local.type):
                lower.slots[local] = w.slot(label_hint(local.name), local.type)
        return
    value, place = matched_value(lower, statement.value, (statement.pattern,))
    found = statement.value.type
    if statement.otherwise is None:
        match_pattern(lower, statement.pattern, value, found, None, place)
        return
    failed, matched = w.label("else"), w.label("matched")
    is_dead = w.is_dead
    match_pattern(lower, statement.pattern, value, found, failed, place)
    w.jump(matched, statement.span)
    if not is_dead:
        w.start(failed)
        lower.value(statement.otherwise)
        w.start(matched)


def assign(lower: FunctionLowerer, expr: n.Assign) -> str:
    value = lower.value(expr.value)
    to = address(lower, expr.place)
    lower.writer.store(expr.place.type, value, to, expr.span, align=place_align(expr.place))
    return ""


def compound_assign(lower: FunctionLowerer, expr: n.CompoundAssign) -> str:
    right = lower.value(expr.value)
    to, align = address(lower, expr.place), place_align(expr.place)
    left = lower.writer.load(expr.place.type, to, expr.span, align=align)
    result = arithmetic(lower, expr.operator, expr.place.type, left, expr.value, right, expr.span)
    lower.writer.store(expr.place.type, result, to, expr.span, align=align)
    return ""


# ---- branches


def condition(lower: FunctionLowerer, expr: n.Expr, if_true: str, if_false: str) -> None:
    """Jump to *if_true* or *if_false*; names bound by ``let`` hold at *if_true*."""
    w = lower.writer
    match expr:
        case n.Logic(operator="&&", left=left, right=right):
            middle = w.label("and")
            is_dead = w.is_dead
            condition(lower, left, middle, if_false)
            if not is_dead:
                w.start(middle)
                condition(lower, right, if_true, if_false)
        case n.Logic(left=left, right=right):
            middle = w.label("or")
            is_dead = w.is_dead
            condition(lower, left, if_true, middle)
            if not is_dead:
                w.start(middle)
                condition(lower, right, if_true, if_false)
        case n.Unary(operator="!", operand=operand):
            condition(lower, operand, if_false, if_true)
        case n.LetCondition(pattern=pattern, value=value_expr):
            value, place = matched_value(lower, value_expr, (pattern,))
            match_pattern(lower, pattern, value, value_expr.type, if_false, place)
            w.jump(if_true, expr.span)
        case _:
            value = lower.value(expr)
            w.branch(value, if_true, if_false, expr.span)


def if_expression(lower: FunctionLowerer, expr: n.If) -> str:
    w = lower.writer
    if w.is_dead:
        return "poison"
    join = Join(w, expr.type, expr.span, "end")
    then = w.label("then")
    otherwise = w.label("else") if expr.otherwise is not None else join.label
    condition(lower, expr.condition, then, otherwise)
    w.start(then)
    join.arrive(lower.value(expr.then))
    if expr.otherwise is not None:
        w.start(otherwise)
        join.arrive(lower.value(expr.otherwise))
    else:
        join.is_reached = True
    return join.finish()


def logic(lower: FunctionLowerer, expr: n.Logic) -> str:
    w = lower.writer
    if w.is_dead:
        return "poison"
    join = Join(w, BOOL, expr.span, "end")
    if_true, if_false = w.label("true"), w.label("false")
    condition(lower, expr, if_true, if_false)
    w.start(if_true)
    join.arrive("true")
    w.start(if_false)
    join.arrive("false")
    return join.finish()


def match_expression(lower: FunctionLowerer, expr: n.Match) -> str:
    w = lower.writer
    value, place = matched_value(lower, expr.value, tuple(arm.pattern for arm in expr.arms))
    if w.is_dead:
        return "poison"
    join = Join(w, expr.type, expr.span, "end")
    last = len(expr.arms) - 1
    for index, arm in enumerate(expr.arms):
        # The arms cover every value, so what gets as far as the last one fits it.
        following = w.label("next") if index != last or arm.guard is not None else None
        match_pattern(lower, arm.pattern, value, expr.value.type, following, place)
        if arm.guard is not None and following is not None:
            body = w.label("arm")
            condition(lower, arm.guard, body, following)
            w.start(body)
        join.arrive(lower.value(arm.body))
        if following is not None:
            w.start(following)
    if not w.is_dead:
        lower.return_zero(expr.span)
    return join.finish()


# ---- loops and jumps


def loop(lower: FunctionLowerer, expr: n.Loop) -> str:
    w = lower.writer
    if w.is_dead:
        return "poison"
    join = Join(w, expr.type, expr.span, "loop_end")
    again = w.label("loop")
    lower.loops[expr.target] = (join, again)
    w.jump(again, expr.span)
    w.start(again)
    if expr.condition is not None:
        body = w.label("body")
        condition(lower, expr.condition, body, join.label)
        join.is_reached = True
        w.start(body)
    lower.value(expr.body)
    w.jump(again, expr.span)
    return join.finish()


def for_range(lower: FunctionLowerer, expr: n.ForRange) -> str:
    """Count in a slot of its own: what the body does to its name does not change how often it runs."""
    w, span, found = lower.writer, expr.span, expr.low.type
    low, high = lower.value(expr.low), lower.value(expr.high)
    if w.is_dead:
        return "poison"
    kind, sign = ir_type(found), "s" if is_signed(found) else "u"
    counter = w.slot("counter", found)
    join = Join(w, expr.type, span, "for_end")
    again, body, following = w.label("for"), w.label("body"), w.label("following")
    lower.loops[expr.target] = (join, following)
    join.is_reached = True
    loop = lower.module.debug.unrolled_loop() if expr.is_unrolled else None
    first, last = (high, low) if expr.is_reversed else (low, high)
    w.store(found, first, counter, span)
    if expr.is_inclusive:
        w.branch(w.value("any", f"icmp {sign}le {kind} {low}, {high}", span), again, join.label, span)
    else:
        w.jump(again, span)
    w.start(again)
    position = w.load(found, counter, span, "position")
    if not expr.is_inclusive:
        condition = f"icmp {sign}gt {kind} {position}, {last}" if expr.is_reversed else (
            f"icmp {sign}lt {kind} {position}, {last}"
        )  # fmt: skip
        w.branch(w.value("more", condition, span), body, join.label, span)
        w.start(body)
        if expr.is_reversed:
            position = w.value("position", f"sub {kind} {position}, 1", span)
            w.store(found, position, counter, span)
    kept = None
    if borrows(expr.pattern):
        kept = w.slot("position", found)
        w.store(found, position, kept, span)
    match_pattern(lower, expr.pattern, position, found, None, kept)
    lower.value(expr.body)
    w.jump(following, span)
    w.start(following)
    position = w.load(found, counter, span, "position")
    step = expr.step
    if expr.is_reversed and not expr.is_inclusive:
        step -= 1  # the other one is taken before the body
        if not step:
            w.jump(again, span, loop=loop)
            return join.finish()
    if expr.is_inclusive or expr.step != 1:
        # The last step might run over the end of the type, so it is not taken.
        left = w.value("left", f"sub {kind} {last}, {position}", span)
        if expr.is_reversed:
            left = w.value("left", f"sub {kind} {position}, {last}", span)
        condition = f"icmp uge {kind} {left}, {expr.step}"
        if expr.step >= 1 << size_of(found) * 8:
            condition = "and i1 false, false"
        go_on = w.label("go_on")
        w.branch(w.value("more", condition, span), go_on, join.label, span)
        w.start(go_on)
    word = "sub" if expr.is_reversed else "add"
    w.store(found, w.value("next", f"{word} {kind} {position}, {step}", span), counter, span)
    w.jump(again, span, loop=loop)
    return join.finish()


def labelled_block(lower: FunctionLowerer, expr: n.LabelledBlock) -> str:
    w = lower.writer
    if w.is_dead:
        return "poison"
    join = Join(w, expr.type, expr.span, "block_end")
    lower.loops[expr.target] = (join, "")
    join.arrive(lower.value(expr.body))
    return join.finish()


def break_loop(lower: FunctionLowerer, expr: n.Break) -> str:
    value = lower.value(expr.value) if expr.value is not None else ""
    lower.loops[expr.target][0].arrive(value)
    return "poison"


def continue_loop(lower: FunctionLowerer, expr: n.Continue) -> str:
    lower.writer.jump(lower.loops[expr.target][1], expr.span)
    return "poison"


def return_value(lower: FunctionLowerer, expr: n.Return) -> str:
    value = lower.value(expr.value) if expr.value is not None else ""
    lower.return_value(value, expr.span)
    return "poison"


def panic(lower: FunctionLowerer, expr: n.Panic) -> str:
    if not lower.writer.is_dead:
        lower.return_zero(expr.span)
    return "poison"


CONTROL: Rules = {
    n.Block: block,
    n.Assign: assign,
    n.CompoundAssign: compound_assign,
    n.If: if_expression,
    n.Logic: logic,
    n.Match: match_expression,
    n.Loop: loop,
    n.ForRange: for_range,
    n.LabelledBlock: labelled_block,
    n.Break: break_loop,
    n.Continue: continue_loop,
    n.Return: return_value,
    n.Panic: panic,
}
