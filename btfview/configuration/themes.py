"""The names of the themes of the screen."""

from __future__ import annotations

OWN_THEMES = ("high-contrast-dark", "high-contrast-light", "colour-blind-dark", "colour-blind-light")
"""Those that come with btfview: contrast of 7 and more; colours that no deficiency makes alike."""
THEMES = (
    *OWN_THEMES,
    "textual-dark",
    "textual-light",
    "nord",
    "gruvbox",
    "catppuccin-mocha",
    "catppuccin-latte",
    "catppuccin-frappe",
    "catppuccin-macchiato",
    "dracula",
    "tokyo-night",
    "monokai",
    "flexoki",
    "solarized-light",
    "solarized-dark",
    "rose-pine",
    "rose-pine-moon",
    "rose-pine-dawn",
    "atom-one-dark",
    "atom-one-light",
    "ansi-dark",
    "ansi-light",
)
"""Those, and what Textual 8.2 has; ``ansi-`` ones have the terminal's own sixteen colours."""
