"""What a process and those that it started take: memory, threads, open files, time. Linux, from /proc."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """Return *pid* and all that descend from it."""
    return [pid, *(member for child in children(pid) for member in family(child))]


def children(pid: int) -> Iterator[int]:
    """Yield the processes that any thread of *pid* has started and that have not been waited for."""
    for task in _PROC.glob(f"{pid}/task/*/children"):
        yield from map(int, task.read_text().split())


def shared_size(pid: int) -> int:
    """Return the bytes of *pid* in memory; a page that n processes share counts as an n-th (Pss)."""
    return _smaps(pid)["Pss"]


def anonymous_size(pid: int) -> int:
    """Return the bytes of *pid* in memory that stand for no file: those of a library count for less as soon
    as another program uses it, too."""
    return _smaps(pid)["Anonymous"]


def private_size(pid: int) -> int:
    """Return the bytes that *pid* alone has in memory."""
    sizes = _smaps(pid)
    return sizes["Private_Clean"] + sizes["Private_Dirty"]


def _smaps(pid: int) -> dict[str, int]:
    lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}


def thread_count(pid: int) -> int:
    """Return how many threads *pid* has."""
    return len(list((_PROC / str(pid) / "task").iterdir()))


def open_files(pid: int) -> int:
    """Return how many file descriptors *pid* has open."""
    return len(list((_PROC / str(pid) / "fd").iterdir()))


def cpu_milliseconds(pid: int) -> float:
    """Return the processor time that all threads of *pid* have had."""
    tasks = (_PROC / str(pid) / "task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6
