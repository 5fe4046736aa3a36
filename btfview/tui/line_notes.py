"""What stands at the end of source lines: the records that are asked for there, and what is wrong there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.changes.shortest_edit import common_ends
from btfview.frozen import frozen
from btfview.tui.drawing import Piece, visible
from btfview.views.asks import ask_number
from btfview.views.offset_table import short_kind
from btfview.views.problems import severity_look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from btfview.analysis.result import Analysis
    from btfview.source import Source
    from btfview.views.rows import Segment

_NUMBERS_ONLY = 2
MARK_FORMS = range(_NUMBERS_ONLY + 1)
"""Of what stands at the end of a line, the longest first."""
_MARKS_NAMED = 3
"""Queries of one line that are named one by one at its end; more are only counted."""


@frozen
class Wrong:
    """What is wrong at a place of a line."""

    start: int
    """Characters from the start of the line."""
    end: int
    role: str
    text: str
    """``✖ [E0609] no field ...``."""


@frozen
class LineNotes:
    """Notes of one text, by the numbers of its lines."""

    lines: tuple[str, ...]
    """The text."""
    marks: Mapping[int, tuple[tuple[Piece, ...], tuple[Piece, ...]]]
    """What becomes of the records of a line, in long and in short."""
    wrong: Mapping[int, tuple[Wrong, ...]]


NOTHING = LineNotes((), {}, {})


def notes_of(analysis: Analysis, summaries: Sequence[Segment]) -> LineNotes:
    """Return the notes of the source of a result; *summaries* are of its records, and none while it has
    errors."""
    source = analysis.source
    if source is None:
        return NOTHING
    relos_of: dict[int, list[int]] = {}
    for number in range(analysis.item_count) if summaries else ():
        ask = analysis.ask(number)
        span = ask.span if ask else analysis.relos[number].span
        if span is not None and source.is_own(span.start) and (ask is None or analysis.fails(number)):
            relos_of.setdefault(source.location(span.start).line, []).append(number)
    marks = {
        line: (
            mark_pieces(analysis, summaries, relos),
            mark_pieces(analysis, summaries, relos, form=1),
        )
        for line, relos in relos_of.items()
    }
    return LineNotes(tuple(editor_lines(source)), marks, _wrong(analysis, source))


def editor_lines(source: Source) -> list[str]:
    """Return the lines of *source* as an editor has them: without a mark of the byte order, and with the
    ends of lines that it has."""
    return source.text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")


def _wrong(analysis: Analysis, source: Source) -> dict[int, tuple[Wrong, ...]]:
    wrong: dict[int, list[Wrong]] = {}
    for one in analysis.diagnostics:
        if not source.is_own(one.span.start):
            continue
        place = source.location(one.span.start)
        start = place.column - 1
        end = max(start + 1, min(start + one.span.end - one.span.start, len(source.line(place.line))))
        code = f"[{one.code}] " if one.code else ""
        glyph, role = severity_look(one.severity)
        wrong.setdefault(place.line, []).append(Wrong(start, end, role, f"{glyph} {code}{one.message}"))
    return {line: tuple(found) for line, found in wrong.items()}


class Carried:
    """Which line of the text of *notes* a line of *lines*, a later text, was; those between the first and
    the last that differ are new."""

    def __init__(self, notes: LineNotes, lines: Sequence[str]) -> None:
        self._notes = notes
        self._count = len(lines)
        self._head, self._tail = common_ends(notes.lines, lines)

    def number_of(self, number: int) -> int | None:
        """Return the line that line *number* of the later text was, both from 1; None for a new one."""
        if number <= self._head:
            return number
        if number > self._count - self._tail:
            return number - self._count + len(self._notes.lines)
        return None


def mark_pieces(
    analysis: Analysis, summaries: Sequence[Segment], relos: Sequence[int], *, form: int = 0
) -> tuple[Piece, ...]:
    """Return what stands at the end of a line with these records, in one of the :data:`MARK_FORMS`:
    ``◆ #1 offset ▲ moved on 2 of 3``, ``◆ #1 offset ▲`` or ``◆ #1 ▲``."""
    if len(relos) > _MARKS_NAMED:
        return ((f" ◆ {len(relos)} records #{relos[0]} to #{relos[-1]} ", "key"),)
    pieces: list[Piece] = [(" ◆ ", "key")]
    for position, index in enumerate(relos):
        if position:
            pieces.append((" · ", "dim"))
        if ask := analysis.ask(index):
            label, what = ask_number(analysis, index), ask.subject
        else:
            label, what = f"#{index}", short_kind(analysis.relos[index].relo.kind_label)
        pieces.append((f"{label} {visible(what)}" if form < _NUMBERS_ONLY else label, "name"))
        summary = summaries[index]
        if summary.text:
            pieces.append((f" {summary.text[:1] if form else summary.text}", summary.role))
    pieces.append((" ", ""))
    return tuple(pieces)
