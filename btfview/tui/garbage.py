"""When Python looks for garbage: never among what stays for good, and never long at a key.

Textual makes some cyclic garbage at each key (a ``Strip`` that is divided into itself), so full collections
come sooner or later; over the result for 2,000 records on 20 targets one takes half a second.
"""

from __future__ import annotations

import gc

_THRESHOLDS = (700, 10, 2)
"""Full collections five times as often as by default: with nothing old to look at, each is short."""
_WHILE_AWAITED = (100_000, 20, 1_000)
"""Hardly any while an answer is made: nearly all objects stay, and full collections among ever more of them
took a seventh of the time that 5,000 kernels of an atlas took."""
_MANY_CELLS = 2_000
"""Records times targets from which on a full collection takes longer than a frame."""


def settle_start() -> None:
    """Collect from now on, but never look at what start-up made."""
    gc.freeze()
    expect_result()
    gc.enable()


def expect_result() -> None:
    """Collect but rarely until :func:`settle_result`."""
    gc.set_threshold(*_WHILE_AWAITED)


_has_result = False
"""A large result has been put on show."""


def settle_result(cell_count: int) -> None:
    """Collect as usual again, and let collections pass by a large result: one of *cell_count* records times
    targets, just put on show.

    What was garbage among the last large one and what was made since is found now, while the user looks; the
    first has none before it.
    """
    global _has_result
    gc.set_threshold(*_THRESHOLDS)
    if cell_count > _MANY_CELLS:
        if _has_result:
            gc.unfreeze()
            gc.collect()
        _has_result = True
        _pass_by()


def settle_companions(cell_count: int) -> None:
    """Let collections pass by what was made beside such a result in the background as well: what explanations
    look at is tens of thousands of objects more, and keys came at which a collection of those took 20 ms."""
    if cell_count > _MANY_CELLS:
        _pass_by()


def _pass_by() -> None:
    gc.freeze()
    gc.collect()  # of nothing: what has survived it is what the next one is measured by
