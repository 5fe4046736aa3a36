"""btfview check: where its formats go, what fails, what is said, and what a configuration changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from btfview.cli.main import main
from tests.paths import DEMO

OLD, NEW = "5.10.0-46-amd64", "6.1.0-56-amd64"
STATE = """\
#![feature(btf_relocations)]
#![no_std]
#[repr(Btf)]
pub struct task_struct { state: usize }
#[no_mangle]
pub fn state() -> usize {
    core::btf::field_byte_offset!(task_struct, state)
}
"""
"""5.14 renamed the field: an error on NEW, and a warning everywhere, since nothing asks first."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "prog.rs").write_text(STATE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(*options: str) -> int:
    return main(["check", "prog.rs", "-t", OLD, "-t", NEW, *options])


def test_one_run_gives_several_formats(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = checked("--output", "sarif=out.sarif", "--output", "junit=out.xml", "-o", "markdown=out.md")
    assert code == 1
    assert capsys.readouterr().out.endswith("1 error, 1 warning: 1 file, 1 record on 2 targets\n")
    assert json.loads((project / "out.sarif").read_text())["version"] == "2.1.0"
    assert (project / "out.xml").read_text().startswith("<?xml ")
    assert (project / "out.md").read_text().startswith("## btfview check: ✖ 1 finding to mend\n")


def test_a_summary_says_what_was_found_whatever_the_run_ends_with(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def heading(*options: str) -> str:
        checked("--format", "markdown", *options)
        return capsys.readouterr().out.split("\n")[0]

    assert heading("--exit-zero") == "## btfview check: ✖ 1 finding to mend"
    checked("--format", "junit", "--exit-zero")
    assert '<testsuites name="btfview check" tests="3" failures="1"' in capsys.readouterr().out
    assert heading("--fail-on", "warning") == "## btfview check: ✖ 2 findings to mend"
    (project / "bad.btf").write_bytes(b"no kernel")
    assert heading("-t", "bad.btf", "--allow", "missing") == "## btfview check: ? not all could be read"
    assert checked("--baseline", "known.json", "--write-baseline") == 0
    capsys.readouterr()
    assert heading("--baseline", "known.json") == "## btfview check: ✔ nothing new"


def test_a_file_takes_the_place_of_stdout(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked("--format", "gitlab", "--output", "out.json") == 1
    assert capsys.readouterr().out == ""
    assert len(json.loads((project / "out.json").read_text())) == 2
    assert checked("--json") == 1
    printed = capsys.readouterr().out
    assert checked("--output-format", "json", "-o", "out.json") == 1
    assert (project / "out.json").read_text() == printed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--json", "--format", "sarif"), "--json is --format json"),
        (("-o", "a", "-o", "b"), "one file for one format"),
        (("-o", "sarif=a", "-o", "junit=a"), "two formats would go to one place"),
        (("-o", "sarf=a"), "there is no format sarf"),
        (("-o", "sarif="), "the file's name is missing"),
        (("-o", "sarif=prog.rs"), "prog.rs is one of the files that are read"),
        (("--write-baseline",), "--write-baseline needs the file"),
        (("--path-prefix-map", "/x"), "OLD=NEW is expected"),
        (("--deny", "missing"), "that is an error already"),
    ],
)
def test_what_makes_no_sense_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    assert checked(*options) == 2
    assert said in capsys.readouterr().err
    assert (project / "prog.rs").read_text() == STATE
    assert not (project / "a").exists()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 1),
        (("--exit-zero",), 0),
        (("--fail-on", "never"), 0),
        (("--allow", "missing"), 0),
        (("--allow", "missing", "--fail-on", "warning"), 1),
        (("--allow", "missing:task_struct.*@>=6", "--fail-on", "error"), 0),
        (("--allow", "missing@<6"), 1),
        (("--allow", "missing", "--allow", "unguarded_btf_offset", "--fail-on", "note"), 0),
    ],
)
def test_what_fails_is_chosen(project: Path, options: tuple[str, ...], code: int) -> None:
    assert checked(*options) == code


def test_what_cannot_be_read_fails_whatever_is_asked(project: Path) -> None:
    (project / "bad.btf").write_bytes(b"x")
    assert checked("-t", "bad.btf", "--exit-zero") == 3
    (project / "prog.rs").write_text("fn x( {")
    assert checked("--exit-zero") == 4


