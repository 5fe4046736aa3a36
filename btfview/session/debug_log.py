"""A log of what the screen does, for ``--debug FILE``: requests, answers, messages, errors, with their times.

Nothing is imported or written where it was not asked for.
"""

from __future__ import annotations

import time

from btfview.errors import UnreadableFileError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

_file: TextIO | None = None
_started = 0.0


def open_log(path: str, arguments: list[str]) -> None:
    """Begin a log at *path*, in the place of what is there; versions and the command line first.

    Raises:
        UnreadableFileError: it cannot be written.
    """
    import os
    import shlex

    from btfview.versions import version_lines

    global _file, _started
    try:
        _file = open(path, "w", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115
    except OSError as error:
        problem = os.strerror(error.errno or 0).lower()
        raise UnreadableFileError(f"cannot be written as a log: {problem}", path=path) from error
    _started = time.monotonic()
    note(f"{'; '.join(version_lines())}; btfview {shlex.join(arguments)}")


def close_log() -> None:
    global _file
    if _file is not None:
        _file.close()
        _file = None


def note(text: str) -> None:
    """Write a line, with the seconds since the start; any thread may."""
    if _file is not None:
        try:
            _file.write(f"{time.monotonic() - _started:9.3f} {text}\n")
        except (OSError, ValueError):  # a full disk, or closed meanwhile: the screen goes on
            return
