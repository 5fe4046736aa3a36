"""Source text to a tree-sitter tree, and what is wrong with its syntax.

The only module that knows tree-sitter. Its nodes are used by the checker as they are, through
:class:`Tree`, which turns their byte offsets into character spans.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from btfview.compiler.rust.report import Report
from btfview.diagnostics import Label
from btfview.errors import CompilerError
from btfview.source import Source, Span

from .shown import Shown

if TYPE_CHECKING:
    from tree_sitter import Node as Node  # the name for all who only take what this module gives
    from tree_sitter import Parser

MAX_FRAGMENT, MIN_FRAGMENT_BYTES, MAX_TIMES_READ = 1 << 16, 1 << 16, 8
"""Bytes of an expression in a macro call; of all in a source; and how often each byte of it may be in one."""
MAX_ERRORS = 20
"""Syntax errors told at most: past the first few they are echoes of one another."""

# Each begins with its word and looks behind it afterwards: `\bbreak` is tried at every character.
_BUILTIN = re.compile(r"builtin(?<!\wbuiltin)(\s*)#(\s*)([A-Za-z_]\w*)")
_BREAK = re.compile(r"break(?<![\w#]break)\b\s*('[A-Za-z_]\w*)?\s*(?=[(\[*|<-]|&(?!&)|\.\.)")
_SAFE = re.compile(r"\b(?:un)?safe\s+(?=static\b)|\bsafe\s+(?=fn\b)")
_WHERE_LIFETIMES = re.compile(
    r"\bwhere\b((?:\s*'\w+\s*:(?:\s*'\w+\s*\+?)*\s*,)*\s*'\w+\s*:(?:\s*'\w+\s*\+?)*\s*,?\s*)(?=[{;])"
)
_LIFETIME = re.compile(r"'\w+")
_NO_NEWLINE = re.compile(r"[^\n]")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}

_parser: Parser | None = None
_fragment_parser: Parser | None = None
"""Reads stretches of a source; each call sets the stretch."""


class UnsupportedSyntaxError(Exception):
    """*node* has a shape that the checker does not know; caught where expressions and items are looked at."""

    def __init__(self, node: Node, what: str | None = None) -> None:
        self.node = node
        self.what = what
        super().__init__(node.type)


class Tree:
    """A parsed source. Spans count characters, tree-sitter counts bytes."""

    __slots__ = (
        "_char_of_byte", "_data", "_fragment_bytes", "_is_plain", "breaks", "builtins", "is_little",
        "lifetimes", "macros", "rests", "root", "safes", "shown", "source",
    )  # fmt: skip

    def __init__(
        self, source: Source, shown: Shown, root: Node, data: bytes, char_of_byte: list[int] | None
    ) -> None:
        self.source = source
        self.shown = shown
        """What the tree is of. Characters that are counted in it, not in the source, are told as such."""
        self.root = root
        self.is_little = True
        """The byte order of the target, which ``cfg`` may ask for."""
        self.builtins: dict[int, str] = {}
        """Name after ``builtin #`` by the shown character at which ``builtin`` begins."""
        self.macros: dict[int, Span] = {}
        """Extents of ``macro name(..) { .. }`` items by the shown character at which they begin."""
        self.breaks: dict[int, str | None] = {}
        """Label of a ``break (..)`` by the shown character where it begins; the grammar sees a ``yield``."""
        self.rests: frozenset[int] = frozenset()
        """Where the ``..`` of ``S { a, .. } = value`` is shown; the grammar sees a field."""
        self.safes: frozenset[int] = frozenset()
        """Where a ``fn`` or ``static`` behind ``safe`` is shown, which the grammar does not know."""
        self.lifetimes: tuple[tuple[int, str], ...] = ()
        """Where lifetimes of a ``where`` that holds no more are shown; the grammar sees no ``where``."""
        self._data = data
        """What the grammar was shown."""
        self._fragment_bytes = MIN_FRAGMENT_BYTES + MAX_TIMES_READ * len(data)
        """How much may still be read as an expression in a macro call."""
        self._char_of_byte = char_of_byte
        """None for pure ASCII, where both counts agree."""
        self._is_plain = char_of_byte is None and shown.places is None

    def shown_span(self, node: Node) -> Span:
        """Return where *node* is shown, which tells apart what one place of the source stands for."""
        if self._char_of_byte is None:
            return Span(node.start_byte, node.end_byte)
        return Span(self._char_of_byte[node.start_byte], self._char_of_byte[node.end_byte])

    def span(self, node: Node) -> Span:
        """Return the place of *node* in the source: for what a macro made, that of its call."""
        if self._is_plain:
            return Span(node.start_byte, node.end_byte)
        return self.shown.place(self.shown_span(node))

    def byte_offset(self, char: int) -> int:
        """Return where tree-sitter has the shown character *char*."""
        return char if self._char_of_byte is None else bisect_left(self._char_of_byte, char)

    def text(self, node: Node) -> str:
        if self._char_of_byte is None:
            return self.shown.text[node.start_byte : node.end_byte]
        span = self.shown_span(node)
        return self.shown.text[span.start : span.end]

    def name(self, node: Node) -> str:
        """Return the identifier *node* without a raw identifier's ``r#``."""
        return self.text(node).removeprefix("r#")

    def children(self, node: Node) -> list[Node]:
        """Return the named children without comments."""
        return [child for child in node.named_children if not child.is_extra]

    def tokens(self, node: Node) -> list[Node]:
        """Return all children without comments, punctuation included."""
        return [child for child in node.children if not child.is_extra]

    def expression(self, first: Node, last: Node) -> Node | None:
        """Return the expression that a macro call's tokens *first* to *last* write; None if it is none."""
        if first == last and first.type in ("identifier", "self"):
            return first
        from tree_sitter import Point, Range

        start, end = first.start_byte, last.end_byte
        self._spend(first, end - start)
        stop = Point(last.end_point.row, last.end_point.column + 1)
        text = self._data[start:end] + b";"  # an expression alone is no item
        parser = _get_fragment_parser()
        parser.included_ranges = [Range(first.start_point, stop, start, end + 1)]
        root = parser.parse(lambda offset, _point: text[max(offset - start, 0) :]).root_node
        node = root.named_children[0] if root.named_children else None
        if root.has_error or node is None or node.type != "expression_statement" or node.end_byte != end + 1:
            return None
        return node.named_children[0]

    def _spend(self, node: Node, size: int) -> None:
        """Take *size* from what may be read again: a call inside of others is read with each of them."""
        self._fragment_bytes -= size
        if size > MAX_FRAGMENT:
            raise UnsupportedSyntaxError(node, "this macro call is too long")
        if self._fragment_bytes < 0:
            raise UnsupportedSyntaxError(node, "macro calls are nested too deeply")

    def fragment(self, before: str, first: Node, last: Node, after: str, wanted: str) -> Node | None:
        """Return the first node of type *wanted* in *before* + tokens *first* to *last* + *after*.

        For what a macro is given, which the grammar leaves as tokens. None where it does not parse. Places in
        it are those of the source; what stands around it lies over the source before and behind.
        """
        from tree_sitter import Point, Range

        start = first.start_byte - len(before)
        self._spend(first, last.end_byte - start)
        text = before.encode() + self._data[first.start_byte : last.end_byte] + after.encode()
        parser = _get_fragment_parser()
        parser.included_ranges = [
            Range(Point(0, max(start, 0)), Point(0, start + len(text)), max(start, 0), start + len(text))
        ]
        root = parser.parse(lambda offset, _point: text[max(offset - start, 0) :]).root_node
        if start < 0 or root.has_error:
            return None
        pending = [root]
        while pending:
            node = pending.pop()
            if node.type == wanted:
                return node
            pending.extend(reversed(node.named_children))
        return None

    def child(self, node: Node, kind: str) -> Node | None:
        """Return the first child of *node* that is a *kind*, such as ``mutable_specifier``."""
        for child in node.children:
            if child.type == kind:
                return child
        return None

    def need(self, node: Node, field: str) -> Node:
        """Return the child of *node* in *field*.

        Raises:
            UnsupportedSyntaxError: there is none; the grammar allows it, the language we compile does not.
        """
        child = node.child_by_field_name(field)
        if child is None:
            raise UnsupportedSyntaxError(node)
        return child


