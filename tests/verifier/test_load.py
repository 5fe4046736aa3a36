"""Programs loaded into the running kernel: its answers, held to bpftool's, and that nothing stays."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.cli.main import main
from btfview.compiler.processes import spawn
from btfview.verifier import load
from btfview.verifier.load import Loads, NotFinished, RefusedBefore, RefusedByVerifier, verify_programs
from tests.libbpf import program_names, run_libbpf
from tests.paths import DEMO

pytestmark = [pytest.mark.kernel, pytest.mark.shared, pytest.mark.debian_tool("bpftool")]


@pytest.mark.parametrize("name", ["verifier", "helpers", "core_fields", "insn_raw"])
def test_each_answer_is_that_of_a_load_of_the_program_alone(shared: Path, name: str) -> None:
    data = (shared / "loads" / "objs" / f"{name}.o").read_bytes()
    verification = verify_programs(data)
    assert [verdict.program for verdict in verification.programs] == program_names(data)
    for verdict in verification.programs:
        run = run_libbpf(data, programs=lambda program, own=verdict.program: program == own)  # type: ignore[misc]
        assert isinstance(verdict.answer, Loads) == run.is_loaded, verdict.program


def test_a_poisoned_instruction_in_a_subprogram_is_named_with_its_line_and_record(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(shared / "cases" / "c" / "log" / "p.o"), "--program", "first"]) == 1
    out = capsys.readouterr().out
    assert "stopped at instruction 20 (old_state+3)" in out
    assert "p.c:5 " in out
    assert "record #1 field_byte_offset task_struct.state: missing in this kernel" in out
    assert "second" not in out


def test_json_says_the_same_as_data(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(shared / "cases" / "c" / "log" / "p.o"), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    first = report["programs"][0]
    assert (report["schema_version"], report["kernel"]) == (1, os.uname().release)
    assert (first["verdict"], first["errno"], first["relocations"]) == ("fails", 22, [1])
    assert (first["stopped_at"]["insn"], first["stopped_at"]["source"]["line"]) == (20, 5)


def test_a_program_that_loads_shows_what_it_cost(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(DEMO / "task_state.rs")]) == 0
    assert "loads: " in capsys.readouterr().out


def test_an_attach_target_that_is_missing_is_refused_before_the_verifier(shared: Path) -> None:
    (verdict,) = verify_programs((shared / "cases" / "c" / "attach_target" / "p.o").read_bytes()).programs
    assert isinstance(verdict.answer, RefusedBefore)
    assert verdict.answer.errno == 3
    assert any("hc_no_such_function" in message for message in verdict.answer.messages)


def test_an_object_that_libbpf_does_not_open_is_told(tmp_path: Path) -> None:
    verification = verify_programs(b"\x7fELF" + bytes(60))
    assert verification.refused is not None
    assert verification.programs == ()
    assert verification.has_refusals


def test_when_the_time_is_over_what_is_known_stays(
    shared: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    verification = verify_programs((shared / "loads" / "objs" / "helpers.o").read_bytes(), time_limit=0.001)
    assert isinstance(verification.unfinished, NotFinished)
    assert not verification.is_known


def test_a_load_is_cancelled_by_a_descriptor(shared: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"x")
    verification = verify_programs((shared / "loads" / "objs" / "helpers.o").read_bytes(), wake_fd=reader)
    assert verification.unfinished == NotFinished("cancelled")
    os.close(reader)
    os.close(writer)


def test_a_program_that_is_not_there_is_a_usage_error(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(shared / "cases" / "c" / "log" / "p.o"), "--program", "third"]) == 2
    assert "has no program third" in capsys.readouterr().err


def test_without_libbpf_it_says_what_to_install(
    shared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real: Callable[..., object] = spawn

    def spawn_elsewhere(argv: list[str], env: dict[str, str], **more: bool) -> object:
        code = "import btfview.verifier.libbpf as l, runpy; l.SONAME = 'libbpf.so.99'; "
        code += "runpy.run_module('btfview.verifier.child', run_name='__main__')"
        return real([argv[0], "-S", "-c", code, argv[-1]], env, **more)

    monkeypatch.setattr(load, "spawn", spawn_elsewhere)
    assert main(["verify", str(shared / "cases" / "c" / "log" / "p.o")]) == 3
    assert "is not installed; install it (Debian, Ubuntu: libbpf1" in capsys.readouterr().err


def test_refusals_by_the_verifier_hold_its_number(shared: Path) -> None:
    verification = verify_programs(
        (shared / "loads" / "objs" / "verifier.o").read_bytes(), programs=["write_field"]
    )
    (verdict,) = verification.programs
    assert verdict.answer == RefusedByVerifier(13)
    assert verdict.log.reason == ("only read is supported",)
