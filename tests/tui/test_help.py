"""Footer and help: the keys of the pane in use come first, and every word can be looked up."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.keymap.table import KEYS, PANES
from btfview.tui.keys.pane_keys import PANE_KEYS
from tests.tui.screen import SMALL, WIDE, running
from tests.tui.test_problems import FAILING


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["small", "wide"])
async def test_the_footer_has_the_keys_of_the_pane_in_use(demo: Path, size: tuple[int, int]) -> None:
    async with running(demo, size=size) as driver:
        for number, name in enumerate(PANES, 1):
            await driver.press(str(number))
            first = PANE_KEYS[name][0]
            assert driver.lines[-1].startswith(f" {first.shown} {first.label}")
            assert driver.lines[-1].endswith("ctrl+p find  ? help  q quit")
        driver.app.screen.set_focus(driver.workbench.pane("detail"))
        await driver.pilot.pause()
        assert driver.lines[-1].startswith(" y copy")


async def test_the_footer_says_what_to_do_while_nothing_is_open() -> None:
    async with running(size=SMALL) as driver:
        assert driver.lines[-1].startswith(" o open  d demo  t targets")


async def test_the_footer_has_p_when_there_are_problems(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        assert "p problems" not in driver.lines[-1]
        demo.write_text(FAILING)
        await driver.until(lambda: "p problems" in driver.lines[-1])


async def test_a_click_on_a_key_of_the_footer_presses_it(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        await driver.press("5")
        x = driver.lines[-1].index("f filter")
        await driver.pilot.click(offset=(x, SMALL[1] - 1))
        await driver.until_text("problems only")


async def test_help_begins_with_the_pane_in_use_and_has_every_key(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("5", "question_mark")
        await driver.until_text("Keys here: Offsets")
        lines = [line.strip("│ ") for line in driver.pane("dialog")]
        assert lines.index("Keys here: Offsets") < next(
            at for at, line in enumerate(lines) if "What you" in line
        )
        choices = driver.app.screen.query_one("#choices")
        text = "\n".join(choices.search_texts())  # type: ignore[attr-defined]
        assert not [key.shown for key in KEYS if f"  {key.shown} " not in text]


async def test_help_is_searched(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        await driver.press("question_mark", "slash", *"essential")
        await driver.until_text("/essential▏  1 of 2")
        await driver.press("enter", "n")
        await driver.until_text("essential name")
        await driver.press("escape")  # ends the search
        assert "Help" in driver.text
        await driver.press("escape")
        await driver.until(lambda: "─ Help" not in driver.text)


async def test_w_explains_the_words_of_the_line_and_of_the_selected_record(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "4", "W")
        await driver.until_text("Words of this line and of the selected record")
        shown = "\n".join(driver.pane("dialog"))
        words = shown[: shown.index("Keys here")]
        for word in ("field_byte_offset", "moved", "candidate", "instruction"):
            assert f"  {word} " in words
        await driver.press("W")
        assert "field_lshift_u64" in driver.text  # where the glossary begins
