"""Many kernels in few words: ``5.4 … 6.2 (14), not 5.15-rt``."""

from __future__ import annotations

import re
from collections import Counter

from btfview.analysis.findings.collect import listed_targets
from btfview.analysis.kernels.kernel_age import age_key, arch_in_name, short_release, version_of
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_FEW = 3
"""Kernels that are named in full."""
_RUN = 3
"""Neighbours from which on a run is told by its ends."""
_LEFT_OUT = 2
"""Kernels within a run that may be named as those which are not meant."""
_PARTS = 6
"""Runs and names of one architecture that are told."""


class KernelGroups:
    """The kernels of one report, and how some of them are told."""

    def __init__(self, names: Sequence[str]) -> None:
        self._count = len(names)
        lines: dict[str, list[str]] = {}
        for name in names:
            lines.setdefault(arch_in_name(name), []).append(name)
        self._lines = {arch: sorted(line, key=age_key) for arch, line in lines.items()}
        self._labels: dict[str, str] = {}
        for line in self._lines.values():
            self._labels |= _labels(line)

    def told(self, names: Sequence[str]) -> str:
        """Return *names*, some of the kernels, in words: few in full, more by architecture and age."""
        if len(names) <= _FEW or len(names) == self._count:
            return listed_targets(tuple(names), self._count)
        wanted = set(names)
        parts = []
        for arch, line in self._lines.items():
            where = [index for index, name in enumerate(line) if name in wanted]
            if where:
                told = self._line(line, where)
                parts.append(f"{arch} {told}" if arch and len(self._lines) > 1 else told)
        return "; ".join(parts)

    def _line(self, line: list[str], where: list[int]) -> str:
        """Return kernels of one architecture, by their indices from old to new."""
        if len(where) == len(line) > _RUN:
            return f"all {len(line)}"
        inside = set(where)
        missing = [index for index in range(where[0], where[-1]) if index not in inside]
        if len(where) > _RUN and len(missing) <= min(_LEFT_OUT, len(where) // 3):
            left_out = f", not {', '.join(self.label(line[index]) for index in missing)}" if missing else ""
            return f"{self._span(line, where[0], where[-1], len(where))}{left_out}"
        parts = list(self._runs(line, where))
        if len(parts) <= _PARTS:
            return ", ".join(text for text, _ in parts)
        more = sum(count for _, count in parts[_PARTS:])
        return f"{', '.join(text for text, _ in parts[:_PARTS])} and {more} more"

    def _runs(self, line: list[str], where: list[int]) -> Iterator[tuple[str, int]]:
        start = 0
        for at in range(1, len(where) + 1):
            if at < len(where) and where[at] == where[at - 1] + 1:
                continue
            run = where[start:at]
            start = at
            if len(run) >= _RUN:
                yield self._span(line, run[0], run[-1], len(run)), len(run)
            else:
                yield from ((self.label(line[index]), 1) for index in run)

    def _span(self, line: list[str], first: int, last: int, count: int) -> str:
        return f"{self.label(line[first])} \N{HORIZONTAL ELLIPSIS} {self.label(line[last])} ({count})"

    def label(self, name: str) -> str:
        """Return the shortest name of a kernel that no other of its architecture has."""
        return self._labels[name]


def _labels(line: Iterable[str]) -> dict[str, str]:
    """Return the shortest name of each that no other of the line has."""
    chosen: dict[str, str] = {}
    left = list(line)
    for form in (_release, short_release, _with_words):
        labels = list(map(form, left))
        counts = Counter(labels)
        taken = set(chosen.values())
        chosen |= {
            name: label
            for name, label in zip(left, labels, strict=True)
            if counts[label] == 1 and label not in taken
        }
        left = [name for name in left if name not in chosen]
    return chosen | {name: name for name in left}


def _release(name: str) -> str:
    version = version_of(name)
    return ".".join(map(str, version[:2])) if version else name


def _with_words(name: str) -> str:
    """Return the release, and the words of the name that are neither numbers nor an architecture.

    >>> _with_words("6.1.0-56-rt-amd64"), _with_words("6.1.0-56-amd64+loop")
    ('6.1-rt', '6.1+loop')
    """
    rest = name.partition(short_release(name))[2]
    words = re.findall(r"[-+._][A-Za-z]\w*", rest)
    return _release(name) + "".join(
        word for word in words if not arch_in_name(word[1:]) and word != "-generic"
    )
