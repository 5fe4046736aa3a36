"""Queries to LLVM's preserve intrinsics, and what a front end tells of each query.

A field query is a chain of ``llvm.preserve.*.access.index`` calls from null and the question; one about a
type or an enum's value is a single call that names the debug info node (LLVM: BPFPreserveDIType.cpp,
BPFAbstractMemberAccess.cpp).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.result import QUERY_KINDS, Query
from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.definitions import Function
from btfview.compiler.rust.types.kinds import BOOL, ArrayType, Field, Type, resolve
from btfview.compiler.rust.types.layout import size_of

from .debug_info import DebugInfo
from .writer import ir_type

if TYPE_CHECKING:
    from .function import FunctionLowerer, Rules

_TYPE_INFO = {"type_exists": 0, "type_size": 1, "type_matches": 2}
_TYPE_ID = {"type_id_local": 0, "type_id_target": 1}
_ENUM_VALUE = {"enumval_exists": 0, "enumval_value": 1}
"""The last argument of the intrinsic; that of ``field.info`` is the number of the kind itself."""
_HINTS = {"field_byte_offset": "offset", "field_byte_size": "size", "enumval_value": "value"}


def lower_query(lower: FunctionLowerer, query: n.Query) -> str:
    """Write the calls of *query*, note their lines in ``lower.query_lines``, and return the answer."""
    w = lower.writer
    lines: list[int] = []
    match query:
        case n.FieldQuery():
            pointer = _access_chain(lower, query, lines)
            call, bits = _field_info(query.kind, pointer), 32
            node = ""
        case n.TypeQuery():
            node = lower.module.debug.type(query.root)
            call, bits = _type_call(query.kind, lower.module.next_sequence())
        case n.EnumQuery():
            node = lower.module.debug.type(query.root)
            text = f"{query.variant.name}:{query.variant.value}"
            name = lower.module.constant(text.encode() + b"\0", 1)
            number = lower.module.next_sequence()
            flag = _ENUM_VALUE[query.kind]
            call, bits = f"i64 @llvm.bpf.preserve.enum.value(i32 {number}, ptr {name}, i64 {flag})", 64
    lines.append(len(w.lines))
    info = w.name("info")
    place = w.place(query.span)
    metadata = f", !llvm.preserve.access.index {node}" if node else ""
    w.lines.append(f"  {info} = call {call}, !dbg {place}{metadata}")
    used = len(w.lines)
    value = _converted(lower, query, info, bits)
    lines += range(used, len(w.lines))
    lower.query_lines[query.number] = lines
    return value


def _field_info(kind: str, pointer: str) -> str:
    return f"i32 @llvm.bpf.preserve.field.info.p0(ptr {pointer}, i64 {QUERY_KINDS[kind]})"


def _type_call(kind: str, number: int) -> tuple[str, int]:
    """Return the call and the bits of its result; *number* keeps equal calls apart, as LLVM asks."""
    if kind in _TYPE_ID:
        return f"i64 @llvm.bpf.btf.type.id(i32 {number}, i64 {_TYPE_ID[kind]})", 64
    return f"i32 @llvm.bpf.preserve.type.info(i32 {number}, i64 {_TYPE_INFO[kind]})", 32


def _converted(lower: FunctionLowerer, query: n.Query, info: str, bits: int) -> str:
    """Return the answer as a value of the query's type."""
    found = resolve(query.type)
    if found is BOOL:
        return lower.writer.value("exists", f"icmp ne i{bits} {info}, 0", query.span)
    wanted = size_of(found) * 8
    if wanted == bits:
        return info
    word, hint = "zext" if wanted > bits else "trunc", _HINTS.get(query.kind, "answer")
    return lower.writer.value(hint, f"{word} i{bits} {info} to {ir_type(found)}", query.span)


def _access_chain(lower: FunctionLowerer, query: n.FieldQuery, lines: list[int]) -> str:
    w, module = lower.writer, lower.module
    location = w.place(query.span)
    pointer = "null"
    for owner, step in query.path:
        if isinstance(owner, ArrayType):
            hint = "element"
            call = (
                f"@llvm.preserve.array.access.index.p0.p0(ptr elementtype({_array(owner)}) {pointer}, "
                f"i32 1, i32 {step})"
            )
        else:
            assert isinstance(step, Field)
            hint = step.btf_name
            if owner.is_union:
                call = f"@llvm.preserve.union.access.index.p0.p0(ptr {pointer}, i32 {step.index})"
            else:
                element = f"[{owner.size} x i8]" if owner.tuple is not None else module.struct_type(owner)
                call = (
                    f"@llvm.preserve.struct.access.index.p0.p0(ptr elementtype({element}) "
                    f"{pointer}, i32 {module.llvm_index(owner, step)}, i32 {step.index})"
                )
        lines.append(len(w.lines))
        pointer = w.name(hint)
        node = module.debug.type(owner)
        w.lines.append(f"  {pointer} = call ptr {call}, !dbg {location}, !llvm.preserve.access.index {node}")
    return pointer


def _array(found: Type) -> str:
    """Return an LLVM type of the array's length; of its elements only the size counts, and not even that
    for the record."""
    resolved = resolve(found)
    assert isinstance(resolved, ArrayType)
    return f"[{resolved.length} x [{size_of(resolved.element)} x i8]]"


def describe_query(
    index: int, function: Function, query: n.Query, debug: DebugInfo, ir_lines: tuple[int, ...]
) -> Query:
    """Return what the front end tells of *query*; one that cannot be reached has no lines."""
    access_str, path = "0", query.root.btf_name
    match query:
        case n.FieldQuery(path=steps):
            numbers = [step.index if isinstance(step, Field) else step for _, step in steps]
            access_str = ":".join(["0", *map(str, numbers)])
            path += "".join(
                f".{step.btf_name}" if isinstance(step, Field) else f"[{step}]" for _, step in steps
            )
        case n.EnumQuery(root=root, variant=variant):
            access_str = str(root.variants.index(variant))
            path += f"::{variant.name}"
    return Query(
        index=index,
        kind=query.kind,
        function=function.symbol,
        root=query.root.btf_name,
        access_str=access_str,
        path=path,
        span=query.span,
        path_span=query.path_span,
        location=debug.place(query.span.start),
        ir_lines=ir_lines,
    )


QUERIES: Rules = dict.fromkeys((n.FieldQuery, n.TypeQuery, n.EnumQuery), lower_query)
