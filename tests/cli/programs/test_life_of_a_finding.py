"""A finding in a project's CI: new, accepted into the baseline, moved, fixed; the action's own steps run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from btfview.cli.main import main
from tests.paths import ROOT

PYPROJECT = """\
[project]
name = "tracer"

[tool.btfview]
targets = ["5.10.0-46-amd64", "6.1.0-56-amd64"]
baseline = "known.json"
rules = { unguarded_btf_offset = "off" }
"""
FINE = """\
#![feature(btf_relocations)]
#![no_std]
#[repr(Btf)]
pub struct task_struct {
    pid: i32,
    state: usize,
    mm: usize,
    sessionid: u32,
}
#[no_mangle]
pub fn pid() -> usize {
    core::btf::field_byte_offset!(task_struct, pid)
}
"""
STATE = """\
#[no_mangle]
pub fn state() -> usize {
    core::btf::field_byte_offset!(task_struct, state)
}
"""
"""5.14 renamed it to __state, so on 6.1 it is missing."""
GUARDED = STATE.replace(
    "    core", "    if !core::btf::field_exists!(task_struct, state) { return 0; }\n    core"
)
PROGRAM = "src/tracer.rs"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a configuration, a program that is fine, and an empty baseline."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "src").mkdir()
    (tmp_path / PROGRAM).write_text(FINE)
    monkeypatch.chdir(tmp_path)
    assert main(["check", PROGRAM, "--write-baseline"]) == 0
    return tmp_path


def run_action(project: Path, **inputs: str) -> tuple[int, str, dict[str, str]]:
    """Run the step of action.yml behind its installation, as GitHub's runner does; return the exit code, what
    was printed and the outputs."""
    action = YAML(typ="safe").load((ROOT / "action.yml").read_text())
    given = {name: str(one.get("default", "")) for name, one in action["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    install, check = action["runs"]["steps"]
    assert "$GITHUB_ACTION_PATH" in install["run"]
    for name in ("output", "summary"):
        (project / name).write_text("")
    bin_folder = project / ".bin"
    bin_folder.mkdir(exist_ok=True)
    script = bin_folder / "btfview"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m btfview "$@"\n')
    script.chmod(0o755)
    environ = {
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "BTFVIEW_CACHE": "0",
        "LC_ALL": "C.UTF-8",
        "GITHUB_OUTPUT": str(project / "output"),
        "GITHUB_STEP_SUMMARY": str(project / "summary"),
    }
    for name, value in check["env"].items():
        assert value.startswith("${{ inputs.")
        environ[name] = given[value.removeprefix("${{ inputs.").removesuffix(" }}")]
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", check["run"]],
        capture_output=True,
        text=True,
        cwd=project,
        env=environ,
        stdin=subprocess.DEVNULL,
    )
    lines = (project / "output").read_text().splitlines()
    return done.returncode, done.stdout + done.stderr, dict(line.split("=", 1) for line in lines)


def states(path: Path) -> list[tuple[str, str]]:
    (run,) = json.loads(path.read_text())["runs"]
    return [(one["ruleId"], one["baselineState"]) for one in run["results"]]


def checked(*options: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["check", PROGRAM, "--json", *options])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, found


def test_a_finding_is_new_then_accepted_then_fixed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Through the action: it fails for what is new, and for nothing else."""
    program, log = project / PROGRAM, project / "btfview.sarif"
    assert run_action(project, files="src/**/*.rs")[0] == 0

    program.write_text(FINE + STATE)
    code, out, outputs = run_action(project, files="src/**/*.rs", report="out.html")
    assert (code, outputs) == (1, {"sarif": "btfview.sarif", "exit-code": "1"})
    assert "::error file=src/tracer.rs,line=16,col=5,title=missing::task_struct.state" in out
    assert states(log) == [("missing", "new")]
    assert "✖ 1 record fails on 1 of 2 kernels" in (project / "out.html").read_text()
    assert "| error | src/tracer.rs:16 | missing |" in (project / "summary").read_text()

    assert main(["check", PROGRAM, "--write-baseline"]) == 0
    code, out, _ = run_action(project, files=PROGRAM)
    assert (code, out) == (0, "")
    assert states(log) == [("missing", "unchanged")]

    program.write_text(FINE + GUARDED)
    code, out, _ = run_action(project, files=PROGRAM)
    assert code == 0
    assert "::notice title=fixed::src/tracer.rs: fixed: task_struct.state" in out
    assert states(log) == [("missing", "absent")]

    assert main(["check", PROGRAM, "--write-baseline"]) == 0
    assert json.loads((project / "known.json").read_text())["findings"] == []
    program.write_text(FINE + STATE)
    assert checked(capsys=capsys)[0] == 1


