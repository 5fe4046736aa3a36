"""Unpack compressed bytes of any kind that kernels, modules and BTF collections come in, within bounds.

xz, lzma, gzip and bzip2 are Python's own. zstd is Python's own from 3.14 on and the same module from
``backports.zstd`` before: the one dependency that unpacking has, because most kernels of today are packed
so and there is no reading zstd in plain Python. LZ4 is in :mod:`.lz4`.
"""

from __future__ import annotations

import sys
from io import BytesIO

from btfview.errors import TargetError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, TypeAlias

    from .budget import Budget

    Packed: TypeAlias = bytes | memoryview

    class Decompressor(Protocol):
        """One stream: what lzma, bz2 and zstd have."""

        @property
        def eof(self) -> bool: ...
        @property
        def needs_input(self) -> bool: ...
        @property
        def unused_data(self) -> bytes: ...
        def decompress(self, data: Packed, max_length: int, /) -> bytes: ...


_MAX_DICTIONARY = 160 << 20
"""Bytes that xz may take; kernels are packed with a dictionary of up to 128 MiB (scripts/xz_wrap.sh)."""
_MAX_PART = 4 << 20
"""Bytes taken out of a decompressor at once."""
_FIRST_FEED, _MAX_FEED = 1 << 12, 1 << 20
"""Bytes of input handed to a decompressor at once. Small at the start of each stream, since what lies
behind the stream is copied: a file of many tiny streams would cost the square of its size."""


@frozen
class Compression:
    name: str
    magic: bytes
    command: str
    """What a person would unpack it with."""


XZ = Compression("xz", b"\xfd7zXZ\x00", "xz -d")
GZIP = Compression("gzip", b"\x1f\x8b\x08", "gzip -d")
ZSTD = Compression("zstd", b"\x28\xb5\x2f\xfd", "zstd -d")
BZIP2 = Compression("bzip2", b"BZh", "bzip2 -d")
LZ4 = Compression("lz4", b"\x04\x22\x4d\x18", "lz4 -d")
LZ4_LEGACY = Compression("lz4 (legacy)", b"\x02\x21\x4c\x18", "lz4 -d")
LZMA = Compression("lzma", b"\x5d\x00\x00", "lzma -d")
LZO = Compression("lzo", b"\x89LZO\x00\r\n\x1a\n", "lzop -d")
COMPRESSIONS = (XZ, GZIP, ZSTD, BZIP2, LZ4, LZ4_LEGACY, LZMA, LZO)


def compression_of(data: bytes, at: int = 0) -> Compression | None:
    """Return how the bytes at *at* are packed; None if they do not look packed."""
    found = next((one for one in COMPRESSIONS if data.startswith(one.magic, at)), None)
    if found is BZIP2:
        return found if data[at + 3 : at + 4] in b"123456789" and data[at + 4 : at + 7] == b"1AY" else None
    if found is LZMA:
        return found if _is_lzma_header(data[at : at + 13]) else None
    return found


def _is_lzma_header(head: bytes) -> bool:
    """``.lzma`` has a weak magic: the dictionary must be a size that encoders write, the length unknown
    or sane (as liblzma's ``lzma_alone_decoder``)."""
    if len(head) < 13:
        return False
    dictionary = int.from_bytes(head[1:5], "little")
    length = int.from_bytes(head[5:13], "little")
    return dictionary.bit_count() <= 2 and dictionary > 0 and (length == (1 << 64) - 1 or length < 1 << 38)


def unpack(data: Packed, how: Compression, budget: Budget, path: str, *, start: int = 0) -> bytes:
    """Return what the streams at byte *start* unpack to. Bytes that follow the last one are left alone: in a
    kernel image other things follow.

    Raises:
        TargetError: it is damaged, cut short, larger than *budget*, or packed in a way that is not read.
    """
    if how is LZO:
        raise TargetError("packed with lzo, which is not read", path=path, hint=f"unpack it: {how.command}")
    if how in (LZ4, LZ4_LEGACY):
        from .lz4 import unpack_lz4

        return unpack_lz4(data, budget, path, start=start)
    open_stream, errors = _decoder(how, path)
    try:
        return _unpack_streams(data, start, how, open_stream, budget, path)
    except errors as error:
        raise TargetError(f"damaged: {how.name} says: {error}", path=path) from error


def _decoder(how: Compression, path: str) -> tuple[Callable[[], Decompressor], tuple[type[Exception], ...]]:
    """Return what opens one stream, and what it raises for damaged data."""
    if how is GZIP:
        import zlib

        return _GzipStream, (zlib.error,)
    if how is BZIP2:
        import bz2

        return bz2.BZ2Decompressor, (OSError, ValueError)
    if how is ZSTD:
        return _zstd_decoder(path)
    import lzma

    kind = lzma.FORMAT_XZ if how is XZ else lzma.FORMAT_ALONE
    return (lambda: lzma.LZMADecompressor(kind, memlimit=_MAX_DICTIONARY)), (lzma.LZMAError,)


def _zstd_decoder(path: str) -> tuple[Callable[[], Decompressor], tuple[type[Exception], ...]]:
    try:
        if sys.version_info >= (3, 14):
            from compression.zstd import ZstdDecompressor, ZstdError
        else:
            from backports.zstd import ZstdDecompressor, ZstdError
    except ImportError as error:
        raise TargetError(
            "packed with zstd, which this Python can not read",
            path=path,
            hint="pip install backports.zstd, or unpack it: zstd -d",
        ) from error
    return ZstdDecompressor, (ZstdError,)


def _unpack_streams(
    data: Packed,
    position: int,
    how: Compression,
    open_stream: Callable[[], Decompressor],
    budget: Budget,
    path: str,
) -> bytes:
    """Return all streams that follow one another (``cat a.gz b.gz``, pbzip2, pzstd)."""
    whole = BytesIO()  # gives its bytes away without a copy
    view = memoryview(data)
    while True:
        budget.begin_piece(path)
        stream = open_stream()
        feed = _FIRST_FEED
        while not stream.eof:
            piece: Packed = b""
            if stream.needs_input:
                if position >= len(view):
                    raise TargetError(f"cut short: its {how.name} stream does not end", path=path)
                piece = view[position : position + feed]
                position += feed
                feed = min(feed * 4, _MAX_FEED)
            # One byte more than is allowed, so that too much is seen as such.
            part = stream.decompress(piece, min(budget.left + 1, _MAX_PART))
            budget.spend(len(part), path, how.command)
            whole.write(part)
        position = min(position, len(view)) - len(stream.unused_data)
        if how is XZ:
            position = _behind_padding(view, position)
        if how is LZMA or bytes(view[position : position + len(how.magic)]) != how.magic:
            return whole.getvalue()


def _behind_padding(view: memoryview, position: int) -> int:
    """Return where the zeros end, of which a multiple of four may stand behind an xz stream."""
    while chunk := bytes(view[position : position + _MAX_FEED]):
        zeros = len(chunk) - len(chunk.lstrip(b"\0"))
        position += zeros // 4 * 4
        if zeros < _MAX_FEED:
            break
    return position


class _GzipStream:
    """zlib's decompressor with the interface of the others."""

    def __init__(self) -> None:
        import zlib

        self._stream = zlib.decompressobj(wbits=31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: Packed, max_length: int, /) -> bytes:
        part = self._stream.decompress(data if self.needs_input else self._stream.unconsumed_tail, max_length)
        self.needs_input = len(part) < max_length and not self._stream.unconsumed_tail
        return part
