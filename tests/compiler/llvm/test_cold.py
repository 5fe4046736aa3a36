"""LLVM in a process of its own, cold: what comes out, and what is said when nothing does."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.llvm import cold
from btfview.compiler.options import CompileOptions
from btfview.compiler.result import CompileResult
from btfview.diagnostics import Diagnostic
from btfview.source import Location, Source
from tests.compiler.llvm.samples import query_ir, slow_ir
from tests.compiler.llvm.test_cold_processes import open_fds, own_children


def compile_ir(text: str, **options: Any) -> CompileResult:
    return compile_source(Source("a.ll", text), CompileOptions(**options))


def only_error(result: CompileResult) -> tuple[Diagnostic, Location]:
    """The one diagnostic of a failed compile, and where it stands."""
    assert result.object is None
    [diagnostic] = result.diagnostics
    assert diagnostic.is_error
    return diagnostic, result.source.location(diagnostic.span.start)


def clang_ir(code: str, folder: Path) -> str:
    """C as clang-19 lowers it, before any pass: IR that we did not write."""
    file = folder / "t.c"
    file.write_text(code)
    command = "clang-19 -target bpfel -g -O2 -mcpu=v3 -S -emit-llvm -Xclang -disable-llvm-passes -o - t.c"
    return subprocess.run(command.split(), cwd=folder, check=True, capture_output=True, text=True).stdout


def run_tool(data: bytes, folder: Path, *command: str) -> str:
    file = folder / "out.o"
    file.write_bytes(data)
    return subprocess.run([*command, file], check=True, capture_output=True, text=True).stdout


@pytest.mark.debian_tool("llvm-readelf-19")
@pytest.mark.parametrize(
    ("endian", "triple", "data"),
    [("little", "bpfel", "2's complement, little endian"), ("big", "bpfeb", "2's complement, big endian")],
)
def test_the_object_has_the_byte_order_asked_for(endian: str, triple: str, data: str, tmp_path: Path) -> None:
    result = compile_ir(query_ir(triple), endian=endian)
    assert result.object is not None
    assert result.diagnostics == ()
    shown = run_tool(result.object, tmp_path, "llvm-readelf-19", "-h", "-S")
    assert data in shown
    assert "EM_BPF" in shown
    assert {".BTF", ".BTF.ext", "raw_tp/x"} <= set(shown.split())


@pytest.mark.debian_tool("llvm-objdump-19")
@pytest.mark.parametrize(
    ("kind", "value"), [(0, 8), (1, 8), (2, 1)], ids=["byte-offset", "byte-size", "exists"]
)
def test_a_query_is_the_local_value_and_a_record(kind: int, value: int, tmp_path: Path) -> None:
    result = compile_ir(query_ir(kind=kind))
    assert result.object is not None
    shown = run_tool(result.object, tmp_path, "llvm-objdump-19", "-dr", "--no-show-raw-insn")
    assert f"r0 = {value:#x}" in shown
    assert f"CO-RE <{('byte_off', 'byte_sz', 'field_exists')[kind]}>" in shown
    assert "struct pair::second (0:1)" in shown


@pytest.mark.debian_tool("clang-19", "llvm-objdump-19")
def test_the_ir_of_clang_gives_the_records_of_clang(tmp_path: Path) -> None:
    code = (
        "struct se { long load, vruntime; } __attribute__((preserve_access_index));\n"
        "struct task { struct se se; int pid; } __attribute__((preserve_access_index));\n"
        '__attribute__((section("raw_tp/x"))) long f(struct task *t) { return t->se.vruntime + t->pid; }\n'
    )
    result = compile_ir(clang_ir(code, tmp_path))
    command = "clang-19 -target bpfel -g -O2 -mcpu=v3 -c t.c -o ref.o"
    subprocess.run(command.split(), cwd=tmp_path, check=True)
    assert result.object is not None

    def records(data: bytes) -> list[str]:
        shown = run_tool(data, tmp_path, "llvm-objdump-19", "-dr", "--no-show-raw-insn")
        return sorted(line.split(maxsplit=1)[1] for line in shown.splitlines() if "CO-RE" in line)

    ours = records(result.object)
    assert len(ours) == 2
    assert ours == records((tmp_path / "ref.o").read_bytes())


@pytest.mark.debian_tool("llvm-objdump-19")
@pytest.mark.parametrize(("cpu", "is_alu32"), [("v1", False), ("v2", False), ("v3", True), ("v4", True)])
def test_cpu_v3_and_later_have_32_bit_registers(cpu: str, is_alu32: bool, tmp_path: Path) -> None:
    # Documentation/bpf/standardization/instruction-set.rst: ALU32 is in the conformance group of v3.
    result = compile_ir("define i32 @f(i32 %a, i32 %b) {\n %c = mul i32 %a, %b\n ret i32 %c\n}", cpu=cpu)
    assert result.object is not None
    shown = run_tool(result.object, tmp_path, "llvm-objdump-19", "-d", "--no-show-raw-insn")
    assert ("w0 *= w1" in shown) is is_alu32


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        pytest.param("int f(int a,int b){ return a/b; }", "signed division", "--cpu v4", id="sdiv"),
        pytest.param(
            "void h(void*); void f(void){ char b[600]; h(b); }", "512 bytes of stack", "map", id="stack"
        ),
        pytest.param(
            "int g(int,int,int,int,int,int); int f(int a){ return g(a,a,a,a,a,a); }",
            "more than five arguments",
            "pointer to a struct",
            id="call-args",
        ),
        pytest.param(
            "int f(int a,int b,int c,int d,int e,int g){ return a+g; }",
            "more than five arguments",
            "pointer to a struct",
            id="stack-args",
        ),
        pytest.param(
            "struct s {long a,b,c;}; struct s f(long x){ struct s r={x,x,x}; return r; }",
            "more than 64 bits",
            "pointer argument",
            id="aggregate",
        ),
        pytest.param("double f(double a,double b){ return a*b; }", "floating point", "integers", id="float"),
        pytest.param("void f(char*a,char*b){ __builtin_memcpy(a,b,4096); }", "too long", "less", id="memcpy"),
        pytest.param(
            "int f(int*a){ return __atomic_load_n(a,5); }", "sequentially consistent", "v4", id="atomic"
        ),
        pytest.param("void h(void*); void f(int n){ char b[n]; h(b); }", "not known", "fixed size", id="vla"),
    ],
)
def test_what_bpf_cannot_do_is_said_at_the_function_with_a_way_out(
    code: str, message: str, hint: str, tmp_path: Path
) -> None:
    result = compile_ir(clang_ir(code, tmp_path))
    diagnostic, where = only_error(result)
    assert message in diagnostic.message
    assert diagnostic.hint is not None
    assert hint in diagnostic.hint
    define = next(n for n, line in enumerate(result.source.text.splitlines(), 1) if " @f(" in line)
    assert where.line == define


@pytest.mark.debian_tool("clang-19")
def test_signed_division_compiles_for_cpu_v4(tmp_path: Path) -> None:
    text = clang_ir("int f(int a,int b){ return a/b; }", tmp_path)
    assert compile_ir(text, cpu="v4").object is not None


@pytest.mark.debian_tool("clang-19")
def test_a_fatal_error_of_llvm_is_a_diagnostic(tmp_path: Path) -> None:
    # LLVM aborts on it ("unable to allocate function return"), with clang as well.
    diagnostic, _ = only_error(compile_ir(clang_ir("__int128 f(__int128 a){ return a*a; }", tmp_path)))
    assert "more than 64 bits" in diagnostic.message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "!dbg !12, !llvm.preserve.access.index !4", "!dbg !12", "access.index", id="no-metadata"
        ),
        pytest.param("i64 0), !dbg", "i64 77), !dbg", "no kind of field query", id="wrong-kind"),
        pytest.param("i32 1, i32 1)", "i32 1, i32 99)", "LLVM stopped", id="index-out-of-range"),
    ],
)
def test_ir_that_makes_the_core_pass_abort_is_a_diagnostic(old: str, new: str, message: str) -> None:
    assert query_ir().count(old) == 1
    diagnostic, _ = only_error(compile_ir(query_ir().replace(old, new)))
    assert message in diagnostic.message


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        pytest.param("define i32 @f( {\n ret\n", (2, 2), "expected type", id="syntax"),
        pytest.param(
            "define i32 @f() {\n ret i64 0\n}", (2, 6), "value doesn't match function result type", id="type"
        ),
        pytest.param('@"é" = global i32 0 @"éé" = x', (1, 29), "expected", id="columns-are-characters"),
        pytest.param(
            "define i32 @f(i1 %c) {\ne:\n br i1 %c, label %a, label %b\na:\n %x = add i32 1, 2\n"
            " br label %b\nb:\n %y = add i32 %x, 2\n ret i32 %y\n}",
            (8, 2),
            "does not dominate",
            id="verifier",
        ),
        pytest.param("define void @f() {\n ret void\n}\n\0", (4, 1), "NUL", id="nul"),
        pytest.param("\udc80", (1, 1), "expected top-level entity", id="lone-surrogate"),
        pytest.param("(" * 100_000, (1, 1), "expected top-level entity", id="deep"),
    ],
)
def test_ir_that_llvm_refuses_is_marked_where_it_is_wrong(
    text: str, place: tuple[int, int], message: str
) -> None:
    diagnostic, where = only_error(compile_ir(text))
    assert message in diagnostic.message
    assert (where.line, where.column) == place


@pytest.mark.parametrize(
    ("head", "endian", "message", "hint"),
    [
        ('target triple = "bpfeb"', "little", "the IR is for bpfeb, the compile for bpfel", "--endian big"),
        ('target triple = "bpfel-x"', "big", "the IR is for bpfel, the compile for bpfeb", "--endian little"),
        (
            'target triple = "x86_64-pc-linux-gnu"',
            "little",
            "the IR is for x86_64, not for BPF",
            "-target bpf",
        ),
        (f'target datalayout = "{"E-m:e"}"', "little", "the IR's data layout is big-endian", "--endian big"),
    ],
)
def test_ir_for_another_target_is_refused(head: str, endian: str, message: str, hint: str) -> None:
    text = f"; comment\n{head}\ndefine void @f() {{\n ret void\n}}"
    diagnostic, where = only_error(compile_ir(text, endian=endian))
    assert diagnostic.message.startswith(message)
    assert diagnostic.hint is not None
    assert hint in diagnostic.hint
    assert where.line == 2


def test_ir_without_debug_info_compiles_with_a_warning_that_there_is_no_btf() -> None:
    result = compile_ir("define i64 @f() {\n ret i64 0\n}")
    assert result.object is not None
    [warning] = result.diagnostics
    assert warning.severity == "warning"
    assert "no .BTF" in warning.message
    assert warning.hint is not None
    assert "!llvm.dbg.cu" in warning.hint


def test_a_compile_over_its_time_limit_is_stopped() -> None:
    result = compile_source(Source("a.ll", slow_ir()), time_limit=0.3)
    diagnostic, _ = only_error(result)
    assert diagnostic.message == "LLVM did not finish within 0.3 s and was stopped"


def test_debug_info_that_names_an_endless_file_ends_in_a_diagnostic() -> None:
    # BTFDebug reads the file of a DIFile for the text of its lines.
    text = query_ir().replace('filename: "pair.rs", directory: "/src"', 'filename: "zero", directory: "/dev"')
    result = compile_source(Source("a.ll", text), time_limit=5)
    assert result.object is not None or result.has_errors


@pytest.mark.parametrize("triple", ["bpfel", "bpf"])
def test_asm_and_optimized_ir_come_with_the_object_and_do_not_change_it(triple: str) -> None:
    text = query_ir().replace('triple = "bpfel"', f'triple = "{triple}"')
    alone = compile_ir(text)
    result = compile_source(Source("a.ll", text), emit=frozenset({"obj", "asm", "ir", "ir-optimized"}))
    assert result.object == alone.object
    assert result.ir == text
    assert (alone.asm, alone.ir_optimized) == (None, None)
    # LANGUAGE.md section 3: what LLVM's early pass leaves of a query.
    assert '@"llvm.pair:0:8$0:1" = external global i32' in str(result.ir_optimized)
    assert ".BTF.ext" in str(result.asm)
    assert "r0 = 8" in str(result.asm)


def test_a_cold_compile_leaves_no_process_and_no_pipe() -> None:
    before = open_fds(), own_children()
    for text in (query_ir(), "nonsense", query_ir(kind=77)):
        compile_ir(text)
    assert (open_fds(), own_children()) == before


def test_a_cold_process_that_is_not_needed_is_ended() -> None:
    before = open_fds(), own_children()
    with cold.ColdLlvm():
        assert own_children() != before[1]
    assert (open_fds(), own_children()) == before


@pytest.mark.parametrize(
    ("executable", "message"),
    [("/nonexistent/python", "no such file or directory"), ("", "does not know its own executable")],
)
def test_a_process_that_cannot_be_started_is_a_diagnostic(
    executable: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", executable)
    diagnostic, _ = only_error(compile_ir(query_ir()))
    assert message in diagnostic.message


def test_a_process_without_llvmlite_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.meta_path", [])
    diagnostic, _ = only_error(compile_ir(query_ir()))
    assert "llvmlite is not installed" in diagnostic.message


def test_the_process_runs_nothing_from_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("llvmlite.py", "resource.py", "sitecustomize.py", "btfview.py"):
        (tmp_path / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.fspath(tmp_path))
    assert compile_ir(query_ir()).object is not None
    assert not (tmp_path / "ran").exists()
