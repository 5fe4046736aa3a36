"""Children end with whoever started them, whatever ended that; and they cannot take the machine along."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from btfview.compiler.processes import CPU_SECONDS, MEMORY_LIMIT, converse, die_with_parent, spawn

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
PATIENCE = 10.0


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_and_what_it_started_die_with_us(number: signal.Signals) -> None:
    told, tell = os.pipe()
    parent = os.fork()
    if parent == 0:
        child = spawn(["/bin/sh", "-c", "sleep 600 & echo $!; sleep 600"], ENVIRONMENT)
        grandchild = os.read(child.stdout, 100).decode().strip()
        os.write(tell, f"{child.pid} {grandchild}".encode())
        time.sleep(600)
        os._exit(1)
    pids = [int(one) for one in os.read(told, 100).split()]
    assert len(pids) == 2
    assert all(map(is_running, pids))
    os.kill(parent, number)
    os.waitpid(parent, 0)
    deadline = time.monotonic() + PATIENCE
    while any(map(is_running, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.close(told)
    os.close(tell)


def test_a_process_of_a_pool_dies_with_us() -> None:
    told, tell = os.pipe()
    parent = os.fork()
    if parent == 0:
        child = os.fork()
        if child == 0:
            die_with_parent(os.getppid())
            os.write(tell, b"%d" % os.getpid())
        time.sleep(600)
        os._exit(1)
    pid = int(os.read(told, 100))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    deadline = time.monotonic() + PATIENCE
    while is_running(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.close(told)
    os.close(tell)


def test_a_child_has_limits() -> None:
    child = spawn(["/bin/sh", "-c", "read line; ulimit -v; ulimit -t; ulimit -c"], ENVIRONMENT)
    (end,) = converse([(child, b"go\n")], time_limit=PATIENCE)
    assert end.stdout.split() == [str(MEMORY_LIMIT // 1024).encode(), str(CPU_SECONDS).encode(), b"0"]


def test_a_child_that_ends_by_itself_is_not_killed_by_our_going_on() -> None:
    child = spawn(["/bin/sh", "-c", "exec >&- 2>&-; sleep 0.3; exit 5"], ENVIRONMENT)
    (end,) = converse([(child, b"")], time_limit=PATIENCE)
    assert (end.code, end.stopped) == (5, None)


def test_no_pipe_is_left() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        converse([(spawn(["/bin/true"], ENVIRONMENT), b"")], time_limit=PATIENCE)
        spawn(["/bin/sleep", "600"], ENVIRONMENT).kill()
    assert len(os.listdir("/proc/self/fd")) == before


def test_processor_time_ends_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("btfview.compiler.processes.CPU_SECONDS", 1)
    child = spawn(["/bin/sh", "-c", "while :; do :; done"], ENVIRONMENT)
    (end,) = converse([(child, b"")], time_limit=60)
    assert end.code == -signal.SIGXCPU
