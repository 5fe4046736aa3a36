"""The intrinsics pane: in a narrow pane the meaning of a call comes before its text."""

from __future__ import annotations

from ..drawing import Line, width_of
from .rows import RowsPane


class IntrinsicsPane(RowsPane):
    """IR lines, each with a comment on the step it stands for."""

    def __init__(self) -> None:
        super().__init__(id="intrinsics", title="3 IR intrinsics")

    def line(self, index: int) -> Line:
        line = super().line(index)
        if width_of(line.pieces) <= self.size.width - 1 or not line.pieces:
            return line
        *call, (text, role) = line.pieces
        if role != "comment" or not text.startswith("  ; "):
            return line
        indent = [call.pop(0)] if not call[0][0].strip() else []
        return Line((*indent, (text[4:], "name"), ("  ", ""), *call), line.relos)
