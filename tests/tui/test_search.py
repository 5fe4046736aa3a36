"""Search in a pane, step through problems, copy, export: what each key leaves on the screen and behind it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from rich.segment import Segment

from btfview.cli.main import main
from btfview.compiler.options import CompileOptions
from btfview.session.command_line import explain_command
from btfview.targets.find import open_target
from btfview.targets.target import Target
from tests.tui.screen import KERNELS, SMALL, Driver, running
from tests.tui.test_dialogues import type_text


def lit(driver: Driver, pane: str) -> list[str]:
    """What is lit as a hit in a pane."""
    widget = driver.workbench.pane(pane)
    found: list[str] = []
    grounds = {
        widget.role_style("hit", part).bgcolor for part in ("", "lit", "cursor", "lit lit", "cursor lit")
    }
    for y in range(widget.size.height):
        segments: list[Segment] = list(widget.render_line(y))
        found += [one.text for one in segments if one.style is not None and one.style.bgcolor in grounds]
    return found


async def test_search_goes_to_what_is_typed_and_n_goes_on(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("4", "z", "s", "slash", *"load.weight")
        assert "/load.weight" in driver.lines[-1]
        assert "1 of 2" in driver.lines[-1]
        assert lit(driver, "relocations") == ["load.weight", "load.weight"]
        assert "Detail · #0 " in driver.text  # nothing is selected before enter
        await driver.press("enter")
        assert "ctrl+p find" in driver.lines[-1]
        assert "Detail · #2 field_exists task_struct.se.load.weight" in driver.text
        assert "/load.weight 1 of 2" in driver.pane("relocations")[-1]
        await driver.press("n")
        assert "Detail · #3 " in driver.text
        assert "/load.weight 2 of 2" in driver.pane("relocations")[-1]
        await driver.press("n")
        assert "Detail · #2 " in driver.text
        await driver.press("N")
        assert "Detail · #3 " in driver.text
        await driver.press("escape")
        assert lit(driver, "relocations") == []
        assert "/load.weight" not in driver.text


async def test_enter_goes_to_what_was_found_also_if_another_record_was_selected_meanwhile(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("4", "z", "s", "slash", *"load.weight")
        driver.workbench.select_relo(5)  # as a result does that comes while one types
        await driver.press("enter")
        assert "Detail · #2 field_exists task_struct.se.load.weight" in driver.text
        assert "/load.weight 1 of 2" in driver.pane("relocations")[-1]


async def test_escape_while_typing_goes_back_and_what_is_not_there_is_told(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        before = driver.workbench.source_pane.cursor
        await driver.press("slash", *"qqq")
        assert "not found" in driver.lines[-1]
        await driver.press("backspace", "backspace", "backspace", *"Sched")
        assert "not found" in driver.lines[-1]  # a capital letter makes case count
        await driver.press("ctrl+u", *"load.w")
        assert driver.workbench.source_pane.cursor > before
        await driver.press("escape")
        assert driver.workbench.source_pane.cursor == before
        assert lit(driver, "source") == []
        await driver.press("n")
        assert "Nothing was searched for" not in driver.text  # the last query is kept


async def test_a_search_goes_on_in_another_pane_and_unfolds_what_it_finds(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("n")
        await driver.until_text("Nothing was searched for")
        await driver.press("slash", *"vruntime", "enter", "2", "home", "enter")  # fold the first struct
        assert not any("vruntime" in line for line in driver.pane("structs"))
        await driver.press("n")
        assert any("vruntime" in line for line in driver.pane("structs"))
        assert lit(driver, "source") == []
        assert "vruntime" in lit(driver, "structs")


async def test_a_search_in_the_offsets_finds_values(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("5", "slash", *"240", "enter")
        assert "Detail · #1 " in driver.text
        assert lit(driver, "offsets") == ["240"]


async def test_a_search_in_the_offsets_finds_a_kernel_by_its_name(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "5", "slash", *"6.12.117")
        assert "1 found" in driver.lines[-1]
        assert f"on {KERNELS[0]}" in driver.pane("detail")[0]  # nothing is chosen before enter
        await driver.press("enter")
        assert f"Detail · #1 field_byte_offset task_struct.se.vruntime on {KERNELS[1]}" in driver.text
        await driver.press("escape", "h", "slash", *"6.12.117", "escape")
        assert f"on {KERNELS[0]}" in driver.pane("detail")[0]
        assert KERNELS[0] in driver.pane("offsets")[-1]


PROBLEM = """\
#![feature(btf_relocations)]
#[repr(Btf)]
pub struct task_struct {
    pid: i32,
    no_such: u64,
    neither: u64,
}
pub fn one() -> usize {
    core::btf::field_byte_offset!(task_struct, pid)
}
pub fn two() -> usize {
    core::btf::field_byte_offset!(task_struct, no_such)
}
pub fn three() -> usize {
    core::btf::field_byte_offset!(task_struct, neither)
}
"""


async def test_braces_go_through_the_records_that_fail(tmp_path: Path) -> None:
    path = tmp_path / "p.rs"
    path.write_text(PROBLEM)
    async with running(path) as driver:
        assert "✖ 2 problems" in driver.lines[0]
        await driver.press("right_curly_bracket")
        assert "Detail · #1 field_byte_offset task_struct.no_such" in driver.text
        await driver.press("right_curly_bracket")
        assert "Detail · #2 field_byte_offset task_struct.neither" in driver.text
        await driver.press("right_curly_bracket")
        assert "Detail · #1 " in driver.text
        await driver.press("left_curly_bracket")
        assert "Detail · #2 " in driver.text


async def test_braces_go_through_the_errors_of_a_source(tmp_path: Path, demo: Path) -> None:
    demo.write_text(
        demo.read_text().replace("se.vruntime)", "se.vrun)").replace("se.load.weight)", "se.load.w)")
    )
    async with running(demo) as driver:
        places = []
        for _ in range(3):
            await driver.press("right_curly_bracket")
            places.append(driver.workbench.source_pane.cursor_number)
        text = demo.read_text().split("\n")
        assert len(set(places)) == 3
        assert all("se.vrun)" in text[number - 1] or "se.load.w)" in text[number - 1] for number in places)


async def test_without_problems_that_is_told(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("left_curly_bracket")
        await driver.until_text("There are no problems.")


async def test_y_copies_the_line_and_in_the_offsets_the_value(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "y")
        assert driver.app.clipboard.strip().startswith("let offset = core::btf::field_byte_offset!")
        await driver.until_text("Copied")
        await driver.press("5", "l", "y")
        assert driver.app.clipboard == "240"
        await driver.press("4", "y")
        assert driver.app.clipboard.startswith("#1  field_byte_offset")


async def test_the_copied_command_explains_the_same(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "5", "l", "Y")
        command = driver.app.clipboard
        title = driver.pane("detail")[0]
    assert command == f"btfview explain {demo} --relo 1 -t {KERNELS[1]}"
    capsys.readouterr()
    assert main(shlex.split(command)[1:]) == 0
    printed = capsys.readouterr().out
    assert "#1" in printed.split("\n")[0]
    assert KERNELS[1] in printed.split("\n")[0]
    assert KERNELS[1] in title
    assert "compiled 8, there 240" in printed


def test_the_command_names_targets_and_options_as_they_must_be_typed() -> None:
    kernel = Target("6.1", "/boot/vm linux", "file")
    module = Target("6.1+nft", "/m/nft.ko", "file", base=kernel)
    options = CompileOptions(cpu="v4", endian="big")
    assert explain_command("-a.c", 3, module, options) == (
        "btfview explain ./-a.c --relo 3 -t '/boot/vm linux+/m/nft.ko' --cpu v4 --endian big"
    )
    running_kernel = Target("6.18.5", "/sys/kernel/btf/vmlinux", "running")
    assert explain_command("a.o", 0, running_kernel, CompileOptions()) == (
        "btfview explain a.o --relo 0 -t running"
    )
    assert explain_command("a.o", 0, None, CompileOptions()) == "btfview explain a.o --relo 0"
    assert open_target(KERNELS[0]).name in explain_command("a", 0, open_target(KERNELS[0]), CompileOptions())


async def test_export_writes_text_and_json_and_never_overwrites_unasked(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(demo) as driver:
        await driver.press("x")
        await driver.until_text("Export the report")
        await driver.press("enter")
        await driver.until_text("Exported")
        written = tmp_path / "sched.btfview.txt"
        assert "▲ 240" in written.read_text()
        await driver.press("x")
        await type_text(driver, str(tmp_path / "out.json"))
        await driver.press("enter")
        report = json.loads((tmp_path / "out.json").read_text())
        assert [result["value"] for result in report["relocations"][1]["results"]] == [208, 240]
        written.write_text("mine")
        await driver.press("x", "enter")
        await driver.until_text("enter again overwrites")
        assert written.read_text() == "mine"
        await driver.press("enter")
        assert "▲ 240" in written.read_text()
        before = demo.read_text()
        for bad, told in (
            (str(demo), "the file on show"),
            (str(tmp_path), "not a file"),
            (str(tmp_path / "no" / "x"), "no such file"),
        ):
            await driver.press("x")
            await type_text(driver, bad)
            await driver.press("enter")
            await driver.until_text(told)
            await driver.press("escape")
        assert demo.read_text() == before


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(("5", "slash", *"vrun", "enter", "f", "n", "N", "y", "enter"), id="filtered-away"),
        pytest.param(("5", "f", "slash", *"6.1", "enter", "n", "N", "y", "enter"), id="a-kernel's-name"),
    ],
)
async def test_a_search_in_a_list_that_has_become_empty_stands_on_nothing(
    demo: Path, keys: tuple[str, ...]
) -> None:
    async with running(demo) as driver:
        await driver.press(*keys)
        assert driver.workbench.offsets_pane.here is None


async def test_what_empties_the_list_while_a_search_is_typed_does_not_end_it(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("5", "slash", *"6.1")
        driver.workbench.offsets_pane.cycle_filter()
        await driver.press("2", "enter", "n")
        assert driver.workbench.offsets_pane.here is None
        assert driver.workbench.focused is driver.workbench.offsets_pane


@pytest.mark.parametrize("pane", "12345d")
async def test_a_search_before_there_is_any_result_ends_nothing(tmp_path: Path, pane: str) -> None:
    path = tmp_path / "wrong.rs"
    path.write_text("fn f( {}\n")
    async with running(path) as driver:
        await driver.press(pane, "slash", "x", "enter", "n", "N", "y", "enter")
        await driver.until_text("not found")
