"""Arrays of u32 and bytes, packed; what is unpacked is bounded, since an atlas may come from anywhere."""

from __future__ import annotations

import sys
from array import array
from itertools import accumulate

from btfview.errors import TargetError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from .arrays import Words

    Numbers = array[int] | Words
    """Of 32 bits each."""

FAST, WELL = 1, 9
"""Levels of zstd: of what is soon merged; and of what stays, 1 % larger than by 12, in half the time."""
_SMALL = 32
"""Bytes that no packing makes shorter."""
MAX_BLOB = 64 << 20
"""Bytes that one packed value may take; all new types of a kernel take some 4 MB."""
_STORED, _ZSTD = b"\0", b"\1"


def _zstd() -> ModuleType:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError as error:
        raise TargetError(
            "an atlas is packed with zstd, which this Python can not read", hint="pip install backports.zstd"
        ) from error
    found: ModuleType = zstd
    return found


def pack(data: bytes, level: int = WELL) -> bytes:
    """Return *data* packed, with a checksum unless it is small."""
    if len(data) <= _SMALL:
        return _STORED + data
    zstd = _zstd()
    how = zstd.CompressionParameter
    options = {how.compression_level: level, how.checksum_flag: 1}
    packed: bytes = zstd.compress(data, options=options)
    return _ZSTD + packed


def unpack(data: bytes) -> bytes:
    """Return what :func:`pack` was given.

    Raises:
        ValueError: it is damaged, or unpacks to more than 64 MiB.
    """
    if data[:1] == _STORED:
        return data[1:]
    if data[:1] != _ZSTD:
        raise ValueError("is packed in no known way")
    zstd = _zstd()
    stream = zstd.ZstdDecompressor()
    try:
        found: bytes = stream.decompress(memoryview(data)[1:], MAX_BLOB)
    except zstd.ZstdError as error:
        raise ValueError(f"is damaged ({error})") from error
    if not stream.eof:
        raise ValueError("is cut short, or larger than any kernel's")
    return found


def pack_numbers(numbers: Numbers, level: int = WELL) -> bytes:
    """Return *numbers* packed: all lowest bytes first, then all second ones, since the upper ones vary
    little."""
    data = _little_bytes(numbers)
    return pack(b"".join(data[plane::4] for plane in range(4)), level)


def unpack_numbers(data: bytes) -> array[int]:
    """Return what :func:`pack_numbers` was given; errors as of :func:`unpack`."""
    planes = unpack(data)
    count, rest = divmod(len(planes), 4)
    if rest:
        raise ValueError("is no list of numbers")
    whole = bytearray(4 * count)
    for plane in range(4):
        whole[plane::4] = planes[plane * count : (plane + 1) * count]
    return _little(array("I", bytes(whole)))


def pack_words(numbers: Numbers, level: int = WELL) -> bytes:
    """Return *numbers* packed as they are, which is shorter where the same runs of them come again."""
    return pack(_little_bytes(numbers), level)


def unpack_words(data: bytes) -> array[int]:
    """Return what :func:`pack_words` was given; errors as of :func:`unpack`."""
    found = array("I")
    found.frombytes(unpack(data))  # a ValueError where bytes are left
    return _little(found)


def pack_ascending(numbers: Words, level: int = WELL) -> bytes:
    """Return *numbers*, each larger than the one before it, packed as their distances."""
    import numpy as np

    return pack_numbers(np.diff(numbers, prepend=np.uint32(0)), level)


def join(parts: Iterable[bytes]) -> bytes:
    """Return *parts* behind one another, each after its length."""
    return b"".join(len(part).to_bytes(4, "little") + part for part in parts)


def split(data: bytes, count: int) -> list[bytes]:
    """Return the *count* parts of which :func:`join` made *data*.

    Raises:
        ValueError: there are more or fewer.
    """
    parts, at = [], 0
    for _ in range(count):
        size = int.from_bytes(data[at : at + 4], "little")
        parts.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    if at != len(data):
        raise ValueError("has parts of other lengths than it says")
    return parts


def unpack_ascending(data: bytes) -> array[int]:
    """Return what :func:`pack_ascending` was given; errors as of :func:`unpack`."""
    try:
        return array("I", accumulate(unpack_numbers(data)))
    except OverflowError as error:
        raise ValueError("holds a number beyond 32 bits") from error


def _little_bytes(numbers: Numbers) -> bytes:
    return _little(array("I", numbers.tobytes())).tobytes()


def _little(numbers: array[int]) -> array[int]:
    if sys.byteorder == "little":
        return numbers
    swapped = numbers[:]
    swapped.byteswap()
    return swapped
