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
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import entries
from .entries import Entry, FirstFrame, KeyPress, Memory, Race
from .install import ROOT, install_btfview
from .measure import (
    CommandFailedError,
    measure_first_frame,
    measure_key_press,
    measure_memory,
    measure_race,
)
from .pty_driver import ScreenTimeoutError

RUNNING_KERNEL = Path("/sys/kernel/btf/vmlinux")
SHARED = Path(os.environ.get("BTFVIEW_SHARED", ROOT.parent / "shared"))
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
        places, reasons = _prepare(tmp)
        print(
            f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores,"
            f" load {os.getloadavg()[0]:.1f}, medians of {args.runs}"
        )
        print(_row(*_HEAD))
        gc.disable()
        outcomes = [_report(entry, places, reasons, args.runs, tmp) for entry in chosen]
    if "failed" in outcomes:
        return 1
    return 2 if args.strict and "MISS" in outcomes else 0


def _prepare(tmp: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the words in braces stand for, and for those that are missing the reason."""
    places = {"repo": str(ROOT), "tmp": str(tmp), "btfview": str(install_btfview(tmp))}
    reasons = {}
    if RUNNING_KERNEL.exists():
        kernel = tmp / "vmlinux.btf"
        kernel.write_bytes(RUNNING_KERNEL.read_bytes())  # shutil.copy: a sysfs file has no size to trust
        places["kernel"] = str(kernel)
    else:
        reasons["kernel"] = f"this kernel has no {RUNNING_KERNEL}"
    corpus = SHARED / "corpus" / "obj"
    if corpus.is_dir():
        places["corpus"] = str(corpus)
    else:
        reasons["corpus"] = f"no corpus at {SHARED}"
    if shutil.which("clang-19"):
        command = entries.CLANG.format(**places).split()
        subprocess.run([*command[:-1], str(tmp / "sched.o")], check=True)
        places["object"] = str(tmp / "sched.o")
    else:
        reasons["object"] = "needs clang-19"
    return places, reasons


def _report(entry: Entry, places: dict[str, str], reasons: dict[str, str], runs: int, tmp: Path) -> str:
    """Measure *entry*, print its row and return its last cell."""
    reason = _why_skipped(entry, reasons)
    if reason:
        print(_row(entry.name, "", "", "", "", f"skipped: {reason}"), flush=True)
        return "skipped"
    commands = {
        field.name: getattr(entry, field.name).format(**places)
        for field in dataclasses.fields(entry)
        if field.name in ("command", "peer")
    }
    entry = dataclasses.replace(entry, **commands)
    try:
        ours, peer, limit, is_met = _measure(entry, runs, tmp)
    except (CommandFailedError, ScreenTimeoutError) as error:
        print(_row(entry.name, "", "", "", "", f"failed: {error}"), flush=True)
        return "failed"
    verdict = "pass" if is_met else "MISS"
    print(_row(entry.name, *ours, *peer, limit, verdict), flush=True)
    return verdict


def _why_skipped(entry: Entry, reasons: dict[str, str]) -> str | None:
    commands = [entry.command, entry.peer] if isinstance(entry, Race) else [entry.command]
    for word, reason in reasons.items():
        if any(f"{{{word}}}" in command for command in commands):
            return reason
    for command in commands:
        program = command.split()[0]
        if not program.startswith("{") and shutil.which(program) is None:
            return f"needs {program}"
    return None


def _measure(entry: Entry, runs: int, tmp: Path) -> tuple[tuple[str], tuple[str, str], str, bool]:
    """Return the cells ours, (peer, ratio), limit, and whether the limit is met."""
    match entry:
        case Race():
            ours, peer = measure_race(entry, runs, tmp)
            ratio = ours / peer
            cells = (f"{peer:.0f} ms", f"{ratio:.2f}")
            return (f"{ours:.0f} ms",), cells, f"<= {entry.limit:g} x", ratio <= entry.limit
        case Memory():
            size = measure_memory(entry, tmp)
            return (f"{size:.0f} MB",), ("", ""), f"<= {entry.limit:g} MB", size <= entry.limit
        case FirstFrame():
            found = measure_first_frame(entry, min(runs, 9))
        case KeyPress():
            found = measure_key_press(entry, runs)
    return (f"{found:.0f} ms",), ("", ""), f"<= {entry.limit:g} ms", found <= entry.limit


def _row(name: str, ours: str, peer: str, ratio: str, limit: str, verdict: str) -> str:
    return f"{name:<38} {ours:>8} {peer:>8} {ratio:>6} {limit:>9}  {verdict}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
