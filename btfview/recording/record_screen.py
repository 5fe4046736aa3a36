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

from .key_script import FIRST_PACE, Caption, KeyPress, Pace, Wait, WaitForText
from .pictures import Frame, animate, settle_svg
from .playback import PlaybackStoppedError
from .sgr import StyleWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from subprocess import Popen
    from typing import Any

    from btfview.compiler.options import CompileOptions

    from .key_script import Step
    from .playback import Playback
    from .script_file import KeyScript

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
_LAST_HOLD = 2.0
"""Seconds for which the last frame stands."""
_QUIET = 0.08
"""Seconds without output, once the screen says that it is at rest."""
_COMES_WITHIN = 20.0
"""Seconds of this machine in which a text that is waited for must be shown."""
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
    """Lines; with captions one more than the screen has."""
    events: tuple[tuple[float, str], ...]
    """Seconds from the start, and what is written to the terminal then."""
    captions: tuple[tuple[float, str], ...]
    """What the script calls what is shown from then on."""
    frames: tuple[Frame, ...]
    """After each step, where pictures of all were wanted; else the last one alone."""

    @property
    def svg(self) -> str:
        """The last frame."""
        return settle_svg(self.frames[-1].svg)

    @property
    def animation(self) -> str:
        """All frames, as one picture that moves."""
        return animate(self.frames, self.events[-1][0])

    @property
    def stills(self) -> tuple[Frame, ...]:
        """What each caption ends with; without captions the last frame."""
        pairs = zip(self.frames, self.frames[1:], strict=False)
        ends = [frame for frame, after in pairs if frame.caption and frame.caption != after.caption]
        return (*ends, self.frames[-1])

    def asciicast(self, title: str) -> str:
        """Return the recording as asciicast v2: a line of JSON for the header and for each event; captions
        are markers (``m``), at which a player can halt."""
        header = {
            "version": 2,
            "width": self.width,
            "height": self.height,
            "title": title,
            "env": {"TERM": "xterm-256color"},
        }
        events = [(at, "o", text) for at, text in self.events]
        events += [(at, "m", text) for at, text in self.captions]
        lines: list[object] = [header, *sorted(events, key=lambda event: event[0])]
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def record_screen(
    path: str,
    targets: Sequence[str],
    options: CompileOptions,
    script: KeyScript,
    *,
    size: tuple[int, int],
    time_limit: float,
    choice: Sequence[object] = (),
    prepare: Callable[[str], None] | None = None,
    playback: Playback | None = None,
    has_frames: bool = False,
) -> Recording:
    """Return what the screen on *path* shows while the steps of *script* are done.

    *choice* are the values of a :class:`~btfview.analysis.kernels.target_choice.TargetChoice`, none for
    every target; *prepare* may put into a folder what btfview is to remember there; each event is shown on
    *playback* as it comes; *has_frames* asks for a picture after each step.

    *size* is in columns and lines, *time_limit* in seconds of this machine's time.

    Raises:
        UsageError: the steps take longer, wait for what does not come, or leave the screen before their end.
        RecordingError: the screen cannot be run.
        PlaybackStoppedError: a key was pressed.
    """
    import shutil
    import tempfile

    state = tempfile.mkdtemp(prefix="btfview-")  # the list of files opened lately is not touched
    screen = None
    events: list[tuple[float, str]] = []
    try:
        if prepare is not None:
            prepare(os.path.join(state, "btfview"))
        job = {
            "path": path,
            "targets": list(targets),
            "options": options.values(),
            "theme": script.theme,
            "choice": choice,
        }
        screen = _Screen(job, size, state, time_limit, playback.keys if playback is not None else None)
        take = _Take(screen, size, has_frames=has_frames)
        for event in take.play(script.steps):
            events.append(event)
            if playback is not None:
                playback.show(*event)
        frames = (*take.frames, Frame(take.clock, take.caption, screen.picture(take.caption)))
        end = (round(max((at for at, _ in events), default=0.0) + _LAST_HOLD, 3), _END)
        height = size[1] + script.has_captions
        return Recording(size[0], height, (*events, end), tuple(take.captions), frames)
    finally:
        if screen is not None:
            screen.close()
        shutil.rmtree(state, ignore_errors=True)


