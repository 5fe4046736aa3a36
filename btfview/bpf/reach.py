"""How the verifier comes to an instruction."""

from __future__ import annotations

from enum import IntEnum


class Reach(IntEnum):
    """From what does no harm to what does."""

    DEAD = 0
    """Never: no path leads there, or no program that is loaded holds it."""
    OFF = 1
    """Its program is off by default (``SEC("?...")``): not even relocated, unless it is switched on."""
    OTHERWISE = 2
    """Only if the loader sets ``.rodata`` otherwise than compiled."""
    MAYBE = 3
    """Perhaps: some verifiers know more than is followed here."""
    CERTAIN = 4
    """On every kernel."""
