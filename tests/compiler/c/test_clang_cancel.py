"""A clang that hangs is killed when its compile is overtaken, or the screen is left."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.llvm.worker import CompileCancelledError, Worker
from btfview.source import Source

SOURCE = Source("a.c", "int x;\n")


@pytest.fixture
def hanging_clang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A compiler that says who it is and never ends; returns the file with its process id."""
    said = tmp_path / "pid"
    program = tmp_path / "clang-hangs"
    program.write_text(f"#!/bin/sh\necho $$ > {said}.new; mv {said}.new {said}; exec sleep 600\n")
    program.chmod(0o755)
    monkeypatch.setenv("BTFVIEW_CLANG", str(program))
    return said


def wait_for(path: Path) -> int:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return int(path.read_text())


@pytest.mark.parametrize("how", ["cancel", "close"])
def test_a_cancelled_compile_kills_clang(hanging_clang: Path, how: str) -> None:
    ends: list[object] = []
    with Worker() as worker:

        def compile_it() -> None:
            try:
                ends.append(compile_source(SOURCE, worker=worker, time_limit=60))
            except CompileCancelledError as error:
                ends.append(error)

        thread = threading.Thread(target=compile_it)
        thread.start()
        pid = wait_for(hanging_clang)
        getattr(worker, how)()
        thread.join(20)
        assert not thread.is_alive()
        assert isinstance(ends[0], CompileCancelledError)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.debian_tool("clang-19")
def test_a_compile_after_a_cancelled_one_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BTFVIEW_CLANG", "clang-19")
    with Worker() as worker:
        worker.cancel()
        assert compile_source(SOURCE, worker=worker).object is not None
