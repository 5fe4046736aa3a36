"""Whether every ``let`` without a value gets one before it is read, and one only (rustc: borrow check)."""

from __future__ import annotations

from btfview.compiler.rust.report import Report
from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.definitions import Local
from btfview.compiler.rust.typed.patterns import bindings
from btfview.compiler.rust.typed.walk import parts
from btfview.diagnostics import Label

Flow = tuple[frozenset[Local], frozenset[Local]]
"""Locals that surely have a value, and locals that may have one."""


def check_initialised(body: n.Expr, report: Report) -> None:
    """Tell *report* about E0381 and E0384."""
    _Walk(report).visit(body)


def _merge(left: Flow | None, right: Flow | None) -> Flow | None:
    if left is None or right is None:
        return left or right
    return left[0] & right[0], left[1] | right[1]


class _Walk:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.state: Flow | None = (frozenset(), frozenset())
        """None where control does not get."""
        self.leaving: dict[n.LoopTarget, list[Flow | None]] = {}
        self.repeating: dict[n.LoopTarget, list[Flow | None]] = {}
        self.is_silent = False
        self.told: set[tuple[str, int]] = set()

    def visit(self, expr: object) -> None:
        """Follow the evaluation of *expr*."""
        match expr:
            case tuple():
                for item in expr:
                    self.visit(item)
            case n.LocalPlace(local=local) if local.is_late:
                self._read(expr)
            case n.Assign(place=n.LocalPlace(local=local) as place, value=value) if local.is_late:
                self.visit(value)
                self._write(place)
            case n.CompoundAssign(place=n.LocalPlace(local=local) as place, value=value) if local.is_late:
                self.visit(value)
                self._read(place)
                self._write(place)
            case n.Assign(place=place, value=value) | n.CompoundAssign(place=place, value=value):
                self.visit(value)
                self.visit(place)
            case n.Let(value=None, pattern=pattern):
                if self.state is not None:
                    bound = {binding.local for binding in bindings(pattern)}
                    self.state = self.state[0] - bound, self.state[1] - bound
            case n.Let(value=value, otherwise=otherwise):
                self.visit(value)
                if otherwise is not None:
                    matched = self.state
                    self.visit(otherwise)
                    self.state = matched
            case n.Logic() | n.LetCondition():
                self.state = _merge(*self._condition(expr))
            case n.If(condition=condition, then=then, otherwise=otherwise):
                if_true, if_false = self._condition(condition)
                self.state = if_true
                self.visit(then)
                after, self.state = self.state, if_false
                if otherwise is not None:
                    self.visit(otherwise)
                self.state = _merge(after, self.state)
            case n.Match(value=value, arms=arms):
                self.visit(value)
                self._arms(arms)
            case n.Loop() | n.ForRange():
                self._loop(expr)
            case n.LabelledBlock(target=target, body=body):
                self.leaving[target] = []
                self.visit(body)
                for state in self.leaving[target]:
                    self.state = _merge(self.state, state)
            case n.Break(target=target, value=value):
                self.visit(value)
                self.leaving.setdefault(target, []).append(self.state)
                self.state = None
            case n.Continue(target=target):
                self.repeating.setdefault(target, []).append(self.state)
                self.state = None
            case n.Panic():
                self.state = None
            case n.Return(value=value):
                self.visit(value)
                self.state = None
            case n.Block(statements=statements, tail=tail):
                self.visit(statements)
                self.visit(tail)
            case _:
                inside = parts(expr)
                if inside is not None:
                    self.visit(inside)

    def _condition(self, expr: n.Expr) -> tuple[Flow | None, Flow | None]:
        match expr:
            case n.Logic(operator=operator, left=left, right=right):
                if_true, if_false = self._condition(left)
                self.state = if_true if operator == "&&" else if_false
                then, otherwise = self._condition(right)
                if operator == "&&":
                    return then, _merge(if_false, otherwise)
                return _merge(if_true, then), otherwise
            case n.Unary(operator="!", operand=operand):
                if_true, if_false = self._condition(operand)
                return if_false, if_true
            case n.LetCondition(value=value):
                self.visit(value)
            case _:
                self.visit(expr)
        return self.state, self.state

    def _arms(self, arms: tuple[n.Arm, ...]) -> None:
        start, after = self.state, None
        is_first = True
        for arm in arms:
            self.state = start
            if arm.guard is not None:
                self.state, start = self._condition(arm.guard)
            self.visit(arm.body)
            after = self.state if is_first else _merge(after, self.state)
            is_first = False
        self.state = after if arms else None

    def _loop(self, expr: n.Loop | n.ForRange) -> None:
        if isinstance(expr, n.ForRange):
            self.visit(expr.low)
            self.visit(expr.high)
        start = self.state
        if not self.is_silent and start is not None:
            # Once to see with what the body comes round, and again with that.
            self.is_silent = True
            round_again = self._once(expr)
            self.is_silent, self.state = False, start
            if round_again is not None:
                self.state = start[0], start[1] | round_again[1]
        self._once(expr)

    def _once(self, expr: n.Loop | n.ForRange) -> Flow | None:
        """Follow the loop once; return the state in which its body would begin again."""
        self.leaving[expr.target], self.repeating[expr.target] = [], []
        ended: Flow | None = None
        if isinstance(expr, n.ForRange):
            ended = self.state
        elif expr.condition is not None:
            self.state, ended = self._condition(expr.condition)
        self.visit(expr.body)
        again = self.state
        for state in self.repeating[expr.target]:
            again = _merge(again, state)
        self.state = ended
        for state in self.leaving[expr.target]:
            self.state = _merge(self.state, state)
        return again

    def _read(self, place: n.LocalPlace) -> None:
        local = place.local
        if self.state is None or local in self.state[0]:
            return
        key = (local.name, place.span.start)
        if key not in self.told and not self.is_silent:
            self.told.add(key)
            what = "is possibly-uninitialized" if local in self.state[1] else "isn't initialized"
            message = f"used binding `{local.name}` {what}"
            self.report.error(
                place.span,
                message,
                code="E0381",
                labels=(Label(local.span, "binding declared here but left uninitialized"),),
                hint="give it a value on every way to here",
            )
        self.state = self.state[0] | {local}, self.state[1]  # told once is enough

    def _write(self, place: n.LocalPlace) -> None:
        local = place.local
        if self.state is None:
            return
        if local in self.state[1] and not local.is_mut:
            key = (local.name, place.span.start)
            if key not in self.told and not self.is_silent:
                self.told.add(key)
                self.report.error(
                    place.span,
                    f"cannot assign twice to immutable variable `{local.name}`",
                    code="E0384",
                    labels=(Label(local.span, "declared here"),),
                    hint=f"declare it as `mut {local.name}`",
                )
        self.state = self.state[0] | {local}, self.state[1] | {local}
