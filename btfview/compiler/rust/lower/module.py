"""What the functions of a module share: constants, struct types, intrinsics and debug info."""

from __future__ import annotations

from btfview.compiler.options import CompileOptions
from btfview.compiler.rust.typed.definitions import Constant, Function, Static
from btfview.compiler.rust.types.kinds import (
    BOOL,
    ArrayType,
    Field,
    OptionType,
    ResultType,
    StructType,
    TupleType,
    Type,
    parts_of,
    resolve,
)
from btfview.compiler.rust.types.layout import align_of, offsets_of, size_of
from btfview.source import Source

from .debug_info import DebugInfo, escape
from .writer import extension, ir_type

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_POINTER_SIZE = 8
_DATA_LAYOUT = "{order}-m:e-p:64:64-i64:64-i128:128-n32:64-S128"
INTRINSICS = {
    "@llvm.preserve.struct.access.index.p0.p0": "ptr (ptr, i32 immarg, i32 immarg)",
    "@llvm.preserve.union.access.index.p0.p0": "ptr (ptr, i32 immarg)",
    "@llvm.preserve.array.access.index.p0.p0": "ptr (ptr, i32 immarg, i32 immarg)",
    "@llvm.bpf.preserve.field.info.p0": "i32 (ptr, i64 immarg)",
    "@llvm.bpf.preserve.type.info": "i32 (i32 immarg, i64 immarg)",
    "@llvm.bpf.btf.type.id": "i64 (i32 immarg, i64 immarg)",
    "@llvm.bpf.preserve.enum.value": "i64 (i32 immarg, ptr, i64 immarg)",
    "@llvm.memcpy.p0.p0.i64": "void (ptr, ptr, i64, i1 immarg)",
    "@llvm.memset.p0.i64": "void (ptr, i8, i64, i1 immarg)",
}
"""Declared where the text names one; those that depend on a width are :attr:`Module.declared`."""


