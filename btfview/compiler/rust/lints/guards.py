"""Which queries are asked where nothing says that they have an answer.

A poisoned instruction does no harm in a branch that an exists query decides: the verifier drops it as dead
code. So what is looked for is control flow: ``if``, ``&&``, ``match``, an early return, or a local that holds
the answer; a function that gives it; or that every call of a function stands where it is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.definitions import Function, Local
from btfview.compiler.rust.typed.patterns import (
    Binding,
    NonePattern,
    Pattern,
    RangePattern,
    SomePattern,
    TuplePattern,
    Wildcard,
)
from btfview.compiler.rust.typed.walk import parts, walk
from btfview.compiler.rust.types.kinds import BOOL, NEVER, Field, resolve
from btfview.source import Span

_NEEDS_GUARD = frozenset(
    ["field_byte_offset", "field_byte_size", "field_signed", "field_lshift_u64", "field_rshift_u64"]
)
"""Field kinds that libbpf poisons when there is no field."""

_DECISIVE = frozenset([n.FieldQuery, n.EnumQuery, n.If, n.Loop, n.Logic, n.Match, n.Block, n.Call])
"""Nodes that ask, or that tell where a query is asked."""

Fact: TypeAlias = "tuple[object, ...]"
"""What is known to exist: the root, then the steps of the path, or the name of a variant."""
Facts: TypeAlias = frozenset[Fact]
_NONE: Facts = frozenset()


def unguarded_queries(
    bodies: Mapping[Function, n.Expr], calls: Mapping[Function, Sequence[tuple[Function, Span]]]
) -> dict[Function, list[n.FieldQuery | n.EnumQuery]]:
    """Return the queries of each body whose answer may be missing where they are asked, in source order.

    *calls* have no circle. A function is looked at behind all that call it: what is known at each of its
    calls is known in it.
    """
    guards = _Guards(bodies)
    found: dict[Function, list[n.FieldQuery | n.EnumQuery]] = {}
    for function in _callers_first(bodies, calls):
        guards.unguarded = []
        is_entry = function.section is not None or function.is_no_mangle
        known = _NONE if is_entry else guards.at_calls.get(function, _NONE)
        guards.visit(bodies[function], known)
        found[function] = sorted(guards.unguarded, key=lambda query: query.span.start)
    return found


def _callers_first(
    bodies: Mapping[Function, n.Expr], calls: Mapping[Function, Sequence[tuple[Function, Span]]]
) -> list[Function]:
    done: dict[Function, None] = {}
    for root in bodies:
        pending = [(root, False)]
        while pending:
            function, is_left = pending.pop()
            if is_left:
                done[function] = None
            elif function not in done:
                pending.append((function, True))
                pending += [(callee, False) for callee, _ in calls.get(function, ()) if callee in bodies]
    return list(reversed(done))


def _fact_of(query: n.FieldQuery | n.EnumQuery) -> Fact:
    if isinstance(query, n.EnumQuery):
        return (query.root, query.variant.name)
    return (query.root, *(step.name if isinstance(step, Field) else step for _, step in query.path))


def _is_known(fact: Fact, facts: Facts) -> bool:
    """Whether *facts* say that *fact* holds."""
    return any(_implies(other, fact) for other in facts) or (fact[0], "*") in facts


def _implies(known: Fact, fact: Fact) -> bool:
    """Where ``a.b`` exists, so does ``a``; where ``a[2]`` does, so does ``a[1]``."""
    if len(known) < len(fact):
        return False
    return all(
        one == other or (isinstance(one, int) and isinstance(other, int) and one > other)
        for one, other in zip(known, fact, strict=False)
    )


def _is_bool(expr: n.Expr) -> bool:
    return resolve(expr.type) is BOOL


Outcome: TypeAlias = "tuple[Facts | None, Facts | None]"
"""What is known where a bool is true (an Option ``Some``), and where it is not; None where it never is."""


def _both(known: Facts | None, more: Facts | None) -> Facts | None:
    """Return what is known where both hold."""
    return None if known is None or more is None else known | more


def _either(one: Facts | None, other: Facts | None) -> Facts | None:
    """Return what is known where one of two ways was taken."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


