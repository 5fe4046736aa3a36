"""Colour of what commands print, and how wide the terminal is that they print it on."""

from __future__ import annotations

import contextlib
import os
import sys

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TextIO

_LEAST_COLUMNS = 60
_MOST_COLUMNS = 1000
"""Of a terminal that is believed."""
_COLOURS = {"✔": "32", "▲": "35", "○": "2", "?": "33", "✖": "1;31", "≠": "1;31", "!": "1;31"}
"""Of the signs of states, by ECMA-48's numbers; the same as the screen's, as far as sixteen colours go."""
_STATE = r"(?m)(?:^|(?<=  ))([✔▲○✖≠!?]) \S+(?: \S+)*"
"""A sign, and the words behind it up to a gap."""
_CHANGE = r"(?m)^(?P<new> +\+ .*)$|^(?P<old> +- .*)$"
_DIFF = r"(?m)^(?P<name>(?:---|\+\+\+) .*)$|^(?P<place>@@ .*)$|^(?P<new>\+.*)$|^(?P<old>-.*)$"
"""As diff -u writes it."""
_LAYOUT = r"(?P<comment>/\*.*?\*/)|\b(?P<keyword>struct|union|enum|typedef|const|volatile|func|var|fwd)\b"
_PARTS = {"new": "32", "old": "31", "name": "1", "place": "36", "comment": "2", "keyword": "36"}


def is_colored(choice: str, path: str = "-") -> bool:
    """Tell whether text goes out in colour; NO_COLOR (no-color.org) and a dumb terminal say no."""
    if choice != "auto":
        return choice == "always"
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return path == "-" and sys.stdout.isatty() and not is_plain


def terminal_width(most: int = _MOST_COLUMNS) -> int:
    """Return how wide the terminal is that stdout is; 0 where it is none."""
    return columns(most) if sys.stdout.isatty() else 0


def columns(most: int) -> int:
    """Return how wide the terminal is; *most* where it does not tell."""
    try:
        found = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):  # no terminal; or a stream without a file
        return most
    return min(max(found, _LEAST_COLUMNS), most) if found else most


def has_json(args: Any) -> bool:
    """Tell whether what a command prints is for programs."""
    return bool(getattr(args, "json", False)) or "json" in (getattr(args, "format", None) or "")


@contextlib.contextmanager
def in_colour(choice: str, command: str) -> Iterator[None]:
    """Give what *command* prints meanwhile its colours, where *choice* and the terminal want that: states,
    what is new and what is gone, C; the text says the same without them."""
    if not is_colored(choice):
        yield
        return
    stdout = sys.stdout
    paint = {"diff": painted_changes, "fix": painted_diff, "types": painted_layout}.get(command, painted)
    sys.stdout = PaintedStream(stdout, paint)
    try:
        yield
    finally:
        sys.stdout = stdout


def is_in_colour() -> bool:
    """Tell whether what is printed now gets colours."""
    return isinstance(sys.stdout, PaintedStream)


class PaintedStream:
    """Text for *stream*, which *paint* gives its colours; what belongs together is written as a whole."""

    def __init__(self, stream: TextIO, paint: Callable[[str], str]) -> None:
        self._stream, self._paint = stream, paint

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        return self._stream.write(self._paint(text))


def painted(text: str) -> str:
    """Return *text* with colours for its states.

    >>> painted("#1  ✖ missing  b")
    '#1  \\x1b[1;31m✖ missing\\x1b[0m  b'
    """
    import re

    return re.sub(_STATE, lambda found: f"\x1b[{_COLOURS[found[1]]}m{found[0]}\x1b[0m", text)


def painted_changes(text: str) -> str:
    """Return *text* with colours for states, and for lines of what is new and what is gone.

    >>> painted_changes("  + added  a")
    '\\x1b[32m  + added  a\\x1b[0m'
    """
    return _by_part(_CHANGE, painted(text))


def painted_diff(text: str) -> str:
    """Return the unified diff *text* in the colours of ``git diff``.

    >>> painted_diff("-a")
    '\\x1b[31m-a\\x1b[0m'
    """
    return _by_part(_DIFF, text)


def painted_layout(text: str) -> str:
    """Return types in C or as a list with colours for keywords and comments.

    >>> painted_layout("struct a; /* 4 */")
    '\\x1b[36mstruct\\x1b[0m a; \\x1b[2m/* 4 */\\x1b[0m'
    """
    return _by_part(_LAYOUT, text)


def _by_part(pattern: str, text: str) -> str:
    import re

    return re.sub(pattern, lambda found: f"\x1b[{_PARTS[found.lastgroup or '']}m{found[0]}\x1b[0m", text)
