"""Record the screen: the real one, in a terminal of its own, as asciicast v2 (asciinema's file format).

The screen runs in a process of its own on a pseudo-terminal (:mod:`btfview.tui.recorded`), which says when it
has come to rest after a key. The times in the recording are those of the script, not those that this machine
took, so that a recording looks the same wherever it is made.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import struct
import sys
import time
from codecs import getincrementaldecoder

from btfview.errors import BtfviewError, UsageError
from btfview.frozen import TYPE_CHECKING, frozen

from .key_script import KeyPress, Pace, Wait
from .sgr import StyleWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from subprocess import Popen

    from btfview.compiler.options import CompileOptions

    from .key_script import Step

_MODES = re.compile(
    r"\x1b\[\?(?:1000|1002|1003|1004|1006|1015|1016|1049|2004|2048)[hl]"  # mouse, focus, paste, other screen
    r"|\x1b\[\?\d+\$p|\x1b\[[>=]?\d*c|\x1b\]1[01];\?(?:\x07|\x1b\\)"  # questions to the terminal
    r"|\x1b\[[<>=]\d*(?:;\d+)*u"  # kitty's keyboard protocol
    r"|\x1b\]22;[^\x07\x1b]*(?:\x07|\x1b\\)"  # the pointer's shape
)
"""What is for the terminal that the screen runs in, not for one that shows a recording: it would switch on
mouse reports there, or answer questions into somebody's shell."""
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_END = "\x1b[0m\x1b[?7h\x1b[?25h"
_FIRST_PACE, _LAST_HOLD = 0.6, 2.0
"""Seconds before each key, unless the script says otherwise; and for which the last frame stands."""
_QUIET = 0.08
"""Seconds without output, once the screen says that it is at rest."""
_GOODBYE = 5.0
"""Seconds that the screen has to end by itself."""


class RecordingError(BtfviewError):
    """The screen ended, or did not answer."""


@frozen
class Recording:
    """What a terminal was told, and when."""

    width: int
    """Columns."""
    height: int
    """Lines."""
    events: tuple[tuple[float, str], ...]
    """Seconds from the start, and what is written to the terminal then."""
    svg: str
    """The last frame as Textual draws it."""

    def asciicast(self, title: str) -> str:
        """Return the recording as asciicast v2: a line of JSON for the header and for each event."""
        header = {
            "version": 2,
            "width": self.width,
            "height": self.height,
            "title": title,
            "env": {"TERM": "xterm-256color"},
        }
        lines: list[object] = [header, *([at, "o", text] for at, text in self.events)]
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def record_screen(
    path: str,
    targets: Sequence[str],
    options: CompileOptions,
    steps: Sequence[Step],
    *,
    size: tuple[int, int],
    time_limit: float,
    prepare: Callable[[str], None] | None = None,
) -> Recording:
    """Return what the screen on *path* shows while *steps* are done.

    *prepare* may put into a folder what btfview is to remember there.

    *size* is in columns and lines, *time_limit* in seconds of this machine's time.

    Raises:
        UsageError: the steps take longer, or leave the screen before their end.
        RecordingError: the screen cannot be run.
    """
    import shutil
    import tempfile

    state = tempfile.mkdtemp(prefix="btfview-")  # the list of files opened lately is not touched
    screen = None
    try:
        if prepare is not None:
            prepare(os.path.join(state, "btfview"))
        screen = _Screen(path, targets, options, size, state, time.monotonic() + time_limit, time_limit)
        events = [*_play(screen, steps)]
        svg = screen.picture()
        end = max((at for at, _ in events), default=0.0) + _LAST_HOLD
        return Recording(*size, (*events, (round(end, 3), _END)), svg)
    finally:
        if screen is not None:
            screen.close()
        shutil.rmtree(state, ignore_errors=True)


def _play(screen: _Screen, steps: Sequence[Step]) -> Iterator[tuple[float, str]]:
    """Yield the events; the clock is the script's."""
    clock, pace = 0.0, _FIRST_PACE
    yield clock, screen.settle("at its start")
    for number, step in enumerate(steps, start=1):
        match step:
            case Pace(seconds):
                pace = seconds
            case Wait(seconds):
                for offset, text in screen.watch(seconds):
                    yield round(clock + offset, 3), text
                clock += seconds
            case KeyPress(name, text):
                clock += pace
                shown = screen.press(text, f"after <{name}>, step {number} of {len(steps)}")
                if shown:
                    yield round(clock, 3), shown


