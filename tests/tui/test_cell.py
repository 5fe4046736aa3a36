"""A cell of the offsets in full, its bytes, and the way to the instruction and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.bpf.object import read_object
from btfview.btf.kinds import CoreReloKind
from tests.btf.build import INT, struct
from tests.objects import Record, build_object
from tests.tui.screen import KERNELS, SMALL, VRUNTIME, WIDE, running


def insn_bytes(path: Path, index: int) -> str:
    """The bytes of a record's instruction, cut out of the object's section by its offset."""
    obj = read_object(path.read_bytes(), path=str(path))
    relo = obj.core_relos[index]
    return obj.code(relo.section)[relo.insn_off : relo.insn_off + 8].hex(" ")


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_enter_in_the_offsets_explains_the_cell(demo_object: Path, size: tuple[int, int]) -> None:
    async with running(demo_object, size=size) as driver:
        await driver.press("right_square_bracket", "5", "enter")
        await driver.until_text("#1 of 4 · field_byte_offset · task_struct.se.vruntime")
        assert f"On {KERNELS[0]} (trimmed)" in driver.text
        assert "moved: compiled 8, there 208" in driver.text
        await driver.press("l")
        assert f"On {KERNELS[1]}" in driver.text
        assert "moved: compiled 8, there 240" in driver.text
        assert f"since {KERNELS[1]}; before, on {KERNELS[0]}: 208" in driver.text
        await driver.press("left_square_bracket")
        assert "#0 of 4 · field_exists" in driver.text
        await driver.press("right_square_bracket", "escape")
        assert f"on {KERNELS[1]}" in driver.pane("detail")[0]  # what was gone to there is selected here


async def test_capital_b_shows_the_bytes_of_instruction_and_record(demo_object: Path) -> None:
    before = insn_bytes(demo_object, 1)
    record = read_object(demo_object.read_bytes(), path="").core_relos[1]
    async with running(demo_object) as driver:
        await driver.press("right_square_bracket", "B")
        await driver.until_text("Record in .BTF.ext")
        lines = driver.lines
        (compiled,) = [line for line in lines if "compiled  " in line and before in line]
        assert "= 8" in compiled
        (loaded,) = [line for line in lines if " loaded " in line]
        # struct bpf_insn: the 32-bit immediate is bytes 4 to 7
        assert before[:12] + VRUNTIME[KERNELS[0]].to_bytes(4, "little").hex(" ") in loaded
        (kind,) = [line for line in lines if " kind " in line and ".BTF.ext+" in line]
        # struct bpf_core_relo: insn_off, type_id, access_str_off, kind, 4 bytes each; kind 0 is the offset
        assert f".BTF.ext+{record.record_offset + 12} " in kind
        assert "00 00 00 00" in kind
        assert "▸ ▲ 208" in driver.text
        assert f"▲ 240       {KERNELS[1]}  changed" in driver.text
        await driver.press("j", "j", "y")
        assert before in driver.app.clipboard
        await driver.press("B")
        assert driver.app.screen is driver.workbench


async def test_enter_in_the_cell_follows_the_record_to_its_instruction_and_back(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("4", "right_square_bracket", "B", "enter")
        await driver.until(lambda: any("= 8  →  " in line for line in driver.marked("disasm")))
        pane = driver.workbench.pane("disasm")
        assert driver.app.focused is pane
        assert "= 8  →  " in pane.text(pane.cursor)
        await driver.press("less_than_sign")
        assert driver.app.focused is driver.workbench.relocations_pane


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_angles_go_to_the_instruction_and_back(demo: Path, size: tuple[int, int]) -> None:
    async with running(demo, size=size) as driver:
        await driver.press("4", "right_square_bracket", "greater_than_sign")
        await driver.until(lambda: any("= 8  →  " in line for line in driver.marked("disasm")))
        await driver.press("j", "j", "j", "j", "j", "j", "j", "j", "j", "j", "j")
        assert "#1 " not in driver.text.split("Detail")[-1].split("\n")[0]
        await driver.press("less_than_sign")
        assert any(line.startswith("#1 ") for line in driver.marked("relocations"))
        await driver.press("less_than_sign")
        await driver.until_text("There is nothing to go back to.")


async def test_without_a_result_the_keys_say_so(tmp_path: Path) -> None:
    path = tmp_path / "none.rs"
    path.write_text("#![feature(btf_relocations)]\npub fn f( -> u32 {\n    1\n}\n")
    async with running(path) as driver:
        for key in ("B", "greater_than_sign"):
            await driver.press(key)
            await driver.until_text("No record is selected.")
            driver.app.clear_notifications()
            await driver.pilot.pause()


async def test_what_is_no_instructions_leads_to_none(tmp_path: Path) -> None:
    path = tmp_path / "none.rs"
    path.write_text("#![feature(btf_relocations)]\npub fn f() -> u32 {\n    1\n}\n")
    async with running(path) as driver:
        await driver.press("greater_than_sign")
        await driver.until_text("The object as a whole asks for that")


async def test_a_bitfield_is_drawn_in_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "bits.c"
    # A bitfield of task_struct, at another place in the declaration than in any kernel.
    path.write_text(
        "struct task_struct { unsigned int pid; unsigned int in_execve : 1; }\n"
        "    __attribute__((preserve_access_index));\n"
        '__attribute__((section("kprobe/x"))) int f(struct task_struct *t) {\n'
        "    return __builtin_preserve_field_info(t->in_execve, 4);\n"
        "}\n"
    )
    async with running(path, targets=[KERNELS[0]]) as driver:
        await driver.press("B")
        await driver.until_text("from bit")
        drawings = [line for line in driver.lines if "from bit" in line]
        assert len(drawings) == 2  # of the program, and of the kernel
        assert all(line.count("#") - line.count("#0") == 1 for line in drawings)


async def test_hostile_names_are_text_in_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "x.o"
    local = (struct("a[/]\x1b[2J\u202e", ("[red]" + "n" * 10_000, INT, 0), size=4),)
    path.write_bytes(
        build_object(local, (Record(CoreReloKind.FIELD_BYTE_OFFSET, "a[/]\x1b[2J\u202e", "0:0", 0),))
    )
    async with running(path) as driver:
        await driver.press("B")
        await driver.until_text("Record in .BTF.ext")
        assert "a[/]␛[2J<U+202E>" in driver.text
        assert not any(ord(char) < 0x20 or char == "\u202e" for line in driver.lines for char in line)
