"""How much one file may unpack to."""

from __future__ import annotations

from btfview.errors import TargetError

MAX_UNPACKED = 1 << 30
"""Bytes; a vmlinux with debug information has some 500 MB."""
_MIN_BOUND = 64 << 20
_MAX_RATIO = 64
"""Times the packed size, from 1 MiB on: kernels and BTF pack 3 to 12 fold, a bomb 1000 fold and more."""


class Budget:
    """Bytes that opening one file may unpack to, counted over all streams and all attempts."""

    __slots__ = ("bound", "left", "packed_size")

    def __init__(self, packed_size: int) -> None:
        self.packed_size = packed_size
        self.bound = min(MAX_UNPACKED, max(_MIN_BOUND, _MAX_RATIO * packed_size))
        self.left = self.bound

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
