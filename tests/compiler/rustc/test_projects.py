"""Cargo projects with crates of the registry: compiled, resolved, loaded."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.compiler.options import CompileOptions
from tests.compiler.rust.run.run_bpf import loaded
from tests.paths import DEMO

AYA = DEMO / "aya"

pytestmark = [pytest.mark.crates, pytest.mark.timeout(600), pytest.mark.usefixtures("shared_target")]


@cache
def analysed(name: str) -> Analysis:
    analysis = analyse(str(AYA / name))
    assert [item.message for item in analysis.diagnostics if item.is_error] == []
    return analysis


def paths(analysis: Analysis) -> set[tuple[str, str]]:
    return {(linked.relo.kind_label, linked.path) for linked in analysis.relos}


def both(*fields: str) -> set[tuple[str, str]]:
    return {(kind, field) for field in fields for kind in ("field_exists", "field_byte_offset")}


# The same questions in C, ``bpf_core_field_exists`` and ``bpf_core_field_offset``, are these records.
RECORDS = {
    "fork_counter": both("task_struct.tgid", "task_struct.real_parent", "task_struct.flags"),
    "packet_filter": both("xdp_buff.rxq", "xdp_buff.frame_sz", "xdp_rxq_info.queue_index")
    | {("field_byte_size", "xdp_buff.frame_sz")},
    "file_guard": both("file.f_inode", "file.f_flags", "inode.i_sb", "inode.i_ino", "super_block.s_dev"),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_project_has_its_records(name: str) -> None:
    assert paths(analysed(name)) == RECORDS[name]


@pytest.mark.parametrize("name", ["packet_filter", "file_guard"])
def test_a_query_is_linked_to_its_place(name: str) -> None:
    analysis = analysed(name)
    assert analysis.compilation is not None
    assert analysis.compilation.frontend == "rustc"
    assert analysis.compilation.source.path == str(AYA / name / "src" / "main.rs")
    for linked in analysis.relos:
        assert linked.queries
        assert linked.place is not None
        assert linked.place.file == analysis.compilation.source.path


@pytest.mark.kernel
@pytest.mark.parametrize("name", ["fork_counter", "packet_filter"])
def test_the_kernel_takes_the_program(name: str, tmp_path: Path) -> None:
    compilation = analysed(name).compilation
    assert compilation is not None
    assert compilation.object is not None
    path = tmp_path / "program.o"
    path.write_bytes(compilation.object)
    with loaded(path) as pins:
        assert name in {pin.name for pin in pins.iterdir()}


@pytest.mark.kernel
def test_an_lsm_hook_is_refused_only_where_the_kernel_has_no_bpf_lsm(tmp_path: Path) -> None:
    compilation = analysed("file_guard").compilation
    assert compilation is not None
    assert compilation.object is not None
    path = tmp_path / "program.o"
    path.write_bytes(compilation.object)
    pin = Path("/sys/fs/bpf/btfview-file-guard")
    done = subprocess.run(["bpftool", "prog", "load", str(path), str(pin)], capture_output=True, text=True)
    pin.unlink(missing_ok=True)
    # EPERM without a log of the verifier's: the hook is refused before the program is looked at.
    assert done.returncode == 0 or (
        "Operation not permitted" in done.stderr and "BEGIN PROG LOAD LOG" not in done.stderr
    ), done.stderr


def test_one_of_several_programs_is_named() -> None:
    analysis = analyse(str(AYA / "Cargo.toml"))
    [problem] = analysis.diagnostics
    assert "has 3 programs" in problem.message
    assert problem.hint is not None
    assert "--bin file_guard" in problem.hint
    named = analyse(str(AYA), (), CompileOptions(program="bin:packet_filter"))
    assert paths(named) == RECORDS["packet_filter"]
