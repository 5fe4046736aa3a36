"""C as a source: clang's object, and clang's words at the places where clang puts them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from btfview.compiler.c import clang
from btfview.compiler.c.clang import CLANG_VARIABLE, find_clang
from btfview.compiler.c.messages import read_clang_messages
from btfview.compiler.compile import compile_source
from btfview.compiler.options import CompileOptions
from btfview.compiler.result import CompileResult
from btfview.errors import CompilerError
from btfview.source import Source
from tests.compiler.llvm.test_cold_processes import open_fds, own_children

pytestmark = pytest.mark.debian_tool("clang-19", "llvm-objdump-19", "llvm-readelf-19")

TASK = """\
struct se { long load, vruntime; } __attribute__((preserve_access_index));
struct task { struct se se; int pid; } __attribute__((preserve_access_index));
__attribute__((section("raw_tp/x")))
long handle(struct task *task)
{
        if (!__builtin_preserve_field_info(task->se.vruntime, 2))
                return 0;
        return task->se.vruntime;
}
"""


@pytest.fixture(autouse=True)
def _clang_19(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CLANG_VARIABLE, "clang-19")
    monkeypatch.chdir(tmp_path)


def compile_c(code: str, path: str = "t.c", *emit: str, **options: Any) -> CompileResult:
    return compile_source(Source(path, code), CompileOptions(**options), emit=frozenset({"obj", *emit}))


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_object_is_the_one_clang_makes_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "t.c").write_text(TASK)
    run("clang-19", "-target", "bpfel", "-mcpu=v3", "-g", "-O2", "-c", "t.c", "-o", "ref.o")
    data = compile_c(TASK).object
    assert data is not None
    (tmp_path / "ours.o").write_bytes(data)
    # Ours has its source embedded, so DWARF and the string tables differ; code, BTF and records may not.
    for section in ("raw_tp/x", ".BTF", ".BTF.ext"):
        dumps = []
        for name in ("ref", "ours"):
            out = tmp_path / f"{name}.section"
            run("llvm-objcopy-19", f"--dump-section={section}={out}", f"{name}.o", os.devnull)
            dumps.append(out.read_bytes())
        assert dumps[0] == dumps[1], section
        assert dumps[0]


def test_the_text_that_is_compiled_is_the_callers_not_the_files(tmp_path: Path) -> None:
    (tmp_path / "t.c").write_text("#error this is what is on disk\n")
    data = compile_c(TASK, os.fspath(tmp_path / "t.c")).object
    assert data is not None
    (tmp_path / "t.o").write_bytes(data)
    (tmp_path / "t.c").unlink()
    # LLVM copies the source lines into .BTF.ext; llvm-objdump shows them from there.
    shown = run("llvm-objdump-19", "-S", "-d", "--no-show-raw-insn", tmp_path / "t.o")
    run("llvm-objcopy-19", f"--dump-section=.BTF={tmp_path / 'btf'}", tmp_path / "t.o", os.devnull)
    strings = (tmp_path / "btf").read_bytes().split(b"\0")
    assert b"        return task->se.vruntime;" in strings
    assert os.fsencode(tmp_path / "t.c") in strings
    assert "CO-RE" not in shown  # without -r
    assert b"/dev/stdin" not in data


@pytest.mark.parametrize(
    ("endian", "data"), [("little", "little endian"), ("big", "big endian")], ids=["bpfel", "bpfeb"]
)
def test_byte_order_and_cpu_are_passed_on(endian: str, data: str, tmp_path: Path) -> None:
    result = compile_c("int f(int a, int b) { return a / b; }", endian=endian, cpu="v4")
    assert result.object is not None
    (tmp_path / "t.o").write_bytes(result.object)
    assert data in run("llvm-readelf-19", "-h", tmp_path / "t.o")


def test_ir_before_and_after_the_passes_and_asm_come_when_asked_for() -> None:
    result = compile_c(TASK, "dir/t.c", "ir", "ir-optimized", "asm")
    assert result.object == compile_c(TASK, "dir/t.c").object
    assert "call i32 @llvm.bpf.preserve.field.info" in str(result.ir)
    assert "@llvm.bpf.preserve.field.info" not in str(result.ir_optimized)
    # LANGUAGE.md section 3: the global that LLVM's early pass makes of a query.
    assert '@"llvm.task:2:1$0:0:1" = external global' in str(result.ir_optimized)
    assert ".BTF.ext" in str(result.asm)
    assert 'source_filename = "dir/t.c"' in str(result.ir)
    assert compile_c(TASK).ir is None


BAD = """\
#warning look out
int é = 1; int f(int a) { return b + "é" + c; }
struct s;
int g(struct s *p) { return p->q; }
int h(void) { return 1 }
#include "missing.h"
"""


def test_diagnostics_are_clangs_at_clangs_places(tmp_path: Path) -> None:
    (tmp_path / "t.c").write_text(BAD)
    command = "clang-19 -target bpfel -c -fno-caret-diagnostics -o /dev/null t.c"
    printed = subprocess.run(command.split(), capture_output=True, text=True).stderr
    theirs = [
        (int(line), int(column), severity.removeprefix("fatal "), text.partition(" [-W")[0])
        for line, column, severity, text in re.findall(
            r"^t\.c:(\d+):(\d+): ((?:fatal )?error|warning): (.*)$", printed, re.MULTILINE
        )
    ]
    assert len(theirs) == 6
    source = Source("t.c", BAD)
    ours = []
    for diagnostic in read_clang_messages(printed.replace("t.c:", "/dev/stdin:"), source, "/dev/stdin"):
        where = source.location(diagnostic.span.start)
        bytes_before = len(source.line(where.line)[: where.column - 1].encode())
        ours.append((where.line, bytes_before + 1, diagnostic.severity, diagnostic.message))
    assert ours == theirs
    result = compile_c(BAD)
    assert [d.message for d in result.diagnostics] == [text for *_, text in theirs]
    assert result.object is None


def test_columns_are_characters_and_spans_are_clangs_ranges() -> None:
    source = Source("t.c", BAD)
    texts = [source.text[d.span.start : d.span.end] for d in compile_c(BAD).diagnostics]
    assert texts[:3] == ["warning", "b", "c"]
    assert texts[-1] == '"missing.h"'


def test_a_warning_has_its_flag_as_code_and_does_not_stop_the_compile() -> None:
    result = compile_c("#warning look out\nint f(void) { return 0; }\n")
    assert result.object is not None
    [warning] = result.diagnostics
    assert (warning.severity, warning.message, warning.code) == ("warning", "look out", "-W#warnings")


def test_a_note_in_the_source_is_a_label_of_its_error() -> None:
    code = "struct s;\nint g(struct s *p) { return p->q; }\n"
    [error] = compile_c(code).diagnostics
    [label] = error.labels
    assert label.text == "forward declaration of 'struct s'"
    assert code[label.span.start : label.span.end] == "s"


def test_errors_in_a_header_stand_at_its_include(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "inner.h").write_text("int q = zz;\nint bad[-1];\n")
    (tmp_path / "sub" / "outer.h").write_text('\n#include "inner.h"\n')
    source = Source("sub/t.c", 'int x;\n#include "outer.h"\nint y = ww;\n')
    result = compile_source(source)
    places = [(source.location(d.span.start).line, d.message) for d in result.diagnostics]
    assert places == [
        (2, "sub/inner.h:1:9: use of undeclared identifier 'zz'"),
        (2, "sub/inner.h:2:9: 'bad' declared as an array with a negative size"),
        (3, "use of undeclared identifier 'ww'"),
    ]


def test_back_end_errors_are_explained_at_their_place() -> None:
    code = (
        "int g(int,int,int,int,int,int); struct s { long a, b, c; };\n"
        "int f(int a) {\n"
        "  return g(a, a, a, a, a, a); }\n"
        "struct s q(void) { struct s r = {1, 2, 3}; return r; }\n"
        "int d(int a, int b) { return a / b; }\n"
    )
    source = Source("t.c", code)
    found = [(source.location(d.span.start), d.message) for d in compile_source(source).diagnostics]
    assert [(where.line, where.column) for where, _ in found] == [(3, 10), (4, 10), (5, 32)]
    for (_, text), words in zip(
        found, ("five arguments", "more than 64 bits", "signed division"), strict=True
    ):
        assert words in text


def test_no_clang_is_a_diagnostic_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(CLANG_VARIABLE)
    monkeypatch.setattr(clang, "_has_zig", lambda: False)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    [diagnostic] = compile_c(TASK).diagnostics
    assert diagnostic.hint is not None
    assert "apt install clang" in diagnostic.hint
    assert "pip install ziglang" in diagnostic.hint


def make_program(path: Path, script: str = "exit 0") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_clang_is_preferred_and_else_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CLANG_VARIABLE)
    for name in ("a/clang-9", "b/clang-19", "a/clang-18", "b/clang-format", "b/clang-cpp-20"):
        make_program(tmp_path / name)
    make_program(tmp_path / "a" / "clang-30").chmod(0o644)
    monkeypatch.setenv("PATH", f"{tmp_path}/a:{tmp_path}/nowhere:{tmp_path}/b")
    found = find_clang()
    assert found is not None
    assert (found.name, found.command) == ("clang-19", (f"{tmp_path}/b/clang-19",))
    make_program(tmp_path / "b" / "clang")
    found = find_clang()
    assert found is not None
    assert found.command == (f"{tmp_path}/b/clang",)


def test_no_program_of_the_current_directory_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_program(tmp_path / "clang")
    monkeypatch.delenv(CLANG_VARIABLE)
    monkeypatch.setattr(clang, "_has_zig", lambda: False)
    monkeypatch.setenv("PATH", ":.:")
    assert find_clang() is None
    monkeypatch.setenv(CLANG_VARIABLE, "clang")
    with pytest.raises(CompilerError, match="no such program on PATH"):
        find_clang()


def test_the_package_ziglang_serves_where_there_is_no_clang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "ziglang" / "__init__.py"
    package.parent.mkdir(parents=True)
    package.write_text("")
    monkeypatch.delenv(CLANG_VARIABLE)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    monkeypatch.syspath_prepend(tmp_path / "site")
    found = find_clang()
    assert found is not None
    assert found.command == (sys.executable, "-m", "ziglang", "cc")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        pytest.param("echo 'it is broken' >&2; exit 3", "failed with exit code 3", id="exit"),
        pytest.param("kill -SEGV $$", "was killed by signal 11", id="signal"),
        pytest.param("sleep 1000", "did not finish within 0.5 s and was stopped", id="hang"),
        pytest.param(
            "echo 'error: unable to create target: No available targets are compatible with it' >&2; exit 1",
            "unable to create target",
            id="no-bpf-target",
        ),
    ],
)
def test_a_clang_that_does_not_work_is_a_diagnostic(
    script: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = make_program(tmp_path / "bin" / "clang", script)
    monkeypatch.setenv(CLANG_VARIABLE, os.fspath(program))
    before = open_fds(), own_children()
    result = compile_source(Source("t.c", TASK), time_limit=0.5)
    [diagnostic] = result.diagnostics
    assert message in diagnostic.message
    assert result.object is None
    assert (open_fds(), own_children()) == before


def test_a_clang_that_is_not_there_is_a_diagnostic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CLANG_VARIABLE, "/nonexistent/clang")
    [diagnostic] = compile_c(TASK).diagnostics
    assert diagnostic.message == "/nonexistent/clang could not be started: no such file or directory"


def test_variables_that_change_what_clang_does_are_not_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCC_OVERRIDE_OPTIONS", "+-DHURT")
    assert compile_c("#ifdef HURT\n#error hurt\n#endif\nint f(void) { return 0; }\n").object is not None


def test_no_temporary_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", os.fspath(folder))
    # `#pragma clang __debug crash` makes clang's front end crash for real.
    for code in (TASK, BAD, "#pragma clang __debug crash\n"):
        compile_c(code, "t.c", "ir", "asm")
    [diagnostic] = compile_c("#pragma clang __debug crash\n").diagnostics
    assert diagnostic.message.startswith("clang")
    assert os.listdir(folder) == []


def test_an_endless_include_ends() -> None:
    result = compile_source(Source("t.c", '#include "/dev/zero"\n'), time_limit=5)
    assert result.object is not None or result.has_errors