def parse(source: Source, report: Report, shown: Shown | None = None) -> Tree:
    """Return the tree of *source*, or of what it came to; each syntax error is told to *report*."""
    shown = shown if shown is not None else Shown(source.text)
    builtins: dict[int, str] = {}

    def hide(match: re.Match[str]) -> str:
        builtins[match.start()] = match[3]
        return (match[3] + "!").ljust(len(match[0]))

    # The grammar knows no `builtin # name(..)`. It is shown `name!  (..)` of the same length in its place.
    text = _BUILTIN.sub(hide, shown.text) if "builtin" in shown.text else shown.text
    # And it takes `break (a)` for a call, `break -1` for a difference; `yield -1` it reads as meant.
    breaks: dict[int, str | None] = {}
    if "break" in text:

        def hide_break(match: re.Match[str]) -> str:
            breaks[match.start()] = match[1]
            return "yield" + _NO_NEWLINE.sub(" ", match[0][5:])

        text = _BREAK.sub(hide_break, text)
    # Nor does it know `safe fn`, and `where 'a:` without a bound.
    safes: list[int] = []
    if "safe " in text:

        def hide_safe(match: re.Match[str]) -> str:
            safes.extend([match.end()] if "unsafe" not in match[0] else [])
            return _NO_NEWLINE.sub(" ", match[0])

        text = _SAFE.sub(hide_safe, text)
    lifetimes: list[tuple[int, str]] = []
    if "where" in text and "'" in text:

        def hide_where(match: re.Match[str]) -> str:
            lifetimes.extend(
                (match.start(1) + name.start(), name[0]) for name in _LIFETIME.finditer(match[1])
            )
            return _NO_NEWLINE.sub(" ", match[0])

        text = _WHERE_LIFETIMES.sub(hide_where, text)
    # Nor does it know `macro name(..) { .. }`, and is shown `;` in its place.
    macros = _find_macros(text) if "macro " in text else {}
    for extent in macros.values():
        text = (
            text[: extent.start]
            + ";"
            + _NO_NEWLINE.sub(" ", text[extent.start + 1 : extent.end])
            + text[extent.end :]
        )
    data = text.encode("utf-8", "replace")
    root = _get_parser().parse(data).root_node
    char_of_byte = None if len(data) == len(text) else _map_bytes(text)
    rests: list[int] = []
    if root.has_error and ".." in text:
        # Nor `S { a, .. } = value`. It is shown a field of the name `__` there.
        rests = _find_rests(root)
        for start in rests:
            data = data[:start] + b"__" + data[start + 2 :]
        root = _get_parser().parse(data).root_node if rests else root
    tree = Tree(source, shown, root, data, char_of_byte)
    tree.builtins, tree.macros, tree.breaks = builtins, macros, breaks
    tree.rests = frozenset(start if char_of_byte is None else char_of_byte[start] for start in rests)
    tree.safes, tree.lifetimes = frozenset(safes), tuple(lifetimes)
    if root.has_error:
        _report_errors(tree, report)
    return tree


