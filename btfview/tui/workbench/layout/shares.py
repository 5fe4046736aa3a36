"""Room shared among panes by what they hold: widths within a row of panes, heights of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_SHARE = 6
"""Cells that a pane keeps, however small the terminal is and wherever its border is dragged."""


@frozen
class Wish:
    """How much room a pane asks for, in cells, its frame among them."""

    least: int
    """With fewer it is of little use."""
    best: int
    """With these nothing of it is cut."""


def share(wishes: Sequence[Wish], room: int, *, grown: int | None = None, rest: int = 0) -> list[int]:
    """Return the share of each in *room* cells; their sum is *room*.

    Each has at least what it needs, but for what *grown* takes up to half of the room; what is left goes to
    that one, then to the others, as far as they can use it, and what nobody can use to *rest*.

    >>> share([Wish(50, 120), Wish(50, 90)], 160, grown=1)
    [70, 90]
    """
    given = [min(wish.least, wish.best) for wish in wishes]
    if grown is not None:
        given[grown] = max(given[grown], min(wishes[grown].best, room // 2))
    if sum(given) > room:
        return _squeezed(given, room, grown)
    left = room - sum(given)
    if grown is not None:
        taken = min(left, wishes[grown].best - given[grown])
        given[grown] += taken
        left -= taken
    wants = [wish.best - have for wish, have in zip(wishes, given, strict=True)]
    for at, part in enumerate(_parts(wants, min(left, sum(wants)))):
        given[at] += part
    given[rest] += room - sum(given)
    return given


def _squeezed(needs: Sequence[int], room: int, grown: int | None) -> list[int]:
    """Return shares where the needs of all cannot be met: *grown* has what it needs, the others share what
    is left."""
    others = [at for at in range(len(needs)) if at != grown]
    given = [0] * len(needs)
    if grown is not None:
        given[grown] = max(0, min(needs[grown], room - LEAST_SHARE * len(others)))
    parts = _parts([needs[at] for at in others], room - sum(given))
    for at, part in zip(others, parts, strict=True):
        given[at] = part
    if not others and grown is not None:
        given[grown] = room
    return given


def by_fractions(fractions: Sequence[float], room: int) -> list[int]:
    """Return shares of *room* in proportion to *fractions*, none less than :data:`LEAST_SHARE`, where *room*
    has that for each.

    >>> by_fractions([0.5, 0.25, 0.25], 100), by_fractions([0.99, 0.01], 40)
    ([50, 25, 25], [34, 6])
    """
    least = min(LEAST_SHARE, room // len(fractions))
    spare = room - least * len(fractions)
    shown = [max(0.0, fraction * room - least) for fraction in fractions]
    return [least + part for part in _parts(shown, spare)]


def _parts(weights: Sequence[float], room: int) -> list[int]:
    """Return *room* cells divided in proportion to *weights*, to the last cell."""
    total = sum(weights)
    if total <= 0:
        return [room // len(weights) + (at < room % len(weights)) for at in range(len(weights))]
    exact = [weight * room / total for weight in weights]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: parts[at] - exact[at])
    for at in by_remainder[: room - sum(parts)]:
        parts[at] += 1
    return parts
