"""Which nodes of the typed tree are inside a node."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from . import nodes as n

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


_readers: dict[type, Callable[[object], tuple[object, ...]]] = {}


def parts(node: object) -> tuple[object, ...]:
    """Return what is directly inside *node*, in source order: nodes, tuples that hold some, and None."""
    cls = type(node)
    reader = _readers.get(cls)
    if reader is None:
        reader = _readers[cls] = _reader(cls)
    return reader(node)


def walk(node: object) -> Iterator[object]:
    """Yield *node*, which may also be a tuple, and every node inside it, in source order."""
    pending = [node]
    while pending:
        here = pending.pop()
        if here.__class__ is tuple:
            pending += reversed(here)
        elif here.__class__ in n.KINDS:
            yield here
            inside = parts(here)
            if inside:
                pending += inside[::-1]
