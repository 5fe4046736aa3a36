"""The process that the front end runs in, so that nothing a source does to it is done to the caller.

A warm one serves a :class:`~btfview.compiler.llvm.worker.Worker`. It does not fork for a job as LLVM's does:
that would take longer than most jobs, and there is nothing in it that a job could leave wrong. A command,
which is gone when its answer is there, runs the front end itself, with the same limits.
"""

from __future__ import annotations

import gc
import os
import time

from btfview.compiler.llvm import protocol

from .transfer import FrontEndResult, decode_job, encode_result

TYPE_CHECKING = False

if TYPE_CHECKING:
    from btfview.compiler.options import CompileOptions
    from btfview.source import Source

_WARM = """#![feature(btf_relocations)]
#[repr(Btf)] struct Task { pid: i32 }
#[unsafe(link_section = "raw_tp/sys_enter")] #[unsafe(no_mangle)]
pub extern "C" fn f(ctx: *const u64) -> u64 {
    let mut a = if core::btf::field_exists!(Task, pid) { 1 } else { unsafe { *ctx } };
    while a > 1 { a -= core::btf::field_byte_offset!(Task, pid) as u64; }
    a
}
"""
MEMORY_LIMIT = 1 << 30
"""Bytes of address space of a front end; 50,000 lines take a fifth of it."""
CPU_SECONDS = 60
"""Processor time of one job, should nothing else stop it."""
STACK_LIMIT = 64 << 20
"""Bytes of stack, of which each of the :data:`~.check.body.STACK` frames may take 3 KB."""
_MAX_KEPT = 256 << 20
"""A warm process that holds more bytes after its job ends, and another follows."""


def main() -> None:
    """Serve jobs from standard input until it closes."""
    import resource
    import signal

    from btfview.compiler.options import CompileOptions
    from btfview.source import Source

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_front_end()
    encode_answer(Source("warm.rs", _WARM), CompileOptions())  # imports, the parser, constructors
    protocol.write_all(1, protocol.encode_frame(protocol.READY))
    while (frame := protocol.read_frame(0)) is not None:
        tag, payload = frame
        if tag == protocol.CANCEL:  # came too late: that job's end is already on its way
            continue
        source, options, time_limit = decode_job(payload)
        _set_limit(resource.RLIMIT_CPU, int(time.process_time()) + CPU_SECONDS)  # counted from our start
        signal.setitimer(signal.ITIMER_REAL, time_limit)  # ends it also when nobody waits any more
        said = encode_answer(source, options)
        signal.setitimer(signal.ITIMER_REAL, 0)
        protocol.write_all(1, protocol.encode_end(protocol.JobEnd(0, "", said, "")))
        gc.collect()
        if _memory()[1] > _MAX_KEPT:  # not ru_maxrss: that counts what our parent had when it started us
            return


def encode_answer(source: Source, options: CompileOptions) -> bytes:
    """Return the frame of what the front end makes of *source*, or of what is wrong with the front end.

    Raises:
        ModuleNotFoundError: a package that it needs is not installed.
    """
    from .build_ir import NO_MEMORY, build_ir
    from .report import Report

    try:
        return protocol.encode_frame(protocol.FRONT, encode_result(build_ir(source, options)))
    except MemoryError:  # while the answer was written
        report = Report()
        report.give_up(*NO_MEMORY)
        refusal = FrontEndResult(None, None, report.sorted())
        return protocol.encode_frame(protocol.FRONT, encode_result(refusal))
    except ModuleNotFoundError:  # what is to be installed is told elsewhere
        raise
    except Exception as error:
        return protocol.encode_frame(protocol.FAILED, _describe(error).encode("utf-8", "replace"))


def _describe(error: Exception) -> str:
    """Return *error* in one line, with the module and line that it is from."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = ""
    if place is not None:
        path = place.tb_frame.f_code.co_filename
        where = f" ({'/'.join(path.split(os.sep)[-2:])}:{place.tb_lineno})"
    return " ".join(f"{type(error).__name__}: {error}{where}".split())


def limit_front_end() -> None:
    """Limit the memory of this process, give it the stack it needs, and let it dump no core."""
    import resource

    _set_limit(resource.RLIMIT_AS, MEMORY_LIMIT)
    _set_limit(resource.RLIMIT_STACK, STACK_LIMIT)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _set_limit(kind: int, wanted: int) -> tuple[int, int]:
    """Set a limit of this process; return what it was."""
    import resource

    before = resource.getrlimit(kind)
    hard = before[1]
    resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(hard, wanted), hard))
    return before


class _TimeOverError(BaseException):
    """The front end took too long; no ``except Exception`` on the way is to take it."""


def answer_here(source: Source, options: CompileOptions, time_limit: float) -> protocol.JobEnd:
    """Return how the front end ended in this process, on the main thread with limits of time and memory.

    The time is that of the processor, so that no timer of the caller is in the way.
    """
    import _signal as signal  # type: ignore[import-not-found]  # `signal` costs 5 ms
    import resource

    def stop(_number: int, _frame: object) -> None:
        raise _TimeOverError

    try:
        handler = signal.signal(signal.SIGVTALRM, stop)
    except ValueError:  # not on the main thread
        return protocol.JobEnd(0, "", encode_answer(source, options), "")
    memory = _set_limit(resource.RLIMIT_AS, _memory()[0] + MEMORY_LIMIT)
    stack = _set_limit(resource.RLIMIT_STACK, STACK_LIMIT)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, time_limit)
        try:
            return protocol.JobEnd(0, "", encode_answer(source, options), "")
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _TimeOverError:
        return protocol.JobEnd(0, "timeout", b"", "")
    finally:
        signal.signal(signal.SIGVTALRM, handler)
        resource.setrlimit(resource.RLIMIT_AS, memory)
        resource.setrlimit(resource.RLIMIT_STACK, stack)


def _memory() -> tuple[int, int]:
    """Return the bytes that this process has mapped, and those of them in memory (proc(5): statm)."""
    with open("/proc/self/statm", "rb") as file:
        mapped, resident = file.read().split()[:2]
    return int(mapped) * (page := os.sysconf("SC_PAGESIZE")), int(resident) * page
