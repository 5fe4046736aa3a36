"""How rows and columns of the offsets are ordered: as configured, or as the user left this file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.configuration.user_keys import COLUMNS, ROWS

if TYPE_CHECKING:
    from btfview.configuration.screen import ScreenSettings
    from btfview.session.screen_state import ScreenState
    from btfview.tui.workbench.bench import Bench


class Orders:
    """The order in the panes of *bench*, kept in *state*; where nothing is, *settings* hold."""

    def __init__(self, bench: Bench, state: ScreenState, settings: ScreenSettings) -> None:
        self._bench = bench
        self._state = state
        self._configured = settings.rows, settings.columns

    def opened(self) -> None:
        """Another file is on show: order it as it was left."""
        path = self._bench.session.path
        kept = self._state.order_of(path) if path is not None else ("", "")
        rows, columns = (one or other for one, other in zip(kept, self._configured, strict=True))
        self._bench.offsets_pane.order_as(
            ROWS.index(rows) if rows in ROWS else 0, COLUMNS.index(columns) if columns in COLUMNS else 0
        )

    def changed(self) -> None:
        """The user has chosen another order."""
        path = self._bench.session.path
        if path is not None:
            rows, columns = self._bench.offsets_pane.order
            self._state.keep_order(path, ROWS[rows], COLUMNS[columns])
