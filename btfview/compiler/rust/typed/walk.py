"""Which nodes of the typed tree are inside a node: what its class names in ``PARTS``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter

from . import tree as n

_READERS: dict[type, Callable[[object], object]] = {
    kind: attrgetter(*kind.PARTS) for kind in n.KINDS if hasattr(kind, "PARTS")
}
"""By class: what reads its parts. One part comes by itself, several as a tuple."""


def parts(node: object) -> object:
    """Return what is directly inside *node*: a node, a tuple of nodes in source order, or None.

    In a tuple there may also be tuples with nodes, None, and what is no node.
    """
    reader = _READERS.get(node.__class__)
    return None if reader is None else reader(node)


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
            reader = _READERS.get(kind)
            if reader is not None:
                pending.append(reader(here))
