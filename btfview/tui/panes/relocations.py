"""The relocations pane: the records, those that the last edit changed marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.tui.drawing import Line, Piece, visible

from .rows import RowsPane

if TYPE_CHECKING:
    from btfview.changes.selection_changes import Changes


class RelocationsPane(RowsPane):
    """Two rows a record; the mark of a change stands at the end of the first."""

    dims_rest = True

    def __init__(self) -> None:
        super().__init__(id="relocations", title="4 .BTF.ext relocations")
        self._changed: dict[int, Piece] = {}

    def set_changes(self, changes: Changes) -> None:
        """Mark the records of *changes* as ``+ new`` or with what they were: ``± was 8``."""
        self._changed = dict.fromkeys(changes.new, (" + new ", "as-compiled"))
        self._changed |= {index: (f" ± {visible(text)} ", "warning") for index, text in changes.changed}
        self.refresh()

    def line(self, index: int) -> Line:
        line = super().line(index)
        row = self._rows[self._shown[index]]
        mark = self._changed.get(row.relos[0]) if row.key and row.relos else None
        return Line(line.pieces, line.relos, line.gutter, (mark,)) if mark else line
