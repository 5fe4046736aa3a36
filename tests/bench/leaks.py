"""Recompile many times in the real app, and see what it holds: ``python -m tests.bench.leaks [N]``."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.processes import anonymous_size, cpu_milliseconds, family, open_files, thread_count
from tests.bench.pty_driver import Terminal
from tests.paths import DEMO

APP = (sys.executable, "-c", "import sys; from btfview.cli.main import main; sys.exit(main())")
_WARM_UP = 40
"""Recompiles after which all that is kept on purpose has been filled: caches of styles, strips and answers,
the threads of a pool."""
_NAME = "sched_vruntime"
"""Of a function of the demo."""
_PATIENCE, _REST = 20.0, 0.5
"""Seconds to wait for rest, and how long it must last."""
_IDLE = 40.0
"""Milliseconds of processor time that a screen at rest may take in that; to import LLVM takes more."""
_EVERY = 50
"""Recompiles between two counts, which wait until nothing goes on."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the app and the processes that it started hold."""

    processes: int
    threads: int
    """Of the app."""
    files: int
    """Of the app."""
    megabytes: float
    """Of 10^6 bytes; without what is mapped from files."""


def count_holdings(terminal: Terminal) -> Holdings:
    """Return what is held once all is at rest: the compiler that is started ahead has come up, too."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        before = _processor_time(terminal.pid)
        terminal.wait_until_quiet(_REST)
        if _processor_time(terminal.pid) - before < _IDLE or time.monotonic() > deadline:
            break
    members = family(terminal.pid)
    size = sum(map(anonymous_size, members)) / 1e6
    return Holdings(len(members), thread_count(terminal.pid), open_files(terminal.pid), size)


def _processor_time(pid: int) -> float:
    return sum(map(cpu_milliseconds, family(pid)))


def recompile(
    path: Path,
    times: int,
    targets: tuple[str, ...],
    told: Callable[[int, Holdings], object] = lambda *_: None,
) -> list[Holdings]:
    """Return what is held after a warm-up, and after every fifty of *times* changes of the file *path*, each
    of which is compiled and shown; *told* hears of each count.

    In each text a function has another name, which several panes show: one that was there before would not
    be compiled at all.
    """
    text = path.read_text()
    found: list[Holdings] = []
    arguments = [word for target in targets for word in ("-t", target)]
    with Terminal([*APP, str(path), *arguments]) as terminal:
        terminal.wait_for((r"✔ compiled",), limit=30)
        for turn in range(_WARM_UP + times + 1):
            if turn >= _WARM_UP and ((turn - _WARM_UP) % _EVERY == 0 or turn == _WARM_UP + times):
                found.append(count_holdings(terminal))
                told(turn - _WARM_UP, found[-1])
            drawn = len(terminal.output)
            path.write_text(text.replace(_NAME, f"turn_{turn}"))
            terminal.press("r")
            terminal.wait_for((rf"turn_{turn}\b",), since=drawn, limit=30)
            terminal.wait_until_quiet(0.03)
            terminal.output = b""
    return found


def main() -> int:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    source = DEMO / "sched.rs"
    with tempfile.TemporaryDirectory(prefix="btfview-leaks-") as folder:
        path = Path(folder) / source.name
        path.write_text(source.read_text())
        recompile(path, times, ("6.1.0-56-amd64",), lambda turn, held: print(turn, held, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
