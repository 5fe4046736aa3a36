"""Themes: with sixteen colours none is mixed; our own are for every sight; the chosen one stays."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
from textual.color import Color

from btfview.configuration.themes import OWN_THEMES, THEMES
from btfview.tui.roles import luminance
from btfview.tui.themes import own_themes
from tests.tui.screen import running


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_signs_and_related_rows_are_told_apart_in_sixteen_colours(demo: Path, theme: str) -> None:
    async with running(demo) as driver:
        driver.app.theme = theme
        await driver.pilot.pause()
        pane = driver.workbench.relocations_pane
        plain = pane.role_style("")
        assert pane.role_style("keyword", "alike").bgcolor == plain.bgcolor  # or blue would stand on blue
        colours = [pane.role_style(role).color for role in ("as-compiled", "moved", "missing", "warning")]
        assert len(set(colours)) == 4


async def test_a_theme_that_was_chosen_is_there_the_next_time(demo: Path) -> None:
    async with running(demo) as driver:
        driver.app.theme = "textual-light"
        await driver.pilot.pause()
    async with running(demo) as driver:
        assert driver.app.theme == "textual-light"


# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency"
# (IEEE TVCG 2009), severity 1, of linear sRGB.
SIGHTS = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
TOLD_APART = 20
"""Of CIE 1976 (2.3 is what is just seen)."""


def seen_as(color: Color, sight: str) -> tuple[float, float, float]:
    """Return a colour in CIELAB (D65), as it looks with a kind of sight."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    ]
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in SIGHTS[sight]
    )
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = (one ** (1 / 3) if one > (6 / 29) ** 3 else one * 841 / 108 + 4 / 29 for one in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def contrast(one: Color, other: Color) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


async def test_own_themes_are_read_and_told_apart_by_everybody(demo: Path) -> None:
    assert [theme.name for theme in own_themes()] == list(OWN_THEMES)
    async with running(demo) as driver:
        pane = driver.workbench.relocations_pane
        for theme in OWN_THEMES:
            driver.app.theme = theme
            await driver.pilot.pause()
            least = 7.0 if theme.startswith("high") else 4.5  # WCAG 2.1, 1.4.6 and 1.4.3
            states = ("as-compiled", "moved", "warning", "missing", "text")
            colours = {}
            for role in (*states, "dim", "key", "gutter", "keyword", "type"):
                for ground in ("", "lit", "cursor"):
                    style = pane.role_style(role, *ground.split())
                    assert style.color is not None
                    assert style.bgcolor is not None
                    text, below = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
                    if role in states and not ground:
                        colours[role] = text
                    if least == 7.0 or (role in states and not ground):
                        assert contrast(text, below) >= least - 0.05, (theme, role, ground)
            for sight in SIGHTS:
                for one, other in itertools.combinations(states, 2):
                    apart = math.dist(seen_as(colours[one], sight), seen_as(colours[other], sight))
                    assert apart >= TOLD_APART, (theme, sight, one, other, apart)


async def test_every_theme_that_can_be_configured_is_there(demo: Path) -> None:
    async with running(demo) as driver:
        assert set(THEMES) == driver.app.available_themes.keys()
