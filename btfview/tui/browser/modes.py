"""What the type browser shows at a time, and the keys of each."""

from __future__ import annotations

from enum import StrEnum

from textual.binding import Binding


class Mode(StrEnum):
    """What the browser shows; the header names it."""

    FIND = "Find"
    TYPE = "Type"
    BESIDE = "Compare"


_IN_A_TYPE = (
    ("enter", "follow", "open"),
    ("/ n N", "search", "search"),
    ("space", "fold", "fold"),
    ("b f", "back", "back"),
    ("tab t", "kernel", "step_target(1)"),
    ("K", "cachelines", "toggle_cachelines"),
    ("M", "bytes", "byte_map"),
    ("g", "code", "generate"),
    ("y", "copy", "copy"),
    ("&", "other type", "find_again"),
    ("?", "help", "help"),
    ("esc", "leave", "leave"),
    ("q", "close", "close"),
)
HINTS: dict[Mode, tuple[tuple[str, str, str], ...]] = {
    Mode.FIND: (
        ("enter", "open", "open"),
        ("↓ ↑", "move", "move(1)"),
        ("tab", "next kernel", "step_target(1)"),
        ("f1", "help", "help"),
        ("esc", "close", "leave"),
    ),
    Mode.TYPE: (("c C", "compare", "compare"), *_IN_A_TYPE),
    Mode.BESIDE: (
        ("d", "differences", "toggle_differences"),
        ("x", "swap", "swap"),
        ("c C", "other kernel", "compare"),
        *_IN_A_TYPE,
    ),
}
"""Keys of each mode, for the footer."""

BINDINGS = (
    # They move the focus, so they are done before the next key is looked at: it belongs to the new focus.
    Binding("escape", "leave", "Close", show=False, priority=True),
    Binding("enter", "open", "Open", show=False, priority=True),
    Binding("slash", "search", "Search", show=False, priority=True),
    Binding("ampersand", "find_again", "Find another type", show=False, priority=True),
    Binding("b,backspace,less_than_sign", "back", "Back", show=False, priority=True),
    Binding("tab", "step_target(1)", "Next target", show=False, priority=True),
    Binding("shift+tab", "step_target(-1)", "Previous target", show=False, priority=True),
    Binding("down", "move(1)", "Down", show=False),
    Binding("up", "move(-1)", "Up", show=False),
    Binding("pagedown", "page(1)", "Page down", show=False),
    Binding("pageup", "page(-1)", "Page up", show=False),
    Binding("f1", "help", "Help", show=False),
)
"""Of the screen itself, in all modes; those of a type alone are of its list."""
IN_A_TYPE = ("search", "find_again", "back")
PRIORITY = ("leave", "open", "step_target", *IN_A_TYPE)
"""Actions whose keys are bound before the focus is asked."""
