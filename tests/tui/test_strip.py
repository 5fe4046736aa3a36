"""The strip of all kernels: in the header, and where it leads."""

from __future__ import annotations

from pathlib import Path

from btfview.targets.kernels import bundled_targets
from tests.tui.screen import SMALL, WIDE, running

BUNDLED = [target.name for target in bundled_targets()]


STATE = """#![feature(btf_relocations)] #![allow(unguarded_btf_offset)]
#[repr(Btf)]
pub struct task_struct { state: i64 }
#[unsafe(no_mangle)]
pub fn state(_p: usize) -> usize { core::btf::field_byte_offset!(task_struct, state) }
"""
"""``task_struct.state`` is ``__state`` since 5.14: the kernel's commit 2f064a59a11f."""


async def test_the_header_says_that_and_where_something_fails(tmp_path: Path) -> None:
    path = tmp_path / "state.rs"
    path.write_text(STATE)
    async with running(path, targets=BUNDLED) as driver:
        assert driver.lines[1].startswith(" ✖ 1 record fails on 4 of 5 kernels   amd64 ○✖✖✖│arm64 ✖")


async def test_where_nothing_fails_the_header_says_so(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        assert driver.lines[1].startswith(" ✔ nothing fails on 2 kernels   amd64 ▲▲")


async def test_without_kernels_there_is_no_strip(demo: Path) -> None:
    async with running(demo, targets=["/nowhere/at/all"]) as driver:
        assert "1 Source" in driver.lines[1]


async def test_a_click_on_the_strip_chooses_that_kernel(demo: Path) -> None:
    async with running(demo, size=WIDE) as driver:
        line = driver.lines[1]
        assert "▸ 6.1.0-56-amd64" in line
        await driver.pilot.click("#header", offset=(line.index("▲▲") + 1, 1))
        await driver.until_text("▸ 6.12.117+deb12-amd64")
        assert driver.workbench.session.selection.target == 1  # type: ignore[union-attr]
        assert "on 6.12.117+deb12-amd64" in "".join(driver.pane("detail"))


async def test_on_a_low_terminal_the_strip_shares_the_line(demo: Path) -> None:
    async with running(demo, size=(80, 12)) as driver:
        assert "sched.rs" in driver.lines[0]
        assert "▲▲" in driver.lines[0]
        line = driver.lines[0]
        await driver.pilot.click("#header", offset=(line.index("▲▲") + 1, 0))
        await driver.until(lambda: driver.workbench.session.selection.target == 1)  # type: ignore[union-attr]
