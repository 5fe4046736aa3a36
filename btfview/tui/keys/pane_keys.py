"""Which keys matter in which pane: what the footer shows, and what help begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.frozen import frozen
from btfview.keymap.table import KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

Hint = tuple[str, str, str]
"""Keys as the footer writes them, a word or two, and the action of a click."""


@frozen
class PaneKey:
    """A key of one pane, or of a list, which has no place in :data:`.keys.KEYS`; or one of those."""

    shown: str
    label: str
    action: str
    help: str


_BY_ID = {key.id: key for key in KEYS}


def _key(name: str, label: str = "") -> PaneKey:
    key = _BY_ID[name]
    return PaneKey(key.shown, label or key.label, key.action, key.help)


_RECORD = PaneKey("[ ]", "record", "step(1)", "Previous, next record")
_OPEN_ROW = PaneKey("enter", "fold", "", "Fold a struct; go through the records of a field")
_GENERATE = _key("generate", "code")
_SEARCH, _ZOOM = _key("search"), _key("zoom")

PANE_KEYS: dict[str, tuple[PaneKey, ...]] = {
    "source": (
        PaneKey("enter", "next query", "", "Go through the queries of a line"),
        _RECORD,
        _key("edit_in_place"),
        _key("fix"),
        _key("next_problem", "problem"),
        _key("edit"),
        _key("compile"),
        _key("undo_write", "undo"),
    ),
    "structs": (
        _key("structs_mode"),
        _OPEN_ROW,
        _GENERATE,
        _key("types"),
        _key("cachelines", "cachelines"),
        _RECORD,
    ),
    "intrinsics": (
        _key("stage", "next stage"),
        _key("passes", "passes"),
        _key("disasm"),
        _key("follow", "instruction"),
        _RECORD,
    ),
    "disasm": (
        _key("disasm", "IR"),
        _key("follow", "selected"),
        _key("back", "back"),
        _key("explain"),
        _key("verify", "verifier"),
        _RECORD,
    ),
    "relocations": (
        _RECORD,
        _key("fix"),
        _key("explain"),
        _key("follow", "instruction"),
        _key("loader"),
        _key("next_differing", "loaders differ"),
        _key("copy_command", "as command"),
        _key("next_problem", "problem"),
    ),
    "offsets": (
        PaneKey("h l", "kernel", "", "Go from kernel to kernel; 0 and $ to the first and the last"),
        PaneKey("enter", "explain", "open_cell", "Explain the cell: why, which bytes, since which kernel"),
        _key("fix"),
        _key("filter", "filter"),
        _key("sort", "sort"),
        _key("arrange", "columns"),
        _key("targets"),
        _key("loader"),
        _GENERATE,
    ),
    "detail": (
        PaneKey("y", "copy", "copy", "Copy the sentence, or the whole block of code that it says to write"),
        _key("fix"),
        _key("words", "words"),
        _key("copy_command", "as command"),
        _RECORD,
        _key("explain"),
    ),
}
"""By widget id, the most important first."""

GENERAL = (_SEARCH, _ZOOM, _key("open"), _key("targets"), _key("watch"), _key("detail"))
"""In every pane, behind those of its own."""

FIND: Hint = ("ctrl+p", "find", "palette")
PROBLEMS: Hint = ("p", "problems", "problems")
HELP: Hint = ("?", "help", "help")
QUIT: Hint = ("q", "quit", "app.quit")


WELCOME: tuple[Hint, ...] = (
    ("o", "open", "open"),
    ("d", "demo", "toggle_detail"),
    ("t", "targets", "pick_targets"),
    ("b", "types", "browse_types"),
    FIND,
    HELP,
    QUIT,
)
"""While nothing is open."""


_FOR_TEXT = frozenset(_BY_ID[name].action for name in ("edit", "edit_in_place", "undo_write"))
"""Actions that an object has no text for."""


def footer_hints(pane: str, *, has_problems: bool, has_text: bool = True) -> Sequence[Hint]:
    """Return the hints of *pane* in use: its own keys, then what is everywhere; of what does not fit on a
    line those before :data:`FIND` are left out, the last first. Without text, nothing offers to edit it."""
    own = [key for key in PANE_KEYS.get(pane, ()) if has_text or key.action not in _FOR_TEXT]
    hints = [(key.shown, key.label, key.action) for key in own]
    shown = {key.shown for key in own}
    hints += [(key.shown, key.label, key.action) for key in GENERAL if key.shown not in shown]
    hints.append(FIND)
    if has_problems:
        hints.append(PROBLEMS)
    return [*hints, HELP, QUIT]
