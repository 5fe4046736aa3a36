"""Conditional compilation: which parts of a source ``cfg`` leaves in, for the BPF target that we compile for.

What is left out is blanked, so that every place stays as it is. It has to parse, as rustc wants it, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from btfview.compiler.rust.report import Report
from btfview.source import Span

from .literals import string_value

if TYPE_CHECKING:
    from .tree import Node, Tree

_TARGET = {
    "target_arch": "bpf",
    "target_pointer_width": "64",
    "target_os": "none",
    "target_vendor": "unknown",
    "target_env": "",
    "target_abi": "",
    "panic": "abort",
    "target_has_atomic": "64 32 16 8 ptr",
}
"""As ``rustc --print cfg --target bpfel-unknown-none`` has them; ``target_endian`` is that of the options."""
_WORD = re.compile(r"\bcfg\b")
_BLANK = re.compile(r"[^\n]")
_ATTRIBUTES = ("attribute_item", "inner_attribute_item")
_AROUND = ("match_arm", "field_initializer", "shorthand_field_initializer", "field_pattern")
"""Nodes that hold the attributes that are theirs; others stand behind them."""


class ConfigurationError(Exception):
    """*span* holds no predicate; caught where attributes are read."""

    def __init__(self, message: str, span: Span, hint: str, code: str | None = None) -> None:
        self.message, self.span, self.hint, self.code = message, span, hint, code
        super().__init__(message)


def is_set(tree: Tree, tokens: list[Node], around: Span) -> bool:
    """Return whether the predicate that *tokens* write holds (reference: conditional compilation).

    Raises:
        ConfigurationError: they write none.
    """
    words = [token for token in tokens if token.type != ","]
    if not tokens:
        raise ConfigurationError("`cfg` predicate is not specified", around, 'as in `target_arch = "bpf"`')
    first, name = words[0] if words else tokens[0], tree.text(words[0]) if words else ""
    if len(words) == 2 and words[1].type == "token_tree" and name in ("not", "all", "any"):
        answers = [is_set(tree, part, around) for part in split(tree.tokens(words[1])[1:-1])]
        if name == "not":
            if len(answers) != 1:
                span = tree.span(words[1])
                raise ConfigurationError("expected 1 cfg-pattern", span, "as in `not(test)`", "E0536")
            return not answers[0]
        return all(answers) if name == "all" else any(answers)
    if len(words) == 3 and words[1].type == "=" and words[2].type == "string_literal":
        value = (string_value(tree, words[2]) or b"").decode("utf-8", "replace")
        known = _TARGET.get(name)
        if name == "target_endian":
            return value == ("little" if tree.is_little else "big")
        return known is not None and (value == known or value in known.split())
    if len(words) == 1 and (first.type == "boolean_literal" or name.isidentifier()):
        return name == "true"  # no `test`, `debug_assertions`, `unix`: a release build for no system
    if len(words) == 2 and words[1].type == "token_tree":
        message, hint = f"invalid predicate `{name}`", "known are not, all and any"
        raise ConfigurationError(message, tree.span(first), hint, "E0537")
    hint = 'as in `target_arch = "bpf"`'
    raise ConfigurationError("malformed `cfg` predicate", tree.span(first), hint, "E0539")


def split(tokens: list[Node]) -> list[list[Node]]:
    """Return *tokens* by their commas; one after the last part is allowed."""
    found: list[list[Node]] = [[]]
    for token in tokens:
        if token.type == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found if found[-1] else found[:-1]


def configured(tree: Tree, report: Report) -> str:
    """Return the text of *tree* without what ``cfg`` leaves out, and with ``cfg!`` answered."""
    text = list(tree.shown.text)
    for node in _cfg_words(tree):
        try:
            for first, last, shown in _changes(tree, node):
                span = Span(tree.shown_span(first).start, tree.shown_span(last).end)
                length = span.end - span.start
                kept = _BLANK.sub(" ", tree.shown.text[span.start : span.end])
                text[span.start : span.end] = shown.ljust(length) if shown else kept
        except ConfigurationError as error:
            report.error(error.span, error.message, code=error.code, hint=error.hint)
    return "".join(text)


def _cfg_words(tree: Tree) -> Iterator[Node]:
    for match in _WORD.finditer(tree.shown.text):
        start = tree.byte_offset(match.start())
        node = tree.root.descendant_for_byte_range(start, start + 3)
        if node is not None and node.type == "identifier":
            yield node


def _changes(tree: Tree, node: Node) -> Iterator[tuple[Node, Node, str]]:
    """Yield first and last node, and what is shown there, for the ``cfg`` of an attribute or ``cfg!``."""
    attribute = node.parent
    bang = node.next_sibling
    if bang is not None and bang.type == "!":
        tokens = bang.next_sibling
        if tokens is not None and tokens.type == "token_tree":
            answer = is_set(tree, tree.tokens(tokens)[1:-1], tree.span(node))
            yield node, tokens, "true" if answer else "false"
        return
    if attribute is None or attribute.type != "attribute" or attribute.children[0] != node:
        return
    item, arguments = attribute.parent, attribute.child_by_field_name("arguments")
    if item is None:
        return
    if arguments is None:
        message = "`cfg` is not followed by parentheses"
        raise ConfigurationError(message, tree.span(item), "as in `#[cfg(test)]`", "E0539")
    parts = split(tree.tokens(arguments)[1:-1])
    if len(parts) > 1:
        message = "multiple `cfg` predicates are specified"
        raise ConfigurationError(message, tree.span(item), "join them: `all(..)`", "E0539")
    if not is_set(tree, parts[0] if parts else [], tree.span(item)):
        yield from _left_out(item)


def _left_out(item: Node) -> Iterator[tuple[Node, Node, str]]:
    """Yield what the attribute *item* is for, with its other attributes and a comma behind."""
    parent = item.parent
    if parent is None:
        return
    if item.type == "inner_attribute_item":
        around = parent.parent if parent.type == "declaration_list" else parent
        if around is not None:
            yield around, around, ""
        return
    first, target = item, item.next_named_sibling
    while first.prev_named_sibling is not None and first.prev_named_sibling.type == "attribute_item":
        first = first.prev_named_sibling
    while target is not None and (target.type in _ATTRIBUTES or target.is_extra):
        target = target.next_named_sibling
    if parent.type in _AROUND:
        first = target = parent
    if target is not None and target.type == "visibility_modifier":  # of a field without a name
        target = target.next_named_sibling
    if target is None:
        return  # told as an attribute without an item
    behind = target.next_sibling
    yield first, behind if behind is not None and behind.type == "," else target, ""
