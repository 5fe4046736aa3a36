"""btfview compile: what is written where. What it compiles to is tested in tests/compiler."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.bpf.object import read_object
from btfview.cli.main import main
from tests.paths import ROOT

DEMO = str(ROOT / "demo" / "sched.rs")


def test_the_object_is_named_after_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["compile", DEMO]) == 0
    obj = read_object((tmp_path / "sched.o").read_bytes(), path="sched.o")
    assert [relo.access_str for relo in obj.core_relos] == ["0:0:1", "0:0:1", "0:0:0:0", "0:0:0:0"]


@pytest.mark.parametrize(
    ("options", "magic"),
    [
        pytest.param([], b"\x7fELF\x02\x01", id="little"),
        pytest.param(["--endian", "big"], b"\x7fELF\x02\x02", id="big"),
    ],
)
def test_byte_order(options: list[str], magic: bytes, tmp_path: Path) -> None:
    out = tmp_path / "out.o"
    assert main(["compile", DEMO, "-o", str(out), *options]) == 0
    assert out.read_bytes().startswith(magic)


@pytest.mark.debian_tool("llvm-objdump-19")
def test_cpu(tmp_path: Path) -> None:
    """32-bit registers are new in v3."""
    source = tmp_path / "cpu.rs"
    source.write_text(
        '#[no_mangle]\npub extern "C" fn f(a: u32, b: u32) -> u32 { if a > b { a } else { b } }\n'
    )
    uses = {}
    for cpu in ("v1", "v3"):
        out = tmp_path / f"{cpu}.o"
        assert main(["compile", str(source), "-o", str(out), "--cpu", cpu]) == 0
        command = ["llvm-objdump-19", "-d", "--no-show-raw-insn", str(out)]
        listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        uses[cpu] = re.search(r"\bw\d", listing) is not None
    assert uses == {"v1": False, "v3": True}


@pytest.mark.parametrize(
    ("emit", "text"),
    [
        pytest.param("ir", "@llvm.preserve.struct.access.index", id="ir-before-the-pass"),
        pytest.param("ir-optimized", '@"llvm.task_struct:0:8$0:0:1" = external global', id="ir-after-it"),
        pytest.param("asm", "sched_vruntime:", id="assembly"),
    ],
)
def test_text_goes_to_stdout(emit: str, text: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["compile", DEMO, "--emit", emit]) == 0
    assert text.encode() in capfdbinary.readouterr().out


def test_an_object_goes_to_stdout_when_asked(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["compile", DEMO, "-o", "-"]) == 0
    assert capfdbinary.readouterr().out.startswith(b"\x7fELF")


def test_a_program_with_an_error_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "bad.rs", tmp_path / "bad.o"
    source.write_text("fn f() -> u32 { missing }\n")
    assert main(["compile", str(source), "-o", str(out)]) == 4
    said = capsys.readouterr().err
    assert not out.exists()
    assert f" --> {source}:1:17" in said
    assert "^^^^^^^" in said


def test_the_source_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "prog.rs"
    source.write_text(Path(DEMO).read_text())
    assert main(["compile", str(source), "-o", str(source)]) == 2
    assert source.read_text() == Path(DEMO).read_text()
    assert "is a source, which this would replace" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        pytest.param(lambda path: None, "no such file or directory", id="absent"),
        pytest.param(lambda path: path.mkdir(), "is a directory", id="directory"),
        pytest.param(lambda path: path.write_bytes(b"fn\xff"), "not UTF-8 text (line 1, byte 2)", id="bytes"),
    ],
)
def test_a_source_that_cannot_be_read_is_code_3(
    make: Callable[[Path], object], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "prog.rs"
    make(path)
    assert main(["compile", str(path)]) == 3
    assert f"{path}: {problem}" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["sched_vruntime", "task_struct::sched_vruntime"])
def test_passes_are_written_for_one_function(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", DEMO, "--emit", "passes", "--function", name]) == 0
    printed = capsys.readouterr().out
    headings = [line for line in printed.split("\n") if line.startswith("== ")]
    assert all(line.startswith("== sched_vruntime · ") for line in headings)
    assert any("BPFAbstractMemberAccessPass" in line and "◆ #0 #1" in line for line in headings)
    assert headings[-1].startswith("== sched_vruntime · in the object")


def test_passes_as_json_say_which_of_them_make_the_records(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["compile", DEMO, "--emit", "passes", "--function", "sched_vruntime", "--json"]
    assert main(command) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["schema_version"], data["file"]) == (1, DEMO)
    (function,) = data["functions"]
    assert function["function"] == "sched_vruntime"
    named = next(one for one in function["passes"] if one["name"] == "BPFAbstractMemberAccessPass")
    assert named["relocations"] == [0, 1]
    assert named["step"].startswith("the question becomes a load from a global")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["--emit", "passes", "--function", "nothing"], 2, "no function nothing", id="unknown"),
        pytest.param(["--emit", "asm", "--function", "sched_vruntime"], 2, "--emit passes", id="not-passes"),
        pytest.param(["--emit", "ir", "--json"], 2, "--json goes with --emit passes", id="json-not-passes"),
        pytest.param(["--emit", "passes", "--function", "a,b"], 4, "cannot pick out", id="unnameable"),
    ],
)
def test_a_function_that_is_not_there_is_told(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compile", DEMO, *arguments]) == code
    assert said in capsys.readouterr().err


def test_an_object_has_no_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.o"
    assert main(["compile", DEMO, "-o", str(path)]) == 0
    assert main(["compile", str(path), "--emit", "passes"]) == 2
    assert "not a source" in capsys.readouterr().err
