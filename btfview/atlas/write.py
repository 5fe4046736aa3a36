"""Add kernels to an atlas."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from hashlib import sha256

from btfview.errors import TargetError
from btfview.frozen import TYPE_CHECKING, frozen

from .file import COLUMNS, INSERT, INSERT_MERGED, MERGED_COLUMNS, open_file, told
from .order import OVER_BASE, OVER_USE, write_order
from .packing import FAST, join, pack, pack_ascending, pack_numbers
from .read import MAX_DEPTH, Atlas
from .rebuild import Frame

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from btfview.btf.reader import Btf

    from .arrays import Words
    from .known import Known, OverBase
    from .numbering import Numbered

_NEAREST = 4
"""Kernels of the nearest names that are tried as base."""
_MANY_UNMERGED = 16
"""Kernels that hold themselves what they brought in; then it is merged, which makes it smaller, and is read
in one go."""
_MANY_PIECES = 32 << 10
"""Bytes of an order of strings from which another way to write it is tried."""


@frozen
class Given:
    """Where a kernel's BTF came from."""

    name: str
    source: str
    file_size: int
    file_time: int
    """Nanoseconds, of its last change."""


class AtlasWriter:
    """Adds kernels to one atlas; a context manager. Each kernel is a transaction."""

    def __init__(self, path: str) -> None:
        """Open the atlas *path*, or make it.

        Raises:
            InputError: it cannot be written, or is something else.
        """
        self._path = path
        self._known_of = _known_class()  # before there is a file
        self._connection = open_file(path, is_writer=True)
        self.atlas = Atlas(path, self._connection)
        self._held: Known | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._unmerged_count() >= _MANY_UNMERGED:
                self.merge()
        finally:
            self._connection.close()

    def merge(self) -> None:
        """Put together what all kernels brought in.

        Raises:
            InputError: the atlas cannot be written; then it is as before.
        """
        with self._transaction():
            row = self._known.merged()
            with told(self._path):
                self._connection.execute(INSERT_MERGED, [row[name] for name in MERGED_COLUMNS])
                self._connection.execute("UPDATE kernel SET names = NULL, bodies = NULL WHERE whole IS NULL")
        with suppress(sqlite3.Error):  # all is there already: where there is no room, the file stays larger
            self._connection.execute("VACUUM")

    def _unmerged_count(self) -> int:
        """Return how many kernels hold themselves what they brought in."""
        with told(self._path):
            row = self._connection.execute("SELECT count(*) FROM kernel WHERE names IS NOT NULL").fetchone()
        return int(row[0])

    def has(self, given: Given) -> bool:
        """Tell whether the same file, unchanged, has been added under its name."""
        found = self.atlas.find(given.name)
        return found is not None and (found.source, found.file_size, found.file_time) == (
            given.source,
            given.file_size,
            given.file_time,
        )

    def add(self, given: Given, btf: Btf, on_kernel: str = "") -> bool:
        """Add *btf*, of a kernel or of a module on top of the kernel *on_kernel*; return False where it is
        there already.

        Raises:
            TargetError: another kernel has the name.
            InputError: the atlas cannot be written; then it is as before.
        """
        data = bytes(btf.data)
        digest = sha256(data).digest()
        numbered: Numbered | None = None
        over: OverBase | None = None
        with self._transaction():
            found = self.atlas.find(given.name)
            if found is not None:
                if found.sha256 == digest:
                    return False
                problem = f"the atlas has another kernel called {given.name}, from {found.source}"
                raise TargetError(problem, path=given.source)
            row = {
                "name": given.name,
                "source": given.source,
                "file_size": given.file_size,
                "file_time": given.file_time,
                "sha256": digest,
                "byte_size": len(data),
                "type_count": btf.type_count - btf.start_id,
                "is_little_endian": int(btf.is_little_endian),
            }
            if on_kernel:
                kernel = self.atlas.find(on_kernel)
                assert kernel is not None
                self._insert(row | {"on_kernel": kernel.id, "whole": pack(data)})
            else:
                numbered = self._numbered(btf)
                if numbered is None:
                    self._insert(row | {"whole": pack(data)})
                else:
                    over = self._known.over(self._base_for(given.name, numbered), numbered)
                    head = pack(Frame.of(btf).to_bytes())
                    self._insert(row | {"head": head} | self._parts(numbered, over))
        if numbered is None or over is None:
            self._known.last_kernel = self.atlas.newest
        else:
            self._known.take(self.atlas.newest, numbered, over)
        return True

    # -- a row -----------------------------------------------------------------------------------

    def _transaction(self) -> _Transaction:
        return _Transaction(self)

    def begin(self) -> None:
        with told(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
        self.atlas.refresh()
        newest = self.atlas.newest
        if self._held is None or self._held.last_kernel != newest:  # another process has added some
            self._held = self._known_of(self.atlas)

    def end(self, *, is_kept: bool) -> None:
        with told(self._path):
            if self._connection.in_transaction:
                self._connection.execute("COMMIT" if is_kept else "ROLLBACK")
        if is_kept:
            self.atlas.refresh()

    def forget(self) -> None:
        """Drop the numbers that are not in the file."""
        self._held = None
        self.atlas.forget()

    @property
    def _known(self) -> Known:
        assert self._held is not None  # since the transaction began
        return self._held

    def _insert(self, row: dict[str, Any]) -> None:
        with told(self._path):
            self._connection.execute(INSERT, [row.get(name) for name in COLUMNS])

    def _numbered(self, btf: Btf) -> Numbered | None:
        from .numbering import NotNumberedError

        try:
            return self._known.numbering.number(btf)
        except NotNumberedError:
            return None

    def _parts(self, numbered: Numbered, over: OverBase) -> dict[str, Any]:
        """Return what a row holds of a kernel."""
        numbering = self._known.numbering
        all_types, first = numbering.types, numbered.first_type
        heads = all_types.names, all_types.infos, all_types.ranks
        parts = (
            pack(numbered.new_text, FAST),
            *(pack_numbers(head[first:], FAST) for head in heads),
            *(pack_ascending(changed, FAST) for changed in (over.changed_strings, over.changed_types)),
        )
        return {
            "base": over.base,
            "names": join(parts),
            "bodies": pack_numbers(all_types.words[all_types.starts[first] :], FAST),
            "string_order": _pack_strings(numbered, over.strings),
            "type_order": pack_numbers(write_order(numbered.types, over.types)),
        }

    def _base_for(self, name: str, numbered: Numbered) -> int | None:
        """Return the kernel that *numbered* shares most types with, among those of the nearest names."""
        import numpy as np

        is_member = np.zeros(self._known.numbering.type_count, np.bool_)
        is_member[numbered.types] = True
        best, most = None, 0
        for kernel in self._known.nearest(name, _NEAREST):
            shared = int(np.count_nonzero(is_member[self._known.orders(kernel.id)[1]]))
            if shared > most:
                best, most = kernel, shared
        if best is not None and best.depth >= MAX_DEPTH:  # half way down, so that the next few need not
            while best.depth > MAX_DEPTH // 2 and best.base is not None:
                best = self.atlas.kernel(best.base)
        return best.id if best else None


def _known_class() -> type[Known]:
    try:
        from .known import Known
    except ImportError as error:
        from btfview.packages import install_command

        problem = f"an atlas is built with {error.name}, which is not installed"
        raise TargetError(problem, hint=install_command(error.name or "numpy")) from error
    return Known


def _pack_strings(numbered: Numbered, base: Words) -> bytes:
    over_use = OVER_USE + pack_numbers(write_order(numbered.strings, numbered.used))
    if len(over_use) < _MANY_PIECES or not len(base):
        return over_use
    return min(over_use, OVER_BASE + pack_numbers(write_order(numbered.strings, base)), key=len)


class _Transaction:
    def __init__(self, writer: AtlasWriter) -> None:
        self._writer = writer

    def __enter__(self) -> None:
        self._writer.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._writer.end(is_kept=kind is None)
        except BaseException:
            self._writer.end(is_kept=False)
            self._writer.forget()
            raise
        if kind is not None:
            self._writer.forget()
