"""Packed files that unpack to more, or in more pieces, than they are worth."""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zlib
from collections.abc import Callable
from io import BytesIO

from tests.targets.samples import SMALL, lz4_frame, tar_archive, zstd_compress

MIB = 1 << 20


def _below_the_ratio(fill: bytes) -> bytes:
    """Return a gzip of 4 MiB that unpacks to 64 times as much: noise that does not pack, then *fill*."""
    stream = zlib.compressobj(1, zlib.DEFLATED, 31)
    noise = bytes((index * 2_654_435_761 >> 13) & 255 for index in range(1 << 16))
    parts = [stream.compress(zlib.compress(noise, 0) * 56)]
    parts += [stream.compress(fill * (MIB // len(fill))) for _ in range(240)]
    return b"".join((*parts, stream.flush()))


def _many_members() -> bytes:
    header = bytearray(tar_archive({"a": b""}, tarfile.USTAR_FORMAT)[:512])
    return bytes(header) * 200_000 + bytes(1024)


def _nested(layers: int) -> bytes:
    data = SMALL
    for _ in range(layers):
        data = gzip.compress(data, mtime=0)
    return data


def _tar_of_tars() -> bytes:
    inner = tar_archive({"a.btf": bytes(30 * MIB)})
    return gzip.compress(tar_archive({"b.btf": inner}), 1, mtime=0)


def _sparse_archive() -> bytes:
    info = tarfile.TarInfo("a.btf")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 1 << 40
    out = BytesIO(info.tobuf(tarfile.GNU_FORMAT))
    return out.getvalue() + bytes(1024)


CONTAINERS: dict[str, Callable[[], bytes]] = {
    "gzip-of-zeros": lambda: gzip.compress(bytes(300 * MIB), 1, mtime=0),
    "gzip-below-the-ratio": lambda: _below_the_ratio(bytes(1024)),
    "gzip-of-magics": lambda: _below_the_ratio(b"\x1f\x8b\x1f\x8b\x08\xfd7z\x28\xb5\x2f\x04\x22\x4d\x5d\0"),
    "xz-padding": lambda: lzma.compress(SMALL) + bytes(100 * MIB),
    "empty-zstd-frames": lambda: zstd_compress(b"") * 2_000_000,
    "empty-gzip-members": lambda: gzip.compress(b"", mtime=0) * 1_000_000,
    "lz4-blocks-of-a-byte": lambda: lz4_frame(b"\x10x", 4_000_000),
    "lz4-blocks-of-nothing": lambda: lz4_frame(b"", 8_000_000, is_stored=True),
    "tar-of-many": _many_members,
    "tar-of-tars": _tar_of_tars,
    "sparse-tar": _sparse_archive,
    "many-layers": lambda: _nested(9),
}
