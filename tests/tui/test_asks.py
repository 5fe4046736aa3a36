"""What an object asks of a kernel beside its records, on the screen: panes 4 and 5, detail, keys, palette."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.frozen import replace
from tests.asking import HELPER, write_asking
from tests.tui.screen import SMALL, running


async def test_an_object_without_records_shows_what_it_asks_for(tmp_path: Path) -> None:
    path, kernels = write_asking(tmp_path, "has", "lacks", "trimmed")
    async with running(path, targets=kernels) as driver:
        assert "4 demands" in driver.lines[0]
        assert "0 records" not in driver.text
        assert "✖ 1 problem" in driver.lines[0]
        assert any("asks of the kernel" in line for line in driver.pane("relocations"))
        assert any("d3  helper" in line for line in driver.pane("relocations"))
        offsets = driver.pane("offsets")
        # Beside the records a row of the offsets says no more who it is.
        at = next(y for y, line in enumerate(driver.pane("relocations")) if "d3  helper" in line)
        row = offsets[at]
        assert "yes" in row
        assert "no" in row
        assert "-" in row


async def test_one_selection_links_the_panes_the_detail_and_the_disassembly(tmp_path: Path) -> None:
    path, kernels = write_asking(tmp_path, "has", "lacks", "trimmed")
    async with running(path, targets=kernels) as driver:
        await driver.press("4", "G")
        assert any("d3  helper" in line for line in driver.marked("relocations"))
        assert [line.split()[-3:] for line in driver.marked("offsets")] == [["no", "│?", "-"]]
        assert f"Detail · d3 helper {HELPER} on lacks" in driver.text
        await driver.press("5", "h")
        assert f"Detail · d3 helper {HELPER} on has" in driver.text
        await driver.press("l")
        assert f"Detail · d3 helper {HELPER} on lacks" in driver.text
        assert "the kernel has no bpf_ktime_get_ns" in driver.text
        await driver.press("l")
        assert "this BTF was trimmed: it lacks enum bpf_func_id" in driver.text
        await driver.press("left_square_bracket")
        assert any("d2  program type" in line for line in driver.marked("relocations"))
        await driver.press("right_square_bracket", "greater_than_sign")
        await driver.until(lambda: any("call" in line for line in driver.marked("disasm")))


async def test_problems_are_walked_and_listed(tmp_path: Path) -> None:
    path, kernels = write_asking(tmp_path, "has", "lacks", "trimmed")
    async with running(path, targets=kernels) as driver:
        await driver.press("right_curly_bracket")
        assert f"Detail · d3 helper {HELPER} on lacks" in driver.text
        await driver.press("p")
        assert "Problems: 1 problem on targets" in driver.text
        assert f"✖ d3 helper {HELPER}  not met on lacks" in driver.text
        await driver.press("escape", "5", "z", "f")
        assert any("d3 helper" in line for line in driver.pane("offsets"))
        assert "problems only: 1 of 4" in driver.text
        assert not any("d0 order" in line for line in driver.pane("offsets"))


async def test_the_palette_finds_them(tmp_path: Path) -> None:
    path, kernels = write_asking(tmp_path, "has", "lacks")
    async with running(path, targets=kernels) as driver:
        await driver.press("ctrl+p", *"!ktime")
        await driver.until_text("✖ not met on lacks")
        await driver.press("enter")
        assert f"Detail · d3 helper {HELPER} on lacks" in driver.text


async def test_the_cell_explains_them_and_a_command_line_tells_them(tmp_path: Path) -> None:
    path, kernels = write_asking(tmp_path, "lacks", "has")
    async with running(path, targets=kernels) as driver:
        await driver.press("4", "G", "B")
        assert "From kernel to kernel" in driver.text
        assert "Rule: kernel check_helper_call" in driver.text
        await driver.press("escape", "Y")
        await driver.until_text("btfview demands")


@pytest.mark.parametrize("pane", ["4", "5"])
async def test_a_small_terminal_shows_them_as_well(tmp_path: Path, pane: str) -> None:
    path, kernels = write_asking(tmp_path, "lacks", "has")
    async with running(path, size=SMALL, targets=kernels) as driver:
        await driver.press(pane, "G")
        assert f"d3 of 4 · helper · {HELPER}" in driver.text
        assert "✖ not met" in driver.text


async def test_a_source_of_the_other_byte_order_does_not_load(demo: Path) -> None:
    """The option is of the screen; the header says it, and the selection stays where it was."""
    async with running(demo) as driver:
        assert "4 records, 2 demands" in driver.lines[0]
        assert "0 problems" in driver.lines[0]
        session = driver.workbench.session
        session.options = replace(session.options, endian="big")
        await driver.press("r")
        await driver.until_text("big endian")
        await driver.settled()
        assert "✖ 1 problem" in driver.lines[0]
        await driver.press("right_curly_bracket")
        assert "Detail · d0 byte order big-endian" in driver.text
        assert "compile with -target bpfel" in driver.text
