"""Where the panes stand: by what they hold, which is in use, and where the user drags their borders."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.geometry import Region

from btfview.keymap.table import PANES
from btfview.session.screen_state import ScreenState
from btfview.targets.kernels import bundled_targets
from btfview.tui.workbench.layout.shares import Wish, by_fractions, share
from tests.hostile.objects import object_with_many_records
from tests.paths import DEMO
from tests.tui.screen import SMALL, Driver, running

DEMO_SIZE = (160, 50)
CODE = "if core::btf::field_exists!(task_struct, no_such) { ... }"
MISSING = (
    (DEMO / "sched.rs")
    .read_text()
    .replace("field_exists!(task_struct, se.vruntime)", "field_byte_size!(task_struct, no_such) > 0")
    .replace("    se: sched_entity,\n", "    se: sched_entity,\n    no_such: u64,\n")
)
"""A record that fails everywhere: no kernel has such a field."""


def region(driver: Driver, name: str) -> Region:
    return driver.app.screen.query_one(f"#{name}").region


@pytest.mark.parametrize("size", [DEMO_SIZE, (220, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_nothing_of_the_demo_is_cut(demo: Path, size: tuple[int, int]) -> None:
    targets = [target.name for target in bundled_targets()]
    async with running(demo, size=size, targets=targets) as driver:
        for number, name in enumerate(PANES[1:], 2):
            cut = [line for line in driver.pane(name)[1:-1] if "…" in line.replace(" … ", "")]
            assert not cut, f"{name} while the source is in use"
            await driver.press(str(number))
            cut = [line for line in driver.pane(name)[1:-1] if "…" in line.replace(" … ", "")]
            assert not cut, f"{name} while in use"
            await driver.press("1")


async def test_the_pane_in_use_grows(demo: Path) -> None:
    async with running(demo, size=(140, 40)) as driver:
        before = region(driver, "intrinsics").width
        await driver.press("3")
        assert region(driver, "intrinsics").width > before
        assert "preserve.struct(" in "\n".join(driver.pane("intrinsics"))
        await driver.press("1")
        assert region(driver, "intrinsics").width == before


async def test_a_pane_that_holds_nothing_gives_its_room_away(demo: Path) -> None:
    demo.write_text("#![no_std]\n")
    async with running(demo, size=DEMO_SIZE) as driver:
        assert region(driver, "source").width == 160
        assert "2 Structs" not in driver.text
        await driver.press("2")  # but can be gone to
        assert "2 Structs" in driver.text


async def test_an_object_without_lines_of_source_opens_on_its_records(tmp_path: Path) -> None:
    path = tmp_path / "many.o"
    path.write_bytes(object_with_many_records(9))
    async with running(path, size=DEMO_SIZE, targets=["6.1.0-56-amd64"]) as driver:
        assert driver.workbench.pane_name == "relocations"
        assert "1 Source" not in driver.text
        assert region(driver, "structs").y == region(driver, "intrinsics").y
        assert "◆ 8 records #0 to #7" in "\n".join(driver.pane("structs"))
        assert "5 Target offsets" in driver.text, "of one kernel, whose column is narrower"
        await driver.press("1")
        assert "no line_info: compile it with -g" in "\n".join(driver.pane("source"))
        assert "edit here" not in driver.lines[-1]


async def test_a_border_is_dragged_and_stands_there_the_next_time(demo: Path) -> None:
    async with running(demo, size=DEMO_SIZE) as driver:
        source = region(driver, "source")
        to = (source.right - 20, source.y + 3)
        await drag(driver, (source.right - 1, source.y + 3), to)
        assert region(driver, "source").right == region(driver, "intrinsics").x == to[0]
        below = region(driver, "structs").y
        await drag(driver, (5, below), (5, below - 4))
        assert region(driver, "structs").y == region(driver, "source").bottom == below - 4
        await driver.press("3")  # what was dragged is not undone by going elsewhere
        assert region(driver, "source").right == to[0]
    async with running(demo, size=DEMO_SIZE) as driver:
        assert region(driver, "source").right == to[0]
        assert region(driver, "structs").y == below - 4
        await driver.press("equals_sign")
        assert region(driver, "source") == source


async def drag(driver: Driver, start: tuple[int, int], end: tuple[int, int]) -> None:
    await driver.pilot.mouse_down(offset=start)
    await driver.pilot.hover(offset=end)
    await driver.pilot.mouse_up(offset=end)
    await driver.pilot.pause()


@pytest.mark.parametrize(
    ("pane", "key", "side", "sign"),
    [
        ("1", "plus", "width", 1),
        ("1", "minus", "width", -1),
        ("5", "plus", "width", 1),
        ("1", "ctrl+down", "height", 1),
        ("1", "ctrl+up", "height", -1),
        ("4", "ctrl+down", "height", 1),
    ],
)
async def test_keys_move_the_borders_of_the_pane_in_use(
    demo: Path, pane: str, key: str, side: str, sign: int
) -> None:
    async with running(demo, size=DEMO_SIZE) as driver:
        await driver.press(pane)
        name = PANES[int(pane) - 1]
        before = getattr(region(driver, name), side)
        await driver.press(key)
        await driver.pilot.pause()
        assert (getattr(region(driver, name), side) - before) * sign > 0


async def test_a_click_goes_to_the_line_that_was_under_it_though_the_pane_grows_then(demo: Path) -> None:
    async with running(demo, size=(120, 30)) as driver:
        place = region(driver, "intrinsics")
        row = next(at for at, line in enumerate(driver.pane("intrinsics")) if "#1 field_byte_offset" in line)
        before = place.width
        await driver.pilot.click(offset=(place.x + 10, place.y + row))
        await driver.pilot.pause()
        assert "Detail · #1" in driver.text
        assert region(driver, "intrinsics").width > before


@pytest.mark.parametrize("size", [SMALL, (120, 35), DEMO_SIZE], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_what_to_write_is_never_cut_and_y_copies_it(demo: Path, size: tuple[int, int]) -> None:
    demo.write_text(MISSING)
    async with running(demo, size=size) as driver:
        driver.workbench.select_relo(0)
        await driver.until_text("Ask first:")
        detail = " ".join(line.strip("│ ") for line in driver.pane("detail")[1:])
        assert CODE in detail
        assert "…" not in detail
        driver.app.screen.set_focus(driver.workbench.pane("detail"))
        await driver.press("y")
        assert driver.app.clipboard == CODE


def test_room_goes_where_the_content_is() -> None:
    assert share([Wish(50, 120), Wish(50, 90)], 160, grown=1) == [70, 90]
    assert share([Wish(10, 20), Wish(10, 20)], 100) == [80, 20]  # the first takes what nobody needs
    assert share([Wish(47, 90), Wish(76, 76), Wish(38, 146)], 160, grown=2) == [31, 49, 80]
    assert share([Wish(60, 90), Wish(60, 90)], 80, grown=0) == [60, 20]  # too small: the others give way
    for room in range(12, 200, 7):
        assert sum(share([Wish(40, 90), Wish(20, 30), Wish(30, 100)], room, grown=2)) == room
        assert sum(by_fractions([0.7, 0.2, 0.1], room)) == room


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[1]", id="no-object"),
        pytest.param('{"shares": {"a": [1, "x"], "b": [], "c": [1e999], "d": [-1], "e": [0, 0]}}', id="odd"),
        pytest.param(f'{{"shares": {{"a": [1{"0" * 400}], "b": [NaN]}}}}', id="no-float-can-hold-it"),
        pytest.param('{"shares": 7, "theme": 9}', id="other-types"),
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_a_kept_arrangement_that_is_none_is_as_if_it_were_not_there(state_home: Path, text: str) -> None:
    (state_home / "btfview").mkdir(parents=True)
    (state_home / "btfview" / "screen.json").write_text(text)
    state = ScreenState()
    assert (state.theme, state.shares) == ("", {})
    state.keep_shares({"source intrinsics": [0.25, 0.75]})
    assert ScreenState().shares == {"source intrinsics": [0.25, 0.75]}
