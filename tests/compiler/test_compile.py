"""The entry: which language, what comes back, what every result promises."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.llvm.cold import LlvmAnswer
from btfview.compiler.llvm.messages import CompiledText, read_llvm_messages
from btfview.compiler.llvm.worker import CompileCancelledError, Worker
from btfview.compiler.options import CompileOptions
from btfview.compiler.result import CompileResult, FunctionItem, Program
from btfview.compiler.rust.transfer import FrontEndResult
from btfview.diagnostics import Diagnostic
from btfview.errors import UsageError
from btfview.source import Source, Span
from tests.compiler.llvm.samples import query_ir
from tests.compiler.llvm.test_cold_processes import open_fds, own_children


@pytest.mark.parametrize("path", ["a.py", "Makefile", "a.o", "dir.rs/a", ""])
def test_a_suffix_that_is_no_language_is_a_usage_error(path: str) -> None:
    with pytest.raises(UsageError, match=r"known are \.rs, \.c, \.ll"):
        compile_source(Source(path, ""))


@pytest.mark.parametrize(
    ("options", "emit", "message"),
    [
        (CompileOptions(), {"exe", "obj"}, "emit: exe is not one of obj, ir, ir-optimized, asm"),
        (CompileOptions(cpu="v9"), {"obj"}, "cpu: v9 is not one of v1, v2, v3, v4"),
        (CompileOptions(endian="middle"), {"obj"}, "endian: middle is not one of little, big"),
        (CompileOptions(dialect="x"), {"obj"}, "dialect: x is not one of auto, repr, option"),
    ],
)
def test_a_choice_that_is_not_known_is_a_usage_error(
    options: CompileOptions, emit: set[str], message: str
) -> None:
    with pytest.raises(UsageError) as raised:
        compile_source(Source("a.ll", ""), options, emit=frozenset(emit))
    assert str(raised.value) == message


def test_what_llvm_says_beside_an_object_is_a_warning() -> None:
    text = CompiledText(Source("a.ll", ""), "", None, True, 10.0)
    stderr = "warning: a.c:1:2: in function f i32 (i32): look out\n'+x' is not a recognized feature\n"
    found = read_llvm_messages(LlvmAnswer(object=b"", stderr=stderr), text)
    assert [(d.severity, d.message) for d in found] == [
        ("warning", "look out"),
        ("warning", "LLVM says: '+x' is not a recognized feature"),
    ]


def test_a_result_tells_how_long_it_took_and_what_was_asked() -> None:
    options = CompileOptions(cpu="v2")
    source = Source("a.ll", query_ir())
    result = compile_source(source, options)
    assert result.milliseconds > 0
    assert (result.source, result.options, result.program) == (source, options, None)


def test_the_compiler_does_not_load_llvm_into_its_caller() -> None:
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from btfview.compiler.compile import compile_source\n"
        "from btfview.source import Source\n"
        "assert compile_source(Source('a.ll', 'define void @f() {\\n ret void\\n}')).object\n"
        "heavy = {'llvmlite', 'subprocess', 'dataclasses', 'tempfile', 'tree_sitter', 're'}\n"
        "heavy &= set(sys.modules) - before\n"
        "sys.exit(', '.join(heavy) or None)\n"
    )
    ended = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert ended.stderr == ""


SOURCE = Source("pair.rs", "// one\n\n\n\nfn query() -> u64 {\n    ask!(pair.second)\n}\n")
"""Lines as in the debug info of ``query_ir``: the query at 6:5."""
PROGRAM = Program("repr", (), (FunctionItem("query", "query", Span(14, 19), None),), ())


@pytest.fixture
def front_end(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replace the Rust front end by one that answers what the test says: here its callers are tested."""

    def answer(ir: str | None, *diagnostics: Diagnostic, program: Program | None = PROGRAM) -> None:
        module = ModuleType("btfview.compiler.rust.build_ir")
        module.NO_MEMORY = ("no memory", "divide it")  # type: ignore[attr-defined]
        result = FrontEndResult(program, ir, diagnostics)
        module.build_ir = lambda source, options: result  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "btfview.compiler.rust.build_ir", module)

    return answer


def test_rust_goes_through_the_front_end_and_keeps_its_warnings(front_end: Callable[..., None]) -> None:
    warning = Diagnostic("warning", "look out", Span(0, 2))
    front_end(query_ir(), warning)
    result = compile_source(SOURCE)
    assert result.object == compile_source(Source("a.ll", query_ir())).object
    assert (result.program, result.ir, result.diagnostics) == (PROGRAM, query_ir(), (warning,))


def test_an_error_of_the_front_end_ends_the_compile(front_end: Callable[..., None]) -> None:
    error = Diagnostic("error", "no such field", Span(3, 5))
    front_end(None, error, program=None)
    before = open_fds(), own_children()
    result = compile_source(SOURCE)
    assert (result.object, result.ir, result.diagnostics) == (None, None, (error,))
    assert (open_fds(), own_children()) == before


