"""The screen for a recording: ``python -m btfview.tui.recorded JOB``, on the terminal of its caller.

It answers on a socket, to a line of JSON each: ``settle`` once nothing is under way, ``wait`` once a text is
shown, ``picture`` with what is shown as SVG. When the socket is closed it ends. See
:mod:`btfview.recording.record_screen`.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual.worker import WorkerState

from btfview.analysis.kernels.target_choice import EVERY, TargetChoice
from btfview.compiler.options import CompileOptions
from btfview.configuration.screen import ScreenSettings

from .app import BtfviewApp

if TYPE_CHECKING:
    from textual.app import App

_GROUP = "recording"
_PAUSE, _CALM = 0.03, 3
"""Seconds between two looks, and how many in a row must find nothing under way."""
_TOLD = 200
"""Characters of the screen that are told where a text is not on it."""
_PATIENCE = 60.0
"""Seconds after which what is still under way is no longer waited for."""


class RecordedApp(BtfviewApp):
    """The application on one file, answering on a socket."""

    def __init__(
        self,
        path: str,
        targets: list[str],
        options: CompileOptions,
        theme: str,
        line: socket.socket,
        choice: TargetChoice,
    ) -> None:
        settings = ScreenSettings(theme=theme)
        super().__init__([path], targets, options, settings=settings, choice=choice, is_fresh=True)
        self._line = line

    def on_mount(self) -> None:
        self.run_worker(self._serve(), group=_GROUP)

    async def _serve(self) -> None:
        reader, writer = await asyncio.open_connection(sock=self._line)
        while wish := (await reader.readline()).strip():
            writer.write(await self._answer(json.loads(wish)) + b"\n")
            await writer.drain()
        self.exit()

    async def _answer(self, wish: dict[str, Any]) -> bytes:
        match wish["wish"]:
            case "wait":
                if not await is_shown(self, wish["text"], wish["seconds"]):
                    return (" ".join(shown_text(self).split())[:_TOLD] or "nothing").encode()
                return b"found"
            case "picture":
                return self.export_screenshot(title=wish["title"]).strip().encode()
            case _:
                await self._settle()
                return b"settled"

    async def _settle(self) -> None:
        """Wait until keys have been read, work is done and its results are drawn."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                quiet = 0
                while quiet < _CALM:
                    await asyncio.sleep(_PAUSE)
                    quiet = 0 if self._is_busy() else quiet + 1
        drawn = asyncio.Event()
        self.call_after_refresh(drawn.set)
        await drawn.wait()

    def _is_busy(self) -> bool:
        active = (WorkerState.PENDING, WorkerState.RUNNING)
        works = any(worker.state in active and worker.group != _GROUP for worker in self.workers)
        return works or self.workbench.session.pending is not None


def shown_text(app: App[None]) -> str:
    """Return what stands on the screen, a line a line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def is_shown(app: App[None], text: str, seconds: float) -> bool:
    """Return whether *text* comes to stand on the screen within *seconds*, as soon as it does."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while text not in shown_text(app):
                await asyncio.sleep(_PAUSE)
            return True
    return False


def main() -> int:
    job = json.loads(sys.argv[1])
    line = socket.socket(fileno=job["line"])
    choice = TargetChoice.of_values(job["choice"]) if job["choice"] else EVERY
    options = CompileOptions.of(job["options"])
    app = RecordedApp(job["path"], job["targets"], options, job["theme"], line, choice)
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
