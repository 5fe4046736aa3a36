"""Run the benchmark and print a table: ``python -m tests.bench [--runs N] [WORD..]``.

The exit code is 0 when everything was measured or skipped with a reason, 1 when a command failed, and, with
``--strict``, 2 when a limit was missed.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import os
import platform
import sys
import tempfile
from pathlib import Path

from tests.bench import entries
from tests.bench.entries import (
    Cpu,
    Entry,
    FirstFrame,
    Fit,
    FrontEnd,
    Growth,
    KeyPress,
    Keys,
    Memory,
    Opening,
    Race,
    Rebuild,
    Recompile,
    ScreenMemory,
)
from tests.bench.fit import measure_fit
from tests.bench.measure import (
    CommandFailedError,
    measure_cpu,
    measure_first_frame,
    measure_key_press,
    measure_keys,
    measure_memory,
    measure_opening,
    measure_race,
    measure_screen_memory,
)
from tests.bench.measure_compiler import measure_front_end, measure_growth, measure_rebuild, measure_recompile
from tests.bench.places import Places, SkippedError, need
from tests.bench.pty_driver import ScreenTimeoutError

_HEAD = ("", "ours", "peer", "ratio", "limit", "")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("words", nargs="*", help="measure only what has one of these in its name")
    parser.add_argument("--runs", type=int, default=15, help="measured runs of each command (default 15)")
    parser.add_argument("--strict", action="store_true", help="exit with 2 when a limit is missed")
    args = parser.parse_args()
    chosen = [
        entry for entry in entries.ENTRIES if not args.words or any(word in entry.name for word in args.words)
    ]
    with tempfile.TemporaryDirectory(prefix="btfview-bench-") as folder:
        tmp = Path(folder)
        places = Places(tmp)
        print(
            f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores,"
            f" load {os.getloadavg()[0]:.1f}, medians of {args.runs}"
        )
        print(_row(*_HEAD))
        gc.disable()
        outcomes = [_report(entry, places, args.runs, tmp) for entry in chosen]
    if "failed" in outcomes:
        return 1
    return 2 if args.strict and "MISS" in outcomes else 0


def _report(entry: Entry, places: Places, runs: int, tmp: Path) -> str:
    """Measure *entry*, print its row and return its last cell."""
    try:
        ours, peer, limit, is_met = _measure(_placed(entry, places), places, runs, tmp)
    except SkippedError as reason:
        print(_row(entry.name, "", "", "", "", f"skipped: {reason}"), flush=True)
        return "skipped"
    except (CommandFailedError, ScreenTimeoutError) as error:
        print(_row(entry.name, "", "", "", "", f"failed: {error}"), flush=True)
        return "failed"
    verdict = "pass" if is_met else "MISS"
    print(_row(entry.name, *ours, *peer, limit, verdict), flush=True)
    return verdict


def _placed(entry: Entry, places: Places) -> Entry:
    """Return *entry* with the words in braces replaced."""
    commands = {
        field.name: getattr(entry, field.name)
        for field in dataclasses.fields(entry)
        if field.name in ("command", "peer", "source", "short", "peer_source", "object")
    }
    for name in ("command", "peer"):
        if name in commands:
            need(commands[name].split()[0])
    return dataclasses.replace(entry, **{name: text.format_map(places) for name, text in commands.items()})


def _measure(
    entry: Entry, places: Places, runs: int, tmp: Path
) -> tuple[tuple[str], tuple[str, str], str, bool]:
    """Return the cells ours, (peer, ratio), limit, and whether the limit is met."""
    match entry:
        case Race() | FrontEnd() | Growth() | Recompile() | Rebuild():
            ours, peer = _measure_two(entry, runs, tmp)
            ratio = ours / peer
            cells = (f"{peer:.0f} ms", f"{ratio:.2f}")
            return (f"{ours:.0f} ms",), cells, f"<= {entry.limit:g} x", ratio <= entry.limit
        case Fit():
            layout, kernel = measure_fit(entry, places, min(runs, 3), tmp)
            cells = (f"{kernel:.2f} ms", f"{kernel / layout:.3f}")
            return (f"{layout:.1f} ms",), cells, f"<= {entry.limit:g} x", kernel <= entry.limit * layout
        case Cpu():
            found = measure_cpu(entry.command, min(runs, 5), tmp)
        case Memory():
            size = measure_memory(entry)
            return (f"{size:.0f} MB",), ("", ""), f"<= {entry.limit:g} MB", size <= entry.limit
        case FirstFrame():
            found = measure_first_frame(entry, min(runs, 9))
        case KeyPress():
            found = measure_key_press(entry, runs)
        case Keys():
            found, worked = measure_keys(entry)
            processor = (f"cpu {worked:.0f}", "")
            return (f"{found:.0f} ms",), processor, f"<= {entry.limit:g} ms", found <= entry.limit
        case Opening():
            found = measure_opening(entry, min(runs, 9))
        case ScreenMemory():
            size = measure_screen_memory(entry)
            return (f"{size:.0f} MB",), ("", ""), f"<= {entry.limit:g} MB", size <= entry.limit
    return (f"{found:.0f} ms",), ("", ""), f"<= {entry.limit:g} ms", found <= entry.limit


def _measure_two(
    entry: Race | FrontEnd | Growth | Recompile | Rebuild, runs: int, tmp: Path
) -> tuple[float, float]:
    match entry:
        case Race():
            return measure_race(entry, runs, tmp)
        case FrontEnd():
            return measure_front_end(entry, runs, tmp)
        case Growth():
            return measure_growth(entry, runs)
        case Recompile():
            return measure_recompile(entry, runs, tmp)
        case Rebuild():
            return measure_rebuild(entry, runs, tmp)


def _row(name: str, ours: str, peer: str, ratio: str, limit: str, verdict: str) -> str:
    return f"{name:<38} {ours:>8} {peer:>8} {ratio:>6} {limit:>9}  {verdict}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
