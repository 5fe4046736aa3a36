"""Values and places to LLVM instructions.

Arithmetic wraps, as in a release build of Rust. What panics in Rust (a division by zero, an index out of
bounds) ends the function instead, with 0, ``None`` or null: BPF has no way to panic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.places import place_align
from btfview.compiler.rust.types.kinds import (
    BOOL,
    USIZE,
    ArrayType,
    EnumType,
    Field,
    IntType,
    OptionType,
    PointerType,
    StructType,
    Type,
    is_nullable_pointer,
    resolve,
)
from btfview.compiler.rust.types.layout import align_of, offsets_of, size_of
from btfview.compiler.rust.types.passing import is_aggregate
from btfview.source import Span

from .choices import flag_of, inner_of, is_signed, pair
from .writer import ir_type

if TYPE_CHECKING:
    from .function import FunctionLowerer, Rules

_INSTRUCTIONS = {"+": "add", "-": "sub", "*": "mul", "&": "and", "|": "or", "^": "xor"}
_CONDITIONS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


# ---- constants


def literal(_lower: FunctionLowerer, expr: n.Literal) -> str:
    found = resolve(expr.type)
    if found is BOOL:
        return "true" if expr.value else "false"
    if isinstance(found, PointerType):
        return "null"
    if isinstance(found, EnumType):
        found = found.repr
    return str(found.wrap(expr.value)) if isinstance(found, IntType) else str(expr.value)


def byte_string(lower: FunctionLowerer, expr: n.ByteString) -> str:
    return lower.module.constant(expr.data, 1)


def const_value(lower: FunctionLowerer, expr: n.ConstValue) -> str:
    data = lower.module.encode(expr.type, expr.value)
    return lower.writer.load(expr.type, lower.module.constant(data, align_of(expr.type)), expr.span)


def nothing(_lower: FunctionLowerer, _expr: n.UnitValue | n.Invalid) -> str:
    return ""


# ---- places


def address(lower: FunctionLowerer, expr: n.Expr) -> str:
    """Return the address of a place; of another value, that of a temporary that holds it."""
    w = lower.writer
    match expr:
        case n.LocalPlace(local=local):
            return lower.slots[local]
        case n.StaticPlace(static=static):
            lower.module.asked_statics.add(static)
            return f"@{static.symbol}"
        case n.Deref(pointer=pointer):
            return lower.value(pointer)
        case n.FieldPlace(base=base, field=field):
            return w.moved(address(lower, base), field.byte_offset, expr.span, field.btf_name)
        case n.TupleField(base=base, index=number):
            return w.moved(address(lower, base), offsets_of(base.type)[number], expr.span, f"field{number}")
        case n.IndexPlace(base=base, index=index, length=length, is_inside=is_inside):
            start = address(lower, base)
            position = lower.value(index)
            size = size_of(expr.type)
            if isinstance(index, n.Literal):
                return w.moved(start, index.value * size, expr.span, "element")
            if is_inside:
                offset = w.value("offset", f"mul i64 {position}, {size}", expr.span)
                return w.value("element", f"getelementptr i8, ptr {start}, i64 {offset}", expr.span)
            # What went through assembly LLVM knows nothing of. Otherwise it drops a check that it can do
            # without and the verifier cannot, and makes `r |= offset` of the sum where a stack slot is
            # aligned, which the verifier refuses on a pointer.
            position = w.opaque("index", position, expr.span)
            inside = w.value("inside", f"icmp ult i64 {position}, {length}", expr.span)
            lower.panic_unless(inside, expr.span)
            offset = w.value("offset", f"mul i64 {position}, {size}", expr.span)
            return w.value("element", f"getelementptr i8, ptr {start}, i64 {offset}", expr.span)
    value = lower.value(expr)
    if is_aggregate(expr.type):
        return value
    slot = w.slot("temporary", expr.type)
    w.store(expr.type, value, slot, expr.span)
    return slot


def place(lower: FunctionLowerer, expr: n.Expr) -> str:
    """Return what is in a place."""
    if ir_type(expr.type) == "void":
        return ""
    hint = expr.local.name if isinstance(expr, n.LocalPlace) and expr.local.name.isascii() else "v"
    return lower.writer.load(expr.type, address(lower, expr), expr.span, hint, align=place_align(expr))


def address_of(lower: FunctionLowerer, expr: n.AddressOf) -> str:
    place = address(lower, expr.place)
    if not isinstance(expr.place, n.PLACES) and is_aggregate(expr.place.type):
        # The value of a block or of `unwrap_or` may still be where it came from.
        slot = lower.writer.slot("temporary", expr.place.type)
        lower.writer.store(expr.place.type, place, slot, expr.span)
        return slot
    return place


def pointer_offset(lower: FunctionLowerer, expr: n.PointerOffset) -> str:
    w = lower.writer
    base = lower.value(expr.base)
    if isinstance(expr.index, n.Literal):
        return w.moved(base, expr.index.value * expr.stride, expr.span)
    index = lower.value(expr.index)
    if expr.stride != 1:
        index = w.value("offset", f"mul i64 {index}, {expr.stride}", expr.span)
    return w.value("p", f"getelementptr i8, ptr {base}, i64 {index}", expr.span)


def pointer_access(lower: FunctionLowerer, expr: n.PointerAccess) -> str:
    w = lower.writer
    pointer = lower.value(expr.pointer)
    if expr.value is not None:
        align = align_of(expr.value.type) if expr.is_aligned else 1
        value = lower.value(expr.value)
        w.store(expr.value.type, value, pointer, expr.span, align=align, volatile=expr.is_volatile)
        return ""
    align = align_of(expr.type) if expr.is_aligned else 1
    if is_aggregate(expr.type):
        slot = w.slot("read", expr.type)
        w.copy(slot, pointer, size_of(expr.type), align, expr.span, volatile=expr.is_volatile)
        return slot
    if expr.is_volatile and resolve(expr.type) is BOOL:
        byte = w.value("v", f"load volatile i8, ptr {pointer}, align 1", expr.span)
        return w.value("v", f"trunc i8 {byte} to i1", expr.span)
    if expr.is_volatile:
        return w.value("v", f"load volatile {ir_type(expr.type)}, ptr {pointer}, align {align}", expr.span)
    return w.load(expr.type, pointer, expr.span, align=align)


def opaque(lower: FunctionLowerer, expr: n.Opaque) -> str:
    """Pass the value, or the memory it is in, through assembly without instructions."""
    w, value, span = lower.writer, lower.value(expr.value), expr.span
    kind, found = ir_type(expr.type), resolve(expr.type)
    if w.is_dead or kind == "void":
        return value
    if kind == "ptr":
        return w.value("opaque", f'call ptr asm "", "=r,0"(ptr {value})', span)
    bits = 1 if found is BOOL else size_of(found) * 8
    if not kind.startswith("i"):
        slot = w.slot("opaque", found)
        w.store(found, value, slot, span)
        w.emit(f'call void asm sideeffect "", "r,~{{memory}}"(ptr {slot})', span)
        return w.load(found, slot, span)
    if bits < 64:
        value = w.value("wide", f"zext {kind} {value} to i64", span)
    value = w.value("opaque", f'call i64 asm "", "=r,0"(i64 {value})', span)
    return w.value("low", f"trunc i64 {value} to {kind}", span) if bits < 64 else value


def zeroed(lower: FunctionLowerer, expr: n.Zeroed) -> str:
    kind, found = ir_type(expr.type), resolve(expr.type)
    if is_aggregate(found):
        slot = lower.writer.slot("zeroed", found)
        clear(lower, slot, found, expr.span)
        return slot
    if kind.startswith("{"):
        return "zeroinitializer"
    return {"ptr": "null", "void": "", "i1": "false"}.get(kind, "0")


# ---- operators


def unary(lower: FunctionLowerer, expr: n.Unary) -> str:
    value, kind = lower.value(expr.operand), ir_type(expr.type)
    if expr.operator == "-":
        return lower.writer.value("neg", f"sub {kind} 0, {value}", expr.span)
    ones = "true" if kind == "i1" else "-1"
    return lower.writer.value("not", f"xor {kind} {value}, {ones}", expr.span)


def binary(lower: FunctionLowerer, expr: n.Binary) -> str:
    left = lower.value(expr.left)
    return arithmetic(lower, expr.operator, expr.type, left, expr.right, lower.value(expr.right), expr.span)


def arithmetic(
    lower: FunctionLowerer, operator: str, found: Type, left: str, right_expr: n.Expr, right: str, span: Span
) -> str:
    """Return ``left operator right`` for values that are already there."""
    w, kind = lower.writer, ir_type(found)
    if operator in _INSTRUCTIONS:
        return w.value(_INSTRUCTIONS[operator], f"{_INSTRUCTIONS[operator]} {kind} {left}, {right}", span)
    if operator in ("<<", ">>"):
        name = "shl" if operator == "<<" else "ashr" if is_signed(found) else "lshr"
        return w.value(
            name, f"{name} {kind} {left}, {_shift_amount(lower, found, right_expr, right, span)}", span
        )
    name = ("s" if is_signed(found) else "u") + ("div" if operator == "/" else "rem")
    if not isinstance(right_expr, n.Literal):
        nonzero = w.value("nonzero", f"icmp ne {kind} {right}, 0", span)
        lower.panic_unless(nonzero, span)
    resolved = resolve(found)
    if isinstance(resolved, IntType) and resolved.is_signed and not _is_safe_divisor(right_expr):
        # MIN / -1 overflows, which is undefined in LLVM and panics in Rust.
        ordinary = w.value("ordinary", f"icmp ne {kind} {right}, -1", span)
        inside = w.value("inside", f"icmp ne {kind} {left}, {resolved.minimum}", span)
        fine = w.value("fine", f"or i1 {ordinary}, {inside}", span)
        lower.panic_unless(fine, span)
    return w.divide(name, kind, left, right, span)


def _is_safe_divisor(expr: n.Expr) -> bool:
    return isinstance(expr, n.Literal) and expr.value != -1


def _shift_amount(lower: FunctionLowerer, found: Type, expr: n.Expr, amount: str, span: Span) -> str:
    """Return the amount as an integer of the shifted type, masked to its width as Rust does when it wraps."""
    bits = size_of(found) * 8
    if isinstance(expr, n.Literal):
        return str(expr.value & (bits - 1))
    amount_bits = size_of(expr.type) * 8
    w = lower.writer
    if amount_bits < bits:
        amount = w.value("by", f"zext i{amount_bits} {amount} to i{bits}", span)
    elif amount_bits > bits:
        amount = w.value("by", f"trunc i{amount_bits} {amount} to i{bits}", span)
    return w.value("by", f"and i{bits} {amount}, {bits - 1}", span)


def compare(lower: FunctionLowerer, expr: n.Compare) -> str:
    left, right = lower.value(expr.left), lower.value(expr.right)
    condition = _CONDITIONS[expr.operator]
    if condition not in ("eq", "ne"):
        condition = ("s" if is_signed(expr.left.type) else "u") + condition
    return lower.writer.value("is", f"icmp {condition} {ir_type(expr.left.type)} {left}, {right}", expr.span)


def min_max(lower: FunctionLowerer, expr: n.MinMax) -> str:
    w, kind = lower.writer, ir_type(expr.type)
    left, right = lower.value(expr.left), lower.value(expr.right)
    condition = ("s" if is_signed(expr.type) else "u") + ("gt" if expr.is_max else "lt")
    first = w.value("first", f"icmp {condition} {kind} {left}, {right}", expr.span)
    return w.value("v", f"select i1 {first}, {kind} {left}, {kind} {right}", expr.span)


def cast(lower: FunctionLowerer, expr: n.Cast) -> str:
    w, value, span = lower.writer, lower.value(expr.value), expr.span
    found, target = resolve(expr.value.type), resolve(expr.type)
    if w.is_dead:
        return "poison"
    from_pointer, to_pointer = isinstance(found, PointerType), isinstance(target, PointerType)
    if from_pointer and (to_pointer or isinstance(target, OptionType)):
        return value
    if from_pointer:
        return w.value("address", f"ptrtoint ptr {value} to {ir_type(target)}", span)
    width = 64 if to_pointer else size_of(target) * 8 if target is not BOOL else 1
    have = 1 if found is BOOL else size_of(found) * 8
    if width < have:
        value = w.value("low", f"trunc i{have} {value} to i{width}", span)
    elif width > have:
        word = "sext" if is_signed(found) else "zext"
        value = w.value("wide", f"{word} i{have} {value} to i{width}", span)
    return w.value("p", f"inttoptr i64 {value} to ptr", span) if to_pointer else value


# ---- Option


def some_value(lower: FunctionLowerer, expr: n.SomeValue) -> str:
    value = lower.value(expr.value)
    if is_nullable_pointer(expr.type):
        return value
    return pair(lower.writer, expr.type, "true", value, expr.span)


def none_value(lower: FunctionLowerer, expr: n.NoneValue) -> str:
    if is_aggregate(expr.type):
        slot = lower.writer.slot("none", expr.type)
        clear(lower, slot, expr.type, expr.span)
        return slot
    return "null" if is_nullable_pointer(expr.type) else "zeroinitializer"


def is_some(lower: FunctionLowerer, expr: n.IsSome) -> str:
    return flag_of(lower.writer, expr.value.type, lower.value(expr.value), expr.span)


def try_value(lower: FunctionLowerer, expr: n.Try) -> str:
    w = lower.writer
    value = lower.value(expr.value)
    go_on, leave = w.label("some"), w.label("none")
    w.branch(flag_of(lower.writer, expr.value.type, value, expr.span), go_on, leave, expr.span)
    w.start(leave)
    lower.return_zero(expr.span)
    w.start(go_on)
    return inner_of(lower.writer, expr.value.type, value, expr.span)


def unwrap_or(lower: FunctionLowerer, expr: n.UnwrapOr) -> str:
    value, default = lower.value(expr.value), lower.value(expr.default)
    flag = flag_of(lower.writer, expr.value.type, value, expr.span)
    inner = inner_of(lower.writer, expr.value.type, value, expr.span)
    kind = "ptr" if is_aggregate(expr.type) else ir_type(expr.type)
    if kind == "void":
        return ""
    return lower.writer.value("v", f"select i1 {flag}, {kind} {inner}, {kind} {default}", expr.span)


# ---- aggregates


def struct_literal(lower: FunctionLowerer, expr: n.StructLiteral) -> str:
    w = lower.writer
    slot = w.slot(expr.struct.name, expr.struct)
    if any(_has_padding(expr.struct, field) for field in expr.struct.fields):
        # The verifier refuses helpers that read padding left over on the stack.
        clear(lower, slot, expr.struct, expr.span)
    for field, value_expr in expr.fields:
        value = lower.value(value_expr)
        to = w.moved(slot, field.byte_offset, value_expr.span, field.btf_name)
        align = place_align(n.FieldPlace(field.type, expr.span, expr, expr.struct, field))
        w.store(field.type, value, to, value_expr.span, align=align)
    if expr.base is not None:
        _take_rest(lower, expr, expr.base, slot)
    return slot


def _take_rest(lower: FunctionLowerer, expr: n.StructLiteral, base: n.Expr, slot: str) -> None:
    """Copy the fields that a struct literal does not name."""
    w, start = lower.writer, lower.value(base)
    given = {field.index for field, _ in expr.fields}
    for field in expr.struct.fields:
        if field.index not in given:
            align = place_align(n.FieldPlace(field.type, expr.span, expr, expr.struct, field))
            value = w.load(field.type, w.moved(start, field.byte_offset, base.span), base.span, align=align)
            w.store(field.type, value, w.moved(slot, field.byte_offset, base.span), base.span, align=align)


def tuple_literal(lower: FunctionLowerer, expr: n.TupleLiteral) -> str:
    w = lower.writer
    slot = w.slot("tuple", expr.type)
    for element, offset in zip(expr.elements, offsets_of(expr.type), strict=True):
        value = lower.value(element)
        w.store(element.type, value, w.moved(slot, offset, element.span), element.span)
    return slot


def result_value(lower: FunctionLowerer, expr: n.ResultValue) -> str:
    """Return a Result, with zero in the half that is not there."""
    w, kind, span = lower.writer, ir_type(expr.type), expr.span
    value = lower.value(expr.value)
    if w.is_dead:
        return "poison"
    if is_aggregate(expr.type):
        slot, offset = w.slot("result", expr.type), offsets_of(expr.type)[1 if expr.is_ok else 2]
        clear(lower, slot, expr.type, span)
        w.store(BOOL, str(expr.is_ok).lower(), slot, span)
        w.store(expr.value.type, value, w.moved(slot, offset, span), span)
        return slot
    whole = w.value("result", f"insertvalue {kind} zeroinitializer, i1 {str(expr.is_ok).lower()}, 0", span)
    part = ir_type(expr.value.type)
    if part == "void":
        return whole
    return w.value("result", f"insertvalue {kind} {whole}, {part} {value}, {1 if expr.is_ok else 2}", span)


def _has_padding(struct: StructType, field: Field) -> bool:
    end = field.byte_offset + size_of(field.type)
    following = [other.byte_offset for other in struct.fields if other.byte_offset >= end]
    return end != min(following, default=struct.size)


def clear(lower: FunctionLowerer, slot: str, found: Type, span: Span) -> None:
    """Fill *slot* with zeros."""
    fill = f"ptr align {align_of(found)} {slot}, i8 0, i64 {size_of(found)}, i1 false"
    lower.writer.emit(f"call void @llvm.memset.p0.i64({fill})", span)


def array_literal(lower: FunctionLowerer, expr: n.ArrayLiteral) -> str:
    w = lower.writer
    slot = w.slot("array", expr.type)
    for index, element in enumerate(expr.elements):
        value = lower.value(element)
        to = w.moved(slot, index * size_of(element.type), element.span, "element")
        w.store(element.type, value, to, element.span)
    return slot


def array_repeat(lower: FunctionLowerer, expr: n.ArrayRepeat) -> str:
    w, span = lower.writer, expr.span
    array = resolve(expr.type)
    assert isinstance(array, ArrayType)
    value = lower.value(expr.element)
    slot = w.slot("array", array)
    size, element_size = size_of(array), size_of(array.element)
    if isinstance(expr.element, n.Literal) and (expr.element.value == 0 or element_size == 1):
        byte = expr.element.value & 0xFF
        fill = f"ptr align {align_of(array)} {slot}, i8 {byte}, i64 {size}, i1 false"
        w.emit(f"call void @llvm.memset.p0.i64({fill})", span)
        return slot
    if not expr.length:
        return slot
    counter = w.slot("index", USIZE)
    w.store(USIZE, "0", counter, span)
    again, done = w.label("fill"), w.label("filled")
    w.jump(again, span)
    w.start(again)
    position = w.load(USIZE, counter, span)
    offset = w.value("offset", f"mul i64 {position}, {element_size}", span)
    w.store(
        array.element, value, w.value("element", f"getelementptr i8, ptr {slot}, i64 {offset}", span), span
    )
    following = w.value("next", f"add i64 {position}, 1", span)
    w.store(USIZE, following, counter, span)
    w.branch(w.value("more", f"icmp ult i64 {following}, {expr.length}", span), again, done, span)
    w.start(done)
    return slot


VALUES: Rules = {
    n.Literal: literal,
    n.ByteString: byte_string,
    n.ConstValue: const_value,
    n.UnitValue: nothing,
    n.Invalid: nothing,
    n.LocalPlace: place,
    n.StaticPlace: place,
    n.Deref: place,
    n.FieldPlace: place,
    n.IndexPlace: place,
    n.TupleField: place,
    n.AddressOf: address_of,
    n.PointerOffset: pointer_offset,
    n.PointerAccess: pointer_access,
    n.Unary: unary,
    n.Binary: binary,
    n.MinMax: min_max,
    n.Cast: cast,
    n.Opaque: opaque,
    n.Zeroed: zeroed,
    n.SomeValue: some_value,
    n.NoneValue: none_value,
    n.IsSome: is_some,
    n.Try: try_value,
    n.UnwrapOr: unwrap_or,
    n.StructLiteral: struct_literal,
    n.TupleLiteral: tuple_literal,
    n.ResultValue: result_value,
    n.ArrayLiteral: array_literal,
    n.ArrayRepeat: array_repeat,
}
