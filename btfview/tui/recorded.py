"""The screen for a recording: ``python -m btfview.tui.recorded JOB``, on the terminal of its caller.

It answers on a socket: ``settle`` once nothing is under way, ``picture`` with what is shown as SVG. When the
socket is closed it ends. See :mod:`btfview.recording.record_screen`.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from contextlib import suppress

from textual.worker import WorkerState

from btfview.compiler.options import CompileOptions

from .app import BtfviewApp

_GROUP = "recording"
_PAUSE, _CALM = 0.03, 3
"""Seconds between two looks, and how many in a row must find nothing under way."""
_PATIENCE = 60.0
"""Seconds after which what is still under way is no longer waited for."""


class RecordedApp(BtfviewApp):
    """The application on one file, answering on a socket."""

    def __init__(self, path: str, targets: list[str], options: CompileOptions, line: socket.socket) -> None:
        super().__init__([path], targets, options, is_fresh=True)
        self._line = line

    def on_mount(self) -> None:
        self.run_worker(self._serve(), group=_GROUP)

    async def _serve(self) -> None:
        reader, writer = await asyncio.open_connection(sock=self._line)
        while wish := (await reader.readline()).strip():
            if wish == b"settle":
                await self._settle()
                writer.write(b"settled\n")
            elif wish == b"picture":
                writer.write(self.export_screenshot(title="btfview").strip().encode() + b"\n")
            await writer.drain()
        self.exit()

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


def main() -> int:
    job = json.loads(sys.argv[1])
    line = socket.socket(fileno=job["line"])
    app = RecordedApp(job["path"], job["targets"], CompileOptions.of(job["options"]), line)
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
