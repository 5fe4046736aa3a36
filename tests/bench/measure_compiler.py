"""The compiler inside one process: its front end, and the whole way with a warm LLVM."""

from __future__ import annotations

import gc
import os
import resource
import statistics
import time
from pathlib import Path

from tests.bench.entries import FrontEnd, Growth, Rebuild, Recompile
from tests.bench.measure import WARM_UPS, run_once

_LINES_AT_ONCE = 5_000
"""A long source is compiled fewer times."""


def measure_front_end(entry: FrontEnd, runs: int, tmp: Path) -> tuple[float, float]:
    """Return the medians of the processor's milliseconds: ours for *entry*'s source, its peer's."""
    ours: list[float] = []
    theirs: list[float] = []
    text = Path(entry.source).read_text()
    for turn in range(-WARM_UPS, _runs(text, runs)):
        spent, peer = _front_end(text), _cpu_of(entry.peer, tmp)
        if turn >= 0:
            ours.append(spent)
            theirs.append(peer)
    return statistics.median(ours), statistics.median(theirs)


def measure_growth(entry: Growth, runs: int) -> tuple[float, float]:
    """Return the medians of the processor's milliseconds for 500 lines: in the long source, in the short."""
    found: tuple[list[float], list[float]] = ([], [])
    texts = Path(entry.source).read_text(), Path(entry.short).read_text()
    for turn in range(-WARM_UPS, _runs(texts[0], runs)):
        for text, spent in zip(texts, found, strict=True):
            milliseconds = _front_end(text) / text.count("\n") * 500
            if turn >= 0:
                spent.append(milliseconds)
    return statistics.median(found[0]), statistics.median(found[1])


def measure_recompile(entry: Recompile, runs: int, tmp: Path) -> tuple[float, float]:
    """Return the medians of milliseconds: text to object with a warm LLVM, but for what the entry leaves out;
    and the peer's whole process."""
    from btfview.compiler.compile import compile_source
    from btfview.compiler.llvm.worker import Worker
    from btfview.compiler.options import CompileOptions
    from btfview.source import read_source

    source, options = read_source(entry.source), CompileOptions(frontend=entry.frontend)
    ours: list[float] = []
    theirs: list[float] = []
    with Worker() as worker:
        for turn in range(-WARM_UPS, runs):
            gc.collect()
            started = time.perf_counter()
            result = compile_source(source, options, worker=worker)
            milliseconds = (time.perf_counter() - started) * 1000 - entry.extra
            assert result.object is not None, result.diagnostics
            peer = run_once(entry.peer, tmp)
            if turn >= 0:
                ours.append(milliseconds)
                theirs.append(peer)
    return statistics.median(ours), statistics.median(theirs)


def measure_rebuild(entry: Rebuild, runs: int, tmp: Path) -> tuple[float, float]:
    """Return the medians of milliseconds: a changed file of a project to the object, and the peer's process
    after the same."""
    from btfview.compiler.compile import compile_project
    from btfview.compiler.llvm.worker import Worker

    os.environ["CARGO_TARGET_DIR"] = str(tmp / "cargo-target")
    ours: list[float] = []
    theirs: list[float] = []
    project = str(Path(entry.source).parents[1])
    with Worker() as worker:
        for turn in range(-WARM_UPS, min(runs, 9)):
            gc.collect()
            os.utime(entry.source)
            started = time.perf_counter()
            result = compile_project(project, worker=worker)
            milliseconds = (time.perf_counter() - started) * 1000
            assert result.object is not None, result.diagnostics
            os.utime(entry.peer_source)
            peer = run_once(entry.peer, tmp)
            if turn >= 0:
                ours.append(milliseconds)
                theirs.append(peer)
    return statistics.median(ours), statistics.median(theirs)


def _runs(text: str, runs: int) -> int:
    return runs if text.count("\n") < _LINES_AT_ONCE else min(runs, 5)


def _front_end(text: str) -> float:
    from btfview.compiler.options import CompileOptions
    from btfview.compiler.rust.build_ir import build_ir
    from btfview.source import Source

    gc.collect()
    started = time.process_time()
    result = build_ir(Source("lib.rs", text), CompileOptions())
    milliseconds = (time.process_time() - started) * 1000
    assert result.ir is not None, result.diagnostics
    return milliseconds


def _cpu_of(command: str, tmp: Path) -> float:
    """Return the processor's milliseconds of one run of *command*."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run_once(command, tmp)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000
