"""How many kernels a process that goes on for long keeps in memory: the screen, of 31 or more.

A whole kernel is 6 MB, and 16 more once its names were listed; to read it again takes 10 ms.
"""

from __future__ import annotations

import _thread

from .target import Target, told_of_opened

_MMAP_THRESHOLD, _LARGE = -3, 1 << 18
"""``M_MMAP_THRESHOLD`` of mallopt(3), and bytes of a block that is the system's again once it is free. By
default glibc raises that to the largest that was ever freed, and keeps the room of all kernels."""


class _Open:
    """The targets that all threads have read and that keep their BTF, the first that was read first."""

    def __init__(self) -> None:
        self.most = 0
        """How many those are at most; 0: as many as are read, and they are not counted."""
        self._targets: list[Target] = []
        self._answers = 0
        """Under way."""
        self._is_tuned = False
        self._lock = _thread.allocate_lock()

    def add(self, target: Target) -> None:
        with self._lock:
            self._targets.append(target)
        self.forget(self.most)

    def begin(self) -> None:
        with self._lock:
            self._answers += 1
            is_first, self._is_tuned = not self._is_tuned, True
        if is_first and self.most:
            _tell_malloc("mallopt", _MMAP_THRESHOLD, _LARGE)

    def end(self) -> None:
        with self._lock:
            self._answers -= 1
        if self.most and self.forget(self.most) > self.most:
            _tell_malloc("malloc_trim", 0)

    def forget(self, most: int) -> int:
        """Keep *most*, but while an answer is made all; return how many that was too many."""
        with self._lock:
            many = 0 if self._answers else max(0, len(self._targets) - most)
            for target in self._targets[:many]:
                target.forget()
            del self._targets[:many]
        return many


_open = _Open()


def keep_open_everywhere(most: int) -> None:
    """Have no more than *most* targets keep their BTF in memory, whichever thread reads them; kernels of an
    atlas do not count: they take long to make, and few are."""
    _open.most = most
    if _take not in told_of_opened:
        told_of_opened.append(_take)


def _take(target: Target) -> None:
    if _open.most and not target.can_share:
        _open.add(target)


def forget_open() -> None:
    """Have all of them forget it: their names were listed, which nobody asks for any more."""
    if _open.most and _open.forget(0):
        _tell_malloc("malloc_trim", 0)


class AllOpen:
    """Within this an answer is made, which looks at each kernel several times: all stay in memory."""

    def __enter__(self) -> None:
        _open.begin()

    def __exit__(self, *_: object) -> None:
        _open.end()


def _tell_malloc(function: str, *arguments: int) -> None:
    """Call a function of glibc's malloc; where there is another, its own ways have to do."""
    import ctypes

    try:
        getattr(ctypes.CDLL(None), function)(*arguments)
    except (OSError, AttributeError):
        return
