"""The screen of the byte map: from the struct tree and from the type browser, with a second kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.tui.screens.byte_map import ByteMapScreen
from tests.btf.build import INT, build_btf_bytes, struct
from tests.tui.screen import KERNELS, SMALL, running

OLD, NEW = KERNELS


async def test_the_programs_layout_stands_above_the_kernels(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("2", "M")
        await driver.until_text("Byte map ")
        # pahole on 6.1: se at 128, vruntime at 80 of it: the line that begins at 192, 16 bytes on.
        assert any(line.startswith("      0 1weight 2vruntim") for line in driver.lines)
        assert any(line.startswith("    192 |exec_st|sum_exe2vruntim") for line in driver.lines)
        await driver.press("c")
        await driver.until_text(f"{NEW}, struct")
        # On 6.12 the two kernels stand beside each other in 200 columns; vruntime is at 240, 48 on.
        line = next(line for line in driver.lines if line.startswith("    192 |exec_st"))
        assert line.index("2vruntim", 40) == 1 + 71 + 3 + 7 + 48
        await driver.press("escape")
        assert driver.app.screen is driver.workbench


async def test_from_the_browser_it_maps_any_type(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        await driver.press("b", *"sched_entity", "enter")
        await driver.until_text("struct sched_entity [")
        await driver.press("M")
        await driver.until_text("Byte map  sched_entity")
        assert f"{OLD}, struct sched_entity" in driver.text
        assert all(len(line) <= SMALL[0] for line in driver.lines)
        await driver.press("c")
        await driver.until_text(f"{NEW}, struct sched_entity")
        await driver.press("escape")
        await driver.until_text("struct sched_entity [")


async def test_what_is_no_struct_is_told(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("b", *"struct pid_type")
        await driver.until_text("search: ")
        await driver.press("ctrl+u", *"enum pid_type")
        await driver.until_text("enum      pid_type")
        await driver.press("enter")
        await driver.until_text("enum pid_type [")
        await driver.press("M")
        await driver.until_text("a struct or a union has bytes to map")
    async with running() as driver:
        await driver.press("M")
        await driver.until_text("There is no struct here")


@pytest.mark.parametrize("size", [(20, 5), (80, 24), (220, 60)])
async def test_it_fits_every_terminal_and_names_are_text(
    demo: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    hostile = tmp_path / "hostile.btf"
    members = {"[red]x[/]\x1b[2J": (INT, 0), "w" * 4_000: (INT, 32)}
    hostile.write_bytes(build_btf_bytes(struct("task_struct", size=8, **members)))
    async with running(demo, targets=[str(hostile)], size=size) as driver:
        await driver.press("2", "M")
        await driver.until(lambda: isinstance(driver.app.screen, ByteMapScreen))
        await driver.pilot.pause()
        await driver.press("space", "c", "right", "end")
        assert all(len(line) <= size[0] for line in driver.lines)
        assert "\x1b" not in driver.text
