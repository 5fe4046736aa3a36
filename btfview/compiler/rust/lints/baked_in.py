"""What of a struct's layout a program takes from its own file: right on one kernel, at most.

Fields that a pointer or a reference leads to, patterns behind a reference, and ``add`` by whole values. What
becomes a number while it is checked (``size_of``, ``offset_of!``) is noted there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.definitions import LayoutUse
from btfview.compiler.rust.typed.patterns import Pattern, RefPattern, StructPattern, parts_of_pattern
from btfview.compiler.rust.types.kinds import PointerType, StructType, resolve

_TELLING = frozenset((
    n.FieldPlace, n.IndexPlace, n.TupleField, n.AddressOf, n.Deref, n.PointerOffset, n.Let, n.Arm,
    n.LetCondition,
))  # fmt: skip


def layout_uses(nodes: Sequence[object]) -> Iterator[LayoutUse]:
    """Yield where a body of *nodes* reads a struct behind a pointer as this file lays it out."""
    nodes = [node for node in nodes if node.__class__ in _TELLING]
    borrowed = {
        id(node.base) for node in nodes if isinstance(node, (n.FieldPlace, n.IndexPlace, n.TupleField))
    }
    borrowed |= {id(node.place) for node in nodes if isinstance(node, n.AddressOf)}
    for node in nodes:
        match node:
            case n.FieldPlace(base=base, struct=struct, field=field) if _is_behind(base):
                yield LayoutUse(struct, field.name, node.span)
            case n.Deref() if id(node) not in borrowed:
                whole = resolve(node.type)
                if isinstance(whole, StructType):
                    yield LayoutUse(whole, None, node.span)
            case n.PointerOffset(base=base) if isinstance(found := resolve(base.type), PointerType):
                behind = resolve(found.pointee)
                if isinstance(behind, StructType) and abs(node.stride) == behind.size:
                    yield LayoutUse(behind, None, node.span)
            case n.Let(pattern=pattern) | n.Arm(pattern=pattern) | n.LetCondition(pattern=pattern):
                yield from _pattern_uses(pattern, is_behind=False)


def _is_behind(base: n.Expr) -> bool:
    """Whether a place is one that a pointer leads to, perhaps through fields."""
    while isinstance(base, (n.FieldPlace, n.IndexPlace, n.TupleField)):
        base = base.base
    return isinstance(base, n.Deref)


def _pattern_uses(pattern: Pattern, *, is_behind: bool) -> Iterator[LayoutUse]:
    is_behind = is_behind or isinstance(pattern, RefPattern)
    if isinstance(pattern, StructPattern) and is_behind:
        for field, part in pattern.fields:
            yield LayoutUse(pattern.type, field.name, part.span)
    for part in parts_of_pattern(pattern):
        yield from _pattern_uses(part, is_behind=is_behind)