def test_an_edit_elsewhere_makes_no_finding_new(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = project / PROGRAM
    program.write_text(FINE + STATE)
    assert main(["check", PROGRAM, "--write-baseline"]) == 0
    before = (project / "known.json").read_text()
    moved = FINE.replace("#[repr", "// a line\n\n#[repr").replace(
        "    pid: i32,\n", "    pid: i32,\n    tgid: i32,\n"
    )
    program.write_text(moved + STATE)
    code, found = checked(capsys=capsys)
    assert code == 0
    assert [one["known"] for one in found["files"][0]["findings"]] == [True]
    assert main(["check", PROGRAM, "--write-baseline"]) == 0
    assert (project / "known.json").read_text() == before


def test_a_second_read_of_the_same_field_is_new(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = project / PROGRAM
    program.write_text(FINE + STATE)
    assert main(["check", PROGRAM, "--write-baseline"]) == 0
    again = STATE.replace("fn state", "fn again")
    program.write_text(FINE + STATE + again)
    code, found = checked(capsys=capsys)
    assert code == 1
    listed = found["files"][0]["findings"]
    assert {one["relocation"]["program"]: one["known"] for one in listed} == {"state": True, "again": False}


def test_a_known_finding_is_new_on_another_kernel(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / PROGRAM).write_text(FINE + STATE)
    assert main(["check", PROGRAM, "--write-baseline"]) == 0
    code, found = checked("-t", "6.1.0-56-amd64", "-t", "6.12.117+deb12-amd64", capsys=capsys)
    assert code == 1
    parts = {tuple(one["targets"]): one["known"] for one in found["files"][0]["findings"]}
    assert parts == {("6.1.0-56-amd64",): True, ("6.12.117+deb12-amd64",): False}


def test_of_what_was_not_looked_at_nothing_is_fixed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another kernel, another file, a source that does not compile: the entry stays, also where the baseline
    is written anew."""
    program = project / PROGRAM
    program.write_text(FINE + STATE)
    assert main(["check", PROGRAM, "--write-baseline"]) == 0
    before = (project / "known.json").read_text()
    assert checked("-t", "5.10.0-46-amd64", capsys=capsys)[1]["fixed"] == []
    assert main(["check", PROGRAM, "-t", "5.10.0-46-amd64", "--write-baseline"]) == 0
    program.write_text(FINE + "}")
    code, found = checked(capsys=capsys)
    assert (code, found["fixed"]) == (4, [])
    assert main(["check", PROGRAM, "--write-baseline"]) == 4
    assert (project / "known.json").read_text() == before


def test_the_action_says_that_no_file_is_called_so(project: Path) -> None:
    """Of several patterns also of one: what it was to check would go unchecked."""
    for files in ("lib/*.o", f"{PROGRAM}\nlib/*.o"):
        code, out, _ = run_action(project, files=files)
        assert code == 2
        assert "::error::btfview: no file is called so: lib/*.o\n" in out
    code, out, _ = run_action(project, files="")
    assert code == 2
    assert "the input files is empty" in out


def test_patterns_of_targets_and_options_reach_btfview_as_they_are(project: Path) -> None:
    """The shell knows no kernel of an atlas, and would take away a pattern that fits no file."""
    (project / PROGRAM).write_text(FINE + STATE)
    code, out, _ = run_action(project, files=PROGRAM, args="--allow\nmissing:task_struct.*")
    assert code == 0, out
    code, out, _ = run_action(project, files=PROGRAM, args="--exclude\n*-rt-*")
    assert code == 1
    assert "--exclude *-rt-* fits no target" in out
    code, out, _ = run_action(project, files=PROGRAM, targets="fleet.atlas:6.*")
    assert code == 3
    assert "fleet.atlas:6.*" in out


def test_what_stands_in_an_input_is_no_command(project: Path) -> None:
    code, out, _ = run_action(project, files=PROGRAM, args="--allow\nmissing:$(touch owned)`touch owned`")
    assert code == 0, out
    assert not (project / "owned").exists()
