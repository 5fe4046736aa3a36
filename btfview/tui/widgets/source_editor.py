"""The editor that takes the place of the source pane while a file is edited."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from btfview.session.file_edit import is_shown
from btfview.tui.highlight import Highlighter
from btfview.tui.roles import mix_style

if TYPE_CHECKING:
    from textual.events import Key, Paste

    from btfview.session.file_edit import FileText

_COMMANDS = {"escape": "leave", "ctrl+s": "save", "f8": "next_problem"}


class SourceEditor(TextArea):
    """A text, coloured as in the source pane. What it cannot show as it is does not get in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+home", "document_edge(0)", "Start", show=False),
        Binding("ctrl+end", "document_edge(1)", "End", show=False),
    ]

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

    def show_text(self, text: str) -> None:
        """Take another text in; the cursor and the part on show stay where they are."""
        place, scroll = self.cursor_location, self.scroll_offset
        self.load_text(text)
        self.move_cursor(place)
        self.scroll_to(scroll.x, scroll.y, animate=False)

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor on a line and column, both from 1, with what stands around it in view."""
        self.move_cursor((line - 1, column - 1))
        self.scroll_to(y=max(0, line - 1 - self.size.height // 3), animate=False)

    def action_document_edge(self, is_end: int) -> None:
        self.move_cursor(self.document.end if is_end else (0, 0))

    def _on_key(self, event: Key) -> None:  # type: ignore[override]  # the base's own runs after it
        command = _COMMANDS.get(event.key)
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
