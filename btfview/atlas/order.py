"""A list of numbers, written as what differs from a list that is at hand.

Kernels of one series have nearly the same types in nearly the same order, but for runs that are new or gone.
So a list is pieces: runs of the base, of which those that are gone were taken out before, and runs of numbers
that follow one another, as those that are new do.
"""

from __future__ import annotations

from array import array
from itertools import compress

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

OVER_USE, OVER_BASE = b"u", b"b"
"""Of strings: the list at hand is that in which the types use them, as most linkers leave them; or it is the
base's."""


def write_order(numbers: Sequence[int], base: Sequence[int]) -> array[int]:
    """Return the pieces of *numbers*, none twice, over *base*: for each its length, doubled, plus 1 if it is
    of the base; and how far its start lies from where the last of its sort ended."""
    kept = _kept(base, set(numbers))
    place = {number: at for at, number in enumerate(kept)}
    lengths, starts = array("I"), array("I")
    at, count, size = 0, len(numbers), len(kept)
    after_base = after_run = 0
    while at < count:
        first = at
        start = place.get(numbers[at], -1)
        if start >= 0:
            end = start
            while at < count and end < size and numbers[at] == kept[end]:
                at += 1
                end += 1
            lengths.append((at - first) * 2 + 1)
            starts.append(_zigzag(start - after_base))
            after_base = end
            continue
        start = following = numbers[at]
        while at < count and numbers[at] == following and following not in place:
            at += 1
            following += 1
        lengths.append((at - first) * 2)
        starts.append(_zigzag(start - after_run))
        after_run = following
    return lengths + starts


def read_order(pieces: array[int], kept: array[int], most: int) -> array[int]:
    """Return the list of which :func:`write_order` returned *pieces*; *kept* are those numbers of the base
    that it has.

    Raises:
        ValueError: the pieces do not fit the base, or are of more than *most* numbers.
    """
    half, rest = divmod(len(pieces), 2)
    if rest:
        raise ValueError("has a piece without a start")
    if sum(length >> 1 for length in pieces[:half]) > most:
        raise ValueError("has an order of more than there is")
    found = array("I")
    after_base = after_run = 0
    for length, distance in zip(pieces[:half], pieces[half:], strict=True):
        size = length >> 1
        if length & 1:
            start = after_base + _unzigzag(distance)
            after_base = start + size
            if not 0 <= start <= after_base <= len(kept):
                raise ValueError("takes a piece that its base has not")
            found += kept[start:after_base]
        else:
            start = after_run + _unzigzag(distance)
            after_run = start + size
            if not 0 <= start <= after_run < 1 << 31:
                raise ValueError("has an impossible piece")
            found.extend(range(start, after_run))
    return found


def _kept(base: Sequence[int], members: set[int]) -> array[int]:
    return array("I", compress(base, map(members.__contains__, base)))


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _unzigzag(number: int) -> int:
    return number >> 1 if not number & 1 else -((number + 1) >> 1)
