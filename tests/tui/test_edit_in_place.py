"""``i``: the source pane as an editor. What is saved is compiled, what was not edited stays byte for byte,
and no text is ever lost, neither the user's nor what another program has written."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.events import Paste
from textual.widgets import TextArea

from btfview.session.rescue import keep_text, kept_texts, rescue_path
from btfview.tui.screens.ask import AskScreen
from btfview.tui.widgets.choice_list import ChoiceList
from tests.bench.pty_driver import Terminal
from tests.fixes.fixing import C_PROGRAM
from tests.tui.screen import MIDDLE, SMALL, WIDE, Driver, running
from tests.tui.test_terminal import APP, TARGET

Edit = Callable[[Path, str, str], None]


def editor(driver: Driver) -> TextArea:
    return driver.workbench.query_one("#editor", TextArea)


def question(driver: Driver) -> str:
    """What is asked, its lines joined: how they are wrapped depends on the length of a path."""
    if not isinstance(driver.app.screen, AskScreen):
        return ""
    shown = driver.app.screen.query_one(ChoiceList)
    return " ".join(shown.text(index).strip() for index in range(shown.line_count))


async def open_editor(driver: Driver) -> TextArea:
    await driver.press("i")
    await driver.until_text("editing ")
    await driver.pilot.pause()
    return editor(driver)


@pytest.mark.debian_tool("clang-19")
async def test_i_edits_c_too(tmp_path: Path) -> None:
    path = tmp_path / "prog.c"
    text = C_PROGRAM.replace("STATEMENT", "value = BPF_CORE_READ(task, pid);")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    async with running(path) as driver:
        area = await open_editor(driver)
        line = text[: text.index("value = BPF")].count("\n")
        area.move_cursor((line, len("\tvalue = BPF_CORE_READ(task, ")))
        await driver.press("t", "g", "delete", "ctrl+s")
        await driver.until_text("no member named 'tgid'")
        await driver.press("backspace", "backspace", "p", "ctrl+s")
        await driver.until_text("✔ compiled")
        await driver.settled()
        assert path.read_bytes() == text.replace("\n", "\r\n").encode()


@pytest.mark.parametrize("size", [WIDE, MIDDLE, SMALL])
async def test_i_edits_and_ctrl_s_compiles(demo: Path, size: tuple[int, int]) -> None:
    before = demo.read_text()
    async with running(demo, size=size) as driver:
        line = driver.workbench.source_pane.cursor_number
        area = await open_editor(driver)
        assert area.cursor_location[0] + 1 == line, "the cursor is where it was"
        assert "ctrl+s save, compile" in driver.lines[-1]
        assert "esc leave" in driver.lines[-1]
        area.move_cursor((line - 1, 0))
        await driver.press("slash", "slash", "space", *"q1r", "enter")
        assert "● unsaved" in driver.text
        assert demo.read_text() == before
        await driver.press("ctrl+s")
        await driver.until_text("✔ compiled")
        lines = before.split("\n")
        assert demo.read_text() == "\n".join([*lines[: line - 1], "// q1r", *lines[line - 1 :]])
        assert "● unsaved" not in driver.text
        await driver.settled()
        await driver.press("escape")
        assert not driver.workbench.query("#editor")
        assert driver.workbench.source_pane.has_focus
        assert driver.workbench.source_pane.cursor_number == line + 1
        assert "ctrl+p find" in driver.lines[-1]
        assert "// q1r" in driver.text


async def test_the_keys_of_the_workbench_are_text_in_the_editor(demo: Path) -> None:
    async with running(demo) as driver:
        area = await open_editor(driver)
        area.move_cursor((3, 0))
        await driver.press("q", "1", "slash", "z", "tab")
        row = area.cursor_location[0]
        assert area.document.get_line(row).startswith("q1/z    ")
        assert driver.app.is_running
        await driver.press("ctrl+z")
        await driver.press("ctrl+y")
        assert area.document.get_line(row).startswith("q1/z    ")


async def test_an_error_is_told_in_the_frame_and_f8_goes_there(demo: Path) -> None:
    async with running(demo) as driver:
        area = await open_editor(driver)
        await driver.press("ctrl+home")
        area.move_cursor((20, 0))
        area.insert("struct broken {\n")
        await driver.press("ctrl+s")
        await driver.until(lambda: "✖" in str(editor(driver).border_subtitle))
        area.move_cursor((0, 0))
        await driver.press("f8")
        assert area.cursor_location[0] > 0
        assert "error: " in str(area.border_subtitle)
        await driver.press("escape")
        assert "✖ error" in driver.text, "and under its line in the source pane"


async def test_escape_asks_when_something_is_unsaved(demo: Path) -> None:
    before = demo.read_bytes()
    async with running(demo) as driver:
        await open_editor(driver)
        await driver.press("x", "escape")
        await driver.until_text("Unsaved changes")
        await driver.press("escape")
        assert driver.workbench.query("#editor"), "escape goes on editing"
        await driver.press("escape", "d")
        await driver.until(lambda: not driver.workbench.query("#editor"))
        assert demo.read_bytes() == before
        await open_editor(driver)
        await driver.press("ctrl+home", "slash", "slash", "enter", "escape")
        await driver.until_text("Unsaved changes")
        await driver.press("s")
        await driver.until(lambda: not driver.workbench.query("#editor"))
        assert demo.read_bytes() == b"//\n" + before


async def test_quitting_asks_when_something_is_unsaved(demo: Path) -> None:
    async with running(demo) as driver:
        await open_editor(driver)
        await driver.press("x", "ctrl+q")
        await driver.until_text("Unsaved changes")
        await driver.press("escape")
        assert driver.app.is_running
        assert editor(driver).text != demo.read_text()


async def test_another_programs_change_is_taken_in_while_nothing_is_unsaved(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        area = await open_editor(driver)
        edit(demo, "#![no_std]", "#![no_std]\n// theirs")
        await driver.until(lambda: "// theirs" in area.text)
        assert "● unsaved" not in driver.text


@pytest.mark.parametrize("answer", ["o", "r", "escape"])
async def test_another_programs_change_is_never_overwritten_in_silence(
    demo: Path, edit: Edit, answer: str
) -> None:
    async with running(demo) as driver:
        area = await open_editor(driver)
        await driver.press("ctrl+home", "slash", "slash", *"mine", "enter")
        mine = area.text
        edit(demo, "#![no_std]", "#![no_std]\n// theirs")
        theirs = demo.read_text()
        await driver.until_text("! changed on disk")
        assert area.text == mine
        await driver.press("ctrl+s")
        await driver.until(lambda: "was changed by another program meanwhile" in question(driver))
        assert demo.read_text() == theirs
        await driver.press(answer)
        await driver.settled()
        assert demo.read_text() == (mine if answer == "o" else theirs)
        assert area.text == (theirs if answer == "r" else mine)


async def test_taking_an_overwriting_back_gives_the_other_programs_text_back(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        await open_editor(driver)
        await driver.press("ctrl+home", "slash", "slash", *"mine", "enter")
        edit(demo, "#![no_std]", "#![no_std]\n// theirs")
        theirs = demo.read_text()
        await driver.until_text("! changed on disk")
        await driver.press("ctrl+s")
        await driver.until(lambda: "was changed by another program meanwhile" in question(driver))
        await driver.press("o")
        await driver.settled()
        assert "// theirs" not in demo.read_text()
        await driver.press("escape", "u")
        await driver.settled()
        assert demo.read_text() == theirs


async def test_without_watching_a_change_is_noticed_when_saving(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        await driver.press("w")
        await open_editor(driver)
        await driver.press("x")
        edit(demo, "#![no_std]", "#![no_std]\n// theirs")
        await asyncio.sleep(0.3)
        await driver.press("ctrl+s")
        await driver.until(lambda: "was changed by another program meanwhile" in question(driver))


async def test_a_file_that_is_gone_is_written_again_when_the_user_says_so(demo: Path) -> None:
    async with running(demo) as driver:
        area = await open_editor(driver)
        await driver.press("x")
        demo.unlink()
        await driver.press("ctrl+s")
        await driver.until(lambda: "is gone" in question(driver))
        await driver.press("o")
        await driver.until(demo.exists)
        assert demo.read_text() == area.text


@pytest.mark.parametrize(
    "transform",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="crlf"),
        pytest.param(lambda text: text.rstrip("\n"), id="no-final-newline"),
        pytest.param(lambda text: text.replace("    ", "\t"), id="tabs"),
        pytest.param(
            lambda text: text.replace("\n", "\r\n", 5) + "// \u00e9 \u4e2d\u00a0e\u0301 ", id="mixed"
        ),
    ],
)
async def test_what_is_not_edited_stays_byte_for_byte(demo: Path, transform: Callable[[str], str]) -> None:
    demo.write_bytes(transform(demo.read_text()).encode())
    before = demo.read_bytes()
    async with running(demo) as driver:
        area = await open_editor(driver)
        await driver.press("ctrl+s")
        assert demo.read_bytes() == before
        area.move_cursor((0, 0))
        await driver.press("slash", "slash", "ctrl+s")
        await driver.until(lambda: demo.read_bytes() != before)
        assert demo.read_bytes() == b"//" + before
        area.move_cursor((10, 0))
        await driver.press("tab")
        assert area.document.get_line(10)[0] == ("\t" if b"\t" in before else " ")


async def test_pasted_control_characters_do_not_get_in(demo: Path) -> None:
    async with running(demo) as driver:
        area = await open_editor(driver)
        area.move_cursor((0, 0))
        area.post_message(Paste("//a\x1b[2J\u202eb\r\n"))
        await driver.until(lambda: area.document.get_line(0) == "//a[2Jb")


async def test_u_takes_back_what_was_saved(demo: Path) -> None:
    before = demo.read_bytes()
    async with running(demo) as driver:
        await driver.press("u")
        await driver.until_text("has written nothing")
        await open_editor(driver)
        await driver.press("ctrl+home", "slash", "slash", "enter", "ctrl+s")
        await driver.until(lambda: demo.read_bytes() != before)
        await driver.press("escape", "u")
        await driver.until_text("is as it was before")
        assert demo.read_bytes() == before
        await driver.settled()


async def test_u_takes_nothing_back_over_another_programs_change(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        await open_editor(driver)
        await driver.press("ctrl+home", "slash", "slash", "enter", "ctrl+s", "escape")
        edit(demo, "#![no_std]", "#![no_std]\n// theirs")
        theirs = demo.read_bytes()
        await driver.press("u")
        await driver.until_text("nothing is taken back")
        assert demo.read_bytes() == theirs


async def test_what_cannot_be_edited_says_why(demo: Path, demo_object: Path, tmp_path: Path) -> None:
    async with running(demo_object) as driver:
        await driver.press("i")
        await driver.until_text("is a compiled object")
        assert not driver.workbench.query("#editor")
    async with running() as driver:
        await driver.press("i")
        await driver.until_text("Nothing is open")
    demo.chmod(0o444)
    async with running(demo) as driver:
        await driver.press("i")
        await driver.until_text("is read-only")
    latin = tmp_path / "latin.rs"
    latin.write_bytes(b"// \xe9\n")
    async with running(latin) as driver:
        await driver.press("i")
        await driver.until_text("not UTF-8")
        assert not driver.workbench.query("#editor")


def test_unsaved_text_survives_a_killed_process(demo: Path) -> None:
    before = demo.read_bytes()
    with Terminal([*APP, str(demo), *TARGET]) as terminal:
        terminal.wait_for(("208",))
        terminal.press("i")
        terminal.wait_for(("editing",))
        terminal.press("// mine")
        terminal.wait_for(("unsaved",))
        deadline = time.monotonic() + 20
        folder = Path(rescue_path(str(demo))).parent
        while not any("// mine" in kept.read_text() for kept in folder.glob("*")):
            assert time.monotonic() < deadline
            terminal._read(0.1)
        assert kept_texts(str(demo)) == [], "it is still being edited"
        os.kill(terminal.pid, signal.SIGKILL)
        (kept,) = folder.iterdir()
    assert demo.read_bytes() == before
    assert kept_texts(str(demo)) == [str(kept)]
    assert kept.stat().st_mode & 0o077 == 0


async def test_text_that_was_left_unsaved_is_told_of(demo: Path) -> None:
    keep_text(str(demo), "// lost")
    async with running(demo) as driver:
        await open_editor(driver)
        await driver.until_text("ended with unsaved text of this file")
        kept = Path(rescue_path(str(demo))).parent
        assert [one.read_text() for one in kept.iterdir()] == ["// lost"]
        await driver.press("x", "escape", "d")
        await driver.until(lambda: not driver.workbench.query("#editor"))
        assert [one.read_text() for one in kept.iterdir()] == ["// lost"], "kept until the user takes it away"


async def test_opening_another_file_asks_first(demo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.rs"
    other.write_text("// nothing\n")
    async with running(demo) as driver:
        await open_editor(driver)
        await driver.press("x")
        driver.workbench.start_work(str(other))
        await driver.until_text("Unsaved changes")
        await driver.press("d")
        await driver.until(lambda: driver.workbench.session.path == str(other))
        assert not driver.workbench.query("#editor")


async def test_a_source_of_50000_lines_is_edited(tmp_path: Path) -> None:
    big = tmp_path / "big.rs"
    text = "".join(f"// line {number}\r\n" for number in range(50_000))
    big.write_bytes(text.encode())
    async with running(big) as driver:
        area = await open_editor(driver)
        area.move_cursor((40_000, 0))
        await driver.press("x", "ctrl+s")
        await driver.until(lambda: len(big.read_bytes()) == len(text) + 1)
        assert big.read_bytes() == text.replace("// line 40000\r", "x// line 40000\r").encode()


async def test_start_up_does_not_import_the_editor(demo: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from btfview.tui.app import BtfviewApp; "
        "sys.exit(any(name.endswith(('_text_area', 'source_editor')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("keys", [("ctrl+p",), ("f8", "ctrl+p", "escape", "ctrl+p")])
async def test_quitting_asks_from_a_dialogue_too(demo: Path, keys: tuple[str, ...]) -> None:
    async with running(demo) as driver:
        await open_editor(driver)
        await driver.press("x", *keys)
        await driver.until(lambda: driver.app.screen is not driver.workbench)
        await driver.press("ctrl+q", "ctrl+q")
        await driver.until_text("Unsaved changes")
        assert driver.app.is_running
        await driver.press("s")
        await driver.until(lambda: not driver.app.is_running)
    assert demo.read_text().startswith("x") or "\nx" in demo.read_text()


# -- what makes the app good stays in the editor ----------------------------------------------------


def row_with(area: TextArea, text: str) -> int:
    """The index of the first line that holds *text*."""
    return next(at for at in range(area.document.line_count) if text in area.document.get_line(at))


def code_of(driver: Driver, count: int = 12) -> list[str]:
    """The first lines below the frame of the source, as far as the code goes, without the records."""
    rows = driver.lines[3 : 3 + count]
    return [row[3:].split("◆")[0].split("…")[0].rstrip("│╮ ")[:60] for row in rows]


async def test_the_code_stays_where_it_is_on_entering_and_on_leaving(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("j", "j")
        before = code_of(driver)
        await open_editor(driver)
        assert code_of(driver) == before
        await driver.press("escape")
        await driver.until(lambda: not driver.workbench.query("#editor"))
        await driver.pilot.pause()
        assert code_of(driver) == before


async def test_marks_and_results_stand_in_the_editor_and_go_with_their_lines(demo: Path) -> None:
    async with running(demo) as driver:
        area = await open_editor(driver)
        line = next(one for one in driver.pane("editor") if "field_byte_offset!(task_struct, se.v" in one)
        assert "◆ #1 offset ▲ moved" in line
        area.move_cursor((0, 0))
        await driver.press("enter")
        area.move_cursor((37, 0), center=True)
        await driver.pilot.pause()
        line = next(one for one in driver.pane("editor") if "field_byte_offset!(task_struct, se.v" in one)
        assert line.split("│")[1].strip() == "39"
        assert "◆ #1 offset ▲" in line, "one line further down"


async def test_what_is_typed_is_compiled_after_a_pause_and_the_file_stays(demo: Path) -> None:
    before = demo.read_bytes()
    async with running(demo) as driver:
        await driver.press("right_square_bracket")
        area = await open_editor(driver)
        row = row_with(area, "vruntime: u64")
        area.move_cursor((row, 0))
        await driver.press(*"    a: u64,", "enter")
        assert "~ of an older text" in driver.text
        assert driver.workbench.structs_pane.has_class("-stale")
        # A member of eight bytes before it: 8 becomes 16, and that is what the record holds.
        await driver.until_text("compiled 16, there 208")
        assert "~ of an older text" not in driver.text
        assert not driver.workbench.structs_pane.has_class("-stale")
        assert demo.read_bytes() == before
        assert "● unsaved" in driver.text
        await driver.press("escape", "d")
        await driver.until_text("compiled 8, there 208")
        assert demo.read_bytes() == before


async def test_an_error_stands_at_its_line_and_is_counted_once(demo: Path) -> None:
    async with running(demo) as driver:
        area = await open_editor(driver)
        row = row_with(area, "se.vruntime)")
        area.move_cursor((row, area.document.get_line(row).index("vruntime)")))
        await driver.press("x")
        await driver.until_text("✖ 1 error")
        line = next(one for one in driver.pane("editor") if "xvruntime" in one)
        assert "✖ [E0609]" in line
        assert driver.text.count("1 error") == 1
        await driver.press("backspace")
        await driver.until(lambda: "E0609" not in driver.text)


async def test_other_kernels_do_not_drop_what_is_typed(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket")
        area = await open_editor(driver)
        row = row_with(area, "vruntime: u64")
        area.move_cursor((row, 0))
        await driver.press(*"    a: u64,", "enter")
        driver.workbench.start_work(targets=driver.workbench.session.targets[:1])
        await driver.until_text("compiled 16, there 208")
        assert "a: u64," in area.text
