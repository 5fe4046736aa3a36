"""Whether a configuration's values are what :mod:`.keys` says, and where they are not."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

from . import key as k
from .kernel_ranges import problem_in
from .keys import KERNELS, KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from .key import Key

    Path = tuple[str | int, ...]

_LONGEST = 60
"""Characters of a value or a name that an error quotes."""


@frozen
class Problem:
    """Something wrong with a configuration."""

    at: Path
    """The key, from the configuration's table on."""
    text: str


def problems_of(table: dict[str, Any], keys: Sequence[Key] = KEYS) -> tuple[Problem, ...]:
    """Return what is wrong with a configuration's table, key by key in its order."""
    found = _problems(table, {one.name: one for one in keys}, ())
    bound = [one for one in keys if one.kind == k.BOUND and isinstance(table.get(one.name), dict)]
    return (*found, *(problem for one in bound for problem in _bound_problems(one, table)))


def _bound_problems(key: Key, table: dict[str, Any]) -> Iterator[Problem]:
    from btfview.keymap.keymap import read_keymap

    paths = bound_names(table[key.name])
    _, wrong = read_keymap(str(table.get("key-set", "")), {name: value for name, _, value in paths})
    for one in wrong:
        path = next(path for name, path, _ in paths if name == one.name)
        yield Problem((key.name, *path), f"{key.name}: {one.text}")


def bound_names(table: dict[str, Any]) -> list[tuple[str, tuple[str, ...], Any]]:
    """Return the names of actions in a table, whose parts may stand in tables of it: name, path, value.

    >>> bound_names({"fix": "f", "list": {"down": "j"}})
    [('fix', ('fix',), 'f'), ('list.down', ('list', 'down'), 'j')]
    """
    found: list[tuple[str, tuple[str, ...], Any]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            found += [(f"{name}.{rest}", (name, *path), one) for rest, path, one in bound_names(value)]
        else:
            found.append((name, (name,), value))
    return found


def _problems(table: dict[str, Any], keys: dict[str, Key], above: Path) -> Iterator[Problem]:
    for name, value in table.items():
        dotted = ".".join([*map(str, above), name])
        at = (*above, name)
        if dotted in keys:
            yield from _value_problems(keys[dotted], value, at)
        elif any(known.startswith(f"{dotted}.") for known in keys):
            if isinstance(value, dict):
                yield from _problems(value, keys, at)
            else:
                yield Problem(at, f"{dotted} is {_kind_of(value)}, and should be a table")
        else:
            yield Problem(at, _unknown(name, above, keys))


def _unknown(name: str, above: Path, keys: dict[str, Key]) -> str:
    depth = len(above)
    known = list(dict.fromkeys(one.split(".")[depth] for one in keys if _is_below(one, above)))
    if not above and (elsewhere := _elsewhere(name, keys)):
        return elsewhere
    return f"unknown key {_quoted(name)}; {near(name.replace('_', '-'), known)}"


def _elsewhere(name: str, keys: dict[str, Key]) -> str:
    """Return where a key belongs that the other kind of configuration has."""
    from .user_keys import USER_KEYS

    if keys.keys() == {one.name for one in KEYS} and any(one.name.split(".")[0] == name for one in USER_KEYS):
        return f"{name} is for your own file (btfview config path --user), not for a project's"
    if keys.keys() == {one.name for one in USER_KEYS} and any(one.name == name for one in KEYS):
        return f"{name} is for a project's btfview.toml, not for your own file"
    return ""


def _is_below(name: str, above: Path) -> bool:
    parts = name.split(".")
    return len(parts) > len(above) and tuple(parts[: len(above)]) == above


def near(name: str, known: Sequence[str]) -> str:
    """Return the words of which name was meant, or of all that there are."""
    from difflib import get_close_matches

    close = get_close_matches(name[:_LONGEST], known, n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"


def _value_problems(key: Key, value: Any, at: Path) -> Iterator[Problem]:
    if not _is_kind(key.kind, value):
        yield Problem(at, f"{key.name} is {_kind_of(value)}, and should be {k.EXPECTED[key.kind]}")
        return
    match key.kind:
        case k.TEXT | k.PATH:
            if not value:
                yield Problem(at, f"{key.name} is empty")
        case k.FLAGS:
            from .clang_flags import refused

            for _, text in refused(value):
                yield Problem(at, f"{key.name}: {short(text)}")
        case k.BOUND:
            pass  # with those of others, whose keys they may be
        case k.TEXTS:
            if "" in value:
                yield Problem(at, f"{key.name} has an empty string")
        case k.CHOICE:
            if value not in key.choices:
                yield Problem(at, f"{key.name} is {_quoted(value)}; {near(value, key.choices)}")
        case k.CHOICES:
            for one in value:
                if one not in key.choices:
                    yield Problem(at, f"{key.name} has {_quoted(one)}; {near(one, key.choices)}")
        case k.MAP:
            for name, one in value.items():
                if key.is_by_rule:
                    yield from _rule_problems(key, name, (*at, name))
                if key.choices and one not in key.choices:
                    text = f"{key.name}: {_quoted(name)} is {_quoted(one)}; {near(one, key.choices)}"
                    yield Problem((*at, name), text)
        case k.TABLES:
            for index, table in enumerate(value):
                yield from _table_problems(key, table, (*at, index))
        case _:
            raise ValueError(key.kind)


def _table_problems(key: Key, table: dict[str, Any], at: Path) -> Iterator[Problem]:
    if key.columns[0] not in table:
        yield Problem(at, f"{key.name}: an entry has no {key.columns[0]}")
    for name, value in table.items():
        if name not in key.columns:
            text = f"{key.name}: unknown key {_quoted(name)}; {near(name, key.columns)}"
            yield Problem((*at, name), text)
        elif not isinstance(value, str):
            yield Problem((*at, name), f"{key.name}: {name} is {_kind_of(value)}, and should be a string")
        elif not value:
            yield Problem((*at, name), f"{key.name}: {name} is empty")
        elif key.is_by_rule and name == key.columns[0]:
            yield from _rule_problems(key, value, (*at, name))
        elif name == KERNELS and (problem := problem_in(value)):
            yield Problem((*at, name), f"{key.name}: of the kernels {problem}")


def _rule_problems(key: Key, name: str, at: Path) -> Iterator[Problem]:
    from btfview.rules.catalogue import find_rule, similar_ids

    if find_rule(name) is None:
        similar = similar_ids(name[:_LONGEST])
        meant = f"did you mean {similar[0]}?" if similar else "btfview rule lists all"
        yield Problem(at, f"{key.name}: no rule is called {_quoted(name)}; {meant}")


def _is_kind(kind: str, value: Any) -> bool:
    match kind:
        case k.TEXT | k.PATH | k.CHOICE:
            return isinstance(value, str)
        case k.TEXTS | k.CHOICES | k.FLAGS:
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        case k.MAP:
            return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
        case k.BOUND:
            return isinstance(value, dict)
        case k.TABLES:
            return isinstance(value, list) and all(isinstance(one, dict) for one in value)
        case _:
            raise ValueError(kind)


def _kind_of(value: Any) -> str:
    """Return what a value of TOML is, in words."""
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list of strings" if all(isinstance(one, str) for one in value) else "a list"
        case dict():
            return "a table"
        case _:
            return "a date or a time"


def short(text: str) -> str:
    """Return *text*, which may quote a file, as it is told."""
    from btfview.diagnostics import short_line

    return short_line(text)


def _quoted(text: str) -> str:
    from btfview.diagnostics import short_line

    return f'"{short_line(text[:_LONGEST])}"'
