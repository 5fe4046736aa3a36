"""Checked patterns, a part of the typed tree (:mod:`.nodes`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ..record import record
from ..source import Span
from .types import Field, StructType, Type

if TYPE_CHECKING:
    from .definitions import Local


@record
class Wildcard:
    span: Span


@record
class Binding:
    span: Span
    local: Local
    inner: Pattern | None


@record
class RangePattern:
    """Integers (bool, char and enums as their codes) from *low* to *high*, both included."""

    span: Span
    type: Type
    low: int
    high: int


@record
class SomePattern:
    span: Span
    type: Type
    """The ``Option``."""
    inner: Pattern


@record
class NonePattern:
    span: Span
    type: Type


@record
class ResultPattern:
    """``Ok(inner)`` or ``Err(inner)``."""

    span: Span
    type: Type
    is_ok: bool
    inner: Pattern


@record
class TuplePattern:
    span: Span
    type: Type
    elements: tuple[Pattern, ...]


@record
class StructPattern:
    span: Span
    type: StructType
    fields: tuple[tuple[Field, Pattern], ...]


@record
class RefPattern:
    """``&inner``."""

    span: Span
    type: Type
    """What the reference points to."""
    inner: Pattern


@record
class OrPattern:
    span: Span
    alternatives: tuple[Pattern, ...]


Pattern: TypeAlias = (
    Wildcard | Binding | RangePattern | SomePattern | NonePattern | ResultPattern | TuplePattern
    | StructPattern | RefPattern | OrPattern
)  # fmt: skip
