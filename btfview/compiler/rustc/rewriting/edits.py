"""Changes to a text that keep its lines, and the way back from the changed text to the first."""

from __future__ import annotations

from bisect import bisect_right

from btfview.frozen import frozen
from btfview.source import Source, Span

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterable


@frozen
class Edit:
    """Characters ``start`` up to ``end`` become ``text``."""

    start: int
    end: int
    text: str


class Edited:
    """A changed text that knows where its characters come from."""

    __slots__ = ("_new", "_old", "original", "text")

    def __init__(self, original: Source, edits: Iterable[Edit]) -> None:
        self.original = original
        parts: list[str] = []
        self._new, self._old = [0], [0]
        """Where stretches begin in both texts; inside of one both count alike."""
        position = length = 0
        for edit in sorted(edits, key=lambda one: (one.start, one.end)):
            if edit.start < position:  # inside of one that was made already
                continue
            kept = original.text[position : edit.start]
            parts += [kept, edit.text]
            length += len(kept)
            self._new.append(length)
            self._old.append(edit.start)
            length += len(edit.text)
            position = edit.end
            self._new.append(length)
            self._old.append(position)
        parts.append(original.text[position:])
        self.text = "".join(parts)

    def offset(self, changed: int) -> int:
        """Return the character of the first text at *changed* of the other."""
        index = bisect_right(self._new, changed) - 1
        found = self._old[index] + changed - self._new[index]
        return min(found, self._old[index + 1]) if index + 1 < len(self._old) else found

    def inserted_at(self, changed: int) -> str:
        """Return the text put in around *changed*, a character of the changed text; else an empty one."""
        index = bisect_right(self._new, changed) - 1
        is_kept = index % 2 == 0
        return "" if is_kept else self.text[self._new[index] : self._new[index + 1]]

    def span(self, start: int, end: int) -> Span:
        first = self.offset(start)
        return Span(first, max(first, self.offset(end)))
