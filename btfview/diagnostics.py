"""What is wrong with a program, and how it is told."""

from __future__ import annotations

from .frozen import TYPE_CHECKING, frozen
from .source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal, TypeAlias

    LineKind: TypeAlias = Literal["title", "place", "source", "carets", "label", "note", "help"]

SEVERITIES = ("error", "warning", "note")
_PRIMARY = "^"
"""Stands under the primary place; a dash under others."""
MAX_WIDTH = 140
"""Characters of a line of source that are shown; rustc takes a terminal to have as many if there is none."""
_BEFORE = 60
"""Characters that stand before a marked part in a line that is cut."""
_CUT = "..."
MAX_LINES = 20
"""Lines of one place that are quoted in JSON."""
MAX_LENGTH = 400
"""Characters of a message, a label or a hint; a name in it may be as long as the file."""


@frozen
class Label:
    """A second place that explains the first, as in "declared here"."""

    span: Span
    text: str


@frozen
class Diagnostic:
    """One finding about a source text."""

    severity: str
    """One of :data:`SEVERITIES`."""
    message: str
    """What is wrong, in one line, without a full stop."""
    span: Span
    """The primary place; empty (start == end) where something is missing."""
    code: str | None = None
    """rustc's code where rustc has one, such as ``E0609``."""
    label: str | None = None
    """A few words that stand under the carets."""
    hint: str | None = None
    """What to write instead."""
    notes: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    lint: str | None = None
    """The lint that found it: what ``#[allow(..)]`` takes."""

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


def short_line(text: str) -> str:
    """Return *text*, which may quote the source: in one line, without control characters, cut in its middle.

    >>> short_line("no \\x1b[2J\\n such"), len(short_line("x" * 5000))
    ('no \N{REPLACEMENT CHARACTER}[2J such', 401)
    """
    if len(text) <= MAX_LENGTH and text.isprintable():
        return text
    half = MAX_LENGTH // 2
    text = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in " ".join(text.split())
    )
    if len(text) > MAX_LENGTH:
        text = f"{text[:half]}\N{HORIZONTAL ELLIPSIS}{text[-half:]}"
    return text


def format_diagnostic(diagnostic: Diagnostic, source: Source) -> str:
    """Return *diagnostic* with the source lines it speaks of and carets under them, in rustc's form."""
    return "\n".join(line for line, _ in diagnostic_lines(diagnostic, source))


def diagnostic_lines(diagnostic: Diagnostic, source: Source) -> Iterator[tuple[str, LineKind]]:
    """Yield the lines of :func:`format_diagnostic`, and what each is: ``carets`` mark the primary place,
    a ``label`` another."""
    for text, kind in _lines(diagnostic, source):
        for line in text.split("\n"):
            yield _printable(line), kind


def _lines(diagnostic: Diagnostic, source: Source) -> Iterator[tuple[str, LineKind]]:
    where = source.location(diagnostic.span.start)
    code = f"[{diagnostic.code}]" if diagnostic.code else ""
    yield f"{diagnostic.severity}{code}: {diagnostic.message}", "title"
    marks = [(diagnostic.span, _PRIMARY, diagnostic.label or "")]
    marks += [(label.span, "-", label.text) for label in diagnostic.labels]
    own = source.file_at(diagnostic.span.start)[0]
    places = [(source.location(span.start), span, mark, text) for span, mark, text in marks]
    gutter = len(str(max(place.line for place, *_ in places)))
    yield f"{' ' * gutter}--> {own.path}:{where.line}:{where.column}", "place"
    yield f"{' ' * gutter} |", "place"
    # What is in another file comes last, each with its place (rustc does the same).
    in_order = sorted(
        places, key=lambda item: (source.file_at(item[1].start)[0] is not own, item[0].line, item[0].column)
    )
    for place, span, mark, text in in_order:
        file, start = source.file_at(span.start)
        if file is not own:
            yield f"{' ' * gutter}::: {file.path}:{place.line}:{place.column}", "place"
        inside = Span(start, start + span.end - span.start)
        shown, underline = _marked_line(file.line(place.line), place.column - 1, inside, mark)
        yield f"{place.line:>{gutter}} | {shown}", "source"
        said = f"{text}{last_line_note(source, span)}"
        line = f"{' ' * gutter} | {underline} {said}".rstrip()
        yield line, "carets" if mark == _PRIMARY else "label"
    for note in diagnostic.notes:
        yield f"{' ' * gutter} = note: {note}", "note"
    if diagnostic.hint:
        yield f"{' ' * gutter} = help: {diagnostic.hint}", "help"


