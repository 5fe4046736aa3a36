"""Strings that records name by an offset: each decoded once, none endless, all together bounded.

A record needs four bytes to name a string, and any tail of a long string is a string as well: 200 KB of
hostile file would become 6 GB of names.
"""

from __future__ import annotations

MAX_NAME = 4096
"""Bytes of a name that are read. The kernel takes 511 (``KSYM_NAME_LEN``), file names have up to 4,096."""
_MAX_OVERLAP = 8
"""Bytes decoded a byte of the section. Linkers share tails of names, which makes less than twice."""
_MIN_ROOM = 1 << 16


class OverlapError(ValueError):
    """The names overlap so much that they are not read."""


class StringTable:
    """The strings of ``data[start:end]``, where offset 0 is *start*."""

    __slots__ = ("_data", "_end", "_known", "_room", "_start")

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data = data
        self._start = start
        self._end = end
        self._room = _MIN_ROOM + _MAX_OVERLAP * (end - start)
        self._known: dict[int, str] = {}

    def at(self, offset: int) -> str:
        """Return the string at *offset*, of a longer one the first 4,096 bytes; empty outside.

        Raises:
            OverlapError: with this one, more is read than eight times the section.
        """
        found = self._known.get(offset)
        if found is None:
            found = self._known[offset] = self._decode(self._start + offset)
        return found

    def _decode(self, start: int) -> str:
        if not self._start <= start < self._end:
            return ""
        most = min(start + MAX_NAME, self._end)
        end = self._data.find(b"\0", start, most)
        raw = bytes(self._data[start : end if end >= 0 else most])
        self._room -= len(raw)
        if self._room < 0:
            size = self._end - self._start
            raise OverlapError(f"names overlap: {size} bytes of strings are named {_MAX_OVERLAP} times over")
        return raw.decode("utf-8", "replace")
