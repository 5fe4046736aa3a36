"""Rules for blocks and their statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.syntax.tree import Tree
from btfview.compiler.rust.typed.patterns import bindings, borrows
from btfview.compiler.rust.typed.tree import Block, Expr, ExprStatement, Let, Statement
from btfview.compiler.rust.types.kinds import ERROR, NEVER, UNIT, Type, resolve

from . import loops
from .body import Checker, Rule
from .library.helper_pointers import name_helper
from .patterns.exhaustive import check_total_later
from .patterns.rules import read_pattern

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

_BLOCK_LIKE = frozenset([
    "if_expression", "match_expression", "block", "unsafe_block", "loop_expression", "while_expression",
    "for_expression",
])  # fmt: skip
_ITEMS = frozenset([
    "struct_item", "union_item", "function_item", "const_item", "static_item", "use_declaration", "impl_item",
    "foreign_mod_item", "enum_item", "mod_item", "type_item", "trait_item",
])  # fmt: skip


def block(checker: Checker, node: Node, expected: Type | None) -> Expr:
    if node.children[0].type == "label":
        return loops.labelled_block(checker, node, expected)
    return scoped_body(checker, node, expected)


def scoped_body(checker: Checker, node: Node, expected: Type | None) -> Expr:
    with checker.scope():
        children = [child for child in checker.tree.children(node) if child.type != "label"]
        if _ITEMS.isdisjoint([child.type for child in children]):
            return _block_body(checker, node, children, expected)
        module = checker.facts.declare_block(checker, children)
        depth = len(checker.scopes) - 1
        checker.block_modules[depth] = module
        try:
            with checker.names.inside(module):
                return _block_body(checker, node, children, expected)
        finally:
            del checker.block_modules[depth]


def item_nodes(nodes: list[Node]) -> list[Node]:
    """Return the items among the parts of a block, each behind its attributes."""
    found: list[Node] = []
    attributes: list[Node] = []
    for node in nodes:
        if node.type == "attribute_item":
            attributes.append(node)
            continue
        if node.type in _ITEMS:
            found += [*attributes, node]
        attributes = []
    return found


def pattern_names(tree: Tree, declaration: Node) -> frozenset[str]:
    """Return the names in the pattern of a ``let``."""
    pattern = declaration.child_by_field_name("pattern")
    pending = [pattern] if pattern is not None else []
    found: list[str] = []
    while pending:
        node = pending.pop()
        if node.type in ("identifier", "shorthand_field_identifier"):
            found.append(tree.name(node))
        pending += node.named_children
    return frozenset(found)


def _block_body(checker: Checker, node: Node, children: list[Node], expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    statements: list[Statement] = []
    tail: Expr | None = None
    diverges = False
    attributes: list[Node] = []
    for position, child in enumerate(children):
        kind = child.type
        if kind == "attribute_item":
            attributes.append(child)
            continue
        if kind in _ITEMS:
            attributes = []
            continue
        if attributes:
            checker.items.attributes.harmless_only(attributes, "a statement")
            attributes = []
        if kind == "empty_statement":
            continue
        is_last = position == len(children) - 1
        if kind == "let_declaration":
            statement = _let(checker, child)
            statements.append(statement)
            diverges = diverges or (statement.value is not None and resolve(statement.value.type) is NEVER)
            continue
        if kind == "macro_definition":
            checker.refuse(child, "macros inside functions are not supported", "move it out of the function")
            continue
        inner, has_semicolon = child, False
        if kind == "expression_statement":
            inner, has_semicolon = checker.tree.children(child)[0], child.children[-1].type == ";"
        if _starts_with_block(checker, inner):
            hint = "Rust ends the statement there: add parentheses"
            tail = checker.refuse(inner, "leading block-like expression", hint)
            continue
        if is_last and not has_semicolon:
            tail = checker.expr(inner, expected)
            if expected is not None:
                tail = checker.coerce(tail, expected)
            continue
        # `{ .. };` is parsed as a statement and an empty one.
        has_semicolon = has_semicolon or (not is_last and children[position + 1].type == "empty_statement")
        is_unit_wanted = not has_semicolon and inner.type in _BLOCK_LIKE
        value = checker.coerced(inner, UNIT) if is_unit_wanted else checker.expr(inner)
        diverges = diverges or resolve(value.type) is NEVER
        statements.append(ExprStatement(value))
    if attributes:
        checker.refuse(attributes[-1], "expected statement after attribute")
    if tail is not None:
        found = NEVER if diverges and resolve(tail.type) is UNIT else tail.type
    else:
        found = NEVER if diverges else UNIT
    return Block(found, span, tuple(statements), tail)


def _starts_with_block(checker: Checker, node: Node) -> bool:
    """Whether rustc ends the statement at a block where tree-sitter reads on: ``if a {1} else {2} - 3``."""
    while True:
        kind = node.type
        if kind in (
            "binary_expression",
            "assignment_expression",
            "compound_assignment_expr",
            "range_expression",
        ):
            first = node.child_by_field_name("left")
        elif kind == "type_cast_expression":
            first = node.child_by_field_name("value")
        elif kind == "call_expression":
            first = node.child_by_field_name("function")
        elif kind == "index_expression":
            first = checker.tree.children(node)[0]
        else:
            return False
        if first is None:
            return False
        if first.type in _BLOCK_LIKE:
            return True
        node = first


def _let(checker: Checker, node: Node) -> Let:
    span = checker.tree.span(node)
    type_node, value_node = node.child_by_field_name("type"), node.child_by_field_name("value")
    wanted = checker.read_type(type_node) if type_node is not None else None
    if type_node is not None and wanted is not None and resolve(wanted) in (NEVER,):
        checker.refuse(type_node, "a local cannot have this type")
        wanted = ERROR
    value: Expr
    if value_node is None:
        return _late_let(checker, node, wanted)
    value = checker.coerced(value_node, wanted) if wanted is not None else checker.expr(value_node)
    otherwise_node = node.child_by_field_name("alternative")
    otherwise: Expr | None = None
    if otherwise_node is not None:
        otherwise = checker.expr(otherwise_node)
        if resolve(otherwise.type) not in (NEVER, ERROR):
            checker.report.error(
                otherwise.span, "`else` clause of `let...else` does not diverge", code="E0308",
                hint="end it with `return`, `break` or `continue`",
            )  # fmt: skip
    found = wanted if wanted is not None else value.type
    if resolve(found) is NEVER:
        found = UNIT
    is_mut = checker.tree.child(node, "mutable_specifier") is not None
    pattern_node = checker.tree.need(node, "pattern")
    pattern = read_pattern(checker, pattern_node, found, value, is_mut=is_mut)

    if otherwise is None:
        check_total_later(checker, pattern, found, "local binding")
    statement = Let(span, pattern, value, otherwise)
    name_helper(statement)
    return statement


def _late_let(checker: Checker, node: Node, wanted: Type | None) -> Let:
    """Return a ``let`` without a value; :mod:`.initialised` sees to it that it gets one."""
    span, pattern_node = checker.tree.span(node), checker.tree.need(node, "pattern")
    found = wanted if wanted is not None else checker.new_var(checker.tree.span(pattern_node))
    is_mut = checker.tree.child(node, "mutable_specifier") is not None
    pattern = read_pattern(checker, pattern_node, found, is_mut=is_mut)
    if borrows(pattern):
        checker.refuse(pattern_node, "a `let` without a value has nothing to borrow", "give it a value")
    check_total_later(checker, pattern, found, "local binding")
    for binding in bindings(pattern):
        binding.local.is_late = True
        checker.has_late = True
    return Let(span, pattern, None, None)


RULES: dict[str, Rule] = {"block": block}
