"""Macros: the three queries in both dialects, the raw builtins, ``offset_of!`` and ``addr_of!``.

Rules of a query are those of RFC 3966 and the pull request behind it: a carrier type, then a path of field
names as ``offset_of!`` takes it, walked by value only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..source import Span
from .check_call import complete
from .checker import Checker, Rule
from .names import OLD_QUERIES, QUERY_MACROS, path_segments
from .nodes import Expr, FieldQuery, If, Invalid, Literal, NoneValue, SomeValue
from .result import QUERY_KINDS
from .syntax import Tree
from .types import BOOL, ERROR, PRIMITIVES, USIZE, Field, OptionType, StructType, Type, format_type, resolve

if TYPE_CHECKING:
    from tree_sitter import Node

_BUILTINS = {"btf_field_exists": "field_exists", "btf_field_byte_offset": "field_byte_offset",
             "btf_field_byte_size": "field_byte_size"}  # fmt: skip
_ARITY_HINT = "expects a carrier type and a field path: `{name}!(task_struct, se.vruntime)`"
Path = tuple[tuple[StructType, Field], ...]


def macro(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    builtin = checker.tree.builtins.get(span.start)
    tokens_node = next((child for child in node.children if child.type == "token_tree"), None)
    if tokens_node is None:
        return checker.refuse(node, "this macro call is not supported")
    tokens = checker.tree.tokens(tokens_node)[1:-1]
    if builtin is not None:
        kind = _BUILTINS.get(builtin)
        if kind is None:
            hint = f"known builtins: {', '.join(_BUILTINS)}"
            return checker.refuse(node, f"unknown `builtin #` construct `{builtin}`", hint)
        return _query(checker, node, kind, tokens, f"builtin # {builtin}", is_raw=True)
    macro_node = checker.tree.need(node, "macro")
    segments = path_segments(checker.tree, macro_node)
    full = checker.names.expand(segments) if segments is not None else ()
    if full in QUERY_MACROS:
        kind = QUERY_MACROS[full]
        if kind != "field_exists" and checker.dialect is None:
            return checker.refuse(
                macro_node,
                f"the dialect of `{kind}!` is not clear: no type in this file is marked",
                "mark the carrier with `#[repr(Btf)]` (usize) or `#[btf_relocatable]` (Option<usize>), or "
                "choose with `--dialect repr|option`",
            )
        return _query(checker, node, kind, tokens, kind, is_raw=checker.dialect != "option")
    if full == ("core", "mem", "offset_of"):
        return _offset_of(checker, node, tokens)
    if full in (("core", "ptr", "addr_of"), ("core", "ptr", "addr_of_mut")):
        word = "const" if full[2] == "addr_of" else "mut"
        return checker.refuse(node, f"`{full[2]}!` is not supported", f"write `&raw {word} place`")
    return _unknown_macro(checker, macro_node, segments)


def _unknown_macro(checker: Checker, node: Node, segments: tuple[str, ...] | None) -> Expr:
    name = segments[-1] if segments else checker.tree.text(node)
    hint = (
        "known are core::btf::field_exists!, field_byte_offset!, field_byte_size! and core::mem::offset_of!"
    )
    short = OLD_QUERIES.get(name, name)
    if (("core", "btf", short)) in QUERY_MACROS:
        hint = f"write `core::btf::{short}!(..)`, or add `use core::btf::{short};`"
    elif name in ("panic", "unreachable", "todo", "assert", "unimplemented"):
        hint = "a BPF program cannot panic: return an error value"
    return checker.refuse(node, f"cannot find macro `{name}` in this scope", hint)


def _query(checker: Checker, node: Node, kind: str, tokens: list[Node], name: str, *, is_raw: bool) -> Expr:
    span = checker.tree.span(node)
    checker.items.need_query_gate(span)
    if checker.function is None:
        return checker.refuse(node, f"`{name}` is not const: the loader answers it", "ask in a function")
    read = _arguments(checker, node, tokens, name)
    if read is None:
        return Invalid(BOOL if kind == "field_exists" else ERROR, span)
    path, path_span = read
    root = path[0][0]
    exists = FieldQuery(BOOL, span, "field_exists", root, path, path_span)
    if kind == "field_exists":
        checker.queries.append(exists)
        return exists
    value = FieldQuery(USIZE, span, kind, root, path, path_span)
    if is_raw:
        checker.queries.append(value)
        return value
    checker.queries += [exists, value]
    option = OptionType(USIZE)
    return If(option, span, exists, SomeValue(option, span, value), NoneValue(option, span))


def _offset_of(checker: Checker, node: Node, tokens: list[Node]) -> Expr:
    span = checker.tree.span(node)
    read = _arguments(checker, node, tokens, "offset_of")
    if read is None:
        return Invalid(USIZE, span)
    path, path_span = read
    for struct, _ in path:
        if struct.marker is not None:
            names = ".".join(field.name for _, field in path)
            checker.report.error(
                path_span,
                f"cannot use `offset_of!` with `#[{struct.marker}]` types",
                label=f"`{struct.name}` is relocated: its offsets are known when the program is loaded",
                hint=f"use `core::btf::field_byte_offset!({path[0][0].name}, {names})`",
            )
            return Invalid(USIZE, span)
    return Literal(USIZE, span, sum(field.byte_offset for _, field in path))


def _arguments(checker: Checker, node: Node, tokens: list[Node], name: str) -> tuple[Path, Span] | None:
    """Return the walked path of ``(Carrier, a.b.c)`` and its span; None, with a diagnostic, if it is none."""
    comma = next((index for index, token in enumerate(tokens) if token.type == ","), len(tokens))
    carrier, rest = tokens[:comma], tokens[comma + 1 :]
    if not carrier or not rest:
        checker.refuse(node, f"`{name}` takes two arguments", _ARITY_HINT.format(name=name))
        return None
    second = next((index for index, token in enumerate(rest) if token.type == ","), len(rest))
    if len(rest) > second + 1:
        checker.refuse(rest[second + 1], f"unexpected third argument to `{name}`", "drop it")
        return None
    names = _path_names(checker, rest[:second])
    found = _carrier(checker, carrier)
    if names is None or found is None:
        return None
    complete(checker, found)
    path: list[tuple[StructType, Field]] = []
    for word, span in names:
        struct = resolve(found)
        if struct is ERROR:
            return None
        field = struct.field(word) if isinstance(struct, StructType) else None
        if field is None or not isinstance(struct, StructType):
            _no_field(checker, word, span, struct)
            return None
        path.append((struct, field))
        found = field.type
    return tuple(path), Span(names[0][1].start, names[-1][1].end)


def _no_field(checker: Checker, name: str, span: Span, found: Type) -> None:
    hint = "a path goes through structs and unions by value; pointers and arrays end it"
    if isinstance(found, StructType):
        hint = f"its fields are: {', '.join(field.name for field in found.fields[:8]) or 'none'}"
    message = f"no field `{name}` on type `{format_type(found)}`"
    checker.report.error(span, message, code="E0609", label="unknown field", hint=hint)


def _path_names(checker: Checker, tokens: list[Node]) -> list[tuple[str, Span]] | None:
    """Return the words of ``a.b.0`` with their places, by the grammar of ``offset_of!``."""
    tree = checker.tree
    names: list[tuple[str, Span]] = []
    wants_name = True
    for token in tokens:
        is_name = token.type in ("identifier", "integer_literal", "float_literal")
        if is_name != wants_name or not (is_name or token.type == "."):
            _bad_path(checker, token)
            return None
        if is_name:
            names += _split(tree, token)
        wants_name = not is_name
    if wants_name:
        _bad_path(checker, tokens[-1])
        return None
    return names


def _split(tree: Tree, token: Node) -> list[tuple[str, Span]]:
    """Return the words of one token; ``0.1`` is lexed as a float and means two tuple indices."""
    span, text = tree.span(token), tree.name(token)
    if token.type != "float_literal":
        return [(text, span)]
    words: list[tuple[str, Span]] = []
    position = span.start
    for part in text.split("."):
        if part:
            words.append((part, Span(position, position + len(part))))
        position += len(part) + 1
    return words


def _bad_path(checker: Checker, token: Node) -> None:
    checker.refuse(
        token,
        "offset_of expects dot-separated field and variant names",
        "write field names with dots, as in `se.vruntime`; no `[i]`, `->`, `*` or calls",
    )


def _carrier(checker: Checker, tokens: list[Node]) -> Type | None:
    """Return the type that the tokens before the comma name."""
    tree = checker.tree
    segments: list[str] = []
    first, last = tree.span(tokens[0]), tree.span(tokens[-1])
    for index, token in enumerate(tokens):
        is_name = token.type in ("identifier", "primitive_type", "self", "crate")
        if is_name == (index % 2 == 0) and (is_name or token.type == "::"):
            if is_name:
                segments.append(tree.name(token))
            continue
        checker.report.error(
            Span(first.start, last.end),
            "the carrier of a query must be the name of a struct or union",
            hint="generic types, references and pointers are not supported here",
        )
        return None
    path = checker.names.expand(tuple(segments)) if segments != ["Self"] else ("Self",)
    if path == ("Self",) and checker.types.self_type is not None:
        return checker.types.self_type
    found: Type | None = None
    if len(path) == 1:
        found = checker.names.types.get(path[0]) or PRIMITIVES.get(path[0])
    if found is None:
        message = f"cannot find type `{'::'.join(segments)}` in this scope"
        checker.report.error(
            Span(first.start, last.end), message, code="E0425", label="not found in this scope"
        )
    return found


assert set(_BUILTINS.values()) == set(QUERY_KINDS)

RULES: dict[str, Rule] = {"macro_invocation": macro}
