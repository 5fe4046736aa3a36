"""Child processes: started without ``fork``, spoken to with a time limit, never left behind.

``subprocess`` would do, but importing it costs 15 ms of a command that should take 100.
"""

from __future__ import annotations

import contextlib
import os
import select
import time

from btfview.frozen import frozen

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

_SIGPIPE, _SIGKILL = 13, 9  # the same on every Linux; `import signal` costs 5 ms
MEMORY_LIMIT = 4 << 30
"""Bytes of address space that a compiler may have. A program that needs more is an accident or an attack."""
CPU_SECONDS = 300
"""Processor time that a compiler may have. Whoever waits for it gives up long before; this holds whatever
became of that one."""
_PR_SET_PDEATHSIG = 1
_LIFELINE = 3
"""The child's number of the pipe whose other end we hold as long as we live."""
_CHUNK = 1 << 16
_CAPTURE_LIMIT = {"stdout": 1 << 28, "stderr": 1 << 18}
"""Bytes kept. More on stdout stops the child, more on stderr is read and dropped."""


@frozen
class Exit:
    """How a child ended."""

    code: int
    """Its exit code, or minus the number of the signal that killed it."""
    stdout: bytes
    stderr: str
    stopped: str | None = None
    """Why we killed it: ``"timeout"``, ``"cancelled"`` or ``"too much output"``. None: it ended by itself."""


class Child:
    """A running process with pipes on its standard streams; -1 stands for a pipe that is closed.

    When *lifeline* is closed, by us or by our end, the child and what it started are killed.
    """

    __slots__ = ("lifeline", "pid", "stderr", "stdin", "stdout")

    def __init__(self, pid: int, stdin: int, stdout: int, stderr: int, lifeline: int = -1) -> None:
        self.pid = pid
        self.lifeline = lifeline
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr

    def close_pipes(self) -> None:
        for name in ("stdin", "stdout", "stderr"):
            self._close(name)

    def _close(self, name: str) -> None:
        fd = getattr(self, name)
        if fd >= 0:
            setattr(self, name, -1)
            os.close(fd)

    def kill(self) -> int:
        """Kill the child and what it started, reap it, close its pipes; return its exit code."""
        self.close_pipes()
        try:
            os.killpg(self.pid, _SIGKILL)
        except (ProcessLookupError, PermissionError):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, _SIGKILL)
        return self.reap()

    def reap(self) -> int:
        """Return the exit code of the child, which is about to end; what it started ends with it."""
        code = reap(self.pid)
        self._close("lifeline")
        return code


