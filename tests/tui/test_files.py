"""Several files on the command line; demos, which stay as they came."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from btfview.errors import UsageError
from btfview.session.demo import copy_demo, demo_path, is_demo
from btfview.session.file_edit import replace_file
from tests.paths import DEMO
from tests.tui.screen import running


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    return [Path(shutil.copy(DEMO / f"{name}.rs", tmp_path)) for name in ("sched", "task_state")]


async def test_two_files_are_counted_and_switched_between(two: list[Path]) -> None:
    async with running(*two) as driver:
        assert "sched.rs  1 of 2  " in driver.lines[0]
        await driver.press("right_parenthesis")
        await driver.until(lambda: "task_state.rs  2 of 2  ✔" in driver.lines[0])
        await driver.press("right_parenthesis")
        await driver.until(lambda: "sched.rs  1 of 2  ✔" in driver.lines[0])
        await driver.press("left_parenthesis")
        await driver.until(lambda: "task_state.rs  2 of 2  ✔" in driver.lines[0])


async def test_one_file_is_not_counted(two: list[Path]) -> None:
    async with running(two[0]) as driver:
        assert " of 1" not in driver.lines[0]
        await driver.press("right_parenthesis")
        await driver.until_text("One file was given")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


async def test_a_demo_is_not_edited_but_a_copy_with_the_same_record_selected(elsewhere: Path) -> None:
    path = demo_path()
    assert path is not None
    before = Path(path).read_bytes()
    async with running(path) as driver:
        await driver.press("right_square_bracket", "i")
        await driver.until_text("came with btfview and stays as it is")
        await driver.press("escape")
        assert not list(elsewhere.iterdir())
        await driver.press("i", "c")
        await driver.until_text("editing ")
        copy = elsewhere / "sched.rs"
        assert driver.workbench.session.path == str(copy)
        assert driver.workbench.session.selection is not None
        assert driver.workbench.session.selection.relo == 1
        await driver.press("ctrl+home", *"//x", "enter", "ctrl+s", "escape")
        await driver.settled()
        assert copy.read_bytes() == b"//x\n" + before
    assert Path(path).read_bytes() == before


async def test_code_is_not_inserted_into_a_demo(elsewhere: Path) -> None:
    path = demo_path()
    assert path is not None
    async with running(path) as driver:
        await driver.press("2", "g")
        await driver.until_text("a demo stays as it is")


def test_a_copy_takes_no_other_files_place(elsewhere: Path) -> None:
    path = demo_path()
    assert path is not None
    assert is_demo(path)
    first = copy_demo(path)
    assert first == str(elsewhere / "sched.rs")
    assert copy_demo(path) == first, "nothing was changed in it"
    Path(first).write_text("// mine")
    assert copy_demo(path) == str(elsewhere / "sched-2.rs")
    assert Path(first).read_text() == "// mine"
    assert not is_demo(first)


def test_nothing_replaces_a_demo() -> None:
    path = demo_path()
    assert path is not None
    with pytest.raises(UsageError, match="stays as it is"):
        replace_file(path, None, b"")
