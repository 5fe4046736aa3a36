"""Macros: calls of ``core::btf`` and of wrappers like it, ``builtin #``, ``offset_of!`` and ``addr_of!``.

What a wrapper is made of stands in :mod:`.macros`; what each builtin asks for, in :mod:`.query_builtins`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import check_macro, query_builtins
from .check_panic import PANIC_MACROS
from .checker import Checker, Rule
from .macros import BuiltinCall, Choice, Nothing, Parameter, Template, Truth, Wrapped, Wrapper, prelude_macro
from .query_builtins import Argument, split_arguments
from .rust.items.core_names import OLD_QUERIES, QUERY_MACROS
from .rust.items.names import path_segments
from .rust.typed.tree import Expr, If, Invalid, Literal, NoneValue, SomeValue
from .rust.types.kinds import BOOL, ERROR, USIZE, OptionType, Type, resolve

if TYPE_CHECKING:
    from tree_sitter import Node

_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def macro(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    builtin = checker.tree.builtins.get(checker.tree.span(node).start)
    tokens_node = checker.tree.child(node, "token_tree")
    if tokens_node is None:
        return checker.refuse(node, "this macro call is not supported")
    tokens = checker.tree.tokens(tokens_node)[1:-1]
    if builtin is not None:
        return query_builtins.call(checker, node, builtin, split_arguments(tokens), f"builtin # {builtin}")
    macro_node = checker.tree.need(node, "macro")
    segments = path_segments(checker.tree, macro_node)
    own = checker.names.macros.get(segments[-1]) if segments and len(segments) == 1 else None
    if own is not None and not (own.is_textual and own.span.start > checker.tree.span(node).start):
        return _call_wrapper(checker, node, own, tokens)
    full = checker.names.expand(segments) if segments is not None else ()
    if full in QUERY_MACROS:
        return _library_query(checker, node, macro_node, QUERY_MACROS[full], tokens)
    if full == ("core", "mem", "offset_of"):
        return _offset_of(checker, node, tokens)
    if full[:2] == ("core", "ptr") and full[2:] in (("addr_of",), ("addr_of_mut",)):
        return check_macro.addr_of(checker, node, tokens, is_mut=full[-1] == "addr_of_mut")
    if full in (("matches",), ("core", "matches")):
        return check_macro.matches(checker, node, tokens)
    panicking = PANIC_MACROS.get(full[-1]) if full and full[:-1] in ((), ("core",)) else None
    if panicking is not None:
        return panicking(checker, node, full[-1], split_arguments(tokens))
    return _unknown_macro(checker, macro_node, segments)


def _library_query(checker: Checker, node: Node, macro_node: Node, name: str, tokens: list[Node]) -> Expr:
    wrapper = prelude_macro(checker.dialect or "repr", name)
    # Places in the prelude differ, what a macro gives may not.
    if checker.dialect is None and isinstance(wrapper.body, Choice) != isinstance(
        prelude_macro("option", name).body, Choice
    ):
        hint = "mark the carrier with `#[repr(Btf)]` (usize) or `#[btf_relocatable]` (Option<usize>), or "
        if not name.startswith("field_byte_"):
            hint = "the markers of a file decide between the plain value and an Option; without one, "
        message = f"the dialect of `{name}!` is not clear: no type in this file is marked"
        return checker.refuse(macro_node, message, hint + "choose with `--dialect repr|option`")
    return _call_wrapper(checker, node, wrapper, tokens)


# ---- wrappers


def _call_wrapper(checker: Checker, node: Node, wrapper: Wrapper, tokens: list[Node]) -> Expr:
    given = _bind(checker, node, wrapper, tokens)
    if given is None:
        return Invalid(BOOL if wrapper.name.endswith("_exists") else ERROR, checker.tree.span(node))
    return _expand(checker, node, wrapper.name, wrapper.body, given)


def _bind(checker: Checker, node: Node, wrapper: Wrapper, tokens: list[Node]) -> dict[str, Argument] | None:
    """Return the tokens of each parameter; None, with a diagnostic, where the call does not fit the rule."""
    given: dict[str, Argument] = {}
    rest = tokens
    for index, part in enumerate(wrapper.pattern):
        if isinstance(part, str):
            if not rest or rest[0].type != part:
                _wrong_count(checker, node, wrapper)
                return None
            rest = rest[1:]
            continue
        following = wrapper.pattern[index + 1] if index + 1 < len(wrapper.pattern) else ","
        end = next((at for at, token in enumerate(rest) if token.type == following), len(rest))
        if not end:
            _wrong_count(checker, node, wrapper)
            return None
        given[part.name], rest = rest[:end], rest[end:]
    if rest and rest[0].type == ",":
        rest = rest[1:]
    if rest:
        ordinal = _ORDINALS[min(len(given), len(_ORDINALS) - 1)]
        checker.refuse(rest[0], f"unexpected {ordinal} argument to `{wrapper.name}`", "drop it")
        return None
    return given


def _wrong_count(checker: Checker, node: Node, wrapper: Wrapper) -> None:
    count = {1: "one argument", 2: "two arguments"}.get(wrapper.arity, f"{wrapper.arity} arguments")
    hint = query_builtins.example(wrapper.name) if ("core", "btf", wrapper.name) in QUERY_MACROS else None
    if hint is None:
        parts = [f"${part.name}" if isinstance(part, Parameter) else part for part in wrapper.pattern]
        hint = f"its rule is `({' '.join(parts)})`"
    checker.refuse(node, f"`{wrapper.name}` takes {count}", hint)


def _expand(checker: Checker, node: Node, name: str, template: Template, given: dict[str, Argument]) -> Expr:
    if isinstance(template, BuiltinCall):
        unknown = next((argument for argument in template.arguments if argument not in given), None)
        if unknown is not None:
            return checker.refuse(node, f"`{name}` uses `${unknown}`, which its rule does not bind")
        arguments = [given[argument] for argument in template.arguments]
        return query_builtins.call(checker, node, template.name, arguments, name)
    span = checker.tree.span(node)
    match template:
        case Wrapped(value):
            inner = _expand(checker, node, name, value, given)
            if resolve(inner.type) is ERROR:
                return inner
            return SomeValue(OptionType(inner.type), span, inner)
        case Nothing():
            return NoneValue(OptionType(checker.new_var(span)), span)
        case Truth(value):
            return Literal(BOOL, span, int(value))
        case Choice(condition_template, then_template, otherwise_template):
            condition = checker.coerce(_expand(checker, node, name, condition_template, given), BOOL)
            then = _expand(checker, node, name, then_template, given)
            if isinstance(otherwise_template, Nothing) and isinstance(resolve(then.type), OptionType):
                return If(then.type, span, condition, then, NoneValue(then.type, span))
            if resolve(condition.type) is ERROR or resolve(then.type) is ERROR:
                return Invalid(ERROR, span)
            otherwise = checker.coerce(_expand(checker, node, name, otherwise_template, given), then.type)
            return If(then.type, span, condition, then, otherwise)


# ---- other macros


def _unknown_macro(checker: Checker, node: Node, segments: tuple[str, ...] | None) -> Expr:
    name = segments[-1] if segments else checker.tree.text(node)
    hint = (
        "known are core::btf::field_exists!, field_byte_offset!, field_byte_size! and core::mem::offset_of!"
    )
    short = OLD_QUERIES.get(name, name)
    if (("core", "btf", short)) in QUERY_MACROS:
        hint = f"write `core::btf::{short}!(..)`, or add `use core::btf::{short};`"
    return checker.refuse(node, f"cannot find macro `{name}` in this scope", hint)


def _offset_of(checker: Checker, node: Node, tokens: list[Node]) -> Expr:
    span = checker.tree.span(node)
    arguments = split_arguments(tokens)
    read = query_builtins.read_path(checker, node, arguments, "offset_of", has_elements=False)
    if read is None:
        return Invalid(USIZE, span)
    path, path_span = read
    steps = query_builtins.fields_of(path)
    for struct, _ in steps:
        if struct.marker is not None:
            names = ".".join(field.name for _, field in steps)
            checker.report.error(
                path_span,
                f"cannot use `offset_of!` with `#[{struct.marker}]` types",
                label=f"`{struct.name}` is relocated: its offsets are known when the program is loaded",
                hint=f"use `core::btf::field_byte_offset!({steps[0][0].name}, {names})`",
            )
            return Invalid(USIZE, span)
        if not (struct.has_repr_c or struct.is_union) and len(struct.fields) > 1:
            checker.report.error(
                path_span,
                f"Rust does not say where the fields of `{struct.name}` are",
                label="rustc may put them in another order",
                hint="name its fields in a `#[repr(C)]` struct"
                if struct.tuple is not None
                else f"add `#[repr(C)]` to `{struct.name}`",
            )
            return Invalid(USIZE, span)
    return Literal(USIZE, span, sum(field.byte_offset for _, field in steps))


RULES: dict[str, Rule] = {"macro_invocation": macro}
