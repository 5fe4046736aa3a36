"""What an ``extern`` block declares beside helpers, kfuncs and variables of the kernel, with its types.

rustc writes no debug info for what is only declared, and libbpf finds a kfunc by name *and* type (libbpf:
``bpf_object__resolve_ksym_func_btf_id``). So behind each block stands, for rustc alone, a static that points
to each of its items: its debug info has the types as rustc knows them
(:mod:`btfview.compiler.rustc.ir.externs` reads it).
"""

from __future__ import annotations

import re

from btfview.bpf_helpers import HELPER_NUMBERS
from btfview.source import Span

from .edits import Edit

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.compiler.rust.syntax.tree import Node, Tree

MARK = "__BTF_EXTERN_"
"""Begins the name of such a static; the line of the item follows."""
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_ARCH = re.compile(r'target_arch\s*=\s*("[^"]*")')
_STRING = re.compile(r'"([^"\\]*)"')


def marks(tree: Tree, block: Node, stand_in: str) -> Iterator[Edit]:
    """Yield the edits that have rustc tell the types of the items of the ``extern`` *block*."""
    items = block.child_by_field_name("body") or tree.child(block, "declaration_list")
    if items is None:
        return
    modifier = tree.child(block, "extern_modifier")
    abi = _plain(tree.text(modifier)) if modifier is not None else "extern"
    conditions = _conditions(tree, _attributes_before(block))
    found: list[str] = []
    for item in items.children:
        if item.type not in ("function_signature_item", "static_item"):
            continue
        attributes = _attributes_before(item)
        name = item.child_by_field_name("name")
        if name is None or _value_of(tree, attributes, "link_name", tree.name(name)) in HELPER_NUMBERS:
            continue
        section = _value_of(tree, attributes, "link_section")
        if section:  # rustc takes none on what is elsewhere
            yield from _without(tree, attributes, "link_section")
        kind, value = (
            (f"unsafe {_lifetimes(tree, item)}{abi} fn{_signature(tree, item)}", tree.text(name))
            if item.type == "function_signature_item"
            else (
                f"::{stand_in}::Extern<{_plain(_text_of(tree, item, 'type'))}>",
                f"::{stand_in}::Extern(&raw const {tree.text(name)})",
            )
        )
        place = f'#[unsafe(link_section = "{section}")] ' if section else ""
        line = tree.source.location(tree.span(name).start).line
        when = _conditions(tree, attributes)
        found.append(f" {when}#[used] {place}static {MARK}{line}: {kind} = {value};")
    end = tree.span(block).end
    for text in found:
        yield Edit(end, end, f" {conditions}const _: () = {{{text} }};")


def _plain(text: str) -> str:
    """Return *text* in one line, without comments."""
    return " ".join(_COMMENT.sub(" ", text).split())


def _text_of(tree: Tree, item: Node, field: str) -> str:
    node = item.child_by_field_name(field)
    return tree.text(node) if node is not None else ""


def _signature(tree: Tree, item: Node) -> str:
    parameters = item.child_by_field_name("parameters")
    kinds: list[str] = []
    for parameter in parameters.children if parameters is not None else ():
        if parameter.type == "parameter":
            kinds.append(_plain(_text_of(tree, parameter, "type")))
        elif parameter.type == "variadic_parameter":
            kinds.append("...")
    result = _plain(_text_of(tree, item, "return_type"))
    return f"({', '.join(kinds)})" + (f" -> {result}" if result else "")


def _lifetimes(tree: Tree, item: Node) -> str:
    given = _plain(_text_of(tree, item, "type_parameters"))
    return f"for{given} " if given else ""


def _attributes_before(node: Node) -> list[Node]:
    found: list[Node] = []
    before = node.prev_sibling
    while before is not None and (before.type == "attribute_item" or before.is_extra):
        if before.type == "attribute_item":
            found.append(before)
        before = before.prev_sibling
    return found[::-1]


def _conditions(tree: Tree, attributes: Sequence[Node]) -> str:
    """Return the ``cfg`` among *attributes*, answered as for BPF."""
    texts = [_plain(tree.text(one)) for one in attributes]
    kept = [text for text in texts if re.match(r"#\s*\[\s*cfg\s*\(", text)]
    return "".join(
        _ARCH.sub(lambda found: "all()" if found[1] == '"bpf"' else "any()", text) + " " for text in kept
    )


def _value_of(tree: Tree, attributes: Sequence[Node], name: str, default: str = "") -> str:
    for one in attributes:
        text = tree.text(one)
        if re.match(rf"#\s*\[\s*(?:unsafe\s*\(\s*)?{name}\s*=", text):
            found = _STRING.search(text)
            return found[1] if found else default
    return default


def _without(tree: Tree, attributes: Sequence[Node], name: str) -> Iterator[Edit]:
    for one in attributes:
        if _value_of(tree, [one], name):
            span: Span = tree.span(one)
            yield Edit(span.start, span.end, re.sub(r"[^\n]", " ", tree.text(one)))
