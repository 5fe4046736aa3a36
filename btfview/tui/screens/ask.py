"""A question with a few answers, each a key."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from btfview.tui.drawing import Line, visible
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.bars import KeyBar
from btfview.tui.widgets.choice_list import ChoiceList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.events import Key

_LEAST_WIDTH = 20
_FRAME_HEIGHT = 5
"""Lines of the dialogue besides the question: border, keys, and air."""


class AskScreen(ModalScreen[str]):
    """Gives the key of the answer; escape gives ``escape``, and should change nothing."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)

    def __init__(self, title: str, lines: Sequence[str], answers: Sequence[tuple[str, str]]) -> None:
        """Ask *lines* under *title*; *answers* are keys and what they do."""
        super().__init__()
        self._title = title
        self._lines = lines
        self._answers = answers

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-low") as dialog:
            dialog.border_title = Content(visible(self._title))
            yield ChoiceList(id="choices", can_focus=False)
            yield KeyBar(
                [(key, label, f"answer('{key}')") for key, label in (*self._answers, ("esc", "cancel"))]
            )

    def on_mount(self) -> None:
        self.query_one(ChoiceList).always_shows_cursor = False

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_lines)

    def _show_lines(self) -> None:
        """Wrap the question to the width there is; the dialogue is as high as it needs."""
        shown = self.query_one(ChoiceList)
        width = max(_LEAST_WIDTH, shown.size.width - 2)
        parts = [part for line in self._lines for part in textwrap.wrap(visible(line), width)]
        shown.set_lines([Line(((part, ""),)) for part in parts])
        self.query_one("#dialog").styles.height = len(parts) + _FRAME_HEIGHT

    def on_key(self, event: Key) -> None:
        if event.key == "escape" or event.key in dict(self._answers):
            event.stop()
            self.action_answer(event.key)

    def action_answer(self, key: str) -> None:
        self.dismiss("escape" if key == "esc" else key)
