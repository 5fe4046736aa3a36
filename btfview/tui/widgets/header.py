"""The header: what is open and how it stands; below it, on how many kernels something fails, and the strip
of all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len

from btfview.tui.drawing import Piece, crop, visible, width_of
from btfview.tui.messages import KernelPicked
from btfview.tui.strip_pieces import strip_pieces
from btfview.views.kernels.strip import plan_strip

from .bars import Bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click

    from btfview.analysis.fates import Fates
    from btfview.views.kernels.strip import StripPlan
    from btfview.views.rows import Segment

_BUTTONS = (
    (re.compile(r"problem|error|warning"), "problems"),
    (re.compile(r"target|broken"), "pick_targets"),
    (re.compile(r"[+±-] ?\d| (?:new|changed|gone)"), "changes"),
    (re.compile(r"record|demand"), "show_pane('relocations')"),
    (re.compile(r"^by "), "next_loader"),
    (re.compile(r"watching"), "toggle_watch"),
    (re.compile(r"^(?:cpu|dialect|repr|option|big endian|frontend)"), "options"),
    (re.compile(r"compiled|cached|unchanged|\d ms$"), "recompile"),
)
"""Words of the header, and what a click on them does."""
_LEAST_STRIP = 12
"""Cells below which the strip takes room from the words before it."""


class HeaderBar(Bar):
    """Two lines while there are kernels; one on a terminal that is too low, where the strip takes the place
    of what stands at the right."""

    def __init__(self) -> None:
        super().__init__(id="header")
        self._fates: Fates | None = None
        self._sentences: tuple[Segment, ...] = ()
        """The same, the longer first."""
        self._names: Sequence[str] = ()
        """Of the targets."""
        self._chosen: int | None = None
        self._plans: dict[int, StripPlan] = {}
        """By the cells that they were made for."""
        self._strip_x = 0
        """Where the strip on show begins."""

    def show_fates(self, fates: Fates | None, sentences: tuple[Segment, ...], names: Sequence[str]) -> None:
        """Show the strip of *fates*, on the targets called *names*; None for none."""
        had_line = self.has_strip
        if fates is not self._fates:
            self._plans = {}
        self._fates = fates if fates is not None and fates.class_of else None
        self._sentences, self._names = sentences, names
        self.refresh(layout=had_line != self.has_strip)

    def choose(self, target: int | None) -> None:
        """Mark the kernel that the panes show."""
        if target != self._chosen:
            self._chosen = target
            self.refresh()

    @property
    def has_strip(self) -> bool:
        return self._fates is not None

    def lines(self, width: int) -> Sequence[Sequence[Piece]]:
        if not self.has_strip:
            return [super().pieces(width)]
        return [super().pieces(width), self._strip_line(width)]

    def pieces(self, width: int) -> list[Piece]:
        """Return the one line of a low terminal, or the first of two."""
        if not self.has_strip or self.size.height > 1:
            return super().pieces(width)
        strip = self._strip_line(max(1, width // 2))
        left = crop(self._left, 0, max(0, width - width_of(strip)))
        self._strip_x += width_of(left)
        return [*left, *strip]

    def _action_at(self, x: int) -> str | None:
        """Return what a click on the words *x* cells from the left does; None where they are no button."""
        left = 0
        for text, _ in super().pieces(self.size.width):
            left += cell_len(text)
            if x < left:
                return next((action for words, action in _BUTTONS if words.search(text)), None)
        return None

    def _strip_line(self, width: int) -> list[Piece]:
        fates = self._fates
        assert fates is not None
        before: list[Piece] = []
        for sentence in self._sentences:
            before = [(f" {visible(sentence.text)} ", f"{sentence.role} cell"), ("  ", "")]
            if sentence.role != "error":
                before = [(f" {visible(sentence.text)}   ", sentence.role)]
            room = width - width_of(before) - 1
            if room >= min(len(fates.class_of) + len(fates.lines) - 1, width // 2):
                break
        if room < _LEAST_STRIP:
            before, room = [(" ", "")], width - 1
        plan = self._plan(room)
        self._strip_x = width_of(before)
        pieces = [*before, *strip_pieces(plan, fates.program, self._chosen)]
        name = (
            self._names[self._chosen] if self._chosen is not None and self._chosen < len(self._names) else ""
        )
        for text in (f"  {plan.note}" if plan.note else "", f"  ▸ {visible(name)}" if name else ""):
            if text and width_of(pieces) + cell_len(text) < width:
                pieces.append((text, "dim"))
        return crop(pieces, 0, width)

    def _plan(self, room: int) -> StripPlan:
        assert self._fates is not None
        if room not in self._plans:
            self._plans = {room: plan_strip(self._fates, room)}
        return self._plans[room]

    async def on_click(self, event: Click) -> None:
        if event.y == 0 and (self.size.height > 1 or not self.has_strip):
            if (action := self._action_at(event.x)) is not None:
                await self.run_action(f"screen.{action}")
            return
        if self._fates is None or event.y != self.size.height - 1:
            return
        plan = next(iter(self._plans.values()), None)
        cell = plan.cell_at(event.x - self._strip_x) if plan else None
        if cell is not None:
            # A cell that is chosen already goes on to its next kernel.
            at = cell.targets.index(self._chosen) + 1 if self._chosen in cell.targets else 0
            self.screen.post_message(KernelPicked(cell.targets[at % len(cell.targets)]))
