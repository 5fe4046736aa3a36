"""rustc's IR on its way to BPF, alone and with a crate's beside it; what comes out goes to LLVM, one input of
thirty-two."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from btfview.compiler.compile import compile_source
from btfview.compiler.options import CompileOptions
from btfview.compiler.rustc.files import CrateFiles, owns_nothing
from btfview.compiler.rustc.ir.for_bpf import convert
from btfview.compiler.rustc.program import describe, missing, wrong_queries
from btfview.compiler.rustc.rewriting.rewrite import Rewritten, rewrite
from btfview.source import Source
from tests.fuzz.messages import check_diagnostics
from tests.fuzz.mutate_text import text_mutator
from tests.fuzz.worker import TIME_LIMIT, is_chosen, worker

_SEEDS = Path(__file__).parent / "seeds"
_FILE = "prog.rs"
_WORDS = r"""define |declare |hidden |internal |external |constant |global |private |noreturn |unnamed_addr
noundef |fastcc |sret(%a) |range(i64 0, 5) |call |invoke |i1|i64|ptr|{ i64, i1 }|<{ ptr, [16 x i8] }>
[3 x i8]|(|)|{|}|[|]|<|>|,|"|c"|c"\00\22"|!|!0|!1|!99|!{|!{}|!{!9}|distinct |!DICompositeType(|count: -1
!DIDerivedType(|!DIEnumerator(|!DISubprogram(|!DIFile(|!DIBasicType(|!DISubrange(|null|name: "query<x>"
name: "__btf__"|name: ""|tag: DW_TAG_union_type|tag: DW_TAG_array_type|baseType: |elements: |scope: |type: !
size: |offset: |file: |section "maps"|section ".ksyms"|section ""|personality ptr @x| = |@SINK|@alloc_|@_R
@"a b"|@llvm.used |#0|#99|prog.rs|\0A|both.half|runs[1][2]|[99]|.|attributes #0 = { |!dbg !5|x"""
mutate = text_mutator(_WORDS)


@cache
def seeds() -> list[bytes]:
    """Return what rustc 1.95 makes of ``rustc_ir.rs``."""
    return [(_SEEDS / "rustc_ir.ll").read_bytes()]


@cache
def _rewritten() -> Rewritten:
    text = (_SEEDS / "rustc_ir.rs").read_text()
    return rewrite(Source(_FILE, text))


def run(data: bytes) -> None:
    text, rewritten = data.decode("utf-8", "replace"), _rewritten()
    original = rewritten.edited.original
    whole = seeds()[0].decode()
    for texts in ((text,), (text, whole), (whole, text)):
        options = CompileOptions()
        files = CrateFiles(rewritten, owns_nothing)
        files.add(_FILE, rewritten)
        converted = convert(texts, files.shown, options, is_library=len(texts) == 1)
        found = (*wrong_queries(converted, files), *missing(converted, files))
        check_diagnostics(found, original)
        describe(converted, files, "repr")
    if is_chosen(data, 32):
        source = Source("input.ll", converted.modules[0])
        result = compile_source(source, options, worker=worker(), time_limit=TIME_LIMIT)
        check_diagnostics(result.diagnostics, source)
