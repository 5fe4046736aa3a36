"""Notice that a file was saved, by any editor, without asking the operating system for events.

A poll is one ``stat`` of a few microseconds. It works on every file system, and for editors that write in
place as well as for those that write a new file and rename it over the old one.
"""

from __future__ import annotations

import os
import time
from stat import S_ISDIR

from btfview.errors import reason_of
from btfview.frozen import TYPE_CHECKING, frozen

from .projects import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias


@frozen
class Signature:
    """What tells one state of a file from another."""

    mtime_ns: int
    ctime_ns: int
    """Changes with a rename over the file and with its permissions, where the other fields may not."""
    size: int
    inode: int


@frozen
class Trouble:
    """Why there is no file to read."""

    problem: str


if TYPE_CHECKING:
    Sight: TypeAlias = Signature | Trouble


def look(path: str) -> Sight:
    """Return what is at *path* now; what cannot be read as a file is a :class:`Trouble`."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return Trouble("the file is gone")
    except (OSError, ValueError) as error:
        return Trouble(reason_of(error))
    if S_ISDIR(status.st_mode):
        return Trouble("is a directory now")
    return Signature(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


class FileWatch:
    """Tells of each settled change of one file, and of those that it includes; of a project's folder it
    is the manifest.

    A change is reported by the second poll that sees the same, so that a file is not read while it is
    being written, and the moment between an editor's unlink and rename is not taken for a loss.
    """

    def __init__(self, path: str) -> None:
        manifest = os.path.join(path, MANIFEST)
        self.path = manifest if os.path.isfile(manifest) else path
        self._settled = look(self.path)
        self._pending: Sight | None = None
        self._begun = time.time_ns()
        self._headers: tuple[FileWatch, ...] = ()

    def poll(self) -> Sight | None:
        """Return the new state of the file once, when it differs from the last and has settled; also where
        a file that it includes has changed."""
        sight = look(self.path)
        if sight == self._settled:
            self._pending = None
            changed = [header for header in self._headers if header.poll() is not None]
            return sight if changed and isinstance(sight, Signature) else None
        if sight != self._pending:
            self._pending = sight
            return None
        self._settled, self._pending = sight, None
        return sight

    def include(self, headers: Iterable[str]) -> None:
        """Tell of *headers*, too, from the moment on at which this watch began: they were read after it."""
        watches = tuple(FileWatch(path) for path in headers)
        now = time.time_ns()
        for watch in watches:
            sight = watch._settled
            if isinstance(sight, Signature) and self._begun <= sight.mtime_ns <= now:
                watch._settled = Trouble("changed since it was read")
        self._headers = watches
