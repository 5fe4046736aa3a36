"""Writes the body of one LLVM function: instructions, blocks, stack slots."""

from __future__ import annotations

from btfview.compiler.rust.types.kinds import (
    BOOL,
    CHAR,
    UNIT,
    ArrayType,
    EnumType,
    HelperType,
    InferVar,
    IntType,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    is_nullable_pointer,
    resolve,
)
from btfview.compiler.rust.types.layout import align_of, size_of
from btfview.compiler.rust.types.passing import is_aggregate
from btfview.source import Span

from .debug_info import DebugInfo

MAX_HINT = 200
"""Characters of a name in the source that go into the name of a value: LLVM looks at the first 1024 alone."""


_INTEGERS = {bits: f"i{bits}" for bits in (8, 16, 32, 64)}


def ir_type(found: Type) -> str:
    """Return the LLVM type of a value of type *found*; of an aggregate, that of its place in memory."""
    if type(found) is InferVar:
        found = resolve(found)
    if type(found) is IntType:  # nearly all that are asked for
        return _INTEGERS[found.bits]
    match found:
        case PointerType():
            return "ptr"
        case OptionType(inner) if not is_aggregate(found):
            return "ptr" if is_nullable_pointer(found) else f"{{ i1, {ir_type(inner)} }}"
        case ResultType() if not is_aggregate(found):
            return f"{{ i1, {_part(found.ok)}, {_part(found.err)} }}"
        case EnumType() as enum:
            return f"i{enum.repr.bits}"
        case HelperType():
            return "ptr"
        case ArrayType() | StructType() | TupleType() | OptionType() | ResultType():
            return f"[{size_of(found)} x i8]"
    return "i1" if found is BOOL else "i32" if found is CHAR else "void"


def _part(found: Type) -> str:
    return "i8" if resolve(found) is UNIT else ir_type(found)


def extension(found: Type) -> str:
    """Return the attribute, after a space, of a small integer as argument or result, as clang has it."""
    found = resolve(found)
    if isinstance(found, EnumType):
        found = found.repr
    if isinstance(found, IntType):
        return "" if found.bits >= 32 else " signext" if found.is_signed else " zeroext"
    return " zeroext" if found is BOOL else ""


class FunctionWriter:
    """Instructions after a jump, up to the next block, can not be reached and are not written."""

    def __init__(self, debug: DebugInfo, scope: str) -> None:
        self.debug = debug
        self.scope = scope
        """The DISubprogram."""
        self.lines: list[str] = []
        self.slots: list[str] = []
        """The ``alloca`` instructions, which stand at the start."""
        self.is_dead = False
        self._count = 0
        self._places: dict[int, str] = {}

    def place(self, span: Span) -> str:
        """Return the DILocation of *span*."""
        known = self._places.get(span.start)
        if known is None:
            known = self._places[span.start] = self.debug.location(span.start, self.scope)
        return known

    def name(self, hint: str) -> str:
        self._count += 1
        return f"%{hint[:MAX_HINT]}.{self._count}"

    def label(self, hint: str) -> str:
        self._count += 1
        return f"{hint}.{self._count}"

    def emit(self, instruction: str, span: Span) -> None:
        if not self.is_dead:
            place = self._places.get(span.start) or self.place(span)
            self.lines.append(f"  {instruction}, !dbg {place}")

    def value(self, hint: str, instruction: str, span: Span) -> str:
        """Write ``%hint.N = instruction`` and return the name."""
        if self.is_dead:
            return "poison"
        self._count += 1
        name = f"%{hint[:MAX_HINT]}.{self._count}"
        place = self._places.get(span.start) or self.place(span)
        self.lines.append(f"  {name} = {instruction}, !dbg {place}")
        return name

    def opaque(self, hint: str, value: str, span: Span) -> str:
        """Return the i64 *value* so that LLVM knows nothing of it: what went through assembly."""
        return self.value(hint, f'call i64 asm "", "=r,0"(i64 {value})', span)

    def divide(self, instruction: str, kind: str, left: str, right: str, span: Span) -> str:
        """Return the quotient or remainder by *instruction*, of a divisor that is not 0."""
        if instruction == "udiv" and kind == "i64" and right.startswith("%"):
            # LLVM makes `x > MAX / y` and `x * y / y == x` the upper half of a product, for which it then has
            # no instruction (InstCombine: foldMultiplicationOverflowCheck).
            left = self.opaque("dividend", left, span)
        return self.value(instruction, f"{instruction} {kind} {left}, {right}", span)

    def jump(self, label: str, span: Span, *, loop: str | None = None) -> None:
        """Go to *label*; *loop* is the metadata of the loop that this jump repeats."""
        self.emit(f"br label %{label}" + (f", !llvm.loop {loop}" if loop is not None else ""), span)
        self.is_dead = True

    def branch(self, condition: str, if_true: str, if_false: str, span: Span) -> None:
        self.emit(f"br i1 {condition}, label %{if_true}, label %{if_false}", span)
        self.is_dead = True

    def end(self, instruction: str, span: Span) -> None:
        """Write a ``ret``."""
        self.emit(instruction, span)
        self.is_dead = True

    def start(self, label: str) -> None:
        """Begin the block *label*."""
        self.lines.append(f"{label}:")
        self.is_dead = False

    def slot(self, hint: str, found: Type) -> str:
        """Return the address of new stack space for a value of type *found*."""
        name = self.name(hint)
        kind = "i8" if resolve(found) is BOOL else ir_type(found)
        self.slots.append(f"  {name} = alloca {kind}, align {align_of(found)}")
        return name

    # ---- memory

    def load(
        self, found: Type, address: str, span: Span, hint: str = "v", *, align: int | None = None
    ) -> str:
        """Return the value at *address*; for an aggregate that is the address itself, for unit ``""``."""
        found = resolve(found)
        if is_aggregate(found):
            return address
        kind = ir_type(found)
        if kind == "void":
            return ""
        align = align_of(found) if align is None else align
        if found is BOOL:
            byte = self.value(hint, f"load i8, ptr {address}, align {align}", span)
            return self.value(hint, f"trunc i8 {byte} to i1", span)
        return self.value(hint, f"load {kind}, ptr {address}, align {align}", span)

    def store(
        self,
        found: Type,
        value: str,
        address: str,
        span: Span,
        *,
        align: int | None = None,
        volatile: bool = False,
    ) -> None:
        """Put *value* (of an aggregate: what is at that address) to *address*."""
        found = resolve(found)
        align = align_of(found) if align is None else align
        word = "store volatile" if volatile else "store"
        if is_aggregate(found):
            self.copy(address, value, size_of(found), min(align, align_of(found)), span, volatile=volatile)
        elif found is BOOL:
            byte = self.value("b", f"zext i1 {value} to i8", span)
            self.emit(f"{word} i8 {byte}, ptr {address}, align {align}", span)
        elif (kind := ir_type(found)) != "void":
            self.emit(f"{word} {kind} {value}, ptr {address}, align {align}", span)

    def copy(self, to: str, start: str, size: int, align: int, span: Span, *, volatile: bool = False) -> None:
        if size:
            flag = "true" if volatile else "false"
            self.emit(
                f"call void @llvm.memcpy.p0.p0.i64(ptr align {align} {to}, ptr align {align} {start}, "
                f"i64 {size}, i1 {flag})",
                span,
            )

    def moved(self, address: str, offset: int, span: Span, hint: str = "p") -> str:
        """Return *address* plus *offset* bytes."""
        if not offset:
            return address
        return self.value(hint, f"getelementptr i8, ptr {address}, i64 {offset}", span)
