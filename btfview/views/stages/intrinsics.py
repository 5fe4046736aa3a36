"""Rows of the intrinsics pane: what the compiler says to LLVM's relocation pass, query by query.

With a typed program at hand these are lines of its IR, shortened. An object holds no IR, so its records are
turned back into the intrinsics that must have made them, and labelled so.
"""

from __future__ import annotations

import re

from btfview.analysis.result import Analysis, LinkedRelo
from btfview.btf.kinds import CoreReloKind
from btfview.btf.types import Array, Enum, Struct
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.rust_names import demangled
from btfview.views.rows import Row, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.btf.reader import Btf
    from btfview.compiler.result import CompileResult, Program, Query

_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
RECONSTRUCTED = "reconstructed from the records: an object holds no IR"
RECONSTRUCTED_OF_C = "reconstructed from the records: clang keeps no IR"
_INFO_KINDS = ("byte_offset", "byte_size", "exists", "signed", "lshift_u64", "rshift_u64")
_TYPE_INFO = {
    CoreReloKind.TYPE_EXISTS: (0, "exists"),
    CoreReloKind.TYPE_SIZE: (1, "size"),
    CoreReloKind.TYPE_MATCHES: (2, "matches"),
}
"""Flag of ``llvm.bpf.preserve.type.info``."""


def intrinsic_rows(analysis: Analysis) -> tuple[Row, ...]:
    """Return, under a title a function, each query (or record) and its calls."""
    compilation = analysis.compilation
    if compilation and compilation.program and compilation.ir is not None:
        return tuple(_compiled_rows(analysis, compilation, compilation.program))
    if analysis.object is None or not analysis.relos:
        return ()
    title = RECONSTRUCTED_OF_C if analysis.origin == "c" else RECONSTRUCTED
    return tuple(_reconstructed_rows(analysis, analysis.object.btf, title))


def _compiled_rows(analysis: Analysis, compilation: CompileResult, program: Program) -> Iterator[Row]:
    lines = (compilation.ir or "").split("\n")
    relos_of: dict[int, list[int]] = {}
    for linked in analysis.relos:
        for number in linked.queries:
            relos_of.setdefault(number, []).append(linked.index)
    names = {function.symbol: function.name for function in program.functions}
    function = None
    for query in program.queries:
        if query.function != function:
            function = query.function
            yield Row((Segment(names.get(function, function), "title"),))
        relos = tuple(relos_of.get(query.index, ()))
        yield Row(_query_title(query, relos), relos, f"query {query.index}", 1)
        steps = iter(_steps(query, program))
        for number in query.ir_lines:
            meaning = ""
            if ".access.index." in lines[number]:
                meaning = next(steps, "")
            elif "@llvm.bpf." in lines[number]:
                meaning = _question(query)
            call = _read_call(lines[number], meaning)
            yield _call_row(call, relos, f"query {query.index} line {number}")


def _steps(query: Query, program: Program) -> Iterator[str]:
    """Yield ``sched_entity → .vruntime`` or ``[u8; 16] → [4]`` for each step of a query's path."""
    structs = {struct.name: struct for struct in program.structs}
    owner = query.root
    for name, index in _STEP.findall(query.path[len(query.root) :]):
        if index:
            yield f"{owner} → [{index}]"
            owner = owner[1:].rpartition(";")[0].strip()
            continue
        yield f"{owner} → .{name}"
        fields = structs[owner].fields if owner in structs else ()
        owner = next((field.type_name for field in fields if field.name == name), name)


def _question(query: Query) -> str:
    if query.kind.startswith("field_"):
        return query.kind.removeprefix("field_")
    return f"{query.kind.partition('_')[2]}, {query.path}"


def _query_title(query: Query, relos: tuple[int, ...]) -> tuple[Segment, ...]:
    head = Segment(" ".join(f"#{index}" for index in relos) + " ", "dim")
    carrier, dot, path = query.path.partition(".")
    named = f" {carrier}, {path}" if dot else f" {query.path}"
    title = (Segment(query.kind, "keyword"), Segment(named, "name"))
    return (head, *title) if relos else (*title, Segment("  no record: LLVM found it unused", "dim"))


@frozen
class _Call:
    """A line of IR, shortened: without metadata, types, and the ``llvm.`` before an intrinsic's name."""

    result: str
    """``%1``; empty where there is none."""
    name: str
    arguments: str
    """With parentheses around them; empty where the line is no call."""
    meaning: str
    """Empty where there is nothing to say."""


