"""Source text, and places in it.

A *column* is everywhere 1-based and counts characters, as rustc prints it and as btfview's
``.BTF.ext`` line records hold it.
"""

from __future__ import annotations

import os
from bisect import bisect_right

from .errors import UnreadableFileError
from .frozen import frozen
from .inputs import MAX_TEXT, read_input

LANGUAGES = {".rs": "rust", ".c": "c", ".ll": "llvm-ir"}
"""Sources by suffix; every other file is taken for an object."""


def language_of(path: str) -> str | None:
    """Return the language of the source *path*, by its suffix; None for what is no source.

    >>> language_of("a/prog.rs"), language_of("prog.o")
    ('rust', None)
    """
    return LANGUAGES.get(os.path.splitext(path)[1])


@frozen
class Span:
    """Characters ``start`` up to, not including, ``end`` of a source's text."""

    start: int
    end: int


@frozen
class Location:
    """A place for people: both numbers count from 1."""

    line: int
    column: int


class Source:
    """One source text. ``path`` is as the user wrote it; the text need not be what is on disk.

    A program may have more files, which it names: behind the text, with one place between, come those of
    :attr:`modules`, so that one offset is a place in one of them.
    """

    __slots__ = ("_line_starts", "modules", "path", "text")

    def __init__(self, path: str, text: str, modules: tuple[Source, ...] = ()) -> None:
        self.path = path
        self.text = text
        self.modules = modules
        """The files that this one brought, in the order they were read; they hold none themselves."""
        self._line_starts = [0]
        position = 0
        for line in text.split("\n"):
            position += len(line) + 1
            self._line_starts.append(position)
        self._line_starts.pop()  # behind the last line none begins

    def with_module(self, module: Source) -> Source:
        """Return this source with one file more."""
        return Source(self.path, self.text, (*self.modules, module))

    @property
    def end(self) -> int:
        """Where the next of :attr:`modules` would begin."""
        return len(self.text) + 1 + sum(len(module.text) + 1 for module in self.modules)

    def file_at(self, offset: int) -> tuple[Source, int]:
        """Return the file that *offset* is in, and the offset there."""
        if not self.modules or offset <= len(self.text):
            return self, offset
        offset -= len(self.text) + 1
        for module in self.modules:
            if offset <= len(module.text):
                return module, offset
            offset -= len(module.text) + 1
        return self, len(self.text)

    def span_in_file(self, span: Span) -> Span:
        """Return the place of *span* in the text of its file."""
        start = self.file_at(span.start)[1]
        return Span(start, start + span.end - span.start)

    def is_own(self, offset: int) -> bool:
        """Whether *offset* is in this file, not in one of :attr:`modules`."""
        return offset <= len(self.text)

    def text_at(self, span: Span) -> str:
        """Return what stands at *span*, which is in one file."""
        file, start = self.file_at(span.start)
        return file.text[start : start + span.end - span.start]

    def location(self, offset: int) -> Location:
        """Return the line and column of character *offset*.

        >>> Source("a.rs", "let a;\\nlet b;").location(11)
        Location(line=2, column=5)
        """
        return Location(*self.line_and_column(offset))

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Return what :meth:`location` does, as a pair, for those who ask thousands of times."""
        if self.modules and offset > len(self.text):
            file, inside = self.file_at(offset)
            return file.line_and_column(inside)
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the character offset of a place; one past the end of the text or line is clamped."""
        line = min(max(line, 1), len(self._line_starts))
        start = self._line_starts[line - 1]
        return min(start + max(column, 1) - 1, start + len(self.line(line)))

    def line(self, number: int) -> str:
        """Return line *number* (from 1) without its newline; an empty string outside the text."""
        if not 1 <= number <= len(self._line_starts):
            return ""
        start = self._line_starts[number - 1]
        end = self.text.find("\n", start)
        return (self.text[start:] if end < 0 else self.text[start:end]).rstrip("\r")

    @property
    def line_count(self) -> int:
        return len(self._line_starts)


def read_source(path: str) -> Source:
    """Return the UTF-8 file *path* as a source.

    Raises:
        UnreadableFileError: the file cannot be read, or is not UTF-8 text.
        InputError: it has more than 16 MiB.
    """
    data = read_input(path, MAX_TEXT)
    try:
        return Source(path, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFileError(f"not UTF-8 text (line {line}, byte {error.start})", path=path) from error
