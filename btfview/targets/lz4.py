"""Unpack LZ4: the frame format, and the legacy one that Linux packs its images with.

Blocks are decoded by the system's liblz4 where there is one (40 ms for a kernel) and in plain Python
elsewhere (1 s). Formats: ``lz4_Frame_format.md`` and ``lz4_Block_format.md`` of LZ4. The checksums of a
frame are skipped: they are xxHash, which Python has not; what comes out is checked as ELF and as BTF.
"""

from __future__ import annotations

from struct import error as StructError  # noqa: N812
from struct import unpack_from

from ..errors import TargetError
from ..record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from .compression import Budget

    BlockDecoder: TypeAlias = Callable[[bytes, int, bytes], bytes]
    """From a block, the most bytes it may unpack to, and what came before it."""

_FRAME, _LEGACY = 0x184D2204, 0x184C2102
_LEGACY_BLOCK = 8 << 20
_LEGACY_PACKED = _LEGACY_BLOCK + _LEGACY_BLOCK // 255 + 16
"""``LZ4_COMPRESSBOUND``: a larger size begins no block of a legacy stream."""
_HISTORY = 1 << 16
_LIBRARIES = ("liblz4.so.1", "liblz4.so", "liblz4.1.dylib")
_COMMAND = "lz4 -d"


def unpack_lz4(data: bytes, budget: Budget, path: str, *, start: int = 0) -> bytes:
    """Return what the frames at byte *start* unpack to; what follows the last one is left alone.

    Raises:
        TargetError: damaged, cut short, made with a dictionary, or larger than *budget*.
    """
    decode = _native_decoder() or decode_block
    parts: list[bytes] = []
    position = start
    try:
        while True:
            (magic,) = unpack_from("<I", data, position) if position + 4 <= len(data) else (0,)
            if magic == _LEGACY:
                position = _unpack_legacy(data, position + 4, decode, parts, budget, path)
            elif magic == _FRAME:
                position = _unpack_frame(data, position + 4, decode, parts, budget, path)
            elif parts:
                return b"".join(parts)
            else:
                raise TargetError("damaged: an lz4 stream without a block", path=path)
    except (StructError, IndexError) as error:
        raise TargetError("cut short: its lz4 stream does not end", path=path) from error
    except ValueError as error:
        raise TargetError(f"damaged: {error} near byte {position} of its lz4 stream", path=path) from error


def _unpack_legacy(
    data: bytes, position: int, decode: BlockDecoder, parts: list[bytes], budget: Budget, path: str
) -> int:
    """Add the blocks of a legacy frame to *parts* and return where it ends.

    The format has no end mark. What follows the last block is the end of the file, another frame, or in
    a kernel image the unpacked size as four bytes (``size_append`` in the kernel's Makefile.lib).
    """
    start, unpacked = position, 0
    while position + 4 <= len(data):
        (size,) = unpack_from("<I", data, position)
        if size > _LEGACY_PACKED or not size or (size == unpacked and position + 4 == len(data)):
            break
        if position + 4 + size > len(data):
            raise IndexError
        block = decode(bytes(data[position + 4 : position + 4 + size]), _LEGACY_BLOCK, b"")
        budget.spend(len(block), path, _COMMAND)
        parts.append(block)
        unpacked += len(block)
        position += 4 + size
    if position == start:
        raise ValueError(f"no block has {len(data) - start and size} bytes")
    return position


def _unpack_frame(
    data: bytes, position: int, decode: BlockDecoder, parts: list[bytes], budget: Budget, path: str
) -> int:
    """Add the blocks of a frame to *parts* and return where it ends."""
    flags, sizes = data[position], data[position + 1]
    if flags >> 6 != 1:
        raise ValueError(f"lz4 frame version {flags >> 6}")
    if flags & 1:
        raise TargetError("packed with an lz4 dictionary, which is not read", path=path)
    is_linked, has_block_sums = not flags & 0x20, bool(flags & 0x10)
    has_size, has_sum = bool(flags & 8), bool(flags & 4)
    if not 4 <= sizes >> 4 & 7 <= 7:
        raise ValueError(f"lz4 block size code {sizes >> 4 & 7}")
    capacity = 1 << 8 + 2 * (sizes >> 4 & 7)
    position += 3 + 8 * has_size
    history = b""
    while True:
        (size,) = unpack_from("<I", data, position)
        position += 4
        if not size:
            return position + 4 * has_sum
        is_stored, size = size >> 31, size & 0x7FFFFFFF
        if size > capacity:
            raise ValueError(f"an lz4 block of {size} bytes where {capacity} is the most")
        if position + size + 4 * has_block_sums > len(data):
            raise IndexError
        block = bytes(data[position : position + size])
        if not is_stored:
            block = decode(block, capacity, history)
        budget.spend(len(block), path, _COMMAND)
        parts.append(block)
        if is_linked:
            history = (history + block)[-_HISTORY:]
        position += size + 4 * has_block_sums


def decode_block(block: bytes, capacity: int, history: bytes) -> bytes:
    """Return what one LZ4 block unpacks to, in plain Python.

    Raises:
        ValueError: it is damaged, or unpacks to more than *capacity* bytes.
    """
    out = bytearray(history)
    room = capacity + len(history)
    position, end = 0, len(block)
    try:
        while True:
            token = block[position]
            position += 1
            length = token >> 4
            if length == 15:
                length, position = _long_length(block, position)
            if length:
                if position + length > end or len(out) + length > room:
                    raise ValueError("an lz4 literal run leaves its block")
                out += block[position : position + length]
                position += length
            if position == end:  # the last sequence has no match
                return bytes(out[len(history) :])
            distance = block[position] | block[position + 1] << 8
            position += 2
            length = token & 15
            if length == 15:
                length, position = _long_length(block, position)
            length += 4
            start = len(out) - distance
            if not distance or start < 0 or len(out) + length > room:
                raise ValueError("an lz4 match leaves its block")
            if distance >= length:
                out += out[start : start + length]
            else:  # the match runs into what it writes: a repeated pattern
                out += (out[start:] * (length // distance + 1))[:length]
    except IndexError as error:
        raise ValueError("an lz4 block ends too early") from error


def _long_length(block: bytes, position: int) -> tuple[int, int]:
    length = 15
    while True:
        byte = block[position]
        position += 1
        length += byte
        if byte != 255:
            return length, position


def _native_decoder() -> BlockDecoder | None:
    """Return liblz4's decoder with the interface of :func:`decode_block`; None without liblz4.

    ``LZ4_decompress_safe_usingDict`` never reads or writes outside the lengths it is given (lz4.h).
    """
    try:
        import ctypes
    except ImportError:
        return None
    for name in _LIBRARIES:
        try:
            function = ctypes.CDLL(name).LZ4_decompress_safe_usingDict
            break
        except (OSError, AttributeError):
            continue
    else:
        return None
    function.restype = ctypes.c_int
    pointer, integer = ctypes.c_char_p, ctypes.c_int
    function.argtypes = (pointer, ctypes.c_void_p, integer, integer, pointer, integer)
    buffers: dict[int, ctypes.Array[ctypes.c_char]] = {}

    def decode(block: bytes, capacity: int, history: bytes) -> bytes:
        if capacity not in buffers:
            buffers[capacity] = ctypes.create_string_buffer(capacity)
        buffer = buffers[capacity]
        size = function(block, buffer, len(block), capacity, history, len(history))
        if size < 0:
            raise ValueError("an lz4 block")
        return ctypes.string_at(buffer, size)

    return decode
