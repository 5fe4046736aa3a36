"""btfview's own themes: of high contrast, and of colours that no deficiency makes alike.

Their state colours are those that are farthest apart (in CIELAB) of all that have the contrast, as people see
them with full sight, protanopia, deuteranopia and tritanopia; ``tests/tui/test_themes.py`` measures both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Container

HIGH_CONTRAST = 7.0
"""WCAG 2.1, 1.4.6 (AAA), of text on its ground."""
_HIGH = "high-contrast-"
_USUAL = "textual"


def own_themes() -> tuple[Theme, ...]:
    """Return the themes that Textual has not, by the names of :mod:`btfview.configuration.themes`."""
    return (
        _theme(
            f"{_HIGH}dark",
            ground="#000000",
            text="#ffffff",
            primary="#5fd7ff",
            colours=("#7dfd7a", "#d17ac6", "#a1a20f", "#f27370"),
        ),
        _theme(
            f"{_HIGH}light",
            ground="#ffffff",
            text="#000000",
            primary="#003f8a",
            colours=("#2a4056", "#610389", "#381e02", "#993416"),
        ),
        _theme(
            "colour-blind-dark",
            ground="#101418",
            text="#e8e8e8",
            primary="#8fc7ee",
            colours=("#5a9cc1", "#e2b428", "#b05efd", "#e8695d"),
        ),
        _theme(
            "colour-blind-light",
            ground="#ffffff",
            text="#1c1c1c",
            primary="#0072b2",
            colours=("#366c8c", "#6a7411", "#5b0f8b", "#814c41"),
        ),
    )


def least_contrast(theme: str) -> float | None:
    """Return what text of *theme* has at least against its ground; None where any theme's least is enough."""
    return HIGH_CONTRAST if theme.startswith(_HIGH) else None


def shaded_theme(theme: str, shade: str, known: Container[str]) -> str:
    """Return the theme of *known* that is *shade*, ``light`` or ``dark``, and of the family of *theme*; the
    usual one where the family has none.

    >>> known = ("textual-light", "high-contrast-dark", "high-contrast-light")
    >>> shaded_theme("high-contrast-dark", "light", known), shaded_theme("nord", "light", known)
    ('high-contrast-light', 'textual-light')
    """
    found = f"{theme.rpartition('-')[0]}-{shade}"
    return found if found in known else f"{_USUAL}-{shade}"


def _theme(name: str, *, ground: str, text: str, primary: str, colours: tuple[str, str, str, str]) -> Theme:
    """Return a theme; *colours* are those of as compiled, moved, warnings, and what fails."""
    fine, moved, warning, failing = colours
    return Theme(
        name,
        primary=primary,
        secondary=text,
        accent=moved,
        foreground=text,
        background=ground,
        surface=ground,
        panel=ground,
        success=fine,
        warning=warning,
        error=failing,
        dark=name.endswith("dark"),
        variables={
            "text-primary": primary,
            "text-secondary": text,
            "text-accent": moved,
            "text-success": fine,
            "text-warning": warning,
            "text-error": failing,
        },
    )
