"""How much opening one file may take: bytes that are unpacked, and pieces that they come in."""

from __future__ import annotations

from btfview.errors import TargetError

MAX_UNPACKED = 256 << 20
"""Bytes; a vmlinux without debug information has up to 100 MB."""
_MAX_TOGETHER = 320 << 20
"""Bytes of the file and of what it unpacks to: with a dictionary of 128 MiB, as kernels are packed with, and
the interpreter this stays below 512 MiB."""
_MIN_BOUND = 64 << 20
_MAX_RATIO = 64
"""Times the packed size, from 1 MiB on: kernels and BTF pack 3 to 12 fold, a bomb 1000 fold and more."""
_PIECE = 8 << 10
"""Bytes of the bound that allow for one piece: encoders make blocks of 64 KiB and more."""


class Budget:
    """What one file may unpack to, counted over all streams and all attempts."""

    __slots__ = ("_pieces_left", "bound", "left", "packed_size")

    def __init__(self, packed_size: int) -> None:
        self.packed_size = packed_size
        self.bound = min(MAX_UNPACKED, _MAX_TOGETHER - packed_size, max(_MIN_BOUND, _MAX_RATIO * packed_size))
        self.left = self.bound
        self._pieces_left = self.bound // _PIECE

    def spend(self, size: int, path: str, command: str) -> None:
        """Count *size* bytes more.

        Raises:
            TargetError: that is more than the file may have.
        """
        self.left -= size
        if self.left < 0:
            self.left = 0
            raise TargetError(
                f"unpacks to more than {self.bound >> 20} MiB, from {self.packed_size} bytes; "
                "no kernel does, so it is taken for a decompression bomb",
                path=path,
                hint=f"if you trust it, unpack it yourself: {command}",
            )

    def begin_piece(self, path: str) -> None:
        """Count one more stream, frame or block, however little is in it: millions of empty ones take long.

        Raises:
            TargetError: there are too many.
        """
        self._pieces_left -= 1
        if self._pieces_left < 0:
            self._pieces_left, self.left = 0, 0
            raise TargetError(
                f"is packed in more than {self.bound // _PIECE} pieces, most of them next to empty; "
                "no kernel is, so it is taken for a decompression bomb",
                path=path,
            )
