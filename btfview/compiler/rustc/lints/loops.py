"""Loops that nothing leaves, as far as the text tells; what may panic counts as a way out."""

from __future__ import annotations

from .walk import around, nodes_of

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.compiler.rust.syntax.tree import Node, Tree

_LOOPS = frozenset(["loop_expression", "while_expression", "for_expression"])
_NESTED = frozenset(["function_item", "closure_expression", "async_block"])
_WAYS_OUT = frozenset(
    ["return_expression", "try_expression", "index_expression", "macro_invocation", "yield_expression"]
)
"""The grammar is shown ``break (..)`` as a ``yield`` (:class:`~btfview.compiler.rust.syntax.tree.Tree`)."""


def endless_loops(tree: Tree) -> Iterator[Node]:
    """Yield the outermost loops of *tree* that control never leaves; a panic handler's is none."""
    last = -1
    for node in nodes_of(tree.root, _LOOPS):
        if node.start_byte < last or not _repeats(tree, node) or _is_left(tree, node):
            continue
        if not _is_in_handler(tree, node):
            last = node.end_byte
            yield node


def _repeats(tree: Tree, loop: Node) -> bool:
    if loop.type == "loop_expression":
        return True
    condition = loop.child_by_field_name("condition")
    return loop.type == "while_expression" and condition is not None and tree.text(condition) == "true"


def _is_left(tree: Tree, loop: Node) -> bool:
    body = loop.child_by_field_name("body")
    pending = list(body.children) if body is not None else []
    label = _label(tree, loop)
    while pending:
        node = pending.pop()
        if node.type in _NESTED:
            continue
        if node.type in _WAYS_OUT or (node.type == "call_expression" and _is_method(node)):
            return True
        if node.type in ("binary_expression", "compound_assignment_expr"):
            operator = node.child_by_field_name("operator")
            if operator is not None and tree.text(operator).rstrip("=") in ("/", "%"):
                return True
        if node.type in ("break_expression", "continue_expression"):
            named = tree.child(node, "label")
            owner = around(node, _LOOPS)
            is_break = node.type == "break_expression"
            if named is None and is_break and owner == loop:
                return True
            if (
                named is not None
                and (tree.text(named) != label or is_break)
                and not _is_inner(tree, node, loop)
            ):
                return True
        pending += node.children
    return False


def _is_inner(tree: Tree, jump: Node, loop: Node) -> bool:
    """Return whether the label of *jump* is one inside of *loop*."""
    named = tree.child(jump, "label")
    wanted = tree.text(named) if named is not None else ""
    found = jump.parent
    while found is not None and found != loop:
        if _label(tree, found) == wanted:
            return True
        found = found.parent
    return False


def _label(tree: Tree, node: Node) -> str:
    found = tree.child(node, "label")
    return tree.text(found) if found is not None and node.type != "break_expression" else ""


def _is_method(call: Node) -> bool:
    function = call.child_by_field_name("function")
    return function is not None and function.type == "field_expression"


def _is_in_handler(tree: Tree, node: Node) -> bool:
    function = around(node, {"function_item"})
    before = function.prev_sibling if function is not None else None
    while before is not None and (before.type == "attribute_item" or before.is_extra):
        if "panic_handler" in tree.text(before):
            return True
        before = before.prev_sibling
    return False
