"""The disassembly pane: the instructions, before and after on the chosen target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rows import RowsPane

if TYPE_CHECKING:
    from collections.abc import Sequence


class DisasmPane(RowsPane):
    """Source lines, records and instructions; of a record's rows, its instruction comes last."""

    dims_rest = True

    def __init__(self) -> None:
        super().__init__(id="disasm", title="3 Disassembly")
        self.is_awaited = True

    def best_row(self, rows: Sequence[int]) -> int:
        return rows[-1]
