"""btfview explain: its words on real objects, and the records it finds behind a loader's log."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from btfview.btf.kinds import CoreReloKind
from btfview.cli.main import main
from tests.btf.build import INT, LONG, build_btf_bytes, struct
from tests.libbpf import run_libbpf
from tests.objects import Record, build_object
from tests.paths import DEMO

SCHED = str(DEMO / "sched.rs")
UNGUARDED = """\
#![feature(btf_relocations)]
#![no_std]
#[repr(Btf)]
pub struct task_struct { gone: u64, pid: i32 }
#[unsafe(no_mangle)]
#[unsafe(link_section = "license")]
pub static LICENSE: [u8; 4] = *b"GPL\\0";
#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/sys_enter")]
pub extern "C" fn entry(_ctx: *const u64) -> i32 {
    let pid = core::btf::field_byte_offset!(task_struct, pid);
    (pid + core::btf::field_byte_offset!(task_struct, gone)) as i32
}
"""


def explain(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["explain", *arguments])
    return code, capsys.readouterr().out


def test_a_moved_field_is_told_with_its_instruction_and_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    # 208 = 128 + 80: pahole -F btf -C task_struct / sched_entity on 6.1.0-56-amd64.
    code, out = explain(SCHED, "--path", "task_struct.se.vruntime", "-t", "6.1.0-56-amd64", capsys=capsys)
    assert code == 0
    assert "moved: compiled 8, there 208" in out
    assert re.search(r"r\d = 8 → r\d = 208", out)
    assert "se +128 → vruntime +80" in out


def test_a_record_that_can_run_and_fails_is_chosen_by_itself_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "unguarded.rs"
    source.write_text(UNGUARDED)
    code, out = explain(str(source), "-t", "6.1.0-56-amd64", capsys=capsys)
    assert code == 1
    assert out.count("field_byte_offset task_struct") == 1
    assert "struct task_struct has no member gone there" in out
    asked, code_line = out[out.index("Ask first:") :].splitlines()[:2]
    assert asked == "Ask first:"
    assert code_line.strip() == "if core::btf::field_exists!(task_struct, gone) { ... }"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--relo", "99"], "there is no record 99; {file} has 4, counted from 0", id="number"),
        pytest.param(["--path", "x.y"], "no record has the path x.y; there are task_struct.se", id="path"),
        pytest.param(["--insn", "x"], "--insn x: write it as PROG:N", id="insn-form"),
        pytest.param(["--insn", "sched_vruntime:0"], "instruction 0 of sched_vruntime has no", id="insn"),
    ],
)
def test_a_record_that_is_not_there_is_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", SCHED, *arguments]) == 2
    assert message.format(file=SCHED) in capsys.readouterr().err


def test_a_bitfield_is_drawn_where_it_lies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # struct s { int a : 3; int b : 5; } here, b at bit 8 of the second int there: bits counted by hand.
    local = [struct("s", ("a", INT, 0, 3), ("b", INT, 3, 5), size=4)]
    target = build_btf_bytes(struct("s", ("a", LONG, 0), ("b", INT, 72, 5), size=16))
    (tmp_path / "t.btf").write_bytes(target)
    obj = tmp_path / "o.o"
    obj.write_bytes(build_object(local, [Record(CoreReloKind.FIELD_BYTE_OFFSET, "s", "0:1", 0)]))
    code, out = explain(str(obj), "--relo", "0", "-t", str(tmp_path / "t.btf"), capsys=capsys)
    assert code == 0
    assert "...##### ........ ........ ........  load of 4 at +0, 5 bits from bit 3" in out
    assert "........ #####... ........ ........  load of 4 at +8, 5 bits from bit 8" in out


def test_the_bytes_of_a_record_are_those_of_the_section(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    obj = tmp_path / "sched.o"
    assert main(["compile", SCHED, "-o", str(obj)]) == 0
    _, out = explain(str(obj), "--relo", "1", "--bytes", capsys=capsys)
    rows = re.findall(r"\.BTF\.ext\+(\d+) +((?:[0-9a-f]{2} ){4}) *(\w+)", out)
    assert [name for _, _, name in rows] == ["insn_off", "type_id", "access_str_off", "kind"]
    data = obj.read_bytes()
    record = bytes.fromhex("".join(raw for _, raw, _ in rows))
    assert data.count(record) == 1


@pytest.mark.debian_tool("llvm-readelf-19")
def test_the_place_of_a_record_is_an_offset_into_the_section(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    obj = tmp_path / "sched.o"
    assert main(["compile", SCHED, "-o", str(obj)]) == 0
    _, out = explain(str(obj), "--relo", "0", "--bytes", capsys=capsys)
    place, raw = re.findall(r"\.BTF\.ext\+(\d+) +((?:[0-9a-f]{2} ){4})", out)[0]
    dump = subprocess.run(
        ["llvm-readelf-19", "-x", ".BTF.ext", str(obj)], capture_output=True, text=True, check=True
    ).stdout
    words = "".join("".join(line.split()[1:5]) for line in dump.splitlines() if line.startswith("0x"))
    assert words[2 * int(place) : 2 * int(place) + 8] == raw.replace(" ", "")


@pytest.mark.kernel
def test_the_verifier_s_log_leads_to_the_record_and_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, obj, log = tmp_path / "unguarded.rs", tmp_path / "unguarded.o", tmp_path / "log"
    source.write_text(UNGUARDED)
    assert main(["compile", str(source), "-o", str(obj)]) == 0
    run = run_libbpf(obj.read_bytes(), log_level=1)
    assert not run.is_loaded
    log.write_text(run.log + run.verifier_log)
    code, out = explain(str(obj), "--log", str(log), "-t", "running", capsys=capsys)
    assert code == 1
    assert "field_byte_offset task_struct.gone" in out
    assert "task_struct.pid" not in out
    assert "unguarded.rs:12:" in out


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("invalid func unknown#195896080", id="verifier"),
        pytest.param(
            "failed to resolve CO-RE relocation <byte_off> [{id}] struct task_struct.gone (0:0 @ offset 0)",
            id="libbpf",
        ),
    ],
)
def test_both_forms_of_the_complaint_are_understood(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The wording of libbpf 1.1 with the kernel's, and that of libbpf's ``fixup_log_failed_core_relo``."""
    source, log = tmp_path / "unguarded.rs", tmp_path / "log"
    source.write_text(UNGUARDED)
    _, shown = explain(str(source), "--path", "task_struct.gone", "--bytes", capsys=capsys)
    insn = re.search(r"instruction (\d+)", shown)
    type_id = re.search(r"type_id +(\d+)", shown)
    assert insn is not None
    assert type_id is not None
    log.write_text(
        "libbpf: prog 'entry': -- BEGIN PROG LOAD LOG --\n"
        f"{insn[1]}: (85) call unknown#195896080\n{line.format(id=type_id[1])}\n"
    )
    code, out = explain(str(source), "--log", str(log), "-t", "6.1.0-56-amd64", capsys=capsys)
    assert (
        code,
        out.count("#1 field_byte_offset task_struct.gone")
        + out.count("#0 field_byte_offset task_struct.gone"),
    ) == (1, 1)


def test_a_log_without_a_complaint_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log"
    log.write_text("libbpf: loading object 'x'\nprocessed 12 insns (limit 1000000)\n")
    assert explain(SCHED, "--log", str(log), capsys=capsys) == (
        0,
        "the log names no CO-RE relocation that failed, and nothing else that btfview knows\n",
    )
