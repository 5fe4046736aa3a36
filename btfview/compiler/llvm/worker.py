"""Warm processes that fork per job: LLVM, so that a compile costs 15 ms, not 100, and the front end."""

from __future__ import annotations

import contextlib
import os
import threading

from . import protocol
from .cold import ColdLlvm, LlvmAnswer, LlvmStartError, read_answer, spawn_front_end, spawn_llvm
from .warm import CompileCancelledError, ProcessGoneError, WarmProcess

__all__ = ["CompileCancelledError", "Worker"]

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .protocol import JobEnd, LlvmJob

_ATTEMPTS = 2
_SIGALRM = 14
_LLVM_PATIENCE, _FRONT_END_PATIENCE = 5.0, 0.3
"""Seconds: LLVM's process ends a job when told to. That of the front end cannot, but most jobs end sooner
than another process is there."""


class Worker:
    """The warm processes, restarted when they die; every method may be called from any thread.

    One job runs at a time, others wait. Without a working warm process each job of LLVM gets a cold one, so
    :meth:`run` answers in any case. The processes end with :meth:`close`, with this object, and with
    the program, however that ends.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wake_fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._epoch = 0
        self._llvm = WarmProcess(lambda: spawn_llvm("serve"), _LLVM_PATIENCE)
        self._front_end = WarmProcess(spawn_front_end, _FRONT_END_PATIENCE)
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
        """Start the processes and return at once (2 ms); they are warm some 100 ms later."""
        with self._lock:
            if not self._is_closed:
                for process in (self._front_end, self._llvm):
                    with contextlib.suppress(LlvmStartError):  # whoever has a job finds out and says so
                        process.start()

    @property
    def pid(self) -> int | None:
        """Process id of the warm LLVM; None while there is none."""
        child = self._llvm.child
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
        """End the processes; a job that runs is cancelled. Further calls of :meth:`run` go cold."""
        if self._is_closed:
            return
        self._is_closed = True
        self.cancel()
        with self._lock:
            self._llvm.discard()
            self._front_end.discard()
            os.close(self._wake_fd)
            self._wake_fd = -1

    def run(self, job: LlvmJob, epoch: int | None = None) -> LlvmAnswer:
        """Return the answer to *job*; waits for the job before it.

        Raises:
            CompileCancelledError: :meth:`cancel` was called since *epoch* was taken, or since now.
        """
        epoch = self._epoch if epoch is None else epoch
        with self._lock:
            with contextlib.suppress(LlvmStartError, ProcessGoneError):
                return read_answer(self._ask(self._llvm, protocol.encode_job(job), job.time_limit, epoch))
            with ColdLlvm() as llvm:
                answer = llvm.run(job, None if self._is_closed else self._wake_fd)
            if answer is None:
                raise CompileCancelledError("the compile was overtaken by a newer one")
            return answer

    def build(self, job: bytes, time_limit: float, epoch: int) -> JobEnd | None:
        """Return how the front end's *job* ended, None where no process can be started.

        Raises:
            CompileCancelledError: :meth:`cancel` was called since *epoch* was taken.
        """
        frame = protocol.encode_frame(protocol.JOB, job)
        with self._lock:
            try:
                return self._ask(self._front_end, frame, time_limit, epoch)
            except LlvmStartError:
                return None
            except ProcessGoneError as gone:
                return protocol.JobEnd(gone.code, "timeout" if gone.code == -_SIGALRM else "", b"", "")

    def _ask(self, process: WarmProcess, job: bytes, time_limit: float, epoch: int) -> JobEnd:
        """Return how *job* ended.

        Raises:
            CompileCancelledError: it is overtaken.
            LlvmStartError: there is no process.
            ProcessGoneError: the job ended the process, twice.
        """
        self._refuse_overtaken(epoch)
        if self._is_closed:
            raise LlvmStartError("the worker is closed")
        with contextlib.suppress(BlockingIOError):  # drop wake-ups meant for earlier jobs
            os.eventfd_read(self._wake_fd)
        self._refuse_overtaken(epoch)
        attempts = _ATTEMPTS
        while True:
            try:
                return process.run(job, time_limit, self._wake_fd, lambda: epoch != self._epoch)
            except ProcessGoneError:
                code = process.discard()
                attempts -= 1
                if not attempts or code == -_SIGALRM:  # its time was over
                    raise ProcessGoneError(code) from None
            except LlvmStartError:
                raise
            except CompileCancelledError:  # and the process was told, or replaced
                with contextlib.suppress(LlvmStartError):
                    process.start()
                raise
            except BaseException:  # a job is still out there: the next must not get its answer
                process.discard()
                raise

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