class _Screen:
    """The process that runs the screen, its terminal, and a line to ask it things."""

    def __init__(
        self,
        path: str,
        targets: Sequence[str],
        options: CompileOptions,
        size: tuple[int, int],
        state: str,
        deadline: float,
        time_limit: float,
    ) -> None:
        import fcntl
        import subprocess
        import termios

        self._deadline, self._time_limit = deadline, time_limit
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._tail = ""
        self._styles = StyleWriter()
        self._line, theirs = socket.socketpair()
        self._terminal, terminal = os.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", size[1], size[0], 0, 0))
        job = {
            "path": path,
            "targets": list(targets),
            "options": options.values(),
            "line": theirs.fileno(),
        }
        try:
            self._process: Popen[bytes] = subprocess.Popen(
                [sys.executable, "-m", "btfview.tui.recorded", json.dumps(job)],
                stdin=terminal,
                stdout=terminal,
                stderr=terminal,
                env=_environment(state),
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except OSError as error:
            raise RecordingError(f"the screen cannot be started: {error.strerror or error}") from error
        finally:
            os.close(terminal)
            theirs.close()

    def press(self, text: str, when: str) -> str:
        """Send a key; return what the screen draws until it is at rest."""
        try:
            os.write(self._terminal, text.encode())
        except OSError as error:
            raise self._ended(when) from error
        return self.settle(when)

    def settle(self, when: str) -> str:
        """Return what the screen draws until it says that nothing is under way."""
        self._tell(b"settle\n", when)
        shown, answer = [], b""
        while not answer.endswith(b"\n"):
            text, said = self._read(_QUIET, when)
            shown.append(text)
            answer += said
        while text := self._read(_QUIET, when)[0]:
            shown.append(text)
        return self._shown("".join(shown))

    def watch(self, seconds: float) -> Iterator[tuple[float, str]]:
        """Yield what is drawn in the next *seconds*, which really pass, with tenths of a second from now."""
        start = time.monotonic()
        while (left := start + seconds - time.monotonic()) > 0:
            text = self._shown(self._read(left, "in a pause")[0])
            if text:
                yield min(seconds, round(time.monotonic() - start, 1)), text

    def _shown(self, text: str) -> str:
        return self._styles.write(_MODES.sub("", text))

    def picture(self) -> str:
        """Return what is shown, as SVG."""
        self._tell(b"picture\n", "at its end")
        data = b""
        while not data.endswith(b"</svg>\n"):
            data += self._read(_QUIET, "at its end")[1]
        return data.decode("utf-8", "replace")

    def close(self) -> None:
        """End the process, whatever it does."""
        import signal
        import subprocess

        try:
            self._line.close()  # the screen takes that for the end
            self._drain(time.monotonic() + _GOODBYE)
            self._process.wait(timeout=0.1)
        except (OSError, subprocess.TimeoutExpired):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        finally:
            os.close(self._terminal)

    def _drain(self, until: float) -> None:
        """Read on, or the screen could wait for ever to write its last words."""
        import select

        while self._process.poll() is None and time.monotonic() < until:
            if select.select([self._terminal], [], [], 0.05)[0]:
                try:
                    os.read(self._terminal, 65536)
                except OSError:
                    return

    def _tell(self, line: bytes, when: str) -> None:
        try:
            self._line.sendall(line)
        except OSError as error:
            raise self._ended(when) from error

    def _read(self, seconds: float, when: str) -> tuple[str, bytes]:
        """Return what was drawn and said within *seconds*, at once when there is something."""
        import select

        left = self._deadline - time.monotonic()
        if left <= 0:
            raise UsageError(
                f"--keys: the screen is not done {when} within --time-limit {self._time_limit:g} s; "
                "give it more"
            )
        ready = select.select([self._terminal, self._line.fileno()], [], [], min(seconds, left))[0]
        text, said = "", b""
        if self._terminal in ready:
            try:
                data = os.read(self._terminal, 65536)
            except OSError as error:  # Linux: the other side of the pty is closed
                raise self._ended(when) from error
            text = self._decoder.decode(data)
            self._tail = (self._tail + text)[-4000:]
        if self._line.fileno() in ready:
            said = self._line.recv(65536)
            if not said:
                raise self._ended(when)
        return text, said

    def _ended(self, when: str) -> BtfviewError:
        code = self._process.wait()
        if code == 0:
            return UsageError(f"--keys: the screen was left {when}; a recording ends by itself, without q")
        words = [line.strip() for line in _ANSI.sub("", self._tail).splitlines() if line.strip()]
        return RecordingError(
            f"the screen ended with code {code} {when}: {words[-1] if words else 'no words'}"
        )


def _environment(state: str) -> dict[str, str]:
    """Return this environment as a terminal of known abilities."""
    unwanted = ("COLUMNS", "LINES", "NO_COLOR", "TMUX", "STY", "TERM_PROGRAM", "WT_SESSION")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "XDG_STATE_HOME": state}
    # The same packages as here: those of a zipapp are where the environment does not say.
    path = os.pathsep.join(folder for folder in sys.path if os.path.isabs(folder))
    return {**kept, **terminal, "PYTHONUTF8": "1", "PYTHONPATH": path}
