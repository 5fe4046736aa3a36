"""What two sequences have in common, by an edit of as few steps as there can be (Myers, "An O(ND) difference
algorithm and its variations", 1986)."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

MAX_EDITS = 500
"""Items added and removed up to which a shortest edit is looked for; the search takes time and memory by the
square of their number."""


def shortest_edit(
    old: Sequence[Hashable], new: Sequence[Hashable], max_edits: int = MAX_EDITS
) -> list[tuple[int, int]] | None:
    """Return the pairs of equal indices along a shortest edit; None when it has more than *max_edits* steps.

    >>> shortest_edit("abcd", "axcd")
    [(0, 0), (2, 2), (3, 3)]
    """
    reach: dict[int, int] = {1: 0}
    trail: list[dict[int, int]] = []
    for edits in range(min(len(old) + len(new), max_edits) + 1):
        trail.append(dict(reach))
        for diagonal in range(-edits, edits + 1, 2):
            is_down = diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])
            x = reach[diagonal + 1] if is_down else reach[diagonal - 1] + 1
            y = x - diagonal
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x, y = x + 1, y + 1
            reach[diagonal] = x
            if x >= len(old) and y >= len(new):
                return _walk_back(trail, len(old), len(new))
    return None


def common_ends(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[int, int]:
    """Return how many items are the same at the start, and how many others at the end.

    >>> common_ends("abcd", "axbcd"), common_ends("aa", "aaa")
    ((1, 3), (2, 0))
    """
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    tail = next((at for at in range(most - head) if old[-1 - at] != new[-1 - at]), most - head)
    return head, tail


def shown_indices(is_changed: Sequence[bool], context: int) -> Iterator[int | None]:
    """Yield the indices of what a difference shows: what changed, and *context* more on each side; None where
    something between, before or behind is left out.

    >>> list(shown_indices([False, False, True, False, False], 1))
    [None, 1, 2, 3, None]
    """
    last = -1
    for index, changed in enumerate(is_changed):
        if not changed:
            continue
        first = max(last + 1, index - context)
        if first > last + 1:
            yield None
        last = min(len(is_changed) - 1, index + context)
        yield from range(first, last + 1)
    if last < len(is_changed) - 1:
        yield None


def _walk_back(trail: Sequence[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for edits in range(len(trail) - 1, -1, -1):
        reach, diagonal = trail[edits], x - y
        is_down = diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])
        before = diagonal + 1 if is_down else diagonal - 1
        before_x = reach[before] if edits else 0
        before_y = before_x - before if edits else 0
        while x > before_x and y > before_y:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = before_x, before_y
    pairs.reverse()
    return pairs
