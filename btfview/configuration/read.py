"""Read a project's configuration."""

from __future__ import annotations

import os
import re

from btfview.errors import ConfigurationError, UnreadableFileError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.inputs import read_input

from . import key as k
from .check import bound_names, problems_of
from .clang_flags import PATHS, split_flag
from .find import MAX_BYTES, SHARED
from .keys import KEYS
from .toml_lines import lines_of_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from .check import Problem
    from .key import Key

_TABLE = ("tool", "btfview")
"""Where the configuration stands in SHARED."""
_MAX_EXTENDED = 16
"""Files that extend one another."""
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")


@frozen
class Place:
    """Where a value comes from."""

    path: str
    line: int
    """From 1; 0 where it is not known."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@frozen
class Configuration:
    """What a project says, its file and those that it extends together."""

    path: str
    values: dict[str, Any]
    """By the names of :mod:`.keys`, those that are set; paths as the working folder has them."""
    places: dict[str, Place]
    """Of each of these."""
    keys: tuple[Key, ...] = KEYS
    """Those that it may have."""

    @property
    def folder(self) -> str:
        """The folder of the project."""
        return os.path.dirname(os.path.abspath(self.path))

    def get(self, name: str) -> Any:
        """Return the value of a key, or its default."""
        return self.values.get(name, next(key.default for key in self.keys if key.name == name))


def read_configuration(path: str, keys: tuple[Key, ...] = KEYS) -> Configuration:
    """Return the configuration of the file at *path*, which may have *keys*, with what it extends.

    Raises:
        ConfigurationError: it is no TOML, has a key that does not exist or a value of the wrong kind, or
            extends itself.
        InputError: it, or a file that it extends, cannot be read.
    """
    found, problems = read_leniently(path, keys)
    if problems:
        place, problem = problems[0]
        more = f" ({len(problems) - 1} more: btfview config validate)" if len(problems) > 1 else ""
        raise ConfigurationError(problem.text + more, path=place.path, line=place.line)
    return found


def problems_in(path: str, keys: tuple[Key, ...] = KEYS) -> tuple[tuple[Place, Problem], ...]:
    """Return all that is wrong with the values of a file and of those that it extends.

    Raises:
        ConfigurationError, InputError: it cannot be read so far; see :func:`read_configuration`.
    """
    return read_leniently(path, keys)[1]


def read_leniently(
    path: str, keys: tuple[Key, ...]
) -> tuple[Configuration, tuple[tuple[Place, Problem], ...]]:
    """Return a configuration and what is wrong with it; values that are wrong are left out of it.

    Raises:
        ConfigurationError, InputError: it cannot be read so far; see :func:`read_configuration`.
    """
    values: dict[str, Any] = {}
    places: dict[str, Place] = {}
    problems: list[tuple[Place, Problem]] = []
    for file, table, lines in _chain(path):
        wrong = problems_of(table, keys)
        problems += [(Place(file, _line_of(lines, one.at)), one) for one in wrong]
        for name, value in _flat(table, keys).items():
            key = next(key for key in keys if key.name == name)
            if _is_bad(key, wrong):
                continue
            value = _from_folder(key, value, os.path.dirname(file))
            if isinstance(value, dict) and name in values:
                values[name] = value | values[name]  # the file that extends says more
            else:
                values.setdefault(name, value)
            places.setdefault(name, Place(file, _line_of(lines, tuple(name.split(".")))))
    return Configuration(path, values, places, keys), tuple(problems)


def _is_bad(key: Key, wrong: Sequence[Problem]) -> bool:
    """Tell whether a value is left out for what is wrong with it; of bound keys each is by itself."""
    at = tuple(key.name.split("."))
    return any(one.at[: len(at)] == at and (key.kind != k.BOUND or one.at == at) for one in wrong)


def _flat(table: dict[str, Any], keys: Sequence[Key], above: str = "") -> dict[str, Any]:
    """Return the values by the names of *keys*, with dots where those have some."""
    names = {key.name for key in keys}
    found: dict[str, Any] = {}
    for name, value in table.items():
        whole = f"{above}{name}"
        if isinstance(value, dict) and whole not in names:
            found |= _flat(value, keys, f"{whole}.")
        else:
            found[whole] = value
    return {name: value for name, value in found.items() if name in names}


def _chain(path: str) -> Iterator[tuple[str, dict[str, Any], dict[tuple[str | int, ...], int]]]:
    """Yield the file and those that it extends: path, table, and the lines of its keys."""
    seen: list[str] = []
    asked_by = ""
    while True:
        real = os.path.realpath(path)
        if real in seen:
            circle = " extends ".join(os.path.basename(one) for one in [*seen[seen.index(real) :], real])
            raise ConfigurationError(f"it extends itself: {circle}", path=path)
        if len(seen) == _MAX_EXTENDED:
            raise ConfigurationError(f"more than {_MAX_EXTENDED} files extend one another", path=path)
        seen.append(real)
        try:
            table, lines = _read_table(path)
        except UnreadableFileError as error:
            raise UnreadableFileError(error.problem, path=path, hint=asked_by or error.hint) from error
        yield path, table, lines
        extended = table.get("extend")
        if not isinstance(extended, str) or not extended:
            return
        if "\0" in extended:
            raise ConfigurationError("extend has a null byte", path=path, line=lines.get(("extend",), 0))
        asked_by = f"{path}:{lines.get(('extend',), 1)} extends it"
        path = os.path.join(os.path.dirname(path), os.path.expanduser(extended))


def _read_table(path: str) -> tuple[dict[str, Any], dict[tuple[str | int, ...], int]]:
    import tomllib

    data = read_input(path, MAX_BYTES)
    try:
        text = data.decode()
        content = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigurationError("it is no UTF-8, which TOML is", path=path, line=line) from error
    except RecursionError as error:
        raise ConfigurationError("it is nested too deeply", path=path) from error
    except ValueError as error:
        found = _PLACE.search(str(error))
        is_at_end = str(error).endswith("(at end of document)")
        line = int(found[1]) if found else text.rstrip().count("\n") + 1 if is_at_end else 0
        problem = _PLACE.sub("", str(error)).split("\n")[0]
        raise ConfigurationError(f"it is no TOML: {problem[:200]}", path=path, line=line) from error
    lines = lines_of_keys(text)
    if os.path.basename(path) != SHARED:
        return content, lines
    for depth, part in enumerate(_TABLE, 1):
        content = content.get(part, {})
        if not isinstance(content, dict):
            line = lines.get(_TABLE[:depth], 0)
            raise ConfigurationError(f"{'.'.join(_TABLE[:depth])} is no table", path=path, line=line)
    return content, {at[len(_TABLE) :]: line for at, line in lines.items() if at[: len(_TABLE)] == _TABLE}


def _line_of(lines: dict[tuple[str | int, ...], int], at: tuple[str | int, ...]) -> int:
    """Return the line of a key; of one in an inline table or list that of the key that has it."""
    while at:
        if at in lines:
            return lines[at]
        at = at[:-1]
    return lines.get((), 0)


def _from_folder(key: Key, value: Any, folder: str) -> Any:
    """Return a value whose paths are told from the working folder, not from the file's *folder*."""
    if key.kind == k.PATH:
        return os.path.join(folder, os.path.expanduser(value))
    if key.kind == k.BOUND:
        return {name: one for name, _, one in bound_names(value)}
    if key.name == "flags":
        return _flags(value, folder)
    if key.name == "targets":
        return [_target(spec, folder) for spec in value]
    if key.name == "path-prefix-map":
        here = os.getcwd()
        return {
            old: os.path.relpath(os.path.join(os.path.abspath(folder), new), here)
            for old, new in value.items()
        }
    return value


def _flags(flags: list[str], folder: str) -> list[str]:
    """Return flags for clang with their paths told from the working folder."""
    found, is_path = [], False
    for flag in flags:
        name, value = split_flag(flag) if not is_path else ("", "")
        if is_path:
            found.append(os.path.join(folder, flag))
        elif name in PATHS and value:
            found.append(name + os.path.join(folder, value))
        else:
            found.append(flag)
        is_path = name in PATHS and not value
    return found


def _target(spec: str, folder: str) -> str:
    """Return what ``-t`` takes: a path from *folder* on, where there is such a file, or it is a pattern or a
    list; else a name as it is."""
    if spec.startswith("@"):
        return "@" + os.path.join(folder, os.path.expanduser(spec[1:]))
    try:
        path = os.path.join(folder, os.path.expanduser(spec))
        is_path = os.path.exists(path) or os.path.exists(path.partition("+")[0])
    except ValueError:  # a null byte, which the name of no file has
        return spec
    return path if is_path or not {"/", "*", "?", "["}.isdisjoint(spec) else spec
