"""The lines above and below the panes: header, tabs, selection, footer."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from btfview.keymap.table import PANES
from btfview.tui.drawing import Piece, crop, visible, width_of
from btfview.tui.keys.bindings import keymap_of
from btfview.tui.roles import mix_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click
    from textual.geometry import Size


_LEAST_HEIGHT = 16
"""Lines of a terminal from which on a bar may have more than one."""
_MOST_LINES = 3


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

    def lines(self, width: int) -> Sequence[Sequence[Piece]]:
        """Return what is drawn on each line: more than one needs ``height: auto``."""
        return [self.pieces(width)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's
        return len(self.lines(width)) if viewport.height >= _LEAST_HEIGHT else 1

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        lines = self.lines(width) if self.size.height > 1 else [self.pieces(width)]
        drawn = lines[y] if y < len(lines) else ()
        segments = [Segment(text, mix_style(self, roles)) for text, roles in drawn]
        used = sum(cell_len(segment.text) for segment in segments)
        if used < width:
            segments.append(Segment(" " * (width - used), mix_style(self, "")))
        return Strip(segments).crop(0, width)


class MessageBar(Bar):
    """What a dialogue says below its list; wrapped where it is long."""

    def __init__(self) -> None:
        super().__init__(id="message")
        self._text = self._role = ""

    def say(self, text: str, role: str = "dim") -> None:
        """Show *text*, which may quote a file."""
        before = len(self.lines(self.size.width))
        self._text, self._role = visible(text), role
        self.show(((f" {self._text}", role),))
        if len(self.lines(self.size.width)) != before:
            self.refresh(layout=True)

    def lines(self, width: int) -> Sequence[Sequence[Piece]]:
        parts = textwrap.wrap(self._text, width - 1) if width > 1 else []
        if len(parts) > _MOST_LINES:
            parts[_MOST_LINES - 1 :] = [" ".join(parts[_MOST_LINES - 1 :])]
        return [crop(((f" {part}", self._role),), 0, width) for part in parts] or [()]


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
    """The keys that matter most. A click presses one.

    Those of the workbench are as many as fit on one line; what leads to all others, and quit are always among
    them. Those of a dialogue stand nowhere else, so they go on on a second line; on a terminal that is too
    low for that the way out stays.
    """

    ALWAYS = ("ctrl+p", "p", "?", "q", "esc")

    def __init__(self, hints: Sequence[tuple[str, str, str]] = (), place: str = "workbench") -> None:
        super().__init__(id="footer")
        self._given, self._place = hints, place

    def set_hints(self, hints: Sequence[tuple[str, str, str]], place: str = "") -> None:
        """Show other keys: the default ones, label, action; *place* is where they are in force."""
        place = place or self._place
        if (hints, place) != (self._given, self._place):
            self._given, self._place = hints, place
            self.refresh()

    @property
    def _hints(self) -> Sequence[tuple[str, str, str]]:
        """The same with the keys that are in force."""
        keymap = keymap_of(self)
        if not keymap.changed:
            return self._given
        return [(keymap.told(shown, self._place), label, action) for shown, label, action in self._given]

    @property
    def _always(self) -> set[str]:
        keymap = keymap_of(self)
        return {keymap.told(shown, self._place) for shown in self.ALWAYS}

    def _fitting(self, width: int) -> Sequence[tuple[str, str, str]]:
        hints, always = self._hints, self._always
        room = width - sum(_hint_size(hint) for hint in hints if hint[0] in always)
        fitting = []
        for hint in hints:
            if hint[0] not in always:
                if _hint_size(hint) > room:
                    continue
                room -= _hint_size(hint)
            fitting.append(hint)
        return fitting

    def _rows(self, width: int) -> list[Sequence[tuple[str, str, str]]]:
        """Return all hints, as many a line as fit."""
        rows: list[list[tuple[str, str, str]]] = [[]]
        for hint in self._hints:
            if rows[-1] and sum(map(_hint_size, (*rows[-1], hint))) > width:
                rows.append([])
            rows[-1].append(hint)
        return [*rows]

    def pieces(self, width: int) -> list[Piece]:
        return _hint_pieces(self._fitting(width), width)

    def lines(self, width: int) -> Sequence[Sequence[Piece]]:
        return [_hint_pieces(row, width) for row in self._rows(width)]

    async def on_click(self, event: Click) -> None:
        width = self.size.width
        rows = self._rows(width) if self.size.height > 1 else [self._fitting(width)]
        x = 0
        for hint in rows[event.y] if event.y < len(rows) else ():
            x += _hint_size(hint)
            if event.x < x:
                action = hint[2]
                if not action:  # several keys share it
                    return
                await self.run_action(action if "." in action else f"screen.{action}")
                return


def _hint_size(hint: tuple[str, str, str]) -> int:
    return cell_len(hint[0]) + cell_len(hint[1]) + 3


def _hint_pieces(hints: Sequence[tuple[str, str, str]], width: int) -> list[Piece]:
    drawn: list[Piece] = []
    for shown, label, _ in hints:
        drawn += ((f" {shown}", "key"), (f" {label} ", ""))
    return crop(drawn, 0, width)


def file_piece(path: str, width: int) -> Piece:
    """Return the name of a file for a bar, its beginning cut where it is long."""
    text = visible(path)
    if cell_len(text) > width:
        text = "".join(part for part, _ in crop([(text, "")], cell_len(text) - width, width))
    return (text, "title")
