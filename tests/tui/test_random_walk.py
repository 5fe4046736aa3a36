"""Keys pressed at random, on every kind of file, in every size: the screen stays up, its lists stay whole.

What is found is printed with its seed and as a command that shows it again. ``BTFVIEW_WALK_KEYS`` says how
many keys in all, ``BTFVIEW_WALK_SEED`` where the dice start.
"""

from __future__ import annotations

import os
import random
import shlex
import shutil
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key

from btfview.frozen import frozen
from btfview.keymap.table import KEYS
from btfview.recording.key_script import KEYS as NAMED
from btfview.recording.key_script import KeyPress, parse_keys
from btfview.targets.bundled_kernels import bundled_btf
from btfview.tui.widgets.line_list import LineList
from tests.paths import DEMO
from tests.tui.screen import Driver, running

TOTAL = int(os.environ.get("BTFVIEW_WALK_KEYS", "2000"))
SEED = int(os.environ.get("BTFVIEW_WALK_SEED", "1"))
SIZES = ((200, 50), (140, 40), (120, 40), (100, 33), (80, 24), (40, 12), (20, 5))
A_LIFE = 150
"""Keys after which the screen is started anew, with the files as they were."""
KERNEL = "6.1.0-56-amd64"
MANY = 31


@frozen
class Start:
    """A file, its targets, and keys that lead into a state."""

    file: str
    targets: Callable[[Path], list[str]]
    keys: str = ""


def one(_folder: Path) -> list[str]:
    return [KERNEL]


def many(folder: Path) -> list[str]:
    """The same kernel under many names: what is tested is the width of the matrix."""
    data = bundled_btf(KERNEL)
    kernels = folder / "kernels"
    if not kernels.exists():
        kernels.mkdir()
        for number in range(MANY):
            (kernels / f"{KERNEL.replace('6.1.0-56', f'6.{number}.0-1')}.btf").write_bytes(data)
    return [str(kernels)]


STARTS = {
    "demo": Start("sched.rs", one),
    "broken-since": Start("sched.rs", one, "<wait 0>"),
    "never-compiled": Start("never.rs", one),
    "object": Start("sched.o", one),
    "no-records": Start("plain.rs", one),
    "no-targets": Start("sched.rs", lambda folder: [str(folder / "gone.btf")]),
    "many-kernels": Start("task_state.rs", many),
    "searching": Start("sched.rs", one, "5/vrun"),
    "filtered": Start("sched.rs", one, "5ff"),
    "editing": Start("sched.rs", one, "i"),
    "browsing": Start("sched.rs", many, "2b"),
}
PLAIN = """#![no_std]
#![no_main]
#[unsafe(link_section = "tp/x")]
#[unsafe(no_mangle)]
pub extern "C" fn f() -> i32 { 0 }
"""
MOVES: list[str] = [
    "<down>",
    "<up>",
    "<enter>",
    "<right>",
    "<left>",
    "<tab>",
    "<pagedown>",
    "<home>",
    *"nNjkGg[]{}",
]
"""Pressed more often than others."""
WORDS: list[str] = [
    "/x<enter>",
    "/vrun<enter>",
    "/zzz<enter>",
    "/6.1<enter>",
    "/o",
    "5f",
    "f",
    "2",
    "3",
    "4",
    "5",
    "1",
]
TYPED: list[str] = [*"task_struct.vruntime5 x", "<backspace>", "<ctrl+u>", "<enter>", "<down>", "<pagedown>"]
ANSWERS: list[str] = [*"sdor"]
UNUSED = {"<ctrl+q>", "<ctrl+c>"}
"""They end the screen, which ``test_dialogues`` presses them for."""
COMMANDS: list[str] = [
    *(key.shown for key in KEYS if len(key.shown) == 1 and key.shown != "<"),
    "<lt>",
    "<ctrl+p>",
]
ODD: list[str] = [*(f"<{name}>" for name in NAMED if f"<{name}>" not in UNUSED), *"0$hl >#.@&%é-+"]
KINDS: list[list[str]] = [MOVES, WORDS, COMMANDS, ODD]