class _Take:
    """The steps being done on a screen; the clock is the script's."""

    def __init__(self, screen: _Screen, size: tuple[int, int], *, has_frames: bool) -> None:
        self._screen, self._size, self._has_frames = screen, size, has_frames
        self.clock = 0.0
        self.caption = ""
        self.captions: list[tuple[float, str]] = []
        self.frames: list[Frame] = []

    def play(self, steps: Sequence[Step]) -> Iterator[tuple[float, str]]:
        """Yield the events."""
        pace = FIRST_PACE
        yield self.clock, self._screen.settle("at its start")
        for number, step in enumerate(steps, start=1):
            match step:
                case Pace(seconds):
                    pace = seconds
                case Wait(seconds):
                    self._keep_frame()
                    for offset, text in self._screen.watch(seconds):
                        yield round(self.clock + offset, 3), text
                    self.clock += seconds
                case WaitForText():
                    if shown := self._screen.wait_for(step):
                        yield round(self.clock, 3), shown
                case Caption(text):
                    self._keep_frame()
                    self.caption = text
                    self.captions.append((round(self.clock, 3), text))
                    yield round(self.clock, 3), self._caption_line()
                case KeyPress(name, text):
                    self._keep_frame()
                    self.clock += pace
                    shown = self._screen.press(text, f"after <{name}>, step {number} of {len(steps)}")
                    if shown:
                        yield round(self.clock, 3), shown

    def _keep_frame(self) -> None:
        """Take a picture of what stands, before the next step changes it."""
        if self._has_frames:
            self.frames.append(Frame(self.clock, self.caption, self._screen.picture(self.caption)))

    def _caption_line(self) -> str:
        """Return what writes the caption below the screen, and leaves cursor and colours as they were."""
        columns, lines = self._size
        text = f" {self.caption}"[:columns].ljust(columns)
        return f"\x1b7\x1b[{lines + 1};1H\x1b[0;1;7m{text}\x1b[0m\x1b8"


class _Screen:
    """The process that runs the screen, its terminal, and a line to ask it things."""

    def __init__(
        self, job: dict[str, Any], size: tuple[int, int], state: str, time_limit: float, stop: int | None
    ) -> None:
        import fcntl
        import subprocess
        import termios

        self._deadline, self._time_limit = time.monotonic() + time_limit, time_limit
        self._stop = [] if stop is None else [stop]
        """What can be read once somebody wants an end."""
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._tail = ""
        self._late = ""
        """What was drawn while a picture was taken; it is shown with the next step."""
        self._styles = StyleWriter()
        self._line, theirs = socket.socketpair()
        self._terminal, terminal = os.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", size[1], size[0], 0, 0))
        try:
            self._process: Popen[bytes] = subprocess.Popen(
                [sys.executable, "-m", "btfview.tui.recorded", json.dumps({**job, "line": theirs.fileno()})],
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
        return self._asked({"wish": "settle"}, when)[0]

    def wait_for(self, step: WaitForText) -> str:
        """Return what the screen draws until a text is shown, and what follows from it."""
        when = f"while it waits for {step.text!r} ({step.where})"
        shown, answer = self._asked({"wish": "wait", "text": step.text, "seconds": _COMES_WITHIN}, when)
        if answer != "found":
            raise UsageError(
                f"{step.where}: {step.text!r} is not shown within {_COMES_WITHIN:g} s; what is: {answer}"
            )
        return shown + self.settle(when)

    def _asked(self, wish: dict[str, object], when: str) -> tuple[str, str]:
        """Return what is drawn meanwhile, and the answer."""
        self._tell(wish, when)
        shown, answer = [], b""
        while not answer.endswith(b"\n"):
            text, said = self._read(_QUIET, when)
            shown.append(text)
            answer += said
        while text := self._read(_QUIET, when)[0]:
            shown.append(text)
        return self._shown("".join(shown)), answer.decode("utf-8", "replace").strip()

    def watch(self, seconds: float) -> Iterator[tuple[float, str]]:
        """Yield what is drawn in the next *seconds*, which really pass, with tenths of a second from now."""
        start = time.monotonic()
        while (left := start + seconds - time.monotonic()) > 0:
            text = self._shown(self._read(left, "in a pause")[0])
            if text:
                yield min(seconds, round(time.monotonic() - start, 1)), text

    def _shown(self, text: str) -> str:
        text, self._late = self._late + text, ""
        return self._styles.write(_MODES.sub("", text))

    def picture(self, title: str) -> str:
        """Return what is shown, as SVG."""
        self._tell({"wish": "picture", "title": title or "btfview"}, "at its end")
        data = b""
        while not data.endswith(b"</svg>\n"):
            text, said = self._read(_QUIET, "at its end")
            data += said
            self._late += text
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

    def _tell(self, wish: dict[str, object], when: str) -> None:
        try:
            self._line.sendall(json.dumps(wish).encode() + b"\n")
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
        ready = select.select([self._terminal, self._line.fileno(), *self._stop], [], [], min(seconds, left))[
            0
        ]
        if self._stop and self._stop[0] in ready:
            raise PlaybackStoppedError
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
