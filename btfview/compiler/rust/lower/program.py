"""A checked program to the text of one LLVM module.

Locals live in stack slots, which LLVM's first passes turn into registers. Every function that holds a query
has a DISubprogram and every instruction a line, or the records would have no place (LLVM: BTFDebug.cpp).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from btfview.compiler.options import CompileOptions
from btfview.compiler.result import Query
from btfview.compiler.rust.items.collect import Items
from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.definitions import Constant, Function, Local, Static
from btfview.compiler.rust.types.kinds import (
    BOOL,
    UNIT,
    USIZE,
    ArrayType,
    EnumType,
    Field,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    parts_of,
    resolve,
)
from btfview.compiler.rust.types.layout import align_of, offsets_of, size_of
from btfview.compiler.rust.types.passing import is_aggregate, is_indirect, is_pair
from btfview.source import Source, Span

from .choices import flag_of, inner_of, pair
from .control import LOWERINGS
from .debug_info import DebugInfo, escape
from .join import Join, has_value
from .queries import INTRINSICS, describe_query, lower_query
from .writer import MAX_HINT, FunctionWriter, extension, ir_type

_DATA_LAYOUT = "{order}-m:e-p:64:64-i64:64-i128:128-n32:64-S128"
_INTRINSICS = {
    **INTRINSICS,
    "@llvm.memcpy.p0.p0.i64": "void (ptr, ptr, i64, i1 immarg)",
    "@llvm.memset.p0.i64": "void (ptr, i8, i64, i1 immarg)",
}

# With cpu v4 LLVM 22 makes tables of a match. One with a hole is never written ("Undefined temporary
# symbol"), and jump tables need a kernel far newer than the rest of the program does.
_NO_TABLES = '"no-jump-tables"="true"'


class ModuleLowerer:
    """Collects the module: :meth:`lower` gives its text, :meth:`queries` where the queries are in it."""

    usize = USIZE

    def __init__(self, source: Source, options: CompileOptions, items: Items, producer: str) -> None:
        self.source = source
        self.options = options
        self.items = items
        self.debug = DebugInfo(source, producer)
        self._query_lines: dict[int, tuple[int, ...]] = {}
        self.declared: set[str] = set()
        """Declarations of intrinsics that the integers' methods use."""
        self._constants: dict[tuple[bytes, int], str] = {}
        self._sequence = 0
        self._type_lines: dict[StructType, str] = {}

    def lower(self) -> str:
        functions = [FunctionLowerer(self, function).lower() for function in self.items.functions]
        statics = [self._static(static) for static in self.items.statics]
        constants = [
            f'{name} = private unnamed_addr constant [{len(data)} x i8] c"{escape(data)}", align {align}'
            for (data, align), name in self._constants.items()
        ]
        little = self.options.endian == "little"
        header = [
            f'source_filename = "{escape(self.source.path.encode("utf-8", "replace"))}"',
            f'target datalayout = "{_DATA_LAYOUT.format(order="e" if little else "E")}"',
            f'target triple = "{"bpfel" if little else "bpfeb"}"',
            "",
        ]
        lines = header
        for group in (list(self._type_lines.values()), constants, statics):
            if group:
                lines = [*lines, *group, ""]
        for body, found in functions:
            for key, positions in found.items():
                self._query_lines[key] = tuple(len(lines) + position for position in positions)
            lines += [*body, ""]
        text = "\n".join(lines)
        declared = [
            f"declare {kind.split(' ', 1)[0]} {name}{kind.split(' ', 1)[1]}"
            for name, kind in _INTRINSICS.items()
            if name in text
        ]
        declared += sorted(self.declared)
        if declared:
            declared.append("")
        return "\n".join([text, *declared, *self.debug.lines(), ""])

    def queries(self, found: list[tuple[Function, n.Query]]) -> tuple[Query, ...]:
        """Return what the source asks for, after :meth:`lower`; one that cannot be reached has no lines."""
        return tuple(
            describe_query(index, function, query, self.debug, self._query_lines.get(id(query), ()))
            for index, (function, query) in enumerate(found)
        )

    def next_sequence(self) -> int:
        """Return a number for an intrinsic that wants one of its own, so that LLVM does not merge calls."""
        self._sequence += 1
        return self._sequence - 1

    # ---- data

    def constant(self, data: bytes, align: int) -> str:
        """Return the name of a private constant with *data*."""
        return self._constants.setdefault((data, align), f"@.const.{len(self._constants)}")

    def encode(self, found: Type, value: Constant) -> bytes:
        """Return a constant as it lies in memory."""
        found = resolve(found)
        match found:
            case ArrayType(element, _):
                assert isinstance(value, tuple)
                return b"".join(self.encode(element, item) for item in value)
            case StructType() as struct:
                assert isinstance(value, tuple)
                data = bytearray(size_of(struct))
                for field, item in zip(struct.fields, value, strict=True):
                    piece = self.encode(field.type, item)
                    data[field.byte_offset : field.byte_offset + len(piece)] = piece
                return bytes(data)
            case TupleType(elements) as parts:
                assert isinstance(value, tuple)
                data = bytearray(size_of(parts))
                for offset, element, item in zip(offsets_of(parts), elements, value, strict=True):
                    piece = self.encode(element, item)
                    data[offset : offset + len(piece)] = piece
                return bytes(data)
            case OptionType() | ResultType() if isinstance(value, tuple):
                return self._encode_choice(found, value)
        assert isinstance(value, int)
        size = size_of(found)
        order = "little" if self.options.endian == "little" else "big"
        return (value & ((1 << (size * 8)) - 1)).to_bytes(size, order)  # type: ignore[arg-type]

    def _encode_choice(self, found: OptionType | ResultType, value: tuple[Constant, ...]) -> bytes:
        """Return ``Some(..)``, ``None``, ``Ok(..)`` or ``Err(..)``, with zero where nothing is."""
        data = bytearray(size_of(found))
        data[0] = int(value[0] == 1)
        if len(value) > 1:
            part = 2 if isinstance(found, ResultType) and not data[0] else 1
            piece, offset = self.encode(parts_of(found)[part], value[1]), offsets_of(found)[part]
            data[offset : offset + len(piece)] = piece
        return bytes(data)

    def _static(self, static: Static) -> str:
        data = self.encode(static.type, static.data)
        value = f'c"{escape(data)}"' if any(data) else "zeroinitializer"
        section = static.section if static.section is not None or static.is_mut else ".rodata"
        placed = f', section "{section}"' if section is not None else ""
        node = self.debug.static(static.symbol, static.span.start, static.type)
        return (
            f"@{static.symbol} = dso_local global [{len(data)} x i8] {value}{placed}, "
            f"align {align_of(static.type)}, !dbg {node}"
        )

    def struct_type(self, struct: StructType) -> str:
        """Return the LLVM name of a struct, and have it defined; padding is written out, as rustc does."""
        if struct not in self._type_lines:
            self._type_lines[struct] = ""
            parts: list[str] = []
            position = 0
            for field in struct.fields:
                if field.byte_offset > position:
                    parts.append(f"[{field.byte_offset - position} x i8]")
                parts.append(self._field_type(field.type))
                position = field.byte_offset + size_of(field.type)
            if struct.size > position:
                parts.append(f"[{struct.size - position} x i8]")
            body = f"<{{ {', '.join(parts)} }}>" if struct.packed is not None else f"{{ {', '.join(parts)} }}"
            self._type_lines[struct] = f"%{struct.btf_name} = type {body}"
        return f"%{struct.btf_name}"

    def _field_type(self, found: Type) -> str:
        found = resolve(found)
        match found:
            case StructType(is_union=False) as struct:
                return self.struct_type(struct)
            case ArrayType(element, length):
                return f"[{length} x {self._field_type(element)}]"
        return "i8" if found is BOOL else ir_type(found)

    def llvm_index(self, struct: StructType, wanted: Field) -> int:
        """Return the index of a field in :meth:`struct_type`, which counts the padding before it."""
        index = position = 0
        for field in struct.fields:
            index += field.byte_offset > position
            if field is wanted:
                return index
            index += 1
            position = field.byte_offset + size_of(field.type)
        raise AssertionError(wanted.name)


