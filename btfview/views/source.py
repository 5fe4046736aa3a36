"""Rows of the source pane: the source's lines, or for an object those that its line_info recorded."""

from __future__ import annotations

from btfview.analysis.source_text.recorded_source import LEFT_OUT, RecordedSource, recorded_source
from btfview.frozen import TYPE_CHECKING

from .rows import Row, Segment

if TYPE_CHECKING:
    from btfview.analysis.result import Analysis


def source_rows(analysis: Analysis) -> tuple[Row, ...]:
    """Return a row a line; of an object as :func:`recorded_rows`. Line numbers are no part of the text of a
    source's rows, whose keys are ``L1``, ``L2`` ..."""
    if analysis.source is None:
        return recorded_rows(recorded_source(analysis)) if analysis.object is not None else ()
    source = analysis.source
    by_line: dict[int, list[int]] = {}
    for linked in analysis.relos:
        if linked.span is not None and source.is_own(linked.span.start):
            by_line.setdefault(source.location(linked.span.start).line, []).append(linked.index)
    return tuple(
        Row((Segment(source.line(number)),), tuple(by_line.get(number, ())), f"L{number}")
        for number in range(1, source.line_count + 1)
    )


def recorded_rows(recorded: RecordedSource | None) -> tuple[Row, ...]:
    """Return the lines of an object's source by file, each with its number and its records; its key is
    ``file:number``."""
    if recorded is None:
        return (Row((Segment("this object has no line_info: compile it with -g", "dim"),)),)
    source = recorded.source
    relos: dict[int, list[int]] = {}
    for number, span in recorded.spans.items():
        relos.setdefault(source.location(span.start).line, []).append(number)
    rows: list[Row] = []
    width = len(str(max(line for _, line in recorded.places)))
    for at, (file, number) in enumerate(recorded.places, 1):
        if heading := recorded.headings.get(at):
            rows.append(Row((Segment(heading, "dim" if heading == LEFT_OUT else "title"),)))
        segments = (
            Segment(f"{number:>{width}}  ", "dim"),
            Segment(source.line(at).replace("\t", "    ")),
        )
        rows.append(Row(segments, tuple(relos.get(at, ())), f"{file}:{number}"))
    return tuple(rows)
