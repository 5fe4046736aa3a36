"""Lines that fit a terminal: what is needed least is cut, a sentence goes on below itself.

A width is in columns; 0 is none, of a file or a pipe: there a line is as long as what it says.
"""

from __future__ import annotations

_CUT = "…"
_LEAST_ROOM = 28
"""Columns that a sentence needs beside what stands before it; with fewer it begins on the next line."""
_LEAST_PATH = 12


def shortened(text: str, width: int) -> str:
    """Return *text*, or its beginning, in at most *width* columns.

    >>> shortened("task_struct", 8), shortened("task_struct", 0)
    ('task_st…', 'task_struct')
    """
    return text if not width or len(text) <= width else text[: max(width, 1) - 1] + _CUT


def with_path(line: str, path: str, width: int) -> str:
    """Return *line* with *path* behind it, of which the end is left where both are too wide.

    >>> with_path("6.1  xz  ", "/boot/kernels/6.1.btf.xz", 24)
    '6.1  xz  …els/6.1.btf.xz'
    """
    room = max(width - len(line), _LEAST_PATH)
    return line + (path if not width or len(path) <= room else _CUT + path[1 - room :])


def wrapped(text: str, width: int, indent: str, *, breaks_words: bool = False) -> list[str]:
    """Return *text* as lines, after the first behind *indent*; a word that is too wide stays whole."""
    if not width or len(text) <= width:
        return [text]
    from textwrap import wrap

    return wrap(text, width, subsequent_indent=indent, break_long_words=breaks_words, break_on_hyphens=False)


def beside(start: str, text: str, width: int) -> str:
    """Return *text* behind *start*, where it goes on below its own beginning.

    >>> print(beside("cache  ", "a packed kernel is unpacked each time it is opened", 42))
    cache  a packed kernel is unpacked each
           time it is opened
    """
    if not width or len(start) + len(text) <= width:
        return start + text
    if width - len(start) >= _LEAST_ROOM:
        return "\n".join(wrapped(start + text, width, " " * len(start)))
    indent = " " * (len(start) - len(start.lstrip()) + 4)
    return "\n".join([start.rstrip(), *wrapped(indent + text, width, indent)])
