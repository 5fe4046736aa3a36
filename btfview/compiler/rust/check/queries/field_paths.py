"""Paths of fields in queries, ``se.load.weight`` or ``rss_stat[1].count``: read, and walked from the carrier.

The rules are ``offset_of!``'s: names and dots, by value through structs, unions and tuples (rustc:
``check_expr_offset_of``). Elements of arrays are btfview's own; libbpf bounds them
(``bpf_core_parse_spec``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.syntax.literals import integer_value
from btfview.compiler.rust.syntax.tree import Tree
from btfview.compiler.rust.typed.tree import Step
from btfview.compiler.rust.types.kinds import (
    ERROR,
    ArrayType,
    Field,
    StructType,
    TupleType,
    Type,
    format_type,
    resolve,
)
from btfview.compiler.rust.types.layout import struct_of_tuple
from btfview.diagnostics import Label
from btfview.source import Span

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

Argument: TypeAlias = "list[Node]"
"""Tokens of one argument of a macro."""
_WORDS = frozenset(["identifier", "self", "integer_literal", "float_literal", "primitive_type"])
"""Tokens that are a step of a path."""
_PATH_HINT = "write field names with dots, as in `se.vruntime`; no `->`, `*` or calls"


def type_of(path: tuple[Step, ...]) -> Type:
    owner, last = path[-1]
    if isinstance(owner, ArrayType):
        return owner.element
    assert isinstance(last, Field)
    return last.type


def fields_of(path: tuple[Step, ...]) -> list[tuple[StructType, Field]]:
    """Return the steps of a path that are fields."""
    return [
        (owner, step) for owner, step in path if isinstance(owner, StructType) and isinstance(step, Field)
    ]


def walk_path(
    checker: Checker, found: Type, steps: list[tuple[str | int, Span]]
) -> tuple[tuple[Step, ...], Span] | None:
    """Return the steps taken from the carrier *found*, and where they stand; None, with a diagnostic,
    where one leads nowhere."""
    path: list[Step] = []
    for word, span in steps:
        owner = resolve(found)
        if owner is ERROR:
            return None
        if isinstance(word, int):
            if not isinstance(owner, ArrayType):
                checker.report.error(
                    span, f"cannot index into a value of type `{format_type(owner)}`", code="E0608"
                )
                return None
            if not _is_inside(owner, word, path):
                checker.report.error(
                    span,
                    f"index {word} is past the end of `{format_type(owner)}`",
                    hint="libbpf checks the index against this declaration, too: declare it longer",
                )
                return None
            path.append((owner, word))
            found = owner.element
            continue
        if isinstance(owner, TupleType):
            owner = struct_of_tuple(owner)
        field = owner.field(word) if isinstance(owner, StructType) else None
        if field is None or not isinstance(owner, StructType):
            _no_field(checker, word, span, owner)
            return None
        if not checker.names.is_visible(field.visibility):
            kind = "union" if owner.is_union else "struct"
            message = f"field `{word}` of {kind} `{owner.name}` is private"
            declared = (Label(field.span, f"`{word}` is declared here"),)
            checker.report.error(
                span, message, code="E0616", label="private field", labels=declared, hint="make it `pub`"
            )
            return None
        path.append((owner, field))
        found = field.type
    return tuple(path), Span(steps[0][1].start, steps[-1][1].end)


def _is_inside(array: ArrayType, index: int, path: list[Step]) -> bool:
    """Whether libbpf takes the index: inside, or of a flexible array, the last member of its struct
    (``is_flex_arr``)."""
    if index < array.length:
        return True
    owner, step = path[-1] if path else (None, None)
    is_last = isinstance(owner, StructType) and isinstance(step, Field) and owner.fields[-1] is step
    return array.length == 0 and is_last


def _no_field(checker: Checker, name: str, span: Span, found: Type) -> None:
    hint = "a path goes through structs and unions by value; pointers and arrays end it"
    if isinstance(found, StructType):
        hint = f"its fields are: {', '.join(field.name for field in found.fields[:8]) or 'none'}"
    message = f"no field `{name}` on type `{format_type(found)}`"
    checker.report.error(span, message, code="E0609", label="unknown field", hint=hint)


def read_steps(
    checker: Checker, tokens: Argument, *, has_elements: bool
) -> list[tuple[str | int, Span]] | None:
    """Return the steps of ``a.b[2].0`` with their places: names, and numbers for elements."""
    tree = checker.tree
    steps: list[tuple[str | int, Span]] = []
    wants_name = True
    for token in tokens:
        kind = token.type
        is_name = kind in _WORDS
        is_element = kind == "token_tree" and tree.text(token).startswith("[")
        if is_element and not wants_name and has_elements:
            index = _read_index(checker, token)
            if index is None:
                return None
            steps.append((index, tree.span(token)))
            continue
        if is_name != wants_name or not (is_name or kind == "."):
            _bad_path(checker, token)
            return None
        if is_name:
            steps += _split(tree, token)
        wants_name = not is_name
    if wants_name:
        _bad_path(checker, tokens[-1])
        return None
    return steps


def _read_index(checker: Checker, token: Node) -> int | None:
    if not checker.items.has_extra:
        _bad_path(
            checker, token, "elements need `#![feature(btf_relocations_extra)]`, an extension of btfview"
        )
        return None
    inside = checker.tree.tokens(token)[1:-1]
    value = None
    if len(inside) == 1 and inside[0].type == "integer_literal":
        value = integer_value(checker.tree.text(inside[0]))
    if value is None or value[1] not in ("", "usize") or value[0] >= 1 << 31:
        checker.refuse(token, "the index in a path must be a literal", "it is stored in the record, as `[1]`")
        return None
    return value[0]


def _split(tree: Tree, token: Node) -> list[tuple[str | int, Span]]:
    """Return the words of one token; ``0.1`` is lexed as a float and means two tuple indices."""
    span, text = tree.span(token), tree.name(token)
    if token.type != "float_literal":
        return [(text, span)]
    words: list[tuple[str | int, Span]] = []
    position = span.start
    for part in text.split("."):
        if part:
            words.append((part, Span(position, position + len(part))))
        position += len(part) + 1
    return words


def _bad_path(checker: Checker, token: Node, hint: str = _PATH_HINT) -> None:
    checker.refuse(token, "offset_of expects dot-separated field and variant names", hint)
