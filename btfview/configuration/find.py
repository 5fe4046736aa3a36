"""Find a project's configuration. Commands that find none import nothing else of this package."""

from __future__ import annotations

import os

from btfview.inputs import read_input

OWN, SHARED = "btfview.toml", "pyproject.toml"
"""File names; of both in one folder the first is taken."""
MAX_BYTES = 1 << 20


def find_configuration(folder: str) -> str | None:
    """Return the path of the configuration of *folder*: the nearest upwards; None where there is none.

    Raises:
        InputError: a file may be one, and cannot be read.
    """
    at = os.path.abspath(folder)
    while True:
        own, shared = os.path.join(at, OWN), os.path.join(at, SHARED)
        if os.path.isfile(own):
            return own
        if os.path.isfile(shared) and has_table(read_input(shared, MAX_BYTES)):
            return shared
        above = os.path.dirname(at)
        if above == at:
            return None
        at = above


def has_table(data: bytes) -> bool:
    """Tell whether a pyproject.toml speaks of btfview as a tool; reading it whole would cost all commands of
    all Python projects 15 ms."""
    import re

    return re.search(
        rb"""(?m)^[ \t]*\[{1,2}[ \t]*["']?tool["']?[ \t]*(?:\.[ \t]*["']?btfview\b|\])""", data
    ) is not None and (b"btfview" in data)
