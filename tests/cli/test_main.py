"""The entry: help, versions, exit codes, and what becomes of errors."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from btfview import __version__
from btfview.btf.kinds import CoreReloKind
from btfview.cli.commands import COMMANDS
from btfview.cli.main import main
from btfview.cli.programs import relos
from btfview.errors import BtfviewError
from tests.btf.build import INT, build_btf_bytes, enum, struct
from tests.objects import Record, build_object
from tests.paths import ROOT


@pytest.fixture
def obj(tmp_path: Path) -> str:
    path = tmp_path / "prog.o"
    records = [Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:0", 0)]
    path.write_bytes(build_object([struct("t", size=4, a=(INT, 0))], records))
    return str(path)


def run(
    *arguments: str, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "btfview", *arguments]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": str(ROOT), **(env or {})}
    return subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("option", ["--help", "-h", "help"])
def test_help_names_every_command(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([option]) == 0
    out = capsys.readouterr().out
    for name, summary in COMMANDS.items():
        assert f"  {name:<12} {summary}\n" in out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"btfview {__version__}"
    assert f"llvmlite {version('llvmlite')}" in lines
    assert lines[-1].endswith(f"{os.uname().release} {os.uname().machine}")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: btfview {command}")
    assert COMMANDS[command] in " ".join(out.split())
    _, _, examples = out.partition("examples:\n")
    assert f"btfview {command}" in examples


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["relos"], "FILE", id="no-file"),
        pytest.param(["relos", "{obj}", "--jason"], "--jason", id="unknown-option"),
        pytest.param(
            ["relos", "{obj}", "-t"], "-t/--target: expected one argument", id="option-without-value"
        ),
        pytest.param(["compile", "{obj}", "--cpu", "v9"], "invalid choice: 'v9'", id="choice"),
        pytest.param(["patch", "{obj}"], "-t/--target, -o/--output", id="required-options"),
        pytest.param(["compile", "{obj}"], "not a source; sources end in .rs, .c, .ll", id="no-source"),
    ],
)
def test_usage_errors_are_code_2(
    arguments: list[str], said: str, obj: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([argument.format(obj=obj) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


def test_without_a_terminal_the_screen_is_every_pane_as_text(obj: str) -> None:
    printed = run(obj, "-t", "6.1.0-56-amd64")
    assert printed.returncode == 0
    assert printed.stdout.startswith(f"File {obj}: 1 record on 1 kernel\n")
    assert "    unknown on 6.1.0-56-amd64\n" in printed.stdout


def test_a_misspelt_command_is_told_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["chek", "prog.o"]) == 2
    assert 'no command is called "chek"; did you mean btfview check?' in capsys.readouterr().err
    assert main(["nothing"]) == 3
    assert "nothing: no such file or directory" in capsys.readouterr().err
    (tmp_path / "relo").write_text("")
    assert main(["relo"]) == 3
    assert "relo: neither a BPF object nor a source" in capsys.readouterr().err


def test_without_a_terminal_and_a_file_there_is_nothing_to_do() -> None:
    printed = run()
    assert printed.returncode == 2
    assert "no file given, and no terminal to open the screen on" in printed.stderr


def test_an_unknown_target_names_the_bundled_ones(obj: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["relos", obj, "-t", "9.9.9"]) == 3
    said = capsys.readouterr().err
    assert 'no target "9.9.9"' in said
    assert "6.1.0-56-amd64" in said


def test_a_reader_that_goes_away_is_no_error(obj: str) -> None:
    command = f"{sys.executable} -m btfview disasm {obj} | true; echo ${{PIPESTATUS[0]}}"
    printed = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT)
    assert printed.stdout == "0\n"
    assert printed.stderr == ""


def test_a_locale_without_the_glyphs_is_no_error(obj: str, tmp_path: Path) -> None:
    kernel = tmp_path / "kernel.btf"
    kernel.write_bytes(build_btf_bytes(INT, enum("bpf_func_id")))
    printed = run(
        "relos",
        obj,
        "-t",
        str(kernel),
        env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    )
    assert printed.returncode == 1
    assert "\\u2716 missing" in printed.stdout


def test_a_bug_is_code_70_and_one_paragraph(
    obj: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def fail(_: object) -> int:
        raise ZeroDivisionError("division by zero")

    monkeypatch.delenv("BTFVIEW_TRACEBACK", raising=False)
    monkeypatch.setattr(relos, "run", fail)
    assert main(["relos", obj]) == 70
    said = capsys.readouterr().err
    assert said.startswith("btfview: internal error: ZeroDivisionError: division by zero\n")
    assert "BTFVIEW_TRACEBACK=1" in said
    (report,) = (tmp_path / "btfview" / "crashes").iterdir()
    assert f"attach {report}" in said.replace("\n", " ")
    text = report.read_text()
    assert f"command: btfview relos {obj}" in text
    assert "ZeroDivisionError: division by zero" in text
    monkeypatch.setenv("BTFVIEW_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        main(["relos", obj])


def test_an_error_in_a_file_name_reaches_the_terminal_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["relos", str(tmp_path / "a\x1b[2Jb.o")]) == 3
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert "a\\x1b[2Jb.o: no such file or directory" in said


def subclasses(of: type[BtfviewError]) -> set[type[BtfviewError]]:
    direct = set(of.__subclasses__())
    return direct.union(*map(subclasses, direct))


def test_exit_codes_of_errors_are_those_of_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    listed = capsys.readouterr().out.partition("Exit codes: ")[2]
    for error in subclasses(BtfviewError):
        assert f"{error.exit_code} " in listed


@pytest.mark.debian_tool("clang-19")
def test_behind_two_dashes_stand_flags_for_clang(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.c"
    source.write_text("int f(struct s *s) { return s->x; }\n")
    (tmp_path / "s.h").write_text("struct s { int w, x; } __attribute__((preserve_access_index));\n")
    flags = ["--", "-include", str(tmp_path / "s.h")]
    assert main(["relos", str(source), *flags]) == 0
    assert "s.x" in capsys.readouterr().out
    assert main(["relos", str(source), "--", "-o", "x"]) == 2
    assert "btfview compile has an -o of its own" in capsys.readouterr().err
    assert main(["relos", "a.rs", "--", "-Ix"]) != 0
    assert main(["diff", str(source), str(source), *flags]) == 0
