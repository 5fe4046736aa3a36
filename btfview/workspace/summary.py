"""What becomes of a record over all targets, in a few words."""

from __future__ import annotations

from btfview.analysis.result import GLYPHS, Analysis

from .offset_table import state_role
from .rows import Segment


def summarise_relo(analysis: Analysis, relo_index: int) -> Segment:
    """Return ``▲ moved on 2 of 3``, or ``✔ as compiled`` where all targets agree; the worst state counts.

    The text is empty without targets.
    """
    counts: dict[str, int] = {}
    for column in range(len(analysis.targets)):
        state = analysis.state(relo_index, column)
        counts[state] = counts.get(state, 0) + 1
    if not counts:
        return Segment("")
    worst = max(counts, key=list(GLYPHS).index)
    total = len(analysis.targets)
    where = "" if counts[worst] == total else f" on {counts[worst]} of {total}"
    return Segment(f"{GLYPHS[worst]} {worst}{where}", state_role(worst))
