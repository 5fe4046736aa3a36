"""One warm process: started once, given jobs, told to give one up, replaced when it dies."""

from __future__ import annotations

import contextlib
import os
import select
import time

from btfview.errors import CompilerError

from . import protocol
from .protocol import JobEnd

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable

    from btfview.compiler.processes import Child

_GRACE = 5.0
"""Seconds beyond a job's limit: to load LLVM first, and to report that the limit was passed."""
_CHUNK = 1 << 16


class CompileCancelledError(CompilerError):
    """The compile was overtaken: :meth:`.worker.Worker.cancel` was called before it ended."""


class ProcessGoneError(Exception):
    """The warm process ended, with *code*, or says what makes no sense; a new one may do better."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        super().__init__(code)


class WarmProcess:
    """A process that serves jobs; for one thread at a time."""

    def __init__(self, spawn: Callable[[], Child], patience: float) -> None:
        self._spawn = spawn
        self._patience = patience
        """Seconds that a job may go on after it was told to end."""
        self.child: Child | None = None
        self._heard = bytearray()

    def start(self) -> Child:
        """Return the process, started if there is none.

        Raises:
            LlvmStartError: it cannot be started.
        """
        if self.child is None:
            self.child = self._spawn()
        return self.child

    def discard(self) -> int:
        """End the process; return its exit code, that of before if it had ended."""
        code = 0
        if self.child is not None:
            code = self.child.kill()
            self.child = None
        self._heard.clear()
        return code

    def run(self, job: bytes, time_limit: float, wake_fd: int, is_overtaken: Callable[[], bool]) -> JobEnd:
        """Return how the job of the frame *job* ended; *wake_fd* tells when to ask *is_overtaken*.

        Raises:
            CompileCancelledError: it is overtaken; the process is ready for the next job, or replaced.
            ProcessGoneError, LlvmStartError: there was no answer.
        """
        child = self.start()
        deadline = time.monotonic() + time_limit + _GRACE
        pending = memoryview(job)
        is_cancelled = False
        while (end := self._take_end()) is None:
            if not is_cancelled and is_overtaken():
                if pending:  # half a job is in the pipe: nothing but a new process can follow it
                    self.discard()
                    raise CompileCancelledError("the compile was overtaken by a newer one")
                is_cancelled = True
                pending = memoryview(protocol.encode_frame(protocol.CANCEL))
                deadline = min(deadline, time.monotonic() + self._patience)
            left = deadline - time.monotonic()
            if left <= 0:
                self.discard()
                if is_cancelled:
                    raise CompileCancelledError("the compile was overtaken by a newer one")
                return JobEnd(0, "timeout", b"", "")
            pending = self._exchange(child, pending, left, None if is_cancelled else wake_fd)
        if is_cancelled or is_overtaken():
            raise CompileCancelledError("the compile was overtaken by a newer one")
        return end

    def _exchange(self, child: Child, pending: memoryview, left: float, wake_fd: int | None) -> memoryview:
        """Write of *pending* what fits, read what is there; return what is still to write."""
        poll = select.poll()
        poll.register(child.stdout, select.POLLIN)
        if pending:
            poll.register(child.stdin, select.POLLOUT)
        if wake_fd is not None:
            poll.register(wake_fd, select.POLLIN)
        for fd, _event in poll.poll(left * 1000 + 1):
            if fd == child.stdout:
                data = os.read(fd, _CHUNK)
                if not data:
                    raise ProcessGoneError
                self._heard += data
            elif fd == child.stdin:
                try:
                    pending = pending[os.write(fd, pending[:_CHUNK]) :]
                except BlockingIOError:
                    continue
                except BrokenPipeError as error:
                    raise ProcessGoneError from error
            else:
                with contextlib.suppress(BlockingIOError):
                    os.eventfd_read(fd)
        return pending

    def _take_end(self) -> JobEnd | None:
        """Return the job's end once it has been heard whole; READY on the way is no news."""
        while (frame := protocol.take_frame(self._heard)) is not None:
            tag, payload = frame
            if tag == protocol.ENDED:
                return protocol.decode_end(payload)
            if tag != protocol.READY:  # FAILED: a cold process will tell why in full
                raise ProcessGoneError
        return None
