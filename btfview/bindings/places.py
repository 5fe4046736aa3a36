"""Where generated code may stand in a source: gaps between its items."""

from __future__ import annotations

import re
from bisect import bisect_right

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.compiler.options import CompileOptions
    from btfview.source import Source

    from .result import Bindings

REST_OF_LINE = re.compile(r"[ \t]*(?://[^\r\n]*|/\*[^\r\n]*?\*/)?[ \t]*")


@frozen
class SourceSpot:
    """A source as it is on show, and a place in it."""

    source: Source
    line: int
    """Where the cursor is, from 1."""
    options: CompileOptions
    headers: tuple[str, ...] = ()
    """Files that a C source includes, also by way of others."""


@frozen
class Insertion:
    """A source with generated code in it."""

    source: Source
    """What it was made for."""
    text: str
    """The whole source with the code in it."""
    line: int
    """At which the code begins in *text*, from 1."""
    where: str
    """In words: ``line 30, before impl task_struct``."""
    bindings: Bindings


def newline_of(text: str) -> str:
    """Return what ends most lines of *text*."""
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def put_between(text: str, at: int, body: str) -> tuple[str, int]:
    """Return *text* with *body* at a gap, an empty line before and behind, and where the body begins."""
    newline = newline_of(text)
    before, behind = text[:at], text[at:]
    lead = "" if not before.strip() else newline * (2 if not before.endswith("\n") else 1)
    gap = newline * 2 if behind.strip() else newline
    tail = behind.lstrip("\r\n") if behind.strip() else ""
    whole = before + lead + body.strip("\n").replace("\n", newline) + gap + tail
    return whole, len(before) + len(lead)


def nearest_gap(
    source: Source, gaps: Sequence[tuple[int, str]], starts: Sequence[int], line: int
) -> tuple[int, str]:
    """Return the one of *gaps* that is nearest to *line*; *starts* are those of the items between them,
    in order."""
    first_lines = [source.location(start).line for start in starts]

    def distance(index: int) -> int:
        first = source.location(gaps[index][0]).line
        behind = bisect_right(first_lines, first)
        last = first_lines[behind] if behind < len(first_lines) else source.line_count
        return 0 if first < line < last else min(abs(line - first), abs(line - last))

    return gaps[min(range(len(gaps)), key=distance)]
