"""btfview disasm: the listing as text and as JSON; what it says is in workspace/test_disassembly.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from btfview.btf.kinds import CoreReloKind
from btfview.cli.main import main
from tests.btf.build import INT, build_btf_bytes, struct
from tests.objects import Record, build_object
from tests.paths import DEMO

OFFSET = CoreReloKind.FIELD_BYTE_OFFSET
PAIR = struct("t", size=8, a=(INT, 0), b=(INT, 32))


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    obj, target = tmp_path / "prog.o", tmp_path / "kernel.btf"
    functions = [("first", 0, 8), ("second", 8, 24)]
    records = [Record(OFFSET, "t", "0:1", 4), Record(OFFSET, "t", "0:0", 0)]
    obj.write_bytes(build_object([PAIR], records, functions=functions))
    target.write_bytes(build_btf_bytes(struct("t", size=16, b=(INT, 64), a=(INT, 96))))
    return str(obj), str(target)


def test_text(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["disasm", files[0], "-t", files[1]]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "socket · first  1 instruction",
        "  ◆ #0 field_byte_offset t.b  0:1 = 4  ▲ moved: 8",
        "    0: r1 = 4  →  r1 = 8",
        "socket · second  3 instructions",
        "  ◆ #1 field_byte_offset t.a  0:0 = 0  ▲ moved: 12",
        "    1: r1 = 0  →  r1 = 12",
        "    2: r0 = 0",
        "    3: exit",
    ]


def test_one_function(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["disasm", files[0], "--function", "first"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "socket · first  1 instruction",
        "  ◆ #0 field_byte_offset t.b  0:1 = 4",
        "    0: r1 = 4",
    ]


def test_a_function_that_is_not_there_names_those_that_are(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["disasm", files[0], "-f", "third"]) == 2
    assert 'has no function "third"; it has: first, second' in capsys.readouterr().err


def test_json(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["disasm", files[0], "-t", files[1], "--json", "-f", "first"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "schema_version": 1,
        "file": files[0],
        "target": {"name": "kernel", "path": files[1]},
        "functions": [
            {
                "section": "socket",
                "name": "first",
                "insns": [
                    {
                        "index": 0,
                        "insn_offset": 0,
                        "bytes": "b701000004000000",
                        "text": "r1 = 4",
                        "jump_to": None,
                        "reference": "",
                        "source": None,
                        "relocations": [0],
                        "bytes_after": "b701000008000000",
                        "text_after": "r1 = 8",
                        "poisoned": False,
                        "dead": False,
                    }
                ],
            }
        ],
    }


def test_names_from_a_file_reach_the_terminal_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "prog.o"
    evil = struct("\x1b[31mt", size=4, **{"a\x07\nb": (INT, 0)})
    path.write_bytes(
        build_object([evil], [Record(OFFSET, "\x1b[31mt", "0:0", 0)], functions=[("p\x1b]0;x\x07", 0, 24)])
    )
    assert main(["disasm", str(path)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "\\x1b[31mt.a\\x07\\nb" in out


@pytest.mark.debian_tool("clang-19")
def test_source_lines_and_a_source_as_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "prog.c"
    path.write_text("int prog(void *ctx)\n{\n    return ctx ? 7 : 8;\n}\n")
    assert main(["disasm", str(path), "--cpu", "v3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(".text · prog")
    assert any(line.endswith("; prog.c:3  return ctx ? 7 : 8;") for line in lines)
    assert lines[-1].endswith(": exit")


def test_several_files_one_after_the_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sched, other = str(DEMO / "sched.rs"), str(DEMO / "sched_option.rs")
    absent = str(tmp_path / "absent.o")
    assert main(["disasm", sched, absent, other, "--json"]) == 3
    said = capsys.readouterr()
    assert [report["file"] for report in json.loads(said.out)["files"]] == [sched, other]
    assert said.err == f"btfview: error: {absent}: no such file or directory\n"
    state = str(DEMO / "task_state.rs")
    assert main(["disasm", sched, state, "--function", "sched_vruntime"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{sched}:\n")
    assert state not in out
    assert main(["disasm", sched, other, "--function", "nope"]) == 2
    assert 'none of the files has a function "nope"; they have: ' in capsys.readouterr().err