class Module:
    """Numbers what functions ask for as they are lowered, and writes it out around them."""

    def __init__(self, source: Source, options: CompileOptions, producer: str) -> None:
        self.source = source
        self.is_little = options.endian == "little"
        self.debug = DebugInfo(source, producer)
        self.declared: set[str] = set()
        """Declarations of intrinsics that the integers' methods use."""
        self.asked_statics: set[Static] = set()
        """Statics that code names: of those in extern blocks only they are declared."""
        self._kfuncs: dict[Function, str] = {}
        self._constants: dict[tuple[bytes, int], str] = {}
        self._sequence = 0
        self._type_lines: dict[StructType, str] = {}

    def head(self) -> list[str]:
        """Return the lines before the globals: what the module is, its struct types and constants."""
        lines = [
            f'source_filename = "{escape(self.source.path.encode("utf-8", "replace"))}"',
            f'target datalayout = "{_DATA_LAYOUT.format(order="e" if self.is_little else "E")}"',
            f'target triple = "{"bpfel" if self.is_little else "bpfeb"}"',
            "",
        ]
        constants = [
            f'{name} = private unnamed_addr constant [{len(data)} x i8] c"{escape(data)}", align {align}'
            for (data, align), name in self._constants.items()
        ]
        for group in (list(self._type_lines.values()), constants):
            if group:
                lines += [*group, ""]
        return lines

    def tail(self, text: str) -> list[str]:
        """Return the lines after *text*, the functions: intrinsics that it names, and debug info."""
        declared = [
            f"declare {kind.split(' ', 1)[0]} {name}{kind.split(' ', 1)[1]}"
            for name, kind in INTRINSICS.items()
            if name in text
        ]
        declared += [*sorted(self.declared), *self._kfuncs.values()]
        if declared:
            declared.append("")
        return [*declared, *self.debug.lines(), ""]

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
        size = size_of(found)
        if isinstance(value, Function):  # the linker writes it
            return bytes(size)
        assert isinstance(value, int)
        return (value & ((1 << (size * 8)) - 1)).to_bytes(size, "little" if self.is_little else "big")

    def _encode_choice(self, found: OptionType | ResultType, value: tuple[Constant, ...]) -> bytes:
        """Return ``Some(..)``, ``None``, ``Ok(..)`` or ``Err(..)``, with zero where nothing is."""
        data = bytearray(size_of(found))
        data[0] = int(value[0] == 1)
        if len(value) > 1:
            part = 2 if isinstance(found, ResultType) and not data[0] else 1
            piece, offset = self.encode(parts_of(found)[part], value[1]), offsets_of(found)[part]
            data[offset : offset + len(piece)] = piece
        return bytes(data)

    def ask_kfunc(self, function: Function) -> None:
        """Have *function* declared in ``.ksyms``, with its signature for BTF (libbpf: extern ksyms)."""
        if function in self._kfuncs:
            return
        params = [(param.name, self.debug.type(param.type)) for param in function.params]
        kinds = ", ".join(f"{ir_type(param.type)}{extension(param.type)}" for param in function.params)
        result = resolve(function.result)
        node = self.debug.declared_function(
            function.symbol, function.span.start, self.debug.type(result), params
        )
        kind = f"{extension(result)} {ir_type(result)}".strip()
        self._kfuncs[function] = f'declare !dbg {node} {kind} @{function.symbol}({kinds}) section ".ksyms"'

    def static(self, static: Static) -> str:
        """Return the global variable that *static* is."""
        if static.is_external:
            node = self.debug.static(static.symbol, static.span.start, static.type, is_here=False)
            size, where = size_of(static.type), static.section or ".ksyms"
            return (
                f'@{static.symbol} = external global [{size} x i8], section "{where}", '
                f"align {align_of(static.type)}, !dbg {node}"
            )
        data = self.encode(static.type, static.data)
        addresses = list(_addresses(static.type, static.data, 0))
        kind = f"[{len(data)} x i8]"
        value = f'c"{escape(data)}"' if any(data) else "zeroinitializer"
        if addresses:
            kind, value = _with_addresses(data, addresses)
        section = static.section if static.section is not None or static.is_mut else ".rodata"
        placed = f', section "{section}"' if section is not None else ""
        node = self.debug.static(static.symbol, static.span.start, static.type)
        return (
            f"@{static.symbol} = dso_local global {kind} {value}{placed}, "
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


def _addresses(found: Type, value: Constant, offset: int) -> Iterator[tuple[int, Function]]:
    """Yield what functions the constant *value* has the addresses of, with the place of each."""
    found = resolve(found)
    if isinstance(value, Function):
        yield offset, value
    elif isinstance(value, tuple):
        match found:
            case ArrayType(element, _):
                parts = [(element, index * size_of(element)) for index in range(len(value))]
            case StructType() as struct:
                parts = [(field.type, field.byte_offset) for field in struct.fields]
            case TupleType(elements) as whole:
                parts = list(zip(elements, offsets_of(whole), strict=True))
            case _:
                parts = []
        for (part, at), one in zip(parts, value, strict=False):
            yield from _addresses(part, one, offset + at)


def _with_addresses(data: bytes, addresses: Sequence[tuple[int, Function]]) -> tuple[str, str]:
    """Return type and value of *data* with the addresses of functions in it."""
    kinds, values, position = [], [], 0

    def add(end: int) -> None:
        if end > position:
            kinds.append(f"[{end - position} x i8]")
            values.append(f'{kinds[-1]} c"{escape(data[position:end])}"')

    for offset, function in addresses:
        add(offset)
        kinds.append("ptr")
        values.append(f"ptr @{function.symbol}")
        position = offset + _POINTER_SIZE
    add(len(data))
    return f"<{{ {', '.join(kinds)} }}>", f"<{{ {', '.join(values)} }}>"
