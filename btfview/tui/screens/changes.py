"""What the last edit, or switch of an option, changed: records, sections, instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .entries import EntriesScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.views.rows import Row


class ChangesScreen(EntriesScreen):
    """Returns the index of the row whose record is to be gone to."""

    HAS_DETAIL = False
    HINTS: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("enter", "go to the record", "choose"),
        ("/", "filter", "filter"),
        ("esc", "close", "leave"),
    )

    def __init__(self, rows: Sequence[Row], title: str) -> None:
        super().__init__()
        self._rows = rows
        self._title = title

    def on_mount(self) -> None:
        super().on_mount()
        self.set_frame(self._title)
        self.set_entries(self._rows)

    def action_choose(self) -> None:
        if self.index is not None and self._rows[self.index].relos:
            self.dismiss(self.index)
