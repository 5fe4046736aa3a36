"""The demo programs. They stand in the folder ``demo`` of the source tree, which a wheel holds as
``btfview/demo``."""

from __future__ import annotations

import os

from btfview.frozen import frozen

DEFAULT = "sched"
_SUFFIX = ".rs"


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


def _folder() -> str:
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return os.path.realpath(os.path.join(package, "demo"))  # a link in the source tree


def _summary(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().removeprefix("//!").strip()
    except OSError:
        return ""
