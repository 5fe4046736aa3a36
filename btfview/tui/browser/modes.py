"""What the type browser shows at a time, and the keys of each."""

from __future__ import annotations

from enum import StrEnum

from btfview.tui.keys.bindings import bindings_of


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

BINDINGS = bindings_of(
    "browser",
    {
        "leave": "leave",
        "browser.open": "open",
        "search": "search",
        "browser.find": "find_again",
        "browser.back": "back",
        "browser.next_kernel": "step_target(1)",
        "browser.previous_kernel": "step_target(-1)",
        "typing.down": "move(1)",
        "typing.up": "move(-1)",
        "typing.page_down": "page(1)",
        "typing.page_up": "page(-1)",
        "help": "help",
    },
    # They move the focus, so they are done before the next key is looked at: it belongs to the new focus.
    first=(
        "leave",
        "browser.open",
        "search",
        "browser.find",
        "browser.back",
        "browser.next_kernel",
        "browser.previous_kernel",
    ),
)
"""Of the screen itself, in all modes; those of a type alone are of its list."""
IN_A_TYPE = ("search", "find_again", "back")
PRIORITY = ("leave", "open", "step_target", *IN_A_TYPE)
"""Actions whose keys are bound before the focus is asked."""
