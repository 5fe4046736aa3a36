"""One selection: what is lit and what is paler in each pane, and what of it outlives an edit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.tui.screen import KERNELS, SMALL, WIDE, Driver, running

Edit = Callable[[Path, str, str], None]

HEAD = """\
#![feature(btf_relocations)] #![allow(unguarded_btf_offset)]
#[repr(Btf)]
pub struct sched_entity {
    vruntime: u64,
}
#[repr(Btf)]
pub struct task_struct {
    pid: i32,
    tgid: i32,
    se: sched_entity,
}
"""


def function(name: str, *queries: str) -> str:
    body = " + ".join(f"core::btf::field_byte_offset!(task_struct, {path})" for path in queries)
    return f"#[no_mangle]\npub fn {name}() -> usize {{\n    {body}\n}}\n"


ONE, TWO, THREE = function("one", "pid"), function("two", "tgid", "se.vruntime"), function("three", "pid")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Records: #0 one/pid, #1 two/tgid, #2 two/se.vruntime, #3 three/pid."""
    path = tmp_path / "p.rs"
    path.write_text(HEAD + ONE + TWO + THREE)
    return path


def signs(driver: Driver, pane: str, sign: str) -> list[str]:
    return [line.strip("│ ▌▏") for line in driver.pane(pane) if sign in line]


def brightness(driver: Driver, pane: str, text: str) -> int:
    """How bright the letters of *text* are drawn in a pane."""
    widget = driver.workbench.pane(pane)
    for y in range(widget.size.height):
        strip = list(widget.render_line(y))
        if text in "".join(segment.text for segment in strip):
            for segment in strip:
                if (
                    segment.text.strip(" │▌▏◆")
                    and segment.style is not None
                    and segment.style.color is not None
                ):
                    assert segment.style.color.triplet is not None
                    return sum(segment.style.color.triplet)
    raise AssertionError(f"{text} is not in {pane}:\n{driver.text}")


async def test_records_of_the_same_field_are_lit_together(program: Path) -> None:
    async with running(program, size=(200, 90)) as driver:
        await driver.press("s")  # by function, so that each has a row
        # The record itself, and the other that asks about the same field.
        assert [line[:2] for line in signs(driver, "relocations", "▌")][:1] == ["#0"]
        assert any(line.startswith("#3 ") for line in signs(driver, "relocations", "▏"))
        assert len(signs(driver, "offsets", "▏")) == 1
        assert any("#3 field_byte_offset" in line for line in signs(driver, "intrinsics", "▏"))
        assert any("field_byte_offset!(task_struct, pid)" in line for line in signs(driver, "source", "▏"))
        assert not any(line.startswith(("#1 ", "#2 ")) for line in signs(driver, "relocations", "▏"))
        await driver.press("right_square_bracket")
        assert signs(driver, "relocations", "▏") == []
        assert any("tgid" in line for line in signs(driver, "structs", "▌"))


async def test_a_struct_field_lights_every_query_that_touches_it(program: Path) -> None:
    async with running(program) as driver:
        await driver.press("s", "2")
        for _ in range(8):
            if any(line.startswith("pid") for line in driver.marked("structs")):
                break
            await driver.press("j")
        lit = signs(driver, "relocations", "▌") + signs(driver, "relocations", "▏")
        assert {line.split()[0] for line in lit if line.startswith("#")} == {"#0", "#3"}
        await driver.press("j")  # tgid
        lit = signs(driver, "relocations", "▌") + signs(driver, "relocations", "▏")
        assert {line.split()[0] for line in lit if line.startswith("#")} == {"#1"}


@pytest.mark.parametrize(
    ("pane", "keys", "related", "other"),
    [
        ("relocations", "s", "#3 ", "#1 "),
        ("offsets", "s5z", "#3 offset", "#1 offset"),
        ("intrinsics", "", "#3 field_byte_offset", "#1 field_byte_offset"),
        ("structs", "", "pid", "tgid"),
    ],
)
async def test_what_is_related_is_brighter_than_the_rest(
    pane: str, keys: str, related: str, other: str, program: Path
) -> None:
    async with running(program) as driver:
        await driver.press(*keys)
        assert brightness(driver, pane, related) > brightness(driver, pane, other)
        await driver.press("right_square_bracket")
        assert brightness(driver, pane, related) < brightness(driver, pane, other)


async def test_the_disassembly_is_dimmed_too_and_follows(program: Path) -> None:
    async with running(program) as driver:
        await driver.press("a")
        await driver.until_text("instructions")
        assert brightness(driver, "disasm", "◆ #0 ") > brightness(driver, "disasm", "◆ #1 ")
        assert any("#3 " in line for line in signs(driver, "disasm", "▏"))


async def test_the_chosen_kernel_is_lit_in_the_head_and_in_every_row(program: Path) -> None:
    async with running(program) as driver:
        pane = driver.workbench.offsets_pane

        def bold(y: int) -> str:
            return "".join(s.text for s in pane.render_line(y) if s.style is not None and s.style.bold)

        await driver.press("5", "z")
        assert "6.1" in bold(0)
        assert "6.12" not in bold(0)
        await driver.press("l")
        assert "6.12" in bold(0)
        lit, plain = pane.role_style("moved lit", "unlit").bgcolor, pane.role_style("moved", "unlit").bgcolor
        row = next(
            y for y in range(pane.size.height) if "#1 offset" in "".join(s.text for s in pane.render_line(y))
        )
        grounds = [s.style.bgcolor for s in pane.render_line(row) if s.style is not None and "▲ " in s.text]
        assert grounds == [plain, lit]


