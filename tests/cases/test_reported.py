"""The cases of public reports that other tests do not hold: each with the answer written beside it.

Others stand in tests/cli/programs/test_demands.py (attach targets, byte order, weak symbols, guards, what is
off by default, .BTF.ext), tests/loader_log/test_match.py (logs) and tests/core_relo/test_reads.py (widths,
bitfields, enums).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.cli.main import main

pytestmark = pytest.mark.shared


@pytest.fixture
def cases(shared: Path) -> Path:
    return shared / "cases" / "c"


@pytest.fixture
def kernel(kernel_btf: Callable[[str], Path]) -> str:
    return str(kernel_btf("6.18.44-fc-amd64"))


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_an_object_of_the_other_byte_order_is_not_patched(
    cases: Path, kernel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.o"
    code, text = run(capsys, "patch", cases / "byte_order" / "be.o", "-t", kernel, "-o", out)
    assert (code, out.exists()) == (1, False)
    assert "big-endian" in text


def test_what_is_off_by_default_does_not_hinder_patching(
    cases: Path, kernel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.o"
    assert run(capsys, "patch", cases / "off_by_default" / "p.o", "-t", kernel, "-o", out)[0] == 0
    assert out.exists()


def test_a_guard_for_a_typedef_is_c(cases: Path, kernel: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, text = run(capsys, "check", cases / "typedef_root" / "p.o", "-t", kernel)
    assert "bpf_core_field_exists(((kernel_cap_t *)0)->cap)" in text


def test_a_load_that_cannot_be_resized_is_poison_and_not_the_whole_object(
    cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = cases / "width_32bit" / "tgt.btf"
    code, text = run(capsys, "check", cases / "width_32bit" / "prog.o", "-t", target)
    assert code == 1
    assert "trace_event_raw_sys_enter.id (field_byte_offset) cannot be resized on tgt" in text
    assert "bpf_core_field_size" in text
    assert "refuses the whole object" not in text
    assert run(capsys, "check", cases / "width_32bit" / "guarded.o", "-t", target)[0] == 0


def test_a_bitfield_there_is_said_to_be_one(
    cases: Path, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kernel = shared / "btf" / "5.4.0-216-generic-amd64.btf.xz"
    _, text = run(capsys, "check", cases / "bitfield" / "p.o", "-t", kernel)
    lines = [line for line in text.splitlines() if "sock.sk_protocol" in line]
    assert len(lines) == 2
    assert "the field is a bitfield there" in lines[1]
    assert "0 bytes" not in text


@pytest.mark.parametrize(
    ("program", "log", "words"),
    [
        pytest.param(
            "attach_target/p.o",
            "attach_target/p.log",
            "program a attaches to hc_no_such_function: this kernel has no such function",
            id="fentry",
        ),
        pytest.param(
            "attach_target/p2.o", "attach_target/p2.log", "program b attaches to hc_no_such_tp", id="tp_btf"
        ),
        pytest.param(
            "weak_symbol_guard/k.o",
            "weak_symbol_guard/log.txt",
            "this kernel and its loaded modules have no kfunc bpf_hc_no_such_kfunc",
            id="kfunc",
        ),
        pytest.param(
            "log/p.o",
            "btf_load_log/log",
            "the kernel refuses member waitq of struct perf_event (type 301): Invalid member",
            id="btf",
        ),
        pytest.param("log/p.o", "btf_load_log/log", "libbpf went on without BTF", id="went-on"),
    ],
)
def test_a_log_is_decoded(
    program: str, log: str, words: str, cases: Path, kernel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, text = run(capsys, "explain", cases / program, "--log", cases / log, "-t", kernel)
    assert words in text


def test_a_function_without_parameters_is_c(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Byte for byte what bpftool writes."""
    folder = cases / "no_prototype"
    _, text = run(capsys, "types", folder / "noproto.o", "ops", "--format", "c")
    assert text == (folder / "noproto.h").read_text().replace("(...)", "(void)")


def test_an_object_without_btf_disassembles(
    cases: Path, kernel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program = cases / "no_btf_ext" / "nobtf.o"
    code, text = run(capsys, "disasm", program)
    assert code == 0
    assert "   12: r1 = 0x1 ll" in text or "r1 = 0x1" in text
    code, text = run(capsys, "check", program, "-t", kernel)
    assert code == 0
    assert "it has no .BTF" in text
    assert run(capsys, "relos", program)[0] == 0


def test_a_missing_btf_ext_is_told_without_a_target_too(
    cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no .BTF.ext" in run(capsys, "check", cases / "no_btf_ext" / "noext.o")[1]


def test_findings_name_the_record_in_json(
    cases: Path, kernel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", str(cases / "weak_symbol_guard" / "weak.o"), "-t", kernel, "--json"])
    (finding,) = json.loads(capsys.readouterr().out)["files"][0]["findings"]
    assert finding["relocation"]["path"] == "task_struct.state"
