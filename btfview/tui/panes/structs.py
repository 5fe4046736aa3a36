"""The struct pane: its columns are as wide as what stands in them, since the pane is narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from ..drawing import Line, Piece, visible
from .rows import RowsPane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...workspace.rows import Row

_NAME_LIMIT = 28
"""Cells beyond which one long name does not push the numbers of all others to the right."""


class StructsPane(RowsPane):
    """A tree of types, with name, offset, size and type of each member."""

    def __init__(self) -> None:
        super().__init__(id="structs", title="2 Structs")
        self._name_width = self._offset_width = self._size_width = 0

    def set_rows(self, rows: Sequence[Row]) -> bool:
        names, offsets, sizes = [0], [0], [0]
        for row in rows:
            if _is_member(row):
                names.append(2 * row.depth + cell_len(visible(row.segments[0].text.rstrip())))
                offset, _, size = row.segments[1].text.strip().partition(" ")
                offsets.append(len(offset))
                sizes.append(len(size.strip()))
        self._name_width = max(width for width in names if width <= _NAME_LIMIT)
        self._offset_width, self._size_width = max(offsets), max(sizes)
        return super().set_rows(rows)

    def line(self, index: int) -> Line:
        row = self._rows[self._shown[index]]
        line = super().line(index)
        if not _is_member(row):
            return line
        fold, (name, role), (numbers, number_role), *rest = line.pieces
        name = name.rstrip()
        gap = " " * (self._name_width - 2 * row.depth - cell_len(name))
        offset, _, size = numbers.strip().partition(" ")
        drawn: list[Piece] = [
            fold,
            (f"{name}{gap}", role),
            (f" {offset:>{self._offset_width}} {size.strip():>{self._size_width}}  ", number_role),
        ]
        return Line((*drawn, *rest), line.relos)


def _is_member(row: Row) -> bool:
    """Return whether a row is name, then offset and size, then more."""
    return len(row.segments) >= 3 and row.segments[1].text.lstrip().startswith("+")
