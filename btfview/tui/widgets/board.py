"""The board that the panes stand on: it puts each where it is told, and says where a border is dragged to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container
from textual.geometry import NULL_SPACING, Region, Size
from textual.layout import Layout, WidgetPlacement

from btfview.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.events import MouseDown, MouseMove, MouseUp
    from textual.widget import Widget

NAMELESS = "source"
"""Whoever is not named in a plan stands in the place of this pane: an editor of its text."""


@frozen
class Border:
    """Between two neighbours; dragging it takes from one what it gives the other."""

    before: str
    """The pane at the left, or one of the row above."""
    after: str
    is_upright: bool
    """It stands between panes side by side, and not between rows."""


class _Placed(Layout):
    """Puts each child where the plan of its board says."""

    name = "placed"

    def arrange(
        self,
        parent: Widget,
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002  Textual's
    ) -> list[WidgetPlacement]:
        assert isinstance(parent, Board)
        parent.pre_layout(self)
        places = parent.place(size)
        return [
            WidgetPlacement(
                places.get(child.id or "", places.get(NAMELESS, Region(0, 0, 0, 0))),
                Region(0, 0, 0, 0).offset,
                NULL_SPACING,
                child,
            )
            for child in children
        ]


class Board(Container):
    """The panes, each in the region that *plan* gives its id for a size of the board.

    *dragged* is told where the user drags a border to (x of an upright one, else y, on the board), and with
    None that it was let go.
    """

    def __init__(
        self,
        *,
        id: str,  # noqa: A002  Textual's name
        plan: Callable[[Size], Mapping[str, Region]],
        dragged: Callable[[Border, int | None], None],
    ) -> None:
        super().__init__(id=id)
        self._plan = plan
        self._dragged = dragged
        self._layout = _Placed()
        self._border: Border | None = None
        """The one that is being dragged."""
        self.places: Mapping[str, Region] = {}
        """Where the panes stand."""

    @property
    def layout(self) -> Layout:
        return self._layout

    def place(self, size: Size) -> Mapping[str, Region]:
        self.places = self._plan(size)
        return self.places

    def fit(self) -> None:
        """Lay the panes out anew if the plan is another now."""
        if self.size and dict(self._plan(self.size)) != dict(self.places):
            self._clear_arrangement_cache()  # Textual clears those of whatever stands around it
            self.refresh(layout=True)

    def border_at(self, x: int, y: int) -> Border | None:
        """Return the border at a place of the board: the two lines that frames draw between neighbours."""
        for name, one in self.places.items():
            for other, two in self.places.items():
                if (
                    one.right == two.x
                    and x in (two.x - 1, two.x)
                    and max(one.y, two.y) <= y < min(one.bottom, two.bottom)
                ):
                    return Border(name, other, is_upright=True)
                if (
                    one.bottom == two.y
                    and y in (two.y - 1, two.y)
                    and max(one.x, two.x) <= x < min(one.right, two.right)
                ):
                    return Border(name, other, is_upright=False)
        return None

    def on_mouse_down(self, event: MouseDown) -> None:
        left, top, *_ = self.region
        self._border = self.border_at(event.screen_x - left, event.screen_y - top)
        if self._border is not None:
            self.capture_mouse()
            event.stop()

    def on_mouse_move(self, event: MouseMove) -> None:
        if self._border is not None:
            left, top, *_ = self.region
            at = event.screen_x - left if self._border.is_upright else event.screen_y - top
            self._dragged(self._border, at)
            event.stop()

    def on_mouse_up(self, event: MouseUp) -> None:
        border, self._border = self._border, None
        if border is not None:
            self.release_mouse()
            self._dragged(border, None)
            event.stop()
