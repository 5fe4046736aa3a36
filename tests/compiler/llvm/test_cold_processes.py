"""Child processes: fed, heard, limited, reaped. The children are the system's own small programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from btfview.compiler import processes
from btfview.compiler.processes import converse, spawn


def start(*argv: str) -> processes.Child:
    program = shutil.which(argv[0])
    assert program
    return spawn([program, *argv[1:]], os.environ)


def open_fds() -> list[str]:
    return sorted(os.listdir("/proc/self/fd"))


def own_children() -> str:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text()


def is_running(pid: int) -> bool:
    """A zombie has ended: on this machine nobody but init would reap an orphan."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until_gone(pid: int, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(pid)


def test_a_child_is_fed_more_than_a_pipe_holds_while_it_answers() -> None:
    data = bytes(range(256)) * 8192
    [end] = converse([(start("cat"), data)], time_limit=60)
    assert (end.code, end.stdout, end.stderr, end.stopped) == (0, data, "", None)


def test_several_children_are_served_at_once() -> None:
    # Neither tee ends before both have been written to: served one by one, they would wait for ever.
    data = b"x" * 200_000
    ends = converse([(start("cat"), data), (start("cat"), data)], time_limit=60)
    assert [end.stdout for end in ends] == [data, data]


@pytest.mark.parametrize(
    ("script", "code"), [pytest.param("exit 7", 7, id="exit"), pytest.param("kill -ABRT $$", -6, id="signal")]
)
def test_the_exit_code_of_a_signal_is_negative(script: str, code: int) -> None:
    [end] = converse([(start("sh", "-c", f"echo out; echo err >&2; {script}"), b"")], time_limit=60)
    assert (end.code, end.stdout, end.stderr) == (code, b"out\n", "err\n")


def test_a_child_that_reads_nothing_is_no_error() -> None:
    [end] = converse([(start("true"), b"x" * 1_000_000)], time_limit=60)
    assert end.code == 0


def test_the_time_limit_kills_the_child_and_what_it_started() -> None:
    child = start("sh", "-c", "sleep 1000 & echo $!; wait")
    [end] = converse([(child, b"")], time_limit=0.5)
    assert end.stopped == "timeout"
    assert end.code == -9
    assert wait_until_gone(int(end.stdout))


def test_a_wake_up_cancels() -> None:
    wake = os.eventfd(1)
    try:
        [end] = converse([(start("sleep", "1000"), b"")], time_limit=60, wake_fd=wake)
    finally:
        os.close(wake)
    assert end.stopped == "cancelled"


def test_a_flood_on_stdout_stops_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(processes._CAPTURE_LIMIT, "stdout", 100_000)
    [end] = converse([(start("yes"), b"")], time_limit=60)
    assert end.stopped == "too much output"


def test_a_flood_on_stderr_is_cut_but_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(processes._CAPTURE_LIMIT, "stderr", 100_000)
    [end] = converse([(start("sh", "-c", "yes | head -c 3000000 >&2; echo done"), b"")], time_limit=60)
    assert end.stdout == b"done\n"
    assert len(end.stderr) <= 100_000


def test_a_missing_program_is_an_os_error_and_leaks_nothing() -> None:
    before = open_fds()
    with pytest.raises(FileNotFoundError):
        spawn(["/nonexistent/program"], {})
    assert open_fds() == before


def test_nothing_is_left_behind_by_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    before, children = open_fds(), own_children()

    def interrupt(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(processes, "_serve", interrupt)
    with pytest.raises(KeyboardInterrupt):
        converse([(start("sleep", "1000"), b""), (start("cat"), b"x")], time_limit=60)
    assert (open_fds(), own_children()) == (before, children)


def test_a_child_may_not_have_unlimited_memory_or_dump_core() -> None:
    [end] = converse([(start("sh", "-c", "sleep 0.2; ulimit -v; ulimit -c"), b"")], time_limit=60)
    assert end.stdout.split() == [b"%d" % (processes.MEMORY_LIMIT // 1024), b"0"]


def test_pipes_stay_apart_when_the_callers_own_streams_are_closed() -> None:
    code = (
        "import os; os.closerange(0, 3)\n"
        "from btfview.compiler.processes import converse, spawn\n"
        "[end] = converse([(spawn(['/bin/sh', '-c', 'cat; echo err >&2'], {}), b'in')], time_limit=60)\n"
        "os._exit(0 if (end.stdout, end.stderr) == (b'in', 'err\\n') else 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
