"""What ``btfview atlas`` adds, found and told of."""

from __future__ import annotations

import os
import sys

from btfview.errors import InputError, TargetError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from btfview.targets.target import Target

_EVERY = 0.1
"""Seconds between two lines of progress."""


def find_inputs(places: list[str], atlas: str) -> tuple[list[Target], list[str]]:
    """Return the targets in *places*, folders searched to the bottom, each kernel before its modules; and why
    some of the places have none. The atlas itself is left out."""
    from btfview.targets.find import open_targets

    found: dict[Target, None] = {}
    problems: list[str] = []
    for place in places:
        before = len(found)
        for folder in _folders(place):
            try:
                found |= dict.fromkeys(open_targets(folder))
            except TargetError as error:
                if not os.path.isdir(place):
                    problems.append(str(error))
            except InputError as error:
                problems.append(str(error))
        if os.path.isdir(place) and len(found) == before:
            problems.append(str(TargetError("no targets in this folder, or below it", path=place)))
    own = os.path.realpath(atlas)
    targets = [target for target in found if os.path.realpath(target.path) != own]
    _tell_apart(targets)
    return targets, problems


def _folders(place: str) -> list[str]:
    if not os.path.isdir(place):
        return [place]
    return sorted(folder for folder, _, files in os.walk(place) if files) or [place]


def _tell_apart(targets: list[Target]) -> None:
    """Give kernels of one name the folders that tell them apart: ``arm64/6.1.0``."""
    by_name: dict[str, list[Target]] = {}
    for target in targets:
        by_name.setdefault(target.name, []).append(target)
    for name, same in by_name.items():
        parts = [os.path.abspath(target.path).split("/")[:-1] for target in same]
        count = 1
        while len(same) > 1 and count < max(map(len, parts)):
            if len({tuple(part[-count:]) for part in parts}) == len(same):
                break
            count += 1
        if len(same) > 1:
            for target, part in zip(same, parts, strict=True):
                target.name = "/".join((*part[-count:], name))


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
