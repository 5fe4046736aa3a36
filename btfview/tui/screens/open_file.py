"""The file picker: type a path, with completion, or take one of the last files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from btfview.session.recent import recent_files
from btfview.source import LANGUAGES
from btfview.tui.drawing import Line
from btfview.tui.keys.bindings import bindings_of, keymap_of
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.bars import KeyBar, MessageBar, file_piece
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.words import noun_for

from .paths import Entry, complete_path

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from btfview.tui.widgets.line_list import LineList

_LATELY = "   lately"
_LEAST_ROOM = 12
SUFFIXES = (*LANGUAGES, ".o", ".bpf", ".elf")


class OpenScreen(ModalScreen["str | None"]):
    """Returns the path of a file that exists, or None."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "open",
        {
            "leave": "dismiss(None)",
            "typing.down": "move(1)",
            "typing.up": "move(-1)",
            "typing.page_down": "page(1)",
            "typing.page_up": "page(-1)",
            "path.complete": "complete",
            "path.all_files": "toggle_all",
        },
        first=(
            "typing.down",
            "typing.up",
            "typing.page_down",
            "typing.page_up",
            "path.complete",
            "path.all_files",
        ),
    )
    HINTS = (
        ("enter", "open", "submit"),
        ("tab", "complete", "complete"),
        ("ctrl+t", "all files", "toggle_all"),
        ("esc", "cancel", "dismiss(None)"),
    )

    def __init__(self, current: str | None, given: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._folder = os.path.dirname(current) if current else ""
        self._recent = tuple(dict.fromkeys((*given, *recent_files())))
        self._entries: tuple[Entry, ...] = ()
        self._with_all = False

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = "Open a source or an object"
            start = os.path.join(self._folder, "") if self._folder else ""
            yield Input(start, placeholder="path, or part of a name", id="path", select_on_focus=False)
            yield ChoiceList(id="choices", can_focus=False)
            yield MessageBar()
            yield KeyBar(self.HINTS, "open")

    def on_mount(self) -> None:
        self._update(self.query_one(Input).value)

    def on_resize(self) -> None:
        self.call_after_refresh(lambda: self._update(self.query_one(Input).value))

    def on_input_changed(self, event: Input.Changed) -> None:
        self._update(event.value)

    def _update(self, text: str) -> None:
        found = complete_path(text, SUFFIXES, with_all=self._with_all)
        is_start = text == (os.path.join(self._folder, "") if self._folder else "")
        recent = [
            Entry(path, False, True)
            for path in self._recent
            if is_start or (text and "/" not in text and text.lower() in path.lower())
        ]
        taken = {os.path.abspath(entry.path) for entry in recent}
        listed = (entry for entry in found.entries if os.path.abspath(entry.path) not in taken)
        self._entries = (*recent, *listed)
        choices = self.query_one(ChoiceList)
        # Where a path is long, what tells it from the others is its end.
        room = max(_LEAST_ROOM, choices.size.width - 3 - len(_LATELY))
        lines = [
            Line(
                (
                    ("  ", ""),
                    (
                        file_piece(entry.path, room)[0],
                        "type" if entry.is_folder else "name" if entry.is_fitting else "dim",
                    ),
                    (_LATELY if number < len(recent) else "", "dim"),
                )
            )
            for number, entry in enumerate(self._entries)
        ]
        choices.empty_text = "  nothing here fits"
        choices.set_lines(lines, cursor=0)
        if found.problem:
            self._say(found.problem, "error")
        elif found.hidden:
            noun = noun_for(found.hidden, "file is", "files are")
            self._say(
                f"{found.hidden} other {noun} hidden; {keymap_of(self).told('ctrl+t', 'open')} shows all, "
                "a typed path always opens",
                "dim",
            )
        else:
            self._say("", "")

    def _say(self, text: str, role: str) -> None:
        self.query_one(MessageBar).say(text, role)

    # -- choosing ---------------------------------------------------------------------------------

    def on_input_submitted(self) -> None:
        self.action_submit()

    def on_line_list_activated(self, message: LineList.Activated) -> None:
        self._choose(self._entries[message.index])

    @property
    def _entry_here(self) -> Entry | None:
        here = self.query_one(ChoiceList).here
        return self._entries[here] if here is not None else None

    def action_submit(self) -> None:
        """Open the typed path if it is a file, else what the cursor is on."""
        text = self.query_one(Input).value
        if text and os.path.isfile(os.path.expanduser(text)):
            self.dismiss(os.path.expanduser(text))
        elif self._entry_here is not None:
            self._choose(self._entry_here)
        else:
            self._say(f"no such file: {text}" if text else "type a path", "error")

    def _choose(self, entry: Entry) -> None:
        if entry.is_folder:
            self._set_text(entry.path)
        else:
            self.dismiss(os.path.expanduser(entry.path))

    def _set_text(self, text: str) -> None:
        if not text.isprintable():
            self._say("a name with control characters cannot be typed; choose a file in the list", "error")
            return
        field = self.query_one(Input)
        field.value = text
        field.cursor_position = len(text)

    def action_complete(self) -> None:
        if self._entry_here is not None:
            self._set_text(self._entry_here.path)

    def action_move(self, delta: int) -> None:
        self.query_one(ChoiceList).action_move(delta)

    def action_page(self, pages: int) -> None:
        self.query_one(ChoiceList).action_page(pages)

    def action_toggle_all(self) -> None:
        self._with_all = not self._with_all
        self._update(self.query_one(Input).value)
