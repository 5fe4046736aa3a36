"""Patterns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from btfview.compiler.rust.items.core_names import KEYWORDS, NONE, SIDES, SOME
from btfview.compiler.rust.items.names import path_segments
from btfview.compiler.rust.typed.definitions import Const, Function, Local
from btfview.compiler.rust.typed.patterns import (
    ArrayPattern,
    Binding,
    NonePattern,
    OrPattern,
    Pattern,
    RangePattern,
    RefPattern,
    ResultPattern,
    SomePattern,
    StructPattern,
    TuplePattern,
    Wildcard,
)
from btfview.compiler.rust.typed.tree import (
    Deref,
    Expr,
    FieldPlace,
    IndexPlace,
    Invalid,
    Let,
    Literal,
    LocalPlace,
    TupleField,
)
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import (
    CHAR,
    ERROR,
    UNIT,
    USIZE,
    ArrayType,
    EnumType,
    Field,
    InferVar,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    format_type,
    is_integer,
    resolve,
)
from btfview.source import Span
from btfview.words import noun_for, plural

from .body import MAX_DEPTH, Checker
from .constructors import constructor, taken_apart
from .exhaustive import check_total_later, value_range
from .literals import char_literal, integer_literal
from .operators import unary
from .paths import path

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node
    from btfview.source import Span


_HINT = (
    "patterns are literals, ranges, constants, names, `_`, `&..`, `ref name`, `(..)`, `[..]`, `S { .. }`, "
    "`Some(..)` and `|`"
)


def read_pattern(
    checker: Checker, node: Node, found: Type, matched: Expr | None = None, *, is_mut: bool = False
) -> Pattern:
    """Return the pattern *node* for a value of type *found*; names in it are bound in the current scope.

    *matched* is what it is matched against: a place, or a value that a temporary is made of.
    """
    if not checker.pattern_depth:
        if not checker.in_parameters:
            checker.pattern_names.clear()
        checker.implied_borrow = ""
        checker.matched = matched if matched is not None else Invalid(found, checker.tree.span(node))
    before = checker.matched, checker.implied_borrow
    if matched is not None:
        checker.matched = matched
    checker.depth += 1
    checker.pattern_depth += 1
    try:
        if checker.depth > MAX_DEPTH:
            checker.refuse(node, "this pattern is nested too deeply", "split it up")
            return Wildcard(checker.tree.span(node))
        return _read(checker, node, found, is_mut)
    finally:
        checker.depth -= 1
        checker.pattern_depth -= 1
        checker.matched, checker.implied_borrow = before


def _read(checker: Checker, node: Node, found: Type, is_mut: bool) -> Pattern:
    resolved = resolve(found)
    if isinstance(resolved, PointerType) and resolved.is_ref and _looks_through(checker, node):
        # A pattern that is none of a reference looks through it (reference: binding modes).
        span = checker.tree.span(node)
        behind = Deref(resolved.pointee, span, checker.matched)
        implied = "ref mut" if resolved.is_mut and checker.implied_borrow != "ref" else "ref"
        checker.implied_borrow = implied
        return RefPattern(span, resolved.pointee, read_pattern(checker, node, resolved.pointee, behind))
    match node.type:
        case "_":
            return Wildcard(checker.tree.span(node))
        case "identifier":
            return _read_identifier(checker, node, found, is_mut)
        case "mut_pattern":
            return read_pattern(checker, checker.tree.children(node)[-1], found, is_mut=True)
        case "ref_pattern":
            return _read_ref(checker, node, found)
        case "integer_literal" | "negative_literal" | "boolean_literal" | "char_literal":
            return _read_literal(checker, node, found)
        case "range_pattern":
            return _read_range(checker, node, found)
        case "scoped_identifier":
            segments = path_segments(checker.tree, node)
            if segments is not None and checker.names.expand(segments) == NONE:
                return _none(checker, node, found)
            return _read_literal(checker, node, found)
        case "tuple_struct_pattern":
            return _read_some(checker, node, found)
        case "tuple_pattern":
            return _read_tuple(checker, node, found)
        case "slice_pattern":
            return _read_array(checker, node, found)
        case "struct_pattern":
            return _read_struct(checker, node, found)
        case "or_pattern":
            return _read_or(checker, node, found)
        case "captured_pattern":
            return _read_captured(checker, node, found, is_mut)
        case "reference_pattern":
            return _read_reference(checker, node, found)
    checker.refuse(node, "this pattern is not supported", _HINT)
    return Wildcard(checker.tree.span(node))


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
    full = checker.names.expand(segments)
    if len(full) == 1:
        return constructor(checker, full) is not None
    owner = checker.owner(full[0])
    return full == NONE or (isinstance(owner, EnumType) and owner.variant(full[1]) is not None)


def _read_literal(checker: Checker, node: Node, found: Type) -> Pattern:
    span = checker.tree.span(node)
    literal = _bound(checker, node, found)
    return RangePattern(span, found, literal.value, literal.value) if literal else Wildcard(span)


def _read_ref(checker: Checker, node: Node, found: Type) -> Pattern:
    """Read ``ref name``, ``ref mut name`` and ``ref name @ inner``."""
    inner, ref, is_mut = checker.tree.children(node)[-1], "ref", False
    if inner.type == "mut_pattern":
        inner, ref = checker.tree.children(inner)[-1], "ref mut"
    if inner.type == "captured_pattern":
        return _read_captured(checker, inner, found, is_mut, ref)
    if inner.type != "identifier":
        checker.refuse(node, "this pattern is not supported", _HINT)
        return Wildcard(checker.tree.span(node))
    return bind_name(checker, inner, found, ref=ref)


def _read_captured(checker: Checker, node: Node, found: Type, is_mut: bool, ref: str = "") -> Pattern:
    tokens = checker.tree.tokens(node)
    name_node, inner_node = tokens[0], tokens[-1]
    binding = bind_name(checker, name_node, found, is_mut=is_mut, ref=ref)
    return Binding(binding.span, binding.local, read_pattern(checker, inner_node, found), binding.is_ref)


def _is_constant(checker: Checker, full: tuple[str, ...]) -> bool:
    """Whether a path names a ``const`` or the variant of an enum."""
    if len(full) == 2:
        owner = checker.owner(full[0])
        return isinstance(owner, EnumType) and owner.variant(full[1]) is not None
    return isinstance(checker.names.values.get(full[0]), Const)


def _read_identifier(checker: Checker, node: Node, found: Type, is_mut: bool) -> Pattern:
    full = checker.names.expand((checker.tree.name(node),))
    if full == NONE:
        return _none(checker, node, found)
    struct = constructor(checker, full)
    if struct is not None:
        return _read_unit_struct(checker, node, found, struct)
    if _is_constant(checker, full):
        return _read_literal(checker, node, found)
    return bind_name(checker, node, found, is_mut=is_mut)


def _read_unit_struct(checker: Checker, node: Node, found: Type, struct: StructType) -> Pattern:
    span = checker.tree.span(node)
    if struct.shape == "tuple":
        message = f"let bindings cannot shadow tuple structs: `{struct.name}` is one"
        checker.refuse(node, message, f"write `{struct.name}(..)`, or choose another name", "E0530")
    elif not unify(found, struct):
        hint = f"`{struct.name}` is interpreted as a unit struct, not a new binding"
        checker.mismatch(span, resolve(found), struct, hint)
    else:
        return StructPattern(span, struct, ())
    return Wildcard(span)


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


def _read_some(checker: Checker, node: Node, found: Type) -> Pattern:
    span = checker.tree.span(node)
    head = checker.tree.need(node, "type")
    segments = path_segments(checker.tree, head)
    full = checker.names.expand(segments) if segments is not None else ()
    if full in SIDES:
        return _read_result(checker, node, found, full[3] == "Ok")
    if full != SOME:
        return _read_tuple_struct(checker, node, found, taken_apart(checker, head, segments))
    parts = [child for child in checker.tree.tokens(node)[2:-1] if child.type != ","]
    option = _expect_option(checker, node, found)
    if len(parts) != 1:
        message = f"this pattern has {len(parts)} fields, but the corresponding tuple variant has 1 field"
        checker.refuse(node, message, None, "E0023")
        return Wildcard(span)
    inner = read_pattern(checker, parts[0], option.inner if option is not None else ERROR)
    return SomePattern(span, option, inner) if option is not None else inner


def _read_result(checker: Checker, node: Node, found: Type, is_ok: bool) -> Pattern:
    span = checker.tree.span(node)
    parts = [child for child in checker.tree.tokens(node)[2:-1] if child.type != ","]
    resolved = resolve(found)
    if isinstance(resolved, InferVar) and not resolved.is_int:
        resolved.bound = ResultType(checker.new_var(span), checker.new_var(span))
        resolved = resolved.bound
    if len(parts) != 1:
        message = f"this pattern has {len(parts)} fields, but the corresponding tuple variant has 1 field"
        checker.refuse(node, message, None, "E0023")
        return Wildcard(span)
    if not isinstance(resolved, ResultType):
        shown = ResultType(InferVar(span, False), InferVar(span, False))
        checker.mismatch(span, resolved, shown)
        return read_pattern(checker, parts[0], ERROR)
    inner = read_pattern(checker, parts[0], resolved.ok if is_ok else resolved.err)
    return ResultPattern(span, resolved, is_ok, inner)


def _read_tuple_struct(checker: Checker, node: Node, found: Type, struct: StructType | None) -> Pattern:
    """Return ``Pid(number)``; *struct* is None where there is no such struct, which was told."""
    span = checker.tree.span(node)
    parts = [child for child in checker.tree.tokens(node)[2:-1] if child.type != ","]
    rest = [part for part in parts if part.type == "remaining_field_pattern"]
    if len(rest) > 1:
        checker.refuse(rest[1], "`..` can only be used once per tuple struct pattern")
        return Wildcard(span)
    count, length = len(parts) - len(rest), len(struct.fields) if struct is not None else 0
    if struct is not None and not unify(found, struct):
        checker.mismatch(span, resolve(found), struct)
        struct = None
    if struct is not None and (count > length if rest else count != length):
        has, fields = plural(count, "field"), plural(length, "field")
        message = f"this pattern has {has}, but the corresponding tuple struct has {fields}"
        checker.refuse(node, message, "add `..`" if count < length else None, "E0023")
        struct = None
    if struct is None:
        _spread(checker, parts, [Invalid(ERROR, span)] * len(parts), span)
        return Wildcard(span)
    matched = [FieldPlace(field.type, span, checker.matched, struct, field) for field in struct.fields]
    patterns = _spread(checker, parts, matched, span)
    return StructPattern(span, struct, tuple(zip(struct.fields, patterns, strict=True)))


def _spread(checker: Checker, parts: list[Node], matched: Sequence[Expr], span: Span) -> list[Pattern]:
    """Return the pattern of each part of what is *matched*, of which ``..`` among *parts* leaves some out."""
    patterns: list[Pattern] = [Wildcard(span)] * len(matched)
    rest = next(
        (index for index, part in enumerate(parts) if part.type == "remaining_field_pattern"), len(parts)
    )
    for index, part in enumerate(parts):
        if index != rest:
            place = index if index < rest else len(matched) - (len(parts) - index)
            patterns[place] = read_pattern(checker, part, matched[place].type, matched[place])
    return patterns


def _read_tuple(checker: Checker, node: Node, found: Type) -> Pattern:
    span = checker.tree.span(node)
    tokens = checker.tree.tokens(node)[1:-1]
    parts = [token for token in tokens if token.type != ","]
    if len(parts) == 1 and len(tokens) == 1 and parts[0].type != "remaining_field_pattern":
        return read_pattern(checker, parts[0], found)  # parentheses only
    resolved = resolve(found)
    if not parts:
        if not unify(found, UNIT):
            checker.mismatch(span, resolved, UNIT)
        return Wildcard(span)
    rest = [index for index, part in enumerate(parts) if part.type == "remaining_field_pattern"]
    if len(rest) > 1:
        checker.refuse(parts[rest[1]], "`..` can only be used once per tuple pattern")
        return Wildcard(span)
    if isinstance(resolved, InferVar) and not resolved.is_int and not rest:
        resolved.bound = TupleType(tuple(checker.new_var(span) for _ in parts))
        resolved = resolved.bound
    count = len(parts) - len(rest)
    is_tuple = isinstance(resolved, TupleType)
    length = len(resolved.elements) if isinstance(resolved, TupleType) else 0
    if not is_tuple or (count != length if not rest else count > length):
        checker.mismatch(span, resolved, TupleType(tuple(InferVar(span, False) for _ in range(count))))
        for part in parts:
            if part.type != "remaining_field_pattern":
                read_pattern(checker, part, ERROR)
        return Wildcard(span)
    assert isinstance(resolved, TupleType)
    matched = [
        TupleField(element, span, checker.matched, index) for index, element in enumerate(resolved.elements)
    ]
    return TuplePattern(span, resolved, tuple(_spread(checker, parts, matched, span)))


def _read_struct(checker: Checker, node: Node, found: Type) -> Pattern:
    span, type_node = checker.tree.span(node), checker.tree.need(node, "type")
    struct = resolve(checker.read_type(type_node))
    if not isinstance(struct, StructType):
        if struct is not ERROR:
            checker.refuse(type_node, f"`{format_type(struct)}` cannot be taken apart by a pattern", _HINT)
        return Wildcard(span)
    if not unify(found, struct):
        checker.mismatch(checker.tree.span(type_node), resolve(found), struct)
        return Wildcard(span)
    fields: list[tuple[Field, Pattern]] = []
    has_rest = False
    for item in checker.tree.children(node)[1:]:
        if item.type == "remaining_field_pattern":
            has_rest = True
            continue
        if item.type != "field_pattern":
            checker.refuse(item, "this pattern is not supported", _HINT)
            continue
        name_node = checker.tree.need(item, "name")
        name = checker.tree.name(name_node)
        field = struct.field(name)
        if field is None:
            message = f"struct `{struct.name}` does not have a field named `{name}`"
            checker.refuse(name_node, message, None, "E0026")
            has_rest = True
            continue
        if not checker.names.is_visible(field.visibility):
            message = f"field `{name}` of struct `{struct.name}` is private"
            checker.refuse(name_node, message, "make it `pub`", "E0451")
        if struct.is_union:
            checker.need_unsafe(checker.tree.span(item), "access to union field")
        if any(field is other for other, _ in fields):
            message = f"field `{name}` bound multiple times in the pattern"
            checker.refuse(name_node, message, None, "E0025")
        fields.append((field, _read_field(checker, item, name_node, struct, field)))
    missing = [field.name for field in struct.fields if all(field is not other for other, _ in fields)]
    if struct.is_union:
        if len(fields) != 1 and not has_rest:
            checker.refuse(node, "union patterns should have exactly one field", "name the one that is there")
    elif missing and not has_rest:
        names = ", ".join(f"`{name}`" for name in missing)
        message = f"pattern does not mention {noun_for(len(missing), 'field')} {names}"
        checker.refuse(node, message, "add `..`", "E0027")
    return StructPattern(span, struct, tuple(fields))


def _read_field(checker: Checker, item: Node, name_node: Node, struct: StructType, field: Field) -> Pattern:
    outer = checker.matched
    checker.matched = FieldPlace(field.type, checker.tree.span(item), outer, struct, field)
    try:
        inner_node = item.child_by_field_name("pattern")
        if inner_node is not None:
            return read_pattern(checker, inner_node, field.type)
        words = [child.type for child in item.children]
        is_mut, is_ref = "mutable_specifier" in words, "ref" in words
        ref = "" if not is_ref else "ref mut" if is_mut else "ref"
        return bind_name(checker, name_node, field.type, is_mut=is_mut and not is_ref, ref=ref)
    finally:
        checker.matched = outer


def _read_array(checker: Checker, node: Node, found: Type) -> Pattern:
    span, resolved = checker.tree.span(node), checker.known(found, checker.tree.span(node))
    parts = [part for part in checker.tree.tokens(node)[1:-1] if part.type != ","]
    rests = [index for index, part in enumerate(parts) if _is_rest(checker, part)]
    if len(rests) > 1:
        checker.refuse(parts[rests[1]], "`..` can only be used once per slice pattern")
        return Wildcard(span)
    count = len(parts) - len(rests)
    if not isinstance(resolved, ArrayType):
        if resolved is not ERROR:
            message = f"expected an array or slice, found `{format_type(resolved)}`"
            checker.refuse(node, message, None, "E0529")
        for part in parts:
            if not _is_rest(checker, part):
                read_pattern(checker, part, ERROR)
        return Wildcard(span)
    length = resolved.length
    if not rests and count != length:
        message = f"pattern requires {plural(count, 'element')} but array has {length}"
        checker.refuse(node, message, "skip elements with `..`", "E0527")
    elif count > length:
        message = f"pattern requires at least {count} elements but array has {length}"
        checker.refuse(node, message, None, "E0528")
        length = count
    before = rests[0] if rests else count
    elements: list[tuple[int, Pattern]] = []
    rest: Binding | None = None
    for index, part in enumerate(parts):
        if rests and index == before:
            if part.type == "captured_pattern":
                rest_type = ArrayType(resolved.element, length - count)
                rest = bind_name(checker, checker.tree.children(part)[0], rest_type)
            continue
        place = index if index < before else length - (len(parts) - index)
        position = Literal(USIZE, span, place)
        matched = IndexPlace(resolved.element, span, checker.matched, position, length)
        elements.append((place, read_pattern(checker, part, resolved.element, matched)))
    return ArrayPattern(span, resolved, tuple(elements), rest, before)


def _is_rest(checker: Checker, node: Node) -> bool:
    """Whether *node* is ``..`` or ``name @ ..``."""
    if node.type == "captured_pattern":
        node = checker.tree.children(node)[-1]
    return node.type == "remaining_field_pattern"


def _read_reference(checker: Checker, node: Node, found: Type) -> Pattern:
    span, resolved = checker.tree.span(node), resolve(found)
    inner = checker.tree.tokens(node)[-1]  # `_` is none of the named children
    is_mut = checker.tree.child(node, "mutable_specifier") is not None
    if isinstance(resolved, InferVar) and not resolved.is_int:
        resolved.bound = PointerType(checker.new_var(span), is_mut, True)
        resolved = resolved.bound
    if not isinstance(resolved, PointerType) or not resolved.is_ref or resolved.is_mut != is_mut:
        checker.mismatch(span, resolved, PointerType(InferVar(span, False), is_mut, True))
        return read_pattern(checker, inner, ERROR)
    if checker.implied_borrow:
        message = "cannot explicitly dereference within an implicitly-borrowing pattern"
        checker.refuse(node, message, "write `&` before the pattern around it, too")
        checker.implied_borrow = ""
    behind = Deref(resolved.pointee, span, checker.matched)
    return RefPattern(span, resolved.pointee, read_pattern(checker, inner, resolved.pointee, behind))


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
    before = dict(checker.scopes[-1])
    parts: list[Node] = []
    pending = [node]
    while pending:  # `a | b | c` is nested to the left
        part = pending.pop()
        if part.type == "or_pattern":
            pending += [child for child in reversed(checker.tree.tokens(part)) if child.type != "|"]
        else:
            parts.append(part)
    outer, checker.alternatives = checker.alternatives, None
    alternatives = [read_pattern(checker, parts[0], found)]
    first = {name: local for name, local in checker.scopes[-1].items() if before.get(name) is not local}
    for part in parts[1:]:
        checker.alternatives, rebound = first, checker.rebound
        checker.rebound = set()
        known = set(checker.scopes[-1])
        alternatives.append(read_pattern(checker, part, found))
        names = set(first) - checker.rebound
        names |= set(checker.scopes[-1]) - known
        for name in sorted(names):
            checker.refuse(part, f"variable `{name}` is not bound in all patterns", None, "E0408")
        checker.rebound = rebound
    checker.alternatives = outer
    return OrPattern(checker.tree.span(node), tuple(alternatives))


def take_parameters_apart(checker: Checker, function: Function) -> tuple[Let, ...]:
    """Return what a function with patterns for parameters does first."""
    lets: list[Let] = []
    nodes = dict(function.param_patterns)
    checker.pattern_names.clear()
    checker.in_parameters = bool(nodes)
    for param in function.params if nodes else ():
        node = nodes.get(param)
        if node is None:
            if param.name in checker.pattern_names:
                message = f"identifier `{param.name}` is bound more than once in this parameter list"
                checker.report.error(param.span, message, code="E0415")
            checker.pattern_names |= {param.name}
            continue
        span = checker.tree.span(node)
        value = LocalPlace(param.type, span, param)
        whole = Local(param.name, param.type, span, True)  # a pattern may borrow from it as `ref mut`
        pattern = read_pattern(checker, node, param.type, LocalPlace(param.type, span, whole))
        lets.append(Let(span, pattern, value, None))
        check_total_later(checker, pattern, param.type, "function argument")
    checker.in_parameters = False
    return tuple(lets)


def bind_name(
    checker: Checker,
    node: Node,
    found: Type,
    *,
    is_mut: bool = False,
    ref: str = "",
) -> Binding:
    """Return the binding of the name *node* to a value of type *found*.

    *ref* is what stands before the name: ``ref``, ``ref mut`` or nothing. In a pattern that looks through a
    reference the name is one itself, and edition 2024 allows neither ``ref`` nor ``mut`` there.
    """
    span = checker.tree.span(node)
    implied = checker.implied_borrow
    if implied and ref:
        message = "cannot explicitly borrow within an implicitly-borrowing pattern"
        checker.refuse(node, message, "take `ref` away, or write `&` before the pattern around it")
    elif implied and is_mut:
        message = "cannot mutably bind by value within an implicitly-borrowing pattern"
        checker.refuse(node, message, "write `&` before the pattern around it")
    kind = ref or implied
    if not kind:
        return Binding(span, _new_local(checker, node, span, found, is_mut, ""), None)
    place = checker.matched
    if kind == "ref mut":
        checker.check_writable(place, span, is_borrow=True)
    checker.later(lambda: checker.check_aligned(place, span))
    local = _new_local(checker, node, span, PointerType(found, kind == "ref mut", True), is_mut, ref)
    return Binding(span, local, None, True)


def _new_local(checker: Checker, node: Node, span: Span, found: Type, is_mut: bool, ref: str) -> Local:
    name = checker.tree.name(node)
    if name in KEYWORDS and checker.tree.text(node) in KEYWORDS:
        checker.refuse(node, f"expected identifier, found keyword `{name}`", f"write `r#{name}`")
    known = checker.alternatives.get(name) if checker.alternatives is not None else None
    if known is not None:
        if checker.explicit_refs.get(known, "") != ref:
            message = f"variable `{name}` is bound inconsistently across alternatives separated by `|`"
            checker.refuse(node, message, "bind it in the same way in each", "E0409")
        elif not unify(known.type, found):
            checker.mismatch(span, known.type, found, "a name has one type in all parts of a `|` pattern")
        checker.rebound.add(name)
        return known
    if name in checker.pattern_names:
        message, code = f"identifier `{name}` is bound more than once in the same pattern", "E0416"
        if checker.in_parameters:
            message, code = f"identifier `{name}` is bound more than once in this parameter list", "E0415"
        checker.refuse(node, message, None, code)
    checker.pattern_names.add(name)
    local = checker.bind(Local(name, found, span, is_mut))
    if ref:
        checker.explicit_refs[local] = ref
    return local
