"""Drive the real app without a terminal, and read what stands on its screen."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from textual.pilot import Pilot

from btfview.analysis.kernels.target_choice import EVERY, TargetChoice
from btfview.compiler.options import CompileOptions
from btfview.configuration.screen import ScreenSettings
from btfview.tui.app import BtfviewApp
from btfview.tui.workbench.screen import WorkbenchScreen

KERNELS = ["6.1.0-56-amd64", "6.12.117+deb12-amd64"]
"""Bundled, so that the tests need no files; small, so that they are fast."""
VRUNTIME = {"6.1.0-56-amd64": 208, "6.12.117+deb12-amd64": 240}
"""Offset of ``task_struct.se.vruntime``: ``pahole -C task_struct`` and ``-C sched_entity`` on the whole
kernels say se at 128 and vruntime at 80 (6.1) and 112 (6.12)."""
WIDE, MIDDLE, SMALL = (200, 50), (120, 40), (80, 24)


class Driver:
    """A running app: press keys, wait for something, read the screen."""

    def __init__(self, app: BtfviewApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def workbench(self) -> WorkbenchScreen:
        return self.app.workbench

    @property
    def lines(self) -> list[str]:
        """The screen, a string a line, without trailing spaces."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def pane(self, name: str) -> list[str]:
        """The lines of one pane, frame included."""
        region = self.app.screen.query_one(f"#{name}").region
        strips = self.app.screen._compositor.render_strips()[region.y : region.bottom]
        return ["".join(s.text for s in strip.crop(region.x, region.right)).rstrip() for strip in strips]

    def marked(self, name: str) -> list[str]:
        """The lines of a pane that carry the mark of the selected record."""
        return [line.strip("│ ▌") for line in self.pane(name) if "▌" in line]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def until(self, condition: Callable[[], object], *, seconds: float = 60.0) -> None:
        """Wait for *condition* and for what follows from it; fails with the screen's text when it does not
        come true."""
        await self.comes(condition, seconds=seconds)
        await self.pilot.pause()

    async def comes(self, condition: Callable[[], object], *, seconds: float = 60.0) -> None:
        """Wait for *condition* alone: where something else is waited for next, with what follows."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds} s in vain; the screen:\n{self.text}")
            await asyncio.sleep(0.01)

    async def until_text(self, text: str) -> None:
        await self.until(lambda: text in self.text)

    async def still(self) -> None:
        """Wait until no work is under way, in threads neither, and nothing on the screen changes any more."""
        before: list[str] | None = None
        while before != (shown := self.lines):
            before = shown
            await self.settled()
            await self.until(lambda: all(worker.is_finished for worker in self.app.workers))

    async def settled(self) -> None:
        """Wait until no work is under way."""
        await self.until(lambda: self.workbench.work.compiler and self.workbench.session.pending is None)


@contextlib.asynccontextmanager
async def running(
    *paths: Path | str,
    size: tuple[int, int] = WIDE,
    targets: list[str] | None = None,
    settings: ScreenSettings | None = None,
    is_fresh: bool = False,
    choice: TargetChoice = EVERY,
) -> AsyncIterator[Driver]:
    """The app on *paths*, its first result on the screen."""
    chosen = KERNELS if targets is None else targets
    app = BtfviewApp(
        [str(path) for path in paths], chosen, CompileOptions(), None, settings, choice, is_fresh=is_fresh
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(app, pilot)
        await driver.settled()
        yield driver
