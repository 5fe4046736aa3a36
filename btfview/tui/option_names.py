"""Compile options as people say them: ``cpu v4``, ``big endian``, ``dialect option``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.options import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Iterator


def option_title(name: str, choice: str) -> str:
    """Return how a choice of an option is called.

    >>> option_title("cpu", "v4"), option_title("endian", "big")
    ('cpu v4', 'big endian')
    """
    return f"{choice} endian" if name == "endian" else f"{name} {choice}"


def option_choices() -> Iterator[tuple[str, str, str]]:
    """Yield (option, choice, what it means) for every choice that there is."""
    for name, meanings in MEANINGS.items():
        for choice, meaning in meanings.items():
            yield name, choice, meaning
