"""C as projects build it: the sources of ``project/`` compile as they are, and what is missing is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.kernels.kernel_header import header_folder, target_arch
from btfview.analysis.result import Analysis
from btfview.btf.types import Struct
from btfview.compiler.c.clang import CLANG_VARIABLE
from btfview.compiler.options import CompileOptions
from btfview.diagnostics import Diagnostic
from btfview.targets.find import open_target
from btfview.targets.kernels import Machine
from btfview.targets.target import Target

pytestmark = pytest.mark.debian_tool("clang-19")

PROJECT = Path(__file__).parent / "project"
ARM = "6.12.117+deb12-arm64"
X86 = "6.12.117+deb12-amd64"

RECORDS = {
    "exec_trace": "task_struct.tgid task_struct.tgid task_struct.real_parent",
    "open_guard": "file.f_inode inode.i_ino",
    "port_filter": "xdp_md.data xdp_md.data_end ethhdr.h_proto iphdr.protocol",
    "read_sizes": "file.f_inode inode.i_ino",
    "run_delay": "task_struct.pid task_struct.pid task_struct.tgid task_struct.pid task_struct.tgid",
    "syscall_count": "pt_regs.di",
    "task_flavors": "task_struct.__state task_struct.__state task_struct___before_5_14.state sched_entity "
    "sched_entity pid_type::PIDTYPE_PGID pid_type::PIDTYPE_PGID task_struct",
    "task_list": "bpf_iter__task.meta bpf_iter__task.task task_struct.tgid bpf_iter_meta.seq "
    "task_struct.tgid task_struct.real_parent task_struct.comm",
    "tcp_dest": "sock.__sk_common.skc_family sock.__sk_common.skc_dport",
    "unlink_probe": "pt_regs.si filename.name pt_regs.ax",
}
"""What each source asks for, by reading it; in no order, for the compiler chooses that."""


@pytest.fixture(autouse=True)
def _clang_19(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CLANG_VARIABLE, "clang-19")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def header_cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One cache for all workers: the header of a whole kernel takes a second."""
    folder = tmp_path_factory.getbasetemp()
    return str((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "headers")


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_a_source_compiles_as_it_is(
    name: str, header_cache: str, running_kernel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", header_cache)
    path = PROJECT / "src" / f"{name}.bpf.c"
    analysis = analyse(str(path), (), kernels=lambda: [open_target(str(running_kernel))])
    assert analysis.diagnostics == ()
    assert sorted(relo.path for relo in analysis.relos) == sorted(RECORDS[name].split())


def test_every_source_of_the_project_is_tried() -> None:
    assert sorted(RECORDS) == sorted(path.name.partition(".")[0] for path in (PROJECT / "src").iterdir())


def compile_text(folder: Path, text: str, *flags: str, target: Target | None = None) -> Analysis:
    path = folder / "a.bpf.c"
    path.write_text(text)
    return analyse(str(path), (), CompileOptions(flags=flags), kernels=lambda: [target] if target else [])


def the_error(analysis: Analysis) -> Diagnostic:
    assert analysis.object is None
    return next(one for one in analysis.diagnostics if one.is_error)


def raw_file(target: Target, folder: Path) -> str:
    """Return a file of its own with the BTF of a bundled kernel."""
    path = folder / "raw.btf"
    path.write_bytes(target.btf.data)
    return str(path)


@pytest.mark.parametrize(("name", "arch"), [(ARM, "arm64"), (X86, "x86")])
def test_the_architecture_is_the_targets_by_name_or_by_its_registers(
    name: str, arch: str, tmp_path: Path
) -> None:
    target = open_target(name)
    assert target_arch(target) == arch
    unnamed = Target("some kernel", raw_file(target, tmp_path), "file")
    assert target_arch(unnamed) == arch
    text = f"#ifndef __TARGET_ARCH_{arch}\n#error no\n#endif\nint x;\n"
    assert compile_text(tmp_path, text, target=unnamed).diagnostics == ()


def test_the_users_architecture_is_not_overruled(tmp_path: Path) -> None:
    text = "#if defined __TARGET_ARCH_x86 || !defined __TARGET_ARCH_s390\n#error no\n#endif\nint x;\n"
    analysis = compile_text(tmp_path, text, "-D__TARGET_ARCH_s390", target=open_target(X86))
    assert analysis.diagnostics == ()


@pytest.mark.parametrize("include", ["<vmlinux.h>", '"vmlinux.h"', '"types.h"'])
def test_vmlinux_h_is_the_targets_where_there_is_none(include: str, tmp_path: Path) -> None:
    (tmp_path / "types.h").write_text("#include <vmlinux.h>\n")
    kernel = open_target(ARM)
    whole = Target(ARM, raw_file(kernel, tmp_path), "file")
    text = f"#include {include}\nint f(struct task_struct *task) {{ return task->pid; }}\n"
    analysis = compile_text(tmp_path, text, target=whole)
    assert analysis.diagnostics == ()
    assert analysis.compilation is not None
    assert analysis.compilation.header_kernel == ARM
    [relo] = analysis.relos
    [task] = kernel.btf.ids_named("task_struct")
    struct = kernel.btf.type(task)
    assert isinstance(struct, Struct)
    [pid] = [member for member in struct.members if member.name == "pid"]
    assert relo.local_value == pid.bit_offset // 8


def test_the_projects_own_vmlinux_h_comes_first(tmp_path: Path) -> None:
    (tmp_path / "vmlinux.h").write_text("struct own { int x; };\n")
    analysis = compile_text(tmp_path, "#include <vmlinux.h>\nstruct own o;\n", f"-I{tmp_path}")
    assert analysis.diagnostics == ()
    assert analysis.compilation is not None
    assert analysis.compilation.header_kernel == ""
    assert not (tmp_path / "cache").exists()


def test_a_header_is_made_once_and_few_are_kept(tmp_path: Path) -> None:
    kernel = open_target(ARM)
    folder = Path(header_folder(kernel))
    stamp = (folder / "vmlinux.h").stat().st_mtime_ns
    for number in range(12):
        (folder.parent / f"old{number}").mkdir()
    assert Path(header_folder(kernel)) == folder
    assert (folder / "vmlinux.h").stat().st_mtime_ns == stamp
    header_folder(open_target(X86))
    assert len(list(folder.parent.iterdir())) == 8


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    folder = Path(header_folder(open_target(ARM)))
    assert "struct task_struct {" in (folder / "vmlinux.h").read_text()


def test_without_any_kernel_the_error_names_the_command_that_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("btfview.targets.kernels.THIS_MACHINE", Machine(root=str(tmp_path / "nowhere")))
    folder = tmp_path / "a" / "b" / "c" / "d"  # further down than headers of others are looked for
    folder.mkdir(parents=True)
    error = the_error(compile_text(folder, '#include "vmlinux.h"\n'))
    assert error.hint is not None
    assert error.hint.endswith("btfview types running --format c > vmlinux.h")


def test_a_header_that_is_near_is_named_with_its_flag(tmp_path: Path) -> None:
    (tmp_path / "lib" / "include" / "own").mkdir(parents=True)
    (tmp_path / "lib" / "include" / "own" / "a.h").touch()
    error = the_error(compile_text(tmp_path, "#include <own/a.h>\n"))
    assert error.hint == f"it is there: behind the file -- -I{tmp_path}/lib/include"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("#include <bpf/none.h>\n", "libbpf-dev"),
        ("#include <linux/none.h>\n", "linux-libc-dev"),
        ("#include <none.h>\n", "-- -I FOLDER"),
        (
            "#include <linux/types.h>\n#include <bpf/bpf_helpers.h>\n"
            "struct pt_regs;\n#undef __TARGET_ARCH_x86\n"
            "#include <bpf/bpf_tracing.h>\nint BPF_KPROBE(f, int a) { return a; }\n",
            "-D__TARGET_ARCH_x86",
        ),
    ],
)
def test_what_is_missing_is_told_as_a_flag_or_a_package(text: str, hint: str, tmp_path: Path) -> None:
    error = the_error(compile_text(tmp_path, text))
    assert error.hint
    assert hint in error.hint


