"""A list of numbers, written as what differs from a list that is at hand.

Kernels of one series have nearly the same types in nearly the same order, but for runs that are new or gone.
So a list is pieces: runs of the base, of which those that are gone were taken out before, and runs of numbers
that follow one another, as those that are new do.
"""

from __future__ import annotations

from array import array

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from .arrays import Words

OVER_USE, OVER_BASE = b"u", b"b"
"""Of strings: the list at hand is that in which the types use them, as most linkers leave them; or it is the
base's."""


def write_order(numbers: Words, base: Words) -> array[int]:
    """Return the pieces of *numbers*, none twice, over *base*: for each its length, doubled, plus 1 if it is
    of the base; and how far its start lies from where the last of its sort ended."""
    import numpy as np

    count = int(max(numbers.max(initial=0), base.max(initial=0))) + 1
    is_member = np.zeros(count, np.bool_)
    is_member[numbers] = True
    kept = base[is_member[base]]
    place = np.full(count, -1, np.int64)
    place[kept] = np.arange(len(kept))
    places = place[numbers]
    is_kept = places >= 0
    where = np.where(is_kept, places, numbers)
    is_first = np.ones(len(numbers), np.bool_)
    is_first[1:] = (is_kept[1:] != is_kept[:-1]) | (where[1:] != where[:-1] + 1)
    firsts = np.flatnonzero(is_first)
    sizes, of_base, starts = np.diff(firsts, append=len(numbers)), is_kept[firsts], where[firsts]
    ends = starts + sizes
    for sort in (of_base, ~of_base):
        starts[sort] -= np.append(0, ends[sort][:-1])[: sort.sum()]
    zigzag = starts * 2 ^ starts >> 63
    return array("I", np.append(sizes * 2 + of_base, zigzag).astype(np.uint32).tobytes())


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


def _unzigzag(number: int) -> int:
    return number >> 1 if not number & 1 else -((number + 1) >> 1)
