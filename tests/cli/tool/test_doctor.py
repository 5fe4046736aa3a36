"""btfview doctor: what it says of a machine that lacks something; the machines are made by hand."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import btfview
from btfview.cli.main import main
from btfview.cli.tool.doctor import FINE, LIMITED, Check, Terminal, _ask_python, check_terminal
from tests.paths import DEMO, ROOT

WIDE = Terminal(True, 160, 50, "utf-8")


def doctor(
    *options: str, env: dict[str, str] | None = None, is_bare: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run the command as a process; *is_bare* without any package that pip installed."""
    python = [sys.executable, *(["-S"] if is_bare else [])]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(env or {})}
    command = [*python, "-m", "btfview", "doctor", *options]
    return subprocess.run(command, capture_output=True, text=True, env=environ, stdin=subprocess.DEVNULL)


def checks(**env: str) -> dict[str, dict[str, Any]]:
    found = json.loads(doctor("--json", env=env).stdout)["checks"]
    return {check["name"]: check for check in found}


def on(terminal: Terminal = WIDE, **environ: str) -> dict[str, Check]:
    return {check.name: check for check in check_terminal(terminal, environ)}


def test_here_everything_that_is_needed_works() -> None:
    """The tests could not run without."""
    run = doctor()
    assert run.returncode == 0, run.stdout
    assert "✖" not in run.stdout
    assert "all that btfview needs is here" in run.stdout
    assert "makes BPF objects with relocations" in run.stdout


def test_another_process_finds_btfview_where_a_hook_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """An editable installation is not on the path."""
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place and Path(place) != ROOT])
    assert _ask_python("import btfview; print(btfview.__file__)") == btfview.__file__


def test_without_its_packages_it_says_which_and_how_to_get_them() -> None:
    run = doctor(is_bare=True)
    assert run.returncode == 1
    assert run.stderr == ""
    for package in ("textual", "llvmlite", "tree-sitter-rust", "construct", "pyelftools"):
        assert re.search(rf"→ pip install '?{package}[^\w-]", run.stdout)
    for check in ("! llvmlite", "! compiler", "✖ textual", "✖ screen"):
        assert check in run.stdout


@pytest.mark.parametrize(
    ("package", "version", "status", "finding"),
    [
        # With this grammar, six of the eight demos are refused.
        pytest.param(
            "tree-sitter-rust", "0.24.0", "failed", "0.24.0 is too old: btfview needs 0.24.1", id="too-old"
        ),
        pytest.param("tree-sitter-rust", "0.25.0", "limited", "0.25.0: btfview was made for", id="too-new"),
        pytest.param("construct", "2.11.0rc1", "fine", "2.11.0rc1", id="within"),
    ],
)
def test_a_version_that_btfview_does_not_ask_for_is_named(
    package: str, version: str, status: str, finding: str, tmp_path: Path
) -> None:
    metadata = tmp_path / f"{package.replace('-', '_')}-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    check = checks(PYTHONPATH=f"{tmp_path}:{ROOT}")[package]
    assert check["status"] == status
    assert check["finding"].startswith(finding)
    assert (check["advice"] or "").startswith(f"pip install '{package}") is (status != "fine")


def test_a_command_without_its_packages_sends_to_the_doctor() -> None:
    command = [sys.executable, "-S", "-m", "btfview", "compile", str(DEMO / "sched.rs")]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, capture_output=True, text=True, env=environ, stdin=subprocess.DEVNULL)
    assert run.returncode == 4
    assert "to compile Rust, a package is missing: tree_sitter_rust; pip install" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.debian_tool("clang-19")
def test_clang_is_the_one_that_compiles(tmp_path: Path) -> None:
    """By its own word, ``clang --version``; a clang without BPF (``--print-targets``) is of no use."""
    version = subprocess.run(["clang-19", "--version"], capture_output=True, text=True, check=True).stdout
    assert checks(BTFVIEW_CLANG="clang-19")["C compiler"]["finding"] == f"clang-19: {version.splitlines()[0]}"
    other = tmp_path / "clang"
    other.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo clang version 99 || echo "x86-64 - 64-bit X86"\n'
    )
    other.chmod(0o755)
    found = checks(BTFVIEW_CLANG=str(other))["C compiler"]
    assert found["status"] == "limited"
    assert found["finding"] == "clang: clang version 99, without the BPF target"


