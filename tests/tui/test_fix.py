"""``F``: from what fails to a fix that is proven, written, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.hint_finder import HintFinder
from btfview.cli.main import main
from btfview.tui.screens.fix import FixList, FixScreen
from tests.fixes.fixing import C_PROGRAM, NEW, OLD
from tests.paths import ROOT
from tests.tui.screen import MIDDLE, SMALL, WIDE, Driver, running

Edit = Callable[[Path, str, str], None]
RENAMED = (ROOT / "tests" / "fixes" / "renamed.rs").read_text().replace("real_start_time", "start_boottime")
"""Written for the old kernel: ``state`` fails on the new one."""
KERNELS = [OLD, NEW]


@pytest.fixture
def renamed(tmp_path: Path) -> Path:
    path = tmp_path / "renamed.rs"
    path.write_text(RENAMED)
    return path


@pytest.fixture
def c_program(tmp_path: Path) -> Path:
    path = tmp_path / "prog.c"
    text = C_PROGRAM.replace("STATEMENT", "value = BPF_CORE_READ(task, state);")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    return path


async def test_what_hints_look_at_is_read_before_a_key_asks(renamed: Path) -> None:
    async with running(renamed, targets=[NEW, OLD]) as driver:
        showing = driver.workbench.showing
        await driver.until(lambda: showing._finder is not None and bool(showing._finder[1]._searched))


async def fixes(driver: Driver) -> None:
    """Go to what fails, and wait for all fixes."""
    await driver.press("right_curly_bracket", "F")
    await driver.until(lambda: isinstance(driver.app.screen, FixScreen))
    screen = driver.app.screen
    assert isinstance(screen, FixScreen)
    await driver.until(lambda: screen.is_done)


def offered(driver: Driver) -> list[str]:
    shown = driver.app.screen.query_one("#choices", FixList)
    return [" ".join(shown.text(index).split()) for index in range(shown.line_count)]


@pytest.mark.parametrize("size", [WIDE, MIDDLE, SMALL])
async def test_a_renamed_field_of_rust_is_mended_and_taken_back(renamed: Path, size: tuple[int, int]) -> None:
    before = renamed.read_bytes()
    async with running(renamed, size=size, targets=KERNELS) as driver:
        await fixes(driver)
        assert offered(driver) == [
            "under both names fails on 1 of 2 → 0 of 2",
            "guard fails on 1 of 2 → 0 of 2",
        ]
        assert "now  amd64 ▲✖  fails on 1 of 2" in driver.text
        assert "then amd64 ▲○  fails on 0 of 2" in driver.text
        assert "it is now" in driver.text
        await driver.press("enter")
        await driver.until(lambda: renamed.read_bytes() != before)
        await driver.settled()
        good = driver.workbench.session.good
        assert good is not None
        assert good.problem_count == 0
        assert main(["relos", str(renamed), "-t", OLD, "-t", NEW]) == 0
        await driver.press("u")
        await driver.until(lambda: renamed.read_bytes() == before)


@pytest.mark.debian_tool("clang-19")
async def test_a_renamed_field_of_c_is_mended_with_the_second_fix(c_program: Path) -> None:
    before = c_program.read_bytes()
    async with running(c_program, targets=KERNELS) as driver:
        await fixes(driver)
        assert len(offered(driver)) == 2
        assert "+    value = read_state(task);" in driver.text
        await driver.press("down")
        await driver.until_text(
            "+    value = bpf_core_field_exists(task->state) ? BPF_CORE_READ(task, state) : 0;"
        )
        await driver.press("enter")
        await driver.until(lambda: c_program.read_bytes() != before)
        await driver.settled()
        after = c_program.read_bytes()
        assert b"value = bpf_core_field_exists(task->state) ? BPF_CORE_READ(task, state) : 0;\r\n" in after
        assert after.count(b"\n") == after.count(b"\r\n")
        assert main(["relos", str(c_program), "-t", OLD, "-t", NEW]) == 0
        await driver.press("u")
        await driver.until(lambda: c_program.read_bytes() == before)


async def test_the_difference_is_copied_and_nothing_written(renamed: Path) -> None:
    async with running(renamed, targets=KERNELS) as driver:
        await fixes(driver)
        await driver.press("y", "escape")
        assert driver.app.clipboard.startswith(f"--- {renamed}\n+++ {renamed}\n@@ ")
        assert renamed.read_text() == RENAMED


async def test_another_programs_change_stays(renamed: Path, edit: Edit) -> None:
    async with running(renamed, targets=KERNELS) as driver:
        await driver.press("w")  # so that it is not read again
        await fixes(driver)
        edit(renamed, "#![no_std]", "#![no_std]\n// theirs")
        theirs = renamed.read_text()
        await driver.press("enter")
        await driver.until_text("nothing is changed")
        assert renamed.read_text() == theirs


async def test_a_read_only_file_stays(renamed: Path) -> None:
    renamed.chmod(0o444)
    async with running(renamed, targets=KERNELS) as driver:
        await fixes(driver)
        await driver.press("enter")
        await driver.until_text("is read-only")
        assert renamed.read_text() == RENAMED


async def test_of_an_object_the_code_is_copied(renamed: Path, tmp_path: Path) -> None:
    obj = tmp_path / "renamed.o"
    assert main(["compile", str(renamed), "-o", str(obj)]) == 0
    async with running(obj, targets=KERNELS) as driver:
        await fixes(driver)
        assert "an object has no source that could be changed" in driver.text
        assert "fn read_state(from: *const u8)" in driver.text
        await driver.press("enter")
        await driver.until_text("y copies the code")
        await driver.press("y")
        assert "fn read_state(from: *const u8)" in driver.app.clipboard


async def test_what_has_no_fix_says_why(tmp_path: Path) -> None:
    path = tmp_path / "prog.rs"
    text = RENAMED.replace("pub fn state(&self) -> Option<i64> {", "pub fn state(&self) -> [u64; 1] {")
    path.write_text(text.replace("Some(unsafe { *(ptr.add(offset) as *const i64) })", "[offset as u64]"))
    async with running(path, targets=KERNELS) as driver:
        await fixes(driver)
        assert "no kind of fix is known for it" in driver.text
        await driver.press("enter", "escape")
        assert not isinstance(driver.app.screen, FixScreen)


async def test_where_there_is_nothing_to_fix_it_says_so(demo: Path, renamed: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        await driver.press("F")
        await driver.until_text("It fails nowhere. } goes to what fails.")
    async with running(renamed, targets=KERNELS) as driver:
        await driver.press("right_curly_bracket")
        edit(renamed, "Option<i64>", "Option<nope>")
        await driver.until_text("stale")
        await driver.press("F")
        await driver.until_text("The source has errors: mend those first")
    async with running(targets=KERNELS) as driver:
        await driver.press("F")
        await driver.until_text("There is no record here")


async def test_an_error_of_our_own_while_code_is_tried_is_told_below_the_explanation(
    renamed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(HintFinder, "code", broken)
    async with running(renamed, targets=KERNELS) as driver:
        await driver.press("right_curly_bracket")
        await driver.until_text("on purpose")
        assert "__state" in "".join(driver.pane("detail"))


async def test_a_page_key_turns_the_difference_though_the_fixes_have_the_focus(renamed: Path) -> None:
    async with running(renamed, size=SMALL, targets=KERNELS) as driver:
        await fixes(driver)
        diff = driver.app.screen.query_one("#diff", FixList)
        count = diff.line_count
        assert f"Preview · 1/{count}" in driver.text
        await driver.press("pagedown")
        assert diff.scroll_y == diff.cursor - (diff._body_height - 1) > 0
        await driver.press("pagedown", "pagedown", "pagedown", "pagedown", "pagedown", "pagedown")
        assert f"Preview · {count}/{count}" in driver.text
        assert diff.scroll_y == diff.max_scroll_y
        await driver.press("pageup")
        assert diff.cursor == diff.scroll_y < diff.max_scroll_y
