"""Open, targets, help, palette, editor: what each shows, and what it leaves behind."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.errors import UsageError
from btfview.keymap.table import KEYS
from btfview.session.recent import recent_files
from btfview.tui.app import BtfviewApp
from btfview.tui.browser.modes import HINTS as BROWSER_HINTS
from btfview.tui.browser.modes import Mode
from btfview.tui.screens.cell import CellScreen
from btfview.tui.screens.generate import GenerateScreen
from btfview.tui.screens.problems import ProblemsScreen
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.tui.workbench.edit.outside_editor import editor_command
from tests.tui.screen import KERNELS, SMALL, Driver, running


async def type_text(driver: Driver, text: str) -> None:
    """Type *text* into the input that has the focus; its last character by a key."""
    from textual.widgets import Input

    field = driver.app.screen.query_one(Input)
    field.value = text[:-1]
    field.cursor_position = len(text) - 1
    await driver.pilot.pause()
    await driver.press(text[-1])


async def test_open_completes_a_path_and_opens_it(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "other.rs").write_text(demo.read_text().replace("sched_vruntime", "in_other"))
    (tmp_path / "sub" / "note.txt").write_text("")
    async with running(demo) as driver:
        await driver.press("o")
        await driver.until_text("Open a source or an object")
        await type_text(driver, f"{tmp_path}/su")
        assert f"{tmp_path}/sub/" in driver.text
        await driver.press("tab")
        await driver.until_text(f"{tmp_path}/sub/other.rs")
        assert "note.txt" not in driver.text
        assert "1 other file is hidden" in driver.text
        await driver.press("ctrl+t")
        await driver.until_text("note.txt")
        await type_text(driver, f"{tmp_path}/sub/oth")
        await driver.press("enter")
        await driver.until_text("in_other")
        assert "other.rs" in driver.lines[0]
    assert recent_files()[0] == str(tmp_path / "sub" / "other.rs")


async def test_open_lists_the_last_files_and_says_what_is_wrong(demo: Path, tmp_path: Path) -> None:
    async with running(demo) as driver:
        await driver.press("o")
        await driver.until_text("lately")
        await type_text(driver, str(tmp_path / "none" / "x"))
        await driver.until_text("no such file or directory")
        await driver.press("enter")
        assert "Open a source or an object" in driver.text
        await driver.press("escape")
        assert "Open a source or an object" not in driver.text
        assert "sched.rs" in driver.lines[0]


async def test_targets_are_ticked_and_applied(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("t")
        await driver.until_text("[x] 6.1.0-56-amd64")
        assert "[ ] 5.10.0-46-amd64" in driver.text
        await driver.press("n", "space", "enter")
        await driver.until_text("1 target")
        assert "1 target " in driver.lines[0] + " "
        assert "there 208" not in driver.pane("offsets")
        await driver.press("t", "a", "enter")
        await driver.until_text("▲ 248")


async def test_a_target_is_added_by_its_path(demo: Path, tmp_path: Path) -> None:
    from btfview.targets.find import open_target

    path = tmp_path / "mine.btf.xz"
    path.write_bytes(open_target(KERNELS[0]).btf.data)
    async with running(demo) as driver:
        await driver.press("t", "tab")
        await type_text(driver, f"{tmp_path}/nothing")
        await driver.press("enter")
        await driver.until_text("no target")
        await type_text(driver, f"{tmp_path}/min")
        await driver.press("tab")
        await driver.press("enter")
        await driver.until_text("[x] mine")
        await driver.press("enter")
        await driver.until_text("3 targets")
        assert "mine" in "\n".join(driver.pane("offsets"))


async def test_a_folder_is_added_as_all_its_targets(demo: Path, tmp_path: Path) -> None:
    from btfview.targets.find import open_target

    folder = tmp_path / "kernels"
    folder.mkdir()
    for name in ("mine-6.12.btf.xz", "mine-6.1.btf.xz"):
        (folder / name).write_bytes(open_target(KERNELS[0]).btf.data)
    (folder / "mine-7.btf").write_bytes(b"\x9f\xeb\x01")
    async with running(demo) as driver:
        await driver.press("t", "tab")
        await type_text(driver, str(folder))
        await driver.press("enter")
        await driver.until_text("added 3 targets")
        assert "[x] mine-6.12" in driver.text
        await driver.press("enter")
        await driver.until_text("4 targets · ✖ 1 broken")  # the broken one is told, the others are used
        await driver.until_text("mine-7.btf")
        await driver.press("t")
        await driver.until(lambda: any("mine-7" in line and "✖ broken" in line for line in driver.lines))
        assert any("6.1.0-56-amd64" in line and "? trimmed" in line for line in driver.lines)


async def test_installed_kernels_are_offered(demo: Path, tmp_path: Path) -> None:
    from btfview.targets.kernels import Machine
    from btfview.tui.screens.pick_targets import TargetsScreen

    boot = tmp_path / "boot"
    boot.mkdir()
    (boot / "vmlinuz-9.9.9-test").write_bytes(b"MZ")
    async with running(demo) as driver:
        driver.app.push_screen(TargetsScreen((), {}, Machine(str(tmp_path))))
        await driver.until(lambda: any("[ ] 9.9.9-test" in line for line in driver.lines))
        assert any(str(boot) in line for line in driver.lines)


async def test_targets_are_exchanged_while_the_result_is_stale(demo: Path) -> None:
    async with running(demo, targets=[KERNELS[0]]) as driver:
        demo.write_text(demo.read_text().replace("se.vruntime)", "se.vrun)"))
        await driver.until_text("stale since")
        assert "▲ 240" not in driver.text
        await driver.press("t")
        await driver.until_text("[ ] 6.12.117+deb12-amd64")
        await driver.press("a", "enter")
        await driver.until_text("▲ 240")
        assert "stale since" in driver.lines[0]


async def test_escape_leaves_the_targets_as_they_were(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        await driver.press("t", "n", "escape")
        assert "2 targets" in driver.lines[0]


async def test_help_names_every_key_and_every_sign(demo: Path) -> None:
    async with running(demo, size=(120, 80)) as driver:
        await driver.press("question_mark")
        text = "\n".join(driver.pane("dialog"))
        for more in (*("pagedown",) * 8, "G"):  # it is longer than the screen
            await driver.press(more)
            text += "\n".join(driver.pane("dialog"))
        flat = " ".join(text.replace("│", " ").split())  # a long one is wrapped
        for key in KEYS:
            assert f"  {key.shown} " in text
            assert key.help in flat
        for sign in ("✔ as compiled", "▲ moved", "○ missing, guarded", "✖ missing", "≠ ambiguous", "! error"):
            assert sign in text
        await driver.press("escape")
        assert "1 Source" in driver.text


async def test_help_is_wrapped_to_the_terminal(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        await driver.press("question_mark")
        await driver.until_text("What you see")
        shown, seen = driver.app.screen.query_one(ChoiceList), ""
        while True:
            lines = driver.pane("dialog")
            seen += "\n".join(lines)
            assert not any("…" in line for line in lines)
            if shown.cursor == shown.line_count - 1:
                break
            await driver.press("pagedown")
        assert "on_exec 20" in seen, "the end of a long line"
        await driver.pilot.resize_terminal(30, 10)
        await driver.until(lambda: len(driver.lines) == 10)
        await driver.press("home")
        assert "Keys here" in driver.text


@pytest.mark.parametrize(
    ("keys", "hints"),
    [
        pytest.param(("B",), CellScreen.HINTS, id="cell"),
        pytest.param(("2", "g"), GenerateScreen.HINTS, id="code"),
        pytest.param(("b",), BROWSER_HINTS[Mode.FIND], id="types"),
        pytest.param(("p",), ProblemsScreen.HINTS, id="problems"),
    ],
)
async def test_a_dialogue_names_all_its_keys_and_on_a_low_terminal_the_way_out(
    demo: Path, keys: tuple[str, ...], hints: tuple[tuple[str, str, str], ...]
) -> None:
    async with running(demo, size=SMALL) as driver:
        await driver.press(*keys)
        await driver.until(lambda: driver.app.screen is not driver.workbench)
        await driver.pilot.pause()
        for key, label, _ in hints:
            assert f" {key} {label}" in driver.text
        await driver.pilot.resize_terminal(60, 12)
        await driver.until(lambda: len(driver.lines) == 12)
        assert " esc close" in driver.text


async def test_a_key_on_the_second_line_of_a_dialogue_can_be_clicked(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        await driver.press("B")
        await driver.until_text("esc close")
        y = next(at for at, line in enumerate(driver.lines) if "esc close" in line)
        await driver.pilot.click(offset=(driver.lines[y].index("esc close"), y))
        await driver.until(lambda: driver.app.screen is driver.workbench)


async def test_every_key_is_in_the_palette(demo: Path) -> None:
    async with running(demo) as driver:
        commands = {command.title: command for command in driver.app.get_system_commands(driver.app.screen)}
        for key in KEYS:
            assert key.help.partition(";")[0] in commands
        await driver.press("ctrl+p")
        await driver.until(lambda: driver.app.screen is not driver.workbench)
        await driver.press(*"Zoom", "space", *"pane")
        await driver.until_text("again for all panes")
        await driver.press("enter")
        await driver.until(lambda: driver.app.screen is driver.workbench)
        assert "2 Structs" not in driver.text
        assert "1 Source" in driver.text


async def test_q_quits(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("q")
        assert driver.app._exit


def types(app: BtfviewApp) -> None:
    app.workbench.action_browse_types()


@pytest.mark.parametrize("turns", [0, 1, 2])
@pytest.mark.parametrize("put_up", [BtfviewApp.search_themes, BtfviewApp.open_palette, types])
async def test_who_quits_while_a_screen_is_being_put_up_gets_no_traceback(
    demo: Path, put_up: Callable[[BtfviewApp], None], turns: int
) -> None:
    """Within so many turns of the loop the screen has asked for widgets that are gone already."""
    async with running(demo) as driver:
        put_up(driver.app)
        for _ in range(turns):
            await asyncio.sleep(0)
        driver.app.exit()
    assert driver.app._exception is None
    assert driver.app.return_code == 0


@pytest.mark.parametrize("theme", ["textual-light", "gruvbox", "ansi-dark"])
async def test_every_theme_draws_the_screen(demo: Path, theme: str) -> None:
    async with running(demo) as driver:
        driver.app.theme = theme
        await driver.pilot.pause()
        await driver.press("right_square_bracket", "5")
        assert "▲ 240" in driver.text


# -- the editor -------------------------------------------------------------------------------------


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH, alone there, with nothing in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    return folder


def install(folder: Path, name: str) -> None:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize(
    ("editor", "command"),
    [
        pytest.param("vim", ["vim", "+7", "a.rs"], id="vim"),
        pytest.param("nano -w", ["nano", "-w", "+7", "a.rs"], id="with-arguments"),
        pytest.param("hx", ["hx", "a.rs:7"], id="helix"),
        pytest.param("code", ["code", "--wait", "--goto", "a.rs:7"], id="vscode"),
        pytest.param("mine", ["mine", "a.rs"], id="unknown"),
    ],
)
def test_the_editor_is_called_at_the_line(
    programs: Path, monkeypatch: pytest.MonkeyPatch, editor: str, command: list[str]
) -> None:
    install(programs, command[0])
    monkeypatch.setenv("EDITOR", editor)
    assert editor_command("a.rs", 7) == command


def test_visual_is_preferred_and_vi_is_the_default(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("vi", "one", "two"):
        install(programs, name)
    assert editor_command("-a.rs", 1) == ["vi", "+1", os.path.join(".", "-a.rs")]
    monkeypatch.setenv("EDITOR", "one")
    monkeypatch.setenv("VISUAL", "two")
    assert editor_command("a.rs", 1) == ["two", "a.rs"]


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        pytest.param("EDITOR", "nosuch", "$EDITOR is 'nosuch', which is not there", id="missing"),
        pytest.param("VISUAL", "vim 'x", '$VISUAL is "vim \'x": no closing quotation', id="quotes"),
        pytest.param("EDITOR", " ", "the default editor is 'vi', which is not there", id="no-vi"),
    ],
)
def test_an_editor_that_makes_no_sense_is_named(
    programs: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError) as caught:
        editor_command("a.rs", 1)
    assert told in str(caught.value)


async def test_a_missing_editor_is_a_notification(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor")
    async with running(demo) as driver:
        await driver.press("e")
        await driver.until_text("no-such-editor")
        assert "▲ 208" in driver.text


async def test_a_hostile_name_is_listed_as_text_and_opens(demo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "there"
    folder.mkdir()
    path = folder / "a\x1b[2J.rs"
    path.write_text(demo.read_text())
    async with running(demo) as driver:
        await driver.press("o")
        await type_text(driver, f"{folder}/")
        await driver.until_text("a␛[2J.rs")
        await driver.press("tab")
        assert "cannot be typed" in driver.text
        await driver.press("enter")
        await driver.until(lambda: "a␛[2J.rs  ✔ compiled" in driver.lines[0])
        assert not any(ord(char) < 0x20 for line in driver.lines for char in line)


async def test_a_name_that_ends_in_html_gives_a_page(demo: Path, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    async with running(demo) as driver:
        for text in ("", "<p>"):
            path.unlink(missing_ok=True)
            if text:
                path.write_text(text)
            await driver.press("x")
            await type_text(driver, str(path))
            await driver.press("enter")
            if text:
                await driver.until_text("enter again overwrites")
                assert path.read_text() == text
                await driver.press("enter")
            await driver.until(lambda: path.exists() and path.read_text().startswith("<!doctype html>"))
            await driver.until_text("sched_vruntime")
        assert "sched.rs" in path.read_text()


async def test_a_page_that_cannot_be_made_is_no_end_of_the_screen(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("btfview.html_report.page.report_page", broken)
    path = tmp_path / "page.html"
    async with running(demo) as driver:
        await driver.press("x")
        await type_text(driver, str(path))
        await driver.press("enter")
        await driver.until_text("on purpose")
        assert not path.exists()
