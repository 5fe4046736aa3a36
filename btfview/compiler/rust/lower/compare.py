"""``==`` and ``<`` of what is more than one number: part by part, as ``derive`` and ``core`` do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.types.kinds import (
    BOOL,
    UNIT,
    USIZE,
    ArrayType,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    resolve,
)
from btfview.compiler.rust.types.layout import align_of, offsets_of, size_of
from btfview.compiler.rust.types.passing import is_aggregate
from btfview.source import Span

from .choices import flag_of, inner_of, is_signed, ok_flag, result_part
from .values import compare
from .writer import FunctionWriter, ir_type

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from .function import FunctionLowerer, Rules

    _Element: TypeAlias = Callable[[str, str, str], None]

_ORDERS = {"<": "slt", "<=": "sle", ">": "sgt", ">=": "sge"}


def comparison(lower: FunctionLowerer, expr: n.Compare) -> str:
    """Return *expr* as an i1."""
    if not is_compared_whole(expr.left.type):
        return compare(lower, expr)
    left, right = lower.value(expr.left), lower.value(expr.right)
    if lower.writer.is_dead:
        return "poison"
    sides = _Comparison(lower.writer, expr.span)
    found = resolve(expr.left.type)
    if expr.operator in ("==", "!="):
        flag = sides.equal(found, left, right, align_of(found))
        return flag if expr.operator == "==" else sides.inverted(flag)
    order = sides.order(found, left, right, align_of(found))
    return sides.op(f"icmp {_ORDERS[expr.operator]} i32 {order}, 0")


class _Comparison:
    def __init__(self, writer: FunctionWriter, span: Span) -> None:
        self.writer = writer
        self.span = span

    def op(self, text: str) -> str:
        return self.writer.value("is", text, self.span)

    def inverted(self, flag: str) -> str:
        return self.op(f"xor i1 {flag}, true")

    def _load(self, found: Type, start: str, offset: int, align: int) -> tuple[str, int]:
        """Return the part at *offset* from *start*, and the alignment that its address has."""
        w = self.writer
        align = min(align, offset & -offset) if offset else align
        place = w.moved(start, offset, self.span)
        return w.load(found, place, self.span, align=min(align, align_of(found))), align

    def _parts(self, found: Type) -> list[tuple[Type, int]]:
        match resolve(found):
            case TupleType(elements) as whole:
                return list(zip(elements, offsets_of(whole), strict=True))
            case StructType() as struct:
                return [(field.type, field.byte_offset) for field in struct.fields]
        return []

    # ---- equality

    def equal(self, found: Type, left: str, right: str, align: int) -> str:
        """Return whether both values are the same; *align* is what the addresses of aggregates have."""
        found = resolve(found)
        match found:
            case TupleType() | StructType():
                result = "true"
                for part, offset in self._parts(found):
                    one, at = self._load(part, left, offset, align)
                    other, _ = self._load(part, right, offset, align)
                    same = self.equal(part, one, other, at)
                    result = same if result == "true" else self.op(f"and i1 {result}, {same}")
                return result
            case ArrayType():
                return self._arrays(found, left, right, align)
            case OptionType(inner):
                return self._options(found, inner, left, right)
            case ResultType():
                return self._results(found, left, right)
            case PointerType(pointee, _, True):
                return self.equal(pointee, *self._behind(pointee, left, right), align_of(pointee))
        kind = ir_type(found)
        return "true" if kind == "void" else self.op(f"icmp eq {kind} {left}, {right}")

    def _behind(self, pointee: Type, left: str, right: str) -> tuple[str, str]:
        w = self.writer
        return w.load(pointee, left, self.span), w.load(pointee, right, self.span)

    def _options(self, option: Type, inner: Type, left: str, right: str) -> str:
        flags = [flag_of(self.writer, option, value, self.span) for value in (left, right)]
        one, other = (inner_of(self.writer, option, value, self.span) for value in (left, right))
        same = self.equal(inner, one, other, align_of(inner))
        counts = self.op(f"or i1 {same}, {self.inverted(flags[0])}")
        return self.op(f"and i1 {self.op(f'icmp eq i1 {flags[0]}, {flags[1]}')}, {counts}")

    def _results(self, result: ResultType, left: str, right: str) -> str:
        flags = [ok_flag(self.writer, result, value, self.span) for value in (left, right)]
        sides = []
        for is_ok, part in ((True, result.ok), (False, result.err)):
            one, other = (
                result_part(self.writer, result, is_ok, value, self.span) for value in (left, right)
            )
            sides.append(self.equal(part, one, other, align_of(part)))
        same = self.op(f"select i1 {flags[0]}, i1 {sides[0]}, i1 {sides[1]}")
        return self.op(f"and i1 {self.op(f'icmp eq i1 {flags[0]}, {flags[1]}')}, {same}")

    def _arrays(self, array: ArrayType, left: str, right: str, align: int) -> str:
        w = self.writer
        slot = w.slot("equal", BOOL)
        w.store(BOOL, "true", slot, self.span)

        def element(one: str, other: str, leave: str) -> None:
            same = self.equal(array.element, one, other, align)
            w.store(BOOL, same, slot, self.span)
            go_on = w.label("same")
            w.branch(same, go_on, leave, self.span)
            w.start(go_on)

        self._each(array, left, right, align, element)
        return w.load(BOOL, slot, self.span)

    def _each(self, array: ArrayType, left: str, right: str, align: int, element: _Element) -> None:
        """Write a loop over the elements of both arrays, which *element* may leave."""
        w, span = self.writer, self.span
        counter = w.slot("index", USIZE)
        again, body, done = w.label("compare"), w.label("element"), w.label("compared")
        w.store(USIZE, "0", counter, span)
        w.jump(again, span)
        w.start(again)
        index = w.load(USIZE, counter, span)
        w.branch(self.op(f"icmp ult i64 {index}, {array.length}"), body, done, span)
        w.start(body)
        offset = w.value("offset", f"mul i64 {index}, {size_of(array.element)}", span)
        places = [
            w.value("p", f"getelementptr i8, ptr {start}, i64 {offset}", span) for start in (left, right)
        ]
        kept = min(align, align_of(array.element))
        one, other = (w.load(array.element, place, span, align=kept) for place in places)
        element(one, other, done)
        w.store(USIZE, w.value("next", f"add i64 {index}, 1", span), counter, span)
        w.jump(again, span)
        w.start(done)

    # ---- order

    def order(self, found: Type, left: str, right: str, align: int) -> str:
        """Return an i32 below, at or above zero, as *left* is less than, equal to or greater than *right*."""
        found = resolve(found)
        match found:
            case TupleType() | StructType():
                orders = []
                for part, offset in self._parts(found):
                    one, at = self._load(part, left, offset, align)
                    other, _ = self._load(part, right, offset, align)
                    orders.append(self.order(part, one, other, at))
                result = orders.pop() if orders else "0"
                while orders:
                    result = self._first(orders.pop(), result)
                return result
            case ArrayType():
                return self._array_order(found, left, right, align)
            case OptionType(inner):
                flags = [flag_of(self.writer, found, value, self.span) for value in (left, right)]
                one, other = (inner_of(self.writer, found, value, self.span) for value in (left, right))
                inside = self.order(inner, one, other, align_of(inner))
                both = self.op(f"and i1 {flags[0]}, {flags[1]}")
                counts = self._word(f"select i1 {both}, i32 {inside}, i32 0")
                return self._first(self._scalars("i1", "u", *flags), counts)
            case ResultType(ok, err):  # `Ok` is the first variant, so the lesser one
                flags = [ok_flag(self.writer, found, value, self.span) for value in (left, right)]
                sides = []
                for is_ok, part in ((True, ok), (False, err)):
                    one, other = (
                        result_part(self.writer, found, is_ok, value, self.span) for value in (left, right)
                    )
                    sides.append(self.order(part, one, other, align_of(part)))
                inside = self._word(f"select i1 {flags[0]}, i32 {sides[0]}, i32 {sides[1]}")
                return self._first(self._scalars("i1", "u", flags[1], flags[0]), inside)
            case PointerType(pointee, _, True):
                return self.order(pointee, *self._behind(pointee, left, right), align_of(pointee))
        kind = ir_type(found)
        return "0" if kind == "void" else self._scalars(kind, "s" if is_signed(found) else "u", left, right)

    def _word(self, text: str) -> str:
        return self.writer.value("order", text, self.span)

    def _scalars(self, kind: str, sign: str, left: str, right: str) -> str:
        more = self._word(f"zext i1 {self.op(f'icmp {sign}gt {kind} {left}, {right}')} to i32")
        less = self._word(f"zext i1 {self.op(f'icmp {sign}lt {kind} {left}, {right}')} to i32")
        return self._word(f"sub i32 {more}, {less}")

    def _first(self, order: str, rest: str) -> str:
        return self._word(f"select i1 {self.op(f'icmp ne i32 {order}, 0')}, i32 {order}, i32 {rest}")

    def _array_order(self, array: ArrayType, left: str, right: str, align: int) -> str:
        w = self.writer
        name = w.name("order")
        w.slots.append(f"  {name} = alloca i32, align 4")
        w.emit(f"store i32 0, ptr {name}, align 4", self.span)

        def element(one: str, other: str, leave: str) -> None:
            order = self.order(array.element, one, other, align)
            w.emit(f"store i32 {order}, ptr {name}, align 4", self.span)
            go_on = w.label("same")
            w.branch(self.op(f"icmp eq i32 {order}, 0"), go_on, leave, self.span)
            w.start(go_on)

        self._each(array, left, right, align, element)
        return self._word(f"load i32, ptr {name}, align 4")


def is_compared_whole(found: Type) -> bool:
    """Whether values of the type are compared by :func:`compare_values`."""
    found = resolve(found)
    return is_aggregate(found) or isinstance(found, (OptionType, ResultType)) or found is UNIT


COMPARISONS: Rules = {n.Compare: comparison}
