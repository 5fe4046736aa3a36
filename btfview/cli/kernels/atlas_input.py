"""What ``btfview atlas`` adds, found and told of."""

from __future__ import annotations

import os
import sys

from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from btfview.targets.sent import SentTarget
    from btfview.targets.target import Target

_EVERY = 0.1
"""Seconds between two lines of progress."""
_AHEAD = 16
"""Kernels that are unpacked at once by a cluster and kept until they are added, 6 MB each."""


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


def read_ahead(targets: list[Target], is_there: Callable[[Target], bool], address: str) -> Iterator[Target]:
    """Yield *targets* in order; what those hold that are packed, and not *is_there* already, is unpacked by
    the workers of the Dask scheduler at *address*, some at once.

    Raises:
        UsageError, InputError: as of :class:`btfview.cluster.Cluster`.
    """
    from btfview.btf.reader import Btf
    from btfview.cluster import Cluster
    from btfview.targets.sent import unpacked

    with Cluster(address) as cluster:
        for start in range(0, len(targets), _AHEAD):
            some = targets[start : start + _AHEAD]
            packed = [one for one in some if one.base is None and not is_there(one)]
            sent = [_sent(one) for one in packed]
            answers = iter(cluster.run(unpacked, ((one,) for one in sent if one is not None)))
            for one, was_sent in zip(packed, sent, strict=True):
                data = next(answers) if was_sent else None
                if data is not None:
                    one.hold(Btf(data, path=one.path))
            yield from some


def _sent(target: Target) -> SentTarget | None:
    """Return a target with what is in its file, if that is packed; None where it cannot be read, which is
    told where it is opened."""
    from btfview.bpf.elf import ELF_MAGIC
    from btfview.targets.sections import is_raw_btf
    from btfview.targets.sent import sent_target

    try:
        sent = sent_target(target, is_with_content=True, has_modules=False)
    except InputError:
        return None
    content = sent.content or b""
    return None if is_raw_btf(content) or content[:4] == ELF_MAGIC else sent


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
