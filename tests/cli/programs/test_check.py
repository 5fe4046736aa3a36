"""btfview check: what it finds is what libbpf and the kernel's verifier refuse, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from btfview.btf.kinds import CoreReloKind
from btfview.cli.main import main
from tests.btf.build import INT, build_btf_bytes, struct
from tests.libbpf import poisoned_calls, program_names, run_libbpf
from tests.objects import Record, build_object
from tests.paths import DEMO, ROOT

DEMOS = ["process_tree.rs", "task_state.rs", "memory_counters.rs"]
OBJECTS = [
    "k01_task.v3",
    "k02_rename.v3",
    "k04_bitfields.v3",
    "k06_enumval.v3",
    "k13_subprog.v3",
    "k17_demo.v3",
]
OLD, NEW = "5.10.0-46-amd64", "6.1.0-56-amd64"
PAIR = struct("t", size=8, a=(INT, 0), b=(INT, 32))
UNGUARDED = """\
#![feature(btf_relocations)]
#![no_std]
#[repr(Btf)]
pub struct task_struct {
    state: usize,
}
#[no_mangle]
pub fn state() -> usize {
    core::btf::field_byte_offset!(task_struct, state)
}
"""


def check(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["check", "--json", *arguments])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["exit_code"] == code
    return code, found


def findings(*arguments: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [one for file in check(*arguments, capsys=capsys)[1]["files"] for one in file["findings"]]


@pytest.fixture
def unguarded(tmp_path: Path) -> str:
    path = tmp_path / "prog.rs"
    path.write_text(UNGUARDED)
    return str(path)


def judged_by_kernel(data: bytes) -> dict[str, bool]:
    """Return whether this kernel's verifier meets a poisoned instruction, for each program that it looks at;
    each is loaded alone, since libbpf stops at the first that fails."""
    judged = {}
    for name in program_names(data):
        run = run_libbpf(data, programs=name.__eq__, log_level=1)
        if run.is_loaded or re.search(r"^processed \d+ insns", run.verifier_log, re.MULTILINE):
            judged[name] = bool(poisoned_calls(run.verifier_log))
    return judged


@pytest.mark.kernel
@pytest.mark.parametrize("name", [*DEMOS, *OBJECTS])
def test_programs_with_an_error_are_those_that_the_verifier_refuses_as_poisoned(
    name: str, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared / "corpus" / "obj" / f"{name}.o"
    if name in DEMOS:
        path = tmp_path / "prog.o"
        assert main(["compile", str(DEMO / name), "-o", str(path)]) == 0
    found = findings(str(path), "-t", "running", capsys=capsys)
    missing = {one["relocation"]["program"] for one in found if one["code"] == "missing"}
    judged = judged_by_kernel(path.read_bytes())
    assert judged
    assert {program: program in missing for program in judged} == judged


@pytest.mark.parametrize(
    ("name", "target", "is_fine"),
    [
        # corpus/truth/k11_ambiguous.v3@6.1.0-56-amd64.json and m_kind.k03@s01.t1.json: libbpf's own answers
        pytest.param("k11_ambiguous.v3", NEW, False, id="ambiguous"),
        pytest.param("k01_task.v3", NEW, True, id="resolved"),
    ],
)
def test_objects_that_libbpf_refuses_have_an_error(
    name: str,
    target: str,
    is_fine: bool,
    shared: Path,
    kernel_btf: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    truth = json.loads((shared / "corpus" / "truth" / f"{name}@{target}.json").read_text())
    relos = truth if isinstance(truth, list) else truth["relocations"]
    refused = {one["insn_offset"] for one in relos if one["status"] in ("ambiguous", "error")}
    assert (not refused) == is_fine
    obj = str(shared / "corpus" / "obj" / f"{name}.o")
    found = findings(obj, "-t", str(kernel_btf(target)), capsys=capsys)
    codes = ("ambiguous", "refused")
    assert {one["relocation"]["insn_offset"] for one in found if one["code"] in codes} == refused


def test_a_line_a_finding_with_its_place_and_what_to_write(
    unguarded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """5.14 renamed ``task_struct.state``; the place is that of the query in the source above."""
    assert main(["check", unguarded, "-t", OLD]) == 0
    assert re.search(
        r"^\S+:9:5: warning: .* \[unguarded_btf_offset\]$", capsys.readouterr().out, re.MULTILINE
    )
    assert main(["check", unguarded, "-t", OLD, "-t", NEW]) == 1
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if ": error: " in line]
    assert line.startswith(
        f"{unguarded}:9:5: error: task_struct.state (field_byte_offset) is missing on {NEW}: "
    )
    assert "Ask first: if core::btf::field_exists!(task_struct, state) { ... }" in line
    known = "known since 5.14: sched: Change task_struct::state"
    assert f". task_struct.state is now task_struct.__state ({known}; 4 bytes, not 8; unsigned)" in line
    assert lines[-1] == "1 error, 1 warning: 1 file, 1 record on 2 targets"


@pytest.mark.skipif(shutil.which("vim") is None, reason="needs vim")
def test_an_editor_jumps_to_the_finding(unguarded: str, tmp_path: Path) -> None:
    """vim's default ``errorformat`` reads what gcc writes."""
    listing, out = tmp_path / "errors", tmp_path / "out"
    with listing.open("w") as file:
        command = [sys.executable, "-m", "btfview", "check", unguarded, "-t", NEW]
        subprocess.run(command, stdout=file, check=False, cwd=ROOT)
    dump = f"call writefile(map(getqflist(), 'v:val.lnum . \":\" . v:val.col'), '{out}')"
    subprocess.run(
        ["vim", "-u", "NONE", "-es", "-c", f"cfile {listing}", "-c", dump, "-c", "qa!"], check=False
    )
    assert "9:5" in out.read_text().split()


