"""The role in which a state is drawn."""

from __future__ import annotations

from btfview.analysis.result import CellState

_ROLES = {state: state.name.lower().replace("_", "-") for state in CellState}


def state_role(state: CellState) -> str:
    """Return the role of a state: of ``MISSING_GUARDED`` ``missing-guarded``."""
    return _ROLES[state]
