"""What items of one kind have to be, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.report import Report
from btfview.compiler.rust.syntax.tree import Tree
from btfview.diagnostics import Label
from btfview.source import Span

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def check_default(tree: Tree, report: Report, derive: Span | None, node: Node) -> None:
    """Complain about a derived ``Default`` that no variant, or more than one, stands for."""
    marked = [
        child
        for child in tree.children(tree.need(node, "body"))
        if child.type == "attribute_item" and tree.text(child) == "#[default]"
    ]
    if derive is not None and not marked:
        message = "`#[derive(Default)]` on enum with no `#[default]`"
        report.error(derive, message, code="E0665", hint="put `#[default]` before a variant")
    elif derive is not None and len(marked) > 1:
        hint = "keep one `#[default]`"
        report.error(tree.span(marked[1]), "multiple declared defaults", hint=hint)


def check_where(tree: Tree, report: Report, node: Node) -> None:
    """Complain about lifetimes in the ``where`` of *node* that nothing declares (rustc: E0261)."""
    body = node.child_by_field_name("body")
    extent = tree.shown_span(node)
    end = tree.shown_span(body).start if body is not None else extent.end
    used = [(at, name) for at, name in tree.lifetimes if extent.start <= at < end]
    known = {"'static"}
    here: Node | None = node
    while here is not None and used:
        parameters = here.child_by_field_name("type_parameters")
        for child in tree.children(parameters) if parameters is not None else ():
            known.add(tree.text(child).partition(":")[0].strip())
        here = here.parent
    for at, name in used:
        if name not in known:
            place = tree.shown.place(Span(at, at + len(name)))
            message = f"use of undeclared lifetime name `{name}`"
            report.error(place, message, code="E0261", hint=f"declare it: `<{name}>`")


def check_panic_handler(tree: Tree, report: Report, node: Node, first: Span | None) -> Span:
    """Check a panic handler, and return its place; *first* is that of an earlier one.

    It is left out: a panic returns early here, so that nothing would call it.
    """
    span = tree.span(tree.need(node, "name"))
    result = node.child_by_field_name("return_type")
    params = tree.children(tree.need(node, "parameters"))
    is_right = result is not None and result.type == "never_type" and len(params) == 1
    if not (is_right and "PanicInfo" in tree.text(params[0])):
        hint = "write `fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }`"
        report.error(span, "`#[panic_handler]` function has wrong type", code="E0308", hint=hint)
    if first is not None:
        labels = (Label(first, "the lang item is first defined here"),)
        message = "found duplicate lang item `panic_impl`"
        report.error(span, message, code="E0152", labels=labels)
    return span


def check_marker(tree: Tree, report: Report, node: Node, trait: str) -> bool:
    """Return whether *node* is an ``unsafe impl Sync for T {}``; other traits are refused."""
    name, span = trait.removeprefix("::").removeprefix("core::marker::"), tree.span(node)
    if name not in ("Sync", "Send") or "::" in name:
        report.error(span, "traits are not supported", hint="write an `impl` of the struct itself")
        return False
    first = node.children[0].type
    if first != "unsafe":
        message = f"the trait `{name}` requires an `unsafe impl` declaration"
        report.error(span, message, code="E0200", hint=f"write `unsafe impl {name} for ..`")
    for child in tree.children(tree.need(node, "body")):
        message = f"this is not a member of trait `{name}`"
        report.error(tree.span(child), message, code="E0407", hint="it has none")
    return True