def _find_rests(root: Node) -> list[int]:
    """Return where a ``..`` without a base ends the fields of a struct expression, in bytes."""
    found: list[int] = []
    pending = [root]
    while pending:
        node = pending.pop()
        if node.is_error and node.text == b".." and node.parent is not None:
            if node.parent.type == "field_initializer_list":
                found.append(node.start_byte)
        elif node.has_error:
            pending += node.children
    return found


def _find_macros(text: str) -> dict[int, Span]:
    from .query_macros import find_definitions

    return {extent.start: extent for extent in find_definitions(text)}


def _get_parser() -> Parser:
    global _parser
    if _parser is None:
        _parser = _new_parser()
    return _parser


def _get_fragment_parser() -> Parser:
    global _fragment_parser
    if _fragment_parser is None:
        _fragment_parser = _new_parser()
    return _fragment_parser


def _new_parser() -> Parser:
    try:
        import tree_sitter_rust
        from tree_sitter import Language, Parser
    except ModuleNotFoundError as error:
        from btfview.packages import install_command

        command = install_command("tree-sitter", "tree-sitter-rust")
        raise CompilerError(f"to compile Rust, a package is missing: {error.name}; {command}") from error
    return Parser(Language(tree_sitter_rust.language()))


def _map_bytes(text: str) -> list[int]:
    mapping: list[int] = []
    for index, char in enumerate(text):
        mapping += [index] * len(char.encode("utf-8", "replace"))
    mapping.append(len(text))
    return mapping


def _report_errors(tree: Tree, report: Report) -> None:
    if _report_unbalanced(tree, report):
        return
    pending = [tree.root]
    count = 0
    while pending and count < MAX_ERRORS:
        node = pending.pop()
        if node.is_missing:
            what = "an identifier" if node.is_named else f"`{node.type}`"
            report.error(tree.span(node), f"expected {what}", label=f"expected {what} here")
        elif node.is_error:
            _report_unexpected(tree, node, report)
        elif node.has_error:
            pending.extend(reversed(node.children))
            continue
        else:
            continue
        count += 1
    if not count:  # an error that the tree knows of but that no node shows
        report.error(Span(0, 0), "the source does not parse as Rust")


def _report_unexpected(tree: Tree, node: Node, report: Report) -> None:
    span = tree.span(node)
    text = tree.text(node)
    first = re.match(r"\s*(\w+|\S)?", text)
    shown = first[1] if first and first[1] else "end of file"
    start = span.start + (first.start(1) if first and first[1] else 0)
    place = Span(start, start + len(shown) if first and first[1] else span.end)
    report.error(place, f"syntax error: unexpected `{shown}`", label="unexpected here")


def _report_unbalanced(tree: Tree, report: Report) -> bool:
    """Tell the first bracket without a partner; return whether there is one."""
    open_brackets: list[Node] = []
    for leaf in _leaves(tree.root):
        kind = leaf.type
        if kind in _CLOSERS:
            open_brackets.append(leaf)
        elif kind in (")", "]", "}"):
            if not open_brackets:
                report.error(tree.span(leaf), f"unexpected closing delimiter: `{kind}`")
                return True
            opener = open_brackets.pop()
            if _CLOSERS[opener.type] != kind:
                report.error(
                    tree.span(leaf),
                    f"mismatched closing delimiter: `{kind}`",
                    labels=(Label(tree.span(opener), f"this `{opener.type}` is still open"),),
                )
                return True
    if open_brackets:
        opener = open_brackets[-1]
        report.error(
            tree.span(opener),
            f"this file contains an unclosed delimiter: `{opener.type}`",
            label=f"no `{_CLOSERS[opener.type]}` closes it",
        )
        return True
    return False


def _leaves(root: Node) -> list[Node]:
    found: list[Node] = []
    pending = [root]
    while pending:
        node = pending.pop()
        children = node.children
        if children:
            pending.extend(reversed(children))
        elif not node.is_missing:
            found.append(node)
    return found
