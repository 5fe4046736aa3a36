"""``btfview bindings`` on the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from btfview.cli.main import main
from btfview.targets.find import open_target

OLD, NEW = "5.10.0-46-amd64", "6.12.117+deb12-amd64"


def test_the_file_that_is_written_compiles_and_has_no_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "task.rs"
    arguments = ["bindings", "task_struct.state", "task_struct.comm", "-t", OLD, "-t", NEW, "-o", str(out)]
    assert main(arguments) == 0
    assert capsys.readouterr() == ("", "")
    assert "task_struct___v5_10, state" in out.read_text()
    # relos returns 1 where a record fails on a target.
    assert main(["relos", str(out), "-t", OLD, "-t", NEW]) == 0
    assert main(arguments) == 0, "a file of its own is written again"


@pytest.mark.debian_tool("clang-19")
def test_c_is_a_header_that_a_program_can_include(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "task.h"
    arguments = ["bindings", "task_struct.state", "--lang", "c", "-t", OLD, "-t", NEW, "-o", str(out)]
    assert main(arguments) == 0
    assert capsys.readouterr() == ("", "")
    program = tmp_path / "use.c"
    program.write_text(
        '#include "task.h"\nSEC("raw_tp/sys_enter") int use(void *ctx)\n'
        "{ return read_task_struct_state((void *)bpf_get_current_task()); }\n"
        'char LICENSE[] SEC("license") = "GPL";\n'
    )
    # relos returns 1 where a record fails on a target.
    assert main(["relos", str(program), "-t", OLD, "-t", NEW]) == 0
    printed = capsys.readouterr()
    assert "task_struct___v5_10.state" in printed.out
    # The running kernel's where there is one: that of a bundled one lacks most types.
    assert re.fullmatch(r"btfview: note: vmlinux\.h is that of \S+: none was found\n", printed.err)
    assert main(arguments) == 0, "a file of its own is written again"


def test_a_file_that_somebody_wrote_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.rs"
    mine.write_text("// mine\n")
    assert main(["bindings", "task_struct.pid", "-t", NEW, "-o", str(mine)]) == 2
    assert "was not made by btfview bindings" in capsys.readouterr().err
    assert mine.read_text() == "// mine\n"


def test_a_folder_as_output_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bindings", "task_struct.pid", "-t", NEW, "-o", str(tmp_path)]) == 3
    assert "is a directory" in capsys.readouterr().err


def test_kernels_without_the_field_are_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bindings", "sched_entity.vlag", "-t", OLD, "-t", NEW, "--dialect", "option"]) == 0
    out, err = capsys.readouterr()
    assert "#[btf_relocatable]" in out
    assert "field_byte_offset!(sched_entity, vlag)?;" in out
    assert err.startswith(f"btfview: note: sched_entity.vlag: not on {OLD}: ")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["task_struct.nope", "-t", NEW], 2, "has no field 'nope'"),
        (["nope.pid", "-t", NEW], 2, 'no struct or union "nope"'),
        (["task_struct.pid", "-t", "nope"], 3, 'no target "nope"'),
        (["task_struct.\x1b[2J", "-t", NEW], 2, "is no path to a field"),
        (["task_struct.a\x1bb", "-t", NEW], 2, "has no field 'a\\x1bb'"),
        ([], 2, "required: TYPE.path"),
        (["task_struct.pid", "--lang", "c", "--dialect", "option"], 2, "--dialect is of Rust"),
    ],
)
def test_bad_arguments_have_an_exit_code_and_a_reason(
    words: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bindings", *words]) == code
    assert says in capsys.readouterr().err


def test_a_broken_kernel_of_a_folder_is_told_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "6.1.btf").write_bytes(open_target("6.1.0-56-amd64").btf.data)
    (tmp_path / "6.2.btf").write_bytes(b"\x9f\xeb\x01\x00" + bytes(40))
    assert main(["bindings", "task_struct.pid", "-t", str(tmp_path)]) == 3
    said = capsys.readouterr()
    assert "for 6.1." in said.out
    assert said.err.startswith(f"btfview: error: {tmp_path / '6.2.btf'}: ")
    assert main(["bindings", "task_struct.pid", "-t", str(tmp_path / "6.2.btf")]) == 3
    assert capsys.readouterr().out == ""