@pytest.mark.parametrize(
    ("env", "said"),
    [
        pytest.param({"PATH": "/nonexistent"}, "none found; Rust and IR need none", id="none"),
        pytest.param({"BTFVIEW_CLANG": "clang-none"}, "there is no such program on PATH", id="unknown"),
        pytest.param({"BTFVIEW_CLANG": "/bin/false"}, "/bin/false does not run", id="fails"),
    ],
)
def test_without_clang_c_alone_is_missing(env: dict[str, str], said: str) -> None:
    found = checks(**env)["C compiler"]
    assert found["status"] == "limited"
    assert said in found["finding"]
    assert found["advice"]


def test_folders_that_cannot_be_written_cost_speed_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = str(tmp_path / "file" / "below")
    found = checks(XDG_CACHE_HOME=blocked, XDG_STATE_HOME=blocked)
    assert found["cache"]["status"] == found["recent files"]["status"] == "limited"
    assert "cannot be written" in found["cache"]["finding"]
    assert checks(BTFVIEW_CACHE="0")["cache"]["finding"].startswith("turned off")
    assert "give the cache's size in MB" in checks(BTFVIEW_CACHE="much")["cache"]["finding"]


def test_without_a_terminal_one_line_says_so() -> None:
    (check,) = check_terminal(Terminal(False, 0, 0, "utf-8"), {})
    assert check.status == LIMITED
    assert "commands work, the screen does not open" in check.finding


def test_a_terminal_with_everything() -> None:
    assert [check.status for check in on(TERM="xterm-kitty", COLORTERM="truecolor").values()] == [FINE] * 5


@pytest.mark.parametrize(
    ("name", "terminal", "environ", "advice"),
    [
        pytest.param("terminal", WIDE, {"TERM": "dumb"}, "TERM=xterm-256color", id="dumb"),
        pytest.param("terminal", WIDE, {}, "set TERM", id="no-term"),
        pytest.param("size", Terminal(True, 60, 20, "utf-8"), {"TERM": "xterm"}, "80 x 24", id="small"),
        pytest.param("colours", WIDE, {"TERM": "linux"}, "TERM=xterm-256color", id="16-colours"),
        pytest.param("colours", WIDE, {"TERM": "xterm", "NO_COLOR": "1"}, "unset NO_COLOR", id="no-colour"),
        pytest.param("characters", Terminal(True, 160, 50, "iso8859-1"), {}, "LC_ALL=C.UTF-8", id="latin-1"),
        pytest.param("characters", Terminal(True, 160, 50, "nonsense"), {}, "LC_ALL=C.UTF-8", id="unknown"),
        pytest.param("clipboard", WIDE, {"TERM": "screen", "STY": "1.x"}, "multiplexer", id="gnu-screen"),
        pytest.param("clipboard", WIDE, {"TERM_PROGRAM": "Apple_Terminal"}, "mouse", id="never"),
    ],
)
def test_a_limit_of_the_terminal_says_what_to_do(
    name: str, terminal: Terminal, environ: dict[str, str], advice: str
) -> None:
    check = on(terminal, **environ)[name]
    assert check.status == LIMITED
    assert advice in check.advice


@pytest.mark.debian_tool("tmux")
@pytest.mark.parametrize(("setting", "status"), [("on", "fine"), ("external", "limited"), ("off", "limited")])
def test_in_tmux_its_own_setting_decides_on_the_clipboard(setting: str, status: str, tmp_path: Path) -> None:
    """tmux(1), set-clipboard: only with ``on`` do applications in it reach the terminal's clipboard."""
    socket = str(tmp_path / "tmux")
    tmux = ["tmux", "-S", socket, "-f", "/dev/null"]
    try:
        subprocess.run([*tmux, "new-session", "-d", "sleep 60"], check=True)
        subprocess.run([*tmux, "set", "-g", "set-clipboard", setting], check=True)
        shown = subprocess.run(
            [*tmux, "show", "-gv", "set-clipboard"], capture_output=True, text=True, check=True
        )
        assert shown.stdout.strip() == setting
        pane = subprocess.run(
            [*tmux, "display", "-p", "#{socket_path},#{pid},0"], capture_output=True, text=True, check=True
        ).stdout.strip()
        script = (
            "import os; from btfview.cli.tool.doctor import *\n"
            "checks = check_terminal(Terminal(True, 160, 50, 'utf-8'), os.environ)\n"
            "print(next(one.status for one in checks if one.name == 'clipboard'))"
        )
        environ = {"PATH": os.environ["PATH"], "TMUX": pane, "TERM": "screen", "PYTHONPATH": str(ROOT)}
        run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environ)
        assert run.stdout.strip() == status, run.stderr
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)


def test_json_is_what_the_text_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema_version"] == 1
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    for check in found["checks"]:
        assert check["finding"] in text
        assert (check["advice"] or "") in text
