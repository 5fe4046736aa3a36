"""Themes in the sixteen colours of a terminal: nothing is told by a mixed colour; the chosen one stays."""

from __future__ import annotations

from pathlib import Path

import pytest

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
