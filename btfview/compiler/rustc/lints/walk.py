"""Nodes of a tree, in the order of the text."""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from btfview.compiler.rust.syntax.tree import Node


def nodes_of(root: Node, kinds: Container[str]) -> Iterator[Node]:
    """Yield the nodes of *kinds* in *root*, outer ones first."""
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type in kinds:
            yield node
        pending.extend(reversed(node.children))


def around(node: Node, kinds: Container[str]) -> Node | None:
    """Return the innermost node of *kinds* around *node*."""
    found = node.parent
    while found is not None and found.type not in kinds:
        found = found.parent
    return found
