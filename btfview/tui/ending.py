"""Signals that end the program: unsaved text is kept, the terminal given back, then the signal has its way.

So whoever waits for the program sees which signal it was, and no thread that is still busy is waited for.
"""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from types import FrameType

    from textual.driver import Driver

_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
_OF_THE_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)
"""Sent to all programs of the terminal; while an editor has it, meant for that."""
_GRACE = 2.0
"""Seconds in which the screen may end by itself. It cannot where a long computation holds it up."""
_GIVE_BACK = (
    b"\x18"  # whatever sequence was half written
    b"\x1b[?2026l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?2048l\x1b[?1004l"
    b"\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h"
)
"""Undoes what Textual's driver asks a terminal for: updates at once, mouse, paste, sizes, focus, no wrapping,
kitty's keys, the alternate screen, a hidden cursor."""


class Endable(Protocol):
    """The application, as what ends it sees it."""

    editor_pid: int
    """The user's editor, while that has the terminal; else 0."""
    _driver: Driver | None

    def keep_unsaved(self) -> None: ...
    def exit(self) -> None: ...


class Ending:
    """What ends *app* from outside; in force from now on, for signals that the caller has not shut off."""

    def __init__(self, app: Endable, loop: asyncio.AbstractEventLoop) -> None:
        self._app = app
        self._loop = loop
        self._by = 0
        """The signal that ends us."""
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._caught)

    def _caught(self, number: int, _frame: FrameType | None) -> None:
        editor = self._app.editor_pid
        if editor and number in _OF_THE_KEYBOARD:
            return
        if self._by:  # again: whoever sends it does not want to wait
            self._end_now()
        self._by = number
        signal.signal(signal.SIGALRM, self._end_now)
        signal.setitimer(signal.ITIMER_REAL, _GRACE)
        self._app.keep_unsaved()
        if editor:  # it has the terminal, and ends first
            with contextlib.suppress(OSError):
                os.kill(editor, number)
        self._loop.call_soon_threadsafe(self._app.exit)

    def _end_now(self, *_signal: object) -> None:
        """Give the terminal back without the screen's help."""
        driver = self._app._driver
        before = getattr(driver, "attrs_before", None)
        if driver is not None and before is not None and not self._app.editor_pid:
            with contextlib.suppress(OSError, ValueError, termios.error):
                os.write(driver._file.fileno(), _GIVE_BACK)  # type: ignore[attr-defined]  # LinuxDriver's
                termios.tcsetattr(driver.fileno, termios.TCSANOW, before)  # type: ignore[attr-defined]
        self.finish()

    def finish(self) -> None:
        """Die of the signal that has ended the screen, if one has."""
        if self._by:
            signal.signal(self._by, signal.SIG_DFL)
            os.kill(os.getpid(), self._by)