def test_warnings_fail_where_they_are_denied(unguarded: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(unguarded, capsys=capsys)[0] == 0
    for denied in ("warnings", "unguarded_btf_offset"):
        code, found = check(unguarded, "--deny", denied, capsys=capsys)
        assert code == 1
        assert found["files"][0]["findings"][0]["severity"] == "error"
    assert check(unguarded, "--deny", "dead_code", capsys=capsys)[0] == 0
    assert main(["check", unguarded, "--deny", "unguarded"]) == 2
    assert "no lint is called so; there are warnings (all), unused_btf_query" in capsys.readouterr().err


def test_a_guard_on_what_no_target_has_is_a_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing mistake behind a guard fails nowhere; it is told when several kernels lack the field, and of
    one kernel when no other at hand has it."""
    path = tmp_path / "prog.rs"
    assert findings(str(DEMO / "task_state.rs"), "-t", OLD, capsys=capsys) == []  # asks for __state of 5.14
    path.write_text((DEMO / "sched.rs").read_text().replace("vruntime", "vrun_time"))
    (alone,) = findings(str(path), "-t", OLD, capsys=capsys)
    assert (alone["severity"], alone["code"]) == ("note", "never there")
    assert f"is on neither {OLD} nor any kernel that btfview knows" in alone["message"]
    code, found = check(str(path), "-t", OLD, "-t", NEW, capsys=capsys)
    assert code == 0
    (note,) = found["files"][0]["findings"]
    assert (note["severity"], note["code"]) == ("note", "never there")
    assert "task_struct.se.vrun_time (field_exists) is on none of the 2 targets" in note["message"]
    assert "is perhaps task_struct.se.vruntime (is spelled alike)" in note["hint"]


def test_one_bad_file_or_target_does_not_hide_the_others(
    unguarded: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent, broken, bad = str(tmp_path / "absent.o"), tmp_path / "broken.btf", tmp_path / "bad.rs"
    broken.write_bytes(b"\x9f\xeb\x01\x00" + bytes(40))
    bad.write_text("fn f( {}\n")
    assert main(["check", absent, unguarded, "-t", str(broken), "-t", NEW]) == 3
    said = capsys.readouterr()
    assert f"is missing on {NEW}" in said.out
    assert said.out.endswith("1 error, 1 warning: 1 file, 1 record on 1 target\n")
    assert f"btfview: error: {absent}: no such file or directory\n" in said.err
    assert f"btfview: error: {broken}: " in said.err
    code, found = check(absent, unguarded, "-t", str(broken), capsys=capsys)
    assert code == 3
    assert found["files"][0]["problem"] == f"{absent}: no such file or directory"
    assert found["targets"][0]["problem"].startswith(str(broken))
    assert check(str(bad), unguarded, "-t", NEW, capsys=capsys)[0] == 4


def test_a_malformed_record_is_found_without_a_target(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    obj, btf = tmp_path / "prog.o", tmp_path / "kernel.btf"
    obj.write_bytes(build_object([PAIR], [Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:7", 4)]))
    btf.write_bytes(build_btf_bytes(PAIR))
    for targets in ([], ["-t", str(btf)]):
        assert main(["check", str(obj), *targets]) == 1
        line = capsys.readouterr().out.splitlines()[0]
        assert line.startswith(f"{obj}: error: instruction 0 of socket: t")


def test_what_cannot_run_is_no_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """demo/task_state.rs asks for ``state`` and ``__state``, each behind its own guard; ``vlag`` is newer
    than both kernels (6.6)."""
    code, found = check(str(DEMO / "task_state.rs"), "-t", OLD, "-t", NEW, capsys=capsys)
    assert code == 0
    (note,) = found["files"][0]["findings"]
    assert note["relocation"]["path"] == "task_struct.se.vlag"
    assert found["files"][0]["records"] > 0


def test_names_from_a_file_reach_the_terminal_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, btf = tmp_path / "prog.o", tmp_path / "kernel.btf"
    evil = struct("\x1b[31mt", size=4, **{"a\x07": (INT, 0)})
    path.write_bytes(build_object([evil], [Record(CoreReloKind.FIELD_BYTE_OFFSET, "\x1b[31mt", "0:0", 0)]))
    btf.write_bytes(build_btf_bytes(INT))
    for form in ("text", "github"):
        assert main(["check", str(path), "-t", str(btf), "--format", form]) == 0
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert "\x07" not in out


def test_several_processes_find_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also for the second file, when the targets have been read for what to suggest; a broken one, too."""
    paths = [tmp_path / "one.rs", tmp_path / "two.rs"]
    for path in paths:
        path.write_text(UNGUARDED)
    broken = tmp_path / "broken.btf"
    broken.write_bytes(b"\x9f\xeb\x01\x00" + bytes(40))
    targets = [word for name in (OLD, NEW, str(broken), "7.2.13+deb14-amd64") for word in ("-t", name)]
    monkeypatch.setattr("btfview.analysis.by_kernel.ask_all._LEAST_UNITS", 1)
    found = [check(*map(str, paths), *targets, "-j", jobs, capsys=capsys) for jobs in ("1", "3")]
    assert found[0] == found[1]
    assert found[0][0] == 3
    assert [len(file["findings"]) for file in found[0][1]["files"]] == [2, 2]


def test_flags_of_the_configuration_are_for_c_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A project has sources of several languages; on the command line flags are of the one that is given."""
    (tmp_path / "btfview.toml").write_text('targets = ["6.1.0-56-amd64"]\nflags = ["-DX=1"]\n')
    monkeypatch.chdir(tmp_path)
    assert main(["check", str(DEMO / "sched.rs")]) == 0
    assert main(["check", str(DEMO / "sched.rs"), "--", "-DX=1"]) == 2
    assert "flags behind -- are for clang, and this is no C source" in capsys.readouterr().err


def test_of_an_atlas_several_processes_say_what_one_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A process has a file with all its kernels; what comes back is what was found."""
    monkeypatch.chdir(tmp_path)
    Path("k").mkdir()
    for number in range(3):
        kernel = build_btf_bytes(struct("t", size=16, a=(INT, 32 * number)), is_little_endian=number < 2)
        Path(f"k/6.{number}.0-1-amd64.btf").write_bytes(kernel)
    assert main(["atlas", "build", "k", "-o", "k.atlas"]) == 0
    for name, field in (("1.o", "a"), ("2.o", "b"), ("3.o", "a"), ("4.o", "c")):
        local = struct("t", size=4, **{field: (INT, 0)})
        Path(name).write_bytes(build_object([local], [Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:0", 0)]))
    Path("5.o").write_bytes(b"none")
    capsys.readouterr()
    said = []
    for jobs in ("1", "2"):
        words = [*(f"{number}.o" for number in range(1, 6)), "-t", "k.atlas", "-j", jobs]
        assert main(["check", *words, "--json"]) == 3
        assert main(["check", *words]) == 3
        said.append(capsys.readouterr())
    assert said[0] == said[1]
    assert "t.b (field_byte_offset) is missing on all 3 targets" in said[0].out