def choose(driver: Driver, dice: random.Random) -> str:
    """Return the next keys: such as lead on from where the screen is, more often than not."""
    is_dialogue = driver.app.screen is not driver.workbench
    is_listing = isinstance(driver.app.focused, LineList)
    if dice.random() < (0.2 if is_dialogue else 0 if is_listing else 0.1):
        return "<esc>"
    if type(driver.app.screen).__name__ == "AskScreen":
        return dice.choice(ANSWERS)
    if not is_listing and dice.random() < 0.8:
        return dice.choice(TYPED)
    return dice.choice(dice.choices(KINDS, (35, 15, 40, 10))[0])


@pytest.mark.timeout(120 + TOTAL // len(STARTS))
@pytest.mark.parametrize("name", STARTS)
async def test_no_keys_bring_the_screen_down(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo_object: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # where a screenshot would go
    monkeypatch.setenv("VISUAL", "no-such-editor")
    start, dice = STARTS[name], random.Random(f"{SEED} {name}")
    left = TOTAL // len(STARTS)
    life = 0
    while left > 0:
        life += 1
        folder = tmp_path / str(life)
        folder.mkdir()
        shutil.copy(DEMO / "sched.rs", folder)
        shutil.copy(DEMO / "task_state.rs", folder)
        shutil.copy(demo_object, folder)
        (folder / "plain.rs").write_text(PLAIN)
        text = (DEMO / "sched.rs").read_text()
        (folder / "never.rs").write_text(text.replace("se.vruntime)", "se.vrun)"))
        monkeypatch.chdir(folder)
        left -= await walk(start, name, dice, min(left, A_LIFE), start.targets(tmp_path))
        shutil.rmtree(folder)


async def walk(start: Start, name: str, dice: random.Random, count: int, targets: list[str]) -> int:
    """Press up to *count* keys; return how many, fewer where one of them ended the screen as it should."""
    size = dice.choice(SIZES)
    script = start.keys
    pressed = 0
    try:
        async with running(start.file, size=size, targets=targets) as driver:
            if name == "broken-since":
                path = Path(start.file)
                path.write_text(path.read_text().replace("se.vruntime)", "se.vrun)"))
                await driver.until_text("✖")
            await press(driver, start.keys)
            while pressed < count and driver.app.is_running and driver.app._exit is False:
                token = choose(driver, dice)
                if token == "q" and driver.app.screen is driver.workbench:
                    continue
                script += token
                pressed += 1
                await press(driver, token)
                check(driver)
                if pressed % 25 == 0:
                    driver.app.clear_notifications()
                    await driver.settled()
    except Exception as error:
        columns, rows = size
        given = " ".join(f"-t {target}" for target in targets)
        raise AssertionError(
            f"seed {SEED}, {name}, after {pressed} keys; to see it again:\n"
            f"btfview record {start.file} {given} --size {columns}x{rows} -o walk.cast "
            f"--keys {shlex.quote('<pace 0.05>' + script)}\n{''.join(traceback.format_exception(error))}"
        ) from None
    return max(pressed, 1)


async def press(driver: Driver, script: str) -> None:
    """Press the keys of *script*, as Textual reads what a terminal sends for them."""
    for step in parse_keys(script):
        if isinstance(step, KeyPress):
            key = "escape" if step.name == "esc" else read(step.text)
            await driver.press(key)


def read(text: str) -> str:
    events = [event for event in XTermParser().feed(text) if isinstance(event, Key)]
    assert len(events) == 1, text
    return events[0].key


def check(driver: Driver) -> None:
    """Every list on show has its cursor on a line, and draws."""
    if driver.app._exception is not None:
        raise driver.app._exception
    if not driver.app.is_running:
        return
    for shown in driver.app.screen.query(LineList):
        assert shown.cursor == 0 or shown.cursor < shown.line_count, shown
        assert (shown.here is None) == (shown.line_count == 0), shown
    _ = driver.lines
