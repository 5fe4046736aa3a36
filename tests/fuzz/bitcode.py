"""Bitcode: who wrote it, read by btfview; and what it says, read by LLVM, one input of sixteen."""

from __future__ import annotations

from functools import cache

from btfview.compiler.compile import compile_bitcode
from btfview.compiler.llvm.bitcode import is_bitcode, major_version, producer_of
from btfview.source import Source
from tests.compiler.llvm.samples import query_ir
from tests.fuzz.messages import check_diagnostics
from tests.fuzz.worker import TIME_LIMIT, is_chosen, worker

_WRAPPED = b"".join(word.to_bytes(4, "little") for word in (0x0B17C0DE, 0, 20, 0, 0))


@cache
def seeds() -> list[bytes]:
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    modules = [llvm.parse_assembly(text).as_bitcode() for text in (query_ir(), query_ir("bpfeb", 2))]
    return [*modules, modules[0][:4096], _WRAPPED + modules[0]]


def run(data: bytes) -> None:
    if not is_bitcode(data):
        return
    producer = producer_of(data)
    if producer is not None:
        assert producer.isprintable()
        major_version(producer)
    if is_chosen(data, 16):
        result = compile_bitcode("input.bc", {"input.bc": data}, worker=worker(), time_limit=TIME_LIMIT)
        check_diagnostics(result.diagnostics, Source("input.bc", result.source.text))
        assert (result.object is None) == result.has_errors
