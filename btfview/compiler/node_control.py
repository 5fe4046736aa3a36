"""Blocks, statements, branches, loops and jumps, a part of the typed tree (:mod:`.nodes`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from btfview.record import record
from btfview.source import Span

from .types import Type

if TYPE_CHECKING:
    from .nodes import Expr
    from .patterns import Pattern


@record
class Block:
    type: Type
    span: Span
    statements: tuple[Statement, ...]
    tail: Expr | None


@record
class Let:
    span: Span
    pattern: Pattern
    value: Expr | None
    otherwise: Expr | None
    """The diverging block of ``let .. else``."""


@record
class ExprStatement:
    value: Expr


Statement: TypeAlias = Let | ExprStatement


@record
class Assign:
    type: Type
    span: Span
    place: Expr
    value: Expr


@record
class CompoundAssign:
    type: Type
    span: Span
    operator: str
    """``+`` of ``+=``."""
    place: Expr
    value: Expr


@record
class If:
    type: Type
    span: Span
    condition: Expr
    """May hold :class:`LetCondition` under ``&&``."""
    then: Expr
    otherwise: Expr | None


@record
class LetCondition:
    """``let PATTERN = value`` as a condition."""

    type: Type
    span: Span
    pattern: Pattern
    value: Expr


@record
class Arm:
    pattern: Pattern
    guard: Expr | None
    body: Expr
    span: Span


@record
class Match:
    type: Type
    span: Span
    value: Expr
    arms: tuple[Arm, ...]


class LoopTarget:
    """What ``break`` and ``continue`` refer to."""

    __slots__ = ("has_break", "label", "takes_value", "type", "word")

    def __init__(self, label: str | None, loop_type: Type, takes_value: bool, word: str = "while") -> None:
        self.word = word
        """``while``, ``for``, ``block`` or ``closure``."""
        self.label = label
        self.type = loop_type
        self.takes_value = takes_value
        self.has_break = False


@record
class Loop:
    """``loop``, or ``while`` with its condition."""

    type: Type
    span: Span
    target: LoopTarget
    condition: Expr | None
    body: Expr


@record
class ForRange:
    """``for pattern in low..high``, with ``..=`` or ``rev()``."""

    type: Type
    span: Span
    target: LoopTarget
    pattern: Pattern
    low: Expr
    high: Expr
    is_inclusive: bool
    is_reversed: bool
    step: int
    body: Expr
    is_unrolled: bool = False
    """Whether LLVM is to write the body out, so that what depends on the position becomes constant."""


@record
class Panic:
    """Leaves the function with zero: BPF has no way to panic."""

    type: Type
    span: Span


@record
class LabelledBlock:
    """A block that ``break 'label value`` leaves."""

    type: Type
    span: Span
    target: LoopTarget
    body: Expr


@record
class Break:
    type: Type
    span: Span
    target: LoopTarget
    value: Expr | None


@record
class Continue:
    type: Type
    span: Span
    target: LoopTarget


@record
class Return:
    type: Type
    span: Span
    value: Expr | None
