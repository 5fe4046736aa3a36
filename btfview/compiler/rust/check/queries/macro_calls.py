"""Macros: calls of ``core::btf`` and of wrappers like it, ``builtin #``, ``offset_of!`` and ``addr_of!``.

What a wrapper is made of stands in ``syntax.query_macros``; what each builtin asks for, in :mod:`.builtins`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.body import Checker, Rule
from btfview.compiler.rust.check.library.panics import PANIC_MACROS
from btfview.compiler.rust.check.patterns.rules import read_pattern
from btfview.compiler.rust.check.places import address_of
from btfview.compiler.rust.items.core_names import OLD_QUERIES, QUERY_MACROS
from btfview.compiler.rust.items.names import path_segments
from btfview.compiler.rust.syntax.query_macros import (
    BuiltinCall,
    Choice,
    Nothing,
    Parameter,
    Template,
    Truth,
    Wrapped,
    Wrapper,
    prelude_macro,
)
from btfview.compiler.rust.typed.definitions import LayoutUse
from btfview.compiler.rust.typed.patterns import Wildcard
from btfview.compiler.rust.typed.tree import Arm, Expr, If, Invalid, Literal, Match, NoneValue, SomeValue
from btfview.compiler.rust.types.kinds import BOOL, ERROR, USIZE, OptionType, Type, resolve

from . import builtins, macro_calls
from .builtins import split_arguments
from .field_paths import Argument, fields_of

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def macro(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    builtin = checker.tree.builtins.get(checker.tree.shown_span(node).start)
    tokens_node = checker.tree.child(node, "token_tree")
    if tokens_node is None:
        return checker.refuse(node, "this macro call is not supported")
    tokens = checker.tree.tokens(tokens_node)[1:-1]
    if builtin is not None:
        checker.items.need_builtin_gate(checker.tree.span(node))
        return builtins.call(checker, node, builtin, split_arguments(tokens), f"builtin # {builtin}")
    macro_node = checker.tree.need(node, "macro")
    segments = path_segments(checker.tree, macro_node)
    own = checker.names.macros.get(segments[-1]) if segments and len(segments) == 1 else None
    if own is not None and not (own.is_textual and own.span.start > checker.tree.span(node).start):
        checker.items.need_builtin_gate(checker.tree.span(node), own.name)
        return _call_wrapper(checker, node, own, tokens)
    full = checker.names.expand(segments) if segments is not None else ()
    if full in QUERY_MACROS:
        return _library_query(checker, node, macro_node, QUERY_MACROS[full], tokens)
    if full == ("core", "mem", "offset_of"):
        return _offset_of(checker, node, tokens)
    if full[:2] == ("core", "ptr") and full[2:] in (("addr_of",), ("addr_of_mut",)):
        return macro_calls.addr_of(checker, node, tokens, is_mut=full[-1] == "addr_of_mut")
    if full in (("matches",), ("core", "matches")):
        return macro_calls.matches(checker, node, tokens)
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
    hint = builtins.example(wrapper.name) if ("core", "btf", wrapper.name) in QUERY_MACROS else None
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
        return builtins.call(checker, node, template.name, arguments, name)
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
    read = builtins.read_path(checker, node, arguments, "offset_of", has_elements=False)
    if read is None:
        return Invalid(USIZE, span)
    path, path_span = read
    steps = fields_of(path)
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
    checker.items.layout_uses += [
        LayoutUse(struct, field.name, path_span) for struct, field in steps[:1] if struct.node is not None
    ]
    return Literal(USIZE, span, sum(field.byte_offset for _, field in steps))


RULES: dict[str, Rule] = {"macro_invocation": macro}


def matches(checker: Checker, node: Node, tokens: list[Node]) -> Expr:
    """Return ``matches!(value, pattern if guard)`` as the match it stands for."""
    span = checker.tree.span(node)
    comma = next((index for index, token in enumerate(tokens) if token.type == ","), 0)
    rest = tokens[comma + 1 :]
    if rest and rest[-1].type == ",":
        rest = rest[:-1]
    if not comma or not rest:
        hint = "as in `matches!(value, 1 | 2)`"
        return checker.refuse(node, "`matches!` takes a value and a pattern", hint)
    value_node = checker.tree.fragment("fn f(){", tokens[0], tokens[comma - 1], "}", "block")
    match_node = checker.tree.fragment("fn f(){match 0{", rest[0], rest[-1], "=>0}}", "match_arm")
    if value_node is None or len(checker.tree.children(value_node)) != 1:
        return checker.refuse(tokens[0], "expected an expression")
    if match_node is None:
        return checker.refuse(rest[0], "expected a pattern")
    inner = checker.tree.children(value_node)[0]
    if inner.type == "expression_statement":
        inner = checker.tree.children(inner)[0]
    value = checker.expr(inner)
    with checker.scope():
        outer = checker.tree.need(match_node, "pattern")
        parts = checker.tree.tokens(outer)
        pattern = read_pattern(checker, parts[0], value.type)
        guard_node = outer.child_by_field_name("condition")
        guard = checker.rules.condition(checker, guard_node) if guard_node is not None else None
    if resolve(value.type) is ERROR:
        return Invalid(ERROR, span)
    yes = Arm(pattern, guard, Literal(BOOL, span, 1), span)
    no = Arm(Wildcard(span), None, Literal(BOOL, span, 0), span)
    return Match(BOOL, span, value, (yes, no))


def addr_of(checker: Checker, node: Node, tokens: list[Node], *, is_mut: bool) -> Expr:
    """Return ``addr_of!(place)``, which is ``&raw const place``."""
    block = checker.tree.fragment("fn f(){", tokens[0], tokens[-1], "}", "block") if tokens else None
    inner = checker.tree.children(block) if block is not None else []
    if len(inner) != 1:
        return checker.refuse(node, "this macro takes one place", "as in `addr_of!((*pointer).field)`")
    place_node = inner[0]
    if place_node.type == "expression_statement":
        place_node = checker.tree.children(place_node)[0]
    is_name = place_node.type == "identifier"
    checker.unsafe_depth += is_name  # the address of a `static mut` is safe to take
    place = checker.expr(place_node)
    checker.unsafe_depth -= is_name
    return address_of(checker, place, checker.tree.span(node), is_mut=is_mut, is_raw=True)
