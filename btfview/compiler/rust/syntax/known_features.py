"""The features that rustc knows: those of its unstable book (1.95), and stable ones that sources name."""

from __future__ import annotations

import os
from functools import cache

_LIST = os.path.join(os.path.dirname(__file__), "known_features.txt")


@cache
def known_features() -> frozenset[str]:
    """Return their names; read when a source names one that is not ours."""
    with open(_LIST, encoding="ascii") as file:
        return frozenset(file.read().split())
