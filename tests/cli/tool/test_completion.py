"""Completion scripts, run by the shells themselves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from btfview.cli.commands import COMMANDS, make_parser
from btfview.cli.main import main
from btfview.cli.tool.completion import SHELLS, Takes, takes_of
from tests.paths import ROOT

NAMES = ("5.10.0-46-amd64", "6.1.0-56-amd64")
Complete: TypeAlias = Callable[[str, Path], list[str]]
BTFVIEW = f'#!/bin/sh\nexec "{sys.executable}" -m btfview "$@"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a ``btfview`` to be found in PATH, and a file to complete."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "btfview"
    script.write_text(BTFVIEW)
    script.chmod(0o755)
    (tmp_path / "prog.o").write_bytes(b"")
    return tmp_path


def need(shell: str) -> str:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"needs {shell}")
    return found


def run_shell(command: list[str], home: Path, *, stdin: str = "") -> list[str]:
    env = {
        "PATH": f"{home / 'bin'}:/usr/bin:/bin",
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
    }
    run = subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=home, env=env)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return run.stdout.split("\n")[:-1]


def complete_in_bash(line: str, home: Path) -> list[str]:
    """Return what bash would offer at the end of *line*."""
    words = line.replace("=", " = ").split(" ")  # as readline splits, '=' is a word of its own
    words = [word for index, word in enumerate(words) if word or index == len(words) - 1]
    quoted = " ".join(f"'{word}'" for word in words)
    script = f"""
        source <(btfview completion bash)
        compopt() {{ :; }}  # speaks to readline, which is not there
        COMP_WORDS=({quoted}) COMP_CWORD={len(words) - 1} COMP_LINE='{line}'
        [[ $(complete -p btfview) == *"-F _btfview btfview" ]] || exit 9
        _btfview
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return run_shell([need("bash"), "--norc", "-c", script], home)


def complete_in_fish(line: str, home: Path) -> list[str]:
    script = f"btfview completion fish | source; complete -C '{line}'"
    offered = run_shell([need("fish"), "--no-config", "-c", script], home)
    return [line.split("\t", 1)[0] for line in offered]


@pytest.mark.parametrize("complete", [complete_in_bash, complete_in_fish], ids=["bash", "fish"])
class TestOffers:
    def test_commands(self, complete: Complete, home: Path) -> None:
        offered = complete("btfview re", home)
        # bash keeps their order, fish sorts them.
        assert sorted(offered) == sorted(name for name in COMMANDS if name.startswith("re")) != []

    def test_options_of_a_command(self, complete: Complete, home: Path) -> None:
        assert complete("btfview disasm --fu", home) == ["--function"]
        assert complete("btfview patch --fo", home) == ["--force"]

    def test_values_of_an_option(self, complete: Complete, home: Path) -> None:
        assert complete("btfview compile --cpu ", home) == ["v1", "v2", "v3", "v4"]
        assert complete("btfview --endian l", home) == ["little"]

    def test_target_names_and_files(self, complete: Complete, home: Path) -> None:
        offered = complete("btfview relos prog.o -t ", home)
        assert {*NAMES, "prog.o"} <= set(offered)
        assert complete("btfview disasm --target 5.1", home) == ["5.10.0-46-amd64"]

    def test_files(self, complete: Complete, home: Path) -> None:
        assert complete("btfview relos pro", home) == ["prog.o"]

    def test_demos(self, complete: Complete, home: Path) -> None:
        assert complete("btfview demo sch", home) == ["sched", "sched_option"]

    def test_two_kernels_to_compare(self, complete: Complete, home: Path) -> None:
        assert complete("btfview diff 5.1", home) == ["5.10.0-46-amd64"]
        assert complete("btfview diff 5.10.0-46-amd64 pro", home) == ["prog.o"]

    def test_shells(self, complete: Complete, home: Path) -> None:
        assert complete("btfview completion z", home) == ["zsh"]


@pytest.mark.parametrize(
    ("command", "argument", "offered"),
    [
        pytest.param("rule", "rule", {"missing", "read_sign", "byte-order"}, id="rules"),
        pytest.param("check", "--allow", {"missing", "read_sign"}, id="allowed"),
        pytest.param("check", "--deny", {"read_sign"}, id="lints"),
        pytest.param("relos", "--arch", {"arm64", "all"}, id="architectures"),
        pytest.param("schema", "name", {"check", "demands"}, id="schemas"),
    ],
)
def test_words_that_an_argument_takes(command: str, argument: str, offered: set[str]) -> None:
    (action,) = [one for one in make_parser(command)._actions if argument in (one.dest, *one.option_strings)]
    takes, words = takes_of(action)
    assert takes == Takes.WORDS
    assert offered <= set(words)
    assert ("missing" in words) is ("missing" in offered)


def test_bash_completes_a_value_behind_an_equals_sign(home: Path) -> None:
    assert complete_in_bash("btfview compile --cpu=", home) == ["v1", "v2", "v3", "v4"]
    assert complete_in_bash("btfview compile --endian=b", home) == ["big"]


def test_zsh_takes_the_script_and_knows_the_function(home: Path) -> None:
    script = "autoload -U compinit; compinit -D; source <(btfview completion zsh); print ${_comps[btfview]}"
    assert run_shell([need("zsh"), "-f", "-c", script], home) == ["_btfview"]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_every_long_option_is_in_the_script(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for command in COMMANDS:
        assert command in script
        assert main([command, "--help"]) == 0
        listed = capsys.readouterr().out.replace(",", " ").replace("[", " ").replace("]", " ").split()
        for option in {word for word in listed if word.startswith("--") and word[2:3].isalpha()}:
            # The examples may speak of other programs' options.
            assert (f"-l {option[2:]}" if shell == "fish" else option) in script or option not in listed[:60]


def test_an_unknown_shell_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "invalid choice: 'tcsh'" in capsys.readouterr().err
    assert main(["completion"]) == 2


def test_target_names_for_the_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "--targets"]) == 0
    assert set(NAMES) <= set(capsys.readouterr().out.split())
