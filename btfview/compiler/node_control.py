"""Blocks, statements, branches, loops and jumps, a part of the typed tree (:mod:`.nodes`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from btfview.frozen import frozen
from btfview.source import Span

from .rust.types.kinds import Type

if TYPE_CHECKING:
    from .nodes import Expr
    from .patterns import Pattern


@frozen
class Block:
    type: Type
    span: Span
    statements: tuple[Statement, ...]
    tail: Expr | None


@frozen
class Let:
    span: Span
    pattern: Pattern
    value: Expr | None
    otherwise: Expr | None
    """The diverging block of ``let .. else``."""


@frozen
class ExprStatement:
    value: Expr


Statement: TypeAlias = Let | ExprStatement


@frozen
class Assign:
    type: Type
    span: Span
    place: Expr
    value: Expr


@frozen
class CompoundAssign:
    type: Type
    span: Span
    operator: str
    """``+`` of ``+=``."""
    place: Expr
    value: Expr


@frozen
class If:
    type: Type
    span: Span
    condition: Expr
    """May hold :class:`LetCondition` under ``&&``."""
    then: Expr
    otherwise: Expr | None


@frozen
class LetCondition:
    """``let PATTERN = value`` as a condition."""

    type: Type
    span: Span
    pattern: Pattern
    value: Expr


@frozen
class Arm:
    pattern: Pattern
    guard: Expr | None
    body: Expr
    span: Span


@frozen
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


@frozen
class Loop:
    """``loop``, or ``while`` with its condition."""

    type: Type
    span: Span
    target: LoopTarget
    condition: Expr | None
    body: Expr


@frozen
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


@frozen
class Panic:
    """Leaves the function with zero: BPF has no way to panic."""

    type: Type
    span: Span


@frozen
class LabelledBlock:
    """A block that ``break 'label value`` leaves."""

    type: Type
    span: Span
    target: LoopTarget
    body: Expr


@frozen
class Break:
    type: Type
    span: Span
    target: LoopTarget
    value: Expr | None


@frozen
class Continue:
    type: Type
    span: Span
    target: LoopTarget


@frozen
class Return:
    type: Type
    span: Span
    value: Expr | None
