"""The editor that takes the place of the source pane while a file is edited."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea

from btfview.session.file_edit import is_shown
from btfview.tui.drawing import Piece, crop, visible, width_of
from btfview.tui.highlight import Highlighter
from btfview.tui.keys.bindings import bindings_of, keymap_of
from btfview.tui.roles import mix_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType
    from textual.events import Key, Paste

    from btfview.session.file_edit import FileText
    from btfview.tui.line_notes import Carried, LineNotes, Wrong

_LEAST_DIGITS, _GUTTER_EDGE = 3, " │ "
"""As in the source pane."""
_GAP, _LEAST_NOTE = 3, 8
"""Cells between the code and what is said of it, and those without which that is left out."""
_COMMANDS = {"leave": "leave", "editor.save": "save", "editor.next_problem": "next_problem"}
"""By the names that a keymap has for them."""


class SourceEditor(TextArea):
    """A text, coloured as in the source pane. What it cannot show as it is does not get in."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "editor", {"editor.start": "document_edge(0)", "editor.end": "document_edge(1)"}
    )

    class Command(Message):
        """The user pressed a key that is about the file: ``save``, ``leave`` or ``next_problem``."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, file: FileText) -> None:
        super().__init__(
            file.text,
            id="editor",
            soft_wrap=False,
            show_line_numbers=True,
            tab_behavior="indent",
            max_checkpoints=1000,
        )
        self.indent_type = "tabs" if file.has_tabs else "spaces"
        self._suffix = os.path.splitext(file.path)[1]
        self._highlighter = Highlighter("", self._suffix)
        self._starts: list[int] = []
        """Offset of each line, where the text has block comments."""
        self._is_coloured = False
        self._layers: Sequence[tuple[LineNotes, Carried]] = ()

    def show_text(self, text: str) -> None:
        """Take another text in; the cursor and the part on show stay where they are."""
        place, scroll = self.cursor_location, self.scroll_offset
        self.load_text(text)
        self.move_cursor(place)
        self.scroll_to(scroll.x, scroll.y, animate=False)

    def go_to(self, line: int, column: int = 1, *, row: int | None = None) -> None:
        """Put the cursor on a line and column, both from 1, in row *row* of the widget, else with what
        stands around it in view."""
        self.move_cursor((line - 1, column - 1))
        row = self.size.height // 3 if row is None else row
        self.scroll_to(y=max(0, line - 1 - row), animate=False)

    @property
    def cursor_row(self) -> int:
        """The row of the widget that the cursor is in."""
        return max(0, self.cursor_location[0] - round(self.scroll_y))

    # -- beside the code --------------------------------------------------------------------------

    def show_notes(self, layers: Sequence[tuple[LineNotes, Carried]]) -> None:
        """Draw notes behind the lines that they are of."""
        self._layers = layers
        self._line_cache.clear()
        self.refresh()

    def _wrong_at(self, index: int) -> list[Wrong]:
        """Return what is wrong on the line with *index*."""
        found: list[Wrong] = []
        for notes, carried in self._layers:
            if (number := carried.number_of(index + 1)) is not None:
                found += notes.wrong.get(number, ())
        return found

    def _end_of(self, index: int, room: int) -> list[Piece]:
        """Return what stands behind the line with *index*, in at most *room* cells."""
        pieces: list[Piece] = []
        for notes, carried in self._layers:
            number = carried.number_of(index + 1)
            if number is not None and number in notes.marks and not pieces:
                long, short = notes.marks[number]
                pieces += long if width_of(long) <= room else short
        pieces += [(f" {visible(one.text)}", one.role) for one in self._wrong_at(index)]
        return crop(pieces, 0, room)

    @property
    def gutter_width(self) -> int:
        """As wide as that of the source pane, so that the code stays where it is."""
        return 1 + max(_LEAST_DIGITS, len(str(self.document.line_count))) + len(_GUTTER_EDGE)

    def _render_line(self, y: int) -> Strip:
        strip = super()._render_line(y)
        index = y + round(self.scroll_y)
        if index >= self.document.line_count:
            return strip
        gutter, *rest = list(strip)
        width = self.gutter_width
        number = f"{gutter.text.strip():>{width - len(_GUTTER_EDGE)}}{_GUTTER_EDGE}"
        strip = Strip([Segment(number, mix_style(self, "gutter")), *rest]).crop(0, self.size.width)
        code = cell_len(self.document.get_line(index).expandtabs(self.indent_width)) - round(self.scroll_x)
        at = width + max(0, code) + _GAP
        room = self.size.width - at
        is_used = index == self.cursor_location[0]
        if not is_used:  # then what is said of the code stands before the end of the code
            room = max(room, (self.size.width - width) // 2)
        if room < _LEAST_NOTE or not (pieces := self._end_of(index, room)):
            return strip
        at = min(at, self.size.width - width_of(pieces))
        drawn = [Segment(text, mix_style(self, role)) for text, role in pieces]
        left = strip.crop(0, at).extend_cell_length(at)
        right = strip.crop(at + width_of(pieces), self.size.width)
        return Strip.join([left, Strip(drawn), right])

    def action_document_edge(self, is_end: int) -> None:
        self.move_cursor(self.document.end if is_end else (0, 0))

    def _on_key(self, event: Key) -> None:  # type: ignore[override]  # the base's own runs after it
        keymap = keymap_of(self)
        command = next(
            (does for name, does in _COMMANDS.items() if event.key in keymap.keys(name, "editing")), None
        )
        if command is not None:
            event.stop()
            event.prevent_default()
            self.screen.post_message(self.Command(command))

    def _on_paste(self, event: Paste) -> None:  # type: ignore[override]  # the base's own runs after it
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        event.text = "".join(char for char in text if char == "\n" or is_shown(char))

    # -- colours ----------------------------------------------------------------------------------

    def on_text_area_changed(self) -> None:
        self._is_coloured = False

    def get_line(self, line_index: int) -> Text:
        if not self._is_coloured:
            self._find_comments()
        line = self.document.get_line(line_index)
        text = Text(line, end="", no_wrap=True)
        offset = self._starts[line_index] if line_index < len(self._starts) else 0
        for start, end, role in self._highlighter.tokens(line, offset):
            style = mix_style(self, role)
            text.stylize(Style(color=style.color, bold=style.bold, italic=style.italic), start, end)
        for one in self._wrong_at(line_index):
            text.stylize(Style(color=mix_style(self, one.role).color, underline=True), one.start, one.end)
        return text

    def _find_comments(self) -> None:
        """Look for block comments: what a line alone cannot tell."""
        self._is_coloured = True
        text = self.document.text
        self._starts = []
        if "/*" not in text:
            self._highlighter = Highlighter("", self._suffix)
            return
        self._highlighter = Highlighter(text, self._suffix)
        position = 0
        for number in range(self.document.line_count):
            self._starts.append(position)
            position += len(self.document.get_line(number)) + 1