def test_quiet_says_findings_alone_and_verbose_more(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checked("-q")
    quiet = capsys.readouterr().out.splitlines()
    assert len(quiet) == 2
    checked("-v", "--allow", "helper:bpf_loop")
    out, err = capsys.readouterr()
    assert out.splitlines()[:2] == quiet
    assert err == "btfview: note: nothing to allow: helper:bpf_loop\n"
    assert checked("--baseline", "known.json", "--write-baseline", "-q") == 0
    assert capsys.readouterr().out == ""
    assert checked("--baseline", "known.json", "-q", "-v") == 0
    assert [line.endswith(" (in the baseline)") for line in capsys.readouterr().out.splitlines()] == [
        True
    ] * 2


def test_colour_is_for_terminals_and_for_who_asks(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    for terminal, options, is_colored in (
        ({"NO_COLOR": ""}, (), True),
        ({"NO_COLOR": "1"}, (), False),
        ({"NO_COLOR": "1"}, ("--color", "always"), True),
        ({"TERM": "dumb", "NO_COLOR": ""}, (), False),
        ({"NO_COLOR": ""}, ("--color", "never"), False),
        ({"NO_COLOR": ""}, ("-o", "out.txt", "--color", "auto"), False),
    ):
        for name, value in ({"TERM": "xterm"} | terminal).items():
            monkeypatch.setenv(name, value)
        checked(*options)
        assert ("\x1b[1;31merror\x1b[0m" in capsys.readouterr().out) == is_colored, (terminal, options)
    assert "\x1b" not in (project / "out.txt").read_text()


def test_paths_of_a_build_are_told_as_those_of_the_repository(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = project / "build"
    build.mkdir()
    (build / "prog.rs").write_text(STATE)
    options = ("-t", NEW, "--path-prefix-map", f"{build}=src", "-q")
    assert main(["check", str(build / "prog.rs"), *options]) == 1
    assert {line.partition(":")[0] for line in capsys.readouterr().out.splitlines()} == {"src/prog.rs"}


def test_no_line_is_said_twice(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A source that is in two objects, as an inlined header is."""
    for name in ("a.o", "b.o"):
        assert main(["compile", "prog.rs", "-o", name]) == 0
    capsys.readouterr()
    assert main(["check", "a.o", "b.o", "-t", NEW]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if "[missing]" in line]) == 1
    assert len(set(lines)) == len(lines)


def test_a_configuration_says_what_the_command_line_does_not(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "btfview.toml").write_text(
        f'targets = ["{OLD}", "{NEW}", "s390x.btf"]\narchitectures = ["amd64"]\nfail-on = "warning"\n'
        '[rules]\nunguarded_btf_offset = "note"\n'
        '[[allow]]\nrule = "missing"\nrecord = "task_struct.state"\nkernels = ">=5.14"\n'
    )
    (project / "s390x.btf").write_bytes(b"no kernel, and never read")
    assert main(["check", "prog.rs", "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert [target["name"] for target in found["targets"]] == [OLD, NEW]
    assert [(one["code"], one["severity"]) for one in found["files"][0]["findings"]] == [
        ("unguarded_btf_offset", "note")
    ]
    assert err == "btfview: note: 1 target left out, as btfview.toml asks for amd64\n"
    # The command line takes the place of it.
    assert main(["check", "prog.rs", "--deny", "unguarded_btf_offset", "-t", OLD]) == 1
    assert main(["check", "prog.rs", "-t", NEW, "--isolated", "--exit-zero", "-q"]) == 0
    assert len(capsys.readouterr().out.splitlines()) >= 3


def test_a_wrong_configuration_is_one_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.btfview]\n\ntargts = ["running"]\n')
    assert checked() == 2
    assert capsys.readouterr().err == (
        'btfview: error: pyproject.toml:3: unknown key "targts"; did you mean targets?\n'
    )
    assert checked("--isolated") == 1
    (project / "other.toml").write_text('baseline = "gone.json"\n')
    capsys.readouterr()
    assert checked("--config", "other.toml") == 3
    assert re.search(r"gone.json: no such file.*--write-baseline makes one", capsys.readouterr().err)


def test_a_demo_is_not_touched_by_a_baseline_of_its_name(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (DEMO / "sched.rs").read_bytes()
    path = str(DEMO / "sched.rs")
    assert main(["check", path, "-t", NEW, "--baseline", path]) == 3
    assert "no baseline" in capsys.readouterr().err
    assert (DEMO / "sched.rs").read_bytes() == before
