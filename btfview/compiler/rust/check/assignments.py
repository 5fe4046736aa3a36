"""Rules for assignments: to a place, compound ones, and those that take a value apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.items.core_names import OPTION, RESULT
from btfview.compiler.rust.items.names import path_segments
from btfview.compiler.rust.typed.definitions import Local
from btfview.compiler.rust.typed.patterns import (
    ArrayPattern,
    Binding,
    Pattern,
    StructPattern,
    TuplePattern,
    Wildcard,
)
from btfview.compiler.rust.typed.tree import (
    PLACES,
    Assign,
    Binary,
    Block,
    CompoundAssign,
    Expr,
    ExprStatement,
    Invalid,
    Let,
    LocalPlace,
    Statement,
)
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import (
    BOOL,
    ERROR,
    NEVER,
    UNIT,
    ArrayType,
    Field,
    InferVar,
    PointerType,
    StructType,
    TupleType,
    Type,
    format_type,
    is_integer,
    resolve,
)

from .body import Checker, Rule
from .constructors import constructor, taken_apart
from .operators import arithmetic
from .places import check_writable

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

_APART = (
    "tuple_expression",
    "parenthesized_expression",
    "array_expression",
    "struct_expression",
    "call_expression",
)


def assignment(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    left_node, right_node = checker.tree.need(node, "left"), checker.tree.need(node, "right")
    left_node = _without_parentheses(checker, left_node)
    if left_node.type in _APART or checker.tree.text(left_node) == "_":
        return _destructure(checker, node, left_node, right_node)
    place = checker.expr(left_node)
    value = checker.coerced(right_node, place.type)
    return Assign(UNIT, span, place, value) if _may_take(checker, place, node) else Invalid(ERROR, span)


def _without_parentheses(checker: Checker, node: Node) -> Node:
    """Return what parentheses hold; not of ``(..)``, which is a tuple here."""
    while node.type == "parenthesized_expression":
        inner = checker.tree.children(node)[0]
        if checker.tree.text(inner) == "..":
            break
        node = inner
    return node


def _may_take(checker: Checker, place: Expr, node: Node) -> bool:
    """Whether a value may be put to *place*; complain if not."""
    if isinstance(place, PLACES):
        check_writable(checker, place, checker.tree.span(node), is_borrow=False)
    elif place.type is not ERROR:
        checker.report.error(place.span, "invalid left-hand side of assignment", code="E0070")
        return False
    return True


def compound_assignment(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    operator_node = checker.tree.need(node, "operator")
    operator = operator_node.type.removesuffix("=")
    place = checker.expr(checker.tree.need(node, "left"))
    operator_span, right_node = checker.tree.span(operator_node), checker.tree.need(node, "right")
    found = checker.known(place.type, place.span)
    if not (is_integer(found) or found in (BOOL, ERROR, NEVER)) or (found is BOOL and operator not in "&|^"):
        checker.expr(right_node)
        message = (
            f"binary assignment operation `{operator}=` cannot be applied to type `{format_type(found)}`"
        )
        hint = "dereference it: `*name += ..`" if isinstance(found, PointerType) and found.is_ref else None
        checker.report.error(span, message, code="E0368", hint=hint)
        return Invalid(ERROR, span)
    result = arithmetic(checker, operator, place, right_node, span, operator_span)
    if not isinstance(result, Binary):
        return result
    if isinstance(place, PLACES):
        check_writable(checker, place, span, is_borrow=False)
    elif place.type is not ERROR:
        checker.report.error(place.span, "invalid left-hand side of assignment", code="E0067")
    return CompoundAssign(UNIT, span, operator, place, result.right)


# ---- (a, b) = ..


def _destructure(checker: Checker, node: Node, left_node: Node, right_node: Node) -> Expr:
    """Return ``{ let (one, other) = right; a = one; b = other; }`` for ``(a, b) = right``, as rustc does."""
    span = checker.tree.span(node)
    value = checker.expr(right_node)
    found = value.type if resolve(value.type) is not NEVER else ERROR
    assigns: list[Statement] = []
    pattern = _target(checker, left_node, found, assigns)
    return Block(UNIT, span, (Let(span, pattern, value, None), *assigns), None)


def _target(checker: Checker, node: Node, found: Type, assigns: list[Statement]) -> Pattern:
    """Return the pattern for the target *node* and add to *assigns* what is done with what it binds."""
    span, resolved = checker.tree.span(node), resolve(found)
    node = _without_parentheses(checker, node)
    if node.type == "identifier" and checker.tree.text(node) == "_":
        return Wildcard(span)
    rests = [part for part in checker.tree.children(node) if checker.tree.text(part) == ".."]
    if len(rests) > 1:
        checker.refuse(rests[1], "`..` can only be used once per pattern")
        return Wildcard(span)
    if node.type in ("tuple_expression", "parenthesized_expression"):
        return _tuple(checker, node, resolved, assigns)
    if node.type == "array_expression" and node.child_by_field_name("length") is None:
        return _array(checker, node, resolved, assigns)
    if node.type == "struct_expression":
        return _struct(checker, node, resolved, assigns)
    if node.type == "call_expression":
        return _tuple_struct(checker, node, resolved, assigns)
    place = checker.expr(node)
    local = Local("assigned", found, span, False)
    if _may_take(checker, place, node):
        value = checker.coerce(LocalPlace(found, span, local), place.type)
        assigns.append(ExprStatement(Assign(UNIT, span, place, value)))
    return Binding(span, local, None)


def _spread(checker: Checker, parts: list[Node], count: int) -> list[tuple[int, Node]] | None:
    """Return index and node of each target among *parts*; None where they are no *count*."""
    rests = [index for index, part in enumerate(parts) if checker.tree.text(part) == ".."]
    targets = len(parts) - len(rests)
    if targets > count or (targets < count and not rests):
        return None
    rest = rests[0] if rests else len(parts)
    return [
        (index if index < rest else count - (len(parts) - index), part)
        for index, part in enumerate(parts)
        if index != rest
    ]


def _skip(checker: Checker, parts: list[Node], assigns: list[Statement]) -> None:
    """Look at targets that get nothing, for what is wrong with them."""
    for part in parts:
        if checker.tree.text(part) != "..":
            _target(checker, part, ERROR, assigns)


def _tuple(checker: Checker, node: Node, found: Type, assigns: list[Statement]) -> Pattern:
    span, parts = checker.tree.span(node), checker.tree.children(node)
    has_rest = any(checker.tree.text(part) == ".." for part in parts)
    if isinstance(found, InferVar) and not found.is_int and not has_rest:
        unify(found, TupleType(tuple(checker.new_var(span) for _ in parts)))
        found = resolve(found)
    targets = _spread(checker, parts, len(found.elements)) if isinstance(found, TupleType) else None
    if targets is None or not isinstance(found, TupleType):
        checker.mismatch(span, found, TupleType(tuple(InferVar(span, False) for _ in parts)))
        _skip(checker, parts, assigns)
        return Wildcard(span)
    patterns: list[Pattern] = [Wildcard(span)] * len(found.elements)
    for index, part in targets:
        patterns[index] = _target(checker, part, found.elements[index], assigns)
    return TuplePattern(span, found, tuple(patterns))


def _array(checker: Checker, node: Node, found: Type, assigns: list[Statement]) -> Pattern:
    span, parts = checker.tree.span(node), checker.tree.children(node)
    if not isinstance(found, ArrayType):
        if found is not ERROR:
            message = f"expected an array or slice, found `{format_type(found)}`"
            checker.refuse(node, message, None, "E0529")
        _skip(checker, parts, assigns)
        return Wildcard(span)
    targets = _spread(checker, parts, found.length)
    if targets is None:
        has_rest = any(checker.tree.text(part) == ".." for part in parts)
        count = len(parts) - has_rest
        least, code = ("at least ", "E0528") if has_rest else ("", "E0527")
        message = f"pattern requires {least}{count} elements but array has {found.length}"
        checker.refuse(node, message, None, code)
        _skip(checker, parts, assigns)
        return Wildcard(span)
    elements = tuple((index, _target(checker, part, found.element, assigns)) for index, part in targets)
    return ArrayPattern(span, found, elements, None, len(elements))


def _struct(checker: Checker, node: Node, found: Type, assigns: list[Statement]) -> Pattern:
    span, name_node = checker.tree.span(node), checker.tree.need(node, "name")
    struct = resolve(checker.read_type(name_node))
    if not isinstance(struct, StructType) or struct.is_union:
        if struct is not ERROR:
            message = f"`{format_type(struct)}` cannot be taken apart by an assignment"
            checker.refuse(name_node, message, "assign its fields")
        return Wildcard(span)
    if not unify(found, struct):
        checker.mismatch(checker.tree.span(name_node), found, struct)
        return Wildcard(span)
    fields: list[tuple[Field, Pattern]] = []
    has_rest = False
    for item in checker.tree.children(checker.tree.need(node, "body")):
        if checker.tree.shown_span(item).start in checker.tree.rests:
            has_rest = True
            continue
        if item.type == "base_field_initializer":
            message = "functional record updates are not allowed in destructuring assignments"
            checker.refuse(item, message, "write `..` alone")
            has_rest = True
            continue
        is_short = item.type == "shorthand_field_initializer"
        field_node = checker.tree.children(item)[-1] if is_short else checker.tree.need(item, "field")
        value_node = field_node if is_short else checker.tree.need(item, "value")
        name = checker.tree.name(field_node)
        field = struct.field(name)
        if field is None:
            message = f"struct `{struct.name}` does not have a field named `{name}`"
            checker.refuse(field_node, message, None, "E0026")
            has_rest = True
            continue
        if not checker.names.is_visible(field.visibility):
            message = f"field `{name}` of struct `{struct.name}` is private"
            checker.refuse(field_node, message, "make it `pub`", "E0451")
        if any(field is other for other, _ in fields):
            checker.refuse(field_node, f"field `{name}` bound multiple times in the pattern", None, "E0025")
        fields.append((field, _target(checker, value_node, field.type, assigns)))
    missing = [field.name for field in struct.fields if all(field is not other for other, _ in fields)]
    if missing and not has_rest:
        names = ", ".join(f"`{name}`" for name in missing)
        plural = "s" if len(missing) > 1 else ""
        checker.refuse(node, f"pattern does not mention field{plural} {names}", "add `..`", "E0027")
    return StructPattern(span, struct, tuple(fields))


def _tuple_struct(checker: Checker, node: Node, found: Type, assigns: list[Statement]) -> Pattern:
    span, head = checker.tree.span(node), checker.tree.need(node, "function")
    parts = checker.tree.children(checker.tree.need(node, "arguments"))
    segments = path_segments(checker.tree, head)
    full = checker.names.expand_value(segments) if segments is not None else ()
    if full[:3] in (OPTION, RESULT):
        checker.refuse(node, "refutable pattern in local binding", "use `if let` or `match`", "E0005")
        return Wildcard(span)
    if segments is None or constructor(checker, full) is None:
        if checker.expr(node).type is not ERROR:
            checker.refuse(node, "invalid left-hand side of assignment", None, "E0070")
        return Wildcard(span)
    struct = taken_apart(checker, head, segments)
    if struct is None or not unify(found, struct):
        if struct is not None:
            checker.mismatch(span, found, struct)
        _skip(checker, parts, assigns)
        return Wildcard(span)
    targets = _spread(checker, parts, len(struct.fields))
    if targets is None:
        message = (
            f"this pattern has {len(parts)} fields, but the corresponding tuple struct has "
            f"{len(struct.fields)}"
        )
        checker.refuse(node, message, "skip fields with `..`", "E0023")
        return Wildcard(span)
    fields = [
        (struct.fields[index], _target(checker, part, struct.fields[index].type, assigns))
        for index, part in targets
    ]
    return StructPattern(span, struct, tuple(fields))


RULES: dict[str, Rule] = {
    "assignment_expression": assignment,
    "compound_assignment_expr": compound_assignment,
}
