"""Whether every ``let`` without a value gets one before it is read, and one only (rustc: borrow check)."""

from __future__ import annotations

from ..diagnostics import Label
from . import nodes as n
from .report import Report

Flow = tuple[frozenset[n.Local], frozenset[n.Local]]
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
            case n.Assign(place=place, value=value) | n.CompoundAssign(place=place, value=value):
                self.visit(value)
                self.visit(place)
            case n.Let(value=None, pattern=n.Binding(local=local)):
                if self.state is not None:
                    self.state = self.state[0] - {local}, self.state[1] - {local}
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
            case n.Continue():
                self.state = None
            case n.Return(value=value):
                self.visit(value)
                self.state = None
            case n.Block(statements=statements, tail=tail):
                self.visit(statements)
                self.visit(tail)
            case _ if isinstance(expr, n.Expr | n.ExprStatement):
                for name in expr.__match_args__:
                    part = getattr(expr, name)
                    if isinstance(part, n.Expr | tuple):
                        self.visit(part)

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
        self.leaving[expr.target] = []
        if isinstance(expr, n.ForRange):
            self.visit(expr.low)
            self.visit(expr.high)
        if self.state is not None:  # the body may run again after its own assignments
            self.state = self.state[0], self.state[1] | _assigned(expr.body, set(), set())
        ended: Flow | None = None
        if isinstance(expr, n.ForRange):
            ended = self.state
        elif expr.condition is not None:
            self.state, ended = self._condition(expr.condition)
        self.visit(expr.body)
        self.state = ended
        for state in self.leaving[expr.target]:
            self.state = _merge(self.state, state)

    def _read(self, place: n.LocalPlace) -> None:
        local = place.local
        if self.state is None or local in self.state[0]:
            return
        key = (local.name, place.span.start)
        if key not in self.told:
            self.told.add(key)
            word = "possibly-uninitialized" if local in self.state[1] else "isn't initialized"
            message = (
                f"used binding `{local.name}` isn't initialized"
                if word.startswith("isn't")
                else f"used binding `{local.name}` is possibly-uninitialized"
            )
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
            if key not in self.told:
                self.told.add(key)
                self.report.error(
                    place.span,
                    f"cannot assign twice to immutable variable `{local.name}`",
                    code="E0384",
                    labels=(Label(local.span, "declared here"),),
                    hint=f"declare it as `mut {local.name}`",
                )
        self.state = self.state[0] | {local}, self.state[1] | {local}


def _assigned(expr: object, found: set[n.Local], own: set[n.Local]) -> frozenset[n.Local]:
    """Return the late locals that *expr* assigns and does not declare."""
    pending = [expr]
    while pending:
        part = pending.pop()
        if isinstance(part, n.Assign) and isinstance(part.place, n.LocalPlace) and part.place.local.is_late:
            found.add(part.place.local)
        if isinstance(part, n.Let) and part.value is None and isinstance(part.pattern, n.Binding):
            own.add(part.pattern.local)
        if isinstance(part, tuple):
            pending += part
        elif isinstance(part, n.Expr | n.ExprStatement | n.Let | n.Arm):
            pending += [getattr(part, name) for name in part.__match_args__]
    return frozenset(found - own)
