"""The strip of all kernels: in the header, and where it leads."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import MouseScrollUp

from btfview.targets.kernels import bundled_targets
from tests.paths import DEMO
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


# -- records and offsets, side by side -----------------------------------------------------------

TIMES = "\N{MULTIPLICATION SIGN}"
READS = """#![feature(btf_relocations)] #![allow(unguarded_btf_offset)]
#[repr(Btf)]
pub struct task_struct { pid: i32, tgid: i32 }
"""


@pytest.fixture
def reads(tmp_path: Path) -> Path:
    """Thirty functions that ask for one of two fields each: two paths, fifteen equal records of each."""
    path = tmp_path / "reads.rs"
    functions = (
        f"#[unsafe(no_mangle)]\npub fn f{number}() -> usize "
        f"{{ core::btf::field_byte_offset!(task_struct, {'tgid' if number % 2 else 'pid'}) }}\n"
        for number in range(30)
    )
    path.write_text(READS + "".join(functions))
    return path


async def test_records_and_offsets_have_the_same_rows_and_one_cursor(reads: Path) -> None:
    async with running(reads, size=(200, 40)) as driver:
        records, offsets = driver.workbench.relocations_pane, driver.workbench.offsets_pane
        await driver.press("4", "s")  # by function: a title and a row each
        assert records.line_count == offsets.line_count == 60 + 3
        await driver.press("pagedown", "j", "j")
        assert records.cursor == offsets.cursor > 0
        await driver.press("5", "G", "k")
        assert records.cursor == offsets.cursor
        assert records.scroll_y == offsets.scroll_y > 0
        for y, (left, right) in enumerate(
            zip(driver.pane("relocations"), driver.pane("offsets"), strict=True)
        ):
            assert ("▌" in left) == ("▌" in right), y
        await driver.pilot._post_mouse_events([MouseScrollUp], "#relocations", offset=(5, 8), button=0)
        await driver.until(lambda: records.scroll_y == offsets.scroll_y)


async def test_each_of_the_two_is_zoomed_alone_and_says_all(reads: Path) -> None:
    async with running(reads) as driver:
        await driver.press("4", "z")
        assert any("#0" in line and "▲▲" in line for line in driver.pane("relocations"))
        await driver.press("5")
        assert any(f"#0 offset {TIMES}15" in line and "▲▲" in line for line in driver.pane("offsets"))


async def test_rows_that_say_the_same_are_folded_and_opened(reads: Path) -> None:
    async with running(reads) as driver:
        records = driver.workbench.relocations_pane
        await driver.press("4")
        assert [line.split()[:3] for line in driver.marked("relocations")] == [
            ["#0", "field_byte_offset", f"{TIMES}15"]
        ]
        await driver.press(*["right_square_bracket"] * 2)  # the row shows which of its records is meant
        assert [line.split()[0] for line in driver.marked("relocations")] == ["#2"]
        count = records.line_count
        await driver.press("enter")
        assert records.line_count == count + 14
        await driver.press("enter")
        assert records.line_count == count


async def test_kernels_with_the_same_answers_are_one_column_until_it_is_opened(demo: Path) -> None:
    async with running(demo, targets=BUNDLED) as driver:
        pane = driver.workbench.offsets_pane

        def members() -> list[int]:
            return [len(one) for one in pane._columns.members]

        # se.vruntime and se.load.weight of the bundled kernels: 5.10 and 6.1 agree, as pahole says.
        assert members() == [2, 1, 1, 1]
        await driver.press("5", "z")
        assert "5.10 … 6.1 ²" in driver.text
        await driver.press("enter")
        assert members() == [1, 1, 1, 1, 1]
        await driver.press("enter")  # a kernel by itself: its cell
        await driver.until_text(".BTF.ext")
        await driver.press("escape", "space")
        assert members() == [2, 1, 1, 1]
        await driver.press("K")
        assert members() == [1, 1, 1, 1, 1]
        assert "every kernel" in driver.text
        await driver.press("K")
        assert members() == [2, 1, 1, 1]


# -- along the kernels ---------------------------------------------------------------------------


async def test_each_record_has_its_strip_at_its_source_line(demo: Path) -> None:
    async with running(demo, targets=BUNDLED) as driver:
        lines = driver.pane("source")
        assert any("✔✔✔✔│✔ ◆ #0 exists ✔" in line for line in lines)
        assert any("▲▲▲▲│▲ ◆ #1 offset ▲" in line for line in lines)


async def test_steps_go_by_architecture_and_age_and_say_what_is_other_there(demo: Path) -> None:
    async with running(demo, targets=BUNDLED) as driver:
        names = [target.name for target in driver.workbench.session.targets]

        def here() -> str:
            selection = driver.workbench.session.selection
            return names[selection.target] if selection else ""

        await driver.press("right_square_bracket", "a")
        walked = [here()]
        for _ in range(len(BUNDLED)):
            await driver.press("full_stop")
            walked.append(here())
        # The last step finds nothing newer, and says so.
        assert walked[:-1] == [
            "5.10.0-46-amd64",
            "6.1.0-56-amd64",
            "6.12.117+deb12-amd64",
            "7.2.13+deb14-amd64",
            "6.12.117+deb12-arm64",
        ]
        assert walked[-1] == walked[-2]
        await driver.until_text("That is the newest kernel here.")
        await driver.press("comma", "comma")
        assert here() == "6.12.117+deb12-amd64"
        # From 7.2 to 6.12: VRUNTIME says 240, and 248 is 7.2's (pahole -C task_struct, -C sched_entity).
        await driver.until(lambda: any("± on the kernel before" in one for one in driver.pane("disasm")))
        await driver.press("2", "z")
        assert any("240" in one and "± was 248" in one for one in driver.pane("structs"))
        driver.workbench.select_relo(1, 0)  # a jump is no step
        await driver.pilot.pause()
        assert not any("± was" in one for one in driver.pane("structs"))


GUARDED = """#![feature(btf_relocations)]
#[repr(Btf)]
pub struct task_struct { state: i64 }
#[unsafe(no_mangle)]
pub fn state(value: usize) -> usize {
    if core::btf::field_exists!(task_struct, state) {
        value * core::btf::field_byte_offset!(task_struct, state)
    } else {
        7
    }
}
"""


async def test_lines_behind_a_guard_that_does_not_hold_are_marked(tmp_path: Path) -> None:
    path = tmp_path / "guarded.rs"
    path.write_text(GUARDED)
    async with running(path, targets=["5.10.0-46-amd64", "6.1.0-56-amd64"]) as driver:
        await driver.press("full_stop")  # 6.1 calls it __state
        await driver.until(lambda: any("7±○" in line for line in driver.pane("source")))
        await driver.press("comma")
        await driver.until(lambda: not any("7±○" in line for line in driver.pane("source")))


async def test_a_key_goes_to_the_next_kernel_that_fails(tmp_path: Path) -> None:
    path = tmp_path / "state.rs"
    path.write_text(STATE)
    async with running(path, targets=BUNDLED) as driver:
        assert "▸ 6.1.0-56-amd64" in driver.lines[1]  # on which it fails first, of those on show
        for kernel in ("6.12.117+deb12-amd64", "7.2.13+deb14-amd64"):
            await driver.press("exclamation_mark")
            assert f"▸ {kernel}" in driver.lines[1]
        await driver.press("exclamation_mark", "exclamation_mark")
        assert "▸ 6.1.0-56-amd64" in driver.lines[1]  # past the last to the first
    async with running(DEMO / "sched.rs") as driver:
        await driver.press("exclamation_mark")
        await driver.until_text("Nothing fails on these kernels.")
