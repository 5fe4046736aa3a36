"""Colour of commands, and tables on a narrow terminal."""

from __future__ import annotations

import os
import pty
import re
import sys
import threading
from collections.abc import Callable

import pytest

from btfview.analysis.result import CellState
from btfview.cli import color
from btfview.cli.main import main
from tests.paths import DEMO

LINE = f"relos {DEMO}/renamed_field.rs -t 5.10.0-46-amd64 -t 6.1.0-56-amd64 -t 6.12.117+deb12-amd64".split()
SGR = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A function that runs a command on a terminal of so many columns, and returns what stands there."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def run(*words: str, columns: int = 80) -> str:
        ours, theirs = pty.openpty()
        read: list[bytes] = []

        def take() -> None:
            while True:
                try:
                    data = os.read(ours, 65536)
                except OSError:  # the last of the other side is closed
                    return
                read.append(data)

        reader = threading.Thread(target=take)
        with open(theirs, "w") as terminal:
            reader.start()
            with monkeypatch.context() as context:
                context.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((columns, 24)))
                context.setattr(sys, "stdout", terminal)
                main(list(words))
        reader.join()
        os.close(ours)
        return b"".join(read).decode().replace("\r\n", "\n")

    return run


def test_every_state_has_a_colour() -> None:
    assert color._COLOURS.keys() == {state.glyph for state in CellState}


def test_states_are_coloured_on_a_terminal_and_the_text_is_the_same(
    on_terminal: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = on_terminal(*LINE, columns=200)
    assert main(LINE) == 1
    plain = capsys.readouterr().out
    assert SGR.sub("", shown) == plain
    assert "\x1b[1;31m✖ missing\x1b[0m" in shown
    assert "\x1b[35m▲ 2232\x1b[0m" in shown
    assert main([*LINE, "--color", "always"]) == 1
    assert capsys.readouterr().out == shown
    assert "\x1b" not in on_terminal(*LINE, "--color", "never")


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_where_the_user_wants_none(
    on_terminal: Callable[..., str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert "\x1b" not in on_terminal(*LINE)


def test_json_is_never_coloured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*LINE, "--json", "--color", "always"]) == 1
    assert "\x1b" not in capsys.readouterr().out


COMMANDS = [
    pytest.param(
        "diff 5.10.0-46-amd64 6.1.0-56-amd64 sched_entity", "\x1b[31m  - removed      statistics", id="diff"
    ),
    pytest.param("types 6.1.0-56-amd64 load_weight", "\x1b[36mstruct\x1b[0m load_weight", id="types"),
    pytest.param(
        f"fix {DEMO}/renamed_field.rs -t 5.10.0-46-amd64 -t 6.1.0-56-amd64", "\x1b[36m@@ -", id="fix"
    ),
]


@pytest.mark.parametrize(("line", "coloured"), COMMANDS)
def test_what_is_new_what_is_gone_and_c_are_coloured_and_the_text_is_the_same(
    line: str, coloured: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = line.split()
    codes, said = [], []
    for choice in ("auto", "never", "always"):  # auto: into no terminal
        codes.append(main([*words, "--color", choice]))
        said.append(capsys.readouterr().out)
    assert len(set(codes)) == 1
    assert said[0] == said[1] == SGR.sub("", said[2]) != ""
    assert coloured in said[2]


def test_types_for_programs_are_not_coloured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["types", "6.1.0-56-amd64", "load_weight", "--format", "json", "--color", "always"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_a_table_that_is_too_wide_goes_on_below(on_terminal: Callable[..., str]) -> None:
    lines = on_terminal(*LINE, "--color", "never", columns=100).split("\n")
    tables = [number for number, line in enumerate(lines) if line.lstrip().startswith(("insn", "path"))]
    assert len(tables) == 2
    rows = [line for line in lines[: tables[1] + 8] if line.startswith("  #")]
    assert [row.split()[0] for row in rows] == ["#0", "#1", "#2"] * 2
    assert all(len(line) <= 100 for line in lines[: lines.index("", tables[1])])
    assert "task_struct.state" in rows[4]
    assert "✖ missing" in rows[4]
