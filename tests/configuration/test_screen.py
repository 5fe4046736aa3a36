"""The user's own configuration and the project's together, as the screen takes them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from btfview.compiler.c.flags import build_flags, check_flags
from btfview.configuration.clang_flags import refused
from btfview.configuration.screen import DEFAULTS, read_settings, user_path
from btfview.configuration.user_keys import COLUMNS, ROWS, USER_KEYS
from btfview.configuration.write import starter_text
from btfview.frozen import replace
from btfview.tui.panes.offset_columns import Arrangement
from btfview.tui.panes.record_rows import Order


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own file, to be written; the working folder is another."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / "config" / "btfview" / "config.toml"
    path.parent.mkdir(parents=True)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert user_path() == str(path)
    return path


def test_without_files_all_are_defaults(own: Path) -> None:
    assert read_settings(os.getcwd()) == DEFAULTS


def test_what_init_writes_is_right_once_a_key_is_turned_on(own: Path) -> None:
    text = starter_text(keys=USER_KEYS)
    for key in USER_KEYS:
        text = text.replace(f"# {key.name} = ", f"{key.name} = ")
    own.write_text(text)
    found = read_settings(os.getcwd())
    assert found.problems == ()
    assert (found.theme, found.layout, found.rows) == ("high-contrast-dark", "tabs", "worst first")
    assert found.keymap.written("compile") == "f5"


def test_a_project_adds_what_its_programs_are_and_says_nothing_of_the_screen(own: Path) -> None:
    own.write_text('theme = "nord"\ntargets = ["running"]\nflags = ["-DA"]\nfrontend = "builtin"\n')
    Path("btfview.toml").write_text(
        'targets = ["6.1.0-56-amd64"]\nflags = ["-I", "inc", "-Iinc2", "-DB=1"]\nfrontend = "rustc"\n'
    )
    os.mkdir("sub")
    os.chdir("sub")
    found = read_settings(os.getcwd())
    assert found.problems == ()
    assert found.targets == ("6.1.0-56-amd64",)
    assert found.flags == ("-DA", "-I", "../inc", "-I../inc2", "-DB=1")
    assert found.frontend == "builtin"  # rustc builds and runs what a project brings
    assert found.theme == "nord"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param('\ntheme = "nrod"', ':2: theme is "nrod"; did you mean nord?', id="choice"),
        pytest.param("them = 1", ':1: unknown key "them"; did you mean theme?', id="key"),
        pytest.param("theme = 1", ":1: theme is a number, and should be a string", id="type"),
        pytest.param(
            '[keys]\nfix = "f"\nquit = "q"', ":2: keys: f is the key of fix and of filter", id="conflict"
        ),
        pytest.param('[keys]\nlist.dwon = "x"', ":2: keys: no action is called \"list.dwon\"", id="action"),
        pytest.param("keys = 3", ":1: keys is a number, and should be a table of keys", id="keys"),
        pytest.param('[arrangement]\nrow = "x"', ':2: unknown key "row"; did you mean rows?', id="table"),
        pytest.param("theme = ", ":1: it is no TOML: ", id="toml"),
        pytest.param('fail-on = "note"', ":1: fail-on is for a project's btfview.toml", id="project"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_the_rest_holds(own: Path, text: str, said: str) -> None:
    own.write_text(text)
    found = read_settings(os.getcwd())
    assert found.problems[0].startswith(f"{own}{said}")
    assert replace(found, problems=()) == DEFAULTS


def test_a_wrong_key_leaves_the_others_as_they_are(own: Path) -> None:
    own.write_text('theme = "nord"\nkeys = { compile = "f5", complie = "f6", fix = "f" }\ntargets = 1\n')
    found = read_settings(os.getcwd())
    assert len(found.problems) == 3
    assert found.theme == "nord"
    assert found.keymap.changed == {"compile": ("f5",)}


def test_a_project_may_not_set_the_screen(own: Path) -> None:
    Path("btfview.toml").write_text('theme = "nord"\n')
    found = read_settings(os.getcwd())
    assert found.theme == ""
    assert found.problems == (
        "btfview.toml:1: theme is for your own file (btfview config path --user), not for a project's",
    )


@pytest.mark.parametrize(
    "flags",
    [
        ["-fplugin=./evil.so"], ["-fpass-plugin=./evil.so"], ["-Xclang", "-load"], ["-B."], ["@flags"],
        ["--config=x"], ["-o", "x"], ["-MF", "x"], ["-foptimization-record-file=x"], ["-Wp,-MD,x"],
        ["-save-temps"], ["-fcrash-diagnostics-dir=x"], ["evil.c"], ["-fno-builtin/../x"], ["-I"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_project_gives_clang_no_flag_that_runs_code_or_writes_files(own: Path, flags: list[str]) -> None:
    Path("btfview.toml").write_text(f"flags = {flags}\n")
    found = read_settings(os.getcwd())
    assert found.flags == ()
    assert found.problems[0].startswith("btfview.toml:1: flags: ")


def test_what_a_project_may_give_clang_is_what_a_build_may() -> None:
    flags = [
        "-I",
        "a",
        "-isystem",
        "b",
        "-DX=1",
        "-UY",
        "-std=gnu11",
        "-Wall",
        "-O2",
        "-fno-builtin",
        "-include",
        "c.h",
    ]
    assert not list(refused(flags))
    check_flags(flags)
    assert len(build_flags(flags, "/")) == len(flags) - 1  # -I and its value become one word


def test_words_are_those_of_the_panes() -> None:
    assert [*ROWS[1:]] == [one.value for one in Order][1:]
    assert [COLUMNS[1], f"kernels {COLUMNS[2]}"] == [one.value for one in Arrangement][1:]
