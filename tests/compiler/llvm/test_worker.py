"""The warm worker: as good as a cold compile, and nothing that happens to it is the user's problem."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.llvm import cold, worker
from btfview.compiler.llvm import warm as warm_process
from btfview.compiler.llvm.cold import LlvmStartError
from btfview.compiler.llvm.worker import CompileCancelledError, Worker
from btfview.compiler.result import CompileResult
from btfview.source import Source
from tests.compiler.llvm.samples import query_ir, slow_ir
from tests.compiler.llvm.test_cold_processes import open_fds, own_children, wait_until_gone

SLOW = Source("slow.ll", slow_ir(300))


@pytest.fixture
def warm() -> Iterator[Worker]:
    with Worker() as made:
        yield made


def compile_with(made: Worker, text: str) -> CompileResult:
    return compile_source(Source("a.ll", text), worker=made)


def cold_object(text: str) -> bytes:
    data = compile_source(Source("a.ll", text)).object
    assert data is not None
    return data


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for_job(made: Worker) -> int:
    """The process id of the job that *made* has forked, as soon as it has."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if made.pid is not None and (jobs := children_of(made.pid)):
            return jobs[0]
        time.sleep(0.005)
    raise AssertionError("no job was forked")


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_a_warm_compile_gives_the_bytes_of_a_cold_one(warm: Worker) -> None:
    # The same relocation each time: in one process the second would crash (TOOLCHAIN.md section 4).
    for kind in (0, 1, 0, 2, 0):
        text = query_ir(kind=kind)
        assert compile_with(warm, text).object == cold_object(text)


def test_fifty_compiles_leave_nothing_behind(warm: Worker) -> None:
    text = query_ir()
    wanted = compile_with(warm, text).object
    assert wanted is not None
    assert warm.pid is not None
    before = open_fds(), own_children(), sorted(os.listdir(f"/proc/{warm.pid}/fd"))
    memory = resident_bytes(warm.pid)
    for turn in range(50):
        if turn % 5 == 4:  # programs that end LLVM's process, among those that do not
            assert compile_with(warm, query_ir(kind=77)).has_errors
        else:
            assert compile_with(warm, text).object == wanted
    assert (open_fds(), own_children(), sorted(os.listdir(f"/proc/{warm.pid}/fd"))) == before
    assert children_of(warm.pid) == []
    assert resident_bytes(warm.pid) - memory < 4 << 20  # one leaked module or object each would be more


def test_ir_larger_than_a_pipe_goes_through(warm: Worker) -> None:
    text = query_ir() + "; padding\n" * 100_000
    assert compile_with(warm, text).object == cold_object(query_ir())


def test_threads_wait_for_one_another_and_get_their_own_answers(warm: Worker) -> None:
    kinds = [0, 1, 2] * 4
    wanted = {kind: cold_object(query_ir(kind=kind)) for kind in set(kinds)}
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda kind: compile_with(warm, query_ir(kind=kind)).object, kinds))
    assert results == [wanted[kind] for kind in kinds]


def test_start_does_not_wait_and_starts_one_process_only() -> None:
    with Worker() as made:
        pid = made.pid
        assert pid is not None
        made.start()
        assert made.pid == pid


def test_a_worker_that_was_killed_is_replaced(warm: Worker) -> None:
    assert compile_with(warm, query_ir()).object is not None
    first = warm.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert compile_with(warm, query_ir()).object is not None
    assert warm.pid not in (None, first)


def test_a_worker_killed_at_work_has_its_job_done_by_the_next(warm: Worker) -> None:
    text = slow_ir(40)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(compile_with, warm, text)
        job = wait_for_job(warm)
        assert warm.pid is not None
        os.kill(warm.pid, signal.SIGKILL)
        assert running.result(timeout=100).object is not None
    assert wait_until_gone(job)


def test_a_job_killed_from_outside_is_a_diagnostic_and_the_worker_lives(warm: Worker) -> None:
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(compile_source, SLOW, worker=warm)
        os.kill(wait_for_job(warm), signal.SIGKILL)
        [diagnostic] = running.result(timeout=60).diagnostics
    assert diagnostic.message == "LLVM stopped on this module: Killed"
    pid = warm.pid
    assert compile_with(warm, query_ir()).object is not None
    assert warm.pid == pid


def test_cancel_ends_the_job_and_keeps_the_worker_warm(warm: Worker) -> None:
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(compile_source, SLOW, worker=warm)
        job = wait_for_job(warm)
        pid = warm.pid
        warm.cancel()
        with pytest.raises(CompileCancelledError):
            running.result(timeout=60)
    assert wait_until_gone(job)
    assert compile_with(warm, query_ir()).object == cold_object(query_ir())
    assert warm.pid == pid


def test_cancel_reaches_those_that_wait_but_not_those_that_come_later(warm: Worker) -> None:
    with ThreadPoolExecutor(3) as pool:
        overtaken = [pool.submit(compile_source, SLOW, worker=warm) for _ in range(2)]
        wait_for_job(warm)
        warm.cancel()
        later = pool.submit(compile_with, warm, query_ir())
        for running in overtaken:
            with pytest.raises(CompileCancelledError):
                running.result(timeout=60)
        assert later.result(timeout=60).object is not None


def test_a_cancel_without_a_job_is_forgotten(warm: Worker) -> None:
    warm.cancel()
    assert compile_with(warm, query_ir()).object is not None


