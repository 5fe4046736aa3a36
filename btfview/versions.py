"""The versions that matter for a report: of btfview, Python, the packages, and this machine."""

from __future__ import annotations

import os
import sys

from . import __version__
from .packages import PACKAGES


def version_lines() -> tuple[str, ...]:
    """Return a line for each, ``btfview 0.2.0`` first; what is not installed is said to be so.

    Packages are asked by their metadata, so nothing is imported for it, and no program is run.
    """
    from importlib.metadata import PackageNotFoundError, version

    lines = [f"btfview {__version__}", f"Python {sys.version.split()[0]}, {sys.implementation.name}"]
    for package in PACKAGES:
        try:
            lines.append(f"{package.name} {version(package.name)}")
        except PackageNotFoundError:
            lines.append(f"{package.name} not installed")
    system = os.uname()
    lines.append(f"{system.sysname} {system.release} {system.machine}")
    return tuple(lines)
