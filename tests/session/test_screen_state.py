"""What the screen remembers: per user and per file, by several at once, and not where it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from btfview.session import screen_state
from btfview.session.screen_state import ScreenState


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "btfview" / "screen.json"


def test_each_of_two_screens_keeps_what_it_changed() -> None:
    one, other = ScreenState(), ScreenState()
    one.keep_theme("nord")
    other.keep_shares({"source intrinsics": [0.25, 0.75]})
    one.keep_order("a.rs", "by type", "by age")
    other.keep_order("b.rs", "by path", "every kernel")
    found = ScreenState()
    assert (found.theme, found.shares) == ("nord", {"source intrinsics": [0.25, 0.75]})
    assert found.order_of("a.rs") == ("by type", "by age")
    assert found.order_of("b.rs") == ("by path", "every kernel")


def test_a_theme_holds_until_the_configuration_says_another(kept: Path) -> None:
    ScreenState(configured_theme="nord").keep_theme("dracula")
    assert ScreenState(configured_theme="nord").theme == "dracula"
    assert ScreenState(configured_theme="gruvbox").theme == ""


def test_fresh_neither_reads_nor_writes(kept: Path) -> None:
    ScreenState().keep_theme("nord")
    before = kept.read_bytes()
    fresh = ScreenState(is_fresh=True)
    assert fresh.theme == ""
    fresh.keep_theme("dracula")
    fresh.keep_order("a.rs", "by type", "by age")
    assert fresh.order_of("a.rs") == ("by type", "by age")
    assert kept.read_bytes() == before


def test_what_a_later_btfview_wrote_stays(kept: Path) -> None:
    kept.parent.mkdir()
    kept.write_text('{"version": 2, "theme": {"dark": "x"}}')
    state = ScreenState()
    assert state.theme == ""
    state.keep_theme("nord")
    assert json.loads(kept.read_text()) == {"version": 2, "theme": {"dark": "x"}}


def test_what_it_does_not_know_stays(kept: Path) -> None:
    kept.parent.mkdir()
    kept.write_text('{"version": 1, "other": [1]}')
    ScreenState().keep_theme("nord")
    assert json.loads(kept.read_text())["other"] == [1]


def test_the_files_that_were_arranged_longest_ago_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_state, "_MOST_FILES", 2)
    for name in ("a.rs", "b.rs", "a.rs", "c.rs"):
        ScreenState().keep_order(name, "by type", f"columns of {name}")
    for name in ("a.rs", "b.rs"):
        ScreenState().keep_order(name, "by path", "by age")
    assert ScreenState().order_of("c.rs") == ("", "")
    assert ScreenState().order_of("a.rs") == ("by path", "by age")


@pytest.mark.parametrize("files", ['{"/a": 1}', '{"/a": {"rows": 1, "columns": "x"}}', "[]", '{"/a": {}}'])
def test_orders_that_are_none_are_as_if_they_were_not_there(kept: Path, files: str) -> None:
    kept.parent.mkdir()
    kept.write_text(f'{{"files": {files}}}')
    state = ScreenState()
    assert state.order_of("/a") == ("", "")
    state.keep_order("/a", "by type", "by age")
    assert ScreenState().order_of("/a") == ("by type", "by age")


def test_a_home_that_takes_nothing_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    state = ScreenState()
    state.keep_theme("nord")
    assert state.theme == "nord"
    assert ScreenState().theme == ""
