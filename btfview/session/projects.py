"""Cargo projects whose building was announced, in ``$XDG_STATE_HOME/btfview/projects.json``.

Building a project runs the build scripts and procedural macros of its crates, whoever wrote them; that is
said once, before the first time.
"""

from __future__ import annotations

import os

from btfview.errors import InputError
from btfview.inputs import MAX_TEXT, read_input

from .recent import state_folder
from .write_file import write_file

MANIFEST = "Cargo.toml"
LIMIT = 1_000
WHAT_RUNS = "runs the build scripts and procedural macros of its crates on this machine"


def project_of(path: str) -> str | None:
    """Return the whole path of the folder of the project that *path* names, itself or by its manifest; None
    for what is no project."""
    folder = os.path.dirname(path) if os.path.basename(path) == MANIFEST else path
    folder = os.path.realpath(folder or os.curdir)
    return folder if os.path.isfile(os.path.join(folder, MANIFEST)) else None


def is_known(project: str, state: str | None = None) -> bool:
    """Return whether it was said of *project*, in the folder *state* (default: the user's)."""
    return project in _known(state)


def remember(project: str, state: str | None = None) -> None:
    """Note that it was said of *project*; where that cannot be kept, it is said again."""
    import json

    entries = [project, *(entry for entry in _known(state) if entry != project)][:LIMIT]
    try:
        os.makedirs(state or state_folder(), mode=0o700, exist_ok=True)
        write_file(_path(state), json.dumps(entries).encode())
    except OSError:
        return


def _known(state: str | None) -> tuple[str, ...]:
    import json

    try:
        entries = json.loads(read_input(_path(state), MAX_TEXT))
    except (InputError, ValueError, RecursionError):
        return ()
    if not isinstance(entries, list):
        return ()
    return tuple(entry for entry in entries if isinstance(entry, str))


def _path(state: str | None) -> str:
    return os.path.join(state or state_folder(), "projects.json")
