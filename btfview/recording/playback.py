"""Show a recording on this terminal while it is made, until its end or until a key is pressed."""

from __future__ import annotations

import contextlib
import sys
import time

from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

from .script_file import LARGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J"
_LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"


class PlaybackStoppedError(Exception):
    """Somebody pressed a key."""


class Playback:
    """A terminal that shows events at their times; work that takes longer moves those that follow."""

    def __init__(self, keys: int) -> None:
        self.keys = keys
        """A file descriptor: when it can be read, somebody has pressed a key."""
        self._start: float | None = None

    def show(self, at: float, text: str) -> None:
        """Write *text*, *at* seconds after the first one.

        Raises:
            PlaybackStoppedError: a key was pressed before.
        """
        import select

        now = time.monotonic()
        if self._start is None or now > self._start + at:
            self._start = now - at
        if select.select([self.keys], [], [], self._start + at - now)[0]:
            raise PlaybackStoppedError
        _write(text)


def _write(text: str) -> None:
    """Write to the terminal, past what makes control characters of other outputs visible."""
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def size_to_play(wanted: tuple[int, int] | None, *, has_captions: bool) -> tuple[int, int]:
    """Return the columns and lines of a screen that fits this terminal, with a line for captions below it.

    Raises:
        UsageError: the terminal is smaller than what is *wanted*.
    """
    import os

    columns, lines = os.get_terminal_size(sys.stdout.fileno())
    width, height = wanted or (min(columns, LARGEST[0]), min(lines - has_captions, LARGEST[1]))
    if columns < width or lines < height + has_captions:
        raise UsageError(
            f"the script needs {width} columns and {height + has_captions} lines, and this terminal has "
            f"{columns} and {lines}: make it larger, or its letters smaller"
        )
    return width, height


@contextlib.contextmanager
def terminal_for_playback() -> Iterator[Playback]:
    """Give this terminal, its own screen put aside; afterwards it is as it was."""
    import termios
    import tty

    keys = sys.stdin.fileno()
    before = termios.tcgetattr(keys)
    try:
        tty.setcbreak(keys)
        _write(_ENTER)
        yield Playback(keys)
    finally:
        _write(_LEAVE)
        termios.tcsetattr(keys, termios.TCSAFLUSH, before)  # the key that ended it is no word for the shell
