"""What clang printed, as diagnostics about the user's source."""

from __future__ import annotations

import os
import re

from btfview.compiler.llvm.messages import (
    character_column,
    explain_backend_error,
    token_span,
    without_dag_node,
)
from btfview.diagnostics import Diagnostic, Label
from btfview.frozen import replace
from btfview.source import Source, Span

_PLACED = re.compile(
    r"^(?P<file>[^\n]+?):(?P<line>\d+):(?P<column>\d+):"
    r"(?P<ranges>(?:\{\d+:\d+-\d+:\d+\})*:?) "
    r"(?P<severity>fatal error|error|warning|note|remark): (?P<text>.*)$"
)
_UNPLACED = re.compile(r"^(?:[\w./+-]+: )?(?P<severity>fatal error|error|warning|note): (?P<text>.*)$")
_INCLUDED = re.compile(r"^(?:In file included from|\s+from) (?P<file>.+?):(?P<line>\d+)(?::\d+)?[:,]$")
_FLAG = re.compile(r" \[(-W[^\]]+)\]$")
_LOST_PLACE = re.compile(
    r"could not determine the original source location for (?P<file>.+):(?P<line>\d+):(?P<column>\d+)$"
)
"""A back end's error has its place from the debug info, whose file names are not those that clang opened."""
_RANGE = re.compile(r"\{(\d+):(\d+)-(\d+):(\d+)\}")


def debug_path(source: Source) -> str:
    """Return the name that clang's debug info, and so its BTF, has for *source*: directory and path."""
    try:
        return os.path.join(os.getcwd(), source.path)
    except OSError:  # the current directory was removed
        return source.path


def read_clang_messages(stderr: str, source: Source, path: str) -> tuple[Diagnostic, ...]:
    """Return the diagnostics in *stderr* of a clang that read *source* as *path*.

    A message about a header stands at the ``#include`` that brought it in. Notes go with the
    message before them: as labels where they are about the source, else as text.
    """
    diagnostics: list[Diagnostic] = []
    include_line: int | None = None
    last_where: tuple[str, ...] | None = None
    for line in stderr.splitlines():
        if included := _INCLUDED.match(line):
            if included["file"] == path:
                include_line = int(included["line"])
            continue
        placed = _PLACED.match(line)
        match = placed or _UNPLACED.match(line)
        if match is None:  # a quoted source line, carets, "2 errors generated."
            continue
        where = placed.group("line", "column") if placed else None
        if lost := _LOST_PLACE.match(match["text"]):
            # clang 19 adds the note of the error that comes next to one that needs none.
            if diagnostics and _is_source(lost["file"], source) and where == last_where:
                diagnostics[-1] = replace(diagnostics[-1], span=_lost_span(lost, source))
            continue
        severity = "error" if match["severity"] == "fatal error" else match["severity"]
        message = match["text"].replace(path, source.path)
        span, message = _place(placed, source, path, include_line, message)
        if severity in ("note", "remark") and diagnostics:
            diagnostics[-1] = _add_note(
                diagnostics[-1], span if placed and placed["file"] == path else None, message
            )
            continue
        last_where = where
        diagnostics.append(_diagnostic("note" if severity == "remark" else severity, message, span))
    return tuple(diagnostics)


def _place(
    placed: re.Match[str] | None, source: Source, path: str, include_line: int | None, message: str
) -> tuple[Span, str]:
    """Return where *message* belongs in *source*, and the message, with the header's name if in one."""
    if placed is None:
        return Span(0, 0), message
    if placed["file"] == path:
        return _span(placed, source), message
    message = f"{placed['file']}:{placed['line']}:{placed['column']}: {message}"
    if include_line is None:
        return Span(0, 0), message
    text = source.line(include_line)
    start = source.offset(include_line, len(text) - len(text.lstrip()) + 1)
    return Span(start, start + len(text.strip())), message


def _span(placed: re.Match[str], source: Source) -> Span:
    """Return the range that clang underlines if it holds the message's place, else the word there."""
    line = int(placed["line"])
    start = _offset(source, line, int(placed["column"]))
    for found in _RANGE.finditer(placed["ranges"]):
        first_line, first_column, last_line, last_column = map(int, found.groups())
        span = Span(_offset(source, first_line, first_column), _offset(source, last_line, last_column))
        if span.start <= start < span.end:
            return span
    return token_span(source, line, start - source.offset(line, 1) + 1)


def _is_source(name: str, source: Source) -> bool:
    """Return whether *name*, from debug info and perhaps without its leading directories, is *source*."""
    return f"/{debug_path(source)}".endswith(f"/{name}")


def _lost_span(lost: re.Match[str], source: Source) -> Span:
    line = int(lost["line"])
    return token_span(source, line, character_column(source.line(line), int(lost["column"])))


def _offset(source: Source, line: int, byte_column: int) -> int:
    return source.offset(line, character_column(source.line(line), byte_column))


def _diagnostic(severity: str, text: str, span: Span) -> Diagnostic:
    flag = _FLAG.search(text)
    if flag:
        text = text[: flag.start()]
    message, hint = explain_backend_error(text)
    notes = (f"LLVM: {without_dag_node(text)}",) if hint else ()
    if severity == "error" and "No available targets are compatible" in text:
        hint = "this clang is built without the BPF target; install another, or `pip install ziglang`"
    return Diagnostic(severity, message, span, code=flag[1] if flag else None, hint=hint, notes=notes)


def _add_note(diagnostic: Diagnostic, span: Span | None, text: str) -> Diagnostic:
    if span is None:
        return replace(diagnostic, notes=(*diagnostic.notes, text))
    return replace(diagnostic, labels=(*diagnostic.labels, Label(span, text)))
