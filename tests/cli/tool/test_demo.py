"""btfview demo: the programs, found in the source tree and where a wheel puts them."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from btfview.cli.main import main
from btfview.compiler.rust.syntax.query_macros import prelude_path
from btfview.session.demo import demo_path, demos
from tests.paths import DEMO, ROOT

NAMES = sorted(path.stem for path in (DEMO).glob("*.rs"))


def test_the_list_is_the_folder_with_what_each_says_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == NAMES
    for line, name in zip(lines, NAMES, strict=True):
        first = (DEMO / f"{name}.rs").read_text().splitlines()[0]
        assert line.split("  ", 1)[1].strip() == first.removeprefix("//! ")
    assert main(["demo", "--list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["demos"]
    assert [demo["name"] for demo in found] == NAMES
    assert all(Path(demo["path"]).is_file() for demo in found)


@pytest.mark.parametrize("name", NAMES)
def test_every_demo_compiles_without_a_word(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = demo_path(name)
    assert path is not None
    assert main(["check", path, "--deny", "warnings"]) == 0
    assert "nothing found" in capsys.readouterr().out


def test_without_a_terminal_a_demo_is_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    # 208: pahole -F btf on 6.1.0-56-amd64, se at 128 and vruntime in it at 80.
    run = subprocess.run(
        [sys.executable, "-m", "btfview", "demo", "sched.rs", "-t", "6.1.0-56-amd64"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
    )
    assert run.returncode == 0
    assert "moved, value 208 on 6.1.0-56-amd64" in run.stdout


def test_a_copy_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine.rs"
    assert main(["demo", "task_state", "-o", str(out)]) == 0
    assert out.read_text() == (DEMO / "task_state.rs").read_text()
    out.write_text("mine")
    assert main(["demo", "task_state", "-o", str(out)]) == 3
    assert "a demo overwrites nothing" in capsys.readouterr().err
    assert out.read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["sched", "--json"], "--json is for --list", id="json"),
        pytest.param(["nope"], 'no demo is called "nope"; there are file_open', id="unknown"),
        pytest.param(["../demo/sched"], "no demo is called", id="a-path"),
        pytest.param([""], "no demo is called", id="empty"),
    ],
)
def test_usage_errors(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_wheel_holds_the_demos(tmp_path: Path) -> None:
    """What a wheel holds of the package is its modules and what pyproject.toml lists; it runs from there."""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    for folder, _, files in os.walk(ROOT / "btfview", followlinks=True):
        for file in files:
            path = Path(folder, file).relative_to(ROOT / "btfview")
            if file.endswith(".py") or any(path.match(pattern) for pattern in patterns["btfview"]):
                (tmp_path / "btfview" / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / "btfview" / path, tmp_path / "btfview" / path)
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "btfview", "demo", "--list", "--json"]
    run = subprocess.run(command, capture_output=True, text=True, env=environ, cwd="/", check=True)
    found = json.loads(run.stdout)["demos"]
    assert [demo["name"] for demo in found] == NAMES
    assert {Path("/", demo["path"]).parent for demo in found} == {tmp_path / "btfview" / "demo"}


def test_an_installation_without_them_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("btfview.session.demo._folder", lambda: "/nonexistent")
    assert demos() == ()
    assert main(["demo", "--list"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["demo"]) == 2
    assert "this installation has no demos" in capsys.readouterr().err


def test_in_a_terminal_the_screen_opens_on_it() -> None:
    """On a pty, until the program's name is drawn; q ends it."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover
        os.chdir(ROOT)
        os.environ |= {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
        os.execv(sys.executable, [sys.executable, "-m", "btfview", "demo", "process_tree"])
    seen = b""
    try:
        while b"process_tree.rs" not in seen:
            seen += os.read(terminal, 65536)
        os.write(terminal, b"q")
        while True:
            try:
                if not os.read(terminal, 65536):
                    break
            except OSError:  # Linux: the other side of the pty is closed
                break
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
    finally:
        os.close(terminal)


@pytest.mark.parametrize("dialect", ["repr", "option"])
def test_the_prelude_can_be_read_and_opened(dialect: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["compile", "--show-prelude", "--dialect", dialect]) == 0
    said = capsysbinary.readouterr()
    assert said.out == Path(prelude_path(dialect)).read_bytes()
    assert b"pub macro field_exists($Container:ty" in said.out
    assert said.err.decode() == f"{prelude_path(dialect)}\n"


def test_the_prelude_and_a_file_are_too_much(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "--show-prelude", "x.rs"]) == 2
    assert "leave out x.rs" in capsys.readouterr().err
    assert main(["compile"]) == 2
    assert "no FILE is given" in capsys.readouterr().err
