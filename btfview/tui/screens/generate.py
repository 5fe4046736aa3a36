"""Code for a field: look at it, then put it into the clipboard, the source at the cursor, or a new file."""

from __future__ import annotations

import os
import textwrap
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input
from textual.worker import get_current_worker

from btfview.bindings.make import FORMS, C, make_bindings
from btfview.errors import error_text, reason_of
from btfview.session.write_file import create_file
from btfview.tui.drawing import Line, visible
from btfview.tui.highlight import Highlighter
from btfview.tui.keys.bindings import bindings_of, keymap_of
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.bars import KeyBar, MessageBar
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.words import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from btfview.bindings.places import Insertion, SourceSpot
    from btfview.bindings.result import Bindings
    from btfview.targets.target import Target
    from btfview.tui.drawing import Piece


_CHECKING = "… compiling the source with it, to see where it can go"
_WORDS = {"repr": "Rust, repr", "option": "Rust, option", C: "C"}


class CodeList(ChoiceList):
    """The code; ``i`` inserts it, so the letters that move are the others."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "generate list",
        {
            "copy": "screen.copy",
            "code.insert": "screen.insert",
            "code.write": "screen.ask_path",
            "code.form": "screen.next_form",
        },
    )


class GenerateScreen(ModalScreen["Insertion | None"]):
    """Gives the insertion that the user wants, if that is what he wants."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("generate", {"leave": "leave"})
    HINTS = (
        ("y", "copy", "copy"),
        ("i", "insert into the source", "insert"),
        ("w", "write a file", "ask_path"),
        ("o", "Rust or C", "next_form"),
        ("esc", "close", "leave"),
    )

    class Made(Message):
        """A thread has made the code, or could not."""

        def __init__(
            self, form: str, bindings: Bindings | None, insertion: Insertion | None, problem: str
        ) -> None:
            super().__init__()
            self.form = form
            self.bindings = bindings
            self.insertion = insertion
            self.problem = problem
            """Why there is no code; where there is some, why it cannot go into the source."""

    def __init__(self, path: str, targets: Sequence[Target], form: str, spot: SourceSpot | str) -> None:
        """Make code that reads *path* (``task_struct.pid``) on *targets*, first in *form*; *spot* is where it
        may be inserted, or why it can go nowhere."""
        super().__init__()
        self._path = path
        self._targets = targets
        self._form = form
        self._spot = spot
        self._code: Bindings | None = None
        self._insertion: Insertion | None = None
        self._why_not = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-tall") as dialog:
            dialog.border_title = Content(visible(f"Code for {self._path}"))
            yield CodeList(id="choices")
            yield Input(placeholder="path of a new file", id="path", select_on_focus=False)
            yield MessageBar()
            yield KeyBar(self.HINTS, "generate list")

    def on_mount(self) -> None:
        self.query_one(Input).display = False
        self.query_one(CodeList).focus()
        self._begin()

    def _begin(self) -> None:
        self._code = self._insertion = None
        self.query_one(CodeList).empty_text = "… making it"
        self.query_one(CodeList).set_lines(())
        self._say(f"{_WORDS[self._form]}, for {plural(len(self._targets), 'target')}")
        self._make(self._form)

    @property
    def _suffix(self) -> str:
        return ".c" if self._form == C else ".rs"

    def _why_nowhere(self, form: str) -> str:
        """Return why code of *form* cannot go into the source on show; empty where it can."""
        instead = keymap_of(self).said("{y} copies, {w} writes a file", "generate list")
        if isinstance(self._spot, str):
            return f"{self._spot}: {instead}"
        is_c = self._spot.source.path.endswith(".c")
        if is_c == (form == C):
            return ""
        return f"the source on show is {'C' if is_c else 'Rust'}: {instead}"

    def _say(self, text: str, role: str = "dim") -> None:
        self.query_one(MessageBar).say(text, role)

    # -- making it -------------------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="generate")
    def _make(self, form: str) -> None:
        thread = get_current_worker()
        bindings = insertion = None
        try:
            bindings = make_bindings([self._path], self._targets, form)
            problem = self._why_nowhere(form) or _CHECKING
            self.post_message(self.Made(form, bindings, None, problem))
            if not isinstance(self._spot, str) and not self._why_nowhere(form):
                from btfview.bindings.insertion import plan_insertion, why_not_sound

                insertion = plan_insertion([self._path], self._targets, form, self._spot)
                problem = why_not_sound(insertion, self._spot, self._targets)
                insertion = None if problem else insertion
        except Exception as error:  # also of btfview's own: the screen stays up and says so
            problem = error_text(error)
        if not thread.is_cancelled:
            self.post_message(self.Made(form, bindings, insertion, problem))

    def on_generate_screen_made(self, message: Made) -> None:
        if message.form != self._form:
            return
        is_shown = message.bindings is not None and self._code is message.bindings
        self._code, self._insertion, self._why_not = message.bindings, message.insertion, message.problem
        shown = self.query_one(CodeList)
        if message.bindings is None:
            parts = textwrap.wrap(visible(message.problem), max(20, shown.size.width - 2))
            shown.set_lines([Line(((part, "error"),)) for part in parts])
            self._say("there is no code to give", "error")
            return
        if not is_shown:
            shown.set_lines(_code_lines(message.bindings.body, self._suffix), cursor=0)
        notes = "; ".join(message.bindings.notes)
        if message.insertion is not None:
            self._say(
                f"{_WORDS[self._form]} · i inserts it at {message.insertion.where}{notes and '; ' + notes}"
            )
        else:
            role = "dim" if message.problem == _CHECKING else "warning"
            self._say(f"{_WORDS[self._form]} · {message.problem}{notes and '; ' + notes}", role)

    # -- what the user does ----------------------------------------------------------------------

    def action_next_form(self) -> None:
        self._form = FORMS[(FORMS.index(self._form) + 1) % len(FORMS)]
        self._begin()

    def action_copy(self) -> None:
        if self._code is not None:
            self.app.copy_to_clipboard(self._code.body)
            self._say(
                f"{self._path} is in the clipboard; it needs {self._code.needs}",
                "as-compiled",
            )

    def action_insert(self) -> None:
        if self._insertion is not None:
            self.dismiss(self._insertion)
        elif self._code is not None:
            self.app.notify(self._why_not, title="Not inserted", severity="warning")

    def action_ask_path(self) -> None:
        if self._code is None:
            return
        field = self.query_one(Input)
        field.display = True
        field.value = (
            field.value or f"{self._path.replace('.', '_').split('[')[0]}{'.h' if self._form == C else '.rs'}"
        )
        field.cursor_position = len(field.value)
        field.focus()
        self._say("enter writes a new file")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        path = os.path.expanduser(event.value.strip())
        if not path or self._code is None:
            self._close_input()
            return
        try:
            create_file(path, self._code.text.encode())
        except FileExistsError:
            self._say(f"{path} exists: give a new name", "error")
        except (OSError, ValueError) as error:
            self._say(f"{path}: {reason_of(error)}", "error")
        else:
            self._close_input()
            self._say(f"written to {path}", "as-compiled")

    def _close_input(self) -> None:
        self.query_one(Input).display = False
        self.query_one(CodeList).focus()

    def action_leave(self) -> None:
        if self.query_one(Input).display:
            self._close_input()
        else:
            self.dismiss(None)


def _code_lines(text: str, suffix: str) -> list[Line]:
    highlighter = Highlighter("", suffix)
    lines = []
    for line in text.strip("\n").expandtabs(4).split("\n"):
        pieces: list[Piece] = []
        at = 0
        for start, end, role in highlighter.tokens(line, 0):
            pieces += [(visible(line[at:start]), ""), (visible(line[start:end]), role)]
            at = end
        pieces.append((visible(line[at:]), ""))
        lines.append(Line(tuple(piece for piece in pieces if piece[0])))
    return lines
