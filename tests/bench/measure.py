"""Time and memory of whole processes; commands to be compared take turns, so that a slow moment hits both."""

from __future__ import annotations

import os
import shlex
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.entries import FirstFrame, KeyPress, Keys, Memory, Opening, Race, ScreenMemory
from tests.bench.processes import cpu_milliseconds, family, shared_size
from tests.bench.pty_driver import Terminal

WARM_UPS = 2
PRESSES = 200
"""So many are timed for a percentile."""
_STARTER = """\
import os, sys
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ,
                      file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
_QUIET = 0.08
"""Seconds; what a key leads to is drawn at once or never."""


class CommandFailedError(Exception):
    """A command that is measured did not succeed; ``str()`` says which, and its last words."""


def run_once(command: str, tmp: Path) -> float:
    """Return the milliseconds by the clock of one run of *command*.

    Raises:
        CommandFailedError: it cannot be started, or its exit code is not 0.
    """
    return run_timed(command, tmp)[0]


def run_timed(command: str, tmp: Path) -> tuple[float, float]:
    """Return the milliseconds of one run of *command*: by the clock, and of processor time, its own and that
    of the processes that it started.

    Raises:
        CommandFailedError: it cannot be started, or its exit code is not 0.
    """
    argv = shlex.split(command)
    messages = tmp / "stderr.txt"
    opened = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    started = time.perf_counter()
    try:
        pid = os.posix_spawnp(
            argv[0],
            argv,
            os.environ,
            file_actions=[opened, (os.POSIX_SPAWN_OPEN, 2, str(messages), flags, 0o600)],
        )
    except OSError as error:
        raise CommandFailedError(f"{argv[0]}: {error.strerror}") from error
    _, status, usage = os.wait4(pid, 0)
    milliseconds = (time.perf_counter() - started) * 1000
    code = os.waitstatus_to_exitcode(status)
    if code:
        last = (messages.read_text(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise CommandFailedError(f"`{command}` ended with {code}: {last}")
    return milliseconds, (usage.ru_utime + usage.ru_stime) * 1000


def peak_size(command: str) -> float:
    """Return the largest resident size of one run of *command*, in MB.

    Linux counts a child from before its ``exec``, with the size of who started it: so a small process does.

    Raises:
        CommandFailedError: it cannot be started, or its exit code is not 0.
    """
    starter = [sys.executable, "-I", "-S", "-c", _STARTER, *shlex.split(command)]
    done = subprocess.run(starter, capture_output=True, text=True)
    if done.returncode:
        raise CommandFailedError(f"`{command}`: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    return int(done.stdout) * 1024 / 1e6


def measure_race(race: Race, runs: int, tmp: Path) -> tuple[float, float]:
    """Return the medians (ours, the peer's) in milliseconds of *runs* alternated runs."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(-WARM_UPS if runs <= race.most else 0, min(runs, race.most)):
        for command, found in zip((race.command, race.peer), times, strict=True):
            milliseconds = run_once(command, tmp)
            if turn >= 0:
                found.append(milliseconds)
    return statistics.median(times[0]), statistics.median(times[1])


def measure_cpu(command: str, runs: int, tmp: Path) -> float:
    """Return the median in milliseconds of processor time of *runs* runs."""
    return statistics.median(run_timed(command, tmp)[1] for _ in range(runs))


def measure_memory(memory: Memory) -> float:
    """Return the largest of three runs, in MB."""
    return max(peak_size(memory.command) for _ in range(3))


def measure_first_frame(entry: FirstFrame, runs: int) -> float:
    """Return the median in milliseconds, after a start to warm up."""
    found = []
    for turn in range(-1, runs):
        with Terminal(shlex.split(entry.command)) as terminal:
            shown = terminal.wait_for(entry.ready)
            if turn >= 0:
                found.append((shown - terminal.started) * 1000)
    return statistics.median(found)


def measure_key_press(entry: KeyPress, runs: int) -> float:
    """Return the median in milliseconds of *runs* presses in one session, after two to warm up."""
    found = []
    with Terminal(shlex.split(entry.command)) as terminal:
        terminal.wait_for(entry.ready)
        terminal.wait_until_quiet(1.0)
        for turn in range(-WARM_UPS, runs):
            drawn = len(terminal.output)
            pressed = terminal.press(entry.key)
            terminal.wait_for((entry.shows,), since=drawn)
            shown = terminal.wait_until_quiet()
            if turn >= 0:
                found.append((shown - pressed) * 1000)
    return statistics.median(found)


def measure_keys(entry: Keys, presses: int = PRESSES) -> tuple[float, float]:
    """Return two 95th percentiles of *presses* presses in one session, both in milliseconds: of the
    time that went by, and of the processor time that the app had, which a loaded machine distorts less."""
    waited, worked = [], []
    with Terminal(shlex.split(entry.command)) as terminal:
        _begin(terminal, entry.ready, entry.before)
        for turn in range(presses):
            drawn = len(terminal.output)
            before = cpu_milliseconds(terminal.pid)
            pressed = terminal.press(entry.keys[turn % len(entry.keys)])
            terminal.wait_for((entry.shows,), since=drawn)
            waited.append((terminal.wait_until_quiet(_QUIET) - pressed) * 1000)
            worked.append(cpu_milliseconds(terminal.pid) - before)
    return statistics.quantiles(waited, n=20)[-1], statistics.quantiles(worked, n=20)[-1]


def measure_opening(entry: Opening, runs: int) -> float:
    """Return the median in milliseconds of *runs* sessions, after one to warm up."""
    found = []
    for turn in range(-1, runs):
        with Terminal(shlex.split(entry.command)) as terminal:
            _begin(terminal, entry.ready, ())
            drawn = len(terminal.output)
            pressed = terminal.press(entry.key)
            shown = terminal.wait_for((entry.shows,), since=drawn)
            if turn >= 0:
                found.append((shown - pressed) * 1000)
    return statistics.median(found)


def measure_screen_memory(entry: ScreenMemory) -> float:
    """Return the size of one session, in MB."""
    with Terminal(shlex.split(entry.command)) as terminal:
        _begin(terminal, entry.ready, entry.before)
        return sum(map(shared_size, family(terminal.pid))) / 1e6


def _begin(terminal: Terminal, ready: tuple[str, ...], before: tuple[tuple[str, str], ...]) -> None:
    terminal.wait_for(ready, limit=60)
    terminal.wait_until_quiet(1.0)
    for key, shows in before:
        drawn = len(terminal.output)
        terminal.press(key)
        terminal.wait_for((shows,), since=drawn)
        terminal.wait_until_quiet(1.0)
