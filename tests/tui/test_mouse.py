"""The mouse: it copies what it is dragged over, presses words of the header, and closes dialogues."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.screen import ModalScreen

from tests.tui.screen import Driver, running

SIZE = (160, 50)


def place(driver: Driver, text: str) -> tuple[int, int]:
    """Return where *text* stands on the screen, from the top left."""
    y = next(y for y, line in enumerate(driver.lines) if text in line)
    return driver.lines[y].index(text), y


async def test_text_that_the_mouse_is_dragged_over_is_copied(demo: Path) -> None:
    async with running(demo, size=SIZE) as driver:
        x, y = place(driver, "let offset = core::btf")
        before = driver.workbench.session.selected_relo
        await driver.pilot.mouse_down(offset=(x, y))
        await driver.pilot.hover(offset=(x + 9, y))
        await driver.pilot.mouse_up(offset=(x + 9, y))
        await driver.pilot.pause()
        assert driver.app.clipboard == "let offset"
        assert driver.workbench.session.selected_relo == before  # it was no click
        x, y = place(driver, "#[repr(Btf)]")
        await driver.pilot.mouse_down(offset=(x, y))
        await driver.pilot.hover(offset=(x + 3, y + 1))
        await driver.pilot.mouse_up(offset=(x + 3, y + 1))
        await driver.pilot.pause()
        first, second = driver.app.clipboard.split("\n")
        assert first == "#[repr(Btf)]"
        assert second == "pub"
        await driver.pilot.click(offset=place(driver, "let offset = core::btf"))
        await driver.until_text("Detail · #1")  # and this is one


async def test_a_button_let_go_elsewhere_marks_nothing_any_more(demo: Path) -> None:
    async with running(demo, size=SIZE) as driver:
        x, y = place(driver, "let offset = core::btf")
        await driver.pilot.mouse_down(offset=(x, y))
        await driver.pilot.mouse_up(offset=(5, SIZE[1] - 1))
        await driver.pilot.hover(offset=(x + 9, y))
        await driver.pilot.pause()
        assert not driver.workbench.source_pane._marking.is_begun
        assert driver.app.mouse_captured is None


@pytest.mark.parametrize(
    ("words", "shows"),
    [
        ("0 problems", "Problems:"),
        ("2 targets", "Targets: the kernels"),
        ("watching", "not watching"),
        ("cpu v3", "Compile options"),
    ],
)
async def test_words_of_the_header_are_buttons(demo: Path, words: str, shows: str) -> None:
    async with running(demo, size=SIZE) as driver:
        await driver.pilot.click(offset=place(driver, words))
        await driver.until_text(shows)


async def test_records_of_the_header_go_to_their_pane(demo: Path) -> None:
    async with running(demo, size=SIZE) as driver:
        await driver.pilot.click(offset=place(driver, "4 records"))
        await driver.until(lambda: driver.workbench.pane("relocations").has_focus)


@pytest.mark.parametrize(
    "keys", ["question_mark", "p", "t", "c", "x", "o", "B", "ctrl+p", "2 g", "i space escape"]
)
async def test_a_click_beside_a_dialogue_closes_it(demo: Path, keys: str) -> None:
    async with running(demo, size=SIZE) as driver:
        await driver.press(*keys.split())
        await driver.until(lambda: isinstance(driver.app.screen, ModalScreen))
        await driver.until(lambda: driver.app.screen.query_one("#dialog").region)
        dialogue = driver.app.screen.query_one("#dialog").region
        await driver.pilot.click(offset=(dialogue.x + 3, dialogue.y + 2))
        assert isinstance(driver.app.screen, ModalScreen)
        await driver.pilot.click(offset=(1, 1))
        await driver.until(lambda: not isinstance(driver.app.screen, ModalScreen))