# -- edits ---------------------------------------------------------------------------------------

FOUR = function("four", "tgid")


@pytest.mark.parametrize(
    ("parts", "index"),
    [
        pytest.param((FOUR, ONE, TWO, THREE), 3, id="added-above"),
        pytest.param((ONE, TWO, THREE, FOUR), 2, id="added-below"),
        pytest.param((TWO, THREE), 1, id="removed-above"),
        pytest.param((ONE, TWO), 2, id="removed-below"),
        pytest.param((TWO, ONE, THREE), 1, id="moved-up"),
        pytest.param((THREE, ONE, TWO), 3, id="moved-down"),
        pytest.param(
            (ONE, function("two", "pid", "tgid", "se.vruntime"), THREE), 3, id="added-in-the-function"
        ),
        pytest.param((ONE, function("two", "se.vruntime", "tgid"), THREE), 1, id="reordered-in-the-function"),
        pytest.param((ONE, "\n\n// a comment\n", TWO, THREE), 2, id="lines-moved"),
    ],
)
async def test_the_selection_outlives_edits_above_and_below_it(
    parts: Sequence[str], index: int, program: Path
) -> None:
    async with running(program) as driver:
        await driver.press("4", "right_square_bracket", "right_square_bracket", "5", "l")
        assert f"#2 field_byte_offset task_struct.se.vruntime on {KERNELS[1]}" in driver.pane("detail")[0]
        program.write_text(HEAD + "".join(parts))
        title = f"#{index} field_byte_offset task_struct.se.vruntime on {KERNELS[1]}"
        queries = "".join(parts).count("field_byte_offset!")
        await driver.until(
            lambda: f" {queries} records" in driver.lines[0] and title in driver.pane("detail")[0]
        )
        for name in ("relocations", "offsets"):
            pane = driver.workbench.pane(name)
            assert index in pane.relos_of(pane.cursor)
        assert any(line.startswith("vruntime") for line in driver.marked("structs"))


@pytest.mark.parametrize(
    ("old", "new", "selected"),
    [
        pytest.param(
            "field_byte_offset!(task_struct, se.vruntime)",
            "field_byte_size!(task_struct, se.vruntime)",
            "field_byte_size task_struct.se.vruntime",
            id="same-field",
        ),
        pytest.param(
            " + core::btf::field_byte_offset!(task_struct, se.vruntime)",
            "",
            "#2 field_byte_offset task_struct.pid",
            id="next",
        ),
    ],
)
async def test_where_the_record_is_gone_the_nearest_is_selected(
    old: str, new: str, selected: str, program: Path, edit: Edit
) -> None:
    async with running(program) as driver:
        await driver.press("right_square_bracket", "right_square_bracket")
        edit(program, old, new)
        await driver.until_text("- 1 gone")
        assert selected in driver.pane("detail")[0]


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_what_is_looked_at_stays_where_it_is_on_the_screen(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "long.rs"
    functions = [function(f"f{number}", "pid", "tgid") for number in range(40)]
    path.write_text(HEAD + "".join(functions))
    async with running(path, size=size) as driver:
        await driver.press("4", "s", "G", *("k" for _ in range(40)), *("j" for _ in range(4)))
        pane = driver.workbench.relocations_pane
        place, text = pane.cursor - round(pane.scroll_y), pane.text(pane.cursor).split()[1:]
        assert place > 0
        before = pane.cursor
        path.write_text(HEAD + function("new", "pid", "tgid") + "".join(functions))
        await driver.until(lambda: driver.workbench.session.changes.new)
        await driver.settled()
        assert pane.cursor == before + 3  # a title, and a row for each of two records
        assert pane.cursor - round(pane.scroll_y) == place
        assert pane.text(pane.cursor).split()[1] == text[0]


async def test_the_cursor_in_the_source_stays_on_its_line(program: Path) -> None:
    async with running(program) as driver:
        await driver.press("g", *("j" for _ in range(9)))  # "se: sched_entity", no query
        text = program.read_text().split("\n")
        assert text[driver.workbench.source_pane.cursor_number - 1] == "    se: sched_entity,"
        program.write_text("// one\n// two\n" + program.read_text())
        await driver.until_text(" 15 │ pub fn one() -> usize {")
        assert driver.workbench.source_pane.cursor_number == 12
        program.write_text(program.read_text() + FOUR)
        await driver.until_text("5 records")
        assert driver.workbench.source_pane.cursor_number == 12


async def test_filter_order_and_folding_outlive_an_edit(program: Path) -> None:
    async with running(program) as driver:
        await driver.press("2", "home", "enter", "f", "f", "s", "s", "S")
        assert "moved only: 4 of 6 · by type · every kernel" in driver.text
        program.write_text(HEAD + FOUR + ONE + TWO + THREE)
        await driver.until_text("5 records")
        assert "moved only: 5 of 7 · by type · every kernel" in driver.text
        assert any("▸ struct task_struct" in line for line in driver.pane("structs"))
        assert any(" + new" in line for line in driver.pane("relocations"))  # and the new one is marked
        await driver.press("5", "z")
        assert any("+#0 offset" in line for line in driver.pane("offsets"))
