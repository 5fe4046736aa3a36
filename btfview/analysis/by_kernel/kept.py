"""Answers that are kept under the user's cache folder, from one run to the next.

``results-1.sqlite`` there holds the answer of each object on each kernel, by what both files hold, what was
asked, and which btfview answered. Equal answers are kept once. It takes at most a quarter of what
``BTFVIEW_CACHE`` allows the cache (128 MB, where it says nothing); what was not used for longest goes first,
and what this run used stays, so that a fleet larger than the room is found in part the next time, not
never. Runs at the same time may write; what is damaged, or another program's, is as if it were not there; and
whatever the disk says, a run goes on without.
"""

from __future__ import annotations

import os
from contextlib import suppress

from btfview import __version__
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.targets.cache import folder, limit

from .wire import NoAnswerError, read_answer, write_answer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from btfview.analysis.resolve_on import Column, Question
    from btfview.demands.asked import Loading
    from btfview.targets.target import Target

FILE = "results-1.sqlite"
_APPLICATION_ID = 0x42544672
"""``BTFr``."""
_SHARE = 4
"""Of the whole cache's room the part that answers may take."""
_WAIT_SECONDS = 1.0
"""For another writer; then this run does without."""
_ROW_SIZE = 160
"""Bytes that an answer takes beside what it says."""
_SCHEMA = """
CREATE TABLE answer (key BLOB PRIMARY KEY, body BLOB NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE body (digest BLOB PRIMARY KEY, data BLOB NOT NULL);
CREATE INDEX by_use ON answer (used);
CREATE INDEX by_body ON answer (body);
"""
_ENGINE = ("analysis", "atlas", "bpf", "btf", "core_relo", "demands", "hints", "targets")
"""Packages that answers are made by."""


@frozen
class KeptState:
    """What is kept."""

    path: str
    answers: int
    byte_size: int
    """Of the file."""
    limit: int
    """Bytes; 0 where the cache is turned off."""


def results_path() -> str:
    return os.path.join(folder(), FILE)


def results_limit() -> int:
    """Return how many bytes of answers may be kept; 0 means none.

    Raises:
        UsageError: ``BTFVIEW_CACHE`` is not a number.
    """
    return limit() // _SHARE


class KeptResults:
    """The answers that are kept; for one process."""

    def __init__(self, path: str, room: int) -> None:
        self._path = path
        self._room = room
        self._connection: sqlite3.Connection | None = None
        self._bodies: dict[bytes, Column] = {}
        """Those that were read, by their digest: most kernels of a series say the same."""
        self._started = _now()

    def find(self, keys: Sequence[bytes]) -> dict[bytes, Column]:
        """Return the answers that are kept under *keys*."""
        import sqlite3

        found: dict[bytes, Column] = {}
        try:
            connection = self._opened()
            for key in keys:
                row = connection.execute(
                    "SELECT body, data FROM answer JOIN body ON digest = body WHERE key = ?", (key,)
                ).fetchone()
                column = self._column(*row) if row else None
                if column is not None:
                    found[key] = column
            if found:
                with connection:
                    connection.execute("BEGIN IMMEDIATE")
                    connection.executemany(
                        "UPDATE answer SET used = ? WHERE key = ? AND used < ?",
                        [(self._started, key, self._started) for key in found],
                    )
        except sqlite3.OperationalError:  # another is writing, or the disk is full
            pass
        except (sqlite3.Error, OSError):
            self._start_anew()
        return found

    def _column(self, digest: object, data: object) -> Column | None:
        if not isinstance(digest, bytes) or not isinstance(data, bytes):
            return None
        if digest not in self._bodies:
            if _digest(data) != digest:
                return None
            try:
                self._bodies[digest] = read_answer(data)
            except NoAnswerError:
                return None
        return self._bodies[digest]

    def keep(self, answers: Mapping[bytes, Column]) -> None:
        """Keep *answers* under their keys, as far as there is room."""
        import sqlite3

        rows = {key: write_answer(column) for key, column in answers.items()}
        try:
            connection = self._opened()
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                self._make_room(connection, sum(map(len, rows.values())) + _ROW_SIZE * len(rows))
                left = self._room - _size(connection)
                for key, data in rows.items():
                    left -= len(data) + _ROW_SIZE
                    if left < 0:
                        break
                    digest = _digest(data)
                    connection.execute("INSERT OR IGNORE INTO body VALUES (?, ?)", (digest, data))
                    connection.execute(
                        "INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", (key, digest, self._started)
                    )
        except sqlite3.OperationalError:
            pass
        except (sqlite3.Error, OSError):
            self._start_anew()

    def _make_room(self, connection: sqlite3.Connection, wanted: int) -> None:
        """Drop what was not used for longest, and not by this run."""
        while _size(connection) + wanted > self._room:
            dropped = connection.execute(
                "DELETE FROM answer WHERE key IN"
                " (SELECT key FROM answer WHERE used < ? ORDER BY used LIMIT 500)",
                (self._started,),
            ).rowcount
            if not dropped:
                return
            connection.execute("DELETE FROM body WHERE digest NOT IN (SELECT body FROM answer)")

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        import sqlite3

        os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = OFF")  # it may be lost: it was only a cache
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                is_new = not connection.execute("SELECT 1 FROM sqlite_master").fetchone()
                if is_new:
                    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                    for statement in _SCHEMA.strip().split(";\n"):
                        connection.execute(statement)
            if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
                raise sqlite3.DatabaseError("another program's")
        except BaseException:
            connection.close()
            raise
        return connection

    def _start_anew(self) -> None:
        """Remove a file that is damaged or no cache; the next answer makes it again."""
        self.close()
        remove_results(self._path)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def remove_results(path: str) -> int:
    """Remove what is kept; return the bytes that were freed."""
    freed = 0
    for one in (path, f"{path}-journal"):
        with suppress(OSError):
            size = os.path.getsize(one)
            os.remove(one)
            freed += size
    return freed