def limit_resources(pid: int = 0) -> None:
    """Limit the memory of process *pid* (0: this one) to :data:`MEMORY_LIMIT` and its processor time to
    :data:`CPU_SECONDS`, and let it dump no core."""
    import resource

    for kind, wanted in ((resource.RLIMIT_AS, MEMORY_LIMIT), (resource.RLIMIT_CPU, CPU_SECONDS)):
        _, hard = resource.prlimit(pid, kind)
        resource.prlimit(pid, kind, (wanted if hard == resource.RLIM_INFINITY else min(hard, wanted), hard))
    resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def die_with_parent(parent: int) -> None:
    """Have this process killed when *parent*, which started it, has ended."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os._exit(0)


def spawn(
    argv: list[str],
    env: Mapping[str, str],
    *,
    capture_stderr: bool = True,
    is_stderr_merged: bool = False,
) -> Child:
    """Return ``argv`` running, as the leader of a process group of its own.

    Its own group keeps a Ctrl-C at the terminal away from it: the caller decides what to stop.
    Without *capture_stderr* its messages go nowhere; *is_stderr_merged* puts them into its standard output,
    of which more is kept. It has :func:`limit_resources`, and dies with us, whatever ends us.

    Raises:
        OSError: the program is missing or the system refuses a new process.
    """
    pipes: list[int] = []
    try:
        child_in, stdin = _pipe(pipes)
        stdout, child_out = _pipe(pipes)
        is_piped = capture_stderr and not is_stderr_merged
        stderr, child_err = _pipe(pipes) if is_piped else (-1, -1)
        actions: list[tuple[Any, ...]] = [
            (os.POSIX_SPAWN_DUP2, child_in, 0),
            (os.POSIX_SPAWN_DUP2, child_out, 1),
        ]
        actions.append((os.POSIX_SPAWN_DUP2, child_err if is_piped else child_out, 2))
        watched, lifeline = _pipe(pipes)
        if not capture_stderr:
            actions[-1] = (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)
        actions.append((os.POSIX_SPAWN_DUP2, watched, _LIFELINE))  # the last: the others may have that number
        pid = os.posix_spawn(
            argv[0],
            argv,
            env,
            file_actions=actions,
            setpgroup=0,
            setsigmask=(),
            setsigdef=(_SIGPIPE,),
        )
    except BaseException:
        for fd in pipes:
            os.close(fd)
        raise
    os.set_blocking(stdin, False)
    with contextlib.suppress(OSError):  # it has ended already
        _kill_when_closed(watched, pid)
        limit_resources(pid)
    for fd in (child_in, child_out, child_err, watched):
        if fd >= 0:
            os.close(fd)
    return Child(pid, stdin, stdout, stderr, lifeline)


def _kill_when_closed(watched: int, pid: int) -> None:
    """Have the kernel kill the process group *pid* once nobody can write into the pipe *watched* any more.

    ``PR_SET_PDEATHSIG`` would have to be asked for by the child itself, between ``fork`` and ``exec``; this
    needs no ``fork``, and takes along what the child has started (fcntl(2), "Managing signals").
    """
    import fcntl

    fcntl.fcntl(watched, fcntl.F_SETOWN, -pid)
    fcntl.fcntl(watched, fcntl.F_SETSIG, _SIGKILL)
    fcntl.fcntl(watched, fcntl.F_SETFL, os.O_ASYNC)


def _pipe(opened: list[int]) -> tuple[int, int]:
    """Return a pipe's ends, neither of them 0, 1 or 2.

    When the caller's own standard streams are closed, a new pipe would take their numbers, and
    the child's streams would be put on top of one another.
    """
    ends = os.pipe()
    opened += ends
    if min(ends) > 2:
        return ends
    import fcntl

    for end in ends:
        opened.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3))
    for end in ends:
        opened.remove(end)
        os.close(end)
    return opened[-2], opened[-1]


def reap(pid: int, grace: float = 5.0) -> int:
    """Return the exit code of the child *pid*, which is about to end; kill it after *grace* seconds."""
    deadline = time.monotonic() + grace
    pause = 0.0005
    while True:
        try:
            reaped, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:  # somebody else's SIGCHLD handler was faster
            return 0
        if reaped:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, _SIGKILL)
            deadline = float("inf")
        time.sleep(pause)
        pause = min(pause * 2, 0.02)


def converse(
    talks: Iterable[tuple[Child, bytes]], *, time_limit: float, wake_fd: int | None = None
) -> list[Exit]:
    """Feed each child its input, read all it says, and return how each ended, in the order given.

    All children are served at once. *time_limit* is in seconds and for all together; when it is
    over, or when *wake_fd* becomes readable, those that still run are killed. Whatever happens,
    an exception included, no child and no pipe is left.
    """
    conversations = [_Conversation(child, data) for child, data in talks]
    try:
        stopped = _serve(conversations, time.monotonic() + time_limit, wake_fd)
        return [conversation.finish(stopped) for conversation in conversations]
    finally:
        for conversation in conversations:
            if not conversation.is_reaped:
                conversation.child.kill()


class _Conversation:
    __slots__ = ("child", "is_reaped", "pending", "said", "stopped")

    def __init__(self, child: Child, data: bytes) -> None:
        self.child = child
        self.pending = memoryview(data)
        self.said = {"stdout": bytearray(), "stderr": bytearray()}
        self.stopped: str | None = None
        self.is_reaped = False
        if not data:
            child._close("stdin")

    @property
    def is_open(self) -> bool:
        return self.stopped is None and (self.child.stdout >= 0 or self.child.stderr >= 0)

    def feed(self) -> None:
        try:
            self.pending = self.pending[os.write(self.child.stdin, self.pending[:_CHUNK]) :]
        except BrokenPipeError:  # it ended, or has read enough; what it says tells why
            self.pending = self.pending[:0]
        except BlockingIOError:
            return
        if not self.pending:
            self.child._close("stdin")

    def hear(self, name: str) -> None:
        data = os.read(getattr(self.child, name), _CHUNK)
        if not data:
            self.child._close(name)
            return
        heard = self.said[name]
        if len(heard) + len(data) <= _CAPTURE_LIMIT[name]:
            heard += data
        elif name == "stdout":
            self.stopped = "too much output"

    def finish(self, stopped: str | None) -> Exit:
        reason = self.stopped or (stopped if self.is_open else None)
        if reason:
            code = self.child.kill()
        else:
            self.child.close_pipes()
            code = self.child.reap()
        self.is_reaped = True
        return Exit(code, bytes(self.said["stdout"]), self.said["stderr"].decode("utf-8", "replace"), reason)


def _serve(conversations: list[_Conversation], deadline: float, wake_fd: int | None) -> str | None:
    """Return why the talk was cut off: ``"timeout"``, ``"cancelled"``, or None when all have ended."""
    while True:
        poll = select.poll()
        busy: dict[int, tuple[_Conversation, str]] = {}
        for conversation in conversations:
            if not conversation.is_open:
                continue
            for name in ("stdin", "stdout", "stderr"):
                fd = getattr(conversation.child, name)
                if fd >= 0:
                    busy[fd] = (conversation, name)
                    poll.register(fd, select.POLLOUT if name == "stdin" else select.POLLIN)
        if not busy:
            return None
        if wake_fd is not None:
            poll.register(wake_fd, select.POLLIN)
        left = deadline - time.monotonic()
        ready = poll.poll(left * 1000 + 1) if left > 0 else []
        if not ready:
            return "timeout"
        for fd, _event in ready:
            if fd == wake_fd:
                return "cancelled"
            conversation, name = busy[fd]
            if name == "stdin":
                conversation.feed()
            else:
                conversation.hear(name)
