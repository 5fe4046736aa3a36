"""Arithmetic of which it is known that it overflows or panics (rustc: ``KnownPanicsLint``)."""

from __future__ import annotations

from collections.abc import Sequence

from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.definitions import Local
from btfview.compiler.rust.typed.patterns import Binding
from btfview.compiler.rust.types.kinds import IntType, format_type, resolve
from btfview.frozen import frozen
from btfview.source import Span


@frozen
class KnownPanic:
    lint: str
    span: Span
    label: str


def known_panics(nodes: Sequence[object]) -> list[KnownPanic]:
    """Return the operations on known values that overflow, or divide by zero, of all *nodes* of a body."""
    operations = [node for node in nodes if node.__class__ is n.Binary]
    return _Values(nodes).find(operations) if operations else []


class _Values:
    def __init__(self, nodes: Sequence[object]) -> None:
        self._known: dict[Local, n.Expr] = {}
        """Locals that never change, and what each begins with."""
        for node in nodes:
            if isinstance(node, n.Let) and node.value is not None and isinstance(node.pattern, Binding):
                binding = node.pattern
                if not (binding.local.is_mut or binding.is_ref or binding.inner is not None):
                    self._known[binding.local] = node.value

    def find(self, operations: Sequence[n.Binary]) -> list[KnownPanic]:
        return [panic for node in operations for panic in self._binary(node)]

    def _binary(self, node: n.Binary) -> list[KnownPanic]:
        kind = resolve(node.type)
        right = self._value(node.right)
        if not isinstance(kind, IntType) or right is None:
            return []
        operator = node.operator
        if operator in ("<<", ">>"):
            if 0 <= right < kind.bits:
                return []
            return [
                _overflow(node.span, f"attempt to shift a `{kind.name}` by `{right}`, which would overflow")
            ]
        if operator in ("/", "%") and right == 0:
            divided = "attempt to divide by zero"
            label = (
                divided if operator == "/" else "attempt to calculate the remainder with a divisor of zero"
            )
            return [KnownPanic("unconditional_panic", node.span, label)]
        left = self._value(node.left)
        if left is None or operator not in _OPERATIONS:
            return []
        result = _OPERATIONS[operator](left, right)
        if kind.minimum <= result <= kind.maximum:
            return []
        name = format_type(kind)
        return [
            _overflow(
                node.span,
                f"attempt to compute `{left}_{name} {operator} {right}_{name}`, which would overflow",
            )
        ]

    def _value(self, expr: n.Expr, depth: int = 0) -> int | None:
        """Return the value of *expr* where it is known without running anything."""
        kind = resolve(expr.type)
        if not isinstance(kind, IntType) or depth > 16:
            return None
        match expr:
            case n.Literal(value=value):
                return value
            case n.LocalPlace(local=local) if local in self._known:
                return self._value(self._known[local], depth + 1)
            case n.Binary(operator=operator, left=left, right=right) if operator in _OPERATIONS:
                one, other = self._value(left, depth + 1), self._value(right, depth + 1)
                if one is None or other is None:
                    return None
                result = _OPERATIONS[operator](one, other)
                return result if kind.minimum <= result <= kind.maximum else None
        return None


_OPERATIONS = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}


def _overflow(span: Span, label: str) -> KnownPanic:
    return KnownPanic("arithmetic_overflow", span, label)
