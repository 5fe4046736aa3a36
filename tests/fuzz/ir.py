"""LLVM IR: all that btfview reads in it itself, and with LLVM one input of eight."""

from __future__ import annotations

from functools import cache

from btfview.analysis.analyse import analyse
from btfview.analysis.instructions.disassembly import disassemble
from btfview.analysis.instructions.ir_links import ReloNames, link_asm, link_function, link_ir, read_type_ids
from btfview.analysis.result import Analysis
from btfview.compiler.compile import compile_source
from btfview.compiler.llvm.cold import LlvmAnswer
from btfview.compiler.llvm.ir_source import check_ir_source
from btfview.compiler.llvm.messages import CompiledText, read_llvm_messages
from btfview.compiler.llvm.steady import steady_module
from btfview.compiler.options import CompileOptions
from btfview.compiler.passes import read_passes
from btfview.frozen import replace
from btfview.source import Source, read_source
from btfview.tui.highlight import Highlighter
from btfview.views.report import report_text
from tests.compiler.llvm.samples import query_ir
from tests.fuzz.folder import path_of, written
from tests.fuzz.messages import check_diagnostics
from tests.fuzz.mutate_text import text_mutator
from tests.fuzz.worker import TIME_LIMIT, is_chosen, worker

_WORDS = r"""define |declare |i1|i32|i64|i128|ptr|double|void|ret |call |add |udiv |sdiv |store |load |alloca
phi |getelementptr |switch |br label |zext |null|undef|poison|section "x"|attributes #0|constant |external
global |alias |ifunc |asm |distinct |!DIFile(|!DICompositeType(|!DIDerivedType(|!DISubprogram(|!DILocation(|!0
!4|!99|!llvm.dbg.cu = |(...)|size: |offset: |elements: |baseType: |scope: |name: |""|@query|%value|"a\1Bb"
@"llvm.pair:0:8$0:1"|<4 x i32>|[9999999 x i64]|{ i64, i64 }|@llvm.bpf.passthrough.i64.i64(i32 7, i64 %0)
target triple = "x86_64"|target datalayout = "E-m"|module asm ".quad 1"|*** IR Dump At Start ***|x
*** IR Dump After X on query ***|# Machine code for function f:|<string>:3:9: error: x|LLVM ERROR: Cannot x
error: a.c:2:3: in function query i64 ()): too many arguments"""
_PATH = path_of("input.ll")
_ENDS = ("parse", "verify", "exit", "signal", None)
_PRINTED = """\
*** IR Dump At Start ***
define i64 @query() {
  ret i64 0
}
*** IR Dump After SROAPass on query ***
define i64 @query() {
  %a = call i64 @llvm.bpf.passthrough.i64.i64(i32 7, i64 %0), !dbg !9
  ret i64 %a
}
"""
mutate = text_mutator(_WORDS)


@cache
def seeds() -> list[bytes]:
    optimized = _compiled().compilation
    assert optimized is not None
    texts = [query_ir(), query_ir("bpfeb", 2), query_ir(kind=9), _PRINTED]
    texts += [optimized.ir_optimized or "", optimized.asm or ""]
    return [text.encode() for text in texts]


@cache
def _compiled() -> Analysis:
    analysis = analyse(_PATH, source=Source(_PATH, query_ir()))
    source = Source(_PATH, query_ir())
    emit = frozenset({"obj", "ir-optimized", "asm"})
    return replace(analysis, compilation=compile_source(source, CompileOptions(), emit=emit))


def run(data: bytes) -> None:
    source = read_source(written("input.ll", data))
    options = CompileOptions()
    check_diagnostics(check_ir_source(source, options), source)
    _read_as_llvm_writes_it(source)
    if is_chosen(data, 8):
        emit = frozenset({"obj", "ir-optimized", "asm"})
        result = compile_source(source, options, emit=emit, worker=worker(), time_limit=TIME_LIMIT)
        check_diagnostics(result.diagnostics, source)
        assert (result.object is None) == result.has_errors
        if result.object is not None:
            analysis = analyse(_PATH, source=source, worker=worker())
            assert all(line.isprintable() for line in report_text(analysis).split("\n"))
            disassemble(analysis, None)


def _read_as_llvm_writes_it(source: Source) -> None:
    """Read a text as what comes back from LLVM, too: it has the user's names in it."""
    analysis, lines = _compiled(), source.text.split("\n")
    link_ir(analysis, lines)
    link_asm(analysis, lines)
    link_function(ReloNames(analysis), lines, "query", read_type_ids(lines))
    steady_module(source.text)
    read_passes(source.text)
    text = CompiledText(source, source.text, None, True, TIME_LIMIT)
    for end in _ENDS:
        answer = LlvmAnswer(failure=end, message=source.text, code=1, stderr=source.text)
        check_diagnostics(read_llvm_messages(answer, text), source)
    highlighter, offset = Highlighter(source.text, ".ll"), 0
    for line in lines[:200]:
        highlighter.tokens(line, offset)
        offset += len(line) + 1
