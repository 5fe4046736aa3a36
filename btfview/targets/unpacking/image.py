"""Bootable kernel images: where the kernel's bytes begin in them, and BTF found by its own form.

x86: ``Documentation/arch/x86/boot.rst``; EFI zboot: ``drivers/firmware/efi/libstub/zboot-header.S``;
arm64 and riscv: ``Documentation/arch/{arm64/booting,riscv/boot-image-header}.rst``.
"""

from __future__ import annotations

from struct import error as StructError  # noqa: N812
from struct import unpack_from

from btfview.btf.kinds import BTF_VERSION, BYTE_ORDERS, HEADER_SIZE
from btfview.btf.reader import Btf
from btfview.errors import BtfFormatError, TargetError
from btfview.frozen import TYPE_CHECKING, frozen

from .compression import COMPRESSIONS, compression_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_BZIMAGE, _ZBOOT = "x86 kernel image", "EFI zboot kernel image"
_BZIMAGE_HEADER = 0x202
_PAYLOAD_SINCE = 0x208
"""Boot protocol 2.08 (Linux 2.6.26) tells where the payload is."""
_MAX_BTF_HEADER = 256
_MAX_LOOKED_AT = 128 << 20
"""Bytes of supposed BTF in one search; that of a kernel has 3 to 8 MB, and takes 10 ms."""
_MAX_CANDIDATES = 256
_MAX_HITS = 10_000
"""Places where a magic is found; chance gives some 20 in a kernel of 60 MB."""
_MAX_STREAMS = 256
"""Places that look like a compressed stream; real images have at most a handful."""


@frozen
class Payload:
    """The part of an image that holds the kernel, mostly compressed."""

    image: str
    """What the image is called: ``x86 kernel image``."""
    offset: int
    """Bytes from the start of the file."""
    size: int


def image_kind(head: bytes) -> str | None:
    """Return what kind of kernel image begins with *head* (1 KiB is enough); None for another file."""
    if head[_BZIMAGE_HEADER : _BZIMAGE_HEADER + 4] == b"HdrS":
        return _BZIMAGE
    if head[:2] == b"MZ" and head[4:8] == b"zimg":
        return _ZBOOT
    if head[0x38:0x3C] == b"ARM\x64":
        return "arm64 kernel image"
    if head[0x38:0x3C] == b"RSC\x05":
        return "riscv kernel image"
    if head[0x24:0x28] in (b"\x18\x28\x6f\x01", b"\x01\x6f\x28\x18"):
        return "arm kernel image"
    return "EFI image" if head[:2] == b"MZ" else None


def payload_of(data: bytes, path: str) -> Payload | None:
    """Return where an image that says so keeps its kernel; None for any other file.

    Raises:
        TargetError: it says so, but the place is outside the file.
    """
    kind = image_kind(data[:1024])
    try:
        if kind == _BZIMAGE:
            if unpack_from("<H", data, 0x206)[0] < _PAYLOAD_SINCE:
                return None
            offset, size = unpack_from("<II", data, 0x248)
            offset += ((data[0x1F1] or 4) + 1) * 512
        elif kind == _ZBOOT:
            offset, size = unpack_from("<II", data, 8)
        else:
            return None
    except StructError as error:
        raise TargetError(f"this {kind} is cut short in its header", path=path) from error
    if not size or offset + size > len(data):
        raise TargetError(
            f"this {kind} says that its kernel lies at {offset}+{size}, but the file has {len(data)} bytes; "
            "is it cut short?",
            path=path,
        )
    return Payload(kind, offset, size)


def find_raw_btf(data: bytes) -> bytes | None:
    """Return the largest BTF that stands anywhere in *data*, of either byte order; None if there is none.

    A candidate has a sane header, and its type records end exactly where the header says. The magic
    alone occurs by chance; with the walk, images of ten kernels gave one hit each.
    """
    looked_at = 0
    for size, at in sorted(_headers(data), reverse=True)[:_MAX_CANDIDATES]:
        looked_at += size
        if looked_at > _MAX_LOOKED_AT:
            break
        found = bytes(data[at : at + size])
        try:
            Btf(found)
        except BtfFormatError:
            continue
        return found
    return None


def _headers(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield (size, offset) of all that could be a BTF header."""
    for magic, order in BYTE_ORDERS.items():
        for at in _hits(data, magic + bytes((BTF_VERSION, 0))):  # of flags there are none
            if at + HEADER_SIZE <= len(data):
                header, type_off, type_len, str_off, str_len = unpack_from(order + "5I", data, at + 4)
                size = header + str_off + str_len
                if (
                    HEADER_SIZE <= header <= _MAX_BTF_HEADER
                    and not (header % 4 or type_off % 4 or type_len % 4)
                    and type_len >= 12
                    and type_off + type_len <= str_off
                    and str_len
                    and at + size <= len(data)
                    and not data[at + header + str_off]
                    and not data[at + size - 1]
                ):
                    yield size, at


def compressed_places(data: bytes) -> list[int]:
    """Return the offsets at which *data* looks like a compressed stream, in order."""
    places = [at for how in COMPRESSIONS for at in _hits(data, how.magic) if compression_of(data, at) is how]
    return sorted(places)[:_MAX_STREAMS]


def _hits(data: bytes, magic: bytes) -> Iterator[int]:
    at = data.find(magic)
    for _ in range(_MAX_HITS):
        if at < 0:
            return
        yield at
        at = data.find(magic, at + 1)
