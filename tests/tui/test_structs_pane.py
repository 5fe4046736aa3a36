"""The struct tree: what stands beside the program's types, the target's whole type, the way to the browser.

Offsets are those of ``pahole -C`` on the whole kernels (see ``screen.py``): ``task_struct.se`` at 128 on
both, 256 bytes; ``sched_entity.vruntime`` at 80 and 112.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.tui.browser.field_list import FieldList
from btfview.tui.browser.screen import TypesScreen
from tests.btf.build import INT, LONG, array, build_btf_bytes, struct, union
from tests.objects import Record, build_object
from tests.tui.screen import KERNELS, MIDDLE, SMALL, WIDE, Driver, running
from tests.views.test_rows import K

OLD, NEW = KERNELS


def row_of(driver: Driver, name: str) -> list[str]:
    """The words of the row of a member or root in the struct tree."""
    rows = [line.strip("│ ▌").split() for line in driver.pane("structs")]
    found = [row for row in rows if name in row[:3]]
    assert found, f"no row {name} in\n" + "\n".join(driver.pane("structs"))
    return found[0]


async def test_the_selected_target_stands_beside_the_local_types(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket")
        assert row_of(driver, "vruntime")[:6] == ["vruntime", "+8", "▲", "208", "8", "B"]
        assert "16 B≠256 B" in " ".join(row_of(driver, "se"))
        assert row_of(driver, "local") == ["local", "6.1?"]
        assert f"local | {OLD}" in driver.pane("structs")[-1]
        await driver.press("5", "l")
        assert row_of(driver, "vruntime")[:4] == ["vruntime", "+8", "▲", "240"]
        assert row_of(driver, "local") == ["local", "6.12?"]


async def test_a_zoomed_tree_has_as_many_targets_as_fit(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "2", "z")
        assert row_of(driver, "local") == ["local", "6.1?", "6.12?"]
        row = row_of(driver, "vruntime")
        assert row[:9] == ["vruntime", "+8", "8", "B", "u64", "▲", "208", "▲", "240"]
        assert row_of(driver, "se")[-6:] == ["128", "256", "B", "▲", "128", "256", "B"][-6:]
        await driver.press("l")
        assert f"local | {NEW}" in driver.pane("structs")[-1]
        assert NEW in driver.pane("detail")[0], "the target is chosen in all panes"


async def test_what_does_not_fit_beside_is_counted(demo: Path) -> None:
    targets = [*KERNELS, "5.10.0-46-amd64"]
    async with running(demo, size=(104, 40), targets=targets) as driver:
        await driver.press("2", "z")
        assert "1 more: h l " in driver.pane("structs")[1]
        assert "◆ #0 #1" in "\n".join(driver.pane("structs"))
        await driver.press("l", "l")
        assert f"local | {targets[2]}" in driver.pane("structs")[-1]
        assert "5.10" in driver.pane("structs")[1]


async def test_m_shows_the_whole_type_of_the_target_with_what_is_used_lit(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "m")
        text = "\n".join(driver.pane("structs"))
        assert f"whole type on {OLD}" in driver.pane("structs")[-1]
        assert any(line.startswith("vruntime") and "+208" in line for line in driver.marked("structs"))
        assert "nr_migrations" in text, "fields that the program does not declare"
        assert "cacheline 3 from byte 192" in text
        await driver.press("K")
        assert "cacheline" not in "\n".join(driver.pane("structs"))
        await driver.press("5", "l")  # vruntime on the newer kernel
        assert any(line.startswith("vruntime") and "+240" in line for line in driver.marked("structs"))
        assert f"whole type on {NEW}" in driver.pane("structs")[-1]
        await driver.press("m")
        assert row_of(driver, "vruntime")[:4] == ["vruntime", "+8", "8", "B"]
        await driver.press("m")
        assert row_of(driver, "vruntime")[:4] == ["vruntime", "+8", "▲", "240"]


async def test_a_recompile_keeps_the_whole_type_on_show(
    demo: Path, edit: Callable[[Path, str, str], None]
) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "2", "m")
        assert "whole type" in driver.pane("structs")[-1]
        # Another root before it: all ids are others then.
        other = "pub fn has(&self) -> bool { core::btf::field_exists!(load_weight, weight) }"
        edit(demo, "impl task_struct {", f"impl load_weight {{ {other} }}\n\nimpl task_struct {{")
        await driver.until_text("+ 1 new")
        assert any(line.startswith("vruntime") and "+208" in line for line in driver.marked("structs"))
        pane = driver.workbench.structs_pane
        assert pane.text(0).split()[1:3] == ["struct", "task_struct"]


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_the_last_row_can_be_reached_in_every_mode(demo: Path, size: tuple[int, int]) -> None:
    async with running(demo, size=size) as driver:
        pane = driver.workbench.structs_pane
        await driver.press("2")
        for _ in range(4):
            await driver.press("end")
            assert pane.cursor == pane.line_count - 1
            last = pane.text(pane.cursor).split()[0].strip("▸▾")
            assert any(last in line for line in driver.pane("structs")[2:])
            await driver.press("m")


async def test_enter_unfolds_a_nested_struct_of_the_whole_type(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("2", "m", "home", "j")
        assert "▸ thread_info" in "\n".join(driver.pane("structs"))
        await driver.press("enter")
        text = "\n".join(driver.pane("structs"))
        assert "▾ thread_info" in text
        assert "syscall_work" in text
        await driver.press("enter")
        assert "syscall_work" not in "\n".join(driver.pane("structs"))


@pytest.mark.parametrize("size", [WIDE, MIDDLE, SMALL])
async def test_b_opens_the_browser_at_the_field_and_back_returns(demo: Path, size: tuple[int, int]) -> None:
    async with running(demo, size=size) as driver:
        await driver.press("right_square_bracket", "2", "b")
        await driver.until_text("struct task_struct [")
        shown = driver.app.screen.query_one(FieldList)
        line = "".join(text for text, _ in shown.line(shown.cursor).pieces)
        assert line.split()[:3] == ["208", "8", "vruntime"]
        await driver.press("home", "enter")  # thread_info, the first member
        await driver.until_text("struct thread_info [")
        await driver.press("b")
        await driver.until_text("struct task_struct [")
        await driver.press("b")
        assert not isinstance(driver.app.screen, TypesScreen)
        assert driver.workbench.structs_pane.has_focus


async def test_enter_on_a_field_without_a_record_opens_it_on_the_target(
    demo: Path, edit: Callable[[Path, str, str], None]
) -> None:
    edit(demo, "    vruntime: u64", "    sum_exec_runtime: u64,\n    vruntime: u64")
    async with running(demo) as driver:
        await driver.press("2", "home")
        while "sum_exec_runtime" not in driver.workbench.structs_pane.text(
            driver.workbench.structs_pane.cursor
        ):
            await driver.press("j")
        await driver.press("enter")
        await driver.until_text("struct task_struct [")
        shown = driver.app.screen.query_one(FieldList)
        assert "sum_exec_runtime" in "".join(text for text, _ in shown.line(shown.cursor).pieces)


async def test_a_search_for_another_type_ends_the_visit(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("2", "b")
        await driver.until_text("struct task_struct [")
        await driver.press("ampersand")
        await driver.until_text("search:")
        await driver.press(*"sched_entity", "enter")
        await driver.until_text("struct sched_entity [")
        await driver.press("b")
        await driver.until_text("struct    sched_entity")
        assert isinstance(driver.app.screen, TypesScreen)


async def test_anonymous_members_holes_bitfields_and_what_is_missing_are_told(tmp_path: Path) -> None:
    local = struct(
        "t",
        ("bits", INT, 0, 3),
        ("", union("", ("low", INT, 0), ("long", LONG, 0), size=8), 64),
        ("gone", INT, 128),
        ("a[@click=app.quit]\x1b[2J", INT, 160),
        size=24,
    )
    target = struct("t", ("long", array(INT, 4), 32), ("bits", INT, 3, 2), size=32)
    obj, btf = tmp_path / "t.o", tmp_path / "t.btf"
    obj.write_bytes(build_object((local,), (Record(K.FIELD_BYTE_OFFSET, "t", "0:2", 16),)))
    btf.write_bytes(build_btf_bytes(target))
    async with running(obj, targets=[str(btf)]) as driver:
        text = "\n".join(driver.pane("structs"))
        assert "┆   low" in text
        assert "61 bits hole" in text
        assert row_of(driver, "bits")[1:4] == ["+0.0", "▲", "0:3"]
        assert row_of(driver, "bits")[4].startswith(":3≠:2")
        assert "✖     —" in text, "a record fails on it"
        assert "struct t has no member gone there" in driver.pane("structs")[-1]
        assert "○     —" in text, "nothing asks for it"
        assert "a[@click=app.quit]␛[2J" in text
        await driver.press("m", "m")
        assert "[2J" in driver.text


async def test_long_names_of_one_type_take_no_room_from_another(tmp_path: Path) -> None:
    local = struct("t", ("a", INT, 0), size=4), struct("u", ("a_name_of_twenty_cells", INT, 0), size=4)
    obj, btf = tmp_path / "t.o", tmp_path / "t.btf"
    records = tuple(Record(K.FIELD_BYTE_OFFSET, name, "0:0", 0) for name in "tu")
    obj.write_bytes(build_object(local, records))
    btf.write_bytes(build_btf_bytes(*local))
    async with running(obj, targets=[str(btf)]) as driver:
        rows = {name: line for line in driver.pane("structs")[1:-1] for name in line.split()[:3]}
        assert "a +0 ✔" in " ".join(rows["a"].split())
        assert rows["a"].index("+0") - rows["a"].index(" a ") == len(" a ")
        assert rows["a"].index("+0") == rows["local"].index("local")
        await driver.press("right_square_bracket")
        assert rows["a_name_of_twenty_cells"].index("+0") == driver.pane("structs")[1].index("local")


async def test_without_targets_there_is_nothing_beside(demo: Path, tmp_path: Path) -> None:
    async with running(demo, targets=[str(tmp_path / "none.btf")]) as driver:
        assert row_of(driver, "vruntime")[:4] == ["vruntime", "+8", "8", "B"]
        await driver.press("m")
        await driver.until_text("no target to compare with")
        await driver.press("K", "2", "home", "enter", "b")
        await driver.until_text("no target is open")


async def test_a_type_that_the_target_lacks_is_told(
    demo: Path,
) -> None:
    demo.write_text(demo.read_text().replace("task_struct", "no_such_struct"))
    async with running(demo) as driver:
        assert "6.1?: ? this BTF was trimmed: no struct no" in driver.pane("structs")[-1]
        await driver.press("m")
        assert "struct no_such_struct: none with members" in driver.text
        assert f"whole type on {OLD}" in driver.pane("structs")[-1]
        await driver.press("2", "b")
        await driver.until_text("search:")
