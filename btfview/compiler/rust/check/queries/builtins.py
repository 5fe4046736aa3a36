"""``builtin # btf_..``: what each asks the loader, checked, as a query node.

Rules of a field query are those of RFC 3966 and the pull request behind it: a carrier type, then a path of
field names as ``offset_of!`` takes it, walked by value only. Everything behind
``#![feature(btf_relocations_extra)]`` is btfview's own: the ten other kinds, elements of arrays in a path
(``rss_stat[1].count``), and the two that make a pointer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.check.library.sizes import complete
from btfview.compiler.rust.typed.tree import (
    EnumQuery,
    Expr,
    FieldQuery,
    Invalid,
    PointerOffset,
    Step,
    TypeQuery,
)
from btfview.compiler.rust.types.kinds import (
    BOOL,
    CHAR,
    ERROR,
    I64,
    PRIMITIVES,
    U32,
    USIZE,
    ArrayType,
    EnumType,
    Field,
    IntType,
    PointerType,
    StructType,
    Type,
    format_type,
    resolve,
)
from btfview.frozen import frozen
from btfview.source import Span

from .field_paths import Argument, read_steps, type_of, walk_path

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


@frozen
class _Builtin:
    kind: str
    """A key of :data:`btfview.compiler.result.QUERY_KINDS`."""
    form: str
    """What the arguments are: ``field``, ``type``, ``enum`` or ``place``."""
    type: Type
    is_extra: bool = True


_BUILTINS = {
    "btf_field_exists": _Builtin("field_exists", "field", BOOL, False),
    "btf_field_byte_offset": _Builtin("field_byte_offset", "field", USIZE, False),
    "btf_field_byte_size": _Builtin("field_byte_size", "field", USIZE, False),
    "btf_field_is_signed": _Builtin("field_signed", "field", BOOL),
    "btf_field_lshift": _Builtin("field_lshift_u64", "field", U32),
    "btf_field_rshift": _Builtin("field_rshift_u64", "field", U32),
    "btf_type_exists": _Builtin("type_exists", "type", BOOL),
    "btf_type_size": _Builtin("type_size", "type", USIZE),
    "btf_type_matches": _Builtin("type_matches", "type", BOOL),
    "btf_type_id_local": _Builtin("type_id_local", "type", U32),
    "btf_type_id_target": _Builtin("type_id_target", "type", U32),
    "btf_enum_value_exists": _Builtin("enumval_exists", "enum", BOOL),
    "btf_enum_value": _Builtin("enumval_value", "enum", I64),
    "btf_place_exists": _Builtin("field_exists", "place", BOOL),
    "btf_place_ref": _Builtin("field_byte_offset", "place", USIZE),
    "btf_place_ptr": _Builtin("field_byte_offset", "place", USIZE),
}
_ANSWERS = {builtin.kind: builtin.type for builtin in _BUILTINS.values()}
"""Type of the answer by kind of query."""
_EXAMPLES = {
    "field": (
        "two arguments",
        "expects a carrier type and a field path: `{name}!(task_struct, se.vruntime)`",
    ),
    "type": ("one argument", "expects a type: `{name}!(task_struct)`"),
    "enum": ("two arguments", "expects an enum and its variant: `{name}!(pid_type, PIDTYPE_PGID)`"),
    "place": (
        "two arguments",
        "expects a pointer to the carrier and a field path: `{name}!(task, se.vruntime)`",
    ),
}
_BITFIELD_KINDS = ("field_signed", "field_lshift_u64", "field_rshift_u64")


def example(name: str) -> str:
    """Return how the macro *name* of the prelude is called, as a hint."""
    form = "place" if name in ("field_ref", "field_ptr") else _BUILTINS[f"btf_{name}"].form
    return _EXAMPLES[form][1].format(name=name)


def split_arguments(tokens: list[Node]) -> list[Argument]:
    """Return *tokens* by their commas; one after the last argument is allowed."""
    found: list[Argument] = [[]]
    for token in tokens:
        if token.type == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found if found[-1] else found[:-1]


def call(checker: Checker, node: Node, builtin: str, arguments: list[Argument], name: str) -> Expr:
    """Return the query that *builtin* makes; *name* is what the user called, macro or builtin."""
    known = _BUILTINS.get(builtin)
    if known is None:
        hint = f"known builtins: {', '.join(_BUILTINS)}"
        return checker.refuse(node, f"unknown `builtin #` construct `{builtin}`", hint)
    span = checker.tree.span(node)
    checker.items.need_query_gate(span)
    if known.is_extra:
        checker.items.need_extra_gate(span, name)
    if checker.const_context:
        return checker.refuse(node, f"`{name}` is not const: the loader answers it", "ask in a function")
    found: Expr | None
    match known.form:
        case "field":
            found = _field_query(checker, node, known, arguments, name)
        case "place":
            found = _place_query(checker, node, builtin, known, arguments, name)
        case "type":
            found = _type_query(checker, node, known, arguments, name)
        case _:
            found = _enum_query(checker, node, known, arguments, name)
    # The type of what only asks is known, so that what uses it is checked.
    return found if found is not None else Invalid(BOOL if known.type is BOOL else ERROR, span)


def _has_count(checker: Checker, node: Node, arguments: list[Argument], form: str, name: str) -> bool:
    count, hint = _EXAMPLES.get(form, _EXAMPLES["field"])
    wanted = 1 if form == "type" else 2
    if len(arguments) < wanted or not all(arguments[:wanted]):
        checker.refuse(node, f"`{name}` takes {count}", hint.format(name=name.removeprefix("builtin # ")))
        return False
    if len(arguments) > wanted:
        ordinal = ("second", "third")[wanted - 1]
        where = arguments[wanted][0] if arguments[wanted] else node
        checker.refuse(where, f"unexpected {ordinal} argument to `{name}`", "drop it")
        return False
    return True


# ---- fields


def _field_query(
    checker: Checker, node: Node, builtin: _Builtin, arguments: list[Argument], name: str
) -> Expr | None:
    read = read_path(checker, node, arguments, name, has_elements=True)
    if read is None:
        return None
    path, path_span = read
    if builtin.kind in _BITFIELD_KINDS and not _is_plain_integer(checker, path, path_span, name):
        return None
    return _new_field_query(checker, node, builtin.kind, path, path_span)


def _new_field_query(
    checker: Checker, node: Node, kind: str, path: tuple[Step, ...], span: Span
) -> FieldQuery:
    root = path[0][0]
    assert isinstance(root, StructType)
    query = FieldQuery(_ANSWERS[kind], checker.tree.span(node), len(checker.queries), kind, root, path, span)
    checker.queries.append(query)
    return query


def _is_plain_integer(checker: Checker, path: tuple[Step, ...], span: Span, name: str) -> bool:
    """Whether libbpf answers a query about the bits of the field (``bpf_core_calc_field_relo``)."""
    owner, last = path[-1]
    if isinstance(owner, ArrayType):
        checker.report.error(
            span,
            f"`{name}` cannot be asked about an element of an array",
            hint="libbpf refuses such a record",
        )
        return False
    assert isinstance(last, Field)
    found = resolve(last.type)
    if not (isinstance(found, (IntType, EnumType)) or found is BOOL or found is CHAR):
        checker.report.error(
            span,
            f"`{name}` needs a field of an integer type",
            label=f"this one is `{format_type(found)}`",
            hint="declare it as an integer; a bitfield of the kernel is an integer of any width here",
        )
        return False
    return True


def _place_query(
    checker: Checker, node: Node, name: str, builtin: _Builtin, arguments: list[Argument], shown: str
) -> Expr | None:
    """Return the query, or the moved pointer, for a carrier that is given by a pointer to it."""
    if not _has_count(checker, node, arguments, "place", shown):
        return None
    base_tokens, path_tokens = arguments
    base_node = checker.tree.expression(base_tokens[0], base_tokens[-1])
    if base_node is None:
        place = Span(checker.tree.span(base_tokens[0]).start, checker.tree.span(base_tokens[-1]).end)
        checker.report.error(
            place, "this is not an expression", hint=_EXAMPLES["place"][1].format(name=shown)
        )
        return None
    is_asked_only = builtin.kind == "field_exists"
    counts = len(checker.queries), len(checker.calls)
    base = checker.expr(base_node)
    if is_asked_only:  # nothing of it is evaluated
        del checker.queries[counts[0] :], checker.calls[counts[1] :]
    pointer = checker.known(base.type, base.span)
    if pointer is ERROR:
        return None
    carrier = resolve(pointer.pointee) if isinstance(pointer, PointerType) else pointer
    if not isinstance(pointer, PointerType) or not isinstance(carrier, StructType):
        checker.report.error(
            base.span,
            f"`{shown}` needs a pointer to a struct or union",
            label=f"this is `{format_type(pointer)}`",
            hint="give it a reference or a raw pointer to the carrier",
        )
        return None
    wants_ref = name == "btf_place_ref"
    if wants_ref and not pointer.is_ref:
        checker.report.error(
            base.span,
            f"`{shown}` needs a reference",
            label=f"this is `{format_type(pointer)}`",
            hint="use `field_ptr!`, or make a reference: `unsafe { &*pointer }`",
        )
        return None
    complete(checker, carrier)
    steps = read_steps(checker, path_tokens, has_elements=True)
    read = walk_path(checker, carrier, steps) if steps is not None else None
    if read is None:
        return None
    query = _new_field_query(checker, node, builtin.kind, *read)
    if is_asked_only:
        return query
    field_type = type_of(read[0])
    moved = PointerType(field_type, pointer.is_mut and not wants_ref, wants_ref)
    return PointerOffset(moved, query.span, base, query, 1)


def read_path(
    checker: Checker, node: Node, arguments: list[Argument], name: str, *, has_elements: bool
) -> tuple[tuple[Step, ...], Span] | None:
    """Return the walked path of ``(Carrier, a.b.c)`` and its span; None, with a diagnostic, if it is none."""
    if not _has_count(checker, node, arguments, "field", name):
        return None
    steps = read_steps(checker, arguments[1], has_elements=has_elements)
    found = read_carrier(checker, arguments[0])
    if steps is None or found is None:
        return None
    complete(checker, found)
    return walk_path(checker, found, steps)


# ---- types and enums


def _type_query(
    checker: Checker, node: Node, builtin: _Builtin, arguments: list[Argument], name: str
) -> Expr | None:
    if not _has_count(checker, node, arguments, "type", name):
        return None
    found = read_carrier(checker, arguments[0])
    span = _extent(checker, arguments[0])
    if found is None or resolve(found) is ERROR:
        return None
    if not isinstance(found, (StructType, EnumType)):
        checker.report.error(
            span,
            f"`{name}` cannot ask about `{format_type(found)}`",
            hint="ask about a struct, a union or an enum",
        )
        return None
    complete(checker, found)
    query = TypeQuery(builtin.type, checker.tree.span(node), len(checker.queries), builtin.kind, found, span)
    checker.queries.append(query)
    return query


def _enum_query(
    checker: Checker, node: Node, builtin: _Builtin, arguments: list[Argument], name: str
) -> Expr | None:
    if not _has_count(checker, node, arguments, "enum", name):
        return None
    enum_tokens, variant_tokens = arguments
    found = read_carrier(checker, enum_tokens)
    if found is None or resolve(found) is ERROR:
        return None
    if not isinstance(found, EnumType):
        checker.report.error(
            _extent(checker, enum_tokens),
            f"`{name}` cannot ask about `{format_type(found)}`",
            hint="its first argument is an enum",
        )
        return None
    checker.facts.complete_enum(found)
    words = [checker.tree.name(token) for token in variant_tokens if token.type != "::"]
    span = _extent(checker, variant_tokens)
    # `PIDTYPE_PGID` and `pid_type::PIDTYPE_PGID` both.
    before = [checker.tree.name(token) for token in enum_tokens if token.type != "::"]
    variant = found.variant(words[-1]) if words[:-1] in ([], [found.name], before) else None
    if variant is None:
        known = ", ".join(variant.name for variant in found.variants[:8])
        checker.report.error(
            span,
            f"no variant named `{words[-1]}` found for enum `{found.name}`",
            code="E0599",
            label="variant not found",
            hint=f"its variants are: {known}",
        )
        return None
    query = EnumQuery(
        builtin.type, checker.tree.span(node), len(checker.queries), builtin.kind, found, variant, span
    )
    checker.queries.append(query)
    return query


def _extent(checker: Checker, tokens: Argument) -> Span:
    return Span(checker.tree.span(tokens[0]).start, checker.tree.span(tokens[-1]).end)


def read_carrier(checker: Checker, tokens: Argument) -> Type | None:
    """Return the type that *tokens* name; None, with a diagnostic, where they name none."""
    tree = checker.tree
    segments: list[str] = []
    span = _extent(checker, tokens)
    for index, token in enumerate(tokens):
        is_name = token.type in ("identifier", "primitive_type", "self", "super", "crate")
        if is_name == (index % 2 == 0) and (is_name or token.type == "::"):
            if is_name:
                segments.append(tree.name(token))
            continue
        checker.report.error(
            span,
            "the carrier of a query must be the name of a struct or union",
            hint="generic types, references and pointers are not supported here",
        )
        return None
    path = checker.names.expand(tuple(segments)) if segments != ["Self"] else ("Self",)
    found: Type | None = None
    if len(path) == 1:
        found = checker.owner(path[0]) or PRIMITIVES.get(path[0])
        if isinstance(found, (StructType, EnumType)) and path != ("Self",):
            kind = "enum" if isinstance(found, EnumType) else "union" if found.is_union else "struct"
            checker.types.check_visible(found, kind, tokens[-1])
    if found is None:
        message = f"cannot find type `{'::'.join(segments)}` in this scope"
        checker.report.error(span, message, code="E0425", label="not found in this scope")
    return found
