"""A program of several files: the source pane shows the one that the selected record, or the error, is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.screen import KERNELS, SMALL, running

MAIN = """#![feature(btf_relocations)]
#![no_std]
mod kernel;
use kernel::task_struct;
pub fn there() -> bool { core::btf::field_exists!(task_struct, pid) }
"""
KERNEL = """//! What the kernel has.
#[repr(Btf)] pub struct task_struct { pub pid: i32, pub tgid: i32 }
pub fn has_tgid() -> bool { core::btf::field_exists!(task_struct, tgid) }
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "main.rs").write_text(MAIN)
    (tmp_path / "kernel.rs").write_text(KERNEL)
    return tmp_path / "main.rs"


async def test_the_pane_turns_to_the_file_of_the_record(program: Path) -> None:
    async with running(program, size=SMALL, targets=KERNELS[:1]) as driver:
        records = [linked.path for linked in driver.workbench.session.good.relos]  # type: ignore[union-attr]
        assert set(records) == {"task_struct.pid", "task_struct.tgid"}
        for relo, (name, line) in {"pid": ("main.rs", 5), "tgid": ("kernel.rs", 3)}.items():
            driver.workbench.select_relo(records.index(f"task_struct.{relo}"))
            await driver.until(lambda line=line: any(f"{line} │" in one for one in driver.marked("source")))  # type: ignore[misc]
            assert driver.workbench.source_pane.file_path == str(program.with_name(name))
            assert (str(program.with_name("kernel.rs"))[:40] in driver.text) == (name == "kernel.rs")
        await driver.press("i")  # the file on show is the one that is edited
        await driver.until_text("editing")
        assert "What the kernel has" in driver.text


async def test_an_error_in_another_file_is_shown_there_and_back_again(program: Path) -> None:
    kernel = program.with_name("kernel.rs")
    async with running(program, size=SMALL, targets=KERNELS[:1]) as driver:
        kernel.write_text(KERNEL + "pub fn wrong() -> u32 { true }\n")
        await driver.press("r")
        await driver.until_text("mismatched types")
        assert driver.workbench.source_pane.file_path == str(kernel)
        kernel.write_text(KERNEL)
        await driver.press("r")
        await driver.until(lambda: "mismatched types" not in driver.text)
        await driver.settled()
        assert driver.workbench.session.latest is driver.workbench.session.good


async def test_a_problem_in_another_file_is_gone_to_there(program: Path) -> None:
    kernel = program.with_name("kernel.rs")
    program.write_text(MAIN + "pub fn first() -> u32 { true }\n")
    kernel.write_text(KERNEL + "pub fn wrong() -> u32 { true }\n")
    async with running(program, size=SMALL, targets=KERNELS[:1]) as driver:
        pane = driver.workbench.source_pane
        await driver.until_text("mismatched types")
        places = []
        for _ in range(3):
            await driver.press("right_curly_bracket")
            places.append((Path(pane.file_path or "").name, pane.cursor_number))
        assert set(places) == {("main.rs", 6), ("kernel.rs", 4)}
        assert places[0] == places[2], "past the last to the first"


async def test_who_leaves_the_editor_of_another_file_is_still_there(program: Path) -> None:
    kernel = program.with_name("kernel.rs")
    async with running(program, size=SMALL, targets=KERNELS[:1]) as driver:
        good = driver.workbench.session.good
        assert good is not None
        driver.workbench.select_relo([one.path for one in good.relos].index("task_struct.tgid"))
        await driver.press("i", "escape")
        await driver.until(lambda: not driver.workbench.query("#editor"))
        pane = driver.workbench.source_pane
        assert (pane.file_path, pane.cursor_number) == (str(kernel), 3)
        await driver.press("colon", "2", "enter")
        assert (pane.file_path, pane.cursor_number) == (str(kernel), 2)


GUARDED = (
    MAIN
    + """
#[repr(Btf)] pub struct task_struct___old { pub state: i64 }
#[unsafe(no_mangle)]
pub fn state(value: usize) -> usize {
    if core::btf::field_exists!(task_struct___old, state) {
        value * core::btf::field_byte_offset!(task_struct___old, state)
    } else {
        7
    }
}
"""
)
"""Line 11 cannot run where there is no ``state``; since 5.14 it is ``__state``."""


async def test_lines_that_cannot_run_are_marked_in_their_own_file_alone(program: Path) -> None:
    program.write_text(GUARDED)
    kernel = program.with_name("kernel.rs")
    kernel.write_text(KERNEL + "// what follows has as many lines as the other file\n" * 12)
    async with running(program, targets=["5.10.0-46-amd64", "6.1.0-56-amd64"]) as driver:
        good = driver.workbench.session.good
        assert good is not None
        records = [linked.path for linked in good.relos]
        offset = records.index("task_struct___old.state")
        driver.workbench.select_relo(offset, 1)
        await driver.until(lambda: any("11 ○" in line for line in driver.pane("source")))
        driver.workbench.select_relo(records.index("task_struct.tgid"), 1)
        assert driver.workbench.source_pane.file_path == str(kernel)
        await driver.pilot.pause()
        assert any("11 │" in line for line in driver.pane("source"))
        driver.workbench.select_relo(offset, 1)
        await driver.pilot.pause()
        assert any("11 ○" in line for line in driver.pane("source"))
