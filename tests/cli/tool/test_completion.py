"""Completion scripts, run by the shells themselves."""

from __future__ import annotations

import os
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
from btfview.targets.find import open_target
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

    def test_types_of_the_kernel_that_the_line_names(self, complete: Complete, home: Path) -> None:
        assert complete("btfview types 6.1.0-56-amd64 sched_en", home) == ["sched_entity"]
        assert complete("btfview diff 5.10.0-46-amd64 6.1.0-56-amd64 sched_en", home) == ["sched_entity"]
        assert complete("btfview bindings -t 6.1.0-56-amd64 sched_en", home) == ["sched_entity"]

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


def offered_types(word: str, *before: str, capsys: pytest.CaptureFixture[str]) -> list[str] | int:
    """Return the types that are offered, or the code that says that no type stands there."""
    code = main(["completion", "--types", word, *before])
    said = capsys.readouterr()
    assert said.err == ""
    return code or said.out.split()


def test_types_stand_where_a_command_takes_them(capsys: pytest.CaptureFixture[str]) -> None:
    old, new = NAMES
    cases: list[tuple[tuple[str, ...], list[str] | int]] = [
        (("sched_en", "types"), 1),
        (("sched_en", "types", new), ["sched_entity"]),
        (("sched_en", "types", "--format", "c", new), ["sched_entity"]),
        (("sched_en", "types", new, "--format"), 1),
        (("sched_en", "diff", old), 1),
        (("sched_en", "diff", old, new), ["sched_entity"]),
        (("sched_en", "bindings"), ["sched_entity"]),
        (("sched_en", "bindings", "--target=" + old), ["sched_entity"]),
        (("sched_en", "relos", "prog.o"), 1),
        (("sched_en", "nosuch"), 1),
        (("sched_en",), 1),
        (("", "types", new), []),
        # folio is of 5.16 (commit 7b230db3b8d3); the bundled kernels serve where none is named that is there.
        (("foli", "types", old), []),
        (("foli", "types", new), ["folio"]),
        (("foli", "types", "/nosuch"), ["folio"]),
        (("foli", "bindings", "-t", "/"), ["folio"]),
    ]
    for line, wanted in cases:
        assert offered_types(*line, capsys=capsys) == wanted, line


def test_what_cannot_be_read_while_completing_is_not_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "damaged.btf"
    damaged.write_bytes(open_target(NAMES[1]).btf.data[:5000])
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (damaged, pipe):
        assert isinstance(offered_types("sched_en", "types", str(path), capsys=capsys), list)


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
