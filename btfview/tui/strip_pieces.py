"""A fate strip as pieces to draw, the cell of the chosen kernel marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.views.kernels.strip import strip_segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.result import CellState
    from btfview.tui.drawing import Piece
    from btfview.views.kernels.strip import StripPlan


def strip_pieces(plan: StripPlan, states: Sequence[CellState], chosen: int | None = None) -> list[Piece]:
    """Return the strip of *states*, one a class; the cell that holds target *chosen* stands out."""
    here = plan.cell_of(chosen) if chosen is not None else None
    pieces: list[Piece] = []
    x = 0
    for segment in strip_segments(plan, states):
        text, role = segment.text, segment.role
        if here is not None and x <= here.x < x + len(text):
            at = here.x - x
            parts = ((text[:at], role), (text[at], f"{role} cell"), (text[at + 1 :], role))
            pieces += [part for part in parts if part[0]]
        else:
            pieces.append((text, role))
        x += len(text)
    return pieces
