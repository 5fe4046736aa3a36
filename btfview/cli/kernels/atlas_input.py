"""What ``btfview atlas`` adds, found and told of."""

from __future__ import annotations

import os
import sys

from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from btfview.targets.target import Target

_EVERY = 0.1
"""Seconds between two lines of progress."""


def find_inputs(places: list[str], atlas: str) -> tuple[list[Target], list[str]]:
    """Return the targets in *places*, each kernel before its modules, those of one name told apart; and why
    some of the places have none. The atlas itself is left out."""
    from btfview.targets.find import find_fleet, open_targets
    from btfview.targets.told_apart import tell_apart

    found: dict[Target, None] = {}
    problems: list[str] = []
    for place in places:
        try:
            fleet = find_fleet(place)
            found |= dict.fromkeys(fleet.targets if fleet else open_targets(place))
            problems += fleet.problems if fleet else ()
        except InputError as error:
            problems.append(str(error))
    own = os.path.realpath(atlas)
    targets = [target for target in found if os.path.realpath(target.path) != own]
    tell_apart(targets)
    return targets, problems


class Progress:
    """A line on the terminal that says how far it is, how fast, and how long it will take."""

    def __init__(self, total: int) -> None:
        from time import monotonic

        self._now = monotonic
        self._total = total
        self._done = -1
        self._started = self._said = monotonic()
        self._is_shown = sys.stderr.isatty()

    def begin(self, name: str) -> None:
        """Say that one more is begun."""
        self._done += 1
        now = self._now()
        if not self._is_shown or (now - self._said < _EVERY and self._done):
            return
        from btfview.btf.format.spelling import visible

        self._said = now
        line = f"{self._done}/{self._total}"
        if self._done:
            rate = self._done / (now - self._started)
            line += f"  {rate:.1f}/s  {_time((self._total - self._done) / rate)} left"
        sys.stderr.write(f"\r{visible(f'{line}  {name}')[:78]:<78}")
        sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._is_shown:
            sys.stderr.write(f"\r{'':<78}\r")
            sys.stderr.flush()


def _time(seconds: float) -> str:
    """
    >>> _time(7.2), _time(200), _time(9000)
    ('7 s', '3 min', '2 h 30 min')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
