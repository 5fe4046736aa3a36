"""How many kernels a process that goes on for long keeps in memory: the screen, of 31 or more.

A whole kernel is 6 MB, and 16 more once its names were listed; to read it again takes 10 ms.
"""

from __future__ import annotations

import _thread

from .target import Target, told_of_opened

_MMAP_THRESHOLD, _LARGE = -3, 1 << 18
"""``M_MMAP_THRESHOLD`` of mallopt(3), and bytes of a block that is the system's again once it is free. By
default glibc raises that to the largest that was ever freed, and keeps the room of all kernels."""

_MANY = 4
"""Kernels whose memory is worth the milliseconds that it takes to give it back."""


class _Open:
    """The targets that all threads have read and that keep their BTF, the first that was read first."""

    def __init__(self) -> None:
        self.most = 0
        """How many those are at most; 0: as many as are read, and they are not counted."""
        self.usual = 0
        """The same, while it is another for some time; else 0."""
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
        if self.most:
            self.trim(self.most)

    def trim(self, most: int) -> None:
        """Forget all but *most*; where there were many, give their memory back."""
        if self.forget(most) > _MANY:
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


def begin_listing(most: int) -> None:
    """Names of kernels are to be listed: no more than *most* are kept meanwhile, where there is a limit."""
    if _open.most:
        _open.usual, _open.most = _open.usual or _open.most, most
        _open.trim(most)


def end_listing() -> None:
    """Keep as many as before :func:`begin_listing` from now on; what was listed is forgotten."""
    if _open.usual:
        _open.trim(0)
        _open.usual, _open.most = 0, _open.usual


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
