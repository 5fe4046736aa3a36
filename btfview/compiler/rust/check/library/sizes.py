"""Sizes and alignments that a program asks for: given where Rust promises the number, else refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.typed.definitions import LayoutUse
from btfview.compiler.rust.typed.tree import Expr, Invalid, Literal
from btfview.compiler.rust.types.inside import all_inside, parts_inside, parts_outside_choices
from btfview.compiler.rust.types.kinds import (
    ERROR,
    UNIT,
    USIZE,
    ArrayType,
    EnumType,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    format_type,
    is_nullable_pointer,
    resolve,
)
from btfview.compiler.rust.types.layout import align_of, size_of

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def complete(checker: Checker, found: Type) -> None:
    """Lay out the struct inside *found*, which a constant may measure before its turn."""
    found = resolve(found)
    while isinstance(found, ArrayType):
        found = resolve(found.element)
    if isinstance(found, StructType):
        checker.facts.complete(found)
    elif isinstance(found, EnumType):
        checker.facts.complete_enum(found)


def measure(checker: Checker, node: Node, found: Type, name: str) -> Expr:
    """Return ``size_of::<found>()`` or ``align_of``, as *name* says."""
    span = checker.tree.span(node)
    if found is ERROR:
        return Invalid(ERROR, span)
    complete(checker, found)
    known = _guaranteed_option(found)
    loose = None if known is not None else _loose_part(found)
    if loose is not None:
        shown, hint = format_type(loose), "write the number you mean"
        if isinstance(loose, StructType):
            hint = f"add `#[repr(C)]` to `{loose.name}`"
        elif isinstance(loose, EnumType):
            hint = f"add `#[repr(u8)]` to `{loose.name}`"
        elif isinstance(loose, TupleType):
            hint = "name the fields in a `#[repr(C)]` struct"
        message = f"Rust does not say what `{name}::<{format_type(found)}>()` is"
        what = "this type" if loose is found else f"`{shown}`"
        checker.report.error(span, message, label=f"{what} has no promised layout", hint=hint)
        return Invalid(USIZE, span)
    measured = found if known is None else known
    if isinstance(measured, StructType) and measured.node is not None and name == "size_of":
        checker.items.layout_uses.append(LayoutUse(measured, None, span))
    return Literal(USIZE, span, size_of(measured) if name == "size_of" else align_of(measured))


def _guaranteed_option(found: Type) -> Type | None:
    """Return what *found* is as large as, where a null pointer is its other value (core: ``option``,
    "Representation"; ``result``, the same)."""
    match resolve(found):
        case OptionType(inner) if is_nullable_pointer(found):
            return inner
        case ResultType(ok, err):
            for one, other in ((ok, err), (err, ok)):
                pointer = resolve(one)
                if resolve(other) is UNIT and isinstance(pointer, PointerType) and pointer.is_ref:
                    return pointer
    return None


def _loose_part(found: Type) -> Type | None:
    """Return the innermost part of *found* of which Rust promises no size, or None."""
    return next((part for part in all_inside(found, parts_outside_choices) if _is_loose(part)), None)


def _is_loose(found: Type) -> bool:
    """Whether Rust promises no size of *found*, where it promises that of each part (reference: type layout).

    Of a struct or tuple without ``repr(C)`` that leaves no more room than its last byte needs, every order
    of its fields has the same size.
    """
    match found:
        case OptionType() | ResultType():
            return not is_nullable_pointer(found)
        case EnumType() as enum:
            return len(enum.variants) == 1 and not enum.has_repr
        case StructType() as struct if struct.has_repr_c or struct.is_union or struct.packed is not None:
            return False
        case TupleType() | StructType():
            total, align = sum(map(size_of, parts_inside(found))), align_of(found)
            return size_of(found) != -(-total // align) * align
    return False
