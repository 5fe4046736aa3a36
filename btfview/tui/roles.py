"""Roles become colours: the styles of all drawn parts, held once a screen.

Textual works out component styles anew for every widget that declares them; thirty parts on a dozen
widgets cost 70 ms before the first frame. So the screen declares them, and what it holds asks it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import BLACK, WHITE

from btfview.views.rows import ROLES

from .themes import least_contrast

if TYPE_CHECKING:
    from textual.color import Color
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
_LEAST_CONTRAST = 3.5
"""WCAG 2.1, 1.4.11, asks for 3; some is left for what is dimmed as a whole."""
_MIDDLE_LUMINANCE = 0.18
"""Black and white stand out alike from this."""
_STEPS = 10

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
    color = readable(background + color, background, least_contrast(widget.app.theme) or _LEAST_CONTRAST)
    return Style.from_color(color.rich_color, background.rich_color) + style


@lru_cache(1024)
def readable(color: Color, ground: Color, least: float = _LEAST_CONTRAST) -> Color:
    """Return *color*, as far towards black or white as it takes for *least* contrast on *ground*.

    Themes choose their colours for surfaces of their own; on those that are mixed here, the amber of a light
    theme would have a contrast of 1.6. Colours that the terminal chooses stay as they are.
    """
    if color.ansi is not None or ground.ansi is not None:
        return color
    below = luminance(ground)
    far = WHITE if below < _MIDDLE_LUMINANCE else BLACK
    for step in range(_STEPS):
        mixed = color.blend(far, step / _STEPS)
        dark, light = sorted((below, luminance(mixed)))
        if (light + 0.05) / (dark + 0.05) >= least:
            return mixed
    return far


def luminance(color: Color) -> float:
    """Return the relative luminance of WCAG 2.1, from 0 for black to 1 for white."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