def results_state() -> KeptState:
    """Return what is kept, and where.

    Raises:
        UsageError: ``BTFVIEW_CACHE`` is not a number.
    """
    import sqlite3

    path, room = results_path(), results_limit()
    count = size = 0
    if os.path.exists(path):
        with suppress(OSError):
            size = os.path.getsize(path)
        with suppress(sqlite3.Error):
            from urllib.parse import quote

            connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)
            try:
                count = int(connection.execute("SELECT count(*) FROM answer").fetchone()[0])
            finally:
                connection.close()
    return KeptState(path, count, size, room)


def _size(connection: sqlite3.Connection) -> int:
    """Return the bytes that are in use."""
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _now() -> int:
    from time import time_ns

    return time_ns()


# -- keys ------------------------------------------------------------------------------------------


class Keys:
    """By what answers are kept: everything that has a part in them."""

    def __init__(self, loading: Loading) -> None:
        config = sorted(loading.config.items()) if loading.config is not None else None
        self._digests: dict[int, bytes] = {}
        self._questions: list[Question] = []
        """Of which the digests are known; held, so that no other takes one's number."""
        self._asked = repr((__version__, engine(), loading.loader, config, loading.is_judged))

    def digest(self, question: Question) -> bytes:
        """Return what tells the object of a question from all others."""
        found = self._digests.get(id(question))
        if found is None:
            data = question.object.elf.data
            found = self._digests[id(question)] = _digest(
                data + bytes((question.checks_reads,)) + question.loader.encode()
            )
            self._questions.append(question)
        return found

    def keys(self, target: Target, objects: Sequence[bytes]) -> list[bytes] | None:
        """Return the key of each of *objects*, by their digests, on *target*; None where one of its files
        cannot be read.

        Raises nothing: what is wrong with a file is told where it is opened.
        """
        files = _files_of(target)
        if files is None:
            return None
        kernel = repr((self._asked, target.name, target.root.name, target.origin, files)).encode(
            "utf-8", "surrogatepass"
        )
        return [_digest(kernel + one) for one in objects]


def _files_of(target: Target) -> list[tuple[str, bytes]] | None:
    """Return name and digest of each file that an answer of *target* may be from: its modules are looked into
    where the kernel lacks something."""
    from btfview.errors import InputError
    from btfview.inputs import MAX_KERNEL, read_input
    from btfview.targets.atlas_kernels import AtlasTarget

    found: list[tuple[str, bytes]] = []
    chain: list[Target] = []
    one: Target | None = target
    while one is not None:
        chain.append(one)
        one = one.base
    for one in (*chain, *target.root.modules):
        if isinstance(one, AtlasTarget):
            if not one.kernel.sha256:
                return None
            found.append((one.name, one.kernel.sha256))
            continue
        try:
            found.append((one.name, _digest(read_input(one.path, MAX_KERNEL))))
        except InputError:
            return None
    return found


def engine() -> str:
    """Return what tells this btfview from another of the same version: size and time of its modules."""
    import btfview

    top = os.path.dirname(os.path.abspath(btfview.__file__))
    facts: list[tuple[str, int, int]] = []
    for package in _ENGINE:
        for place, folders, files in os.walk(os.path.join(top, package)):
            folders.sort()
            for name in sorted(files):
                if name.endswith(".py"):
                    status = os.stat(os.path.join(place, name))
                    facts.append((os.path.relpath(place, top) + name, status.st_size, status.st_mtime_ns))
    return _digest(repr(facts).encode()).hex()


def _digest(data: bytes) -> bytes:
    from hashlib import sha256

    return sha256(data).digest()
