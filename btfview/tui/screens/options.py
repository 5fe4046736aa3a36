"""Choose what the next compiles are asked for; each switch compiles at once, behind the dialogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.screen import ModalScreen

from btfview.compiler.options import MEANINGS, CompileOptions
from btfview.frozen import replace
from btfview.tui.drawing import Line
from btfview.tui.keys.bindings import bindings_of, keymap_of
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.bars import KeyBar, MessageBar
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

OPTION_KEYS = {"cpu": "c", "endian": "e", "dialect": "d"}
_TITLES = {
    "cpu": "instruction set (--cpu)",
    "endian": "byte order (--endian)",
    "dialect": "dialect (--dialect)",
}
_DEFAULT = CompileOptions()


class OptionsScreen(ModalScreen[None]):
    """Every choice of every option with what it means; the file on show stays in view around it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "options",
        {
            "leave": "dismiss(None)",
            "close": "dismiss(None)",
            "option.cpu": "next_choice('cpu')",
            "option.endian": "next_choice('endian')",
            "option.dialect": "next_choice('dialect')",
            "option.defaults": "reset",
        },
    )
    HINTS = (
        ("c", "cpu", "next_choice('cpu')"),
        ("e", "endian", "next_choice('endian')"),
        ("d", "dialect", "next_choice('dialect')"),
        ("enter", "choose", "choose"),
        ("0", "defaults", "reset"),
        ("esc", "close", "dismiss(None)"),
    )

    def __init__(
        self, options: CompileOptions, apply: Callable[[CompileOptions], None], *, note: str
    ) -> None:
        """*apply* is called with the new options at each switch; *note* says what they are good for here."""
        super().__init__()
        self._options = options
        self._apply = apply
        self._note = note
        self._entries: list[tuple[str, str] | None] = []
        """What each line chooses; None for a heading."""

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-options") as dialog:
            dialog.border_title = "Compile options"
            yield ChoiceList(id="choices")
            yield MessageBar()
            yield KeyBar(self.HINTS, "options")

    def on_mount(self) -> None:
        self._show(cursor=1)
        self.query_one(MessageBar).say(self._note)
        self.query_one(ChoiceList).focus()

    def _show(self, cursor: int | None = None) -> None:
        lines: list[Line] = []
        self._entries = []
        for name, meanings in MEANINGS.items():
            lines.append(
                Line(
                    (
                        (f" {keymap_of(self).told(OPTION_KEYS[name], 'options')} ", "key"),
                        (_TITLES[name], "title"),
                    )
                )
            )
            self._entries.append(None)
            for choice, meaning in meanings.items():
                is_chosen = getattr(self._options, name) == choice
                default = "; the default" if getattr(_DEFAULT, name) == choice else ""
                lines.append(
                    Line(
                        (
                            ("   ● " if is_chosen else "   ○ ", "as-compiled" if is_chosen else "dim"),
                            (f"{choice:<7}", "title" if is_chosen else "text"),
                            (f"{meaning}{default}", "dim"),
                        )
                    )
                )
                self._entries.append((name, choice))
        self.query_one(ChoiceList).set_lines(lines, cursor=cursor)

    def _switch(self, options: CompileOptions) -> None:
        if options != self._options:
            self._options = options
            self._show()
            self._apply(options)

    def action_next_choice(self, name: str) -> None:
        """Switch an option to its next choice, after the last to the first."""
        choices = list(MEANINGS[name])
        at = choices.index(getattr(self._options, name))
        self._switch(replace(self._options, **{name: choices[(at + 1) % len(choices)]}))

    def action_choose(self) -> None:
        """Switch to the choice under the cursor."""
        here = self.query_one(ChoiceList).here
        entry = self._entries[here] if here is not None else None
        if entry is not None:
            self._switch(replace(self._options, **{entry[0]: entry[1]}))

    def on_line_list_activated(self, _message: LineList.Activated) -> None:
        self.action_choose()

    def action_reset(self) -> None:
        self._switch(_DEFAULT)
