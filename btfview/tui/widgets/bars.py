"""The lines above and below the panes: header, tabs, selection, footer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..drawing import Piece, crop, visible, width_of
from ..keys import KEYS, PANES
from ..roles import mix_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click


class Bar(Widget):
    """One line of pieces, some at the left and some at the right edge."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._left: Sequence[Piece] = ()
        self._right: Sequence[Piece] = ()

    def show(self, left: Sequence[Piece], right: Sequence[Piece] = ()) -> None:
        """Draw these; what is at the right gives way when the line is too short for both."""
        self._left, self._right = left, right
        self.refresh()

    def pieces(self, width: int) -> list[Piece]:
        """Return what is drawn in *width* cells."""
        left_width, right_width = width_of(self._left), width_of(self._right)
        if left_width + right_width + 1 > width:
            return crop(self._left, 0, width)
        return [*self._left, (" " * (width - left_width - right_width), ""), *self._right]

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        segments = [] if y else [Segment(text, mix_style(self, roles)) for text, roles in self.pieces(width)]
        used = sum(cell_len(segment.text) for segment in segments)
        if used < width:
            segments.append(Segment(" " * (width - used), mix_style(self, "")))
        return Strip(segments).crop(0, width)


class TabBar(Bar):
    """The names of the panes, the one on show marked; a click shows another."""

    class Picked(Message):
        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    LABELS: ClassVar[dict[str, tuple[str, str]]] = {
        "source": ("Source", "Src"),
        "structs": ("Structs", "Str"),
        "intrinsics": ("IR", "IR"),
        "disasm": ("Disasm", "Asm"),
        "relocations": ("Relocations", "Rel"),
        "offsets": ("Offsets", "Off"),
    }
    """A long and a short name for each pane."""

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self.active = "source"
        self.panes: Sequence[str] = PANES

    def activate(self, pane: str, panes: Sequence[str]) -> None:
        """Name *panes*, and mark *pane* as the one on show."""
        self.active, self.panes = pane, panes
        self.refresh()

    def _tabs(self, width: int) -> list[tuple[str, Piece]]:
        for form in (0, 1):
            tabs = []
            for number, pane in enumerate(self.panes, start=1):
                is_active = pane == self.active
                text = f"{number} {self.LABELS[pane][form]}"
                tabs.append(
                    (pane, (f"[{text}]" if is_active else f" {text} ", "active" if is_active else ""))
                )
            if sum(cell_len(text) for _, (text, _) in tabs) <= width:
                break
        return tabs

    def pieces(self, width: int) -> list[Piece]:
        return crop([piece for _, piece in self._tabs(width)], 0, width)

    def on_click(self, event: Click) -> None:
        x = 0
        for pane, (text, _) in self._tabs(self.size.width):
            x += cell_len(text)
            if event.x < x:
                self.post_message(self.Picked(pane))
                return


class KeyBar(Bar):
    """The keys that matter most, as many as fit; help is always among them. A click presses one."""

    def __init__(self, hints: Sequence[tuple[str, str, str]] | None = None) -> None:
        super().__init__(id="footer")
        self._hints = hints or _usual_hints()

    def set_hints(self, hints: Sequence[tuple[str, str, str]] | None) -> None:
        """Show other keys (shown, label, action); None for those of the workbench."""
        self._hints = hints or _usual_hints()
        self.refresh()

    def _fitting(self, width: int) -> Sequence[tuple[str, str, str]]:
        def size(hint: tuple[str, str, str]) -> int:
            return cell_len(hint[0]) + cell_len(hint[1]) + 3

        room = width - sum(size(hint) for hint in self._hints if hint[0] in ("?", "q"))
        fitting = []
        for hint in self._hints:
            if hint[0] not in ("?", "q"):
                room -= size(hint)
                if room < 0:
                    continue
            fitting.append(hint)
        return fitting

    def pieces(self, width: int) -> list[Piece]:
        drawn: list[Piece] = []
        for shown, label, _ in self._fitting(width):
            drawn += ((f" {shown}", "key"), (f" {label} ", ""))
        return crop(drawn, 0, width)

    async def on_click(self, event: Click) -> None:
        x = 0
        for shown, label, action in self._fitting(self.size.width):
            x += cell_len(shown) + cell_len(label) + 3
            if event.x < x:
                await self.run_action(action if "." in action else f"screen.{action}")
                return


def _usual_hints() -> Sequence[tuple[str, str, str]]:
    return tuple(
        ("[ ]" if key.id == "next" else key.shown, key.label, key.action)
        for key in sorted(KEYS, key=lambda key: key.footer)
        if key.footer
    )


def file_piece(path: str, width: int) -> Piece:
    """Return the name of a file for a bar, its beginning cut where it is long."""
    text = visible(path)
    if cell_len(text) > width:
        text = "".join(part for part, _ in crop([(text, "")], cell_len(text) - width, width))
    return (text, "title")
