"""Roles become colours: the styles of all drawn parts, held once a screen.

Textual works out component styles anew for every widget that declares them; thirty parts on a dozen
widgets cost 70 ms before the first frame. So the screen declares them, and what it holds asks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from ..workspace.rows import ROLES

if TYPE_CHECKING:
    from textual.widget import Widget

_PARTS = (
    "cursor",
    "lit",
    "alike",
    "unlit",
    "span",
    "cell",
    "heading",
    "gutter",
    "marker",
    "key",
    "active",
    "hit",
)
"""What rows know nothing of: looks that depend on the cursor, the selection, or the place in a pane."""


ROLE_CLASSES = frozenset(f"role--{name}" for name in (*ROLES, *_PARTS))
"""``COMPONENT_CLASSES`` of every screen that shows lines or bars; styled in ``app.tcss``."""


def mix_style(widget: Widget, names: str) -> Style:
    """Return the style of text in *widget* that plays the roles *names* (parted by spaces), the later over
    the earlier.

    Colours with an alpha are mixed here, as Textual does that for whole widgets only.
    """
    _, _, background, color = widget.colors
    style, opacity = Style(), 1.0
    for name in names.split():
        part = widget.screen.get_component_styles(f"role--{name}")
        if part.has_rule("background"):
            background += part.background
        if part.has_rule("color"):
            color = part.color
        if part.has_rule("text_opacity"):
            opacity *= part.text_opacity
        style += part.text_style
    if opacity < 1 and color.ansi is None and background.ansi is None:
        color = background.blend(color, opacity)
    return Style.from_color((background + color).rich_color, background.rich_color) + style
