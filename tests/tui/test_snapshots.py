"""What the screen looks like: its main states at three sizes, in a dark and a light theme.

The text of every state stands in ``snapshots/``; what changes from run to run (milliseconds, the time of
day) is replaced before it is compared. The text must not depend on the theme, and in both it must be
readable. After a change of the screen that is meant, ``BTFVIEW_SNAPSHOTS=write make test ARGS="-k
snapshots"`` writes them anew: read the diff.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.color import Color
from rich.segment import Segment

from btfview.targets.kernels import bundled_targets
from btfview.targets.target import Target
from tests.paths import DEMO, ROOT
from tests.tui.screen import Driver, running

FOLDER = Path(__file__).parent / "snapshots"
IS_WRITING = os.environ.get("BTFVIEW_SNAPSHOTS") == "write"
SIZES = ((80, 24), (140, 40), (220, 60))
THEMES = ("textual-dark", "textual-light")
LEAST_CONTRAST = 3.0
"""Of text against what it stands on: WCAG 2.1, 1.4.11, for what is needed to understand the content."""
STALE_CONTRAST = 2.4
"""The last good result stays on the screen dimmed, while the source has errors."""
FRAMES = frozenset("│─╭╮╰╯▏▌▁▔▕┃━╺╸▎▊ ")
"""Lines between things need no contrast."""


@dataclass(frozen=True, slots=True)
class State:
    name: str
    keys: tuple[str, ...]
    """Typed on the demo, its second record selected."""
    shows: str
    """Stands on the screen once it is there."""
    leave: tuple[str, ...] = ("escape",)
    is_small: bool = False
    """Worth a look of its own only where there is room for one pane."""


STATES = (
    State("workbench", (), "vruntime", ()),
    State("structs", ("2",), "struct task_struct", ("1",), is_small=True),
    State("intrinsics", ("3",), "preserve.", ("1",), is_small=True),
    State("records", ("4",), "field_byte_offset", ("1",), is_small=True),
    State("offsets", ("5",), "208", ("1",), is_small=True),
    State("offsets-zoomed", ("5", "z"), "208", ("z", "1")),
    State("disassembly", ("3", "a"), "r1 += r2", ("a", "1")),
    State("searching", ("4", "slash", *"weight", "enter"), "/weight 1 of", ("escape", "1")),
    State("cell", ("B",), ".BTF.ext"),
    State("options", ("c",), "v3"),
    State("problems", ("p",), "roblem"),
    State("passes", ("P",), "BPFAbstractMemberAccess"),
    State("palette", ("ctrl+p", *"weight"), "load.weight"),
    State("types", ("b", *"sched_entity", "enter"), "vruntime", ("escape", "escape", "escape")),
    State("byte-map", ("2", "M", "c"), "sum_exe", ("escape", "1")),
    State("generate", ("2", "g"), "inserts it at line", ("escape", "1")),
    State("targets", ("t",), "6.1.0-56-amd64"),
    State("help", ("question_mark",), "What you see"),
)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_main_states(
    size: tuple[int, int],
    theme: str,
    demo: Path,
    edit: Callable[[Path, str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(demo.parent)  # so that the screen names it alike on every machine
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr("btfview.tui.workbench.showing._STAY", 0)  # a thread is waited for, a timer is not
    wrong: list[str] = []
    targets = [target.name for target in bundled_targets()]
    async with running("sched.rs", size=size, targets=targets) as driver:
        driver.app.theme = theme
        await driver.press("right_square_bracket")
        for state in STATES:
            if state.is_small and size != SIZES[0]:
                continue
            await driver.press(*state.keys)
            await driver.until_text(state.shows)
            wrong += await problems_of(driver, state.name)
            await driver.press(*state.leave)
            await driver.still()
        edit(demo, "field_byte_offset!(task_struct, se.vruntime)", "field_byte_offset!(task_struct, se.vrun)")
        await driver.until_text("E0609")
        wrong += await problems_of(driver, "error")
    async with running("task_state.rs", size=size, targets=targets) as driver:
        driver.app.theme = theme
        await driver.press("right_curly_bracket")
        wrong += await problems_of(driver, "missing")
    monkeypatch.setenv("XDG_STATE_HOME", str(demo.parent / "new user"))
    async with running(size=size, targets=targets) as driver:
        driver.app.theme = theme
        wrong += await problems_of(driver, "welcome")
    assert not wrong, "\n".join(wrong)


@pytest.fixture(autouse=True)
def kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dialogue of targets lists one running kernel on every machine."""
    running = Target("6.18.44-example", "/sys/kernel/btf/vmlinux", "running")
    monkeypatch.setattr("btfview.targets.places.all_targets", lambda _: (running, *bundled_targets()))


@pytest.fixture(autouse=True)
def task_state(tmp_path: Path) -> None:
    (tmp_path / "task_state.rs").write_text((DEMO / "task_state.rs").read_text())


async def problems_of(driver: Driver, name: str) -> list[str]:
    """Return how the screen differs from its snapshot, and what on it cannot be read."""
    await driver.still()
    width, height = driver.app.size
    path = FOLDER / f"{width}x{height}" / f"{name}.txt"
    found = [f"{name}: {text}" for text in sorted(unreadable(driver))]
    lines = [steady(line) for line in driver.lines]
    if IS_WRITING:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
        return found
    kept = path.read_text().splitlines() if path.exists() else []
    return found + list(difflib.unified_diff(kept, lines, str(path.relative_to(ROOT)), "screen", lineterm=""))


def steady(line: str) -> str:
    """Return *line* without what differs from run to run; it stays as wide as it was."""
    line = re.sub(r"\d\d:\d\d:\d\d", "12:04:31", line)
    if " ms" in line:
        # Of one to four digits: the header is as wide as the terminal in any case, the space in it gives.
        line = re.sub(r" {2,}", "  ", re.sub(r"\b\d+ ms\b", "31 ms", line))
    return line.rstrip()


def unreadable(driver: Driver) -> set[str]:
    """Return words whose colour is too near to that of their ground, with the contrast; what a dialogue
    stands on is dimmed by intent."""
    found: set[str] = set()
    screen = driver.app.screen
    region = screen.query_one("#dialog").region if screen.query("#dialog") else screen.region
    for full in screen._compositor.render_strips()[region.y : region.bottom]:
        strip = full.crop(region.x, region.right)
        for segment in strip:
            text = segment.text.strip()
            least = STALE_CONTRAST if driver.workbench.session.stale_since else LEAST_CONTRAST
            if text and not set(text) <= FRAMES and (ratio := contrast(segment)) < least:
                found.add(f"{text!r} has a contrast of {ratio:.1f}")
    return found


def contrast(segment: Segment) -> float:
    """Return the contrast ratio of WCAG 2.1; a colour that the terminal chooses is taken to be readable."""
    style = segment.style
    if style is None or style.color is None or style.bgcolor is None:
        return 21.0
    light, dark = sorted((luminance(style.color), luminance(style.bgcolor)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: Color) -> float:
    """Return the relative luminance of WCAG 2.1, from 0 for black to 1 for white."""

    def linear(value: int) -> float:
        part = value / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = color.get_truecolor()
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
