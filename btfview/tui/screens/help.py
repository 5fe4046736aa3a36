"""The help screen: what the panes show, what the signs mean, what the keys do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from ...workspace.analysis import AMBIGUOUS, AS_COMPILED, ERROR, GLYPHS, MISSING, MISSING_GUARDED, MOVED
from ...workspace.offset_table import state_role
from ..drawing import Line
from ..keys import KEYS, MOTIONS, SCOPES
from ..roles import ROLE_CLASSES
from ..widgets.bars import KeyBar
from ..widgets.choice_list import ChoiceList

_STORY = (
    ("Source", "asks the compiler: where is this field, how big is it, does it exist?  ◆ marks a question"),
    ("Structs", "the layout that the program was compiled with, and that of the kernel beside it"),
    ("IR", "the compiler keeps the path of each question as a chain of preserve.* intrinsics"),
    (
        "Relocations",
        "each question becomes a record in .BTF.ext: instruction, type, path in numbers, kind",
    ),
    ("Offsets", "the loader finds the path in the kernel's BTF and writes the answer into the instruction"),
    ("Detail", "how it was found, or why not: every type that was tried, step by step"),
)
_SIGNS = {
    AS_COMPILED: "the kernel agrees with the value compiled in",
    MOVED: "the kernel's value differs; the loader corrects the instruction, nothing is wrong",
    MISSING_GUARDED: "not on that kernel, and the program asks field_exists first, so that is fine",
    MISSING: "not on that kernel; the instruction is poisoned: the program must not reach it",
    AMBIGUOUS: "several types fit and disagree; libbpf refuses to load the object",
    ERROR: "libbpf refuses the record",
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

    def on_mount(self) -> None:
        self.query_one(ChoiceList).set_lines(help_lines())


def help_lines() -> list[Line]:
    """Return the whole help."""
    lines = [_title("What you see: one question, followed through all panes")]
    lines += [_entry(name, text) for name, text in _STORY]
    lines += [Line(), _title("Signs")]
    lines += [
        Line(((f"  {GLYPHS[state]} ", state_role(state)), (f"{state:<18}", ""), (text, "dim")))
        for state, text in _SIGNS.items()
    ]
    lines += [
        Line(((f"  {sign} ", role), (f"{where:<18}", ""), (text, "dim")))
        for sign, role, where, text in _MARKS
    ]
    group = ""
    for key in KEYS:
        if key.group != group:
            group = key.group
            lines += [Line(), _title(f"Keys: {group}")]
        lines.append(_entry(key.shown, key.help))
    lines += [Line(), _title("Keys: in a list")]
    lines += [_entry(keys, text) for keys, text in MOTIONS]
    lines += [Line(), _title("In the palette, a first letter asks for one kind alone")]
    lines += [_entry(letter, text) for letter, text in SCOPES]
    return lines


def _title(text: str) -> Line:
    return Line(((text, "title"),))


def _entry(name: str, text: str) -> Line:
    return Line(((f"  {name:<14}", "key"), (text, "text")))
