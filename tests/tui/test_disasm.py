"""The disassembly in the place of the intrinsics: same selection, before and after on the chosen kernel."""

from __future__ import annotations

from pathlib import Path

from tests.tui.screen import SMALL, VRUNTIME, running


async def test_a_puts_the_disassembly_in_the_place_of_the_intrinsics_and_back(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "a")
        assert "3 Disassembly" in driver.text
        assert "3 IR intrinsics" not in driver.text
        # The second query's instruction, compiled with 8 and loaded with 6.1's offset.
        await driver.until(lambda: any("= 8  →  " in line for line in driver.marked("disasm")))
        assert any(line.endswith(f"= {VRUNTIME['6.1.0-56-amd64']}") for line in driver.marked("disasm"))
        assert "on 6.1.0-56-amd64" in driver.pane("disasm")[-1]
        await driver.press("a")
        assert "3 IR intrinsics" in driver.text
        assert "3 Disassembly" not in driver.text
        assert any(line.startswith("#1 field_byte_offset") for line in driver.marked("intrinsics"))


async def test_the_disassembly_follows_the_chosen_kernel(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "a")
        await driver.until(lambda: any("= 8  →  " in line for line in driver.marked("disasm")))
        await driver.press("5", "l")
        await driver.until_text("on 6.12.117+deb12-amd64 ")
        assert any(line.endswith("= 240") for line in driver.marked("disasm"))


async def test_an_instruction_selects_its_record_and_a_record_its_instruction(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("a", "3")
        await driver.until_text("instructions")
        await driver.press("g")
        for _ in range(60):
            if "Detail · #3 " in driver.text:
                break
            await driver.press("j")
        assert any("se.load.weight" in line for line in driver.marked("source"))
        await driver.press("4", "left_square_bracket", "left_square_bracket")
        assert "Detail · #1 " in driver.text
        pane = driver.workbench.rows_pane("disasm")
        assert "= 8  →  " in "".join(text for text, _ in pane.line(pane.cursor).pieces)


async def test_the_disassembly_is_a_tab_on_a_small_screen(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        await driver.press("a")
        assert driver.lines[2].startswith(" 1 Source  2 Structs [3 Disasm] 4 Relocations  5 Offsets")
        await driver.until_text("instructions")
        await driver.press("tab", "shift+tab", "2", "3")
        assert "[3 Disasm]" in driver.lines[2]
        await driver.press("a")
        assert "[3 IR]" in driver.lines[2]
        assert "preserve.struct" in driver.text


async def test_the_disassembly_survives_a_recompile_and_is_dimmed_when_stale(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "a")
        await driver.until_text("instructions")
        text = demo.read_text()
        demo.write_text(text.replace("se.vruntime)", "se.vrun)"))
        await driver.until_text("✖ 2 errors")
        assert "~ stale" in driver.pane("disasm")[0]
        assert "instructions" in driver.text
        demo.write_text(text)
        await driver.until_text("✔ cached")
        assert "stale" not in driver.text
        assert any("= 8  →  " in line for line in driver.marked("disasm"))
