"""What commands write: text for the terminal, bytes for files."""

from __future__ import annotations

import sys

from btfview.errors import UnreadableFileError, UsageError, reason_of
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from btfview.diagnostics import Diagnostic
    from btfview.source import Source
    from btfview.views.rows import Row

STDOUT = "-"
_LEAST_SPARE = 2
"""Columns that are left of a part of a row that can be cut: a gap, and that there was something."""
_LINES_AT_ONCE = 1000
"""As many are handed to the stream together: it costs more than the lines."""


def print_rows(rows: Iterable[Row], width: int = 0) -> None:
    """Print rows indented by their depth, in lines of *width*; what names and source lines hold reaches the
    terminal as text only."""
    from btfview.btf.format.spelling import visible

    lines: list[str] = []
    for row in rows:
        line = visible("  " * row.depth + row.text.replace("\t", "    "))
        lines += _fitted(row, width) if width and len(line) > width else (line,)
        if len(lines) == _LINES_AT_ONCE:
            print("\n".join(lines))
            lines.clear()
    if lines:
        print("\n".join(lines))


def _fitted(row: Row, width: int) -> list[str]:
    """Return a row that is too wide: what is spare in it is cut, and where that is not enough it goes on
    below, behind its indent."""
    from btfview.btf.format.spelling import visible
    from btfview.fitted import shortened, wrapped

    indent = "  " * row.depth
    parts = [visible(segment.text.replace("\t", "    ")) for segment in row.segments]
    excess = len(indent) + sum(map(len, parts)) - width
    for number, segment in enumerate(row.segments):
        if segment.is_spare and excess > 0:
            before = len(parts[number])
            parts[number] = shortened(parts[number], max(before - excess, _LEAST_SPARE))
            excess -= before - len(parts[number])
    return wrapped(indent + "".join(parts), width, f"{indent}    ")


def write_diagnostics(diagnostics: Iterable[Diagnostic], source: Source, message_format: str) -> None:
    """Print *diagnostics* to stderr: as text, or with ``json`` one object a line."""
    from btfview.diagnostics import diagnostic_json, format_diagnostic

    for diagnostic in diagnostics:
        if message_format == "json":
            import json

            print(json.dumps(diagnostic_json(diagnostic, source)), file=sys.stderr)
        else:
            print(format_diagnostic(diagnostic, source), file=sys.stderr)


def print_json(data: dict[str, Any]) -> None:
    """Print *data*, indented for eyes only: for a program the compact form is written eight times as fast.
    A value that is an iterator is a list, of which one element after the other is made and written."""
    if not sys.stdout.isatty():
        for part in _json_parts(data):
            sys.stdout.write(part)
        sys.stdout.write("\n")
        return
    import json

    print(json.dumps({key: list(held) if _is_made(held) else held for key, held in data.items()}, indent=1))


def _json_parts(data: dict[str, Any]) -> Iterator[str]:
    """Yield what :func:`format_json` returns of *data*, with a list for each iterator."""
    separator = "{"
    for key, held in data.items():
        yield f"{separator}{format_json(key)}: "
        separator = ", "
        if not _is_made(held):
            yield format_json(held)
            continue
        between = "["
        for one in held:
            yield f"{between}{format_json(one)}"
            between = ", "
        yield "]" if between == ", " else "[]"
    yield "}" if data else "{}"


def _is_made(held: object) -> bool:
    return hasattr(held, "__next__")


def format_json(data: Any) -> str:
    """Return what :func:`json.dumps` returns of *data*, without the 2 ms that importing it takes: it compiles
    six regular expressions."""
    try:
        from _json import encode_basestring_ascii
    except ImportError:  # another Python than CPython
        from json import dumps

        return dumps(data)
    encode: Callable[[str], str] = encode_basestring_ascii

    def write(value: Any) -> str:
        kind = type(value)
        if kind is str:
            return encode(value)
        if kind is dict:
            return f"{{{', '.join([f'{encode(key)}: {write(held)}' for key, held in value.items()])}}}"
        if kind is int:
            return str(value)
        if value is None:
            return "null"
        if kind is bool:
            return "true" if value else "false"
        if kind is list or kind is tuple:
            return f"[{', '.join([write(held) for held in value])}]"
        if isinstance(value, str):  # a StrEnum
            return encode(value)
        from json import dumps

        return dumps(value)

    return write(data)


def refuse_inputs(path: str, inputs: Iterable[str]) -> None:
    """Do nothing where the output *path* is none of the files *inputs*.

    Raises:
        UsageError: it is one, by whatever name.
    """
    from btfview.session.write_file import is_one_of

    if path != STDOUT and is_one_of(path, inputs):
        raise UsageError(f"{path} is one of the files that are read; give another name with -o")


def write_header_note(kernel: str, message_format: str) -> None:
    """Say on stderr of which kernel the ``vmlinux.h`` is that a C source was given; nothing where it has its
    own."""
    if kernel and message_format == "human":
        from btfview.btf.format.spelling import visible

        print(f"btfview: note: vmlinux.h is that of {visible(kernel)}: none was found", file=sys.stderr)


def write_output(path: str, data: bytes, *, inputs: Iterable[str]) -> None:
    """Write *data* to the file *path*, or to stdout for ``-``.

    Raises:
        UsageError: *path* is one of the files *inputs*, which *data* was made from.
        UnreadableFileError: the file cannot be written; what it held it still holds.
    """
    from btfview.session.write_file import write_file

    if path == STDOUT:
        sys.stdout.buffer.write(data)
        return
    refuse_inputs(path, inputs)
    try:
        write_file(path, data)
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise UnreadableFileError(f"cannot be written: {reason}", path=path) from error
