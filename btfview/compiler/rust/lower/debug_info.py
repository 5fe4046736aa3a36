"""Debug info nodes, from which LLVM writes ``.BTF`` and the relocations.

What the BTF writer and the kernel ask of them (LLVM: BTFDebug.cpp; kernel:
``btf_name_valid_identifier``): one ``distinct`` node a struct; struct, field, parameter and function names
that are C identifiers; unnamed pointers; no ``DW_ATE_UTF``, on which BTFDebug asserts; every parameter a
local variable with ``arg:``.
"""

from __future__ import annotations

import os
import re

from btfview.compiler.rust.types.kinds import (
    BOOL,
    C_VOID,
    CHAR,
    ArrayType,
    EnumType,
    HelperType,
    IntType,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    is_nullable_pointer,
    parts_of,
    resolve,
)
from btfview.compiler.rust.types.layout import offsets_of, size_of
from btfview.source import Location, Source

MAX_COLUMN = 1023
"""BTF line info keeps a column in 10 bits (linux/btf.h: ``BPF_LINE_INFO_LINE_COL``)."""


class DebugInfo:
    """Numbers metadata nodes as they are asked for; :meth:`text` gives them all."""

    def __init__(self, source: Source, producer: str) -> None:
        self.source = source
        self._lines: list[str] = []
        self._count = 0
        self._types: dict[object, str] = {}
        self._globals: list[str] = []
        self._unfinished: list[tuple[StructType, str, str]] = []
        """Structs that have a number but no node yet, with the number of their members' list."""
        self.unit = self._reserve()
        self.file = self._reserve()
        self._files: dict[str, str] = {source.path: self.file}
        """Nodes of files by their paths."""
        self._producer = producer

    def _reserve(self) -> str:
        self._count += 1
        return f"!{self._count - 1}"

    def _add(self, node: str) -> str:
        number = f"!{self._count}"
        self._count += 1
        self._lines.append(f"{number} = {node}")
        return number

    def file_at(self, offset: int) -> str:
        """Return the node of the file that a character offset is in."""
        if self.source.is_own(offset):
            return self.file
        path = self.source.file_at(offset)[0].path
        if path not in self._files:
            self._files[path] = self._reserve()
        return self._files[path]

    # ---- types

    def unrolled_loop(self) -> str:
        """Return the node that has LLVM write the body of one loop out (LangRef: llvm.loop.unroll.full)."""
        unroll = self._add('!{!"llvm.loop.unroll.full"}')
        loop = self._reserve()
        self._lines.append(f"{loop} = distinct !{{{loop}, {unroll}}}")
        return loop

    def type(self, found: Type) -> str:
        """Return the node of a type; ``null`` for one without a value, as C's ``void``."""
        node = self._type(found)
        while self._unfinished:
            self._finish_struct(*self._unfinished.pop())
        return node

    def _type(self, found: Type) -> str:
        found = resolve(found)
        if type(found) is OptionType and is_nullable_pointer(found):
            found = resolve(found.inner)
        if isinstance(found, StructType) and found.tuple is not None:
            found = found.tuple
        key = found if type(found) is IntType else self._key(found)
        known = self._types.get(key)
        if known is None:
            known = self._make(found, key)
            self._types[key] = known
        return known

    def _key(self, found: Type) -> object:
        """Return what makes two pointer or array types the same."""
        found = resolve(found)
        match found:
            case PointerType(pointee):
                return ("*", self._key(pointee))
            case ArrayType(element, length):
                return (length, self._key(element))
            case OptionType(inner) if is_nullable_pointer(found):
                return self._key(inner)
            case TupleType() | ResultType() | OptionType():
                return (type(found), *map(self._key, parts_of(found)))
            case HelperType(params, result):
                return (HelperType, *map(self._key, (result, *params)))
            case IntType():
                return found
        return id(found)

    def _parts(self, found: Type, names: tuple[str, ...]) -> str:
        """Return an unnamed struct, which matches no type of a kernel."""
        members = [
            self._add(
                f'!DIDerivedType(tag: DW_TAG_member, name: "{name}", baseType: {self._type(part)}, '
                f"size: {size_of(part) * 8}, offset: {offset * 8})"
            )
            for name, part, offset in zip(names, parts_of(found), offsets_of(found), strict=True)
            if size_of(part)
        ]
        elements = self._add(f"!{{{', '.join(members)}}}")
        return self._add(
            f"distinct !DICompositeType(tag: DW_TAG_structure_type, file: {self.file}, "
            f"size: {size_of(found) * 8}, elements: {elements})"
        )

    def _enum(self, enum: EnumType) -> str:
        unsigned = "" if enum.repr.is_signed else ", isUnsigned: true"
        values = [
            self._add(f'!DIEnumerator(name: "{variant.name}", value: {variant.value}{unsigned})')
            for variant in enum.variants
        ]
        elements = self._add(f"!{{{', '.join(values)}}}")
        line = self.source.location(enum.span.start).line
        return self._add(
            f'distinct !DICompositeType(tag: DW_TAG_enumeration_type, name: "{enum.btf_name}", '
            f"file: {self.file_at(enum.span.start)}, line: {line}, baseType: {self._type(enum.repr)}, "
            f"size: {enum.repr.bits}, "
            f"elements: {elements})"
        )

    def _make(self, found: Type, key: object) -> str:
        match found:
            case IntType(name, bits, is_signed):
                encoding = "DW_ATE_signed" if is_signed else "DW_ATE_unsigned"
                return self._add(f'!DIBasicType(name: "{name}", size: {bits}, encoding: {encoding})')
            case PointerType(pointee):
                number = self._reserve()
                self._types[key] = number
                base = self._type(pointee)
                self._lines.append(
                    f"{number} = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: {base}, size: 64)"
                )
                return number
            case ArrayType(element, length):
                # An array of arrays is one of several dimensions: LLVM wants the base of an access to be that
                # of the one before (BPFAbstractMemberAccess::isValidAIChain).
                counts = [self._add(f"!DISubrange(count: {length})")]
                inner = resolve(element)
                while isinstance(inner, ArrayType):
                    counts.append(self._add(f"!DISubrange(count: {inner.length})"))
                    inner = resolve(inner.element)
                elements = self._add(f"!{{{', '.join(counts)}}}")
                return self._add(
                    f"!DICompositeType(tag: DW_TAG_array_type, baseType: {self._type(inner)}, "
                    f"size: {size_of(found) * 8}, elements: {elements})"
                )
            case OptionType():
                return self._parts(found, ("is_some", "value"))
            case TupleType(parts):
                return self._parts(found, tuple(f"__{index}" for index in range(len(parts))))
            case ResultType():
                return self._parts(found, ("is_ok", "ok", "err"))
            case EnumType() as enum:
                return self._enum(enum)
            case HelperType(params, result):
                types = ", ".join(self._type(part) for part in (result, *params))
                base = self._add(f"!DISubroutineType(types: !{{{types}}})")
                return self._add(f"!DIDerivedType(tag: DW_TAG_pointer_type, baseType: {base}, size: 64)")
            case StructType() as struct:
                number, elements = self._reserve(), self._reserve()
                self._unfinished.append((struct, number, elements))  # not now: a chain of structs may be long
                return number
        if found is BOOL:
            return self._add('!DIBasicType(name: "bool", size: 8, encoding: DW_ATE_boolean)')
        if found is CHAR:
            return self._add('!DIBasicType(name: "char", size: 32, encoding: DW_ATE_unsigned)')
        assert found is C_VOID or size_of(found) == 0
        return "null"

    def _finish_struct(self, struct: StructType, number: str, elements: str) -> None:
        members: list[str] = []
        file = self.file_at(struct.span.start)
        for field in struct.fields:
            line, _ = self.source.line_and_column(field.span.start)
            # Without a name, so that the loader looks inside (libbpf: bpf_core_parse_spec).
            is_nameless = field.is_nameless
            name = "" if is_nameless else field.btf_name
            members.append(
                self._add(
                    f'!DIDerivedType(tag: DW_TAG_member, name: "{name}", scope: {number}, '
                    f"file: {file}, line: {line}, baseType: {self._type(field.type)}, "
                    f"size: {size_of(field.type) * 8}, offset: {field.byte_offset * 8})"
                )
            )
        tag = "DW_TAG_union_type" if struct.is_union else "DW_TAG_structure_type"
        line = self.source.location(struct.span.start).line
        self._lines.append(
            f'{number} = distinct !DICompositeType(tag: {tag}, name: "{struct.btf_name}", file: {file}, '
            f"line: {line}, size: {struct.size * 8}, elements: {elements})"
        )
        self._lines.append(f"{elements} = !{{{', '.join(members)}}}")

    # ---- functions, places, globals

    def function(
        self, symbol: str, offset: int, result: str, params: list[tuple[str, str]], *, is_local: bool
    ) -> str:
        """Return the DISubprogram of what is declared at character *offset*.

        *params* are names and type nodes as the object passes them.
        """
        line, file = self.source.location(offset).line, self.file_at(offset)
        number, variables = self._reserve(), self._reserve()
        types = self._add(f"!{{{', '.join([result, *(node for _, node in params)])}}}")
        signature = self._add(f"!DISubroutineType(types: {types})")
        flags = "DISPFlagDefinition | DISPFlagOptimized" + (" | DISPFlagLocalToUnit" if is_local else "")
        self._lines.append(
            f'{number} = distinct !DISubprogram(name: "{symbol}", linkageName: "{symbol}", '
            f"scope: {file}, file: {file}, line: {line}, type: {signature}, scopeLine: {line}, "
            f"flags: DIFlagPrototyped, spFlags: {flags}, unit: {self.unit}, retainedNodes: {variables})"
        )
        names = [
            self._add(
                f'!DILocalVariable(name: "{name}", arg: {index}, scope: {number}, file: {file}, '
                f"line: {line}, type: {node})"
            )
            for index, (name, node) in enumerate(params, 1)
        ]
        self._lines.append(f"{variables} = !{{{', '.join(names)}}}")
        return number

    def place(self, offset: int) -> Location:
        """Return the line and column that stand in debug info for a character offset."""
        location = self.source.location(offset)
        return location if location.column <= MAX_COLUMN else Location(location.line, MAX_COLUMN)

    def location(self, offset: int, scope: str) -> str:
        """Return the DILocation of a character offset; ``FunctionWriter`` asks once for each."""
        line, column = self.source.line_and_column(offset)
        column = column if column < MAX_COLUMN else MAX_COLUMN
        number = f"!{self._count}"
        self._count += 1
        self._lines.append(f"{number} = !DILocation(line: {line}, column: {column}, scope: {scope})")
        return number

    def declared_function(self, symbol: str, offset: int, result: str, params: list[tuple[str, str]]) -> str:
        """Return the DISubprogram of a function that is elsewhere."""
        types = self._add(f"!{{{', '.join([result, *(node for _, node in params)])}}}")
        signature = self._add(f"!DISubroutineType(types: {types})")
        file, line = self.file_at(offset), self.source.location(offset).line
        return self._add(
            f'!DISubprogram(name: "{symbol}", scope: {file}, file: {file}, line: {line}, type: {signature}, '
            "flags: DIFlagPrototyped, spFlags: DISPFlagOptimized)"
        )

    def static(self, name: str, offset: int, found: Type, *, is_here: bool = True) -> str:
        variable = self._add(
            f'distinct !DIGlobalVariable(name: "{name}", scope: {self.unit}, file: {self.file_at(offset)}, '
            f"line: {self.source.location(offset).line}, type: {self.type(found)}, isLocal: false, "
            f"isDefinition: {'true' if is_here else 'false'})"
        )
        expression = self._add(f"!DIGlobalVariableExpression(var: {variable}, expr: !DIExpression())")
        if is_here:
            self._globals.append(expression)
        return expression

    def lines(self) -> list[str]:
        """Return every node, named metadata first.

        The file's node holds the source itself: the BTF writer quotes lines from it, and what is on disk
        may be older, or not there for the process that runs LLVM.
        """
        sources = [self.source, *(module for module in self.source.modules if module.path in self._files)]
        files = [
            f"{self._files[source.path]} = "
            f"!DIFile(filename: {_quote(os.path.basename(source.path) or 'lib.rs')}, "
            f"directory: {_quote(os.path.dirname(source.path) or '.')}, source: {_quote(source.text)})"
            for source in sources
        ]
        held = self._add(f"!{{{', '.join(self._globals)}}}")
        version = self._add('!{i32 7, !"Dwarf Version", i32 4}')
        debug_version = self._add('!{i32 2, !"Debug Info Version", i32 3}')
        unit = (
            f"{self.unit} = distinct !DICompileUnit(language: DW_LANG_Rust, file: {self.file}, "
            f"producer: {_quote(self._producer)}, isOptimized: true, runtimeVersion: 0, "
            f"emissionKind: FullDebug, globals: {held})"
        )
        named = [f"!llvm.dbg.cu = !{{{self.unit}}}", f"!llvm.module.flags = !{{{version}, {debug_version}}}"]
        return [*named, unit, *self._lines, *files]


def _quote(text: str) -> str:
    return '"' + escape(text.encode("utf-8", "replace")) + '"'


_ODD = re.compile(r"[^ -~\n]")


def escape(data: bytes) -> str:
    """Return *data* as the inside of an LLVM string: printable ASCII as it is, the rest as ``\\hh``.

    >>> escape(b'a"\\xff')
    'a\\\\22\\\\FF'
    """
    text = data.decode("latin-1").replace("\\", r"\5C").replace('"', r"\22").replace("\n", r"\0A")
    if text.isascii() and text.isprintable():  # faster than to look for what is not
        return text
    return _ODD.sub(lambda odd: f"\\{ord(odd[0]):02X}", text)
