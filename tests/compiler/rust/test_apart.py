"""The front end in a process of its own: the same result, limits that hold, an end when it is overtaken."""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.llvm import cold
from btfview.compiler.llvm.worker import CompileCancelledError, Worker
from btfview.compiler.options import CompileOptions
from btfview.compiler.rust.apart import build_apart
from btfview.compiler.rust.build_ir import build_ir
from btfview.compiler.rust.process import CPU_SECONDS
from btfview.compiler.rust.transfer import (
    FrontEndResult,
    decode_job,
    decode_result,
    encode_job,
    encode_result,
)
from btfview.source import Source
from tests.paths import DEMO

OPTIONS = CompileOptions()
SMALL = Source("a.rs", "#[unsafe(no_mangle)] pub fn f(a: u64) -> u64 { a }\n")


@pytest.fixture
def worker() -> Iterator[Worker]:
    with Worker() as made:
        yield made


def built(source: Source, worker: Worker, time_limit: float = 60.0) -> FrontEndResult:
    return build_apart(source, OPTIONS, time_limit, worker, worker.epoch)


@pytest.mark.parametrize("path", sorted(DEMO.glob("*.rs")), ids=lambda path: path.stem)
def test_a_result_crosses_as_it_is(path: Path) -> None:
    result = build_ir(Source(str(path), path.read_text()), OPTIONS)
    assert result.program is not None
    assert decode_result(encode_result(result)) == result


def test_a_job_crosses_as_it_is() -> None:
    options = CompileOptions("v4", "big", "option")
    source, again, limit = decode_job(encode_job(Source("ä.rs", "fn f() {}\n// 𝄞\n"), options, 2.5))
    assert (source.path, source.text, again, limit) == ("ä.rs", "fn f() {}\n// 𝄞\n", options, 2.5)


@pytest.mark.parametrize(
    "text", ["fn f( {", "fn f() { x }", "fn g() {}", "pub fn f(a: u64) -> u64 { a + 1 }"]
)
def test_it_says_what_it_says_here(text: str, worker: Worker) -> None:
    source = Source("lib.rs", text)
    assert built(source, worker) == build_ir(source, OPTIONS)
    assert build_apart(source, OPTIONS, 60.0, None, 0) == build_ir(source, OPTIONS)


def slow(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Have the front end's warm process run *body* for a source that says so."""
    monkeypatch.setattr(
        cold,
        "_BOOT_FRONT_END",
        "import sys; sys.path.extend(sys.argv[1:])\n"
        "from btfview.compiler.rust import build_ir as module, process\n"
        "real = module.build_ir\n"
        "def build_ir(source, options):\n"
        "    if 'trouble' in source.text:\n"
        f"        {body}\n"
        "    return real(source, options)\n"
        "module.build_ir = build_ir\n"
        "process.main()\n",
    )


TROUBLE = Source("a.rs", "// trouble\n")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            "while True: pass", "the front end did not finish within 0.5 s and was stopped", id="time"
        ),
        pytest.param(
            "import os; os.kill(os.getpid(), 11)", "the front end ended with signal 11", id="crash"
        ),
        pytest.param("import os; os._exit(3)", "the front end ended with exit code 3", id="exit"),
    ],
)  # fmt: skip
def test_whatever_becomes_of_it_is_told(body: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch, body)
    with Worker() as worker:
        result = built(TROUBLE, worker, 0.5)
        assert [found.message for found in result.diagnostics] == [message]
        assert built(SMALL, worker).ir is not None  # by the next one


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch, "bytearray(2 << 30)")
    with Worker() as worker:
        assert built(SMALL, worker).ir is not None
        result = built(TROUBLE, worker)
    assert [found.is_error for found in result.diagnostics] == [True]


@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(60)"])
def test_one_that_is_overtaken_ends_soon(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch, body)
    with Worker() as worker:
        assert built(SMALL, worker).ir is not None
        timer = threading.Timer(0.2, worker.cancel)
        timer.start()
        started = time.monotonic()
        with pytest.raises(CompileCancelledError):
            built(TROUBLE, worker)
        assert time.monotonic() - started < 5
        assert built(SMALL, worker).ir is not None


def test_what_waits_when_it_is_overtaken_does_not_run(worker: Worker) -> None:
    epoch = worker.epoch
    worker.cancel()
    with pytest.raises(CompileCancelledError):
        build_apart(SMALL, OPTIONS, 60.0, worker, epoch)


def test_a_process_killed_while_it_waits_is_replaced(worker: Worker) -> None:
    assert built(SMALL, worker).ir is not None
    child = worker._front_end.child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    assert built(SMALL, worker).ir is not None


def test_each_job_has_processor_time_of_its_own(worker: Worker) -> None:
    """The system counts from the start of the process: what a long session adds up to must end nothing."""
    assert built(SMALL, worker).ir is not None
    child = worker._front_end.child
    assert child is not None
    before = resource.prlimit(child.pid, resource.RLIMIT_CPU)[0]
    resource.prlimit(child.pid, resource.RLIMIT_CPU, (before - CPU_SECONDS + 2, resource.RLIM_INFINITY))
    assert built(SMALL, worker).ir is not None
    assert worker._front_end.child is child
    assert resource.prlimit(child.pid, resource.RLIMIT_CPU)[0] >= before >= CPU_SECONDS


def test_what_a_large_parent_holds_does_not_end_the_process() -> None:
    """``ru_maxrss`` outlives ``exec``: one started beside whole kernels would have ended with each job."""
    ballast = b"x" * (320 << 20)
    with Worker() as worker:
        assert built(SMALL, worker).ir is not None
        child = worker._front_end.child
        assert built(SMALL, worker).ir is not None
        assert child is not None
        assert worker._front_end.child is child
    assert ballast


def test_without_a_process_it_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with Worker() as worker:
        assert built(SMALL, worker).ir is not None


def test_a_closed_worker_leaves_no_process() -> None:
    with Worker() as worker:
        assert compile_source(SMALL, worker=worker).object is not None
        child = worker._front_end.child
        assert child is not None
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


def endless(_source: Source, _options: CompileOptions) -> FrontEndResult:
    while True:
        pass


def greedy(_source: Source, _options: CompileOptions) -> FrontEndResult:
    raise AssertionError(len(bytearray(3 << 30)))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (endless, "the front end did not finish within 0.3 s and was stopped"),
        (greedy, "there is not enough memory for this source"),
    ],
)
def test_here_it_has_the_same_limits_and_leaves_none(
    build: object, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def limits() -> tuple[object, ...]:
        kinds = (resource.RLIMIT_AS, resource.RLIMIT_STACK, resource.RLIMIT_CORE)
        return (*map(resource.getrlimit, kinds), signal.getsignal(signal.SIGVTALRM), signal.getitimer(1))

    before = limits()
    monkeypatch.setattr(sys.modules["btfview.compiler.rust.build_ir"], "build_ir", build)
    [found] = build_apart(SMALL, OPTIONS, 0.3, None, 0).diagnostics
    assert found.message.startswith(message)
    assert limits() == before


def test_off_the_main_thread_it_runs_without_them() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(build_apart, SMALL, OPTIONS, 60.0, None, 0).result().ir is not None
