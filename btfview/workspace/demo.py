"""Where the demo programs are."""

from __future__ import annotations

import os


def demo_path(name: str = "sched.rs") -> str | None:
    """Return the path of a demo program; None where btfview is installed without them."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for folder in (os.path.join(package, "demo"), os.path.join(os.path.dirname(package), "demo")):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return os.path.relpath(path) if path.startswith(os.getcwd() + os.sep) else path
    return None
