"""Which record came from where: records, queries, source lines, IR lines and instructions, linked.

LLVM merges equal queries, drops unused ones and duplicates inlined ones, so records cannot be counted off
against queries. They are linked by what LLVM keeps (kind, root type, access string) and the function that
the instruction lies in; line_info, which is sometimes a neighbour's, decides only between equals.
"""

from __future__ import annotations

import os

from btfview.bpf.insn import decode_insn, format_insn
from btfview.frozen import TYPE_CHECKING

from .result import LinkedRelo, SourcePlace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.bpf.object import BpfObject
    from btfview.btf.ext import CoreRelo, LineInfo
    from btfview.compiler.result import CompileResult, Query
    from btfview.core_relo.local import LocalRelo
    from btfview.source import Source, Span

    from .source_text.c_expressions import CExpressions

_MEMORY_CLASSES = (1, 2, 3)
"""BPF_LDX, BPF_ST, BPF_STX (linux/bpf_common.h): the three lowest bits of the first byte."""
_NEAR = 8
"""Instructions after a record's own in which the line that names its field is looked for."""


def link_relos(
    obj: BpfObject, relos: Sequence[LocalRelo], compilation: CompileResult | None
) -> tuple[LinkedRelo, ...]:
    """Return the records of *obj* in file order, each with its links into *compilation*."""
    program = compilation.program if compilation else None
    queries_of = _match_queries(obj, relos, program.queries if program else ())
    expressions = _expressions_of(compilation)
    seen: dict[str, int] = {}
    linked = []
    texts: dict[bytes, str] = {}
    for local in relos:
        function = obj.program_of(local.relo)
        # By names, not by the access string: a member added before it is no other question.
        names = local.path if local.spec is not None else f"{local.type_name} {local.relo.access_str}"
        identity = "|".join((function, local.relo.kind_label, names))
        nth = seen[identity] = seen.get(identity, -1) + 1
        queries = queries_of.get(local.relo.index, ())
        if local.code and local.code not in texts:
            insn = decode_insn(local.code, is_little_endian=obj.is_little_endian)
            texts[local.code] = format_insn(insn)
        place, span = _place_of(obj, local, queries, compilation, expressions)
        linked.append(
            LinkedRelo(
                index=local.relo.index,
                relo=local.relo,
                program=function,
                path=local.path,
                local_type_kind=local.type_kind,
                local_type_name=local.type_name,
                local_spec=local.spec,
                local_value=local.value.value if local.value else None,
                insn_text=texts[local.code] if local.code else None,
                place=place,
                span=span,
                queries=tuple(query.index for query in queries),
                ir_lines=tuple(sorted({line for query in queries for line in query.ir_lines}))
                if queries
                else (),
                key=f"{identity}|{nth}",
            )
        )
    return tuple(linked)


def _match_queries(
    obj: BpfObject, relos: Sequence[LocalRelo], queries: Sequence[Query]
) -> dict[int, tuple[Query, ...]]:
    """Return the queries of each record, by record index."""
    if not queries:
        return {}
    by_identity: dict[tuple[str, str, str], list[Query]] = {}
    for query in queries:
        by_identity.setdefault((query.kind, query.root, query.access_str), []).append(query)
    groups: dict[tuple[str, str, str, str], list[CoreRelo]] = {}
    for local in relos:
        relo = local.relo
        identity = (relo.kind_label, local.type_name, relo.access_str)
        if identity in by_identity:
            groups.setdefault((*identity, obj.program_of(relo)), []).append(relo)
    found: dict[int, tuple[Query, ...]] = {}
    for (kind, root, access_str, function), members in groups.items():
        equal = by_identity[kind, root, access_str]
        found |= _match_group(obj, members, equal, function)
    return found


def _match_group(
    obj: BpfObject, relos: Sequence[CoreRelo], queries: Sequence[Query], function: str
) -> dict[int, tuple[Query, ...]]:
    """Share out equal queries among the equal records of one function.

    A record whose line and column are a query's is that query's. What is left over belongs together: the
    function's own queries first, those of functions inlined into it else.
    """
    own = [query for query in queries if query.function == function]
    if len(relos) == 1 and own:
        return {relos[0].index: tuple(own)}
    found: dict[int, tuple[Query, ...]] = {}
    for relo in relos:
        exact = _queries_near(obj, relo, queries)
        if exact:
            found[relo.index] = exact
    taken = {query.index for matched in found.values() for query in matched}
    rest = [query for query in own if query.index not in taken]
    rest = rest or [query for query in queries if query.index not in taken] or own or list(queries)
    for relo in relos:
        found.setdefault(relo.index, tuple(rest))
    return found