def diagnostic_json(diagnostic: Diagnostic, source: Source) -> dict[str, object]:
    """Return *diagnostic* in the shape of ``rustc --error-format json`` (rustc: "JSON output").

    Bytes count from the start of the UTF-8 file, lines and columns from 1, columns in characters. Where rustc
    has a help with a replacement, there is the text alone.
    """
    code = diagnostic.code or diagnostic.lint
    children: list[dict[str, object]] = [_child("note", note) for note in diagnostic.notes]
    if diagnostic.hint:
        children.append(_child("help", diagnostic.hint))
    return {
        "$message_type": "diagnostic",
        "message": diagnostic.message,
        "code": {"code": code, "explanation": None} if code else None,
        "level": diagnostic.severity,
        "spans": [
            _span_json(source, diagnostic.span, diagnostic.label, is_primary=True),
            *(_span_json(source, label.span, label.text, is_primary=False) for label in diagnostic.labels),
        ],
        "children": children,
        "rendered": format_diagnostic(diagnostic, source) + "\n\n",
    }


def _child(level: str, message: str) -> dict[str, object]:
    return {"message": message, "code": None, "level": level, "spans": [], "children": [], "rendered": None}


def _span_json(source: Source, span: Span, label: str | None, *, is_primary: bool) -> dict[str, object]:
    source, offset = source.file_at(span.start)
    span = Span(offset, offset + span.end - span.start)
    start, end = source.location(span.start), source.location(span.end)
    first = len(source.text[: span.start].encode("utf-8", "replace"))
    last = end.line - start.line
    lines = [source.line(number) for number in range(start.line, min(end.line, start.line + MAX_LINES) + 1)]
    return {
        "file_name": source.path,
        "byte_start": first,
        "byte_end": first + len(source.text[span.start : span.end].encode("utf-8", "replace")),
        "line_start": start.line,
        "line_end": end.line,
        "column_start": start.column,
        "column_end": end.column,
        "is_primary": is_primary,
        "text": [
            {
                "text": line,
                "highlight_start": start.column if index == 0 else 1,
                "highlight_end": end.column if index == last else len(line) + 1,
            }
            for index, line in enumerate(lines)
        ],
        "label": label,
        "suggested_replacement": None,
        "suggestion_applicability": None,
        "expansion": None,
    }


def _marked_line(line: str, start: int, span: Span, mark: str) -> tuple[str, str]:
    """Return *line*, and the marks under the part of *span* on it, in cells as a terminal has them.

    Of a long line that is what stands around *start*, the index where *span* begins (rustc does the same).
    """
    end = min(start + max(1, span.end - span.start), max(len(line), start + 1))
    first, last = 0, len(line)
    if last > MAX_WIDTH:
        first = max(0, min(start - _BEFORE, last - MAX_WIDTH))
        last = first + MAX_WIDTH
    cut = _CUT if first else ""
    before, marked = _printable(cut + line[first:start]), _printable(line[start : min(end, last)])
    shown = _printable(f"{cut}{line[first:last]}{_CUT if last < len(line) else ''}")
    return shown, " " * _width(before) + mark * max(1, _width(marked))


def last_line_note(source: Source, span: Span) -> str:
    """Return `` (to line 12)`` for a span that ends on a later line than it begins; else nothing."""
    first, last = source.location(span.start).line, source.location(max(span.start, span.end - 1)).line
    return f" (to line {last})" if last > first else ""


def _width(text: str) -> int:
    """Return the width of printable *text* in cells (Unicode Standard Annex #11)."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def _printable(text: str) -> str:
    """Return *text* with tabs widened and control characters made visible: data, never terminal codes."""
    return "".join(
        "    " if char == "\t" else char if char.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )
