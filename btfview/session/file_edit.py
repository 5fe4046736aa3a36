"""Change a user's source file, and nothing else of it: byte for byte what was not edited stays.

A file is replaced at once, by a new one that takes its name, and only while it still holds what it held when
it was read: what another program has written in between is never lost.
"""

from __future__ import annotations

import contextlib
import os
import stat

from btfview.changes.shortest_edit import common_ends
from btfview.errors import FileChangedError, UnreadableFileError, UsageError, reason_of
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.inputs import MAX_TEXT, read_input

from .demo import is_demo
from .write_file import NotExpectedError, write_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOM = "\ufeff"


@frozen
class FileText:
    """A text file as it was read."""

    path: str
    data: bytes

    @property
    def text(self) -> str:
        """Its lines, parted by ``\\n`` alone, without a byte order mark."""
        return self.data.decode("utf-8").removeprefix(_BOM).replace("\r\n", "\n")

    @property
    def has_tabs(self) -> bool:
        """Lines are indented by tabs."""
        return b"\n\t" in self.data or self.data.startswith(b"\t")

    @property
    def newline(self) -> str:
        """What ends most lines."""
        crlf = self.data.count(b"\r\n")
        return "\r\n" if crlf * 2 > self.data.count(b"\n") else "\n"

    def with_text(self, text: str) -> bytes:
        """Return the file's bytes with *text*, lines parted by ``\\n``, in place of its own.

        A line that was there ends as it did; a new one as most do.

        >>> FileText("a.rs", b"a\\r\\nb\\nc").with_text("a\\nnew\\nb\\nc")
        b'a\\r\\nnew\\nb\\nc'
        """
        whole = self.data.decode("utf-8")
        start = _BOM if whole.startswith(_BOM) else ""
        before = whole.removeprefix(_BOM).split("\n")
        old, ends = [], []
        for line in before:
            ends.append("\r\n" if line.endswith("\r") else "\n")
            old.append(line.removesuffix("\r"))
        new = text.split("\n")
        first, last = common_ends(old, new)
        added = len(new) - first - last
        is_changed = added == len(old) - first - last  # lines are others, not more or fewer
        middle = ends[first : first + added] if is_changed else [self.newline] * added
        kept = [*ends[:first], *middle, *(ends[len(ends) - last :] if last else ())]
        if first + added + last and first == len(old):
            kept[first - 1] = self.newline  # the last line of the file ended with nothing
        parts = [f"{line}{end}" for line, end in zip(new[:-1], kept, strict=False)]
        return (start + "".join(parts) + new[-1]).encode("utf-8")


def refuse_read_only(path: str) -> None:
    """Do nothing for a file that its owner may write.

    Raises:
        UsageError: nobody may, also where root could.
    """
    with contextlib.suppress(OSError, ValueError):  # told better by whoever reads it
        if not os.stat(path).st_mode & 0o222 or not os.access(path, os.W_OK):
            raise UsageError(f"{path} is read-only: chmod u+w it, or open a copy")


def read_editable(path: str) -> FileText:
    """Return the source *path*, to be edited on a screen.

    Raises:
        UsageError: it is read-only, or holds what a screen cannot show as it is.
        UnreadableFileError: it cannot be read, or is not UTF-8.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        raise UnreadableFileError(reason_of(error), path=path) from error
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is not a regular file, and cannot be edited here")
    refuse_read_only(path)
    file = FileText(path, read_input(path, MAX_TEXT))
    try:
        text = file.text
    except UnicodeDecodeError as error:
        line = file.data.count(b"\n", 0, error.start) + 1
        raise UnreadableFileError(
            f"not UTF-8 text (line {line}, byte {error.start}), and cannot be edited here", path=path
        ) from error
    for number, column, char in _unprintable(text):
        raise UsageError(
            f"{path}:{number}:{column} holds the character U+{ord(char):04X}, which does not print; "
            "your own editor can edit it"
        )
    return file


def _unprintable(text: str) -> Iterator[tuple[int, int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.isprintable():
            for column, char in enumerate(line, 1):
                if not is_shown(char):
                    yield number, column, char


def is_shown(char: str) -> bool:
    """Tell whether an editor can show a character as it is: it prints, or is a tab or some blank."""
    return char.isprintable() or char in "\t\u00a0\u3000"


def replace_file(path: str, before: bytes | None, after: bytes) -> None:
    """Make the file at *path*, which holds *before*, hold *after*: at once, or not at all. With None for
    *before* it may hold anything, or not be there.

    A link stays, and what it leads to is replaced; other names, permissions, owner and attributes stay.

    Raises:
        FileChangedError: it does not hold *before* any more.
        UnreadableFileError: it cannot be written; it is as it was then.
        UsageError: it is one of btfview's demos.
    """
    if is_demo(path):
        raise UsageError(f"{path} came with btfview and stays as it is: change a copy of it")
    try:
        write_file(path, after, expected=before, is_synced=True)
    except NotExpectedError as error:
        raise FileChangedError("was changed by another program meanwhile", path=path) from error
    except FileNotFoundError as error:
        raise FileChangedError("is gone", path=path) from error
    except OSError as error:
        raise UnreadableFileError(f"cannot be written: {reason_of(error)}", path=path) from error
