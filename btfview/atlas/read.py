"""Read an atlas: its kernels, their strings and types, and each kernel's BTF again."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections import OrderedDict
from hashlib import sha256
from itertools import accumulate

from btfview.errors import InputError, TargetError
from btfview.frozen import TYPE_CHECKING, frozen

from .classes import Classes
from .file import open_file, told
from .order import OVER_BASE, OVER_USE, read_order
from .packing import (
    split,
    unpack,
    unpack_ascending,
    unpack_numbers,
    unpack_words,
)
from .rebuild import Frame, Types, rebuild, used_strings
from .words import body_size

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any


MAX_DEPTH = 12
"""Bases below one another that a kernel is read from."""
_PARTS = 6
"""Of what a kernel brought in: strings; of each type name, info word and rank; strings and types in which it
differs from its base."""
_MAX_ORDERS = 24
"""Lists of types and of strings that are kept: half a megabyte each."""
_MAX_RATIO, _ALWAYS = 64, 16 << 20
"""What strings and types unpack to: as many times the file, and so many bytes of a small one. Those of real
kernels are some ten times as large as packed."""
_KERNELS = """
SELECT id, name, source, file_size, file_time, sha256, byte_size, type_count, is_little_endian, on_kernel,
base, whole IS NOT NULL FROM kernel WHERE id > ? ORDER BY id
"""
_NAMES = "SELECT id, names FROM kernel WHERE id > ? AND whole IS NULL ORDER BY id"
_LAST_MERGED = "SELECT last_kernel FROM merged"
_MERGED = "SELECT last_kernel, strings, types, bodies, presence FROM merged"
_BLOBS = {
    "whole": "SELECT whole FROM kernel WHERE id = ?",
    "head": "SELECT head FROM kernel WHERE id = ?",
    "bodies": "SELECT bodies FROM kernel WHERE id = ?",
    "string_order": "SELECT string_order FROM kernel WHERE id = ?",
    "type_order": "SELECT type_order FROM kernel WHERE id = ?",
}


@frozen
class AtlasKernel:
    """A kernel of an atlas, or a module on top of one."""

    id: int
    name: str
    source: str
    """The file that it was read from."""
    file_size: int
    file_time: int
    sha256: bytes
    """Of its BTF; empty where it is not known, as of kernels that tests make."""
    byte_size: int
    """Of its BTF."""
    type_count: int
    is_little_endian: bool
    on_kernel: int | None
    """The kernel, where this is a module."""
    base: int | None
    """The kernel that this one is written over."""
    is_whole: bool
    """It is kept as it was, since its types cannot be told apart by what they are, or it is a module."""
    depth: int
    """Bases below it."""


class Atlas:
    """One atlas, open. What is damaged in it is found where it is read."""

    def __init__(self, path: str, connection: sqlite3.Connection | None = None) -> None:
        """Raises InputError: it cannot be read, or is no atlas of this version."""
        self.path = path
        self._connection = connection or open_file(path)
        self._process = os.getpid()
        self._kernels: dict[int, AtlasKernel] = {}
        self._by_name: dict[str, AtlasKernel] = {}
        self.forget()
        self.refresh()

    def close(self) -> None:
        self._connection.close()

    def forget(self) -> None:
        """Drop all that was read."""
        self._kernels.clear()
        self._by_name.clear()
        self._bodies_of: tuple[int, list[array[int]]] = (0, [])
        self._orders: OrderedDict[tuple[str, int], array[int]] = OrderedDict()
        self._start_numbers()

    def _start_numbers(self) -> None:
        self._unpacked = 0
        self._strings: list[bytes] = [b""]
        self._names, self._infos, self._ranks = array("I", (0,)), array("I", (0,)), array("I", (0,))
        self.type_classes, self.string_classes = Classes(), Classes()
        self._last_loaded = self._last_merged = 0
        """Kernels, by their numbers: up to which what they brought in has been read, and came from one
        value."""
        self._merged_words = b""
        self._firsts: list[int] = []
        """Of the merged kernels together, and of each later one, the number of the first new type."""
        self._owners: list[int] = []
        """The numbers of these kernels; 0 stands for the merged ones."""
        self._words_of: dict[int, tuple[int, int, array[int], array[int]]] = {}

    def refresh(self) -> None:
        """Find the kernels that were added since."""
        for row in self._rows(_KERNELS, self.newest):
            with self.damage_told():
                self._take(row)

    def _take(self, row: tuple[Any, ...]) -> None:
        number, name, source, size, time, digest, byte_size, count, is_little, on_kernel, base, is_whole = row
        is_right = (
            all(isinstance(one, int) for one in (number, size, time, byte_size, count, is_little))
            and isinstance(name, str)
            and isinstance(source, str)
            and isinstance(digest, bytes)
            and all(one is None or one in self._kernels for one in (on_kernel, base))
        )
        if not is_right:
            raise ValueError(f"has a row {number} that is no kernel's")
        depth = self._kernels[base].depth + 1 if base is not None else 0
        if depth > MAX_DEPTH:
            raise ValueError(f"has a kernel over {depth} others, {MAX_DEPTH} at most")
        kernel = AtlasKernel(
            *(number, name, source, size, time, digest, byte_size, count),
            *(bool(is_little), on_kernel, base, bool(is_whole), depth),
        )
        self._kernels[kernel.id] = self._by_name[kernel.name] = kernel

    # -- the kernels -----------------------------------------------------------------------------

    @property
    def kernels(self) -> tuple[AtlasKernel, ...]:
        """All of them, in the order in which they were added."""
        return tuple(self._kernels.values())

    @property
    def newest(self) -> int:
        """The number of the kernel that was added last; 0 where there is none."""
        return next(reversed(self._kernels), 0)

    def kernel(self, number: int) -> AtlasKernel:
        return self._kernels[number]

    @property
    def numbered_kernels(self) -> tuple[AtlasKernel, ...]:
        """Those that are told apart by their types: all that are not kept whole."""
        self._load()
        return tuple(one for one in self._kernels.values() if not one.is_whole)

    def find(self, name: str) -> AtlasKernel | None:
        return self._by_name.get(name)

    def with_sha256(self, digest: bytes) -> AtlasKernel | None:
        """Return the kernel of a BTF, by its SHA-256."""
        return next((one for one in self._kernels.values() if one.sha256 == digest), None)

    def btf_bytes(self, number: int) -> bytes:
        """Return the BTF of a kernel, the very bytes that were added.

        Raises:
            TargetError: the atlas is damaged.
        """
        kernel = self._kernels[number]
        with self.damage_told(kernel.name):
            if kernel.is_whole:
                found = unpack(self._blob(number, "whole"))
            else:
                self._load()
                found = rebuild(
                    Frame.from_bytes(self.frame(number)),
                    self._strings,
                    self.string_order(number),
                    self.types,
                    self.type_order(number),
                    self.bodies(number),
                    is_little_endian=kernel.is_little_endian,
                )
            if kernel.sha256 and sha256(found).digest() != kernel.sha256:
                raise ValueError("does not give back the bytes that were added")
        return found

    def frame(self, number: int) -> bytes:
        return unpack(self._blob(number, "head"))

    def string_order(self, number: int) -> array[int]:
        """Return the numbers of a kernel's strings, in the order of its string section."""
        return self._kept("strings", number, self._read_string_order)

    def type_order(self, number: int) -> array[int]:
        """Return the numbers of a kernel's types, in id order."""
        return self._kept("types", number, self._read_type_order)

    @property
    def types(self) -> Types:
        self._load()
        return Types(self._names, self._infos, self._ranks)

    def _kept(self, which: str, number: int, read: Callable[[int], array[int]]) -> array[int]:
        key = (which, number)
        if key in self._orders:
            self._orders.move_to_end(key)
            return self._orders[key]
        with self.damage_told(self._kernels[number].name):
            found = self._orders[key] = read(number)
        if len(self._orders) > _MAX_ORDERS:
            self._orders.popitem(last=False)
        return found

    def _read_type_order(self, number: int) -> array[int]:
        base = self._kernels[number].base
        before = array("I") if base is None else self.type_order(base)
        kept = self.type_classes.without(self._numbered_until(number) - 1, before)
        found = read_order(unpack_numbers(self._blob(number, "type_order")), kept, len(self._names))
        if found and max(found) >= len(self._names):
            raise ValueError("has an order of types that it has not")
        return found

    def _read_string_order(self, number: int) -> array[int]:
        blob, base = self._blob(number, "string_order"), self._kernels[number].base
        if blob[:1] == OVER_BASE and base is not None:
            kept = self.string_classes.without(self._numbered_until(number) - 1, self.string_order(base))
        elif blob[:1] == OVER_USE:
            kept = used_strings(self.types, self.type_order(number), self.bodies(number))
        else:
            raise ValueError("has strings in no known order")
        found = read_order(unpack_numbers(blob[1:]), kept, len(self._strings))
        if found and max(found) >= len(self._strings):
            raise ValueError("has an order of strings that it has not")
        return found

    # -- strings and types -----------------------------------------------------------------------

    def _numbered_until(self, number: int) -> int:
        """Return how many kernels up to one are not kept whole."""
        return sum(not one.is_whole for one in self._kernels.values() if one.id <= number)

    @property
    def string_count(self) -> int:
        self._load()
        return len(self._strings)

    @property
    def type_count(self) -> int:
        """One more than the last number."""
        self._load()
        return len(self._names)

    @property
    def strings(self) -> Sequence[bytes]:
        self._load()
        return self._strings

    @property
    def names(self) -> array[int]:
        """Of each type by its number, the number of its name."""
        self._load()
        return self._names

    def info(self, number: int) -> int:
        return self._infos[number]

    def rank(self, number: int) -> int:
        """Return which of the types of its name it is, in a kernel that has it."""
        return self._ranks[number]

    def body(self, number: int) -> array[int]:
        """Return all that follows the info word of a type."""
        first, _, words, starts = self._part_with(number)
        return words[starts[number - first] : starts[number - first + 1]]

    def bodies(self, kernel: int) -> list[array[int]]:
        """Return the same for each type of a kernel, in id order."""
        if self._bodies_of[0] != kernel:
            first = end = 0
            found: list[array[int]] = []
            add = found.append
            for number in self.type_order(kernel):
                if not first <= number < end:
                    first, end, words, starts = self._part_with(number)
                add(words[starts[number - first] : starts[number - first + 1]])
            self._bodies_of = kernel, found
        return self._bodies_of[1]

    def _part_with(self, number: int) -> tuple[int, int, array[int], array[int]]:
        """Return the first number of the part that has a type, the one behind its last, the words of its
        types, and where each begins."""
        index = bisect_right(self._firsts, number) - 1
        found = self._words_of.get(index)
        if found is None:
            first, owner = self._firsts[index], self._owners[index]
            end = self._firsts[index + 1] if index + 1 < len(self._firsts) else len(self._names)
            if owner:
                blob = self._rows(_BLOBS["bodies"], owner)[0][0]
                if blob is None and self._is_merged_since():
                    return self._part_with(number)
                words = unpack_numbers(blob)
            else:
                words = unpack_words(self._merged_words)
            infos = self._infos[first:end]
            size_of = {info: body_size(info) for info in set(infos)}
            starts = array("I", accumulate(map(size_of.__getitem__, infos), initial=0))
            self._count_unpacked(4 * len(words))
            if len(words) != starts[-1]:
                raise ValueError("has types of another length than their heads say")
            found = self._words_of[index] = first, end, words, starts
        return found

    def _load(self) -> None:
        """Read the names of all that was added since, in one go."""
        newest = self.newest
        if self._last_loaded == newest:
            return
        if not self._last_loaded:
            self._load_merged()
        rows = self._rows(_NAMES, self._last_loaded)
        if any(blob is None for _, blob in rows) and self._is_merged_since():
            rows = self._rows(_NAMES, self._last_loaded)
        for bit, (number, blob) in enumerate(rows, self._numbered_until(self._last_loaded)):
            if number > newest:  # added since the kernels were listed
                break
            with self.damage_told():
                self._take_names(number, bit, blob)
        self._last_loaded = max(self._last_loaded, newest)

    def _is_merged_since(self) -> bool:
        """Read anew what kernels brought in, where it has been merged since it was read."""
        merged = self._rows(_LAST_MERGED)
        if not merged or merged[0][0] == self._last_merged:
            return False
        self._load_merged()
        self._load()
        return True

    def _load_merged(self) -> None:
        """Read what the merged kernels brought in, as if nothing had been read before."""
        self._start_numbers()
        rows = self._rows(_MERGED)
        if not rows:
            return
        if rows[0][0] > self.newest:
            self.refresh()
        with self.damage_told():
            last, strings, types, bodies, presence = rows[0]
            if last not in self._kernels or not all(isinstance(one, bytes) for one in rows[0][1:]):
                raise ValueError("has merged kernels that it has not")
            text = unpack(strings)
            self._count_unpacked(len(text))
            self._strings = text.split(b"\0")[:-1]
            self._names, self._infos, self._ranks = map(unpack_numbers, split(types, 3))
            if not len(self._names) == len(self._infos) == len(self._ranks) > 0:
                raise ValueError("has types of which something is missing")
            if self._strings[:1] != [b""] or max(self._names) >= len(self._strings):
                raise ValueError("has types of names that it has not")
            self._count_unpacked(3 * 4 * len(self._names))
            of_types, of_strings = split(presence, 2)
            count = self._numbered_until(last)
            self.type_classes = Classes.from_bytes(of_types, len(self._names), count)
            self.string_classes = Classes.from_bytes(of_strings, len(self._strings), count)
            self._merged_words = bodies
            self._firsts, self._owners = [0], [0]
            self._last_loaded = self._last_merged = last

    def all_words(self) -> Iterator[tuple[int, array[int], array[int]]]:
        """Yield part by part the number of the first type, all that follows the info words of the types, and
        where that begins of each."""
        self._load()
        for first in dict.fromkeys(self._firsts):  # many a kernel brings in nothing
            if first < len(self._names):
                yield first, *self._part_with(first)[2:]

    def _take_names(self, number: int, bit: int, blob: bytes) -> None:
        parts = split(blob, _PARTS)
        text = unpack(parts[0])
        self._count_unpacked(len(text))
        strings = text.split(b"\0")[:-1]
        names, infos, ranks = (unpack_numbers(part) for part in parts[1:4])
        toggled = unpack_ascending(parts[4]), unpack_ascending(parts[5])
        self._count_unpacked(4 * sum(map(len, (names, infos, ranks, *toggled))))
        if not len(names) == len(infos) == len(ranks):
            raise ValueError("has types of which something is missing")
        first = len(self._names)
        if names and max(names) >= len(self._strings) + len(strings):
            raise ValueError("has types of names that it has not")
        self._strings += strings
        self._names += names
        self._infos += infos
        self._ranks += ranks
        self.string_classes.add(bit, toggled[0], len(self._strings))
        self.type_classes.add(bit, toggled[1], len(self._names))
        self._firsts.append(first)
        self._owners.append(number)

    def _count_unpacked(self, size: int) -> None:
        """Raises ValueError: all that is kept has become out of proportion to the file."""
        self._unpacked += size
        with told(self.path):
            most = max(_ALWAYS, _MAX_RATIO * os.path.getsize(self.path))
        if self._unpacked > most:
            raise ValueError(f"what it has would unpack to more than {most >> 20} MiB")

    # -- the file --------------------------------------------------------------------------------

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        if self._process != os.getpid():  # SQLite's connections must not be carried into a fork
            self._connection, self._process = open_file(self.path), os.getpid()
        with told(self.path):
            return self._connection.execute(query, values).fetchall()

    def _blob(self, number: int, column: str) -> bytes:
        found = self._rows(_BLOBS[column], number)
        if not found or not isinstance(found[0][0], bytes):
            raise ValueError(f"has no {column} of kernel {number}")
        blob: bytes = found[0][0]
        return blob

    def damage_told(self, kernel: str = "") -> _DamageTold:
        """Return a context manager that turns what comes of damaged bytes into a TargetError."""
        return _DamageTold(self.path, kernel)


class _DamageTold:
    """Turns what comes of damaged bytes into an error for people."""

    def __init__(self, path: str, kernel: str) -> None:
        self._path = path
        self._kernel = kernel

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, InputError) or error is None:
            return
        if isinstance(error, (ValueError, LookupError, TypeError, OverflowError, StopIteration)):
            where = f", at {self._kernel}" if self._kernel else ""
            hint = "copy it again, or build it anew"
            raise TargetError(f"damaged{where}: {error}", path=self._path, hint=hint) from error
