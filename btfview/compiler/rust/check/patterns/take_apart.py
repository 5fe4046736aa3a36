"""Patterns that take a value apart: structs, tuples, arrays, ``Some``, ``Ok`` and ``Err``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.check.constructors import taken_apart
from btfview.compiler.rust.items.core_names import SIDES, SOME
from btfview.compiler.rust.items.names import path_segments
from btfview.compiler.rust.typed.patterns import (
    ArrayPattern,
    Binding,
    NonePattern,
    Pattern,
    ResultPattern,
    SomePattern,
    StructPattern,
    TuplePattern,
    Wildcard,
)
from btfview.compiler.rust.typed.tree import Expr, FieldPlace, IndexPlace, Invalid, Literal, TupleField
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import (
    ERROR,
    UNIT,
    USIZE,
    ArrayType,
    Field,
    InferVar,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    format_type,
    resolve,
)
from btfview.source import Span
from btfview.words import noun_for, plural

from .reader import UNSUPPORTED, Against, PatternReader

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def tuple_struct_pattern(reader: PatternReader, node: Node, found: Type, against: Against) -> Pattern:
    checker = reader.checker
    span = checker.tree.span(node)
    head = checker.tree.need(node, "type")
    segments = path_segments(checker.tree, head)
    full = checker.names.expand_value(segments) if segments is not None else ()
    if full in SIDES:
        return _result(reader, node, found, against, full[3] == "Ok")
    if full != SOME:
        return _tuple_struct(reader, node, found, against, taken_apart(checker, head, segments))
    parts = [child for child in checker.tree.tokens(node)[2:-1] if child.type != ","]
    option = _expect_option(checker, node, found)
    if len(parts) != 1:
        message = f"this pattern has {len(parts)} fields, but the corresponding tuple variant has 1 field"
        checker.refuse(node, message, None, "E0023")
        return Wildcard(span)
    inner = reader.read(parts[0], option.inner if option is not None else ERROR, against.part())
    return SomePattern(span, option, inner) if option is not None else inner


def _result(reader: PatternReader, node: Node, found: Type, against: Against, is_ok: bool) -> Pattern:
    checker = reader.checker
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
        return reader.read(parts[0], ERROR, against.part())
    inner = reader.read(parts[0], resolved.ok if is_ok else resolved.err, against.part())
    return ResultPattern(span, resolved, is_ok, inner)


def _tuple_struct(
    reader: PatternReader, node: Node, found: Type, against: Against, struct: StructType | None
) -> Pattern:
    """Return ``Pid(number)``; *struct* is None where there is no such struct, which was told."""
    checker = reader.checker
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
        _spread(reader, parts, [Invalid(ERROR, span)] * len(parts), against, span)
        return Wildcard(span)
    matched = [FieldPlace(field.type, span, against.place, struct, field) for field in struct.fields]
    patterns = _spread(reader, parts, matched, against, span)
    return StructPattern(span, struct, tuple(zip(struct.fields, patterns, strict=True)))


def _spread(
    reader: PatternReader, parts: list[Node], matched: Sequence[Expr], against: Against, span: Span
) -> list[Pattern]:
    """Return the pattern of each part of what is *matched*, of which ``..`` among *parts* leaves some out."""
    patterns: list[Pattern] = [Wildcard(span)] * len(matched)
    rest = next(
        (index for index, part in enumerate(parts) if part.type == "remaining_field_pattern"), len(parts)
    )
    for index, part in enumerate(parts):
        if index != rest:
            place = index if index < rest else len(matched) - (len(parts) - index)
            patterns[place] = reader.read(part, matched[place].type, against.part(matched[place]))
    return patterns


def tuple_pattern(reader: PatternReader, node: Node, found: Type, against: Against) -> Pattern:
    checker = reader.checker
    span = checker.tree.span(node)
    tokens = checker.tree.tokens(node)[1:-1]
    parts = [token for token in tokens if token.type != ","]
    if len(parts) == 1 and len(tokens) == 1 and parts[0].type != "remaining_field_pattern":
        return reader.read(parts[0], found, against.part())  # parentheses only
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
                reader.read(part, ERROR, against.part())
        return Wildcard(span)
    assert isinstance(resolved, TupleType)
    matched = [
        TupleField(element, span, against.place, index) for index, element in enumerate(resolved.elements)
    ]
    return TuplePattern(span, resolved, tuple(_spread(reader, parts, matched, against, span)))


def struct_pattern(reader: PatternReader, node: Node, found: Type, against: Against) -> Pattern:
    checker = reader.checker
    span, type_node = checker.tree.span(node), checker.tree.need(node, "type")
    struct = resolve(checker.read_type(type_node))
    if not isinstance(struct, StructType):
        if struct is not ERROR:
            checker.refuse(
                type_node, f"`{format_type(struct)}` cannot be taken apart by a pattern", UNSUPPORTED
            )
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
            checker.refuse(item, "this pattern is not supported", UNSUPPORTED)
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
        fields.append((field, _field(reader, item, name_node, struct, field, against)))
    missing = [field.name for field in struct.fields if all(field is not other for other, _ in fields)]
    if struct.is_union:
        if len(fields) != 1 and not has_rest:
            checker.refuse(node, "union patterns should have exactly one field", "name the one that is there")
    elif missing and not has_rest:
        names = ", ".join(f"`{name}`" for name in missing)
        message = f"pattern does not mention {noun_for(len(missing), 'field')} {names}"
        checker.refuse(node, message, "add `..`", "E0027")
    return StructPattern(span, struct, tuple(fields))


def _field(
    reader: PatternReader, item: Node, name_node: Node, struct: StructType, field: Field, against: Against
) -> Pattern:
    place = FieldPlace(field.type, reader.checker.tree.span(item), against.place, struct, field)
    inner_node = item.child_by_field_name("pattern")
    if inner_node is not None:
        return reader.read(inner_node, field.type, against.part(place))
    words = [child.type for child in item.children]
    is_mut, is_ref = "mutable_specifier" in words, "ref" in words
    ref = "" if not is_ref else "ref mut" if is_mut else "ref"
    return reader.bind(name_node, field.type, against.part(place, is_mut=is_mut and not is_ref), ref)


def array_pattern(reader: PatternReader, node: Node, found: Type, against: Against) -> Pattern:
    checker = reader.checker
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
                reader.read(part, ERROR, against.part())
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
                rest = reader.bind(checker.tree.children(part)[0], rest_type, against.part())
            continue
        place = index if index < before else length - (len(parts) - index)
        position = Literal(USIZE, span, place)
        matched = IndexPlace(resolved.element, span, against.place, position, length)
        elements.append((place, reader.read(part, resolved.element, against.part(matched))))
    return ArrayPattern(span, resolved, tuple(elements), rest, before)


def _is_rest(checker: Checker, node: Node) -> bool:
    """Whether *node* is ``..`` or ``name @ ..``."""
    if node.type == "captured_pattern":
        node = checker.tree.children(node)[-1]
    return node.type == "remaining_field_pattern"


def none_pattern(reader: PatternReader, node: Node, found: Type, _against: Against) -> Pattern:
    checker = reader.checker
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


def unit_struct(checker: Checker, node: Node, found: Type, struct: StructType) -> Pattern:
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
