"""Tokens of one line of textual IR (LLVM LangRef, "Identifiers")."""

from __future__ import annotations

import re

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN = re.compile(
    r'c?"[^"]*"'  # LLVM writes a quote in a string as \22
    r'|[@%$](?:"[^"]*"|[-\w.$]+)'
    r"|![\w.]+|#\w+|\.\.\.|[-\w.$]+|\S"
)
_OPEN, _CLOSE = frozenset("([{<"), frozenset(")]}>")


class Tokens:
    """The tokens of a line, with their places in it."""

    __slots__ = ("ends", "line", "starts", "words")

    def __init__(self, line: str) -> None:
        self.line = line
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        for found in _TOKEN.finditer(line):
            self.words.append(found[0])
            self.starts.append(found.start())
            self.ends.append(found.end())

    def text(self, first: int, last: int) -> str:
        """Return the line from token *first* up to, not including, token *last*."""
        return self.line[self.starts[first] : self.ends[last - 1]] if first < last else ""

    def partner(self, index: int) -> int:
        """Return the index of the bracket that closes the one at *index*."""
        depth = 0
        for position in range(index, len(self.words)):
            word = self.words[position]
            depth += (word in _OPEN) - (word in _CLOSE)
            if not depth:
                return position
        return len(self.words) - 1

    def split(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return the stretches between commas, from token *first* up to, not including, *last*."""
        found: list[tuple[int, int]] = []
        position = start = first
        while position < last:
            if self.words[position] in _OPEN:
                position = self.partner(position)
            elif self.words[position] == ",":
                found.append((start, position))
                start = position + 1
            position += 1
        if start < last:
            found.append((start, last))
        return found

    def symbol(self, first: int = 0) -> int | None:
        """Return the index of the first global name that an opening parenthesis follows: what a
        ``define``, ``declare`` or ``call`` is about."""
        for index in range(first, len(self.words) - 1):
            if self.words[index][0] == "@" and self.words[index + 1] == "(":
                return index
        return None


def without_words(line: str, dropped: frozenset[str]) -> str:
    """Return *line* without the tokens *dropped*, and without what stands in parentheses behind them."""
    tokens = Tokens(line)
    words: Sequence[str] = tokens.words
    if dropped.isdisjoint(words):
        return line
    parts, position, index = [], 0, 0
    while index < len(words):
        if words[index] not in dropped:
            index += 1
            continue
        last = index
        if (
            index + 1 < len(words)
            and words[index + 1] == "("
            and tokens.starts[index + 1] == tokens.ends[index]
        ):
            last = tokens.partner(index + 1)
        elif words[index + 1 : index + 2] == ["="]:
            last = index + 2
        parts.append(line[position : tokens.starts[index]])
        position = tokens.ends[last]
        while line[position : position + 1] == " ":
            position += 1
        index = last + 1
    return "".join([*parts, line[position:]])
