"""Queries, each of which becomes one relocation; a part of the typed tree (:mod:`.nodes`)."""

from __future__ import annotations

from typing import TypeAlias

from btfview.frozen import frozen
from btfview.source import Span

from .rust.types.kinds import ArrayType, EnumType, Field, StructType, Type, Variant


@frozen
class FieldQuery:
    """One relocation: what ``llvm.bpf.preserve.field.info`` answers about *path* of *root*."""

    type: Type
    span: Span
    kind: str
    """A key of :data:`btfview.compiler.result.QUERY_KINDS`."""
    root: StructType
    path: tuple[Step, ...]
    path_span: Span


Step: TypeAlias = "tuple[StructType, Field] | tuple[ArrayType, int]"
"""One step of a path: a field of a struct or union, or an element of an array."""


@frozen
class TypeQuery:
    """One relocation about a type as a whole."""

    type: Type
    span: Span
    kind: str
    root: StructType | EnumType
    path_span: Span


@frozen
class EnumQuery:
    """One relocation about a variant of an enum."""

    type: Type
    span: Span
    kind: str
    root: EnumType
    variant: Variant
    path_span: Span


Query: TypeAlias = FieldQuery | TypeQuery | EnumQuery
