"""Calls of ``core::btf`` and ``builtin #`` whose text alone is wrong: told before rustc sees it, in the words
of the built-in front end, at its places. What takes types to tell is left to rustc."""

from __future__ import annotations

import re

from btfview.compiler.rust.check.queries.builtins import example
from btfview.compiler.rust.items.core_names import EXTRA_MACROS, QUERY_MACROS
from btfview.compiler.rust.report import Report
from btfview.compiler.rust.syntax.literals import integer_value
from btfview.frozen import frozen
from btfview.source import Span

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from btfview.compiler.rust.syntax.tree import Node, Tree

NAMES = frozenset(path[-1] for path in QUERY_MACROS)
_BUILTINS = frozenset(f"btf_{name}" for name in NAMES - {"field_ref", "field_ptr"}) | {
    "btf_place_exists",
    "btf_place_ref",
    "btf_place_ptr",
}
_WORDS = frozenset(["identifier", "self", "integer_literal", "float_literal", "primitive_type"])
_PATH_HINT = "write field names with dots, as in `se.vruntime`; no `->`, `*` or calls"
_ELEMENTS = "elements need `#![feature(btf_relocations_extra)]`, an extension of btfview"
_PATH = "offset_of expects dot-separated field and variant names"
_CARRIER = "the carrier of a query must be the name of a struct or union"
EXTRA = "btf_relocations_extra"


@frozen
class QueryCall:
    """A call, as far as its tokens tell."""

    name: str
    """``field_exists``; of a builtin ``btf_field_exists``."""
    is_builtin: bool
    span: Span
    arguments: tuple[tuple[Node, ...], ...]

    @property
    def shown(self) -> str:
        return f"builtin # {self.name}" if self.is_builtin else self.name

    @property
    def short(self) -> str:
        return self.name.removeprefix("btf_") if self.is_builtin else self.name


def query_calls(tree: Tree) -> Iterator[QueryCall]:
    """Yield the calls in *tree*, also of macros that ``core::btf`` does not have."""
    imported = _imported(tree)
    pending = [tree.root]
    while pending:
        node = pending.pop()
        pending += node.children
        if node.type != "macro_invocation":
            continue
        tokens = tree.child(node, "token_tree")
        if tokens is None:
            continue
        span = tree.span(node)
        builtin = tree.builtins.get(tree.shown_span(node).start)
        arguments = _split(tree.tokens(tokens)[1:-1])
        if builtin is not None:
            yield QueryCall(builtin, True, span, arguments)
            continue
        macro = node.child_by_field_name("macro")
        path = re.sub(r"\s", "", tree.text(macro)) if macro is not None else ""
        owner, _, name = path.rpartition("::")
        if (
            owner.removeprefix("::") == "core::btf"
            or (owner == "btf" and "btf" in imported)
            or (not owner and name in NAMES and name in imported)
        ):
            yield QueryCall(name, False, span, arguments)


def check_queries(
    tree: Tree, calls: Iterable[QueryCall], gates: frozenset[str], report: Report
) -> tuple[Span, ...]:
    """Tell *report* what is wrong with *calls*, those of *tree*; return those of which rustc need not say
    more."""
    wrong: list[Span] = []
    for call in calls:
        known = _BUILTINS if call.is_builtin else NAMES
        if call.is_builtin and "builtin_syntax" not in gates:
            hint = "add `#![feature(builtin_syntax)]` at the top of the file"
            report.error(call.span, "`builtin #` syntax is unstable", code="E0658", hint=hint)
        if call.name not in known:
            what = f"unknown `builtin #` construct `{call.name}`"
            if not call.is_builtin:
                what = f"cannot find macro `{call.name}` in this scope"
            report.error(call.span, what, hint=f"known are {', '.join(sorted(known))}")
            wrong.append(call.span)
            continue
        if "btf_relocations" not in gates:
            hint = "add `#![feature(btf_relocations)]` at the top of the file"
            message = "use of unstable library feature `btf_relocations`"
            report.error(call.span, message, code="E0658", hint=hint)
        if call.short in EXTRA_MACROS and EXTRA not in gates:
            message = f"`{call.shown}` is an extension of btfview, which no RFC has"
            hint = f"add `#![feature({EXTRA})]` at the top of the file"
            report.error(call.span, message, code="E0658", hint=hint)
        if _is_wrong(tree, call, gates, report):
            wrong.append(call.span)
    return tuple(wrong)