def test_a_front_end_that_raises_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def build_ir(source: Source, options: CompileOptions) -> None:
        raise ZeroDivisionError

    module = ModuleType("btfview.compiler.rust.build_ir")
    module.NO_MEMORY = ("no memory", "divide it")  # type: ignore[attr-defined]
    module.build_ir = build_ir  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "btfview.compiler.rust.build_ir", module)
    before = open_fds(), own_children()
    diagnostic = only_error(compile_source(SOURCE))
    assert diagnostic.message.startswith("internal error: ZeroDivisionError: (compiler/test_compile.py:")
    assert diagnostic.hint is not None
    assert "report" in diagnostic.hint
    assert (open_fds(), own_children()) == before


def only_error(result: CompileResult) -> Diagnostic:
    [diagnostic] = result.diagnostics
    assert diagnostic.is_error
    assert result.object is None
    return diagnostic


def test_a_back_end_error_stands_where_the_debug_info_says(front_end: Callable[..., None]) -> None:
    ir = query_ir().replace("@query()", "@query(i64 %a, i64 %b)")
    front_end(ir.replace("ret i64 %wide", "%c = sdiv i64 %a, %b, !dbg !12\n  ret i64 %c"))
    diagnostic = only_error(compile_source(SOURCE))
    assert diagnostic.message == "signed division and remainder need cpu v4"
    where = SOURCE.location(diagnostic.span.start)
    assert (where.line, where.column) == (6, 5)
    assert SOURCE.text[diagnostic.span.start : diagnostic.span.end] == "ask"


def test_a_back_end_error_without_a_place_stands_at_its_function(front_end: Callable[..., None]) -> None:
    arguments = ", ".join(f"i64 %a{n}" for n in range(6))
    ir = query_ir().replace("@query()", f"@query({arguments})").replace("ret i64 %wide", "ret i64 %a5")
    front_end(ir)
    diagnostic = only_error(compile_source(SOURCE))
    assert "more than five arguments" in diagnostic.message
    assert diagnostic.span == Span(14, 19)


@pytest.mark.parametrize(
    "ir",
    [
        pytest.param("define nonsense", id="parse"),
        pytest.param(
            query_ir()
            .replace("ret i64 %wide", "ret i64 %later")
            .replace("  %value", "  %later = add i64 %wide, 1\n  %value"),
            id="verify",
        ),
        pytest.param(query_ir().replace("i32 1, i32 1)", "i32 1, i32 99)"), id="abort"),
    ],
)
def test_ir_of_ours_that_llvm_does_not_accept_is_our_fault(ir: str, front_end: Callable[..., None]) -> None:
    front_end(ir)
    diagnostic = only_error(compile_source(SOURCE))
    assert diagnostic.message.startswith("internal error: LLVM ")
    assert diagnostic.hint is not None
    assert "report" in diagnostic.hint


def test_a_cancel_when_the_front_end_has_ended_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    with Worker() as worker:
        build = worker.build

        def overtaken(job: bytes, time_limit: float, epoch: int) -> object:
            end = build(job, time_limit, epoch)
            worker.cancel()
            return end

        monkeypatch.setattr(worker, "build", overtaken)
        with pytest.raises(CompileCancelledError):
            compile_source(Source("a.rs", "pub fn f(a: u64) -> u64 { a }"), worker=worker)


def test_a_rust_program_over_the_stack_limit_is_marked_at_its_variable() -> None:
    # clang-19 refuses `char buffer[600]` given to a helper in the same way: the limit is 512 bytes.
    code = (
        "#![feature(btf_relocations)]\n"
        'extern "C" {\n'
        "    fn bpf_get_current_comm(buf: *mut u8, size: u32) -> i64;\n"
        "}\n"
        '#[no_mangle]\n#[link_section = "raw_tp/x"]\n'
        'pub extern "C" fn big(ctx: *const u8) -> i32 {\n'
        "    let mut buffer = [0u8; 600];\n"
        "    unsafe { bpf_get_current_comm(&mut buffer as *mut [u8; 600] as *mut u8, 600) as i32 }\n"
        "}\n"
    )
    source = Source("big.rs", code)
    errors = [diagnostic for diagnostic in compile_source(source).diagnostics if diagnostic.is_error]
    assert len(errors) == 1
    assert "512 bytes of stack" in errors[0].message
    assert source.location(errors[0].span.start).line == 8


def test_what_is_not_supported_names_the_front_end_that_may_take_it() -> None:
    source = Source("a b.rs", "pub trait T { fn t(&self); }\npub fn f() -> u8 { 256u8 }\n")
    found = compile_source(source, CompileOptions(frontend="builtin"))
    assert [one.notes for one in found.diagnostics if one.is_error] == [
        ("this needs `--frontend rustc`: `btfview compile 'a b.rs' --frontend rustc`",),
        (),  # of the literal that is out of range: rustc refuses it, too
    ]


def test_what_both_front_ends_refuse_names_where_to_ask(
    front_end: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    front_end(None, Diagnostic("error", "traits are not supported", Span(0, 1)), program=None)
    refused = compile_source(SOURCE, CompileOptions(frontend="builtin"))
    monkeypatch.setattr("btfview.compiler.rustc.toolchain.is_there", lambda: True)
    monkeypatch.setattr("btfview.compiler.compile._compile_with_rustc", lambda *asked: refused)
    (told,) = compile_source(SOURCE).diagnostics
    assert told.notes == (
        f"rustc refuses this source, too: `btfview compile {SOURCE.path} --frontend rustc` tells why",
    )