def _queries_near(obj: BpfObject, relo: CoreRelo, queries: Sequence[Query]) -> tuple[Query, ...]:
    """Return the queries at the line and column of the record's instruction, or of the nearest one after it:
    the load that LLVM makes of a query has no place of its own, the instruction that uses it has."""
    for ahead in range(_NEAR + 1):
        line = obj.line_at(relo.section, relo.insn_off + 8 * ahead)
        found = tuple(query for query in queries if line and _is_at(query, line))
        if found:
            return found
    return ()


def _is_at(query: Query, line: LineInfo) -> bool:
    return (query.location.line, query.location.column) == (line.line, line.column)


def _place_of(
    obj: BpfObject,
    local: LocalRelo,
    queries: Sequence[Query],
    compilation: CompileResult | None,
    expressions: CExpressions | None,
) -> tuple[SourcePlace | None, Span | None]:
    source = compilation.source if compilation else None
    if queries and source:
        span = queries[0].span
        where = source.location(span.start)
        file = source.file_at(span.start)[0]
        text = file.line(where.line).strip()
        return SourcePlace(file.path, where.line, where.column, text), span
    line = _recorded_line(obj, local)
    if line is None:
        return None, None
    if source and expressions and os.path.basename(line.file) == os.path.basename(source.path):
        own = obj.line_at(local.relo.section, local.relo.insn_off) or line
        is_access = bool(local.code) and local.code[0] & 7 in _MEMORY_CLASSES
        found = expressions.find(
            local.relo.kind_label, _names_of(local), own.line, own.column, is_access=is_access
        )
        if found is not None:
            where = source.location(found.start)
            text = source.line(where.line).strip()
            return SourcePlace(line.file, where.line, where.column, text), found
    place = SourcePlace(line.file, line.line, line.column, line.text.strip())
    return place, span_of(source, line)


def _expressions_of(compilation: CompileResult | None) -> CExpressions | None:
    if compilation is None or not compilation.source.path.endswith(".c"):
        return None
    from .source_text.c_expressions import CExpressions

    return CExpressions(compilation.source)


def _names_of(local: LocalRelo) -> tuple[str, ...]:
    """Return what a C source must say to ask for *local*: members, an enumerator, or the type."""
    steps = local.spec.steps if local.spec else ()
    return tuple(step.name for step in steps if step.name) or (local.type_name,)


def _recorded_line(obj: BpfObject, local: LocalRelo) -> LineInfo | None:
    """Return the line of a record by line_info: its instruction's own, or that of one of the next few where
    only theirs names the field (compilers hoist the constant before the statement that uses it)."""
    relo = local.relo
    line = obj.line_at(relo.section, relo.insn_off)
    name = local.spec.steps[-1].name if local.spec and local.spec.steps else None
    if line is None or name is None or _names(line.text, name):
        return line
    for ahead in range(1, _NEAR + 1):
        other = obj.line_at(relo.section, relo.insn_off + 8 * ahead)
        if other and other.file == line.file and _names(other.text, name):
            return other
    return line


def _names(text: str, name: str) -> bool:
    """Return whether *name* stands in *text* as a word."""
    at = text.find(name)
    while at >= 0:
        around = text[at - 1 : at] + text[at + len(name) : at + len(name) + 1]
        if not any(char.isalnum() or char == "_" for char in around):
            return True
        at = text.find(name, at + 1)
    return False


def span_of(source: Source | None, line: LineInfo) -> Span | None:
    """Return the rest of the recorded line in *source*, when the record speaks of that file."""
    from btfview.source import Span

    if source is None or os.path.basename(line.file) != os.path.basename(source.path):
        return None
    start = source.offset(line.line, line.column)
    end = source.offset(line.line, 1 << 20)
    return Span(start, max(start, end))
