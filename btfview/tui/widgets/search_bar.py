"""The line in which a search is typed; it stands in the place of the footer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from btfview.tui.drawing import visible

from .bars import Bar

if TYPE_CHECKING:
    from textual.events import Key, Paste

    from btfview.tui.drawing import Piece


class SearchBar(Bar, can_focus=True):
    """Takes every key while it has the focus: what is typed is the query."""

    class Typed(Message):
        def __init__(self, query: str) -> None:
            super().__init__()
            self.query = query

    class Ended(Message):
        """Enter (*is_kept*) or escape was pressed."""

        def __init__(self, *, is_kept: bool) -> None:
            super().__init__()
            self.is_kept = is_kept

    def __init__(self) -> None:
        super().__init__(id="search")
        self.display = False
        self.text = ""

    def begin(self) -> None:
        """Come on show, with nothing typed yet."""
        self.text = ""
        self.display = True
        self.tell("")

    def tell(self, found: str, role: str = "dim") -> None:
        """Say what the query has found."""
        left: list[Piece] = [(" /", "key"), (visible(self.text), "title"), ("▏", "key")]
        if found:
            left.append((f"  {found}", role))
        self.show(left, (("enter", "key"), (" keep, n N go on  ", "dim"), ("esc", "key"), (" clear ", "dim")))

    def on_blur(self) -> None:
        """Somebody clicked elsewhere: keep what was typed."""
        if self.display:
            self.post_message(self.Ended(is_kept=bool(self.text)))

    def on_key(self, event: Key) -> None:
        match event.key:
            case "enter" | "escape":
                self.post_message(self.Ended(is_kept=event.key == "enter" and bool(self.text)))
            case "backspace" if not self.text:
                self.post_message(self.Ended(is_kept=False))
            case "backspace":
                self._set(self.text[:-1])
            case "ctrl+u":
                self._set("")
            case _ if event.is_printable and event.character:
                self._set(self.text + event.character)
            case _:
                return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: Paste) -> None:
        self._set(self.text + "".join(char for char in event.text.split("\n")[0] if char.isprintable()))
        event.stop()

    def _set(self, text: str) -> None:
        self.text = text
        self.post_message(self.Typed(text))
