"""How the user has arranged the screen, kept from one start to the next beside the list of recent files.

A convenience like that list: what cannot be read is as if it were not there, what cannot be written is not.
Each change is written by itself into what stands in the file then, so that two screens at once keep what
each of them changed, and a file of a later btfview is left as it is.
"""

from __future__ import annotations

import contextlib
import os

from btfview.core_relo.loaders.names import LIBBPF, LOADERS
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING
from btfview.inputs import MAX_TEXT, read_input

from .recent import state_folder
from .write_file import NotExpectedError, write_file

if TYPE_CHECKING:
    from typing import Any

_VERSION = 1
_MOST_PLACES, _MOST_SHARES, _MOST_LINES = 50, 10, 10_000
"""That a screen can have; more is not of ours."""
_MOST_FILES = 200
"""Of which something is kept; the one that was arranged longest ago goes first."""
_MOST_TEXT = 40
"""Characters of an order that is kept."""
_TRIES = 5


class ScreenState:
    """What is kept; each change is written at once. Where it *is_fresh* nothing is read or written."""

    def __init__(self, *, is_fresh: bool = False, configured_theme: str = "") -> None:
        """*configured_theme* is that of the user's configuration: what was chosen on the screen holds as long
        as that is what it was then."""
        self._is_fresh = is_fresh
        self._configured_theme = configured_theme
        kept = ({} if is_fresh else _parse(_read())) or {}
        theme, over = kept.get("theme"), kept.get("theme_over", "")
        self.theme = theme if isinstance(theme, str) and over == configured_theme else ""
        """Chosen by the user; empty where none was."""
        loader = kept.get("loader")
        self.loader = loader if isinstance(loader, str) and loader in LOADERS else LIBBPF
        """Whose answers were shown last."""
        self.shares = _shares_in(kept)
        """Of each place that borders were dragged in, the fractions of the panes in it."""
        self._orders = _orders_in(kept)

    def keep_theme(self, theme: str) -> None:
        if theme != self.theme:
            self.theme = theme
            self._keep({"theme": theme, "theme_over": self._configured_theme})

    def keep_loader(self, loader: str) -> None:
        if loader != self.loader:
            self.loader = loader
            self._keep({"loader": loader})

    def keep_shares(self, shares: dict[str, list[float]]) -> None:
        """Keep *shares* in the place of all others."""
        self.shares = dict(shares)
        rounded = {place: [round(one, 4) for one in fractions] for place, fractions in shares.items()}
        self._keep({"shares": rounded})

    def order_of(self, path: str) -> tuple[str, str]:
        """Return how rows and columns of the file at *path* were ordered; empty where they were not."""
        return self._orders.get(os.path.realpath(path), ("", ""))

    def keep_order(self, path: str, rows: str, columns: str) -> None:
        path = os.path.realpath(path)
        if self._orders.get(path, ("", "")) != (rows, columns):
            self._orders[path] = (rows, columns)
            self._keep({"files": {path: {"rows": rows, "columns": columns}}})

    def _keep(self, change: dict[str, Any]) -> None:
        if self._is_fresh:
            return
        import json

        path = _path()
        for _ in range(_TRIES):
            data = _read()
            kept = _parse(data)
            if kept is None:
                return
            files = kept.get("files")
            changed = kept | {"version": _VERSION} | change
            if "files" in change:
                (of_file,) = change["files"]
                others = files.items() if isinstance(files, dict) else ()
                rest = [(name, one) for name, one in others if name != of_file]
                changed["files"] = dict(rest[1 - _MOST_FILES :]) | change["files"]
            with contextlib.suppress(OSError):
                os.makedirs(state_folder(), mode=0o700, exist_ok=True)
                try:
                    write_file(path, json.dumps(changed).encode(), expected=data)
                except NotExpectedError:
                    continue
            return


def _read() -> bytes | None:
    try:
        return read_input(_path(), MAX_TEXT)
    except InputError:
        return None


def _parse(data: bytes | None) -> dict[str, Any] | None:
    """Return what is kept; None where a later btfview has written it."""
    if data is None:
        return {}
    import json  # not before the first frame of who has arranged nothing

    try:
        kept = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(kept, dict):
        return {}
    version = kept.get("version", _VERSION)
    return None if isinstance(version, int) and version > _VERSION else kept


def _shares_in(kept: dict[str, Any]) -> dict[str, list[float]]:
    shares = kept.get("shares")
    places = list(shares.items())[:_MOST_PLACES] if isinstance(shares, dict) else []
    return {place: list(map(float, fractions)) for place, fractions in places if _is_shares(fractions)}


def _orders_in(kept: dict[str, Any]) -> dict[str, tuple[str, str]]:
    files = kept.get("files")
    found: dict[str, tuple[str, str]] = {}
    for path, one in list(files.items())[-_MOST_FILES:] if isinstance(files, dict) else ():
        rows, columns = (one.get("rows"), one.get("columns")) if isinstance(one, dict) else (None, None)
        if isinstance(rows, str) and isinstance(columns, str) and len(rows + columns) <= _MOST_TEXT:
            found[path] = (rows, columns)
    return found


def _is_shares(value: object) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= _MOST_SHARES
        and all(
            isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one <= _MOST_LINES
            for one in value  # a fraction; or lines, which the detail has
        )
        and sum(value) > 0
    )


def _path() -> str:
    return os.path.join(state_folder(), "screen.json")
