"""BTF that took long to unpack, kept under the user's cache directory.

``$XDG_CACHE_HOME/btfview`` or ``~/.cache/btfview`` holds one file an input, named by the SHA-256 of the
input's bytes: the same kernel image under another path is the same entry, and a changed one is another.
A file is written beside its place and renamed into it, so that runs at the same time do no harm; what it
holds is checked when it is read. The oldest go when all take more than 512 MB. ``BTFVIEW_CACHE=0``
turns it off, ``BTFVIEW_CACHE=2000`` allows 2000 MB. A directory that can not be written is no error:
then there is no cache.
"""

from __future__ import annotations

import os
from struct import Struct

from btfview.btf.reader import MAX_BTF
from btfview.errors import InputError, UsageError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.inputs import read_input

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE = "BTFVIEW_CACHE"
_DEFAULT_MB = 512
_HEADER = Struct("<8sQI")
"""Magic, bytes of BTF, their CRC-32."""
_MAGIC = b"btfview1"
_SUFFIX, _PART = ".btf", ".part"
_STALE_SECONDS = 3600
"""Age at which a part is what a run that was killed left behind."""


@frozen
class CacheState:
    folder: str
    entries: int
    byte_size: int
    limit: int
    """Bytes; 0 when the cache is turned off."""


def folder() -> str:
    """Return the directory of the cache, which need not exist (XDG Base Directory Specification: a
    relative path in the variable does not count)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "btfview")


def limit() -> int:
    """Return how many bytes the cache may hold; 0 means that there is none.

    Raises:
        UsageError: ``BTFVIEW_CACHE`` is not a number.
    """
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return _DEFAULT_MB * 1_000_000
    if not text.isdecimal():
        raise UsageError(f"{VARIABLE}={text}: give the cache's size in MB, or 0 for no cache")
    return int(text) * 1_000_000


def is_on() -> bool:
    return limit() > 0


def key_of(data: bytes) -> str:
    """Return the name under which the BTF in the input *data* is kept."""
    from hashlib import sha256

    return sha256(data).hexdigest()


def load(key: str) -> bytes | None:
    """Return what is kept under *key*; None if nothing is, or it is damaged (then it is removed)."""
    from zlib import crc32

    path = os.path.join(folder(), key + _SUFFIX)
    try:
        kept = read_input(path, _HEADER.size + MAX_BTF)
    except InputError:
        return None
    if len(kept) >= _HEADER.size:
        magic, size, checksum = _HEADER.unpack_from(kept)
        data = kept[_HEADER.size :]
        if magic == _MAGIC and size == len(data) and checksum == crc32(data):
            _try(os.utime, path)  # the oldest by use, not by making, goes first
            return data
    _try(os.remove, path)
    return None


def store(key: str, data: bytes) -> None:
    """Keep *data* under *key*, and drop the entries that were not used for longest if there are too many."""
    room = limit() - _HEADER.size - len(data)
    if room < 0:
        return
    from zlib import crc32

    place = folder()
    part = os.path.join(place, f"{key}.{os.getpid()}.{os.urandom(4).hex()}{_PART}")
    try:
        os.makedirs(place, mode=0o700, exist_ok=True)
        _evict(place, room)
        with open(part, "xb") as file:
            file.write(_HEADER.pack(_MAGIC, len(data), crc32(data)))
            file.write(data)
        os.replace(part, os.path.join(place, key + _SUFFIX))
    except OSError:  # not writable, no space left: it was only a cache
        _try(os.remove, part)


def state() -> CacheState:
    """Return where the cache is and how full.

    Raises:
        UsageError: ``BTFVIEW_CACHE`` is not a number.
    """
    place = folder()
    entries = _entries(place)
    return CacheState(place, len(entries), sum(size for _, size, _ in entries), limit())


def clear() -> int:
    """Remove all entries; return the bytes that were freed."""
    freed = 0
    for _, size, path in _entries(folder()):
        _try(os.remove, path)
        freed += size
    return freed


def _evict(place: str, room: int) -> None:
    """Remove entries, those unused for longest first, until the rest fits *room* bytes."""
    entries = sorted(_entries(place), reverse=True)
    for _, size, path in entries:
        room -= size
        if room < 0:
            _try(os.remove, path)


def _entries(place: str) -> list[tuple[float, int, str]]:
    """Return (time of last use, bytes, path) of each entry; parts that were left behind are removed."""
    from time import time

    found: list[tuple[float, int, str]] = []
    try:
        with os.scandir(place) as files:
            for file in files:
                if not file.name.endswith((_SUFFIX, _PART)):
                    continue
                try:
                    status = file.stat(follow_symlinks=False)
                except OSError:  # another run removed it
                    continue
                if file.name.endswith(_SUFFIX):
                    found.append((status.st_mtime, status.st_size, file.path))
                elif time() - status.st_mtime > _STALE_SECONDS:
                    _try(os.remove, file.path)
    except OSError:
        return []
    return found


def _try(do: Callable[[str], object], path: str) -> None:
    from contextlib import suppress

    with suppress(OSError):
        do(path)
