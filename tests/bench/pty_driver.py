"""A program on a pseudo-terminal, driven by keys and timed by what it draws. Linux, standard library only."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from types import TracebackType

COLUMNS, LINES = 160, 48
_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[ -/]+[0-~]|[@-Z\\-_=>])"
)


class ScreenTimeoutError(Exception):
    """What was waited for did not appear; ``str()`` says what, and what was drawn last."""


class Terminal:
    """*argv* in a terminal of 160 columns and 48 lines, which answers no questions about itself."""

    def __init__(self, argv: list[str]) -> None:
        self.output = b""
        """All that was drawn, escape sequences included."""
        self.started = self.last_output = time.perf_counter()
        """When the program was started, and when it last drew something."""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                _set_size(0, COLUMNS, LINES)
                # By a shell for what it runs behind `&`, and by nohup.
                for shut_off in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
                    signal.signal(shut_off, signal.SIG_DFL)
                os.execvpe(argv[0], argv, _environment())
            finally:
                os._exit(127)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)  # the child leads the session that the terminal belongs to
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    def press(self, keys: str) -> float:
        """Write *keys*; return the time of it (:func:`time.perf_counter`)."""
        pressed = time.perf_counter()
        os.write(self._fd, keys.encode())
        return pressed

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the terminal, which tells the program so."""
        _set_size(self._fd, columns, lines)

    def wait_for(self, patterns: tuple[str, ...], since: int = 0, limit: float = 60.0) -> float:
        """Return when all *patterns* (regexes) have been drawn after byte *since* of the output.

        Raises:
            ScreenTimeoutError: *limit* seconds went by, or the program ended, before that.
        """
        deadline = time.perf_counter() + limit
        while True:
            text = drawn_text(self.output[since:])
            missing = [pattern for pattern in patterns if not re.search(pattern, text)]
            if not missing:
                return self.last_output
            if not self._read(deadline - time.perf_counter()):
                tail = " ".join(text.split())[-300:]
                raise ScreenTimeoutError(f"never drew {', '.join(missing)}; the last it drew: {tail!r}")

    def wait_until_quiet(self, quiet: float = 0.15, limit: float = 15.0) -> float:
        """Return when the last output came before *quiet* seconds without any."""
        deadline = time.perf_counter() + limit
        while time.perf_counter() < deadline and self._read(quiet):
            pass
        return self.last_output

    def _read(self, timeout: float) -> bool:
        ready, _, _ = select.select([self._fd], [], [], max(timeout, 0))
        if not ready:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:  # EIO: the program has ended
            return False
        self.last_output = time.perf_counter()
        self.output += data
        return bool(data)


def _set_size(terminal: int, columns: int, lines: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def _environment() -> dict[str, str]:
    """Return the environment for a program on the terminal, whose size is nobody else's to say."""
    outer = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    return {**outer, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}


def drawn_text(output: bytes) -> str:
    """Return *output* without escape sequences, in the order it was drawn."""
    return _ESCAPES.sub(b" ", output).decode("utf-8", "replace")
