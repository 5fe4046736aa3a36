"""Recompile many times in the real app, and see what it holds: ``python -m tests.bench.leaks [N]``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .install import ROOT
from .processes import family, open_files, shared_size, thread_count
from .pty_driver import Terminal

APP = (sys.executable, "-c", "import sys; from btfview.cli.main import main; sys.exit(main())")
_WARM_UP = 40
"""Recompiles after which all that is kept on purpose has been filled: caches of styles, strips and answers,
the threads of a pool."""
_NAME = "sched_vruntime"
"""Of a function of the demo."""
_SAMPLES = 4
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
    """Of 10^6 bytes; pages that processes share are counted once."""


def count_holdings(terminal: Terminal) -> Holdings:
    """Return the least that is held over a second in which the screen is quiet: a compiler that is about to
    end is no leak."""
    samples = []
    for _ in range(_SAMPLES):
        terminal.wait_until_quiet(1 / _SAMPLES)
        samples.append(_holdings(terminal.pid))
    return Holdings(
        min(one.processes for one in samples),
        min(one.threads for one in samples),
        min(one.files for one in samples),
        min(one.megabytes for one in samples),
    )


def _holdings(pid: int) -> Holdings:
    size = 0
    members = family(pid)
    for member in members:
        with suppress(OSError):  # it has ended meanwhile
            size += shared_size(member)
    return Holdings(len(members), thread_count(pid), open_files(pid), size / 1e6)


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
    source = ROOT / "demo" / "sched.rs"
    with tempfile.TemporaryDirectory(prefix="btfview-leaks-") as folder:
        path = Path(folder) / source.name
        path.write_text(source.read_text())
        recompile(path, times, ("6.1.0-56-amd64",), lambda turn, held: print(turn, held, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
