"""LLVM, seen from the caller: a job goes in, an answer comes out, nothing else happens.

The answer says how the process ended; :mod:`.messages` turns that into diagnostics.
"""

from __future__ import annotations

import os
import sys

from btfview.compiler.processes import Child, Exit, converse, spawn
from btfview.frozen import frozen

from . import protocol

TYPE_CHECKING = False

if TYPE_CHECKING:
    from .protocol import LlvmJob

_BOOT = (
    "import sys; sys.path.extend(sys.argv[2:]); "
    "from btfview.compiler.llvm.process import main; main(sys.argv[1])"
)
_BOOT_FRONT_END = (
    "import sys; sys.path.extend(sys.argv[1:]); from btfview.compiler.rust.process import main; main()"
)
_START_GRACE = 5.0
"""Seconds a process may take to load LLVM, on top of its job's limit."""


@frozen
class LlvmAnswer:
    """What came of a job. ``object`` is there exactly when ``failure`` is None."""

    object: bytes | None = None
    ir_optimized: str | None = None
    asm: str | None = None
    passes: str | None = None
    """As LLVM prints it with ``-print-changed``."""
    linked: str | None = None
    """The modules of the job as one, before any pass; also where LLVM failed later."""
    llvm_version: str = ""
    """``22.1.0``; only of a job with modules."""
    failure: str | None = None
    """``parse`` or ``verify``: LLVM refused the IR, see *message*; ``parse module`` or ``link module``: one
    of the job's, whose position is the first line of *message*; ``compile``: llvmlite raised;
    ``exit`` or ``signal``: LLVM ended the process, see *code* and *stderr*; ``timeout``;
    ``too much output``; ``start``: no process, see *message*."""
    message: str = ""
    code: int = 0
    """Exit code, or minus the signal's number."""
    stderr: str = ""
    """What LLVM printed: the error that made it exit, or warnings beside an object."""


class LlvmStartError(Exception):
    """A process for LLVM could not be started; ``str()`` says why."""


def llvm_command(mode: str) -> list[str]:
    """Return the argv of an LLVM process.

    Isolated (``-I -S``): no environment variable, ``.pth`` file or working directory has a say in
    what it imports.

    Raises:
        LlvmStartError: no Python to run, or llvmlite is not installed.
    """
    return _python(_BOOT, [mode], ["llvmlite"])


def _python(program: str, arguments: list[str], packages: list[str]) -> list[str]:
    """Return the argv of a Python that runs *program* and finds btfview and *packages*."""
    if not sys.executable:
        raise LlvmStartError("this Python does not know its own executable")
    places = [_folder_above(__file__, 4), *map(folder_of, packages)]
    return [sys.executable, "-I", "-S", "-c", program, *arguments, *dict.fromkeys(places)]


def folder_of(package: str) -> str:
    """Return the folder that *package* is installed in."""
    for finder in sys.meta_path:  # importlib.util.find_spec would cost 2 ms
        spec = finder.find_spec(package, None)
        if spec and spec.origin:
            return _folder_above(spec.origin, 2)
    raise LlvmStartError(f"the package {package} is not installed")


def _folder_above(path: str, levels: int) -> str:
    path = os.path.abspath(path)
    for _ in range(levels):
        path = os.path.dirname(path)
    return path


def spawn_llvm(mode: str) -> Child:
    """Return a process that loads LLVM: ``once`` for one job, ``serve`` for many.

    Raises:
        LlvmStartError: as for :func:`llvm_command`, or the system refuses.
    """
    return _start(llvm_command(mode), capture_stderr=mode == "once")


def spawn_front_end() -> Child:
    """Return a process that serves front ends.

    Raises:
        LlvmStartError: a package is not installed, or the system refuses.
    """
    return _start(_python(_BOOT_FRONT_END, [], ["tree_sitter", "tree_sitter_rust"]), capture_stderr=False)


def _start(command: list[str], *, capture_stderr: bool) -> Child:
    try:
        return spawn(command, os.environ, capture_stderr=capture_stderr)
    except OSError as error:
        raise LlvmStartError(f"{command[0]}: {(error.strerror or str(error)).lower()}") from error


class ColdLlvm:
    """A process of its own for one compile, started on entry so that it loads LLVM meanwhile.

    ::

        with ColdLlvm() as llvm:
            ir = front_end(...)
            answer = llvm.run(job)
    """

    def __init__(self) -> None:
        self._child: Child | None = None
        self._problem = "it was not started"

    def __enter__(self) -> ColdLlvm:
        try:
            self._child = spawn_llvm("once")
        except LlvmStartError as error:
            self._problem = str(error)
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def run(self, job: LlvmJob, wake_fd: int | None = None) -> LlvmAnswer | None:
        """Return the answer to *job*; None when *wake_fd* became readable first. Good for one call."""
        child, self._child = self._child, None
        if child is None:
            return LlvmAnswer(failure="start", message=self._problem)
        limit = job.time_limit + _START_GRACE
        [end] = converse([(child, protocol.encode_job(job))], time_limit=limit, wake_fd=wake_fd)
        return None if end.stopped == "cancelled" else read_answer(end)


def read_answer(end: Exit | protocol.JobEnd) -> LlvmAnswer:
    """Return what the job that ended as *end* says had come of it."""
    if end.stopped:
        return LlvmAnswer(failure=end.stopped, code=end.code, stderr=end.stderr)
    said = dict(protocol.split_frames(end.stdout))
    linked = _text(said.get(protocol.LINKED))
    version = said.get(protocol.VERSION, b"").decode()
    if protocol.REFUSED in said:
        stage, _, message = said[protocol.REFUSED].decode("utf-8", "replace").partition("\n")
        return LlvmAnswer(
            failure=stage, message=message, stderr=end.stderr, linked=linked, llvm_version=version
        )
    if protocol.DONE not in said:
        import signal

        failure = "signal" if end.code < 0 else "exit"
        failure = "timeout" if end.code in (-signal.SIGALRM, -signal.SIGXCPU) else failure
        return LlvmAnswer(
            failure=failure, code=end.code, stderr=end.stderr, linked=linked, llvm_version=version
        )
    return LlvmAnswer(
        object=said[protocol.OBJECT],
        ir_optimized=_steady(_text(said.get(protocol.IR_OPTIMIZED))),
        asm=_text(said.get(protocol.ASM)),
        passes=_text(said.get(protocol.PASSES)),
        stderr=end.stderr,
        linked=linked,
        llvm_version=version,
    )


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "replace")


def _steady(text: str | None) -> str | None:
    if text is None:
        return None
    from .steady import steady_module

    return steady_module(text)
