"""Which queries are asked where nothing says that they have an answer.

A poisoned instruction does no harm in a branch that an exists query decides: the verifier drops it as dead
code. So what is looked for is control flow: ``if``, ``&&``, ``match``, an early return, or a local that holds
the answer. A guard in another function is not seen.
"""

from __future__ import annotations

from typing import TypeAlias

from . import nodes as n
from .types import NEVER, Field, resolve
from .walk import parts

_NEEDS_GUARD = frozenset(
    ["field_byte_offset", "field_byte_size", "field_signed", "field_lshift_u64", "field_rshift_u64"]
)
"""Field kinds that libbpf poisons when there is no field."""

_DECISIVE = frozenset([n.FieldQuery, n.EnumQuery, n.If, n.Loop, n.Logic, n.Match, n.Block])
"""Nodes that ask, or that tell where a query is asked."""

Fact: TypeAlias = "tuple[object, ...]"
"""What is known to exist: the root, then the steps of the path, or the name of a variant."""
Facts: TypeAlias = frozenset[Fact]
_NONE: Facts = frozenset()


def unguarded_queries(body: n.Expr) -> list[n.FieldQuery | n.EnumQuery]:
    """Return the queries of *body* whose answer may be missing where they are asked, in source order."""
    guards = _Guards()
    guards.visit(body, _NONE)
    return sorted(guards.unguarded, key=lambda query: query.span.start)


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


class _Guards:
    def __init__(self) -> None:
        self._answers: dict[n.Local, tuple[Facts, Facts]] = {}
        """Locals that hold the answer of an exists query."""
        self.unguarded: list[n.FieldQuery | n.EnumQuery] = []

    def visit(self, node: object, facts: Facts) -> None:
        """Look for queries in *node* where *facts* are known."""
        if node.__class__ not in _DECISIVE:
            for part in node if isinstance(node, tuple) else parts(node):
                self.visit(part, facts)
            return
        match node:
            case n.FieldQuery(kind=kind) | n.EnumQuery(kind=kind):
                asks = kind in _NEEDS_GUARD or kind == "enumval_value"
                if asks and not _is_known(_fact_of(node), facts):
                    self.unguarded.append(node)
            case n.If(condition=condition, then=then, otherwise=otherwise):
                self.visit(condition, facts)
                if_true, if_false = self._implied(condition)
                self.visit(then, facts | if_true)
                self.visit(otherwise, facts | if_false)
            case n.Loop(condition=condition, body=body):
                self.visit(condition, facts)
                if_true = self._implied(condition)[0] if condition is not None else _NONE
                self.visit(body, facts | if_true)
            case n.Logic(operator=operator, left=left, right=right):
                self.visit(left, facts)
                implied = self._implied(left)[0 if operator == "&&" else 1]
                self.visit(right, facts | implied)
            case n.Match(value=value, arms=arms):
                self.visit(value, facts)
                implied_by = self._implied(value)
                for arm in arms:
                    known = _NONE
                    if isinstance(arm.pattern, n.RangePattern) and arm.pattern.low == arm.pattern.high:
                        known = implied_by[0 if arm.pattern.low else 1]
                    self.visit(arm.guard, facts | known)
                    self.visit(arm.body, facts | known)
            case n.Block(statements=statements, tail=tail):
                self._block(statements, tail, facts)

    def _block(self, statements: tuple[n.Statement, ...], tail: n.Expr | None, facts: Facts) -> None:
        for statement in statements:
            self.visit(statement, facts)
            match statement:
                case n.Let(pattern=n.Binding(local=local), value=value) if value and not local.is_mut:
                    self._answers[local] = self._implied(value)
                case n.ExprStatement(value=n.If(condition=condition, then=then, otherwise=otherwise)):
                    if_true, if_false = self._implied(condition)
                    if _leaves(then):
                        facts |= if_false
                    elif otherwise is not None and _leaves(otherwise):
                        facts |= if_true
        self.visit(tail, facts)

    def _implied(self, expr: n.Expr) -> tuple[Facts, Facts]:
        """Return what is known where *expr* is true, and where it is false."""
        match expr:
            case n.FieldQuery(kind="field_exists") | n.EnumQuery(kind="enumval_exists"):
                return frozenset([_fact_of(expr)]), _NONE
            case n.TypeQuery(kind="type_matches", root=root):
                return frozenset([(root, "*")]), _NONE
            case n.Unary(operator="!", operand=operand):
                if_true, if_false = self._implied(operand)
                return if_false, if_true
            case n.Logic(operator=operator, left=left, right=right):
                one, other = self._implied(left), self._implied(right)
                if operator == "&&":
                    return one[0] | other[0], one[1] & other[1]
                return one[0] & other[0], one[1] | other[1]
            case n.LocalPlace(local=local):
                return self._answers.get(local, (_NONE, _NONE))
            case n.Block(statements=(), tail=tail) if tail is not None:
                return self._implied(tail)
            case n.If(condition=condition, then=n.Literal(value=1), otherwise=n.Literal(value=0)):
                return self._implied(condition)  # a wrapper that says so in words
        return _NONE, _NONE


def _leaves(expr: n.Expr) -> bool:
    return resolve(expr.type) is NEVER
