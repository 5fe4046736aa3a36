"""Rules for places: dereferences, references, fields, elements; and for the values that fill them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed.places import place_align
from btfview.compiler.rust.typed.tree import (
    PLACES,
    AddressOf,
    ArrayLiteral,
    ArrayRepeat,
    Deref,
    Expr,
    FieldPlace,
    IndexPlace,
    Invalid,
    Literal,
    LocalPlace,
    StaticPlace,
    StructLiteral,
    TupleField,
    TupleLiteral,
)
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import (
    BOOL,
    CHAR,
    ERROR,
    NEVER,
    UNIT,
    USIZE,
    ArrayType,
    EnumType,
    Field,
    InferVar,
    IntType,
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
from btfview.compiler.rust.types.layout import align_of
from btfview.compiler.rust.types.passing import is_movable
from btfview.diagnostics import Label
from btfview.source import Span
from btfview.words import noun_for

from .body import Checker, Rule

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

_READ = (
    ArrayType, StructType, EnumType, TupleType, IntType, PointerType, OptionType, ResultType, InferVar,
)  # fmt: skip
"""Classes of types that a pointer may be read as; `bool` and `char` are, too."""


def deref(checker: Checker, operand_node: Node, span: Span) -> Expr:
    operand = checker.expr(operand_node)
    found = checker.known(operand.type, operand.span)
    if found is NEVER or found is ERROR:
        return operand
    if not isinstance(found, PointerType):
        checker.report.error(
            span,
            f"type `{format_type(found)}` cannot be dereferenced",
            code="E0614",
            label="can't be dereferenced",
        )
        return Invalid(ERROR, span)
    if not found.is_ref:
        checker.need_unsafe(span, "dereference of raw pointer")
    pointee = checker.known(found.pointee, span)
    if isinstance(pointee, _READ) or pointee is BOOL or pointee is CHAR:
        return Deref(found.pointee, span, operand)
    if pointee is not ERROR:
        checker.report.error(
            span,
            f"`{format_type(pointee)}` has no value to read",
            hint="cast the pointer to the type it points to",
        )
    return Invalid(ERROR, span)


def reference(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    kinds = [child.type for child in node.children]
    is_raw = "raw" in kinds
    is_mut = "mutable_specifier" in kinds or (is_raw and "mut" in kinds)
    wanted = resolve(expected) if expected is not None else None
    inner = wanted.pointee if isinstance(wanted, PointerType) else None
    value_node = checker.tree.need(node, "value")
    is_name = is_raw and value_node.type == "identifier"
    checker.unsafe_depth += is_name  # `&raw const COUNTER` reads nothing, so it is safe
    place = checker.expr(value_node, inner)
    checker.unsafe_depth -= is_name
    return address_of(checker, place, span, is_mut=is_mut, is_raw=is_raw)


def address_of(checker: Checker, place: Expr, span: Span, *, is_mut: bool, is_raw: bool) -> Expr:
    """Return ``&place`` (``&mut``, ``&raw const``, ``&raw mut``) as an expression."""
    found = resolve(place.type)
    if found is ERROR or found is NEVER:
        return place
    if found is UNIT:
        checker.report.error(span, "a reference to `()` is not supported")
        return Invalid(ERROR, span)
    if isinstance(place, PLACES):
        if is_mut:
            check_writable(checker, place, span, is_borrow=True)
        if not is_raw:
            checker.later(lambda: check_aligned(checker, place, span))
    elif is_raw:
        checker.report.error(span, "cannot take address of a temporary", code="E0745")
    return AddressOf(PointerType(place.type, is_mut, not is_raw), span, place)


def check_writable(checker: Checker, place: Expr, span: Span, *, is_borrow: bool) -> None:
    """Complain unless *place* may be written (or borrowed as ``&mut``)."""
    is_whole, whole = isinstance(place, LocalPlace), place.span
    while isinstance(place, (FieldPlace, IndexPlace, TupleField)):
        place = place.base
    if isinstance(place, LocalPlace) and place.local.is_late and not is_borrow and is_whole:
        return  # the first assignment is none: `initialised` tells a second one
    if isinstance(place, LocalPlace) and not place.local.is_mut:
        name = place.local.name
        if not is_whole and not is_borrow:
            text = checker.tree.source.text_at(whole)
            message, code = f"cannot assign to `{text}`, as `{name}` is not declared as mutable", "E0594"
            hint, labels = f"declare it as `mut {name}`", (Label(place.local.span, "declared here"),)
            checker.report.error(span, message, code=code, hint=hint, labels=labels)
            return
        is_param = checker.function is not None and place.local in checker.function.params
        if is_borrow:
            message, code = (
                f"cannot borrow `{name}` as mutable, as it is not declared as mutable",
                "E0596",
            )
        elif is_param:
            message, code = f"cannot assign to immutable argument `{name}`", "E0384"
        else:
            message, code = f"cannot assign twice to immutable variable `{name}`", "E0384"
        checker.report.error(
            span, message, code=code, hint=f"declare it as `mut {name}`",
            labels=(Label(place.local.span, "declared here"),),
        )  # fmt: skip
    elif isinstance(place, StaticPlace) and not place.static.is_mut:
        verb = (
            "borrow immutable static item `{}` as mutable"
            if is_borrow
            else "assign to immutable static item `{}`"
        )
        code = "E0596" if is_borrow else "E0594"
        checker.report.error(span, "cannot " + verb.format(place.static.name), code=code, hint="`static mut`")
    elif isinstance(place, Deref):
        pointer = resolve(place.pointer.type)
        if isinstance(pointer, PointerType) and pointer.is_mut and pointer.is_ref:
            holder = place.pointer  # a `&mut` that is itself behind a `&` may not be written through
            while isinstance(holder, (FieldPlace, IndexPlace, TupleField)):
                holder = holder.base
            if isinstance(holder, Deref):
                check_writable(checker, holder, span, is_borrow=is_borrow)
        elif isinstance(pointer, PointerType) and not pointer.is_mut:
            kind = "`&` reference" if pointer.is_ref else "`*const` pointer"
            text = checker.tree.source.text_at(place.span)
            if is_borrow:
                message, code = f"cannot borrow `{text}` as mutable, as it is behind a {kind}", "E0596"
            else:
                message, code = f"cannot assign to `{text}`, which is behind a {kind}", "E0594"
            checker.report.error(span, message, code=code, hint="it needs `&mut` or `*mut`")


def check_aligned(checker: Checker, place: Expr, span: Span) -> None:
    """Complain about a reference to a packed field that is not aligned for its type."""
    if isinstance(place, PLACES) and place_align(place) < align_of(place.type):
        checker.report.error(
            span,
            "reference to field of packed struct is unaligned",
            code="E0793",
            hint="copy the field into a local, or use `&raw const`",
        )


# ---- fields, elements, aggregates


def autoderef(checker: Checker, base: Expr) -> Expr:
    """Return *base* with references taken away, as ``.`` and ``[]`` do; raw pointers stay."""
    found = checker.known(base.type, base.span)
    while isinstance(found, PointerType) and found.is_ref:
        base = Deref(found.pointee, base.span, base)
        found = checker.known(found.pointee, base.span)
    return base


def field_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    value = checker.expr(checker.tree.need(node, "value"))
    base = autoderef(checker, value)
    field_node = checker.tree.need(node, "field")
    name, struct = checker.tree.name(field_node), resolve(base.type)
    if isinstance(struct, TupleType):
        for index, element in enumerate(struct.elements):
            if name == str(index):
                return TupleField(element, span, base, index)
    if struct is ERROR or struct is NEVER:
        return Invalid(ERROR, span)
    field = struct.field(name) if isinstance(struct, StructType) else None
    if field is None or not isinstance(struct, StructType):
        return _no_field(checker, field_node, name, struct, value.type)
    if not checker.names.is_visible(field.visibility):
        message = f"field `{name}` of {'union' if struct.is_union else 'struct'} `{struct.name}` is private"
        checker.report.error(
            checker.tree.span(field_node), message, code="E0616", label="private field",
            labels=(Label(field.span, f"`{name}` is declared here"),), hint="make it `pub`",
        )  # fmt: skip
        return Invalid(ERROR, span)
    if struct.marker is not None:
        _refuse_marked(checker, struct, field, checker.tree.span(field_node))
        return Invalid(ERROR, span)
    if struct.is_union:
        checker.need_unsafe(span, "access to union field")
    return FieldPlace(field.type, span, base, struct, field)


def _no_field(checker: Checker, node: Node, name: str, found: Type, shown: Type) -> Expr:
    hint = None
    if isinstance(found, PointerType):
        hint = "dereference the raw pointer: `(*pointer).field`"
    elif isinstance(found, StructType):
        if name in checker.names.methods.get(found.key, {}):
            message = f"attempted to take value of method `{name}` on type `{found.name}`"
            return checker.refuse(node, message, f"call it: `{name}()`", "E0615")
        hint = f"its fields are: {', '.join(field.name for field in found.fields[:8]) or 'none'}"
    elif resolve(shown) is found and (is_integer(found) or found is BOOL or found is CHAR):
        message = f"`{format_type(found)}` is a primitive type and therefore doesn't have fields"
        return checker.refuse(node, message, None, "E0610")
    return checker.refuse(node, f"no field `{name}` on type `{format_type(shown)}`", hint, "E0609")


def _refuse_marked(checker: Checker, struct: StructType, field: Field, span: Span) -> None:
    marker = f"#[{struct.marker}]"
    checker.report.error(
        span,
        f"cannot access fields of a `{marker}` type directly",
        label=f"direct field access is forbidden for `{struct.name}`",
        hint=f"ask for its place: `core::btf::field_byte_offset!({struct.name}, {field.name})`",
    )


def index_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    base_node, index_node = checker.tree.children(node)
    base = autoderef(checker, checker.expr(base_node))
    index = checker.expr(index_node, USIZE)
    array = resolve(base.type)
    if array is ERROR or array is NEVER:
        return Invalid(ERROR, span)
    if not isinstance(array, ArrayType):
        message = f"cannot index into a value of type `{format_type(array)}`"
        return checker.refuse(node, message, "only arrays are indexed; use `add` on a raw pointer", "E0608")
    if is_integer(index.type) and not unify(index.type, USIZE):
        checker.report.error(
            index.span,
            f"the type `[{format_type(array.element)}]` cannot be indexed by `{format_type(index.type)}`",
            code="E0277",
            hint="convert the index: `as usize`",
        )
        return Invalid(array.element, span)
    index = checker.coerce(index, USIZE)
    if isinstance(index, Literal) and index.value >= array.length and checker.function is not None:
        label = f"the length is {array.length} but the index is {index.value}"
        checker.report.error(span, "this operation will panic at runtime", label=label)
        return Invalid(ERROR, span)
    return IndexPlace(array.element, span, base, index, array.length)


def struct_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    name_node = checker.tree.need(node, "name")
    struct = resolve(checker.read_type(name_node))
    if not isinstance(struct, StructType):
        if struct is not ERROR:
            message = f"expected struct or union, found `{format_type(struct)}`"
            checker.report.error(checker.tree.span(name_node), message, code="E0574")
        return Invalid(ERROR, span)
    given: list[tuple[Field, Expr]] = []
    has_problem = False
    base: Expr | None = None
    for item in checker.tree.children(checker.tree.need(node, "body")):
        if checker.tree.shown_span(item).start in checker.tree.rests:
            checker.refuse(item, "base expression required after `..`", "as in `..other`", "E0797")
            has_problem = True
            continue
        if item.type == "shorthand_field_initializer":
            field_node = value_node = checker.tree.children(item)[-1]
        elif item.type == "field_initializer":
            field_node, value_node = checker.tree.need(item, "field"), checker.tree.need(item, "value")
        else:
            base = checker.coerced(checker.tree.children(item)[-1], struct)
            if struct.is_union:
                checker.refuse(item, "functional record update syntax requires a struct", None, "E0436")
                has_problem = True
            hidden = [part for part in struct.fields if not checker.names.is_visible(part.visibility)]
            for private in hidden[:1]:
                message = f"field `{private.name}` of struct `{struct.name}` is private"
                checker.refuse(item, message, "make it `pub`", "E0451")
            continue
        name = checker.tree.name(field_node)
        field = struct.field(name)
        if field is None:
            kind = "union" if struct.is_union else "struct"
            checker.refuse(field_node, f"{kind} `{struct.name}` has no field named `{name}`", None, "E0560")
            checker.expr(value_node)
            has_problem = True
            continue
        if not checker.names.is_visible(field.visibility):
            message = f"field `{name}` of struct `{struct.name}` is private"
            checker.refuse(field_node, message, "make it `pub`", "E0451")
            has_problem = True
        if any(field is other for other, _ in given):
            checker.refuse(field_node, f"field `{name}` specified more than once", None, "E0062")
            has_problem = True
        given.append((field, checker.coerced(value_node, field.type)))
    missing = [field.name for field in struct.fields if all(field is not other for other, _ in given)]
    if struct.is_union:
        if len(given) != 1 and not has_problem:
            checker.report.error(span, "union expressions should have exactly one field", code="E0784")
    elif missing and base is None and not has_problem:
        names = ", ".join(f"`{name}`" for name in missing)
        message = f"missing {noun_for(len(missing), 'field')} {names} in initializer of `{struct.name}`"
        checker.report.error(checker.tree.span(name_node), message, code="E0063", label=f"missing {names}")
    return StructLiteral(struct, span, struct, tuple(given), base)


def tuple_expression(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    nodes = checker.tree.children(node)
    wanted = resolve(expected) if expected is not None else None
    known: list[Type | None] = [None] * len(nodes)
    if isinstance(wanted, TupleType) and len(wanted.elements) == len(nodes):
        known = list(wanted.elements)
    elements: list[Expr] = []
    for child, want in zip(nodes, known, strict=True):
        value = checker.expr(child, want)
        elements.append(checker.coerce(value, want) if want is not None else value)
    found = TupleType(tuple(element.type for element in elements))

    def check() -> None:
        for element in elements:
            part = resolve(element.type)
            if not is_movable(part):
                message = f"`{format_type(part)}` is not supported in a tuple"
                checker.report.error(element.span, message, hint="leave it out")

    checker.later(check)
    if any(resolve(element.type) is ERROR for element in elements):
        return Invalid(ERROR, span)
    return TupleLiteral(found, span, tuple(elements))


def array_expression(checker: Checker, node: Node, expected: Type | None) -> Expr:
    span = checker.tree.span(node)
    wanted = resolve(expected) if expected is not None else None
    element: Type | None = wanted.element if isinstance(wanted, ArrayType) else None
    length_node = node.child_by_field_name("length")
    if length_node is not None:
        value = checker.expr(checker.tree.children(node)[0], element)
        if element is not None:
            value = checker.coerce(value, element)
        length = checker.types.array_length(length_node, checker.context)
        if length is None:
            return Invalid(ERROR, span)
        return ArrayRepeat(ArrayType(value.type, length), span, value, length)
    elements: list[Expr] = []
    for child in checker.tree.children(node):
        item = checker.expr(child, element)
        element, item = checker.merge(element, item)
        elements.append(item)
    if element is None:
        element = checker.new_var(span)
    found = ArrayType(element, len(elements))
    if isinstance(wanted, ArrayType) and wanted.length != len(elements):
        label = f"expected an array with a size of {wanted.length}, found one with a size of {len(elements)}"
        checker.report.error(span, "mismatched types", code="E0308", label=label)
        return Invalid(ERROR, span)
    return ArrayLiteral(found, span, tuple(elements))


RULES: dict[str, Rule] = {
    "reference_expression": reference,
    "field_expression": field_expression,
    "index_expression": index_expression,
    "struct_expression": struct_expression,
    "array_expression": array_expression,
    "tuple_expression": tuple_expression,
}
