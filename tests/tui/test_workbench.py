"""The workbench as a user sees it: what stands where, what a key does, what a broken file does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from btfview.keymap.table import PANES
from tests.tui.screen import KERNELS, MIDDLE, SMALL, VRUNTIME, WIDE, running

Edit = Callable[[Path, str, str], None]
QUERY = "field_byte_offset!(task_struct, se.vruntime)"


async def test_wide_screen_shows_all_panes_of_the_demo(demo: Path) -> None:
    async with running(demo) as driver:
        lines = driver.lines
        assert "✔ compiled" in lines[0]
        assert "repr · cpu v3 · watching" in lines[0]
        assert "4 records, 2 demands · 0 problems · 2 targets" in lines[0]
        for title in (
            "1 Source",
            "2 Structs",
            "3 IR intrinsics",
            "4 .BTF.ext relocations",
            "5 Target offsets",
        ):
            assert title in driver.text
        assert "[ ] record" in lines[-1]
        assert any("◆ #1 offset ▲ moved" in line for line in driver.pane("source"))
        assert any("vruntime" in line and "u64" in line for line in driver.pane("structs"))
        assert any("preserve.struct" in line for line in driver.pane("intrinsics"))
        assert any(
            "#1  field_byte_offset" in line and "r2 = 8" in line for line in driver.pane("relocations")
        )
        offsets = "\n".join(driver.pane("offsets"))
        for kernel, value in VRUNTIME.items():
            assert kernel.split("-")[0].split("+")[0].rsplit(".", 1)[0] in offsets
            assert f"▲ {value}" in offsets


async def test_selection_goes_through_all_panes(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket")
        assert any(QUERY in line for line in driver.marked("source"))
        assert any(line.startswith("vruntime") for line in driver.marked("structs"))
        assert any(line.startswith("#1 field_byte_offset") for line in driver.marked("intrinsics"))
        assert any(line.startswith("#1  field_byte_offset") for line in driver.marked("relocations"))
        assert [line.split()[:3] for line in driver.marked("offsets")] == [["▲▲", "▲", "208"]]
        detail = driver.pane("detail")
        assert "Detail · #1 field_byte_offset task_struct.se.vruntime on 6.1.0-56-amd64" in detail[0]
        assert "compiled 8, there 208" in "\n".join(detail)
        await driver.press("left_square_bracket")
        assert any("field_exists!(task_struct, se.vruntime)" in line for line in driver.marked("source"))
        assert "#0 field_exists" in driver.pane("detail")[0]


@pytest.mark.parametrize("pane", ["structs", "intrinsics", "relocations", "offsets"])
async def test_moving_in_a_pane_selects_in_the_others(demo: Path, pane: str) -> None:
    async with running(demo) as driver:
        number = ["structs", "intrinsics", "relocations", "offsets"].index(pane) + 2
        await driver.press(str(number), "home")
        for _ in range(30):  # down to the first line of the second function's field
            if any("se.load.weight" in line for line in driver.marked("source")):
                break
            await driver.press("j")
        assert any("se.load.weight" in line for line in driver.marked("source"))
        assert any(line.startswith("weight") for line in driver.marked("structs"))
        assert "se.load.weight" in driver.pane("detail")[0]


async def test_moving_in_the_source_selects_the_query_under_the_cursor(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("j")
        assert any(line.startswith("#1 ") for line in driver.marked("relocations"))
        await driver.press("j")  # a line without a query keeps the selection
        assert any(line.startswith("#1 ") for line in driver.marked("relocations"))


async def test_sideways_in_the_offsets_chooses_the_kernel(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "5", "l")
        assert KERNELS[1] in driver.pane("detail")[0]
        assert "there 240" in "\n".join(driver.pane("detail"))
        assert KERNELS[1] in driver.pane("offsets")[-1]
        await driver.press("h")
        assert "there 208" in "\n".join(driver.pane("detail"))


async def test_f_filters_the_offsets_and_s_sorts_them(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        await driver.press("f")
        assert "[5 Offsets]" in driver.lines[2]  # brought up, so that the effect is seen
        assert "no record fails on these targets" in driver.text
        await driver.press("f")
        assert "#1 offset" in driver.text
        assert "#0 exists" not in "\n".join(driver.pane("offsets")[1:])
        await driver.press("f", "s")
        assert "#0 exists task_struct.se.vruntime" in driver.text
        assert any(line.strip() == "sched_vruntime" for line in driver.pane("offsets"))
        assert "by function" in driver.text


async def test_small_screen_has_tabs_with_the_selection_in_the_title(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        assert len(driver.lines) == 24
        assert driver.lines[2].startswith("[1 Source] 2 Structs  3 IR  4 Relocations  5 Offsets")
        assert "#0 of 4 · field_exists · task_struct.se.vruntime" in driver.lines[3]
        await driver.press("right_square_bracket", "5")
        assert "[5 Offsets]" in driver.lines[2]
        assert "#1 of 4 · field_byte_offset · task_struct.se.vruntime" in driver.lines[3]
        assert "▲ 208" in driver.text
        assert "compiled 8, there 208" in driver.text
        await driver.press("tab")  # past the last pane comes the detail, then the first
        assert "[5 Offsets]" in driver.lines[2]
        await driver.press("tab")
        assert "[1 Source]" in driver.lines[2]
        await driver.press("shift+tab", "shift+tab", "shift+tab")
        assert "[4 Relocations]" in driver.lines[2]


async def test_a_small_header_drops_that_it_watches_before_what_it_counts(demo: Path) -> None:
    path = demo.rename(demo.with_name("of_a_program_with_a_name.rs"))
    async with running(path, size=SMALL) as driver:
        assert " ms  " in driver.lines[0]
        assert driver.lines[0].endswith("4 records · 0 problems · 2 targets")
        await driver.press("w")
        assert "· not watching" in driver.lines[0]


async def test_middle_screen_stands_in_two_rows(demo: Path) -> None:
    async with running(demo, size=MIDDLE) as driver:
        regions = {name: driver.app.screen.query_one(f"#{name}").region for name in PANES}
        assert regions["source"].right == regions["intrinsics"].x
        assert regions["source"].bottom == regions["structs"].y == regions["offsets"].y
        assert regions["structs"].right == regions["relocations"].x
        assert regions["relocations"].right == regions["offsets"].x
        assert "▲ 240" in driver.text or "▲240" in driver.text


async def test_the_screen_is_laid_out_anew_when_the_terminal_changes(demo: Path) -> None:
    async with running(demo, size=WIDE) as driver:
        await driver.press("right_square_bracket", "4")
        for columns, rows in ((20, 5), (1, 1), SMALL, (300, 8), MIDDLE):
            await driver.pilot.resize_terminal(columns, rows)
            await driver.until(lambda rows=rows: len(driver.lines) == rows)  # type: ignore[misc]
        await driver.pilot.resize_terminal(*SMALL)
        await driver.until(lambda: "[4 Relocations]" in driver.lines[2])
        assert "▌#1  field_byte_offset" in driver.text
        await driver.pilot.resize_terminal(*WIDE)
        await driver.until_text("4 .BTF.ext relocations")
        assert any(QUERY in line for line in driver.marked("source"))


async def test_zoom_gives_the_screen_to_one_pane(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("3", "z")
        assert "3 IR intrinsics" in driver.text
        assert "2 Structs" not in driver.text
        assert any("preserve.struct.access.index(null, 0, 0)" in line for line in driver.pane("intrinsics"))
        await driver.press("2")
        assert "2 Structs" in driver.text
        assert "3 IR intrinsics" not in driver.text
        await driver.press("z")
        assert "3 IR intrinsics" in driver.text


async def test_detail_can_be_hidden(demo: Path) -> None:
    async with running(demo) as driver:
        assert "Detail · #0" in driver.text
        await driver.press("d")
        assert "Detail · #0" not in driver.text
        await driver.press("d", "right_square_bracket")
        assert "Detail · #1" in driver.text


async def test_saving_the_file_recompiles_and_the_selection_stays(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "right_square_bracket")
        assert "Detail · #2 field_exists task_struct.se.load.weight" in driver.text
        # A query before it: the record that was #2 becomes #3.
        edit(demo, "pub fn sched_vruntime", "pub fn has(&self) -> bool {\n        "
             "core::btf::field_exists!(task_struct, se)\n    }\n\n    pub fn sched_vruntime")  # fmt: skip
        await driver.until_text("5 records")
        assert "Detail · #3 field_exists task_struct.se.load.weight" in driver.text


async def test_what_an_edit_changed_is_marked_until_the_next(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        await driver.press(
            "right_square_bracket", "right_square_bracket", "right_square_bracket", "2", "home", "enter"
        )
        # A member before: compiled with 16 instead of 8. And a query more.
        edit(demo, "    vruntime: u64", "    before: u64,\n    vruntime: u64")
        await driver.until_text("± 1 changed")
        (row,) = [line for line in driver.pane("relocations") if "±" in line]
        assert "#1  field_byte_offset" in row
        assert "± was 8" in row
        assert "Detail · #3 " in driver.text
        assert "▸ struct task_struct" in driver.pane("structs")[2]  # still folded
        edit(
            demo, "field_byte_offset!(task_struct, se.vruntime)", "field_byte_size!(task_struct, se.vruntime)"
        )
        await driver.until_text("+ 1 new, - 1 gone")
        (row,) = [line for line in driver.pane("relocations") if "+ new" in line]
        assert "#1  field_byte_size" in row
        assert "±" not in "\n".join(driver.pane("relocations"))
        await driver.press("r")
        await driver.settled()
        assert "+ 1 new, - 1 gone" in driver.lines[0]
        await driver.pilot.resize_terminal(*SMALL)
        await driver.until(lambda: "4 records (+1 -1)" in driver.lines[0])


async def test_the_smallest_terminal_shows_that_there_are_errors(demo: Path, edit: Edit) -> None:
    async with running(demo, size=(20, 5)) as driver:
        assert driver.lines[0].startswith(" ✔ sched.rs")
        edit(demo, QUERY, "field_byte_offset!(task_struct, se.vrun)")
        await driver.until(lambda: driver.lines[0].startswith(" ✖ sched.rs"))


async def test_a_broken_edit_keeps_the_last_good_result_and_says_so(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        edit(demo, QUERY, "field_byte_offset!(task_struct, se.vrun)")
        await driver.until_text("✖ 1 error")
        source = driver.pane("source")
        at = next(number for number, line in enumerate(source) if "se.vrun)" in line)
        assert source[at + 1].count("^") == len("vrun")
        assert source[at + 1].index("^") == source[at].index("vrun)")
        assert "error[E0609]" in source[at + 2]
        assert "~ stale since" in driver.lines[0]
        for name in ("structs", "intrinsics", "relocations", "offsets"):
            assert "~ stale" in driver.pane(name)[0]
            assert driver.app.screen.query_one(f"#{name}").has_class("-stale")
        assert "▲ 208" in "\n".join(driver.pane("offsets"))
        edit(demo, "se.vrun)", "se.vruntime)")
        await driver.until_text("✔ cached")
        assert "stale" not in driver.text
        assert not driver.app.screen.query(".-stale")


async def test_a_broken_file_opens_on_its_first_error(demo: Path, edit: Edit) -> None:
    edit(demo, QUERY, "field_byte_offset!(task_struct, se.vrun)")
    async with running(demo) as driver:
        assert "✖ 1 error" in driver.lines[0]
        assert "stale" not in driver.text
        assert "error[E0609]" in driver.text


async def test_watching_can_be_turned_off_and_on(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        await driver.press("w")
        assert "not watching" in driver.lines[0]
        edit(demo, "sched_vruntime", "vruntime_of")
        await driver.pilot.pause(0.5)
        assert "sched_vruntime" in driver.text
        await driver.press("w")
        await driver.until_text("vruntime_of")
        edit(demo, "vruntime_of", "again")
        await driver.press("w", "r")  # r reads it in any case
        await driver.until_text("again")


async def test_a_file_that_vanishes_is_told_and_read_again_when_it_is_back(demo: Path) -> None:
    text = demo.read_text()
    async with running(demo) as driver:
        demo.unlink()
        await driver.until_text("✖ the file is gone")
        assert "stale since" in driver.lines[0]
        assert "▲ 208" in driver.text
        demo.mkdir()
        await driver.until_text("✖ is a directory now")
        await driver.press("r")
        await driver.until_text("is a directory")
        demo.rmdir()
        demo.write_text(text.replace("sched_vruntime", "is_back"))
        await driver.until_text("is_back")
        assert "✔ compiled" in driver.lines[0]
        assert "stale" not in driver.text


async def test_an_object_shows_its_recorded_lines_and_says_that_intrinsics_are_rebuilt(
    demo_object: Path,
) -> None:
    async with running(demo_object) as driver:
        assert "✔ read" in driver.lines[0]
        assert "object" in driver.lines[0]
        assert any("field_exists!(task_struct, se.vruntime)" in line for line in driver.marked("source"))
        assert "reconstructed from records" in driver.pane("intrinsics")[-1]
        assert "▲ 208" in driver.text
        await driver.press("j")
        await driver.press("e")
        await driver.until_text("compiled object")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        pytest.param("gone.rs", None, "no such file", id="missing"),
        pytest.param("latin1.rs", b"// caf\xe9\n", "not UTF-8 text", id="not-utf8"),
        pytest.param("cut.o", b"\x7fELF\x02\x01\x01", "", id="truncated-elf"),
        pytest.param("text.o", b"hello", "neither a BPF object nor a source", id="no-elf"),
    ],
)
async def test_what_cannot_be_read_is_told_and_the_screen_stays_up(
    tmp_path: Path, name: str, content: bytes | None, told: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    async with running(path) as driver:
        assert "✖" in driver.lines[0]
        assert told in driver.text
        await driver.until_text("Cannot open")
        await driver.press("question_mark")
        assert "What you see" in driver.text


async def test_opening_a_bad_file_keeps_the_good_one(demo: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.o"
    bad.write_bytes(b"\x7fELF")
    async with running(demo) as driver:
        driver.workbench.start_work(str(bad))
        await driver.until_text("Cannot open")
        await driver.settled()
        assert "sched.rs" in driver.lines[0]
        assert "▲ 208" in driver.text
        assert "stale" not in driver.text


async def test_a_bad_target_is_told_and_the_others_are_used(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.btf").write_bytes(b"\x9f\xeb\x01\x00")
    async with running(demo, targets=[KERNELS[0], str(tmp_path / "bad.btf")]) as driver:
        assert "1 target" in driver.lines[0]
        assert "▲ 208" in driver.text
        await driver.until_text("bad.btf")


async def test_many_bad_targets_are_told_together(demo: Path, tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"bad{number}.btf").write_bytes(b"\x9f\xeb\x01\x00")
    async with running(demo, targets=[KERNELS[0], str(tmp_path)]) as driver:
        assert "1 target · ✖ 5 broken" in driver.lines[0]
        await driver.until_text("3 more targets cannot be used: t lists them")
        assert "bad1.btf" in driver.text
        assert "bad2.btf" not in driver.text


async def test_without_targets_records_are_shown_and_the_key_named(demo: Path) -> None:
    async with running(demo) as driver:
        driver.workbench.start_work(targets=())
        await driver.until_text("0 targets")
        assert "no targets: t picks some" in driver.text
        assert "#1  field_byte_offset" in "\n".join(driver.pane("relocations"))
        await driver.press("right_square_bracket", "5", "l", "j")
        assert "Detail · #" in driver.text


async def test_nothing_opened_says_what_can_be_and_opens_the_demo(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("btfview.session.demo.demo_path", lambda: str(demo))
    async with running() as driver:
        assert "nothing is open" in driver.lines[0]
        assert "d opens the demo" in driver.text
        for key in ("r", "e", "j", "right_square_bracket", "enter"):
            await driver.press(key)
        await driver.until_text("Nothing is open: press o.")
        await driver.press("d")
        await driver.until_text("▲ 208")
    async with running() as driver:  # it is remembered
        assert str(demo) in driver.text
        await driver.press("G", "enter")
        await driver.until_text("▲ 208")


async def test_a_slow_compile_says_that_it_runs(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from btfview.session.answer import answer_request
    from btfview.tui.workbench import work

    go_on = threading.Event()
    async with running(demo) as driver:

        def slow(*args: object) -> object:
            go_on.wait(20)
            return answer_request(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(work, "answer_request", slow)
        await driver.press("r")
        await driver.until_text("… compiling")
        assert "▲ 208" in driver.text
        go_on.set()
        await driver.until_text("✔ compiled")


async def test_an_overtaken_result_is_not_shown(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        for number in range(5):
            edit(demo, "sched_vruntime" if number == 0 else f"name{number - 1}", f"name{number}")
            driver.workbench.start_work()
        await driver.settled()
        await driver.until_text("name4")
        assert "✔ compiled" in driver.lines[0]


async def test_an_error_of_our_own_is_told_and_nothing_is_lost(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from btfview.tui.workbench import work

    async with running(demo) as driver:

        def broken(*args: object) -> object:
            raise ZeroDivisionError("on purpose")

        monkeypatch.setattr(work, "answer_request", broken)
        await driver.press("r")
        await driver.until_text("internal error: ZeroDivisionError: on purpose")
        assert "▲ 208" in driver.text


async def test_a_comparison_that_fails_is_told_and_not_taken_for_no_change(
    demo: Path, edit: Callable[[Path, str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from btfview.changes import object_changes

    def broken(*args: object) -> object:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(object_changes, "compare_objects", broken)
    async with running(demo) as driver:
        edit(demo, "sched_vruntime", "other_name")
        await driver.until_text("internal error: ZeroDivisionError: on purpose")
        assert driver.workbench.session.object_changes is None


async def test_a_title_of_a_notification_is_text_and_holds_no_control_characters(demo: Path) -> None:
    async with running(demo) as driver:
        driver.workbench.notify("said", title="[red]a\x1b[2Jb.rs[/]")
        await driver.until_text("[red]a␛[2Jb.rs[/]")


HOSTILE = (
    "#![feature(btf_relocations)]\n"
    "// [@click=app.quit]gone[/] [/] [red]red[/red] $primary\n"
    "// \x1b[2J\x1b]0;title\x07 \x9b31m \u202eevil\u202c a\u200bb \u65e5\u672c\u8a9e e\u0301\n"
)


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_text_of_files_is_neither_markup_nor_control_characters(
    tmp_path: Path, demo: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "[red]x[b].rs"
    path.write_text(HOSTILE + demo.read_text().replace("#![feature(btf_relocations)]\n", ""))
    async with running(path, size=size) as driver:
        await driver.press("g")
        assert "[@click=app.quit]gone[/] [/] [red]red[/red] $primary" in driver.text
        assert "[red]x[b].rs" in driver.lines[0]
        assert "␛[2J␛]0;title␇ <U+009B>31m <U+202E>evil<U+202C> a<U+200B>b 日本語 e\u0301" in driver.text
        assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for line in driver.lines for char in line)
        assert "\u202e" not in driver.text


@pytest.mark.debian_tool("clang-19")
async def test_wide_letters_in_names_keep_the_columns_straight(tmp_path: Path) -> None:
    source = tmp_path / "wide.c"
    source.write_text(
        "struct \u65e5\u672c { int \u5e74; } __attribute__((preserve_access_index));\n"
        "int f(struct \u65e5\u672c *p) { return p->\u5e74; }\n"
    )
    async with running(source) as driver:
        assert "1 record, 3 demands · 0 problems" in driver.lines[0]
        assert "日本.年" in "\n".join(driver.pane("relocations"))
        assert "? unknown" in driver.text
        frames = [line for line in driver.lines if line.startswith(("│", "╭", "╰"))]
        assert {cell_len(line) for line in frames} == {driver.app.size.width}


async def test_a_name_of_escapes_and_markup_is_told_as_text(tmp_path: Path) -> None:
    async with running(tmp_path / "[red]\x1b[2J[b].rs") as driver:
        await driver.until_text("no such file")
        assert "[red]␛[2J[b].rs" in driver.lines[0]
        toast = " ".join(line[line.index("▌") + 1 :].strip() for line in driver.lines if "▌" in line)
        assert "[red]␛[2J[b].rs" in toast.replace(" ", "")
        assert not any(ord(char) < 0x20 for line in driver.lines for char in line)


async def test_a_source_that_never_compiled_says_why_the_panes_are_empty(demo: Path, edit: Edit) -> None:
    edit(demo, "-> Option<&u64>", "-> Option<&nope>")
    async with running(demo) as driver:
        await driver.until_text("nothing yet: the source has errors")
        assert "2 Structs" not in driver.text  # what holds nothing gives its room to the source
        for number, name in enumerate(("structs", "intrinsics", "relocations", "offsets"), 2):
            await driver.press(str(number))
            assert "nothing yet: the source has errors" in "\n".join(driver.pane(name))
        edit(demo, "-> Option<&nope>", "-> Option<&u64>")
        await driver.until_text("preserve.")
        assert "nothing yet" not in driver.text


async def test_a_source_without_code_has_no_errors_and_no_btf(tmp_path: Path) -> None:
    path = tmp_path / "empty.rs"
    path.write_text("")
    async with running(path) as driver:
        await driver.until_text("nothing here: the program has no BTF")
        assert "✔ compiled" in driver.lines[0]
        assert "▲ 1 warning" in driver.lines[0]


async def test_the_title_of_the_detail_is_shortened_not_dropped(demo: Path) -> None:
    async with running(demo, size=(80, 24)) as driver:
        assert "Detail · #0 field_exists" in driver.text
    async with running(demo, size=(40, 24)) as driver:
        assert "Detail · #0" in driver.text
