"""Colour of what commands print, and how wide the terminal is that they print it on."""

from __future__ import annotations

import contextlib
import os
import sys

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TextIO

_LEAST_COLUMNS = 60
_COLOURS = {"✔": "32", "▲": "35", "○": "2", "?": "33", "✖": "1;31", "≠": "1;31", "!": "1;31"}
"""Of the signs of states, by ECMA-48's numbers; the same as the screen's, as far as sixteen colours go."""
_STATE = r"(?m)(?:^|(?<=  ))([✔▲○✖≠!?]) \S+(?: \S+)*"
"""A sign, and the words behind it up to a gap."""


def is_colored(choice: str, path: str = "-") -> bool:
    """Tell whether text goes out in colour; NO_COLOR (no-color.org) and a dumb terminal say no."""
    if choice != "auto":
        return choice == "always"
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return path == "-" and sys.stdout.isatty() and not is_plain


def columns(most: int) -> int:
    """Return how wide the terminal is; *most* where it does not tell."""
    try:
        found = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):  # no terminal; or a stream without a file
        return most
    return min(max(found, _LEAST_COLUMNS), most) if found else most


@contextlib.contextmanager
def states_in_colour(choice: str) -> Iterator[None]:
    """Give the states of what is printed meanwhile their colours, where *choice* and the terminal want that;
    the word beside each says the same."""
    if not is_colored(choice):
        yield
        return
    stdout = sys.stdout
    sys.stdout = PaintedStream(stdout)
    try:
        yield
    finally:
        sys.stdout = stdout


class PaintedStream:
    """Text for *stream*, with colours for states; each is written as a whole."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        return self._stream.write(painted(text))


def painted(text: str) -> str:
    """Return *text* with colours for its states.

    >>> painted("#1  ✖ missing  b")
    '#1  \\x1b[1;31m✖ missing\\x1b[0m  b'
    """
    import re

    return re.sub(_STATE, lambda found: f"\x1b[{_COLOURS[found[1]]}m{found[0]}\x1b[0m", text)
