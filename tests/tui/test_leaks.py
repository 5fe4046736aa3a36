"""Recompiling again and again: what the app holds does not grow."""

from __future__ import annotations

from pathlib import Path

from tests.bench.leaks import recompile


def test_recompiles_leak_no_memory_threads_processes_or_files(demo: Path) -> None:
    first, *_, last = recompile(demo, 60, ("6.1.0-56-amd64",))
    assert (last.processes, last.files) == (first.processes, first.files)
    # The pool that asyncio keeps may get one more when two pieces of work overlap.
    assert last.threads <= first.threads + 2
    # A result of the demo with its rows is 0.3 MB: kept, sixty would be twenty.
    assert last.megabytes < first.megabytes + 5
