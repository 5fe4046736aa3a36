"""The source behind a compiled object: its files where they are still there, else the lines that its
``.BTF.ext`` quotes."""

from __future__ import annotations

import os

from btfview.errors import BtfviewError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.source import Source, Span, read_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from btfview.analysis.result import Analysis, SourcePlace

_HEADERS = (".h", ".hpp", ".inc")
_READ = (*_HEADERS, ".c", ".rs")
"""Ends of the names of files that are read: an object may name any."""


@frozen
class RecordedSource:
    """Lines of one or more files, one file after the other, as one text."""

    source: Source
    places: tuple[tuple[str, int], ...]
    """File, as the object names it, and line of each line of :attr:`source`."""
    headings: Mapping[int, str]
    """What stands above lines of :attr:`source`, counted from 1: the name of the file that begins there,
    or that lines are left out."""
    spans: Mapping[int, Span]
    """In :attr:`source`, of each record and of what else is asked for, by its number; from the column that
    is recorded to the end of the line."""


LEFT_OUT = "⋮"
"""A heading: there are lines between, which the object does not quote."""


def recorded_source(analysis: Analysis) -> RecordedSource | None:
    """Return the source of an object; None where it has no line info.

    A file that the object names is read from disk, by that name or beside the object, and taken if each line
    that the object quotes stands in it where it is said to. Sources come before headers.
    """
    quoted = _quoted_lines(analysis)
    if not quoted:
        return None
    texts: list[str] = []
    places: list[tuple[str, int]] = []
    headings: dict[int, str] = {}
    for file in sorted(quoted, key=lambda name: (name.endswith(_HEADERS), name)):
        lines = quoted[file]
        found = _find_file(file, lines, analysis.path)
        heading = os.path.basename(file)
        if found is None:
            heading += " (lines recorded in .BTF.ext)"
        numbers = range(1, found.line_count + 1) if found is not None else sorted(lines)
        before = 0
        for number in numbers:
            if before == 0:
                headings[len(texts) + 1] = heading
            elif number != before + 1:
                headings[len(texts) + 1] = LEFT_OUT
            texts.append(found.line(number) if found is not None else lines[number])
            places.append((file, number))
            before = number
    source = Source(places[0][0], "\n".join(texts))
    return RecordedSource(source, tuple(places), headings, _spans(analysis, source, places))


def _places(analysis: Analysis) -> dict[int, SourcePlace]:
    """Return the places of records and of what else is asked for, by their numbers; line 0 is none."""
    found = {linked.index: linked.place for linked in analysis.relos}
    found |= {number: ask.place for number, ask in enumerate(analysis.asks, len(analysis.relos))}
    return {number: place for number, place in found.items() if place is not None and place.line > 0}


def _quoted_lines(analysis: Analysis) -> dict[str, dict[int, str]]:
    """Return the text of each quoted line, by file and number, without the ends of lines in it."""
    files: dict[str, dict[int, str]] = {}
    if analysis.object is None:
        return files
    for info in analysis.object.ext.line_infos:
        if info.line > 0:
            files.setdefault(info.file, {}).setdefault(info.line, _one_line(info.text))
    for place in _places(analysis).values():
        files.setdefault(place.file, {}).setdefault(place.line, _one_line(place.text))
    return files


def _one_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", " ")


def _find_file(file: str, lines: Mapping[int, str], object_path: str) -> Source | None:
    """Return *file* as it is on disk, if it is what the object was made from."""
    if not file.endswith(_READ):
        return None
    beside = os.path.join(os.path.dirname(object_path), os.path.basename(file))
    for path in dict.fromkeys((file, beside)):
        try:
            if not os.path.isfile(path):
                continue
            source = read_source(path)
        except (BtfviewError, ValueError):  # a name with a zero byte in it is no path
            continue
        told = {number: text.strip() for number, text in lines.items() if text.strip()}
        if told and all(source.line(number).strip() == text for number, text in told.items()):
            return source
    return None


def _spans(analysis: Analysis, source: Source, places: list[tuple[str, int]]) -> dict[int, Span]:
    line_of = {place: at for at, place in enumerate(places, 1)}
    spans: dict[int, Span] = {}
    for number, place in _places(analysis).items():
        line = line_of[place.file, place.line]
        text = source.line(line)
        column = place.column if 0 < place.column <= len(text) else len(text) - len(text.lstrip()) + 1
        spans[number] = Span(source.offset(line, column), source.offset(line, len(text) + 1))
    return spans
