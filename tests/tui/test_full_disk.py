"""A disk that is full: the screen tells what it cannot write, what stood there stays, and no text is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.disks import full_disk
from tests.paths import DEMO
from tests.tui.screen import Driver, running
from tests.tui.test_edit_in_place import open_editor

SOURCE = (DEMO / "sched.rs").read_text()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A full disk with a source and an old report."""
    with full_disk(tmp_path / "disk", {"sched.rs": SOURCE, "old.txt": "the last report"}) as folder:
        yield folder
        assert sorted(os.listdir(folder)) == ["old.txt", "sched.rs"]


async def export(driver: Driver, path: Path) -> None:
    await driver.press("x")
    driver.app.screen.query_one(Input).value = str(path)
    await driver.press("enter")


async def test_an_export_is_told_and_leaves_the_old_report(disk: Path) -> None:
    async with running(disk / "sched.rs") as driver:
        await export(driver, disk / "old.txt")
        await driver.until_text("enter again overwrites")
        await driver.press("enter")
        await driver.until_text("no space left on device")
        assert (disk / "old.txt").read_text() == "the last report"
        (disk / "filler").unlink()
        await driver.press("enter")
        await driver.until(lambda: "▲ 240" in (disk / "old.txt").read_text())


async def test_an_export_under_a_new_name_leaves_no_half_of_it(disk: Path) -> None:
    async with running(disk / "sched.rs") as driver:
        await export(driver, disk / "new.json")
        await driver.until_text("no space left on device")
        assert not (disk / "new.json").exists()
    (disk / "filler").unlink()


async def test_a_save_is_told_and_the_text_stays_in_the_editor(disk: Path) -> None:
    source = disk / "sched.rs"
    async with running(source) as driver:
        await open_editor(driver)
        await driver.press("ctrl+home", "slash", "slash", *"q1r", "enter", "ctrl+s")
        await driver.until_text("Not saved")
        [told] = [one.message for one in driver.app._notifications if one.title == "Not saved"]
        assert "no space left on device\nYour text is still here" in told
        assert "● unsaved" in driver.text
        assert source.read_text() == SOURCE
        (disk / "filler").unlink()
        await driver.press("ctrl+s")
        await driver.until(lambda: source.read_text() == f"//q1r\n{SOURCE}")


async def test_what_cannot_be_taken_back_is_told(disk: Path) -> None:
    source, filler = disk / "sched.rs", disk / "filler"
    filled = filler.read_bytes()
    filler.unlink()
    async with running(source) as driver:
        await open_editor(driver)
        await driver.press("ctrl+home", "slash", "slash", "enter", "ctrl+s", "escape")
        await driver.until(lambda: source.read_text() == f"//\n{SOURCE}")
        await driver.settled()
        filler.write_bytes(filled)
        await driver.press("u")
        await driver.until_text("Undo")
        assert any("nothing is taken back" in one.message for one in driver.app._notifications)
        assert source.read_text() == f"//\n{SOURCE}"
        filler.unlink()
        await driver.press("u")
        await driver.until(lambda: source.read_text() == SOURCE)
