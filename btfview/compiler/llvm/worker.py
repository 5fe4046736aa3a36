"""A warm LLVM: one process that has it loaded and forks per job, so a compile costs 15 ms, not 100."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time

from btfview.errors import CompilerError

from . import protocol
from .cold import ColdLlvm, LlvmAnswer, LlvmStartError, read_answer, spawn_llvm

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.compiler.processes import Child

    from .protocol import LlvmJob

_GRACE = 5.0
"""Seconds beyond a job's limit: to load LLVM first, and to report that the limit was passed."""
_ATTEMPTS = 2
_CHUNK = 1 << 16


class CompileCancelledError(CompilerError):
    """The compile was overtaken: :meth:`Worker.cancel` was called before it ended."""


class _ProcessGoneError(Exception):
    """The warm process ended, or says what makes no sense; a new one may do better."""


class Worker:
    """The warm process, restarted when it dies; every method may be called from any thread.

    One job runs at a time, others wait. Without a working warm process each job gets a cold one, so
    :meth:`run` answers in any case. The process ends with :meth:`close`, with this object, and with
    the program, however that ends.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wake_fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._epoch = 0
        self._child: Child | None = None
        self._heard = bytearray()
        self._is_closed = False

    def __enter__(self) -> Worker:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # half-made object, or the interpreter is ending
            self.close()

    def start(self) -> None:
        """Start the process and return at once (1 ms); it is warm some 100 ms later."""
        with self._lock:
            if self._child is None and not self._is_closed:
                with contextlib.suppress(LlvmStartError):  # run() finds out and says so
                    self._child = spawn_llvm("serve")

    @property
    def pid(self) -> int | None:
        """Process id of the warm process; None while there is none."""
        child = self._child
        return child.pid if child else None

    @property
    def epoch(self) -> int:
        """A number to give to :meth:`run`: a :meth:`cancel` after it was taken will count."""
        return self._epoch

    def cancel(self) -> None:
        """Give up every job that runs or waits; their callers get :class:`CompileCancelledError`."""
        self._epoch += 1
        with contextlib.suppress(OSError):  # closed
            os.eventfd_write(self._wake_fd, 1)

    def close(self) -> None:
        """End the process; a job that runs is cancelled. Further calls of :meth:`run` go cold."""
        if self._is_closed:
            return
        self._is_closed = True
        self.cancel()
        with self._lock:
            self._discard()
            os.close(self._wake_fd)
            self._wake_fd = -1

    def run(self, job: LlvmJob, epoch: int | None = None) -> LlvmAnswer:
        """Return the answer to *job*; waits for the job before it.

        Raises:
            CompileCancelledError: :meth:`cancel` was called since *epoch* was taken, or since now.
        """
        epoch = self._epoch if epoch is None else epoch
        with self._lock:
            self._refuse_overtaken(epoch)
            if not self._is_closed:
                with contextlib.suppress(BlockingIOError):  # drop wake-ups meant for earlier jobs
                    os.eventfd_read(self._wake_fd)
                self._refuse_overtaken(epoch)
                for _ in range(_ATTEMPTS):
                    try:
                        return self._run_warm(job, epoch)
                    except LlvmStartError:
                        break
                    except _ProcessGoneError:
                        self._discard()
                    except CompileCancelledError:  # and the process was told, or replaced
                        raise
                    except BaseException:  # a job is still out there: the next must not get its answer
                        self._discard()
                        raise
            with ColdLlvm() as llvm:
                answer = llvm.run(job, None if self._is_closed else self._wake_fd)
            if answer is None:
                raise CompileCancelledError("the compile was overtaken by a newer one")
            return answer

    @contextlib.contextmanager
    def turn(self, epoch: int) -> Iterator[int | None]:
        """Hold off other jobs while the caller runs processes of its own (clang); yield a descriptor that
        becomes readable when they must stop, None once the worker is closed.

        Raises:
            CompileCancelledError: :meth:`cancel` was called since *epoch* was taken.
        """
        with self._lock:
            self._refuse_overtaken(epoch)
            if self._is_closed:
                yield None
                return
            with contextlib.suppress(BlockingIOError):  # drop wake-ups meant for earlier jobs
                os.eventfd_read(self._wake_fd)
            self._refuse_overtaken(epoch)
            yield self._wake_fd
            self._refuse_overtaken(epoch)

    def _refuse_overtaken(self, epoch: int) -> None:
        if epoch != self._epoch:
            raise CompileCancelledError("the compile was overtaken by a newer one")

    def _discard(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None
        self._heard.clear()

    def _run_warm(self, job: LlvmJob, epoch: int) -> LlvmAnswer:
        if self._child is None:
            self._child = spawn_llvm("serve")
        child = self._child
        deadline = time.monotonic() + job.time_limit + _GRACE
        pending = memoryview(protocol.encode_job(job))
        is_cancelled = False
        while (end := self._take_end()) is None:
            if epoch != self._epoch and not is_cancelled:
                if pending:  # half a job is in the pipe: nothing but a new process can follow it
                    self._discard()
                    raise CompileCancelledError("the compile was overtaken by a newer one")
                is_cancelled = True
                pending = memoryview(protocol.encode_frame(protocol.CANCEL))
            left = deadline - time.monotonic()
            if left <= 0:
                self._discard()
                return LlvmAnswer(failure="timeout")
            pending = self._exchange(child, pending, left, None if is_cancelled else self._wake_fd)
        if is_cancelled or epoch != self._epoch:
            raise CompileCancelledError("the compile was overtaken by a newer one")
        return read_answer(end)

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
                    raise _ProcessGoneError
                self._heard += data
            elif fd == child.stdin:
                try:
                    pending = pending[os.write(fd, pending[:_CHUNK]) :]
                except BlockingIOError:
                    continue
                except BrokenPipeError as error:
                    raise _ProcessGoneError from error
            else:
                with contextlib.suppress(BlockingIOError):
                    os.eventfd_read(fd)
        return pending

    def _take_end(self) -> protocol.JobEnd | None:
        """Return the job's end once it has been heard whole; READY on the way is no news."""
        while (frame := protocol.take_frame(self._heard)) is not None:
            tag, payload = frame
            if tag == protocol.ENDED:
                return protocol.decode_end(payload)
            if tag != protocol.READY:  # FAILED: a cold process will tell why in full
                raise _ProcessGoneError
        return None
