"""What a source came to when files were read in and macros expanded, and the place of each part of it."""

from __future__ import annotations

from btfview.frozen import frozen
from btfview.source import Span


@frozen
class Places:
    """By shown character: where it begins in the source, and where that ends."""

    starts: list[int]
    ends: list[int]


class Shown:
    """A text, and where its characters are from. Without places it is the source itself."""

    __slots__ = ("places", "text")

    def __init__(self, text: str, places: Places | None = None) -> None:
        self.text = text
        self.places = places

    def place(self, span: Span) -> Span:
        """Return where the shown characters *span* are from."""
        places = self.places
        if places is None:
            return span
        if not places.starts:
            return Span(0, 0)
        if span.start >= len(places.starts):
            return Span(places.ends[-1], places.ends[-1])
        start = places.starts[span.start]
        if span.end <= span.start:
            return Span(start, start)
        return Span(start, max(start, places.ends[span.end - 1]))

    def replaced(self, changes: list[tuple[Span, Shown]]) -> Shown:
        """Return this with other text for some spans of it, which are in order and apart."""
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        for span, shown in [*changes, (Span(len(self.text), len(self.text)), Shown("", Places([], [])))]:
            texts.append(self.text[position : span.start])
            if self.places is None:
                starts += range(position, span.start)
                ends += range(position + 1, span.start + 1)
            else:
                starts += self.places.starts[position : span.start]
                ends += self.places.ends[position : span.start]
            texts.append(shown.text)
            assert shown.places is not None
            starts += shown.places.starts
            ends += shown.places.ends
            position = span.end
        return Shown("".join(texts), Places(starts, ends))

    def part(self, span: Span) -> Shown:
        """Return the stretch *span* with its places."""
        text = self.text[span.start : span.end]
        if self.places is None:
            return Shown(
                text, Places(list(range(span.start, span.end)), list(range(span.start + 1, span.end + 1)))
            )
        return Shown(
            text,
            Places(self.places.starts[span.start : span.end], self.places.ends[span.start : span.end]),
        )
