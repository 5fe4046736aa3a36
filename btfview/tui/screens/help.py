"""The help screen: what the panes show, what the signs mean, what the keys do."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from btfview.analysis.result import CellState
from btfview.tui.drawing import Line, width_of
from btfview.tui.keys import BROWSER, KEYS, MOTIONS, SCOPES
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.bars import KeyBar
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.views.states import state_role

if TYPE_CHECKING:
    from btfview.tui.drawing import Piece

_STORY = (
    ("Source", "asks the compiler: where is this field, how big is it, does it exist?  ◆ marks a question"),
    ("Structs", "the layout that the program was compiled with, and that of the kernel beside it"),
    ("IR", "the compiler keeps the path of each question as a chain of preserve.* intrinsics"),
    (
        "Relocations",
        "each question becomes a record in .BTF.ext: instruction, type, path in numbers, kind",
    ),
    ("Offsets", "the loader finds the path in the kernel's BTF and writes the answer into the instruction"),
    (
        "Demands",
        "what else the object asks of a kernel (helpers, kfuncs, attach targets): d0, d1 behind records",
    ),
    ("Detail", "how it was found, or why not: every type that was tried, step by step"),
)
_SIGNS = {
    CellState.AS_COMPILED: "the kernel agrees with the value compiled in",
    CellState.MOVED: "the kernel's value differs; the loader corrects the instruction, nothing is wrong",
    CellState.MISSING_GUARDED: "not on that kernel, and the program asks field_exists first, so that is fine",
    CellState.UNKNOWN: "that kernel's BTF was trimmed of what is asked for: a whole one tells (t)",
    CellState.MISSING: "not on that kernel; the instruction is poisoned: the program must not reach it",
    CellState.AMBIGUOUS: "several types fit and disagree; libbpf refuses to load the object",
    CellState.ERROR: "libbpf refuses the record",
}
_MARKS = (
    ("▌", "marker", "selected", "lines of the selected record"),
    ("▏", "marker", "related", "other records of the same field; what is not related is paler"),
    ("~", "warning", "stale", "the last good result; the source has errors"),
    ("?", "warning", "after a target", "it has not all of its kernel's types"),
    ("│", "marker", "before a value", "it is not that of the kernel to the left"),
    ("≠", "warning", "before a size", "or a type: that of the kernel, where it is not the program's"),
    ("┆", "dim", "before a field", "it is of an anonymous struct or union: a path does not name that"),
    ("±", "warning", "+ new", "the last edit changed or added the record; + and ± in the offsets too"),
)
"""Sign, its role, where it stands, and what it says of that."""

_LEAST_WIDTH = 20
"""Cells of a line of the help, behind the key; on a narrower terminal it is cut."""


class HelpScreen(ModalScreen[None]):
    """One long list; it scrolls as all lists do."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "Close", show=False),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-tall") as dialog:
            dialog.border_title = "Help"
            yield ChoiceList(id="choices")
            yield KeyBar((("j k", "scroll", ""), ("esc", "close", "dismiss")))

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_lines)

    def _show_lines(self) -> None:
        shown = self.query_one(ChoiceList)
        shown.set_lines(help_lines(shown.size.width - 1))


def help_lines(width: int) -> list[Line]:
    """Return the whole help, wrapped to *width* cells."""
    lines = [_title("What you see: one question, followed through all panes")]
    for name, text in _STORY:
        lines += _entry(name, text, width)
    lines += [Line(), _title("Signs")]
    states = [(state.glyph, state_role(state), state, text) for state, text in _SIGNS.items()]
    for glyph, role, name, text in (*states, *_MARKS):
        lines += _wrapped(((f"  {glyph} ", role), (f"{name:<18}", "")), text, "dim", width)
    group = ""
    for key in KEYS:
        if key.group != group:
            group = key.group
            lines += [Line(), _title(f"Keys: {group}")]
        lines += _entry(key.shown, key.help, width)
    lines += [Line(), _title("Keys: in a list")]
    for keys, text in MOTIONS:
        lines += _entry(keys, text, width)
    lines += [Line(), _title("Keys: in the type browser (b)")]
    for keys, text in BROWSER:
        lines += _entry(keys, text, width)
    lines += [Line(), _title("In the palette, a first letter asks for one kind alone")]
    for letter, text in SCOPES:
        lines += _entry(letter, text, width)
    return lines


def _title(text: str) -> Line:
    return Line(((text, "title"),))


def _entry(name: str, text: str, width: int) -> list[Line]:
    return _wrapped(((f"  {name:<14}", "key"),), text, "text", width)


def _wrapped(head: tuple[Piece, ...], text: str, role: str, width: int) -> list[Line]:
    """Return *text* behind *head*, as many lines as it needs, each as far in as the first."""
    indent = width_of(head)
    parts = textwrap.wrap(text, max(_LEAST_WIDTH, width - indent))
    return [
        Line((*head, (parts[0], role))),
        *(Line(((" " * indent, ""), (part, role))) for part in parts[1:]),
    ]
