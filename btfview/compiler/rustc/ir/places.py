"""Where in the user's files a line of IR is from."""

from __future__ import annotations

import re

from .module import symbols_in

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .metadata import Metadata
    from .module import Function

_DEBUG = re.compile(r"!dbg (!\d+)")
_MAX_STEPS = 200

Place = tuple[str, int, int]
"""File as rustc calls it, line, column."""


def place_of(metadata: Metadata, line: str, files: Mapping[str, str]) -> Place | None:
    """Return the innermost place in one of the user's *files*, by their nodes, that the *line* is from."""
    debug = _DEBUG.search(line)
    reference = debug[1] if debug else ""
    for _ in range(_MAX_STEPS):
        location = metadata.node(reference)
        if location is None or location.kind != "DILocation":
            return None
        file = files.get(_file_of(metadata, location.get("scope")))
        if file is not None:
            return file, location.number("line"), location.number("column")
        reference = location.get("inlinedAt")
    return None


def _file_of(metadata: Metadata, scope: str) -> str:
    node = metadata.node(scope)
    return node.get("file") if node is not None else ""


def first_calls(
    symbols: Iterable[str], functions: Iterable[Function], metadata: Metadata, files: Mapping[str, str]
) -> dict[str, Place | None]:
    """Return where each of *symbols* is named first, as far as that is in the user's files: itself, or what
    names it."""
    found: dict[str, Place | None] = dict.fromkeys(symbols)
    if not found:
        return found
    lines: dict[str, list[tuple[str, str]]] = {}
    for function in functions:
        for line in function.body:
            for symbol in symbols_in([line]):
                lines.setdefault(symbol, []).append((function.name, line))
    for symbol in found:
        pending, seen = [symbol], {symbol}
        while pending and found[symbol] is None:
            for caller, line in lines.get(pending.pop(0), ()):
                found[symbol] = found[symbol] or place_of(metadata, line, files)
                if caller not in seen:
                    seen.add(caller)
                    pending.append(caller)
    return found