def _is_wrong(tree: Tree, call: QueryCall, gates: frozenset[str], report: Report) -> bool:
    """Tell what is wrong with the arguments of *call*."""
    wanted = 1 if call.short.startswith("type_") else 2
    if len(call.arguments) < wanted or not all(call.arguments[:wanted]):
        hint = example(call.short) if call.short in NAMES else None
        count = "one argument" if wanted == 1 else "two arguments"
        report.error(call.span, f"`{call.shown}` takes {count}", hint=hint)
        return True
    if len(call.arguments) > wanted:
        ordinal = ("second", "third")[wanted - 1]
        where = tree.span(call.arguments[wanted][0]) if call.arguments[wanted] else call.span
        report.error(where, f"unexpected {ordinal} argument to `{call.shown}`", hint="drop it")
        return True
    is_of_field = call.short.startswith("field_")
    if is_of_field and not _is_path(tree, call.arguments[1], gates, report):
        return True
    if is_of_field and call.short not in ("field_ref", "field_ptr") and not _is_carrier(call.arguments[0]):
        first, last = call.arguments[0][0], call.arguments[0][-1]
        report.error(
            Span(tree.span(first).start, tree.span(last).end),
            _CARRIER,
            hint="a reference, an array or an instance of a generic type is none",
        )
        return True
    return False


def _is_carrier(tokens: tuple[Node, ...]) -> bool:
    """Return whether *tokens* are a name with a path before it."""
    wants_word = True
    for number, token in enumerate(tokens):
        is_word = token.type not in ("::",)
        if not number and not is_word:
            continue
        if is_word != wants_word or token.type in ("&", "*", "<", ">", "token_tree", "<<", ">>"):
            return False
        wants_word = not wants_word
    return True


def _is_path(tree: Tree, tokens: tuple[Node, ...], gates: frozenset[str], report: Report) -> bool:
    """Return whether *tokens* are fields with dots, and elements with literals; tell what else they are."""
    wants_name = True
    for token in tokens:
        is_name = token.type in _WORDS
        is_element = token.type == "token_tree" and tree.text(token).startswith("[")
        if is_element and not wants_name:
            if EXTRA not in gates:
                report.error(tree.span(token), _PATH, hint=_ELEMENTS)
                return False
            inside = tree.tokens(token)[1:-1]
            value = None
            if len(inside) == 1 and inside[0].type == "integer_literal":
                value = integer_value(tree.text(inside[0]))
            if value is None or value[1] not in ("", "usize") or value[0] >= 1 << 31:
                hint = "it is stored in the record, as `[1]`"
                report.error(tree.span(token), "the index in a path must be a literal", hint=hint)
                return False
            continue
        if is_name != wants_name or not (is_name or token.type == "."):
            report.error(tree.span(token), _PATH, hint=_PATH_HINT)
            return False
        wants_name = not is_name
    if wants_name:
        report.error(tree.span(tokens[-1]), _PATH, hint=_PATH_HINT)
        return False
    return True


def _split(tokens: list[Node]) -> tuple[tuple[Node, ...], ...]:
    found: list[list[Node]] = [[]]
    for token in tokens:
        if token.type == ",":
            found.append([])
        else:
            found[-1].append(token)
    return tuple(map(tuple, found if found[-1] else found[:-1]))


def _imported(tree: Tree) -> frozenset[str]:
    """Return the names that the file takes from ``core::btf``, and ``btf`` where it takes that."""
    found: set[str] = set()
    pending = [tree.root]
    while pending:
        node = pending.pop()
        if node.type == "use_declaration":
            text = tree.text(node)
            if re.search(r"\bbtf\b", text):
                found |= set(re.findall(r"\w+", text))
                if "*" in text:
                    found |= NAMES
        elif node.child_count:
            pending += node.children
    return frozenset(found)
