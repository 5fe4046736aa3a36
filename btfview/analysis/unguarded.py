"""``unguarded_btf_offset`` of what rustc compiled: found in the object, where every guard has become code.

For each field that is asked for, the object is relocated as on a kernel that has all but this field; a record
that is poisoned there and that the verifier comes to is one that nothing guards, whatever the source does to
guard it: branches, functions, closures, iterators.
"""

from __future__ import annotations

import re

from btfview.bpf.reach import Reach
from btfview.frozen import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.bpf.object import BpfObject
    from btfview.compiler.result import CompileResult, Query
    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import ReloResult
    from btfview.diagnostics import Diagnostic

    Steps = tuple[str | int, ...]
    Asked = tuple[str, Steps]
    """A type, and the path in it."""

_NEEDS_GUARD = frozenset(
    [
        "field_byte_offset", "field_byte_size", "field_signed", "field_lshift_u64", "field_rshift_u64",
        "enumval_value",
    ]
)  # fmt: skip
"""Kinds that libbpf poisons where there is no field or variant."""
_OF_WHOLE_TYPES = frozenset(["type_exists", "type_size", "type_id_local", "type_id_target"])
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]:]+)")
MAX_FIELDS, MAX_INSNS = 64, 400_000
"""Fields that are looked at, each with a walk through the programs that ask for it; of a large object as many
as come to so many instructions."""


def with_unguarded(result: CompileResult) -> CompileResult:
    """Return *result*, of a program that rustc compiled, with a lint at each query that nothing guards."""
    if result.object is None or result.program is None or not result.program.queries:
        return result
    if not any(query.kind in _NEEDS_GUARD for query in result.program.queries):
        return result
    from btfview.bpf.elf import read_elf
    from btfview.bpf.object import read_object
    from btfview.core_relo.local import read_local_relos

    if read_elf(result.object).section(".BTF") is None:
        return result
    obj = read_object(result.object, path=result.source.path)
    relos = read_local_relos(obj)
    found = _diagnostics(result, _unguarded_queries(result, obj, relos))
    if not found:
        return result
    is_denied = any(one.is_error for one in found)
    return replace(
        result, diagnostics=result.diagnostics + found, object=None if is_denied else result.object
    )


def _unguarded_queries(result: CompileResult, obj: BpfObject, relos: Sequence[LocalRelo]) -> dict[int, Query]:
    from .links import link_relos

    assert result.program is not None
    unguarded = set(unguarded_relos(obj, relos))
    found: dict[int, Query] = {}
    for linked in link_relos(obj, tuple(relos), result):
        if linked.index in unguarded:
            for index in linked.queries:
                found[index] = result.program.queries[index]
    return found


def unguarded_relos(obj: BpfObject, relos: Sequence[LocalRelo]) -> Iterator[int]:
    """Yield the records, by index, that the verifier comes to where their field is missing."""
    from btfview.core_relo.reach import find_reach
    from btfview.core_relo.resolve import resolve_relos

    whole = resolve_relos(obj, tuple(relos), obj.btf)
    steps = [(local.type_name, _steps_of(local)) for local in relos]
    wanted = dict.fromkeys(
        steps[index] for index, local in enumerate(relos) if local.relo.kind_label in _NEEDS_GUARD
    )
    size = sum(symbol.size // 8 for symbols in obj.functions.values() for symbol in symbols)
    for missing in tuple(wanted)[: min(MAX_FIELDS, MAX_INSNS // max(size, 1) + 1)]:
        results = [
            _without(obj, local, result, one, missing)
            for local, result, one in zip(relos, whole, steps, strict=True)
        ]
        asked = {
            index
            for index, local in enumerate(relos)
            if steps[index] == missing and local.relo.kind_label in _NEEDS_GUARD
        }
        for index, reach in find_reach(obj, relos, results, obj.btf):
            if index in asked and reach != Reach.DEAD:
                yield index


def _steps_of(local: LocalRelo) -> Steps:
    """Return the path of a record: names of fields, and numbers of elements."""
    path = local.path.removeprefix(local.type_name)
    return tuple(int(number) if number else name for number, name in _STEP.findall(path))


def _without(
    obj: BpfObject, local: LocalRelo, result: ReloResult, asked: Asked, missing: Asked
) -> ReloResult:
    """Return the result of a record on a kernel that has all but the field *missing*."""
    from btfview.core_relo.access_spec import RefusedError
    from btfview.core_relo.outcome import Missing, Trace
    from btfview.core_relo.patch import Patch, patch_insn, poison_insn

    label, reason = local.relo.kind_label, "it is not there"
    if asked[0] != missing[0] or label in _OF_WHOLE_TYPES or local.value is None:
        return result
    if label != "type_matches" and not _implies(asked[1], missing[1]):
        return result
    is_little = obj.is_little_endian
    if label in _NEEDS_GUARD:
        code = poison_insn(local.code, is_little_endian=is_little)
        return replace(result, outcome=Missing(None, reason, Trace(reason)), insn_after=code)
    try:
        code = patch_insn(local.code, Patch(local.value.value, 0), is_little_endian=is_little)
    except RefusedError:
        return result
    return replace(result, outcome=Missing(0, reason, Trace(reason)), insn_after=code)


def _implies(asked: Steps, missing: Steps) -> bool:
    """Return whether *asked* is never there without *missing*: where ``a[1]`` is not, ``a[2]`` is not."""
    if len(asked) < len(missing):
        return False
    return all(
        one == other or (isinstance(one, int) and isinstance(other, int) and one > other)
        for one, other in zip(asked, missing, strict=False)
    )


def _diagnostics(result: CompileResult, queries: dict[int, Query]) -> tuple[Diagnostic, ...]:
    """Return the lint at each of *queries*, at the level that attributes of its file give it."""
    if not queries:
        return ()
    from btfview.compiler.rust.lints.levels import Teller
    from btfview.compiler.rust.lints.said import unguarded_query
    from btfview.compiler.rust.report import Report
    from btfview.compiler.rust.syntax.tree import parse
    from btfview.source import Source, Span

    found: list[Diagnostic] = []
    here: list[Diagnostic] = []
    tellers: dict[str, Teller] = {}
    told: set[Span] = set()
    for query in queries.values():
        if query.span in told:
            continue
        told.add(query.span)
        file, start = result.source.file_at(query.span.start)
        if file.path not in tellers:
            tellers[file.path] = Teller(parse(Source(file.path, file.text), Report()), here.append)
        is_variant = query.kind == "enumval_value"
        path = query.path.rpartition("::")[2] if is_variant else result.source.text_at(query.path_span)
        place = Span(start, start + query.span.end - query.span.start)
        here.clear()
        unguarded_query(tellers[file.path], place, query.root, path, is_variant=is_variant)
        found += (replace(one, span=query.span) for one in here)
    return tuple(found)
