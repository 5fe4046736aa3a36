"""Where targets put files: in memory, since a disk is asked to keep what is written over anew each time."""

from __future__ import annotations

import os
import tempfile

_MEMORY = "/dev/shm"
_FOLDER = tempfile.TemporaryDirectory(
    prefix="btfview-fuzz-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None
)


def path_of(name: str) -> str:
    """Return the path of a file *name* that this process alone uses, and that goes with it."""
    return os.path.join(_FOLDER.name, name)


def written(name: str, data: bytes) -> str:
    """Return the path of a file *name* that now holds *data*."""
    path = path_of(name)
    with open(path, "wb") as file:
        file.write(data)
    return path
