"""Patterns: names, constants, ranges, references and ``|``; :mod:`.take_apart` has the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.check.constructors import constructor
from btfview.compiler.rust.check.literals import char_literal, integer_literal
from btfview.compiler.rust.check.operators import unary
from btfview.compiler.rust.check.paths import path
from btfview.compiler.rust.items.core_names import NONE
from btfview.compiler.rust.items.names import path_segments
from btfview.compiler.rust.typed.definitions import Const, Function, Local
from btfview.compiler.rust.typed.patterns import (
    Binding,
    OrPattern,
    Pattern,
    RangePattern,
    RefPattern,
    Wildcard,
)
from btfview.compiler.rust.typed.tree import Deref, Expr, Invalid, Let, Literal, LocalPlace
from btfview.compiler.rust.types.kinds import (
    CHAR,
    ERROR,
    EnumType,
    InferVar,
    PointerType,
    Type,
    is_integer,
    resolve,
)

from .exhaustive import check_total_later, value_range
from .reader import UNSUPPORTED, Against, Alternatives, PatternReader, PatternRule
from .take_apart import (
    array_pattern,
    none_pattern,
    struct_pattern,
    tuple_pattern,
    tuple_struct_pattern,
    unit_struct,
)

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def read_pattern(
    checker: Checker, node: Node, found: Type, matched: Expr | None = None, *, is_mut: bool = False
) -> Pattern:
    """Return the pattern *node* for a value of type *found*; names in it are bound in the current scope.

    *matched* is what it is matched against: a place, or a value that a temporary is made of.
    """
    place = matched if matched is not None else Invalid(found, checker.tree.span(node))
    return PatternReader(checker, _read).read(node, found, Against(place, is_mut=is_mut))


def _read(reader: PatternReader, node: Node, found: Type, against: Against) -> Pattern:
    checker, resolved = reader.checker, resolve(found)
    if isinstance(resolved, PointerType) and resolved.is_ref and _looks_through(checker, node):
        # A pattern that is none of a reference looks through it (reference: binding modes).
        span = checker.tree.span(node)
        behind = Deref(resolved.pointee, span, against.place)
        implied = "ref mut" if resolved.is_mut and against.implied_borrow != "ref" else "ref"
        inside = Against(behind, implied, alternatives=against.alternatives)
        return RefPattern(span, resolved.pointee, reader.read(node, resolved.pointee, inside))
    rule = _RULES.get(node.type)
    if rule is not None:
        return rule(reader, node, found, against)
    checker.refuse(node, "this pattern is not supported", UNSUPPORTED)
    return Wildcard(checker.tree.span(node))


def _read_path(reader: PatternReader, node: Node, found: Type, against: Against) -> Pattern:
    segments = path_segments(reader.checker.tree, node)
    if segments is not None and reader.checker.names.expand_value(segments) == NONE:
        return none_pattern(reader, node, found, against)
    return _read_literal(reader, node, found, against)


def _read_mut(reader: PatternReader, node: Node, found: Type, against: Against) -> Pattern:
    return reader.read(reader.checker.tree.children(node)[-1], found, against.part(is_mut=True))


def _looks_through(checker: Checker, node: Node) -> bool:
    """Whether the pattern *node* is none that takes a reference as it is."""
    kind = node.type
    if kind == "tuple_pattern":  # parentheses only: what is inside tells
        tokens = checker.tree.tokens(node)[1:-1]
        if len(tokens) == 1 and tokens[0].type != "remaining_field_pattern":
            return False
    if kind in ("identifier", "scoped_identifier"):
        return _is_variant(checker, path_segments(checker.tree, node) or ())
    return kind not in _TAKES_REFERENCES


_TAKES_REFERENCES = frozenset(
    ["_", "mut_pattern", "captured_pattern", "reference_pattern", "ref_pattern", "or_pattern"]
)


def _is_variant(checker: Checker, segments: tuple[str, ...]) -> bool:
    """Whether a path names a variant or a unit struct; a ``const`` is compared as it is."""
    full = checker.names.expand_value(segments)
    if len(full) == 1:
        return constructor(checker, full) is not None
    owner = checker.owner(full[0])
    return full == NONE or (isinstance(owner, EnumType) and owner.variant(full[1]) is not None)


def _read_literal(reader: PatternReader, node: Node, found: Type, _against: Against) -> Pattern:
    checker = reader.checker
    span = checker.tree.span(node)
    literal = _bound(checker, node, found)
    return RangePattern(span, found, literal.value, literal.value) if literal else Wildcard(span)


def _read_ref(reader: PatternReader, node: Node, found: Type, against: Against) -> Pattern:
    """Read ``ref name``, ``ref mut name`` and ``ref name @ inner``."""
    checker = reader.checker
    inner, ref = checker.tree.children(node)[-1], "ref"
    if inner.type == "mut_pattern":
        inner, ref = checker.tree.children(inner)[-1], "ref mut"
    if inner.type == "captured_pattern":
        return _read_captured(reader, inner, found, against.part(), ref)
    if inner.type != "identifier":
        checker.refuse(node, "this pattern is not supported", UNSUPPORTED)
        return Wildcard(checker.tree.span(node))
    return reader.bind(inner, found, against.part(), ref)


def _read_captured(
    reader: PatternReader, node: Node, found: Type, against: Against, ref: str = ""
) -> Pattern:
    tokens = reader.checker.tree.tokens(node)
    binding = reader.bind(tokens[0], found, against, ref)
    inner = reader.read(tokens[-1], found, against.part())
    return Binding(binding.span, binding.local, inner, binding.is_ref)


def _is_constant(checker: Checker, full: tuple[str, ...]) -> bool:
    """Whether a path names a ``const`` or the variant of an enum."""
    if len(full) == 2:
        owner = checker.owner(full[0])
        return isinstance(owner, EnumType) and owner.variant(full[1]) is not None
    return isinstance(checker.names.values.get(full[0]), Const)


def _read_identifier(reader: PatternReader, node: Node, found: Type, against: Against) -> Pattern:
    checker = reader.checker
    full = checker.names.expand_value((checker.tree.name(node),))
    if full == NONE:
        return none_pattern(reader, node, found, against)
    struct = constructor(checker, full)
    if struct is not None:
        return unit_struct(checker, node, found, struct)
    if _is_constant(checker, full):
        return _read_literal(reader, node, found, against)
    return reader.bind(node, found, against)


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
        value = checker.refuse(node, "this pattern is not supported", UNSUPPORTED)
    value = checker.coerce(value, found)
    if isinstance(value, Literal):
        return value
    if value.type is not ERROR:
        checker.refuse(node, "only constants of integer, bool or char type can be patterns", UNSUPPORTED)
    return None


def _read_range(reader: PatternReader, node: Node, found: Type, _against: Against) -> Pattern:
    checker = reader.checker
    span = checker.tree.span(node)
    resolved = resolve(found)
    if isinstance(resolved, InferVar) and "'" not in checker.tree.text(node):
        resolved.is_int = True
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
    bounds = value_range(resolved) or (-(1 << 63), (1 << 64) - 1)
    start = low.value if low is not None else bounds[0]
    end = bounds[1] if high is None else high.value - (operator == "..")
    if start > end:
        code = "E0579" if operator == ".." else "E0030"
        checker.refuse(node, "lower range bound must be less than upper", None, code)
        return Wildcard(span)
    return RangePattern(span, found, start, end)


def _read_reference(reader: PatternReader, node: Node, found: Type, against: Against) -> Pattern:
    checker = reader.checker
    span, resolved = checker.tree.span(node), resolve(found)
    inner = checker.tree.tokens(node)[-1]  # `_` is none of the named children
    is_mut = checker.tree.child(node, "mutable_specifier") is not None
    if isinstance(resolved, InferVar) and not resolved.is_int:
        resolved.bound = PointerType(checker.new_var(span), is_mut, True)
        resolved = resolved.bound
    if not isinstance(resolved, PointerType) or not resolved.is_ref or resolved.is_mut != is_mut:
        checker.mismatch(span, resolved, PointerType(InferVar(span, False), is_mut, True))
        return reader.read(inner, ERROR, against.part())
    if against.implied_borrow:
        message = "cannot explicitly dereference within an implicitly-borrowing pattern"
        checker.refuse(node, message, "write `&` before the pattern around it, too")
    behind = Deref(resolved.pointee, span, against.place)
    inside = Against(behind, alternatives=against.alternatives)
    return RefPattern(span, resolved.pointee, reader.read(inner, resolved.pointee, inside))


def _read_or(reader: PatternReader, node: Node, found: Type, against: Against) -> Pattern:
    checker = reader.checker
    names = checker.scopes[-1]
    before = dict(names)
    parts: list[Node] = []
    pending = [node]
    while pending:  # `a | b | c` is nested to the left
        part = pending.pop()
        if part.type == "or_pattern":
            pending += [child for child in reversed(checker.tree.tokens(part)) if child.type != "|"]
        else:
            parts.append(part)
    place, implied = against.place, against.implied_borrow
    read = [reader.read(parts[0], found, Against(place, implied))]
    first = {name: local for name, local in names.items() if before.get(name) is not local}
    for part in parts[1:]:
        alternatives, known = Alternatives(first), set(names)
        read.append(reader.read(part, found, Against(place, implied, alternatives=alternatives)))
        for name in sorted((set(first) - alternatives.rebound) | (set(names) - known)):
            checker.refuse(part, f"variable `{name}` is not bound in all patterns", None, "E0408")
    return OrPattern(checker.tree.span(node), tuple(read))


def take_parameters_apart(checker: Checker, function: Function) -> tuple[Let, ...]:
    """Return what a function with patterns for parameters does first."""
    lets: list[Let] = []
    nodes = dict(function.param_patterns)
    reader = PatternReader(checker, _read, is_parameter=True)
    for param in function.params if nodes else ():
        node = nodes.get(param)
        if node is None:
            if param.name in reader.names:
                message = f"identifier `{param.name}` is bound more than once in this parameter list"
                checker.report.error(param.span, message, code="E0415")
            reader.names.add(param.name)
            continue
        span = checker.tree.span(node)
        value = LocalPlace(param.type, span, param)
        whole = Local(param.name, param.type, span, True)  # a pattern may borrow from it as `ref mut`
        pattern = reader.read(node, param.type, Against(LocalPlace(param.type, span, whole)))
        lets.append(Let(span, pattern, value, None))
        check_total_later(checker, pattern, param.type, "function argument")
    return tuple(lets)


_RULES: dict[str, PatternRule] = {
    "_": lambda reader, node, _found, _against: Wildcard(reader.checker.tree.span(node)),
    "identifier": _read_identifier,
    "mut_pattern": _read_mut,
    "ref_pattern": _read_ref,
    **dict.fromkeys(
        ("integer_literal", "negative_literal", "boolean_literal", "char_literal"), _read_literal
    ),
    "range_pattern": _read_range,
    "scoped_identifier": _read_path,
    "tuple_struct_pattern": tuple_struct_pattern,
    "tuple_pattern": tuple_pattern,
    "slice_pattern": array_pattern,
    "struct_pattern": struct_pattern,
    "or_pattern": _read_or,
    "captured_pattern": _read_captured,
    "reference_pattern": _read_reference,
}
