"""Paths of findings as a repository has them: prefixes of a build replaced, and without what leads there."""

from __future__ import annotations

import os

from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    Prefixes = tuple[tuple[str, str], ...]


def parse_prefix(text: str) -> tuple[str, str]:
    """Return the prefix and what stands for it, of ``OLD=NEW``.

    Raises:
        UsageError: there is no equals sign, or nothing before it.

    >>> parse_prefix("/build/x=.")
    ('/build/x', '.')
    """
    old, equals, new = text.partition("=")
    if not old or not equals:
        raise UsageError(f"--path-prefix-map {text}: OLD=NEW is expected, as in /build/x=.")
    return old.rstrip("/") or "/", new or "."


def mapped(path: str, prefixes: Iterable[tuple[str, str]]) -> str:
    """Return *path* with its prefix replaced, the last that fits (as gcc's ``-ffile-prefix-map``); a prefix
    ends where a name does.

    >>> mapped("/build/x/src/a.c", [("/build/x", ".")]), mapped("/build/xy/a.c", [("/build/x", ".")])
    ('src/a.c', '/build/xy/a.c')
    """
    found = path
    for old, new in prefixes:
        if path == old or path.startswith(old if old.endswith("/") else f"{old}/"):
            found = os.path.normpath(os.path.join(new, path[len(old) :].lstrip("/")))
    return found


def below(path: str, folder: str) -> str:
    """Return *path* from *folder* on, where it lies below it; else as it is.

    >>> below("/build/a/b.c", "/build"), below("../b.c", "/work"), below("./b.c", "/work")
    ('a/b.c', '../b.c', 'b.c')
    """
    if os.path.isabs(path):
        relative = os.path.relpath(path, folder)
        return path if relative.startswith("..") else relative
    return os.path.normpath(path)
