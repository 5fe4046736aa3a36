"""Unpack LZ4: the frame format, and the legacy one that Linux packs its images with.

Blocks are decoded by the system's liblz4 where there is one (40 ms for a kernel) and in plain Python
elsewhere (1 s). Formats: ``lz4_Frame_format.md`` and ``lz4_Block_format.md`` of LZ4. The checksums of a
frame are skipped: they are xxHash, which Python has not; what comes out is checked as ELF and as BTF.
"""

from __future__ import annotations

from struct import error as StructError  # noqa: N812
from struct import unpack_from

from btfview.errors import TargetError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from .budget import Budget

    Packed: TypeAlias = bytes | memoryview
    BlockDecoder: TypeAlias = Callable[[Packed, bytearray, int, int], None]
    """Appends a block to what was unpacked before: (block, output, start of what the block may refer to,
    most bytes it may unpack to)."""

_FRAME, _LEGACY = 0x184D2204, 0x184C2102
_LEGACY_BLOCK = 8 << 20
_LEGACY_PACKED = _LEGACY_BLOCK + _LEGACY_BLOCK // 255 + 16
"""``LZ4_COMPRESSBOUND``: a larger size begins no block of a legacy stream."""
_HISTORY = 1 << 16
_LIBRARIES = ("liblz4.so.1", "liblz4.so", "liblz4.1.dylib")
_COMMAND = "lz4 -d"


def unpack_lz4(data: Packed, budget: Budget, path: str, *, start: int = 0) -> bytes:
    """Return what the frames at byte *start* unpack to; what follows the last one is left alone.

    Raises:
        TargetError: damaged, cut short, made with a dictionary, or larger than *budget*.
    """
    return _Lz4(data, start, budget, path).unpack()


class _Lz4:
    """One sequence of frames, and what was unpacked of it so far."""

    def __init__(self, data: Packed, start: int, budget: Budget, path: str) -> None:
        self.data = data
        self.position = start
        self.budget = budget
        self.path = path
        self.out = bytearray()
        self.decode = _native_decoder() or decode_block

    def unpack(self) -> bytes:
        frames = 0
        try:
            while True:
                magic = self.u32() if self.position + 4 <= len(self.data) else 0
                if magic == _LEGACY:
                    self.legacy_frame()
                elif magic == _FRAME:
                    self.budget.begin_piece(self.path)
                    self.frame()
                else:
                    # A copy would take as long as unpacking does. Nobody changes it from here on.
                    return self.out if frames else b""  # type: ignore[return-value]
                frames += 1
        except (StructError, IndexError) as error:
            raise TargetError("cut short: its lz4 stream does not end", path=self.path) from error
        except ValueError as error:
            where = f"near byte {self.position} of its lz4 stream"
            raise TargetError(f"damaged: {error} {where}", path=self.path) from error

    def u32(self) -> int:
        value: int = unpack_from("<I", self.data, self.position)[0]
        self.position += 4
        return value

    def block(self, size: int) -> Packed:
        """Return the next *size* bytes."""
        if self.position + size > len(self.data):
            raise IndexError
        self.position += size
        return self.data[self.position - size : self.position]

    def add(self, block: Packed, capacity: int, history_start: int) -> None:
        """Decode a block of at most *capacity* bytes."""
        self.budget.begin_piece(self.path)
        before = len(self.out)
        self.decode(block, self.out, history_start, capacity)
        self.budget.spend(len(self.out) - before, self.path, _COMMAND)

    def legacy_frame(self) -> None:
        """Unpack the blocks of a legacy frame.

        The format has no end mark. What follows the last block is the end of the file, another frame, or
        in a kernel image the unpacked size as four bytes (``size_append`` in the kernel's Makefile.lib).
        """
        first, start = self.position, len(self.out)
        while self.position + 4 <= len(self.data):
            size = self.u32()
            is_size_of_all = size == len(self.out) - start and self.position == len(self.data)
            if size > _LEGACY_PACKED or not size or is_size_of_all:
                self.position -= 4
                break
            self.add(self.block(size), _LEGACY_BLOCK, len(self.out))
        if self.position == first:
            raise ValueError("no block")

    def frame(self) -> None:
        """Unpack the blocks of a frame."""
        start = len(self.out)
        flags, sizes = self.data[self.position], self.data[self.position + 1]
        if flags >> 6 != 1:
            raise ValueError(f"frame version {flags >> 6}")
        if flags & 1:
            raise TargetError("packed with an lz4 dictionary, which is not read", path=self.path)
        is_linked, has_block_sums = not flags & 0x20, bool(flags & 0x10)
        has_size, has_sum = bool(flags & 8), bool(flags & 4)
        if sizes >> 4 & 7 < 4:
            raise ValueError(f"block size code {sizes >> 4 & 7}")
        capacity = 1 << 8 + 2 * (sizes >> 4 & 7)
        self.position += 3 + 8 * has_size
        while size := self.u32():
            is_stored, size = size >> 31, size & 0x7FFFFFFF
            if size > capacity:
                raise ValueError(f"a block of {size} bytes where {capacity} is the most")
            block = self.block(size)
            if is_stored:
                self.budget.begin_piece(self.path)
                self.out += block
                self.budget.spend(size, self.path, _COMMAND)
            else:
                self.add(block, capacity, start if is_linked else len(self.out))
            self.block(4 * has_block_sums)
        self.block(4 * has_sum)


def decode_block(block: Packed, out: bytearray, history_start: int, capacity: int) -> None:
    """Append to *out* what one LZ4 block unpacks to, in plain Python.

    Raises:
        ValueError: it is damaged, or unpacks to more than *capacity* bytes.
    """
    limit = len(out) + capacity
    position, end = 0, len(block)
    try:
        while True:
            token = block[position]
            position += 1
            length = token >> 4
            if length == 15:
                length, position = _long_length(block, position)
            if length:
                if position + length > end or len(out) + length > limit:
                    raise ValueError("a literal run leaves its block")
                out += block[position : position + length]
                position += length
            if position == end:  # the last sequence has no match
                return
            distance = block[position] | block[position + 1] << 8
            position += 2
            length = token & 15
            if length == 15:
                length, position = _long_length(block, position)
            length += 4
            start = len(out) - distance
            if not distance or start < history_start or len(out) + length > limit:
                raise ValueError("a match leaves its block")
            if distance >= length:
                out += out[start : start + length]
            else:  # the match runs into what it writes: a repeated pattern
                out += (out[start:] * (length // distance + 1))[:length]
    except IndexError as error:
        raise ValueError("a block ends too early") from error


def _long_length(block: Packed, position: int) -> tuple[int, int]:
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
    pointer, integer = ctypes.c_char_p, ctypes.c_int
    function.restype = integer
    function.argtypes = (pointer, ctypes.c_void_p, integer, integer, pointer, integer)
    # One room for all blocks: it stays in the processor's cache, and is zeroed by the system only once.
    rooms: dict[int, ctypes.Array[ctypes.c_char]] = {}

    def decode(block: Packed, out: bytearray, history_start: int, capacity: int) -> None:
        room = rooms.get(capacity) or rooms.setdefault(capacity, (ctypes.c_char * capacity)())
        history = bytes(out[max(history_start, len(out) - _HISTORY) :])
        size = function(bytes(block), room, len(block), capacity, history, len(history))
        if size < 0:
            raise ValueError("a block")
        out += memoryview(room)[:size]

    return decode
