"""What btfview has written into sources, so that it can be taken back."""

from __future__ import annotations

from collections import deque

from .file_edit import replace_file

_REMEMBERED = 20
"""Writes that can be taken back."""


class Writes:
    """The last writes: path, bytes before and after."""

    def __init__(self) -> None:
        self._writes: deque[tuple[str, bytes, bytes]] = deque(maxlen=_REMEMBERED)

    def note(self, path: str, before: bytes, after: bytes) -> None:
        """Remember a write that was done."""
        if before != after:
            self._writes.append((path, before, after))

    def undo(self) -> str | None:
        """Take the last write back and return its path; None where there is none.

        Raises:
            FileChangedError: another program has changed the file since; it stays as it is.
            BtfviewError: it cannot be written.
        """
        if not self._writes:
            return None
        path, before, after = self._writes[-1]
        replace_file(path, after, before)
        self._writes.pop()
        return path
