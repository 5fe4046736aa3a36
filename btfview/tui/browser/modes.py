"""What the type browser shows at a time, and the keys of each."""

from __future__ import annotations

from enum import StrEnum


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
