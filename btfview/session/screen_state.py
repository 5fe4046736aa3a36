"""How the user has arranged the screen, kept from one start to the next beside the list of recent files.

A convenience like that list: what cannot be read is as if it were not there, what cannot be written is not.
"""

from __future__ import annotations

import contextlib
import os

from btfview.core_relo.loaders.names import LIBBPF, LOADERS
from btfview.errors import InputError
from btfview.inputs import MAX_TEXT, read_input

from .recent import state_folder
from .write_file import write_file

_MOST_PLACES, _MOST_SHARES, _MOST_LINES = 50, 10, 10_000
"""That a screen can have; more is not of ours."""


class ScreenState:
    """What is kept; each change is written at once."""

    def __init__(self) -> None:
        kept = _read()
        theme, shares = kept.get("theme"), kept.get("shares")
        self.theme = theme if isinstance(theme, str) else ""
        """Chosen by the user; empty where none was."""
        loader = kept.get("loader")
        self.loader = loader if isinstance(loader, str) and loader in LOADERS else LIBBPF
        """Whose answers were shown last."""
        self.shares: dict[str, list[float]] = {}
        """Of each place that borders were dragged in, the fractions of the panes in it."""
        for place, fractions in list(shares.items())[:_MOST_PLACES] if isinstance(shares, dict) else ():
            if _is_shares(fractions):
                self.shares[place] = [float(fraction) for fraction in fractions]

    def keep_theme(self, theme: str) -> None:
        if theme != self.theme:
            self.theme = theme
            self._write()

    def keep_loader(self, loader: str) -> None:
        if loader != self.loader:
            self.loader = loader
            self._write()

    def keep_shares(self, shares: dict[str, list[float]]) -> None:
        """Keep *shares* in the place of all others."""
        self.shares = dict(shares)
        self._write()

    def _write(self) -> None:
        import json

        shares = {place: [round(one, 4) for one in fractions] for place, fractions in self.shares.items()}
        text = json.dumps({"theme": self.theme, "loader": self.loader, "shares": shares})
        with contextlib.suppress(OSError):
            os.makedirs(state_folder(), mode=0o700, exist_ok=True)
            write_file(_path(), text.encode())


def _read() -> dict[str, object]:
    try:
        data = read_input(_path(), MAX_TEXT)
    except InputError:
        return {}
    import json  # not before the first frame of who has arranged nothing

    try:
        kept = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


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