def _call_row(call: _Call, relos: tuple[int, ...], key: str) -> Row:
    """Return ``%1 = preserve.struct.access.index(null, 0, 0)  ; meaning``."""
    segments = (
        Segment(f"{call.result} = " if call.result else "", "dim"),
        Segment(call.name, "keyword" if "preserve." in call.name else "text"),
        Segment(call.arguments, "number"),
        Segment(f"  ; {call.meaning}" if call.meaning else "", "comment"),
    )
    return Row(tuple(part for part in segments if part.text), relos, key, 2, meaning=call.meaning)


def _read_call(line: str, meaning: str) -> _Call:
    """Return a line of LLVM's text in parts."""
    text = line.strip().split(", !", 1)[0]
    result, _, call = text.rpartition(" = ")
    name, parenthesis, arguments = call.partition("(")
    _, is_intrinsic, own_name = name.partition("@llvm.")
    if not is_intrinsic:
        return _Call(result, name, parenthesis + arguments, meaning)
    while own_name.endswith(".p0"):
        own_name = own_name.removesuffix(".p0")
    values = [argument.split()[-1] for argument in arguments.rstrip(")").split(", ") if argument]
    return _Call(result, own_name, f"({', '.join(values)})", meaning)


def _reconstructed_rows(analysis: Analysis, btf: Btf, said: str) -> Iterator[Row]:
    yield Row((Segment(said, "comment"),))
    place: tuple[str, str] | None = None
    for linked in analysis.relos:
        if (linked.relo.section, linked.program) != place:
            place = (linked.relo.section, linked.program)
            yield Row((Segment(demangled(linked.program) or linked.relo.section, "title"),))
        relos = (linked.index,)
        title = (
            Segment(f"#{linked.index} ", "dim"),
            Segment(linked.relo.kind_label, "keyword"),
            Segment(f" {linked.path}", "name"),
        )
        yield Row(title, relos, linked.key, 1)
        for number, call in enumerate(_calls_of(btf, linked)):
            yield _call_row(call, relos, f"{linked.key} line {number}")


def _calls_of(btf: Btf, linked: LinkedRelo) -> Iterator[_Call]:
    """Yield the intrinsics behind a record; nothing for a malformed one."""
    kind, spec = linked.relo.kind, linked.local_spec
    if kind is None or spec is None:
        return
    if kind in _TYPE_INFO:
        flag, word = _TYPE_INFO[kind]
        meaning = f"{word}, {linked.local_type_kind} {linked.local_type_name}"
        yield _Call("", "bpf.preserve.type.info", f"(…, {flag})", meaning)
    elif kind in (CoreReloKind.TYPE_ID_LOCAL, CoreReloKind.TYPE_ID_TARGET):
        flag = int(kind == CoreReloKind.TYPE_ID_TARGET)
        yield _Call("", "bpf.btf.type.id", f"(…, {flag})", "target" if flag else "local")
    elif kind.is_enumval:
        enum = btf.type(spec.steps[0].type_id)
        assert isinstance(enum, Enum)
        chosen = enum.enumerators[spec.raw[0]]
        flag = int(kind == CoreReloKind.ENUMVAL_VALUE)
        arguments = f'(…, "{chosen.name}:{chosen.value}", {flag})'
        yield _Call("", "bpf.preserve.enum.value", arguments, "value" if flag else "exists")
    else:
        yield from _access_chain(btf, linked, spec.raw)
        number = int(kind)
        arguments = f"(%{len(spec.raw) - 1}, {number})"
        yield _Call("", "bpf.preserve.field.info", arguments, _INFO_KINDS[number])


def _access_chain(btf: Btf, linked: LinkedRelo, raw: tuple[int, ...]) -> Iterator[_Call]:
    current = btf.skip_modifiers(linked.relo.type_id)
    base, by_index = "null", "preserve.array.access.index"
    if raw[0]:
        base = "%0"
        yield _Call(base, by_index, f"(null, 0, {raw[0]})", f"{current.name} → [{raw[0]}]")
    for number, index in enumerate(raw[1:], 1):
        result = f"%{number}"
        match current:
            case Struct():
                member = current.members[index]
                meaning = f"{current.name or '(anonymous)'} → .{member.name or '(anonymous)'}"
                arguments = f"({base}, {index})" if current.is_union else f"({base}, {index}, {index})"
                yield _Call(result, f"preserve.{current.kind.label}.access.index", arguments, meaning)
                current = btf.skip_modifiers(member.type_id)
            case Array():
                yield _Call(result, by_index, f"({base}, 1, {index})", f"→ [{index}]")
                current = btf.skip_modifiers(current.type_id)
        base = result
