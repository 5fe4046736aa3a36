"""Which lines on show have code of which none can run on a kernel, whatever the object calls their file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from btfview.changes.shortest_edit import common_ends

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    DeadLines = Mapping[str, Mapping[int, bool]]
    """By the files of an object, as it names them, and the numbers of their lines: whether the code of the
    line could run on the kernel before. A file without such lines is among them, too."""


def dead_in_file(dead: DeadLines, path: str) -> Mapping[int, bool]:
    """Return the dead lines of the file *path*, by their numbers."""
    return dead.get(same_file(path, dead), {})


def dead_at(dead: DeadLines, places: Sequence[tuple[str, int]]) -> Mapping[int, bool]:
    """Return those of *places* (file, as the object names it, and line) that are dead, counted from 1."""
    if not any(dead.values()):
        return {}
    return {at: dead[file][line] for at, (file, line) in enumerate(places, 1) if line in dead.get(file, ())}


def same_file(path: str, files: Iterable[str]) -> str:
    """Return which of *files* is *path*, perhaps by another path: of those with its name the one with the
    most folders in common; empty where none has its name.

    >>> same_file("a/mod.rs", ["/src/mod.rs", "/src/a/mod.rs", "/src/b/mod.rs"]), same_file("x.rs", ["y.rs"])
    ('/src/a/mod.rs', '')
    """
    mine = _backwards(path)
    best, most = "", 0
    for file in files:
        common, _ = common_ends(mine, _backwards(file))
        if common > most:
            best, most = file, common
    return best


def _backwards(path: str) -> list[str]:
    return os.path.normpath(path).split(os.sep)[::-1]
