"""``g``: from a field in the struct tree, the offsets or the browser to code, and where that can go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Input

from btfview.analysis.analyse import analyse
from btfview.tui.browser.field_list import FieldList
from btfview.tui.screens.generate import CodeList, GenerateScreen
from tests.tui.screen import MIDDLE, SMALL, WIDE, Driver, running

Edit = Callable[[Path, str, str], None]
VRUNTIME = ("right_square_bracket", "2", "g")


async def code(driver: Driver, *keys: str) -> str:
    """Press *keys*, which ask for code, and return it."""
    await driver.press(*keys)
    await driver.until(lambda: isinstance(driver.app.screen, GenerateScreen))
    await driver.until(lambda: driver.app.screen.query_one(CodeList).line_count)
    await driver.until(lambda: "… compiling" not in driver.text)
    shown = driver.app.screen.query_one(CodeList)
    return "\n".join(shown.text(index) for index in range(shown.line_count))


@pytest.mark.parametrize("size", [WIDE, MIDDLE, SMALL])
async def test_g_on_a_field_of_the_tree_inserts_code_at_the_cursor(demo: Path, size: tuple[int, int]) -> None:
    before = demo.read_text()
    async with running(demo, size=size) as driver:
        text = await code(driver, *VRUNTIME)
        assert "Code for task_struct.se.vruntime" in driver.text
        assert "pub fn se_vruntime(&self) -> Option<&u64>" in text
        assert "i inserts it at line" in driver.text
        await driver.press("i")
        await driver.until_text("u takes it back")
        await driver.settled()
        after = demo.read_text()
        assert "pub fn se_vruntime(&self) -> Option<&u64>" in after
        good = driver.workbench.session.good
        assert good is not None
        assert good.source is not None
        assert good.source.text == after
        assert good.diagnostics == ()
        assert len(good.relos) == 6
        assert not any(good.state(index, column).is_problem for index in range(6) for column in (0, 1))
        line = after.split("\n")[driver.workbench.source_pane.cursor_number - 1]
        assert line == "#[repr(Btf)]", "the cursor is on what was inserted"
        await driver.press("u")
        await driver.until_text("is as it was before")
        assert demo.read_text() == before


async def test_g_in_the_offsets_is_for_the_record_of_the_row(demo: Path) -> None:
    async with running(demo) as driver:
        text = await code(driver, "5", *["right_square_bracket"] * 3, "g")
        assert "pub fn se_load_weight(&self) -> Option<&u64>" in text
        await driver.press("y")
        await driver.until_text("is in the clipboard; it needs #![feature(btf_relocations)]")
        assert "pub fn se_load_weight" in driver.app.clipboard
        await driver.press("escape")
        assert not isinstance(driver.app.screen, GenerateScreen)


async def test_g_in_the_whole_type_is_for_a_field_that_the_program_does_not_declare(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "2", "m", "j")
        text = await code(driver, "g")
        # pahole on 6.1: in sched_entity, prev_sum_exec_runtime stands behind vruntime.
        assert "pub fn se_prev_sum_exec_runtime" in text


async def test_g_in_the_browser_inserts_into_the_source_behind_it(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("2", "b")
        await driver.until_text("struct task_struct [")
        shown = driver.app.screen.query_one(FieldList)
        names = ["".join(text for text, _ in shown.line(at).pieces).split() for at in range(shown.line_count)]
        shown.place_cursor(next(at for at, words in enumerate(names) if words[2:3] == ["prio"]))
        text = await code(driver, "g")
        assert "pub fn prio(&self) -> Option<&i32>" in text
        await driver.press("i")
        await driver.until(lambda: "pub fn prio" in demo.read_text())
        analysis = analyse(str(demo))
        assert analysis.diagnostics == ()
        assert [relo.path for relo in analysis.relos].count("task_struct___v6_12.prio") == 2


@pytest.mark.debian_tool("clang-19")
async def test_o_makes_it_in_the_other_dialect_and_in_c(demo: Path, tmp_path: Path) -> None:
    async with running(demo) as driver:
        assert "#[repr(Btf)]" in await code(driver, *VRUNTIME)
        await driver.press("o")
        await driver.until_text("#[btf_relocatable]")
        await driver.press("o")
        await driver.until_text("struct task_struct___local {")
        await driver.until_text("the source on show is Rust: y copies")
        await driver.press("i")
        assert isinstance(driver.app.screen, GenerateScreen)
        await driver.press("y")
        await driver.until_text("it needs #include")
        assert "BPF_CORE_READ(local, se.vruntime)" in driver.app.clipboard
        await driver.press("w")
        assert driver.app.screen.query_one(Input).value == "task_struct_se_vruntime.h"


C_SOURCE = """\
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct task_struct { int pid; } __attribute__((preserve_access_index));

