"""``V``: the running kernel's verdict on the screen, asked anew after each compile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.paths import DEMO
from tests.tui.screen import WIDE, running

pytestmark = pytest.mark.kernel
Edit = Callable[[Path, str, str], None]


@pytest.fixture
def task_state(tmp_path: Path) -> Path:
    path = tmp_path / "task_state.rs"
    path.write_text((DEMO / "task_state.rs").read_text())
    return path


async def test_the_header_says_what_the_kernel_says_and_each_compile_asks_anew(
    task_state: Path, edit: Edit
) -> None:
    async with running(task_state, size=WIDE) as driver:
        await driver.press("V")
        await driver.until_text("The kernel's verdict")
        assert "loads: " in driver.text
        await driver.press("escape")
        await driver.until_text("✔ kernel: 1 program loads")
        first = driver.workbench.session.good
        edit(task_state, "fn ", " fn ")
        await driver.press("r")
        await driver.until(lambda: driver.workbench.session.good is not first)
        await driver.until(lambda: "✔ kernel: 1 program loads" in driver.lines[0])
        await driver.press("V")
        await driver.until(lambda: "kernel" not in driver.lines[0])


@pytest.mark.shared
async def test_a_refused_program_is_explained_and_enter_goes_to_its_record(shared: Path) -> None:
    async with running(shared / "cases" / "c" / "log" / "p.o", size=WIDE, targets=["running"]) as driver:
        await driver.press("V")
        await driver.until_text("stopped at instruction 20 (old_state+3)")
        await driver.press("enter")
        await driver.until_text("Detail · #1 field_byte_offset task_struct.state")
        assert "✖ kernel: 0 of 2 programs load" in driver.lines[0]


async def test_without_anything_to_load_it_says_so(demo: Path) -> None:
    async with running(demo, size=WIDE) as driver:
        await driver.press("V")
        await driver.until_text("there is no program that libbpf would load")