class FunctionLowerer:
    """Lowers one function."""

    def __init__(self, module: ModuleLowerer, function: Function) -> None:
        self.module = module
        self.function = function
        self.slots: dict[Local, str] = {}
        self.loops: dict[n.LoopTarget, tuple[Join, str]] = {}
        self.result_pointer: str | None = None
        self.query_lines: dict[int, list[int]] = {}
        """Lines of :attr:`writer` that each query takes, by the identity of its node."""
        self._params: list[tuple[str, str, Local | None, str]] = []
        """LLVM parameter with attributes, its name, the local it is for, and which part of it."""
        self.writer: FunctionWriter

    def lower(self) -> tuple[list[str], dict[int, list[int]]]:
        """Return the lines of the function, and those of each query counted from its first."""
        function, debug = self.function, self.module.debug
        line = self.module.source.location(function.span.start).line
        params = self._declare_params()
        is_void = resolve(function.result) is UNIT or is_indirect(function.result)
        result = "null" if is_void else debug.type(
            BOOL if is_pair(function.result) else function.result
        )  # fmt: skip
        scope = debug.function(function.symbol, line, result, params, is_local=not function.is_exported)
        self.writer = w = FunctionWriter(debug, scope)
        self._store_params()
        self.return_value(self.value(function.body), Span(function.body.span.end - 1, function.body.span.end))
        head = [f"{self._signature()} !dbg {scope} {{", "start.0:", *w.slots]
        queries = {key: [line + len(head) for line in lines] for key, lines in self.query_lines.items()}
        return [*head, *w.lines, "}"], queries

    # ---- parameters and results

    def _declare_params(self) -> list[tuple[str, str]]:
        """Fill in the LLVM parameters and return names and type nodes for debug info.

        An Option of a scalar is passed as flag and value. It is returned as the flag, with the value put
        where a last, hidden parameter points. What is no scalar at all is passed by a pointer to a copy
        of it, and returned through a hidden pointer alone.
        """
        debug = self.module.debug
        shown: list[tuple[str, str]] = []
        for index, param in enumerate(self.function.params):
            shown_name = param.name if param.name != "_" else f"unused{index}"
            name = param.name if param.name != "_" else f"_.{index}"
            if len(name) > MAX_HINT:
                name = f"{name[:MAX_HINT]}.p{index}"
            found = resolve(param.type)
            if isinstance(found, OptionType) and is_pair(found):
                self._params.append((f"i1 zeroext %{name}.some", f"%{name}.some", param, "flag"))
                inner = f"{ir_type(found.inner)}{extension(found.inner)}"
                self._params.append((f"{inner} %{name}", f"%{name}", param, "value"))
                shown += [(f"{shown_name}_is_some", debug.type(BOOL)), (shown_name, debug.type(found.inner))]
            else:
                if is_indirect(found):
                    self._params.append((f"ptr %{name}", f"%{name}", param, "place"))
                    shown.append((shown_name, debug.type(PointerType(found, True, False))))
                    continue
                self._params.append((f"{ir_type(found)}{extension(found)} %{name}", f"%{name}", param, "all"))
                shown.append((shown_name, debug.type(found)))
        result = resolve(self.function.result)
        if isinstance(result, OptionType) and is_pair(result):
            self.result_pointer = "%result.value"
            self._params.append(("ptr %result.value", "%result.value", None, "result"))
            shown.append(("result_value", debug.type(PointerType(result.inner, True, False))))
        elif is_indirect(result):
            self.result_pointer = "%result.value"
            self._params.append(("ptr %result.value", "%result.value", None, "result"))
            shown.append(("result_value", debug.type(PointerType(result, True, False))))
        return shown

    def _store_params(self) -> None:
        w = self.writer
        flag = ""
        for _, name, param, part in self._params:
            if param is None:
                continue
            if part == "flag":
                flag = name
                continue
            if part == "place":
                self.slots[param] = name
                continue
            value = name if part == "all" else pair(self, param.type, flag, name, param.span)
            slot = w.slot(f"{name[1:]}.slot", param.type)
            self.slots[param] = slot
            w.store(param.type, value, slot, param.span)

    def _signature(self) -> str:
        function = self.function
        params = ", ".join(declared for declared, *_ in self._params)
        if is_pair(function.result):
            result = "zeroext i1"
        elif is_indirect(function.result):
            result = "void"
        else:
            result = f"{extension(function.result)} {ir_type(function.result)}".strip()
        inline = {"always": " alwaysinline", "never": " noinline"}.get(function.inline or "", "")
        section = ""
        if function.section is not None:
            linkage, section = "dso_local", f' section "{escape(function.section.encode())}"'
        elif function.is_exported:
            linkage = "hidden"
        else:
            linkage, inline = "internal", inline or " alwaysinline"
        return (
            f"define {linkage} {result} @{function.symbol}({params}) nounwind {_NO_TABLES}{inline}{section}"
        )

    def return_value(self, value: str, span: Span) -> None:
        result, w = resolve(self.function.result), self.writer
        if w.is_dead:
            return
        if isinstance(result, OptionType) and is_pair(result) and self.result_pointer is not None:
            w.store(result.inner, inner_of(self, result, value, span), self.result_pointer, span)
            w.end(f"ret i1 {flag_of(self, result, value, span)}", span)
        elif self.result_pointer is not None:
            w.store(result, value, self.result_pointer, span)
            w.end("ret void", span)
        elif not has_value(result):
            w.end("ret void", span)
        else:
            w.end(f"ret {ir_type(result)} {value}", span)

    def return_zero(self, span: Span) -> None:
        """Leave the function with ``None``, null, 0, ``Err(0)`` or nothing: for a panic, and for ``?``."""
        result = resolve(self.function.result)
        if is_aggregate(result):
            size, align = size_of(result), align_of(result)
            fill = f"ptr align {align} {self.result_pointer}, i8 0, i64 {size}, i1 false"
            self.writer.emit(f"call void @llvm.memset.p0.i64({fill})", span)
            self.writer.end("ret void", span)
            return
        if isinstance(result, EnumType):
            self.return_value(str(result.variants[0].value), span)
            return
        is_struct = ir_type(result).startswith("{")
        zero = "null" if ir_type(result) == "ptr" else "zeroinitializer" if is_struct else "0"
        self.return_value("false" if result is BOOL else zero, span)

    def panic_unless(self, flag: str, span: Span) -> None:
        w = self.writer
        if w.is_dead:
            return
        fine, panic = w.label("fine"), w.label("panic")
        w.branch(flag, fine, panic, span)
        w.start(panic)
        self.return_zero(span)
        w.start(fine)

    # ---- values

    def value(self, expr: n.Expr) -> str:
        """Return the operand that holds *expr*; for an aggregate its address, for unit ``""``.

        Nothing is written for what cannot be reached.
        """
        if self.writer.is_dead:
            return "poison"
        return _LOWERINGS[type(expr)](self, expr)

    def call(self, expr: n.Call) -> str:
        w, function = self.writer, expr.function
        arguments: list[str] = []
        for argument in expr.arguments:
            value, found = self.value(argument), resolve(argument.type)
            if w.is_dead:
                return "poison"
            if is_indirect(found):
                copy = w.slot("argument", found)
                w.store(found, value, copy, argument.span)
                arguments.append(f"ptr {copy}")
                continue
            if isinstance(found, OptionType) and is_pair(found):
                arguments.append(f"i1 zeroext {flag_of(self, found, value, argument.span)}")
                value, found = inner_of(self, found, value, argument.span), found.inner
            arguments.append(f"{ir_type(found)}{extension(found)} {value}")
        callee = f"@{function.symbol}"
        if function.helper_number is not None:
            callee = f"inttoptr (i64 {function.helper_number} to ptr)"
        result = resolve(expr.type)
        if isinstance(result, OptionType) and is_pair(result):
            slot = w.slot("result", result.inner)
            joined = ", ".join([*arguments, f"ptr {slot}"])
            flag = w.value("is_some", f"call zeroext i1 {callee}({joined})", expr.span)
            return pair(self, result, flag, w.load(result.inner, slot, expr.span), expr.span)
        if is_indirect(result):
            slot = w.slot("result", result)
            w.emit(f"call void {callee}({', '.join([*arguments, f'ptr {slot}'])})", expr.span)
            return w.load(result, slot, expr.span)
        kind = f"{extension(result)} {ir_type(result)}".strip()
        call = f"call {kind} {callee}({', '.join(arguments)})"
        if not has_value(result):
            w.emit(call, expr.span)
            return ""
        return w.value(function.name, call, expr.span)


_LOWERINGS: dict[type, Callable[[FunctionLowerer, Any], str]] = {
    **LOWERINGS,
    n.Call: FunctionLowerer.call,
    **dict.fromkeys((n.FieldQuery, n.TypeQuery, n.EnumQuery), lower_query),
}
