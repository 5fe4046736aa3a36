"""The compiler's warm processes for targets that need them, with their own limits."""

from __future__ import annotations

from functools import cache
from zlib import crc32

from btfview.compiler.llvm.worker import Worker

TIME_LIMIT = 2.0
"""Seconds for LLVM; what takes longer has to end with a message."""


@cache
def worker() -> Worker:
    warm = Worker()
    warm.start()
    return warm


def is_chosen(data: bytes, one_of: int) -> bool:
    """Tell whether *data* is among the share of inputs that goes on to LLVM, the same in every run."""
    return crc32(data) % one_of == 0
