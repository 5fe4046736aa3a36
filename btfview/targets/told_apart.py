"""Targets of one name, told apart by the shortest path that does: ``arm64/6.1.0``, ``x86_64/6.1.0``."""

from __future__ import annotations

import os

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .target import Target


def tell_apart(targets: Iterable[Target], known: Collection[Target] = ()) -> None:
    """Give those of *targets* that are called the same the folders in front that tell them apart, each as few
    as do; and where they lie in one folder, the names of their files.

    A target that is no file stands for itself: ``bundled/6.1.0-56-amd64``, ``running/6.1.0``. Those that are
    *known* already keep their names.
    """
    kept = set(map(id, known))
    by_name: dict[str, dict[str, list[Target]]] = {}
    for target in (*known, *dict.fromkeys(targets)):
        by_name.setdefault(target.name, {}).setdefault(target.path, []).append(target)
    for by_path in by_name.values():
        if len(by_path) < 2:
            continue
        same = [target for one in by_path.values() for target in one]
        for target, parts in zip(same, _shortest(_places(same)), strict=True):
            if id(target) not in kept:
                target.name = "/".join(parts)


def _parts(target: Target, last: str) -> tuple[str, ...]:
    if target.origin != "file":
        return target.origin, target.name
    return *os.path.abspath(target.path).split("/")[:-1], last


def _places(targets: list[Target]) -> list[tuple[str, ...]]:
    """Return the parts of what each of *targets* of one name may be called."""
    places = [_parts(target, target.name) for target in targets]
    if len(set(places)) == len(places):
        return places
    return [_parts(target, os.path.basename(target.path)) for target in targets]


def _shortest(paths: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the end of each of *paths* by which it is known among them."""
    counts: dict[tuple[str, ...], int] = {}
    for path in paths:
        for length in range(1, len(path) + 1):
            counts[path[-length:]] = counts.get(path[-length:], 0) + 1
    return [
        next((path[-n:] for n in range(1, len(path) + 1) if counts[path[-n:]] == 1), path) for path in paths
    ]