def test_cancel_counts_from_the_moment_the_epoch_was_taken(warm: Worker) -> None:
    from btfview.compiler.llvm.protocol import LlvmJob

    epoch = warm.epoch
    warm.cancel()
    with pytest.raises(CompileCancelledError):
        warm.run(LlvmJob(query_ir(), "v3", "bpfel", 10.0), epoch)


def test_the_time_limit_is_for_a_job_not_for_the_worker(warm: Worker) -> None:
    compile_with(warm, query_ir())
    pid = warm.pid
    result = compile_source(SLOW, worker=warm, time_limit=0.3)
    assert [d.message for d in result.diagnostics] == ["LLVM did not finish within 0.3 s and was stopped"]
    assert compile_with(warm, query_ir()).object is not None
    assert warm.pid == pid


def test_a_worker_that_hangs_is_given_up(warm: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_with(warm, query_ir())
    hanging = warm.pid
    assert hanging is not None
    os.kill(hanging, signal.SIGSTOP)
    monkeypatch.setattr(warm_process, "_GRACE", 0.1)
    result = compile_source(Source("a.ll", query_ir()), worker=warm, time_limit=0.2)
    assert "did not finish" in result.diagnostics[0].message
    assert wait_until_gone(hanging)
    monkeypatch.undo()
    assert compile_with(warm, query_ir()).object is not None


def refuse(*_args: object, **_kwargs: object) -> None:
    raise LlvmStartError("no process for you")


def test_without_a_warm_process_a_cold_one_does_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "spawn_llvm", refuse)
    with Worker() as made:
        assert made.pid is None
        assert compile_with(made, query_ir()).object == cold_object(query_ir())


def test_a_warm_process_that_cannot_load_llvm_leaves_the_report_to_a_cold_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "llvmlite" / "__init__.py"
    broken.parent.mkdir()
    broken.write_text("raise ImportError('this llvmlite is broken')")
    monkeypatch.syspath_prepend(tmp_path)
    with Worker() as made:
        [diagnostic] = compile_with(made, query_ir()).diagnostics
    assert "this llvmlite is broken" in diagnostic.message


def test_without_any_process_the_diagnostic_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "spawn_llvm", refuse)
    monkeypatch.setattr(cold, "spawn_llvm", refuse)
    with Worker() as made:
        [diagnostic] = compile_with(made, query_ir()).diagnostics
    assert diagnostic.message == "LLVM could not be started: no process for you"


def test_close_ends_the_process_and_a_late_compile_goes_cold() -> None:
    before = open_fds(), own_children()
    made = Worker()
    made.start()
    pid = made.pid
    assert pid is not None
    assert compile_with(made, query_ir()).object is not None
    made.close()
    made.close()
    assert wait_until_gone(pid)
    assert compile_with(made, query_ir()).object is not None
    assert (open_fds(), own_children()) == before


def test_close_while_a_job_runs_cancels_it() -> None:
    made = Worker()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(compile_source, SLOW, worker=made)
        job = wait_for_job(made)
        made.close()
        with pytest.raises(CompileCancelledError):
            running.result(timeout=60)
    assert wait_until_gone(job)


def test_a_forgotten_worker_ends_with_its_object() -> None:
    made = Worker()
    made.start()
    pid = made.pid
    assert pid is not None
    del made
    assert wait_until_gone(pid)


@pytest.mark.parametrize("is_busy", [False, True], ids=["idle", "busy"])
def test_the_worker_dies_with_a_parent_that_was_killed(is_busy: bool) -> None:
    code = (
        "import sys, threading, time\n"
        "from btfview.compiler.compile import compile_source\n"
        "from btfview.compiler.llvm.worker import Worker\n"
        "from btfview.source import Source\n"
        "made = Worker()\n"
        "compile_source(Source('a.ll', 'define void @f() {\\n ret void\\n}'), worker=made)\n"
        "slow = Source('slow.ll', sys.stdin.read())\n"
        "thread = threading.Thread(target=compile_source, args=(slow,), kwargs={'worker': made})\n"
        "if slow.text: thread.start()\n"
        "print(made.pid, flush=True)\n"
        "time.sleep(100)\n"
    )
    program = [sys.executable, "-c", code]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin
        assert parent.stdout
        parent.stdin.write(SLOW.text if is_busy else "")
        parent.stdin.close()
        pid = int(parent.stdout.readline())
        job = None
        deadline = time.monotonic() + 60
        while is_busy and job is None and time.monotonic() < deadline:
            job = next(iter(children_of(pid)), None)
        parent.kill()
        assert wait_until_gone(pid)
        assert (job is not None) is is_busy
        assert job is None or wait_until_gone(job)


def test_a_ctrl_c_at_the_terminal_does_not_reach_the_worker(warm: Worker) -> None:
    assert warm.pid is not None
    assert os.getpgid(warm.pid) != os.getpgid(0)


def test_a_worker_may_be_started_from_a_thread_that_ends(warm: Worker) -> None:
    # A death signal (PR_SET_PDEATHSIG) comes when the starting *thread* ends: the interface's do.
    made = Worker()
    thread = threading.Thread(target=made.start)
    thread.start()
    thread.join()
    pid = made.pid
    assert compile_with(made, query_ir()).object is not None
    assert made.pid == pid
    made.close()
