"""What panes tell the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from textual.widget import Widget


class ReloSelected(Message):
    """The user moved to something of record *relo* in *pane*, on *target* where the pane has one."""

    def __init__(self, pane: Widget, relo: int, target: int | None = None) -> None:
        super().__init__()
        self.pane = pane
        self.relo = relo
        self.target = target


class RowOpened(Message):
    """The user pressed enter on a row that belongs to no record and has nothing to fold."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


class CellOpened(Message):
    """The user asked for all that is known of the selected record on the selected target."""


class TypeWanted(Message):
    """The user pressed enter on a row whose type can be looked at on a target."""


class KernelPicked(Message):
    """The user clicked a kernel in a strip: index *target* of the targets."""

    def __init__(self, target: int) -> None:
        super().__init__()
        self.target = target


class KernelStepped(Message):
    """The user moved from column to column of kernels, or to *position*; without either, opened or closed the
    column."""

    def __init__(self, direction: int = 0, *, position: int | None = None) -> None:
        super().__init__()
        self.direction = direction
        self.position = position
