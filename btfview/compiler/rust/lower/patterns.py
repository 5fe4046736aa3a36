"""Patterns as branches: tests, then bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed import tree as n
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
    bindings,
    borrows,
)
from btfview.compiler.rust.typed.places import place_align
from btfview.compiler.rust.types.kinds import (
    BOOL,
    ArrayType,
    EnumType,
    IntType,
    ResultType,
    Type,
    is_nullable_pointer,
    parts_of,
    resolve,
)
from btfview.compiler.rust.types.layout import align_of, offsets_of, size_of
from btfview.compiler.rust.types.passing import is_aggregate
from btfview.source import Span

from .choices import flag_of, inner_of, is_signed, ok_flag, result_part
from .join import has_value
from .values import address
from .writer import ir_type

if TYPE_CHECKING:
    from .function import FunctionLowerer


def matched_value(
    lower: FunctionLowerer, expr: n.Expr, patterns: tuple[Pattern, ...]
) -> tuple[str, str | None]:
    """Return *expr* as a value, and its address where one of *patterns* borrows from it."""
    if not any(borrows(pattern) for pattern in patterns) or not has_value(expr.type):
        return lower.value(expr), None
    place = address(lower, expr)
    align = place_align(expr) if isinstance(expr, n.PLACES) else None
    return lower.writer.load(expr.type, place, expr.span, align=align), place


def match_pattern(
    lower: FunctionLowerer, pattern: Pattern, value: str, found: Type, fail: str | None, place: str | None
) -> None:
    """Bind the names of *pattern*; jump to *fail* where *value* does not fit (None: it always does).

    *place* is the address that *value* was read from; it is needed only where *pattern* borrows.
    """
    w = lower.writer
    match pattern:
        case Wildcard():
            pass
        case Binding(local=local, inner=inner, span=span, is_ref=is_ref):
            if inner is not None:
                match_pattern(lower, inner, value, found, fail, place)
            if not has_value(local.type):
                return
            if local not in lower.slots:  # alternatives of a `|` pattern fill the same one
                lower.slots[local] = w.slot(label_hint(local.name), local.type)
            kept = (place if place is not None else "poison") if is_ref else value
            w.store(local.type, kept, lower.slots[local], span)
        case RangePattern(low=low, high=high, span=span):
            if fail is not None:
                _match_range(lower, value, found, low, high, span, fail)
        case SomePattern(type=option, inner=inner, span=span):
            if fail is not None:
                _go_on_if(lower, flag_of(w, option, value, span), span, fail)
            inner_type = resolve(option).inner  # type: ignore[union-attr]
            if place is not None and not is_nullable_pointer(option):
                place = w.moved(place, offsets_of(option)[1], span)
            match_pattern(lower, inner, inner_of(w, option, value, span), inner_type, fail, place)
        case NonePattern(type=option, span=span):
            if fail is not None:
                is_some = flag_of(w, option, value, span)
                _go_on_if(lower, w.value("is_none", f"xor i1 {is_some}, true", span), span, fail)
        case ResultPattern(type=result, is_ok=is_ok, inner=inner, span=span):
            if fail is not None:
                flag = ok_flag(w, result, value, span)
                flag = flag if is_ok else w.value("is_err", f"xor i1 {flag}, true", span)
                _go_on_if(lower, flag, span, fail)
            kind = resolve(result)
            assert isinstance(kind, ResultType)
            inner_type = kind.ok if is_ok else kind.err
            part = result_part(w, result, is_ok, value, span)
            if place is not None:
                place = w.moved(place, offsets_of(result)[1 if is_ok else 2], span)
            match_pattern(lower, inner, part, inner_type, fail, place)
        case TuplePattern(type=whole, elements=patterns):
            for part_pattern, part_type, offset in zip(
                patterns, parts_of(whole), offsets_of(whole), strict=True
            ):
                _match_part(lower, part_pattern, value, offset, part_type, fail)
        case StructPattern(fields=fields, type=struct):
            for field, part_pattern in fields:
                align = min(struct.align, field.byte_offset & -field.byte_offset or struct.align)
                _match_part(lower, part_pattern, value, field.byte_offset, field.type, fail, align)
        case ArrayPattern(type=array, elements=elements, rest=rest, rest_start=start):
            kind = resolve(array)
            assert isinstance(kind, ArrayType)
            size = size_of(kind.element)
            for index, part_pattern in elements:
                _match_part(lower, part_pattern, value, index * size, kind.element, fail)
            if rest is not None:
                rest_type = ArrayType(kind.element, kind.length - len(elements))
                _match_part(lower, rest, value, start * size, rest_type, fail)
        case RefPattern(type=pointee, inner=inner):
            _match_part(lower, inner, value, 0, pointee, fail)
        case OrPattern(alternatives=alternatives, span=span):
            if w.is_dead or (fail is None and not bindings(pattern)):
                return
            matched = w.label("matched")
            for alternative in alternatives[:-1]:
                following = w.label("or")
                match_pattern(lower, alternative, value, found, following, place)
                w.jump(matched, span)
                w.start(following)
            match_pattern(lower, alternatives[-1], value, found, fail, place)
            w.jump(matched, span)
            w.start(matched)


def _match_part(
    lower: FunctionLowerer,
    pattern: Pattern,
    start: str,
    offset: int,
    found: Type,
    fail: str | None,
    align: int | None = None,
) -> None:
    """Match what lies *offset* bytes from the address *start*."""
    if isinstance(pattern, Wildcard):
        return
    place = lower.writer.moved(start, offset, pattern.span)
    if isinstance(pattern, Binding) and pattern.is_ref and pattern.inner is None:
        match_pattern(lower, pattern, "", found, fail, place)
        return
    align = align_of(found) if align is None else min(align, align_of(found))
    if is_aggregate(found) and align < align_of(found):  # from a packed struct: its parts may be anywhere
        copy = lower.writer.slot("aligned", found)
        lower.writer.store(found, place, copy, pattern.span, align=align)
        place = copy
    value = lower.writer.load(found, place, pattern.span, align=align)
    match_pattern(lower, pattern, value, found, fail, place)


def label_hint(name: str) -> str:
    return name if name.isascii() else "local"


def _go_on_if(lower: FunctionLowerer, flag: str, span: Span, fail: str) -> None:
    w = lower.writer
    if not w.is_dead:
        go_on = w.label("match")
        w.branch(flag, go_on, fail, span)
        w.start(go_on)


def _match_range(
    lower: FunctionLowerer, value: str, found: Type, low: int, high: int, span: Span, fail: str
) -> None:
    w, kind, resolved = lower.writer, ir_type(found), resolve(found)
    lowest, highest = (0, 1) if resolved is BOOL else (0, 0x10FFFF)
    if isinstance(resolved, EnumType):
        resolved = resolved.repr
    if isinstance(resolved, IntType):
        lowest, highest = resolved.minimum, resolved.maximum
    low, high = max(low, lowest), min(high, highest)
    if resolved is BOOL and low == high:
        flag = value if low else w.value("is_false", f"xor i1 {value}, true", span)
        _go_on_if(lower, flag, span, fail)
        return
    if low == high:
        _go_on_if(lower, w.value("is", f"icmp eq {kind} {value}, {low}", span), span, fail)
        return
    sign = "s" if is_signed(found) else "u"
    if low > lowest:
        _go_on_if(lower, w.value("is", f"icmp {sign}ge {kind} {value}, {low}", span), span, fail)
    if high < highest:
        _go_on_if(lower, w.value("is", f"icmp {sign}le {kind} {value}, {high}", span), span, fail)