SEC("tp_btf/sched_switch")
int on_switch(unsigned long long *ctx)
{
	struct task_struct *task = (void *)ctx[1];

	return task->pid;
}
char LICENSE[] SEC("license") = "GPL";
"""


@pytest.mark.debian_tool("clang-19")
async def test_in_a_c_source_it_is_c_and_goes_between_its_items(tmp_path: Path) -> None:
    path = tmp_path / "switch.c"
    path.write_bytes(C_SOURCE.replace("\n", "\r\n").encode())
    before = path.read_bytes()
    async with running(path) as driver:
        text = await code(driver, "2", "j", "g")
        assert "return BPF_CORE_READ(local, pid);" in text
        await driver.until_text("i inserts it at line")
        await driver.press("i")
        await driver.until(lambda: b"read_task_struct_pid" in path.read_bytes())
        await driver.settled()
        good = driver.workbench.session.good
        assert good is not None
        assert good.diagnostics == ()
        after = path.read_bytes()
        assert b"read_task_struct_pid(const void *from)\r\n" in after
        assert after.count(b"\n") == after.count(b"\r\n")
        await driver.press("u")
        await driver.until(lambda: path.read_bytes() == before)


async def test_a_new_file_is_written_and_none_is_overwritten(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # short names, so that no message is wrapped
    async with running(demo) as driver:
        await code(driver, *VRUNTIME)
        await driver.press("w")
        field = driver.app.screen.query_one(Input)
        assert field.value == "task_struct_se_vruntime.rs"
        for path, says in ((demo.name, "exists: give a new name"), (".", "give a new name")):
            field.value = path
            await driver.press("enter")
            await driver.until_text(says)
        out = tmp_path / "new.rs"
        field.value = out.name
        await driver.press("enter")
        await driver.until_text("written to")
        analysis = analyse(str(out))
        assert analysis.diagnostics == ()
        assert [relo.path for relo in analysis.relos] == ["task_struct.se.vruntime"] * 2
        await driver.press("w", "escape")
        assert isinstance(driver.app.screen, GenerateScreen)


async def test_nothing_is_inserted_over_another_programs_change(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        await driver.press("w")  # so that it is not read again
        await code(driver, *VRUNTIME)
        edit(demo, "#![no_std]", "#![no_std]\n// theirs")
        theirs = demo.read_text()
        await driver.press("i")
        await driver.until_text("nothing is inserted")
        assert demo.read_text() == theirs


async def test_where_it_cannot_go_into_the_source_it_says_why(
    demo_object: Path, demo: Path, edit: Edit
) -> None:
    async with running(demo_object) as driver:
        await code(driver, *VRUNTIME)
        await driver.press("i")
        await driver.until_text("an object has no source: y copies")
    edit(demo, "impl task_struct {", "impl task_struct {{")
    async with running(demo) as driver:
        await driver.press("2", "g")
        await driver.until_text("no field here")


async def test_where_there_is_no_field_it_says_so(demo: Path, tmp_path: Path) -> None:
    async with running(demo) as driver:
        await driver.press("2", "home", "g")
        await driver.until_text("Code is made for a field of a struct that has a name")
    async with running(demo, targets=[str(tmp_path / "none.btf")]) as driver:
        await driver.press("2", "g")
        await driver.until_text("no target to make code for")


async def test_a_field_that_no_target_has_gets_no_code(demo: Path, edit: Edit) -> None:
    demo.write_text(demo.read_text().replace("vruntime", "vrntime"))
    async with running(demo) as driver:
        await driver.press(*VRUNTIME)
        await driver.until_text("there is no code to give")
        assert "did you mean vruntime" in driver.text
        await driver.press("y", "i", "w")
        assert isinstance(driver.app.screen, GenerateScreen)
        assert driver.app.clipboard == ""


async def test_generated_code_reaches_a_file_on_show_that_has_errors_elsewhere(
    demo: Path, edit: Edit
) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket")
        edit(demo, "-> Option<&u64>", "-> Option<&nope>")
        await driver.until_text("stale")
        await code(driver, "2", "g")
        await driver.press("i")
        await driver.until(lambda: "pub fn se_vruntime" in demo.read_text())
