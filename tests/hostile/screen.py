"""``python -m tests.hostile.screen``: open files on the screen, each in a process with a command's limits.

Reads lines ``[FILE, TARGET...]`` of JSON; prints for each what became of it. What is imported is the same for
all, so it is loaded once, and every screen is a fork of that. With ``--late`` targets come after the records.
"""

from __future__ import annotations

import asyncio
import faulthandler
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from btfview.frozen import frozen
from tests.hostile.limits import MEMORY, SECONDS
from tests.paths import ROOT

_START = 3
"""Seconds of processor time that a screen itself may take, to start, draw and answer keys: one on a quiet
machine. Where targets come later than the records everything is drawn twice, and where two processes share a
core it takes nearly twice as long."""
_PATIENCE = 60
"""Seconds by the clock after which a screen is given up."""
_LATE = 1.0
"""Seconds that targets come after the records with ``--late``, as they do on a busy machine."""


@frozen
class Shown:
    """How a screen ended."""

    end: str
    """``fine``; else the signal, or the traceback."""
    header: str
    """Its first line."""
    told: str
    """What the session says is wrong with the file, and with targets."""
    after_keys: str
    """All that stood there after ``?``."""
    types: str
    """All that stood in the type browser, its first type opened."""
    used: int
    """Bytes of memory in use at the most, of those asked after each step."""


def opened(files: Sequence[Sequence[str | Path]], folder: Path, *, is_late: bool = False) -> list[Shown]:
    """Return what the screen makes of each of *files*, a file and its targets; its state is in *folder*. With
    *is_late* the records are on show before the targets have been read."""
    lines = "".join(json.dumps([str(path) for path in one]) + "\n" for one in files)
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.screen", *(["--late"] if is_late else [])],
        input=lines,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={
            **os.environ,
            "BTFVIEW_CACHE": "0",
            "XDG_STATE_HOME": str(folder / "state"),
            "MALLOC_ARENA_MAX": "1",  # an arena of each thread maps 64 MB, of which it uses little
        },
    )
    assert done.returncode == 0, done.stderr
    sys.stderr.write(done.stderr)  # pytest shows it where the test fails
    return [Shown(*json.loads(line)) for line in done.stdout.splitlines()]


def _used() -> int:
    """Return the memory in use; the highest ever is of the process that this was forked from, too."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


async def _open(path: str, targets: list[str]) -> list[str | int]:
    from tests.tui.screen import running

    used = []
    async with running(path, targets=targets) as driver:
        used.append(_used())
        session = driver.workbench.session
        header, told = driver.lines[0], str(session.error or "")
        told += "".join(f"\n{problem}" for problem in session.target_problems)
        driver.app.clear_notifications()
        await driver.press("j", "G", "tab", "down", "question_mark")
        await driver.until_text("What you see")
        shown = driver.text
        used.append(_used())
        await driver.press("escape", "b")
        await driver.settled()
        used.append(_used())
        await driver.press("enter")
        await driver.settled()
        used.append(_used())
        return [header, told, shown, driver.text, max(used)]


def _limited(path: str, targets: list[str], answer: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))
    seconds = SECONDS + _START
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    faulthandler.register(signal.SIGXCPU, chain=True)  # where the time went
    faulthandler.dump_traceback_later(_PATIENCE, exit=True)
    try:
        said: list[str | int] = ["fine", *asyncio.run(_open(path, targets))]
    except BaseException:
        said = [traceback.format_exc()[-3000:], "", "", "", "", 0]
    os.write(answer, json.dumps(said).encode())
    os.close(answer)
    os._exit(0)


def main() -> None:
    for module in ("btfview.analysis.analyse", "btfview.analysis.retarget", "tests.tui.screen"):
        importlib.import_module(module)  # with all that they import
    if "--late" in sys.argv:
        _delay_targets()

    for line in sys.stdin:
        path, *targets = json.loads(line)
        said, ended = _in_a_fork(path, targets)
        print(said or json.dumps([ended, "", "", "", "", 0]), flush=True)


def _delay_targets() -> None:
    from btfview.session import answer

    read_targets = answer.read_targets

    def read_late(*arguments: Any, **named: Any) -> answer.ReadTargets:
        time.sleep(_LATE)
        return read_targets(*arguments, **named)

    mock.patch.object(answer, "read_targets", read_late).start()


def _in_a_fork(path: str, targets: list[str]) -> tuple[str, str]:
    """Return the line that the screen's process wrote, empty where it was ended, and how it ended."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        os.dup2(2, 1)
        _limited(path, targets, writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        said = pipe.read().decode()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return said, f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


if __name__ == "__main__":
    main()
