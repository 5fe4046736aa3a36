"""A file about an error of btfview's own, which its user can attach to a report of it."""

from __future__ import annotations

import contextlib
import os

from btfview.frozen import TYPE_CHECKING

from .recent import state_folder
from .write_file import create_file

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEPT = 10
"""Reports; older ones are deleted."""
WHERE = "the project's issues"


def write_crash_report(error: BaseException, arguments: Sequence[str]) -> str | None:
    """Write what a maintainer asks for first, and return the path; None where nothing can be written.

    In it: versions, the command line *arguments*, the traceback. No line of an input or of a source is.
    """
    import shlex
    import time
    import traceback

    from btfview.versions import version_lines

    parts = [
        "btfview crash report",
        "",
        *version_lines(),
        "",
        f"command: btfview {shlex.join(arguments)}",
        f"terminal: {os.environ.get('TERM', '')} {os.environ.get('COLORTERM', '')}".rstrip(),
        "",
        "".join(traceback.format_exception(error)),
    ]
    folder = os.path.join(state_folder(), "crashes")
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{os.urandom(2).hex()}.txt"
    path = os.path.join(folder, name)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        create_file(path, "\n".join(parts).encode("utf-8", "backslashreplace"))
        for old in sorted(os.listdir(folder))[:-_KEPT]:
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, old))
    except OSError:
        return None
    return path


def crash_text(path: str | None) -> str:
    """Return what the user is told of a report at *path*."""
    if path is None:
        return (
            f"This is a bug in btfview. Please report it in {WHERE}, with the output of the same command "
            "under BTFVIEW_TRACEBACK=1, and with the files that it reads."
        )
    return (
        f"This is a bug in btfview. Please report it in {WHERE} and attach {path}, which has versions, "
        "command line and Python's traceback (BTFVIEW_TRACEBACK=1 shows it here), and the files that the "
        "command reads, if they may be shown."
    )
