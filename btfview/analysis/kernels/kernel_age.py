"""Kernels from old to new, architecture by architecture, by what their names say."""

from __future__ import annotations

import os
import re
from functools import lru_cache

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.targets.target import Target

ARCHITECTURES = {
    "amd64": "amd64",
    "x86_64": "amd64",
    "i386": "i386",
    "i686": "i386",
    "686": "i386",
    "arm64": "arm64",
    "aarch64": "arm64",
    "armhf": "armhf",
    "armmp": "armhf",
    "ppc64el": "ppc64el",
    "ppc64le": "ppc64el",
    "powerpc64le": "ppc64el",
    "riscv64": "riscv64",
    "s390x": "s390x",
    "loong64": "loong64",
    "loongarch64": "loong64",
    "mips64el": "mips64el",
}
"""As Debian calls them, by what releases and ``uname -m`` call them."""
_LAST_MINOR = {3: 19, 4: 20, 5: 19, 6: 19}
"""The last release of each major number of Linux."""
_MINORS = 19
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_MOST_NAMES = 8192
"""Kernels of which it is remembered what their names say."""


def arch_of(target: Target) -> str:
    """Return the architecture of a target by its name, or by its folder (BTFHub's ``x86_64/``), of the
    running kernel by uname; else nothing.

    A word decides, the last where there are several: ``6.1.0-56-cloud-amd64`` is amd64.
    """
    named = arch_in_name(target.name) or ARCHITECTURES.get(
        os.path.basename(os.path.dirname(target.source)), ""
    )
    return named or (ARCHITECTURES.get(os.uname().machine, "") if target.origin == "running" else "")


@lru_cache(_MOST_NAMES)
def arch_in_name(name: str) -> str:
    """Return the architecture that a kernel's name tells; empty where it tells none.

    >>> arch_in_name("6.1.0-56-cloud-amd64"), arch_in_name("5.10-aarch64+loop"), arch_in_name("vmlinux")
    ('amd64', 'arm64', '')
    """
    for word in reversed(re.split(r"[^A-Za-z0-9_]+", name)):
        if word in ARCHITECTURES:
            return ARCHITECTURES[word]
    return ""


@lru_cache(_MOST_NAMES)
def age_key(name: str) -> tuple[tuple[int, ...], tuple[tuple[int, str], ...]]:
    """Return a key that sorts kernels from old to new by the version in their names; without one, first.

    >>> sorted(["6.12.117+deb12", "x-7.1", "6.12.99", "6.1", "6.1.0-56"], key=age_key)
    ['6.1', '6.1.0-56', '6.12.99', '6.12.117+deb12', 'x-7.1']
    """
    found = _VERSION.search(name)
    if found is None:
        return (), ()
    rest = re.findall(r"\d+|\D+", name[found.end() :])
    words = tuple((int(part), "") if part.isdecimal() else (-1, part) for part in rest)
    return tuple(int(part or 0) for part in found.groups()), words


def version_of(name: str) -> tuple[int, ...]:
    """Return the two or three numbers of the version in a kernel's name; none where it has no version.

    >>> version_of("6.1.0-56-amd64"), version_of("7.3-amd64"), version_of("vmlinux")
    ((6, 1, 0), (7, 3), ())
    """
    found = _VERSION.search(name)
    return tuple(int(part) for part in found.groups() if part) if found else ()


def releases_apart(one: float, other: float) -> float:
    """Return how many releases lie between two of :func:`release_number`; very many if one is not known."""
    return abs(round(one - other, 6)) if one and other else 1000.0


@lru_cache(_MOST_NAMES)
def release_number(name: str) -> float:
    """Return the number of a kernel's release, counted from 3.0, with its patch level in thousandths; 0 where
    its name has no version.

    >>> round(release_number("6.1.0-56") - release_number("5.19.0-50"), 3), release_number("vmlinux")
    (2.0, 0.0)
    """
    found = _VERSION.search(name)
    if found is None:
        return 0.0
    major, minor, patch = (int(part or 0) for part in found.groups())
    before = sum(_LAST_MINOR.get(number, _MINORS) + 1 for number in range(3, min(major, 99)))
    return before + minor + min(patch, 999) / 1000


def short_release(name: str) -> str:
    """Return the version in a kernel's name, without a third number that is 0; without one the name.

    >>> short_release("6.1.0-56-amd64"), short_release("6.12.117+deb12-amd64"), short_release("vmlinux")
    ('6.1', '6.12.117', 'vmlinux')
    """
    found = _VERSION.search(name)
    return found[0].removesuffix(".0") if found and found[3] else found[0] if found else name


_last: tuple[Sequence[Target], dict[str, list[int]]] | None = None
"""What was asked last: of one result it is asked at each key."""


def lines_of_targets(targets: Sequence[Target]) -> dict[str, list[int]]:
    """Return the indices of *targets* by architecture, each from old to new; the architectures are in the
    order of their first target."""
    global _last
    known = _last
    if known is None or known[0] is not targets or not isinstance(targets, tuple):
        known = _last = targets, _sorted_lines(targets)
    return known[1]


def _sorted_lines(targets: Sequence[Target]) -> dict[str, list[int]]:
    lines: dict[str, list[int]] = {}
    for index, target in enumerate(targets):
        lines.setdefault(arch_of(target), []).append(index)
    for indices in lines.values():
        indices.sort(key=lambda index: age_key(targets[index].name))
    return lines
