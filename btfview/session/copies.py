"""Copies that a recording works on, so that a script that writes a fix leaves the original alone."""

from __future__ import annotations

import os

COPY_PREFIX = "btfview-copy-"
"""The name of the folder that holds one begins so."""


def shown_path(path: str) -> str:
    """Return *path* as the screen calls it: of a copy the name alone, its folder is nobody's.

    >>> shown_path("/tmp/btfview-copy-u8e3y8mx/sched.rs"), shown_path("src/sched.rs")
    ('sched.rs', 'src/sched.rs')
    """
    folder, name = os.path.split(path)
    return name if os.path.basename(folder).startswith(COPY_PREFIX) else path
