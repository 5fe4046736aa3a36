"""What the user's own configuration and the project's together say for the screen.

Where one says something wrong, what it should have said has its default, and the problem is told: a screen
opens in any case. A project's file says what its programs are, never how the user's screen is.
"""

from __future__ import annotations

import os

from btfview.errors import BtfviewError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.keymap.keymap import DEFAULT, Keymap, read_keymap

from .find import find_configuration
from .keys import KEYS
from .read import read_leniently
from .user_keys import USER_KEYS

if TYPE_CHECKING:
    from typing import Any

    from .read import Configuration

USER_FILE = "config.toml"


@frozen
class ScreenSettings:
    """What holds where the command line says nothing."""

    theme: str = ""
    """Empty where none is said."""
    keymap: Keymap = DEFAULT
    targets: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    """Of the targets that are asked, as the project says; none for every one."""
    project: str = ""
    """The path of the project's file."""
    flags: tuple[str, ...] = ()
    frontend: str = "auto"
    layout: str = "auto"
    is_detail_wanted: bool = True
    rows: str = "by path"
    columns: str = "by age"
    problems: tuple[str, ...] = ()
    """What is wrong with the files, each with its place."""


DEFAULTS = ScreenSettings()


def user_path() -> str:
    """Return the path of the user's own configuration, in ``$XDG_CONFIG_HOME/btfview`` (default
    ``~/.config``); it need not exist."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(base):  # the XDG base directory specification: ignore a relative path
        base = os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(base, "btfview", USER_FILE)


def read_settings(folder: str, project: str = "", *, is_isolated: bool = False) -> ScreenSettings:
    """Return what holds in *folder*; *project* is a project's file to take, not the nearest upwards; where it
    *is_isolated* the user's own is left out."""
    problems: list[str] = []
    path = user_path()
    is_there = not is_isolated and os.path.lexists(path)
    user = _read(path, USER_KEYS, problems) if is_there else None
    try:
        found = project or find_configuration(folder)
    except BtfviewError as error:
        found = None
        problems.append(str(error))
    of_project = _read(found if project else os.path.relpath(found), KEYS, problems) if found else None

    def own(name: str) -> Any:
        return user.get(name) if user else next(key.default for key in USER_KEYS if key.name == name)

    keymap, _ = read_keymap(own("key-set"), own("keys"))
    targets = (of_project and of_project.get("targets")) or own("targets")
    return ScreenSettings(
        own("theme") or "",
        keymap,
        tuple(targets),
        tuple(of_project.get("architectures")) if of_project else (),
        of_project.path if of_project else "",
        (*own("flags"), *(of_project.get("flags") if of_project else ())),
        narrower(own("frontend"), of_project.get("frontend") if of_project else "auto"),
        own("arrangement.layout"),
        own("arrangement.detail") == "shown",
        own("arrangement.rows"),
        own("arrangement.columns"),
        tuple(problems),
    )


def narrower(own: str, of_project: str) -> str:
    """Return the front end: a project's choice, but not rustc where the user's own file rules it out."""
    return own if own == "builtin" or of_project == "auto" else of_project


def _read(path: str, keys: tuple[Any, ...], problems: list[str]) -> Configuration | None:
    try:
        found, wrong = read_leniently(path, keys)
    except BtfviewError as error:
        problems.append(str(error))
        return None
    problems += [f"{place}: {problem.text}" for place, problem in wrong]
    return found
