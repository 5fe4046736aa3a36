"""Rows of the source pane: the source's lines, or for an object those that its line_info recorded."""

from __future__ import annotations

import os

from btfview.analysis.result import Analysis

from .rows import Row, Segment


def source_rows(analysis: Analysis) -> tuple[Row, ...]:
    """Return a row a line; of an object the recorded lines only, by file. Line numbers are no part of the
    text of a source's rows, whose keys are ``L1``, ``L2`` ..."""
    if analysis.source is None:
        return _recorded_rows(analysis)
    source = analysis.source
    by_line: dict[int, list[int]] = {}
    for linked in analysis.relos:
        if linked.span is not None and source.is_own(linked.span.start):
            by_line.setdefault(source.location(linked.span.start).line, []).append(linked.index)
    return tuple(
        Row((Segment(source.line(number)),), tuple(by_line.get(number, ())), f"L{number}")
        for number in range(1, source.line_count + 1)
    )


def _recorded_rows(analysis: Analysis) -> tuple[Row, ...]:
    if analysis.object is None:
        return ()
    lines: dict[tuple[str, int], str] = {}
    for info in analysis.object.ext.line_infos:
        lines.setdefault((info.file, info.line), info.text)
    relos: dict[tuple[str, int], list[int]] = {}
    for linked in analysis.relos:
        if linked.place:
            place = (linked.place.file, linked.place.line)
            lines.setdefault(place, linked.place.text)
            relos.setdefault(place, []).append(linked.index)
    for number, ask in enumerate(analysis.asks, len(analysis.relos)):
        if ask.place:
            relos.setdefault((ask.place.file, ask.place.line), []).append(number)
    rows: list[Row] = []
    width = len(str(max((line for _, line in lines), default=0)))
    previous: tuple[str, int] = ("", 0)
    for place in sorted(lines):
        file, number = place
        if file != previous[0]:
            rows.append(Row((Segment(f"{os.path.basename(file)} (lines recorded in .BTF.ext)", "title"),)))
        elif number != previous[1] + 1:
            rows.append(Row((Segment("⋮", "dim"),)))
        text = lines[place].replace("\t", "    ")
        segments = (Segment(f"{number:>{width}}  ", "dim"), Segment(text))
        rows.append(Row(segments, tuple(relos.get(place, ())), f"{file}:{number}"))
        previous = place
    if not rows:
        rows.append(Row((Segment("this object has no line_info: compile it with -g", "dim"),)))
    return tuple(rows)
