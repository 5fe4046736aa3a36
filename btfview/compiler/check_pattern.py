"""Patterns, and whether a ``match`` covers every value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .check_expr import char_literal, integer_literal, unary
from .check_path import path
from .checker import MAX_DEPTH, Checker
from .names import OPTION, Const, path_segments
from .nodes import (
    Binding,
    Literal,
    Local,
    NonePattern,
    OrPattern,
    Pattern,
    RangePattern,
    SomePattern,
    Wildcard,
)
from .types import (
    BOOL,
    CHAR,
    ERROR,
    InferVar,
    IntType,
    OptionType,
    PointerType,
    Type,
    format_type,
    is_integer,
    resolve,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_HINT = "patterns are literals, ranges, names, `_`, `Some(..)`, `None` and `|`"


def read_pattern(checker: Checker, node: Node, found: Type, *, is_mut: bool = False) -> Pattern:
    """Return the pattern *node* for a value of type *found*; names in it are bound in the current scope."""
    checker.depth += 1
    try:
        if checker.depth > MAX_DEPTH:
            checker.refuse(node, "this pattern is nested too deeply", "split it up")
            return Wildcard(checker.tree.span(node))
        return _read(checker, node, found, is_mut)
    finally:
        checker.depth -= 1


def _read(checker: Checker, node: Node, found: Type, is_mut: bool) -> Pattern:
    span = checker.tree.span(node)
    match node.type:
        case "_":
            return Wildcard(span)
        case "identifier":
            return _read_identifier(checker, node, found, is_mut)
        case "mut_pattern":
            inner = checker.tree.children(node)[-1]
            if inner.type == "identifier":
                return _read_identifier(checker, inner, found, True)
        case "integer_literal" | "negative_literal" | "boolean_literal" | "char_literal":
            literal = _bound(checker, node, found)
            return RangePattern(span, found, literal.value, literal.value) if literal else Wildcard(span)
        case "range_pattern":
            return _read_range(checker, node, found)
        case "scoped_identifier":
            segments = path_segments(checker.tree, node)
            if segments is not None and checker.names.expand(segments) == (*OPTION, "None"):
                return _none(checker, node, found)
            literal = _bound(checker, node, found)
            return RangePattern(span, found, literal.value, literal.value) if literal else Wildcard(span)
        case "tuple_struct_pattern":
            return _read_some(checker, node, found)
        case "or_pattern":
            return _read_or(checker, node, found)
        case "captured_pattern":
            name_node, inner_node = checker.tree.children(node)
            local = _new_local(checker, name_node, found, is_mut)
            return Binding(span, local, read_pattern(checker, inner_node, found))
        case "reference_pattern" | "ref_pattern":
            checker.refuse(node, "reference patterns are not supported", "dereference with `*` in the arm")
            return Wildcard(span)
    checker.refuse(node, "this pattern is not supported", _HINT)
    return Wildcard(span)


def _new_local(checker: Checker, node: Node, found: Type, is_mut: bool) -> Local:
    return checker.bind(Local(checker.tree.name(node), found, checker.tree.span(node), is_mut))


def _read_identifier(checker: Checker, node: Node, found: Type, is_mut: bool) -> Pattern:
    name, span = checker.tree.name(node), checker.tree.span(node)
    if checker.names.expand((name,)) == (*OPTION, "None"):
        return _none(checker, node, found)
    if isinstance(checker.names.values.get(name), Const):
        literal = _bound(checker, node, found)
        return RangePattern(span, found, literal.value, literal.value) if literal else Wildcard(span)
    return Binding(span, _new_local(checker, node, found, is_mut), None)


def _bound(checker: Checker, node: Node, found: Type) -> Literal | None:
    """Return the constant that a pattern names."""
    if node.type == "negative_literal":
        value = unary(checker, node, found)
    elif node.type == "integer_literal":
        value = integer_literal(checker, node, found)
    elif node.type == "char_literal":
        value = char_literal(checker, node, found)
    elif node.type in ("identifier", "scoped_identifier"):
        value = path(checker, node, found)
    elif node.type == "boolean_literal":
        value = checker.expr(node, found)
    else:
        value = checker.refuse(node, "this pattern is not supported", _HINT)
    value = checker.coerce(value, found)
    if isinstance(value, Literal):
        return value
    if value.type is not ERROR:
        checker.refuse(node, "only constants of integer, bool or char type can be patterns", _HINT)
    return None


def _read_range(checker: Checker, node: Node, found: Type) -> Pattern:
    span = checker.tree.span(node)
    resolved = resolve(found)
    if not (is_integer(resolved) or resolved in (CHAR, ERROR)):
        checker.refuse(node, "only `char` and numeric types are allowed in range patterns", None, "E0029")
        return Wildcard(span)
    operator = next(child.type for child in node.children if child.type in ("..=", "..", "..."))
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if operator == "...":
        checker.refuse(node, "`...` range patterns are not allowed", "use `..=`", "E0783")
        return Wildcard(span)
    low = _bound(checker, left, found) if left is not None else None
    high = _bound(checker, right, found) if right is not None else None
    if (left is not None and low is None) or (right is not None and high is None):
        return Wildcard(span)
    if right is None and operator == "..=":
        checker.refuse(node, "inclusive range with no end", "write `..`", "E0586")
        return Wildcard(span)
    bounds = _value_range(resolved) or (-(1 << 63), (1 << 64) - 1)
    start = low.value if low is not None else bounds[0]
    end = bounds[1] if high is None else high.value - (operator == "..")
    if start > end:
        code = "E0579" if operator == ".." else "E0030"
        checker.refuse(node, "lower range bound must be less than upper", None, code)
        return Wildcard(span)
    return RangePattern(span, found, start, end)


def _read_some(checker: Checker, node: Node, found: Type) -> Pattern:
    span = checker.tree.span(node)
    head = checker.tree.need(node, "type")
    segments = path_segments(checker.tree, head)
    if segments is None or checker.names.expand(segments) != (*OPTION, "Some"):
        checker.refuse(head, "this pattern is not supported", _HINT)
        return Wildcard(span)
    parts = [child for child in checker.tree.tokens(node)[2:-1] if child.type != ","]
    option = _expect_option(checker, node, found)
    if len(parts) != 1:
        message = f"this pattern has {len(parts)} fields, but the corresponding tuple variant has 1 field"
        checker.refuse(node, message, None, "E0023")
        return Wildcard(span)
    inner = read_pattern(checker, parts[0], option.inner if option is not None else ERROR)
    return SomePattern(span, option, inner) if option is not None else inner


def _none(checker: Checker, node: Node, found: Type) -> Pattern:
    option = _expect_option(checker, node, found)
    span = checker.tree.span(node)
    return NonePattern(span, option) if option is not None else Wildcard(span)


def _expect_option(checker: Checker, node: Node, found: Type) -> OptionType | None:
    resolved = resolve(found)
    if isinstance(resolved, InferVar) and not resolved.is_int:
        resolved.bound = OptionType(checker.new_var(checker.tree.span(node)))
        resolved = resolved.bound
    if isinstance(resolved, OptionType):
        return resolved
    hint = None
    if isinstance(resolved, PointerType) and isinstance(resolve(resolved.pointee), OptionType):
        hint = "dereference it first: `match *value`"
    checker.mismatch(
        checker.tree.span(node), resolved, OptionType(InferVar(checker.tree.span(node), False)), hint
    )
    return None


def _read_or(checker: Checker, node: Node, found: Type) -> Pattern:
    before = set(checker.scopes[-1])
    parts: list[Node] = []
    pending = [node]
    while pending:  # `a | b | c` is nested to the left
        part = pending.pop()
        if part.type == "or_pattern":
            pending += [child for child in reversed(checker.tree.tokens(part)) if child.type != "|"]
        else:
            parts.append(part)
    alternatives = [read_pattern(checker, child, found) for child in parts]
    for alternative in alternatives:
        if _binds(alternative):
            checker.refuse(node, "names in `|` patterns are not supported", "write one arm for each pattern")
            for name in set(checker.scopes[-1]) - before:
                checker.scopes[-1][name].type = ERROR
            break
    return OrPattern(checker.tree.span(node), tuple(alternatives))


def _binds(pattern: Pattern) -> bool:
    match pattern:
        case Binding():
            return True
        case SomePattern(inner=inner):
            return _binds(inner)
        case OrPattern(alternatives=alternatives):
            return any(_binds(alternative) for alternative in alternatives)
    return False


# ---- exhaustiveness


def uncovered(patterns: list[Pattern], found: Type) -> str | None:
    """Return a value that none of *patterns* takes, written as a pattern; None if there is none.

    Types here have one column, so the usefulness algorithm of rustc reduces to intervals, and to looking
    into ``Some``.
    """
    flat = _flatten(patterns)
    if any(isinstance(pattern, Wildcard) for pattern in flat):
        return None
    found = resolve(found)
    if isinstance(found, OptionType):
        if not any(isinstance(pattern, NonePattern) for pattern in flat):
            return "None"
        inner = uncovered(
            [pattern.inner for pattern in flat if isinstance(pattern, SomePattern)], found.inner
        )
        return None if inner is None else f"Some({inner})"
    bounds = _value_range(found)
    if bounds is None:
        return "_"
    position = bounds[0]
    for low, high in sorted((item.low, item.high) for item in flat if isinstance(item, RangePattern)):
        if low > position:
            return _format_range(position, low - 1, found)
        position = max(position, high + 1)
        if found is CHAR and 0xD800 <= position < 0xE000:
            position = 0xE000  # surrogates are no chars
    return _format_range(position, bounds[1], found) if position <= bounds[1] else None


def _flatten(patterns: list[Pattern]) -> list[Pattern]:
    """Return *patterns* without ``|`` and names; a name that takes everything becomes a wildcard."""
    flat: list[Pattern] = []
    for pattern in patterns:
        match pattern:
            case OrPattern(alternatives=alternatives):
                flat += _flatten(list(alternatives))
            case Binding(span=span, inner=inner):
                flat += [Wildcard(span)] if inner is None else _flatten([inner])
            case _:
                flat.append(pattern)
    return flat


def _value_range(found: Type) -> tuple[int, int] | None:
    found = resolve(found)
    if isinstance(found, IntType):
        return found.minimum, found.maximum
    return (0, 1) if found is BOOL else (0, 0x10FFFF) if found is CHAR else None


def _format_range(low: int, high: int, found: Type) -> str:
    if found is BOOL:
        return "true" if low else "false"
    if found is CHAR:
        return f"'\\u{{{low:x}}}'" if low == high else f"'\\u{{{low:x}}}'..='\\u{{{high:x}}}'"
    name = format_type(found)
    bounds = _value_range(found) or (0, 0)
    first = f"{name}::MIN" if low == bounds[0] and low != high else f"{low}_{name}"
    last = f"{name}::MAX" if high == bounds[1] and low != high else f"{high}_{name}"
    return first if low == high else f"{first}..={last}"


def is_irrefutable(pattern: Pattern, found: Type) -> bool:
    return uncovered([pattern], found) is None
