"""In which line of a TOML file a key stands: the standard library reads values alone."""

from __future__ import annotations

import re

_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_LONG_QUOTES = ('"""', "'''")


def lines_of_keys(text: str) -> dict[tuple[str | int, ...], int]:
    """Return the lines, from 1, of tables and keys by their path; the tables of an array have its index in
    theirs. What stands in an inline table has the line of that.

    >>> lines_of_keys('[a]\\nb = 1\\n[[a.c]]\\n"d e" = 2')
    {('a',): 1, ('a', 'b'): 2, ('a', 'c', 0): 3, ('a', 'c', 0, 'd e'): 4}
    """
    found: dict[tuple[str | int, ...], int] = {}
    counts: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    quotes = ""
    for number, line in enumerate(text.split("\n"), 1):
        if quotes:
            quotes = "" if line.count(quotes) % 2 else quotes
            continue
        if line.lstrip().startswith("["):
            table = _with_indices(_parts(line.partition("]")[0]), counts)
            if line.lstrip().startswith("[["):
                index = counts[table] = counts.get(table, -1) + 1
                table = (*table, index)
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            path = (*table, *_parts(key[1]))
            found.setdefault(path, number)
        quotes = next((mark for mark in _LONG_QUOTES if line.count(mark) % 2), "")
    return found


def _parts(dotted: str) -> tuple[str | int, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _with_indices(
    path: tuple[str | int, ...], counts: dict[tuple[str | int, ...], int]
) -> tuple[str | int, ...]:
    """Return *path* with the index of the newest table behind each array of tables on the way to its end."""
    found: tuple[str | int, ...] = ()
    for index, part in enumerate(path):
        found = (*found, part)
        if found in counts and index < len(path) - 1:
            found = (*found, counts[found])
    return found
