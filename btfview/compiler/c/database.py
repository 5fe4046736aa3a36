"""``compile_commands.json``: how a project builds a file (clang.llvm.org/docs/JSONCompilationDatabase)."""

from __future__ import annotations

import json
import os
import shlex

from btfview.errors import BtfviewError
from btfview.frozen import frozen
from btfview.inputs import MAX_TEXT, read_input

from .flags import build_flags

NAME = "compile_commands.json"


@frozen
class BuildFlags:
    """What a project's build says of a file."""

    flags: tuple[str, ...] = ()
    database: str = ""
    """Path of the ``compile_commands.json``; empty where there is none."""
    problem: str = ""
    """Why it says nothing: it cannot be read, or the file is not in it."""


def find_build_flags(path: str) -> BuildFlags:
    """Return the flags by which the project of the source *path* builds it.

    The database is the first in the source's folder and those above, there or in ``build``.
    """
    try:
        folder = os.path.dirname(os.path.abspath(path))
    except OSError:  # the current directory was removed
        return BuildFlags()
    while True:
        for name in (os.path.join(folder, NAME), os.path.join(folder, "build", NAME)):
            if os.path.isfile(name):
                return _read(name, path)
        above = os.path.dirname(folder)
        if above == folder:
            return BuildFlags()
        folder = above


def _read(database: str, path: str) -> BuildFlags:
    try:
        entries = json.loads(read_input(database, MAX_TEXT))
        if not isinstance(entries, list):
            raise ValueError("not a list of commands")
        return _entry_flags(database, path, entries)
    except BtfviewError as error:
        return BuildFlags((), database, str(error))
    except RecursionError:
        return BuildFlags((), database, f"{database} cannot be read: it is nested too deeply")
    except ValueError as error:
        return BuildFlags((), database, f"{database} cannot be read: {error}")


def _entry_flags(database: str, path: str, entries: list[object]) -> BuildFlags:
    wanted = os.path.realpath(path)
    found: list[list[str]] = []
    folders = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(file := entry.get("file"), str):
            raise ValueError("an entry has no file")
        if os.path.basename(file) != os.path.basename(path) and os.path.basename(file) != os.path.basename(
            wanted
        ):
            continue
        folder = entry.get("directory", "")
        folder = os.path.join(os.path.dirname(database), folder if isinstance(folder, str) else "")
        if os.path.realpath(os.path.join(folder, file)) == wanted:
            found.append(_words(entry))
            folders.append(folder)
    if not found:
        return BuildFlags((), database, f"{database} has no entry for {path}")
    # A file may be built several times: for the host (a test), and for BPF.
    best = next((index for index, words in enumerate(found) if _is_for_bpf(words)), 0)
    return BuildFlags(build_flags(found[best][1:], folders[best]), database)


def _words(entry: dict[str, object]) -> list[str]:
    arguments, command = entry.get("arguments"), entry.get("command")
    if isinstance(arguments, list) and all(isinstance(word, str) for word in arguments):
        return [str(word) for word in arguments]
    if isinstance(command, str):
        return shlex.split(command)  # "No closing quotation" is a ValueError, too
    raise ValueError(f"the entry of {entry['file']} has neither arguments nor a command")


def _is_for_bpf(words: list[str]) -> bool:
    return any(word.removeprefix("--target=").startswith("bpf") for word in words)
