"""The SQLite file of an atlas: what makes it one, how it is opened, and what can be wrong with it.

A kernel is one row, added in one transaction, and never changed: a writer that is killed leaves what it had
finished, two writers wait for one another, and who reads sees whole kernels.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager

from btfview.errors import TargetError, UnreadableFileError, reason_of
from btfview.frozen import TYPE_CHECKING
from btfview.inputs import open_input

if TYPE_CHECKING:
    from collections.abc import Iterator

APPLICATION_ID = 0x42544661
"""``BTFa``, at byte 68 of the file (SQLite: "Database File Format", application_id)."""
VERSION = 2
SUFFIX = ".atlas"
WAIT_SECONDS = 60.0
"""How long a writer waits for another; adding one kernel takes less than two."""
_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_SCHEMA = """
CREATE TABLE kernel (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    file_size INTEGER NOT NULL,
    file_time INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    byte_size INTEGER NOT NULL,
    type_count INTEGER NOT NULL,
    is_little_endian INTEGER NOT NULL,
    on_kernel INTEGER REFERENCES kernel,
    base INTEGER REFERENCES kernel,
    whole BLOB,
    head BLOB,
    names BLOB,
    bodies BLOB,
    string_order BLOB,
    type_order BLOB
)
"""
_SCHEMA_OF_MERGED = """
CREATE TABLE merged (
    id INTEGER PRIMARY KEY,
    last_kernel INTEGER NOT NULL REFERENCES kernel,
    strings BLOB NOT NULL,
    types BLOB NOT NULL,
    bodies BLOB NOT NULL,
    presence BLOB NOT NULL
)
"""
"""One row at most: what all kernels up to one brought in, which their own rows then no longer hold."""
COLUMNS = (
    *("name", "source", "file_size", "file_time", "sha256", "byte_size", "type_count", "is_little_endian"),
    *("on_kernel", "base", "whole", "head", "names", "bodies", "string_order", "type_order"),
)

INSERT = f"INSERT INTO kernel ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
"""Nothing in it comes from outside."""
MERGED_COLUMNS = ("id", "last_kernel", "strings", "types", "bodies", "presence")
INSERT_MERGED = "INSERT OR REPLACE INTO merged VALUES (?, ?, ?, ?, ?, ?)"


def open_file(path: str, *, is_writer: bool = False) -> sqlite3.Connection:
    """Return a connection to the atlas *path*; a writer's makes it where there is none.

    Raises:
        UnreadableFileError: the operating system refuses the file.
        TargetError: it is no atlas, or one of another version.
    """
    if not is_writer or (os.path.exists(path) and os.path.getsize(path)):
        _check_header(path)
    with told(path):
        uri = _uri(path, "rwc" if is_writer else "rw" if os.access(path, os.W_OK) else "ro")
        connection = sqlite3.connect(
            uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            if is_writer:
                _make(connection)
            _check_version(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def _uri(path: str, mode: str) -> str:
    from urllib.parse import quote

    return f"file:{quote(os.path.abspath(path))}?mode={mode}"


def _check_header(path: str) -> None:
    with open_input(path) as file:
        header, size = file.read_at(0, _HEADER), file.size
    if header[: len(_MAGIC)] != _MAGIC:
        raise TargetError("no atlas: it does not begin as one", path=path, hint=_MAKE)
    if len(header) < _HEADER:
        raise TargetError(f"cut short: an atlas has more than {len(header)} bytes", path=path, hint=_AGAIN)
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise TargetError("an SQLite file of another program, not an atlas", path=path, hint=_MAKE)
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    wanted = pages * (page if page != 1 else 1 << 16)
    # A transaction that was killed may leave more; what a finished one wrote is never less.
    if size < wanted and not os.path.exists(f"{path}-journal"):
        raise TargetError(f"cut short: it has {size} bytes of {wanted}", path=path, hint=_AGAIN)


_MAKE = "btfview atlas build PLACE -o FILE makes one"
_AGAIN = "copy it again, or build it anew"


def _make(connection: sqlite3.Connection) -> None:
    connection.execute(
        "PRAGMA auto_vacuum = FULL"
    )  # of a file that is empty as yet: what is merged leaves room
    connection.execute("BEGIN IMMEDIATE")
    if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute(_SCHEMA)
        connection.execute(_SCHEMA_OF_MERGED)
    connection.execute("COMMIT")


def _check_version(connection: sqlite3.Connection, path: str) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        hint = "a newer btfview made it: pip install -U btfview"
        raise TargetError(
            f"an atlas of version {version}; this btfview knows {VERSION}", path=path, hint=hint
        )
    if version < VERSION:
        hint = "build it anew with btfview atlas build"
        raise TargetError(f"an atlas of the old version {version}, which is not read", path=path, hint=hint)


@contextmanager
def told(path: str) -> Iterator[None]:
    """Turn what SQLite says of the file *path* into errors for people.

    Raises:
        TargetError: it is damaged, or another process has been writing for a minute.
        UnreadableFileError: it cannot be opened, read or written.
    """
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        said = " ".join(str(error).split())[:200]  # the schema may be in it, with its lines
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in said:
            raise TargetError("another process is writing to it", path=path, hint="wait for it") from error
        if name.startswith("SQLITE_FULL") or "full" in said:
            raise UnreadableFileError(
                "cannot be written: no space left on device; the kernels that were added before are kept",
                path=path,
                hint="make room and give the same command again: it goes on from there",
            ) from error
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_IOERR")):
            raise UnreadableFileError(f"SQLite cannot use it: {said}", path=path) from error
        raise TargetError(f"damaged: {said}", path=path, hint=_AGAIN) from error
    except UnicodeError as error:
        raise TargetError(f"damaged: {error}", path=path, hint=_AGAIN) from error
    except OSError as error:
        raise UnreadableFileError(reason_of(error), path=path) from error
