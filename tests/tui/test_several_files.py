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
