"""Complete a path as it is typed."""

from __future__ import annotations

import os
from itertools import islice

from btfview.errors import reason_of
from btfview.frozen import frozen

_SCAN_LIMIT = 20_000
"""Entries of one folder that are looked at."""


@frozen
class Entry:
    path: str
    """As it would be typed; a folder ends in a slash."""
    is_folder: bool
    is_fitting: bool
    """It has one of the suffixes asked for."""


@frozen
class Completions:
    entries: tuple[Entry, ...]
    hidden: int
    """Files left out because of their suffix."""
    problem: str
    """Why the folder cannot be listed; empty when it can."""


def complete_path(text: str, suffixes: tuple[str, ...] = (), *, with_all: bool = True) -> Completions:
    """Return what *text* may go on to be: folders and files whose name holds its last part.

    Names that begin with it come first, then folders before files. Names with a leading dot are left out
    unless it is typed. Files without one of *suffixes* are left out unless *with_all*.
    """
    typed_folder, needle = os.path.split(text)
    folder = os.path.expanduser(typed_folder) or "."
    found: list[tuple[tuple[bool, bool, str], Entry]] = []
    hidden = 0
    wanted = needle.lower()
    try:
        with os.scandir(folder) as scan:
            for item in islice(scan, _SCAN_LIMIT):
                name = item.name
                if wanted not in name.lower() or (name.startswith(".") and not needle.startswith(".")):
                    continue
                is_folder = _is_folder(item)
                is_fitting = not suffixes or name.endswith(suffixes)
                if not is_folder and not is_fitting and not with_all:
                    hidden += 1
                    continue
                path = os.path.join(typed_folder, name) + ("/" if is_folder else "")
                order = (not name.lower().startswith(wanted), not is_folder, name.lower())
                found.append((order, Entry(path, is_folder, is_fitting)))
    except (OSError, ValueError) as error:
        problem = reason_of(error)
        return Completions((), 0, f"{typed_folder or '.'}: {problem}")
    found.sort(key=lambda pair: pair[0])
    return Completions(tuple(entry for _, entry in found), hidden, "")


def _is_folder(item: os.DirEntry[str]) -> bool:
    try:
        return item.is_dir()
    except OSError:
        return False


def common_beginning(text: str, completions: Completions) -> str:
    """Return *text* extended as far as all entries that begin with it agree; *text* itself if none does."""
    paths = [entry.path for entry in completions.entries if entry.path.startswith(text)]
    return os.path.commonprefix(paths) if paths else text  # noqa: RUF071  as text is completed
