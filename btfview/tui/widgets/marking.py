"""Text that the mouse is dragged over: marked while it is, copied when it is let go, as by a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Callable

_MARKED = Style(reverse=True)
Place = tuple[int, int]
"""Line and cell, of what is in view, from 0."""


class Marking:
    """What is marked of the lines in view; *draw* returns one of them as it is drawn, *margin* how many cells
    at their left are no text."""

    def __init__(self, draw: Callable[[int], Strip], margin: Callable[[], int]) -> None:
        self._draw = draw
        self._margin = margin
        self._start: Place | None = None
        self._end: Place | None = None
        self.was_used = False
        """The last press of the button marked something: it was no click."""

    @property
    def is_begun(self) -> bool:
        return self._start is not None

    @property
    def is_on(self) -> bool:
        """Something is marked."""
        return self._start is not None and self._end is not None

    def begin(self, place: Place) -> None:
        """The button went down at *place*."""
        self._start, self._end, self.was_used = place, None, False

    def extend(self, place: Place) -> bool:
        """The mouse is at *place*, the button down; return whether the mark has changed."""
        before, self._end = self._end, place if place != self._start else self._end
        return self._end != before

    def end(self) -> str:
        """The button was let go: return what was marked, and mark nothing any more."""
        text = self.text() if self.is_on else ""
        self.was_used = bool(text)
        self._start = self._end = None
        return text

    def span(self, y: int, width: int) -> tuple[int, int] | None:
        """Return the cells of line *y* that are marked."""
        if self._start is None or self._end is None:
            return None
        (top, left), (bottom, right) = sorted((self._start, self._end))
        if not top <= y <= bottom:
            return None
        start = max(self._margin(), left if y == top else 0)
        return start, min(width, right + 1 if y == bottom else width)

    def text(self) -> str:
        """Return the marked text, line by line."""
        if self._start is None or self._end is None:
            return ""
        lines = []
        for y in range(min(self._start[0], self._end[0]), max(self._start[0], self._end[0]) + 1):
            strip = self._draw(y)
            start, end = self.span(y, strip.cell_length) or (0, 0)
            lines.append(strip.crop(start, max(start, end)).text.rstrip())
        return "\n".join(lines).strip("\n")

    def mark(self, strip: Strip, y: int) -> Strip:
        """Return line *y* with what is marked of it shown so."""
        span = self.span(y, strip.cell_length)
        if span is None or span[0] >= span[1]:
            return strip
        start, end = span
        marked = strip.crop(start, end).apply_style(_MARKED)
        return Strip.join([strip.crop(0, start), marked, strip.crop(end)])
