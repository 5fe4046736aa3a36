"""The items of a Rust source and where they stand, for whoever puts something between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from btfview.compiler.rust.report import Report
from btfview.frozen import frozen

from .tree import Tree, parse

if TYPE_CHECKING:
    from btfview.source import Source

    from .tree import Node

_FEATURE = re.compile(r"#!\s*\[\s*feature\s*\(([^)]*)\)\s*\]")
_COMMENTS = ("line_comment", "block_comment")
_WORDS = {
    "struct_item": "struct",
    "union_item": "union",
    "enum_item": "enum",
    "function_item": "fn",
    "impl_item": "impl",
    "mod_item": "mod",
    "const_item": "const",
    "static_item": "static",
    "type_item": "type",
    "use_declaration": "use",
    "foreign_mod_item": "extern",
}


@frozen
class OutlineItem:
    """One item of the outermost level."""

    kind: str
    """``struct``, ``fn``, ``impl`` ..; of one that has no short word ``item``."""
    name: str
    """Of an ``impl`` that of its type; of a ``use`` what it imports; empty where there is none."""
    start: int
    """Character at which it begins, with the comments and attributes before it."""
    end: int
    methods: tuple[str, ...] = ()
    """Functions of an ``impl``."""
    is_generic: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()


@frozen
class Outline:
    items: tuple[OutlineItem, ...]
    gates: tuple[str, ...]
    """What ``#![feature(..)]`` holds."""
    gates_end: int
    """Before the bracket that closes the last ``#![feature(..)]``; -1 where there is none."""
    inner_start: int
    """Where the first inner attribute begins; as *inner_end* where there is none."""
    inner_end: int
    """Behind all inner attributes and the comments on the file: where items may begin."""
    is_sound: bool
    """The source has no syntax errors; else the places are guesses."""


def read_outline(source: Source) -> Outline:
    """Return what *source* declares at its outermost level."""
    report = Report()
    tree = parse(source, report)
    items: list[OutlineItem] = []
    gates: list[str] = []
    gates_end = inner_start = -1
    inner_end = 0
    before: list[Node] = []
    for node in tree.root.children:
        text = tree.text(node)
        if node.type == "inner_attribute_item":
            inner_start = tree.span(node).start if inner_start < 0 else inner_start
            inner_end = tree.span(node).end
            found = _FEATURE.fullmatch(text.strip())
            if found is not None:
                gates += [gate.strip() for gate in found[1].split(",") if gate.strip()]
                gates_end = tree.span(node).start + found.end(1)
            before = []
        elif node.type in _COMMENTS and text.startswith(("//!", "/*!")) and not items:
            inner_end = tree.span(node).end
            before = []
        elif node.type in _COMMENTS or node.type == "attribute_item":
            before.append(node)
        elif node.type == "shebang":
            inner_end = tree.span(node).end
        elif node.is_named:
            items.append(_read_item(tree, node, before))
            before = []
        elif items:  # the semicolon of an item
            last = items[-1]
            items[-1] = OutlineItem(
                last.kind, last.name, last.start, tree.span(node).end, last.methods, last.is_generic
            )
    if inner_end and source.text[inner_end - 1] == "\n":  # some comments of the grammar end with their line
        inner_end -= 1
    return Outline(
        tuple(items),
        tuple(gates),
        gates_end,
        inner_start if inner_start >= 0 else inner_end,
        inner_end,
        not report.has_errors(),
    )


def _read_item(tree: Tree, node: Node, before: list[Node]) -> OutlineItem:
    start = tree.span(node).start
    text = tree.source.text
    for one in reversed(before):
        span = tree.span(one)
        if one.type != "attribute_item" and text.count("\n", span.end - 1, start) > 1:
            break  # a blank line: the comment is not about this item
        start = span.start
    end = tree.span(node).end
    end -= text[start:end].endswith("\n")
    field = "type" if node.type == "impl_item" else "argument" if node.type == "use_declaration" else "name"
    named = node.child_by_field_name(field)
    name = tree.text(named).removeprefix("r#") if named is not None else ""
    body = node.child_by_field_name("body")
    methods = tuple(
        tree.name(found)
        for child in (body.named_children if body is not None and node.type == "impl_item" else ())
        if child.type == "function_item" and (found := child.child_by_field_name("name")) is not None
    )
    is_generic = node.child_by_field_name("type_parameters") is not None
    return OutlineItem(_WORDS.get(node.type, "item"), name, start, end, methods, is_generic)
