"""A whole program as one tree: ``cfg`` answered, files of ``mod`` read, calls of its own macros expanded."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from btfview.compiler.rust.report import Report
from btfview.diagnostics import Label
from btfview.errors import BtfviewError
from btfview.frozen import frozen
from btfview.source import Source, Span

from .configure import configured
from .literals import string_value
from .query_macros import MacroError, read_wrapper
from .shown import Places, Shown
from .tokens import CLOSERS, read_tokens
from .tree import Tree, parse
from .user_macros import RulesError, UserMacro, expand_call, read_macro

if TYPE_CHECKING:
    from .tree import Node

_WANTED = re.compile(r"\bcfg\b|\bmacro_rules\b|\bmod\s+(?:r#)?\w+\s*;")
_MODULE = re.compile(r"\bmod\s+(?:r#)?\w+\s*;")
MAX_ROUNDS = 128
"""Of macros that make calls of macros (rustc: ``recursion_limit``)."""
MAX_SHOWN = 4_000_000
"""Characters that a program may come to."""
MAX_FILES = 200
MAX_FOLDERS = 16
"""Names from the root to a module in a file."""


@frozen
class WholeProgram:
    tree: Tree
    source: Source
    """The file that was asked for, with those that it brought."""


def read_program(
    source: Source, report: Report, read: Callable[[str], Source] | None, *, is_little: bool = True
) -> WholeProgram:
    """Return the program that begins in *source*; *read* reads the files of its modules.

    Without *read* there are none. What is wrong is told to *report*.
    """
    if _WANTED.search(source.text) is None:
        tree = parse(source, report)
        tree.is_little = is_little
        return WholeProgram(tree, source)
    return _Reader(source, report, read, is_little=is_little).read()


class _Reader:
    def __init__(
        self, source: Source, report: Report, read: Callable[[str], Source] | None, *, is_little: bool
    ) -> None:
        self._source = source
        self._report = report
        self._read = read
        self._is_little = is_little
        self._size = len(source.text)
        self._calls = 0
        self._has_wrong_rules = False
        self._folders: dict[tuple[str, ...], str] = {(): os.path.dirname(source.path)}
        """Where files of modules are looked for, by the module around them."""

    def read(self) -> WholeProgram:
        shown = Shown(self._source.text)
        for _ in range(MAX_ROUNDS):
            tree = self._configured(shown)
            shown, changes = tree.shown, self._modules(tree) if _MODULE.search(tree.shown.text) else []
            if not changes and not self._report.has_errors():
                changes = self._macros(tree)
            if not changes or self._report.has_errors():
                break
            shown = shown.replaced(changes)
            if len(shown.text) > MAX_SHOWN:
                self._report.give_up("this program is too long with its modules and macros", "divide it")
                break
        else:
            self._report.give_up(
                f"recursion limit reached: macros that call macros {MAX_ROUNDS} deep", "end it"
            )
        # Of rules that are wrong the grammar would say no more than that a bracket is open.
        tree = parse(self._source, Report() if self._has_wrong_rules else self._report, shown)
        tree.is_little = self._is_little
        return WholeProgram(tree, self._source)

    def _configured(self, shown: Shown) -> Tree:
        """Return the tree of *shown* without what ``cfg`` leaves out."""
        tree = self._parsed(shown)
        if "cfg" in shown.text:
            text = configured(tree, self._report)
            if text != shown.text:
                tree = self._parsed(Shown(text, shown.places))
        return tree

    def _parsed(self, shown: Shown) -> Tree:
        tree = parse(self._source, Report(), shown)  # its errors are told when all is there
        tree.is_little = self._is_little
        return tree

    # ---- files

    def _modules(self, tree: Tree) -> list[tuple[Span, Shown]]:
        """Return for the `;` of each ``mod name;`` what stands in its file."""
        changes: list[tuple[Span, Shown]] = []
        for node in _nodes(tree, "mod_item"):
            if node.child_by_field_name("body") is not None:
                continue
            found = self._module(tree, node)
            semicolon = next((child for child in node.children if child.type == ";"), None)
            if found is not None and semicolon is not None:
                place = tree.span(semicolon)
                wrapped = Shown("{\n" + found.text + "\n}", _wrapped(found, place))
                changes.append((tree.shown_span(semicolon), wrapped))
        return changes

    def _module(self, tree: Tree, node: Node) -> Shown | None:
        name_node = tree.need(node, "name")
        name, span = tree.name(name_node), tree.span(name_node)
        around = _module_around(tree, node)
        if self._read is None or len(around) >= MAX_FOLDERS or len(self._source.modules) >= MAX_FILES:
            message = f"file not found for module `{name}`"
            if self._read is not None:
                message = "there are too many modules in files"
            self._report.error(span, message, code="E0583", hint=f"write `mod {name} {{ .. }}`")
            return None
        folder = self._folder(around)
        paths = [os.path.join(folder, f"{name}.rs"), os.path.join(folder, name, "mod.rs")]
        chosen = _path_attribute(tree, node)
        if chosen is not None:
            file, _ = self._source.file_at(span.start)
            base = os.path.dirname(file.path) if around in self._folders or not around else folder
            paths = [os.path.join(base, chosen)]
            self._folders[(*around, name)] = os.path.dirname(paths[0])
        there = [path for path in paths if os.path.lexists(path)]
        if len(there) == 2:
            message = f"file for module `{name}` found at both {paths[0]!r} and {paths[1]!r}"
            self._report.error(span, message, code="E0761", hint="delete or rename one of them")
            return None
        if not there:
            hint = " or ".join(f'"{path}"' for path in paths)
            message = f"file not found for module `{name}`"
            self._report.error(span, message, code="E0583", hint=f"create file {hint}")
            return None
        try:
            found = self._read(there[0])
        except BtfviewError as error:
            self._report.error(span, f"couldn't read module `{name}`: {error}", hint="mend the file")
            return None
        self._size += len(found.text)
        if self._size > MAX_SHOWN:
            self._report.error(span, "this program is too long with its modules", hint="divide it")
            return None
        start = self._source.end
        self._source = self._source.with_module(found)
        count = len(found.text)
        return Shown(
            found.text, Places(list(range(start, start + count)), list(range(start + 1, start + count + 1)))
        )

    def _folder(self, around: tuple[str, ...]) -> str:
        length = next(size for size in range(len(around), -1, -1) if around[:size] in self._folders)
        return os.path.join(self._folders[around[:length]], *around[length:])

    # ---- macros

    def _macros(self, tree: Tree) -> list[tuple[Span, Shown]]:
        """Return what the calls of macros come to, and nothing for the definitions, once no call is left."""
        definitions = [
            (node, tree.name(tree.need(node, "name")))
            for node in _nodes(tree, "macro_definition")
            if not _is_wrapper(tree, node)
        ]
        if tree.root.has_error:
            self._tell_wrong_rules(tree)
            self._has_wrong_rules = self._report.has_errors()
        names = {name for _, name in definitions}
        if not names or self._report.has_errors():
            return []
        known = [(self._definition(tree, node, name), *_scope(tree, node)) for node, name in definitions]
        if self._report.has_errors():
            return []
        changes: list[tuple[Span, Shown]] = []
        end = 0
        for call, name, group in _calls(tree, names, {node.start_byte for node, _ in definitions}):
            macro = next(
                (
                    macro for macro, start, stop in reversed(known)
                    if macro is not None and macro.name == name and start <= call.start < stop
                ),
                None,
            )  # fmt: skip
            if macro is None or call.start < end:
                continue
            end = call.end
            change = self._expanded(tree, macro, call, group)
            if change is not None:
                changes.append(change)
        if changes or self._report.has_errors():
            return changes
        # All that is called is there: the definitions have had their use.
        return [
            (span, Shown(" " * (span.end - span.start), tree.shown.part(span).places))
            for span in (tree.shown_span(node) for node, _ in definitions)
        ]

    def _tell_wrong_rules(self, tree: Tree) -> None:
        """Tell what is wrong with the rules of macros that the grammar has no tree of."""
        text = tree.shown.text
        tokens = read_tokens(text, 0, len(text))
        for at in range(len(tokens) - 3):
            is_one = tokens.text(at) == "macro_rules" and tokens.text(at + 1) == "!"
            end = tokens.partner(at + 3)
            if not is_one or tokens.text(at + 3) not in CLOSERS or end == len(tokens):
                continue
            group = Span(tokens[at + 3].span.start, tokens[end].span.end)
            if "builtin" not in text[group.start : group.end]:
                self._read_rules(tree, tokens[at + 2].name, group)

    def _definition(self, tree: Tree, node: Node, name: str) -> UserMacro | None:
        opener = next((child for child in node.children if child.type in ("(", "[", "{")), None)
        span = tree.shown_span(node)
        start = tree.shown_span(opener).start if opener is not None else span.start
        return self._read_rules(tree, name, Span(start, span.end - (tree.text(node).endswith(";"))))

    def _read_rules(self, tree: Tree, name: str, group: Span) -> UserMacro | None:
        try:
            return read_macro(name, tree.shown.text, group)
        except RulesError as error:
            self._report.error(tree.shown.place(error.span), error.message, hint=error.hint)
            return None

    def _expanded(self, tree: Tree, macro: UserMacro, call: Span, group: Span) -> tuple[Span, Shown] | None:
        self._calls += 1
        try:
            found = expand_call(macro, tree.shown, call, group, self._calls)
        except RulesError as error:
            place = tree.shown.place(call)
            labels = () if error.span == call else (Label(place, f"in this call of `{macro.name}!`"),)
            self._report.error(tree.shown.place(error.span), error.message, hint=error.hint, labels=labels)
            return None
        self._size += len(found.text)
        if self._size > MAX_SHOWN:
            self._report.give_up(f"the calls of `{macro.name}!` come to too much", "end it")
            return None
        if _is_value(tree, call):
            found = Shown(f"({found.text})", _wrapped(found, tree.shown.place(call), 1))
        return call, found


def _wrapped(found: Shown, place: Span, count: int = 2) -> Places:
    """Return the places of *found* with *count* characters of *place* before and behind it."""
    assert found.places is not None
    return Places(
        [place.start] * count + found.places.starts + [place.start] * count,
        [place.end] * count + found.places.ends + [place.end] * count,
    )


def _nodes(tree: Tree, kind: str) -> list[Node]:
    """Return the items and statements of *kind*, in order, but those inside of one another."""
    found: list[Node] = []
    pending = [tree.root]
    while pending:
        node = pending.pop()
        if node.type == kind:
            found.append(node)
            if kind != "mod_item":
                continue
        pending.extend(reversed(node.named_children))
    return found


def _module_around(tree: Tree, node: Node) -> tuple[str, ...]:
    names: list[str] = []
    here = node.parent
    while here is not None:
        if here.type == "mod_item":
            names.append(tree.name(tree.need(here, "name")))
        here = here.parent
    return tuple(reversed(names))


def _path_attribute(tree: Tree, node: Node) -> str | None:
    before = node.prev_named_sibling
    while before is not None and before.type == "attribute_item":
        attribute = before.named_children[0] if before.named_children else None
        value = attribute.child_by_field_name("value") if attribute is not None else None
        if attribute is not None and value is not None and tree.text(attribute.children[0]) == "path":
            return (string_value(tree, value) or b"").decode("utf-8", "replace")
        before = before.prev_named_sibling
    return None


def _is_wrapper(tree: Tree, node: Node) -> bool:
    """Whether a definition is one that the checker takes as it is (:mod:`.query_macros`)."""
    text = tree.shown.text
    span = tree.shown_span(node)
    if "builtin" not in text[span.start : span.end]:
        return False
    try:
        read_wrapper(text, span)
    except MacroError:
        return False
    return True


def _scope(tree: Tree, node: Node) -> tuple[int, int]:
    """Return from where to where a macro is known (reference: macros by example, scoping)."""
    around = node.parent
    while around is not None and around.type == "declaration_list":
        module = around.parent
        if module is None or not _uses_macros(tree, module):
            break
        around = module.parent
    return tree.shown_span(node).end, tree.shown_span(around or tree.root).end


def _uses_macros(tree: Tree, node: Node) -> bool:
    before = node.prev_named_sibling
    while before is not None and before.type == "attribute_item":
        if tree.text(before) == "#[macro_use]":
            return True
        before = before.prev_named_sibling
    return False


def _calls(tree: Tree, names: set[str], definitions: set[int]) -> list[tuple[Span, str, Span]]:
    """Return extent, name and bracket of each call of a macro of *names*, in order, also inside of others."""
    found: list[tuple[Span, str, Span]] = []
    pending = [tree.root]
    while pending:
        node = pending.pop()
        if node.start_byte in definitions and node.type == "macro_definition":
            continue
        children = node.children
        pending.extend(reversed(children))
        for index, child in enumerate(children[:-2]):
            bang, group = children[index + 1], children[index + 2]
            if bang.type != "!" or group.type != "token_tree" or child.type != "identifier":
                continue
            name = tree.name(child)
            if name in names:
                start, end = tree.shown_span(child).start, tree.shown_span(group).end
                found.append((Span(start, end), name, tree.shown_span(group)))
    return sorted(found, key=lambda one: (one[0].start, -one[0].end))


_PLAIN = ("source_file", "declaration_list", "block", "expression_statement")


def _is_value(tree: Tree, call: Span) -> bool:
    """Whether a call stands for one expression, not for statements, items or a type."""
    start = tree.byte_offset(call.start)
    node = tree.root.descendant_for_byte_range(start, start + 1)
    while node is not None and node.type not in ("macro_invocation", "token_tree"):
        node = node.parent
    if node is None or node.parent is None:
        return False
    if node.type == "token_tree":
        return True
    parent = node.parent
    if parent.type in _PLAIN:
        return False
    field = next(
        (parent.field_name_for_child(i) for i, child in enumerate(parent.children) if child == node), None
    )
    return field not in ("type", "element", "return_type", "pattern") and parent.type not in (
        "type_arguments", "reference_type", "tuple_type", "ordered_field_declaration_list",
    )  # fmt: skip