def test_an_error_says_whose_flags_it_was_compiled_with(tmp_path: Path) -> None:
    database = tmp_path / "compile_commands.json"
    database.write_text('[{"file": "a.bpf.c", "arguments": ["cc", "-DX=oops"]}]')
    assert the_error(compile_text(tmp_path, "int x = X;\n")).notes[-1] == (
        f"with the flags that {database} has for it"
    )
    database.write_text("[]")
    assert the_error(compile_text(tmp_path, "int x = X;\n")).notes[-1] == (
        f"{database} has no entry for {tmp_path}/a.bpf.c"
    )


def test_the_users_flags_overrule_the_projects(tmp_path: Path) -> None:
    (tmp_path / "compile_commands.json").write_text('[{"file": "a.bpf.c", "arguments": ["cc", "-DX=1"]}]')
    text = '_Static_assert(X == 2, "");\nint x;\n'
    assert compile_text(tmp_path, text, "-UX", "-DX=2").diagnostics == ()


def test_included_files_are_known_also_where_the_compile_fails(tmp_path: Path) -> None:
    (tmp_path / "a.h").write_text('#include "b.h"\n')
    (tmp_path / "b.h").write_text("#error wait\n")
    analysis = compile_text(tmp_path, '#include "a.h"\nint x;\n')
    assert analysis.compilation
    assert [Path(name).name for name in analysis.compilation.headers] == ["a.h", "b.h"]
    assert the_error(analysis).message.endswith("wait")


def test_an_object_does_not_carry_the_text_of_its_headers(tmp_path: Path) -> None:
    (tmp_path / "big.h").write_text("/*" + "x" * 500_000 + "*/\nstruct s { int x; };\n")
    analysis = compile_text(tmp_path, '#include "big.h"\nint f(struct s *s) { return s->x; }\n')
    assert analysis.compilation
    assert len(analysis.compilation.object or b"") < 10_000
