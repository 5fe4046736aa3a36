"""The problem list: all that is wrong, in one place, and the keys that walk it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.screen import SMALL, Driver, running

Edit = Callable[[Path, str, str], None]

FAILING = """\
#![feature(btf_relocations)]
#![no_std]
#[repr(Btf)]
pub struct task_struct { pid: i32, no_such: u64, neither: u64 }
#[unsafe(no_mangle)]
pub fn reads(p: usize) -> usize {
    core::btf::field_byte_offset!(task_struct, no_such) + core::btf::field_byte_offset!(task_struct, pid)
}
#[unsafe(no_mangle)]
pub fn more(p: usize) -> usize { core::btf::field_byte_size!(task_struct, neither) }
"""
"""Three lints (nothing is guarded) and two records without an answer: no task_struct has such members."""


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    path = tmp_path / "failing.rs"
    path.write_text(FAILING)
    return path


@pytest.fixture
def broken(demo: Path, edit: Edit) -> Path:
    edit(demo, "field_byte_offset!(task_struct, se.vruntime)", "field_byte_offset!(task_struct, se.vrun)")
    edit(demo, "Option<&usize>", "Option<&usiz>")
    return demo


def entries(driver: Driver) -> list[str]:
    """The lines of the list in the dialogue."""
    region = driver.app.screen.query_one("#choices").region
    strips = driver.app.screen._compositor.render_strips()[region.y : region.bottom]
    lines = ["".join(s.text for s in strip.crop(region.x, region.right)).strip() for strip in strips]
    return [line for line in lines if line]


async def test_p_lists_warnings_and_failing_records_as_the_header_counts_them(failing: Path) -> None:
    async with running(failing) as driver:
        assert "▲ 3 warnings" in driver.lines[0]
        assert "✖ 2 problems" in driver.lines[0]
        await driver.press("p")
        assert "Problems: 3 warnings, 2 problems of records on targets" in driver.text
        listed = entries(driver)
        assert [line[0] for line in listed] == ["▲", "▲", "▲", "✖", "✖"]
        assert "warning[unguarded_btf_offset]" in listed[0]
        assert f"{failing}:7:5" in listed[0]
        assert "#0 field_byte_offset task_struct.no_such  missing on all targets" in listed[3]
        assert "#2 field_byte_size task_struct.neither  missing on all targets" in listed[4]


async def test_what_is_under_the_cursor_is_told_in_full_below(broken: Path) -> None:
    async with running(broken) as driver:
        await driver.press("p")
        assert "Problems: 2 errors" in driver.text
        detail = "\n".join(driver.pane("entry"))
        assert "error[E0609]: no field `vrun`" in detail
        assert "^^^^" in detail
        assert "= help: its fields are: load, vruntime" in detail
        await driver.press("j")
        assert "= help: did you mean `usize`?" in "\n".join(driver.pane("entry"))


async def test_of_a_record_the_candidates_are_told_below(failing: Path) -> None:
    async with running(failing) as driver:
        await driver.press("p", "G")
        assert "candidate" in "\n".join(driver.pane("entry"))
        assert "neither" in "\n".join(driver.pane("entry"))


async def test_enter_goes_to_the_line_or_to_the_record(failing: Path) -> None:
    async with running(failing) as driver:
        await driver.press("5", "p", "g", "enter")
        await driver.until(lambda: driver.workbench.focused is driver.workbench.source_pane)
        assert driver.workbench.source_pane.cursor_number == 7
        await driver.press("p", "G", "enter")
        await driver.until(lambda: "#2 field_byte_size" in driver.pane("detail")[0])


async def test_slash_filters_and_escape_shows_all_again(failing: Path) -> None:
    async with running(failing) as driver:
        await driver.press("p", "slash", *"neither", "enter")
        assert len(entries(driver)) == 1
        await driver.press("escape")
        assert len(entries(driver)) == 5
        await driver.press("slash", *"nothing like it")
        assert "nothing holds nothing like it" in driver.text
        await driver.press("escape", "escape")
        assert "Problems" not in driver.text


async def test_braces_walk_all_problems_and_around(failing: Path) -> None:
    async with running(failing) as driver:
        await driver.press("1", "g")
        lines: list[tuple[int, str]] = []
        for _ in range(6):
            await driver.press("right_curly_bracket")
            selected = driver.workbench.session.selected_relo
            lines.append((driver.workbench.source_pane.cursor_number, selected.path if selected else ""))
        assert [number for number, _ in lines[:3]] == [7, 7, 10]
        assert [path for _, path in lines[3:5]] == ["task_struct.no_such", "task_struct.neither"]
        assert lines[5][0] == 7
        await driver.press("left_curly_bracket")  # back past the first to the last
        assert "#2 field_byte_size" in driver.pane("detail")[0]


async def test_while_there_are_errors_braces_walk_these_alone(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        edit(demo, "field_byte_offset!(task_struct, se.vruntime)", "field_byte_offset!(task_struct, se.vrun)")
        await driver.until_text("✖ 1 error")
        await driver.press("5", "right_curly_bracket")
        assert driver.workbench.source_pane.cursor_number == 38
        await driver.press("right_curly_bracket")
        assert driver.workbench.source_pane.cursor_number == 38


async def test_no_problems_are_said_to_be_none(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("p")
        assert "Problems: none" in driver.text
        assert "there are no problems" in driver.text
        await driver.press("escape", "right_curly_bracket")
        assert "There are no problems." in driver.text


async def test_what_is_told_twice_stands_there_once(demo: Path) -> None:
    async with running(demo) as driver:
        for _ in range(4):
            await driver.press("right_curly_bracket")
            await driver.until_text("There are no problems.")
        await driver.pilot.pause(0.2)
        assert driver.text.count("There are no problems.") == 1


async def test_hostile_names_are_text(tmp_path: Path) -> None:
    """Markup, an escape and a wide letter in what the message quotes."""
    path = tmp_path / "[red]名.rs"
    path.write_text("fn f() { [bold]\x1b[2J; 名(); }\n")
    async with running(path, size=SMALL) as driver:
        await driver.press("p")
        assert "Problems: " in driver.text
        assert "\x1b" not in driver.text
        assert "[red]名" in driver.text or "…" in driver.text


async def test_records_of_the_last_good_result_are_said_to_be_old(failing: Path) -> None:
    async with running(failing) as driver:
        failing.write_text(FAILING.replace("(task_struct, pid)", "(task_struct, pidd)"))
        await driver.until_text("✖ 1 error")
        await driver.press("p")
        assert "2 problems of records on targets · ~ records of the last good result" in driver.text
