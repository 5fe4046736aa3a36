"""Which nodes of the typed tree are inside a node."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from . import tree as n

_WORD = re.compile(r"\w+")
_NODE_WORDS = frozenset(["Expr", "Statement", "Query", *(cls.__name__ for cls in n.KINDS)])
"""One is in the annotation of a field that holds a node, or a tuple with nodes in it."""


def _reader(cls: type) -> Callable[[object], tuple[object, ...]]:
    """Return what gives :func:`parts` of a *cls*."""
    names: list[str] = []
    if cls in n.KINDS:
        for name, annotation in cls.__annotations__.items():
            if not _NODE_WORDS.isdisjoint(_WORD.findall(annotation)):
                names.append(name)
    if not names:
        return lambda _node: ()
    scope: dict[str, Callable[[object], tuple[object, ...]]] = {}
    values = ", ".join(f"node.{name}" for name in names)
    exec(f"def read(node): return ({values},)", scope)  # noqa: S102  names are identifiers of ours
    return scope["read"]


class _Readers(dict[type, Callable[[object], tuple[object, ...]]]):
    """:func:`_reader` by class, made when one is first met."""

    def __missing__(self, cls: type) -> Callable[[object], tuple[object, ...]]:
        reader = self[cls] = _reader(cls)
        return reader


_readers = _Readers()


def parts(node: object) -> tuple[object, ...]:
    """Return what is directly inside *node*, in source order: nodes, tuples that hold some, and None."""
    return _readers[node.__class__](node)


def walk(node: object) -> Iterator[object]:
    """Yield *node*, which may also be a tuple, and every node inside it, in source order."""
    pending = [node]
    while pending:
        here = pending.pop()
        kind = here.__class__
        if kind is tuple:
            pending += here[::-1]  # type: ignore[index]
        elif kind in n.KINDS:
            yield here
            inside = _readers[kind](here)
            if inside:
                pending += inside[::-1]
