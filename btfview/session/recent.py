"""The files opened last, kept in ``$XDG_STATE_HOME/btfview`` (default ``~/.local/state``).

A convenience, so it never stands in the way: a list that cannot be read is empty, one that cannot be
written is not written.
"""

from __future__ import annotations

import os

from btfview.errors import InputError
from btfview.inputs import MAX_TEXT, read_input

from .write_file import write_file

RECENT_LIMIT = 20


def state_folder() -> str:
    """Return the folder for what btfview remembers; it need not exist."""
    base = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):  # the XDG base directory specification: ignore a relative path
        base = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "btfview")


def recent_files() -> tuple[str, ...]:
    """Return absolute paths, newest first; files that no longer exist are left out."""
    import json

    try:
        entries = json.loads(read_input(_list_path(), MAX_TEXT))
    except (InputError, ValueError, RecursionError):
        return ()
    if not isinstance(entries, list):
        return ()
    paths = [entry for entry in entries if isinstance(entry, str) and "\0" not in entry]
    return tuple(path for path in paths[:RECENT_LIMIT] if os.path.isfile(path))


def remember_file(path: str) -> None:
    """Put *path* at the head of the list."""
    import json

    path = os.path.abspath(path)
    entries = [path, *(entry for entry in recent_files() if entry != path)][:RECENT_LIMIT]
    try:
        os.makedirs(state_folder(), mode=0o700, exist_ok=True)
        write_file(_list_path(), json.dumps(entries).encode())
    except OSError:
        return


def _list_path() -> str:
    return os.path.join(state_folder(), "recent.json")
