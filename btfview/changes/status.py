"""What became of a section, a function, an instruction or a type, from the older to the newer."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
