"""Checked patterns, a part of the typed tree (:mod:`.tree`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from btfview.compiler.rust.types.kinds import ArrayType, Field, StructType, Type
from btfview.frozen import frozen
from btfview.source import Span

if TYPE_CHECKING:
    from .definitions import Local


@frozen
class Wildcard:
    span: Span


@frozen
class Binding:
    span: Span
    local: Local
    inner: Pattern | None
    is_ref: bool = False
    """Whether the local gets the address of what is matched: ``ref name``, or a name found through a
    reference (reference: binding modes)."""


@frozen
class RangePattern:
    """Integers (bool, char and enums as their codes) from *low* to *high*, both included."""

    span: Span
    type: Type
    low: int
    high: int


@frozen
class SomePattern:
    span: Span
    type: Type
    """The ``Option``."""
    inner: Pattern


@frozen
class NonePattern:
    span: Span
    type: Type


@frozen
class ResultPattern:
    """``Ok(inner)`` or ``Err(inner)``."""

    span: Span
    type: Type
    is_ok: bool
    inner: Pattern


@frozen
class TuplePattern:
    span: Span
    type: Type
    elements: tuple[Pattern, ...]


@frozen
class StructPattern:
    span: Span
    type: StructType
    fields: tuple[tuple[Field, Pattern], ...]


@frozen
class ArrayPattern:
    """``[first, .., last]``."""

    span: Span
    type: ArrayType
    elements: tuple[tuple[int, Pattern], ...]
    """Index and pattern of each element that is named; ascending."""
    rest: Binding | None
    """``name @ ..``."""
    rest_start: int
    """Index of the first element under the ``..``; after the last one where there is none."""


@frozen
class RefPattern:
    """``&inner``, and what looks through a reference without saying so."""

    span: Span
    type: Type
    """What the reference points to."""
    inner: Pattern


@frozen
class OrPattern:
    span: Span
    alternatives: tuple[Pattern, ...]


Pattern: TypeAlias = (
    Wildcard | Binding | RangePattern | SomePattern | NonePattern | ResultPattern | TuplePattern
    | StructPattern | ArrayPattern | RefPattern | OrPattern
)  # fmt: skip


def parts_of_pattern(pattern: Pattern) -> tuple[Pattern, ...]:
    """Return the patterns directly inside *pattern*."""
    match pattern:
        case Binding(inner=inner):
            return () if inner is None else (inner,)
        case SomePattern(inner=inner) | ResultPattern(inner=inner) | RefPattern(inner=inner):
            return (inner,)
        case TuplePattern(elements=parts) | OrPattern(alternatives=parts):
            return parts
        case StructPattern(fields=fields):
            return tuple(part for _, part in fields)
        case ArrayPattern(elements=elements, rest=rest):
            inside = tuple(part for _, part in elements)
            return inside if rest is None else (*inside, rest)
    return ()


def bindings(pattern: Pattern) -> list[Binding]:
    """Return the names that *pattern* binds, in source order; in each alternative of a ``|`` anew."""
    found: list[Binding] = [pattern] if isinstance(pattern, Binding) else []
    for part in parts_of_pattern(pattern):
        found += bindings(part)
    return found


def borrows(pattern: Pattern) -> bool:
    """Whether *pattern* takes the address of what it is matched against, or of a part of it."""
    if isinstance(pattern, RefPattern):
        return False  # what is borrowed inside lies behind the reference
    if isinstance(pattern, Binding) and pattern.is_ref:
        return True
    return any(borrows(part) for part in parts_of_pattern(pattern))
