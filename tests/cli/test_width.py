"""Tables and sentences on a terminal of 80 columns; off a terminal the commands' own tests hold the text."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import pytest

from btfview.btf.format.as_list import format_list
from btfview.cli import color
from btfview.cli.kernels.atlas import _list
from btfview.cli.main import main
from btfview.cli.tool import doctor
from tests.btf.build import build_btf, struct
from tests.paths import DEMO

Shown = Callable[..., tuple[list[str], str]]
WIDTH = 80


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shown:
    """A function that runs a command on a terminal and off one; it returns the lines there, the text here."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(DEMO)  # the paths that are told are short
    monkeypatch.setattr(color, "columns", lambda most: min(WIDTH, most))

    def run(words: str, command: Callable[[], object] | None = None) -> tuple[list[str], str]:
        said = []
        for is_terminal in (False, True):
            monkeypatch.setattr(sys.stdout, "isatty", lambda is_one=is_terminal: is_one)
            command() if command else main(words.split())
            said.append(capsys.readouterr().out)
        return said[1].splitlines(), said[0]

    return run


def test_a_table_is_as_wide_as_ever_where_there_is_no_terminal(shown: Shown) -> None:
    lines, text = shown("rule")
    assert max(map(len, text.splitlines())) > WIDTH >= max(map(len, lines))


@pytest.mark.parametrize(
    "words",
    [
        "rule",
        "rule missing",
        "keys",
        "demands task_state.rs -t 6.1.0-56-amd64",
    ],
)
def test_sentences_go_on_below_and_lose_no_word(shown: Shown, words: str) -> None:
    lines, text = shown(words)
    assert all(len(line) <= WIDTH for line in lines)
    assert " ".join(lines).split() == text.split()


def test_what_is_wrong_with_this_machine_goes_on_below(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    advice = "for C: apt install clang, dnf install clang, pip install ziglang, or set BTFVIEW_CLANG"
    check = doctor.Check("C compiler", doctor.LIMITED, "none found; Rust and IR need none", advice)
    monkeypatch.setattr(doctor, "check_all", lambda *_: [check])
    lines, _ = shown("doctor")
    assert lines[0] == "! C compiler        none found; Rust and IR need none"
    assert lines[1] == " " * 20 + "→ for C: apt install clang, dnf install clang, pip install"
    assert lines[2] == " " * 22 + "ziglang, or set BTFVIEW_CLANG"


def test_relos_tells_the_targets_below_where_no_column_is_left(shown: Shown) -> None:
    lines, _ = shown("relos renamed_field.rs -t 5.10.0-46-amd64 -t 6.1.0-56-amd64")
    assert all(len(line) <= WIDTH for line in lines)
    assert ["path", "5.10.0-46-amd64", "6.1.0-56-amd64"] in [line.split() for line in lines]
    assert "    member state there" in lines


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("targets 6.1.0-56-amd64 6.12.117+deb12-amd64", "…"),
        ("diff 5.10.0-46-amd64 6.1.0-56-amd64 task_struct", "unsigned int"),
        ("diff sched.rs task_state.rs", "r6 = r0"),
    ],
)
def test_of_tables_a_path_or_a_type_is_cut_and_never_a_value(shown: Shown, words: str, kept: str) -> None:
    lines, text = shown(words)
    assert all(len(line) <= WIDTH for line in lines)
    said = " ".join(lines)
    assert kept in said
    value = r"[-+]\d+ |\d+ (?:B|bytes)"
    assert re.findall(value, re.sub(" +", " ", said)) == re.findall(value, re.sub(r"\s+", " ", text))


def test_a_list_of_types_cuts_the_name_that_its_id_finds() -> None:
    btf = build_btf(struct("a" * 100, size=8))
    (line,) = format_list(btf, [1], WIDTH)
    assert line == f"      [1]  struct          8  {'a' * 49}…\n"


def test_a_list_of_an_atlas_keeps_the_end_of_the_path(shown: Shown) -> None:
    facts = [{"name": "6.1.0", "types": 9000, "endian": "little", "source": f"/{'long/' * 20}6.1.0.btf"}]
    lines, text = shown("", lambda: _list(None, facts, as_json=False))  # type: ignore[arg-type]
    assert len(lines[0]) == WIDTH
    assert lines[0].startswith("6.1.0    9000 types  little-endian  …")
    assert lines[0].endswith("long/6.1.0.btf")
    assert text.endswith(f"  {facts[0]['source']}\n")
