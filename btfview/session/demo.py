"""The demo programs. They stand in the folder ``demo`` of the source tree, which a wheel holds as
``btfview/demo``."""

from __future__ import annotations

import os

from btfview.errors import UnreadableFileError, reason_of
from btfview.frozen import frozen

DEFAULT = "sched"
_SUFFIX = ".rs"
_MOST_COPIES = 100


@frozen
class Demo:
    """One demo program."""

    name: str
    """``sched``"""
    path: str
    summary: str
    """The first line of what it says of itself."""


def demo_path(name: str = DEFAULT) -> str | None:
    """Return the path of the demo program *name* (``sched`` or ``sched.rs``), relative where it lies below
    the working directory; None where there is none."""
    base = os.path.basename(name)
    path = os.path.join(_folder(), base if base.endswith(_SUFFIX) else base + _SUFFIX)
    if base != name or not os.path.isfile(path):
        return None
    return os.path.relpath(path) if path.startswith(os.getcwd() + os.sep) else path


def demo_script(name: str) -> str | None:
    """Return the path of the script of keys *name* (``sched``) that comes with the demo programs; None where
    there is none."""
    path = os.path.join(_folder(), f"{name}.keys")
    return path if os.path.basename(name) == name and os.path.isfile(path) else None


def demos() -> tuple[Demo, ...]:
    """Return all demo programs by name; none where btfview is installed without them."""
    try:
        names = sorted(name for name in os.listdir(_folder()) if name.endswith(_SUFFIX))
    except OSError:
        return ()
    found = []
    for name in names:
        path = demo_path(name)
        if path is not None:
            found.append(Demo(name.removesuffix(_SUFFIX), path, _summary(path)))
    return tuple(found)


def is_demo(path: str) -> bool:
    """Return whether *path* is a file of the demo programs, which stay as they came."""
    return os.path.realpath(path).startswith(_folder() + os.sep)


def copy_demo(path: str) -> str:
    """Return the path of a copy of a demo program, to be changed: in the working directory, or in the home
    directory where that cannot be written to. A copy that was made before and not changed is taken again;
    any other file stays, and the copy gets a number.

    Raises:
        UnreadableFileError: it cannot be written, or the demo not be read.
    """
    from btfview.inputs import MAX_TEXT, read_input

    data = read_input(path, MAX_TEXT)
    here = os.getcwd()
    is_here = os.access(here, os.W_OK) and not is_demo(os.path.join(here, "x"))
    folder = here if is_here else os.path.expanduser("~")
    stem, suffix = os.path.splitext(os.path.basename(path))
    for number in range(1, _MOST_COPIES + 1):
        copy = os.path.join(folder, f"{stem}-{number}{suffix}" if number > 1 else f"{stem}{suffix}")
        try:
            with open(copy, "xb") as file:
                file.write(data)
        except FileExistsError:
            if not _holds(copy, data):
                continue
        except OSError as error:
            raise UnreadableFileError(reason_of(error), path=copy) from error
        return copy
    raise UnreadableFileError(f"there are {_MOST_COPIES} copies already", path=folder)


def _holds(path: str, data: bytes) -> bool:
    from btfview.errors import BtfviewError
    from btfview.inputs import read_input

    try:
        return os.path.isfile(path) and read_input(path, len(data)) == data
    except BtfviewError:
        return False


def _folder() -> str:
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return os.path.realpath(os.path.join(package, "demo"))  # a link in the source tree


def _summary(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().removeprefix("//!").strip()
    except OSError:
        return ""