class _Guards:
    def __init__(self, bodies: Mapping[Function, n.Expr]) -> None:
        self._bodies = bodies
        self._functions: dict[Function, Outcome] = {}
        """What the answer of a function tells."""
        self.at_calls: dict[Function, Facts] = {}
        """What is known at every call of a function so far."""
        self._answers: dict[Local, Outcome] = {}
        """Locals that hold the answer of an exists query."""
        self._outcomes: dict[int, Outcome] = {}
        self._afters: dict[int, Facts | None] = {}
        """Of branches and blocks, by identity: each is asked about at every level of nesting."""
        self.unguarded: list[n.FieldQuery | n.EnumQuery] = []

    def visit(self, node: object, facts: Facts) -> None:
        """Look for queries in *node* where *facts* are known."""
        pending = [node]
        while pending:
            here = pending.pop()
            if isinstance(here, tuple):
                pending += here[::-1]
            elif here.__class__ in _DECISIVE:
                self._decide(here, facts)
            elif here is not None:
                pending.append(parts(here))

    def _decide(self, node: object, facts: Facts) -> None:
        """Look at a query, or into what tells where one is asked."""
        match node:
            case n.Block(statements=statements, tail=tail):
                for statement in statements:
                    self.visit(statement, facts)
                    after = self._after_statement(statement)
                    if after:
                        facts |= after
                self.visit(tail, facts)
            case n.FieldQuery(kind=kind) | n.EnumQuery(kind=kind):
                asks = kind in _NEEDS_GUARD or kind == "enumval_value"
                if asks and not _is_known(_fact_of(node), facts):
                    self.unguarded.append(node)
            case n.Call(function=function, arguments=arguments):
                self.visit(arguments, facts)
                self.at_calls[function] = facts & self.at_calls.get(function, facts)
            case n.If(condition=condition, then=then, otherwise=otherwise):
                self.visit(condition, facts)
                if_true, if_false = self._outcome(condition)
                self.visit(then, facts | (if_true or _NONE))
                self.visit(otherwise, facts | (if_false or _NONE))
            case n.Loop(condition=condition, body=body):
                self.visit(condition, facts)
                if_true = self._outcome(condition)[0] if condition is not None else _NONE
                self.visit(body, facts | (if_true or _NONE))
            case n.Logic(operator=operator, left=left, right=right):
                self.visit(left, facts)
                implied = self._outcome(left)[0 if operator == "&&" else 1]
                self.visit(right, facts | (implied or _NONE))
            case n.Match(value=value, arms=arms):
                self.visit(value, facts)
                for arm, known in zip(arms, self._arms(node), strict=True):
                    self.visit(arm.guard, facts | (known or _NONE))
                    if arm.guard is not None:
                        known = _both(known, self._outcome(arm.guard)[0])
                    self.visit(arm.body, facts | (known or _NONE))

    # ---- what an expression tells when it is done

    def _after(self, node: n.Expr | None) -> Facts | None:
        """Return what is known behind *node*; None where control does not get there."""
        if node is None:
            return _NONE
        if resolve(node.type) is NEVER:
            return None
        if not isinstance(node, (n.If, n.Match, n.Block)):
            return _NONE
        if id(node) not in self._afters:
            self._afters[id(node)] = self._after_branch(node)
        return self._afters[id(node)]

    def _after_branch(self, node: n.If | n.Match | n.Block) -> Facts | None:
        if isinstance(node, n.Block):
            facts: Facts | None = _NONE
            for statement in node.statements:
                facts = _both(facts, self._after_statement(statement))
            return _both(facts, self._after(node.tail))
        ways: list[tuple[Facts | None, n.Expr | None]] = []
        if isinstance(node, n.If):
            ways = list(zip(self._outcome(node.condition), (node.then, node.otherwise), strict=True))
        else:
            ways = [(known, arm.body) for arm, known in zip(node.arms, self._arms(node), strict=True)]
        after: Facts | None = None
        for known, body in ways:
            after = _either(after, _both(known, self._after(body)))
        return after

    def _after_statement(self, statement: n.Statement) -> Facts | None:
        if isinstance(statement, n.ExprStatement):
            return self._after(statement.value)
        value = statement.value
        if value is None:
            return _NONE
        pattern = statement.pattern
        outcome = self._outcome(value)
        self._hold(pattern, value)
        after = self._after(value)
        if statement.otherwise is None:
            return after
        if_taken, rest = self._taken(pattern, outcome)
        if_not = _both(_either(*rest), self._after(statement.otherwise))
        return _both(after, _either(if_taken, if_not))

    def _hold(self, pattern: Pattern, value: n.Expr) -> None:
        """Note the locals that *pattern* gives the answer in *value*."""
        if isinstance(pattern, Binding) and pattern.inner is None and not pattern.local.is_mut:
            self._answers[pattern.local] = self._outcome(value)
        elif isinstance(pattern, TuplePattern) and isinstance(value, n.TupleLiteral):
            for part, element in zip(pattern.elements, value.elements, strict=True):
                self._hold(part, element)

    # ---- what an answer tells

    def _outcome(self, expr: n.Expr) -> Outcome:
        """Return what is known where *expr* is true or ``Some``, and where it is false or ``None``."""
        match expr:
            case n.FieldQuery(kind="field_exists") | n.EnumQuery(kind="enumval_exists"):
                return frozenset([_fact_of(expr)]), _NONE
            case n.TypeQuery(kind="type_matches", root=root):
                return frozenset([(root, "*")]), _NONE
            case n.Literal(value=value) if resolve(expr.type) is BOOL:
                return (_NONE, None) if value else (None, _NONE)
            case n.SomeValue():
                return _NONE, None
            case n.NoneValue():
                return None, _NONE
            case n.IsSome(value=value):
                return self._outcome(value)
            case n.Unary(operator="!", operand=operand):
                if_true, if_false = self._outcome(operand)
                return if_false, if_true
            case n.Logic(operator=operator, left=left, right=right):
                one, other = self._outcome(left), self._outcome(right)
                if operator == "&&":
                    return _both(one[0], other[0]), _either(one[1], _both(one[0], other[1]))
                return _either(one[0], _both(one[1], other[0])), _both(one[1], other[1])
            case n.Binary(operator="&" | "|" as operator, left=left, right=right) if _is_bool(expr):
                same = n.Logic(expr.type, expr.span, operator * 2, left, right)
                return self._outcome(same)
            case n.Compare(operator="==" | "!=" as operator, left=left, right=right) if _is_bool(left):
                return self._compared(left, right, is_same=operator == "==")
            case n.LetCondition(pattern=TuplePattern() as pattern, value=n.TupleLiteral() as value):
                return self._taken_tuple(pattern, value), _NONE
            case n.LetCondition(pattern=pattern, value=value):
                taken, rest = self._taken(pattern, self._outcome(value))
                return taken, _either(*rest)
            case n.Call(function=function) if function in self._bodies:
                return self._answer_of(function)
            case n.LocalPlace(local=local):
                return self._answers.get(local, (_NONE, _NONE))
            case n.If() | n.Match() | n.Block():
                if id(expr) not in self._outcomes:
                    self._outcomes[id(expr)] = self._outcome_of_branch(expr)
                return self._outcomes[id(expr)]
        return (None, None) if resolve(expr.type) is NEVER else (_NONE, _NONE)

    def _compared(self, left: n.Expr, right: n.Expr, *, is_same: bool) -> Outcome:
        """Return the outcome of comparing a bool with ``true`` or ``false``."""
        if isinstance(left, n.Literal):
            left, right = right, left
        if not isinstance(right, n.Literal):
            return _NONE, _NONE
        if_true, if_false = self._outcome(left)
        return (if_true, if_false) if bool(right.value) == is_same else (if_false, if_true)

    def _taken_tuple(self, pattern: TuplePattern, value: n.TupleLiteral) -> Facts | None:
        """Return what is known where each part of *pattern* fits."""
        known: Facts | None = _NONE
        for part, element in zip(pattern.elements, value.elements, strict=True):
            known = _both(known, self._taken(part, self._outcome(element))[0])
        return known

    def _answer_of(self, function: Function) -> Outcome:
        """Return what is known where *function* gives true or ``Some``, and where it does not."""
        if function not in self._functions:
            self._functions[function] = (_NONE, _NONE)  # of one in its own constants
            body = self._bodies[function]
            if_true, if_false = self._outcome(body)
            for node in walk(body):
                if isinstance(node, n.Return):
                    other = self._outcome(node.value) if node.value is not None else (_NONE, _NONE)
                    if_true, if_false = _either(if_true, other[0]), _either(if_false, other[1])
                elif isinstance(node, (n.Try, n.Panic)):
                    if_false = _NONE
            self._functions[function] = (if_true, if_false)
        return self._functions[function]

    def _outcome_of_branch(self, expr: n.If | n.Match | n.Block) -> Outcome:
        if isinstance(expr, n.Block):
            before: Facts | None = _NONE
            for statement in expr.statements:
                before = _both(before, self._after_statement(statement))
            if expr.tail is None:
                return before, before
            if_true, if_false = self._outcome(expr.tail)
            return _both(before, if_true), _both(before, if_false)
        ways: list[tuple[Facts | None, n.Expr]]
        if isinstance(expr, n.If):
            if expr.otherwise is None:
                return _NONE, _NONE
            ways = list(zip(self._outcome(expr.condition), (expr.then, expr.otherwise), strict=True))
        else:
            ways = [(known, arm.body) for arm, known in zip(expr.arms, self._arms(expr), strict=True)]
        true: Facts | None = None
        false: Facts | None = None
        for known, body in ways:
            if_true, if_false = self._outcome(body)
            true, false = _either(true, _both(known, if_true)), _either(false, _both(known, if_false))
        return true, false

    def _arms(self, expr: n.Match) -> list[Facts | None]:
        """Return what is known in each arm: of a bool or an Option that is matched, which it was."""
        left = self._outcome(expr.value)
        known: list[Facts | None] = []
        for arm in expr.arms:
            if isinstance(arm.pattern, TuplePattern) and isinstance(expr.value, n.TupleLiteral):
                known.append(self._taken_tuple(arm.pattern, expr.value))
                continue
            taken, rest = self._taken(arm.pattern, left)
            known.append(taken)
            if arm.guard is None:
                left = rest
        return known

    def _taken(self, pattern: Pattern, outcome: Outcome) -> tuple[Facts | None, Outcome]:
        """Return what is known where *pattern* fits a value of that *outcome*, and what is left of it."""
        if_true, if_false = outcome
        match pattern:
            case RangePattern(low=low, high=high) if resolve(pattern.type) is BOOL and low == high:
                return (if_true, (None, if_false)) if low else (if_false, (if_true, None))
            case NonePattern():
                return if_false, (if_true, None)
            case SomePattern(inner=Wildcard() | Binding(inner=None)):
                return if_true, (None, if_false)
            case SomePattern():
                return if_true, outcome
            case Wildcard() | Binding(inner=None):
                return _either(if_true, if_false), (None, None)
        return _NONE, outcome
