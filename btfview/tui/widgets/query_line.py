"""A line that takes every key that prints: what is searched for as it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from btfview.tui.drawing import visible

from .bars import Bar

if TYPE_CHECKING:
    from textual.events import Key, Paste


class QueryLine(Bar, can_focus=True):
    """What is searched for; every key that prints goes into it."""

    class Changed(Message):
        """Something was typed, and is not yet drawn."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, prompt: str = "search: ", hint: str = "", text: str = "") -> None:
        super().__init__(id="query")
        self._prompt, self._hint = prompt, hint
        self.text = text
        self.show_text()

    def on_key(self, event: Key) -> None:
        if event.key == "backspace":
            text = self.text[:-1]
        elif event.key == "ctrl+u":
            text = ""
        elif event.is_printable and event.character:
            text = self.text + event.character
        else:
            return
        event.stop()
        event.prevent_default()
        self._set(text)

    def on_paste(self, event: Paste) -> None:
        self._set(self.text + "".join(char for char in event.text.split("\n")[0] if char.isprintable()))
        event.stop()

    def _set(self, text: str) -> None:
        self.text = text
        self.screen.post_message(self.Changed(text))

    def show_text(self) -> None:
        """Draw what was typed. The screen asks for it when it shows what was found: drawn before, the letter
        would take a frame of its own, and what was found would wait for the next."""
        prompt = (f" {self._prompt}", "key")
        if self.text:
            self.show((prompt, (visible(self.text), "name"), ("▏", "key")))
        else:
            self.show((prompt, ("▏", "key"), (self._hint, "dim")))
