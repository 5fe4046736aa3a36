"""Text that is being edited and not saved, kept beside the list of recent files: a killed process or a lost
terminal takes no more than the last second of it.

Each process keeps its own, so that two editors of one file leave one another's alone. A convenience like that
list: where it cannot be written, it is not.
"""

from __future__ import annotations

import contextlib
import hashlib
import os

from .recent import state_folder
from .write_file import write_file

_ENDED = ("Z", "X")
_NAME_BYTES = 160
"""Of the file's name, which may be as long as names can be: its end, to know it by."""


def keep_text(path: str, text: str) -> None:
    """Keep *text*, which is not what the file *path* holds."""
    target = rescue_path(path)
    with contextlib.suppress(OSError, ValueError):
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        write_file(target, text.encode("utf-8", "surrogatepass"), mode=0o600)


def forget_text(path: str) -> None:
    """The text of *path* was saved, or is not wanted."""
    with contextlib.suppress(OSError, ValueError):
        os.unlink(rescue_path(path))


def kept_texts(path: str) -> list[str]:
    """Return the files that hold text of *path* that was never saved and that nobody edits any more."""
    prefix = f"{_number(path)}-"
    try:
        names = os.listdir(_folder())
    except OSError:
        return []
    return [
        os.path.join(_folder(), name)
        for name in sorted(names)
        if name.startswith(prefix) and not _is_edited(name.removeprefix(prefix))
    ]


def set_apart(kept: str) -> str:
    """Return *kept*, a file of :func:`kept_texts`, under a name that is not looked at again."""
    try:
        apart = os.path.join(_folder(), f"lost-{int(os.path.getmtime(kept))}-{os.path.basename(kept)}")
        os.replace(kept, apart)
    except OSError:
        return kept
    return apart


def rescue_path(path: str) -> str:
    """Return where this process keeps the unsaved text of the file *path*."""
    pid = os.getpid()
    name = os.fsencode(os.path.basename(os.path.realpath(path)))[-_NAME_BYTES:]
    shown = name.decode("utf-8", "replace")
    return os.path.join(_folder(), f"{_number(path)}-{pid}.{_start_of(pid)}-{shown}")


def _folder() -> str:
    return os.path.join(state_folder(), "unsaved")


def _number(path: str) -> str:
    return hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:12]


def _is_edited(rest: str) -> bool:
    """Tell whether the process that ``PID.START-NAME`` is of still runs; this one begins to edit only now."""
    pid, _, start = rest.partition("-")[0].partition(".")
    return pid.isdecimal() and int(pid) != os.getpid() and _start_of(int(pid)) == start


def _start_of(pid: int) -> str:
    """Return when process *pid* began, in ticks since the machine did (proc(5), stat): a number may be used
    again. Empty where there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in _ENDED else fields[19]
