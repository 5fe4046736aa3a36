"""What the user's configuration does on the screen, and what the screen remembers of a file."""

from __future__ import annotations

from pathlib import Path

from btfview.configuration.screen import ScreenSettings
from btfview.keymap.keymap import read_keymap
from btfview.keymap.table import PANES
from btfview.tui.screens.help import HelpScreen, help_lines
from btfview.tui.widgets.line_list import LineList
from tests.tui.screen import MIDDLE, SMALL, running


async def test_keys_that_were_bound_anew_act_and_are_told_everywhere(demo: Path) -> None:
    keymap, wrong = read_keymap(
        "arrows", {"zoom": "f6", "next": ["j", "f7"], "help": "H", "generate": "ctrl+g", "search": []}
    )
    assert not wrong
    async with running(demo, size=MIDDLE, settings=ScreenSettings(keymap=keymap)) as driver:

        def zoomed() -> list[str]:
            return [name for name in PANES if driver.workbench.pane(name).display]

        footer = driver.lines[-1]
        assert "[ j record" in footer
        assert footer.endswith("ctrl+p find  H help  q quit")
        before = driver.workbench.session.selection
        await driver.press("j")
        assert driver.workbench.session.selection != before
        await driver.press("z", "slash", "question_mark")
        assert len(zoomed()) > 1
        assert not driver.workbench.search.is_on
        await driver.press("f6")
        assert zoomed() == ["source"]
        await driver.press("2", "down", "g")  # in the struct tree that made code: now it is nothing there
        assert driver.app.screen is driver.workbench
        await driver.press("H")
        await driver.until(lambda: isinstance(driver.app.screen, HelpScreen))
        choices = driver.app.screen.query_one("#choices", LineList)
        text = "\n".join(choices.search_texts())
        for key, about in (
            ("f6", "Zoom"),
            ("ctrl+g", "Code for a"),
            ("none", "Search in"),
            ("↓ ↑", "a line"),
        ):
            assert f"  {key:<14}{about}" in text
        await driver.press("escape")
        await driver.until(lambda: driver.app.screen is driver.workbench)
        await driver.press("ctrl+p", *"zoom the pane")
        await driver.until_text("key f6")


async def test_what_is_said_names_the_keys_in_force() -> None:
    keymap, _ = read_keymap("both", {"open": "f9"})
    async with running(size=SMALL, settings=ScreenSettings(keymap=keymap)) as driver:
        await driver.press("r")
        await driver.until_text("Nothing is open: press f9.")
        assert driver.lines[-1].startswith(" f9 open  d demo")


async def test_what_panes_and_help_say_names_the_keys_in_force(demo: Path) -> None:
    keymap, _ = read_keymap("both", {"filter": "f9", "targets": "f7", "verify": "f6", "search": "f5"})
    async with running(demo, size=SMALL, settings=ScreenSettings(keymap=keymap)) as driver:
        await driver.press("n")
        await driver.until_text("Nothing was searched for: press f5.")
        await driver.press("4", "f9")
        await driver.until_text("no record fails on these targets: f9 shows others")
        lines = ["".join(text for text, _ in line.pieces) for line in help_lines(200, keymap=keymap)]
        assert any("a whole one tells (f7)" in line for line in lines)
        assert any("f6 asks that of this machine" in line for line in lines)


async def test_vim_has_g_as_the_first_line_where_code_is_made(demo: Path) -> None:
    keymap, _ = read_keymap("vim", {})
    async with running(demo, size=SMALL, settings=ScreenSettings(keymap=keymap)) as driver:
        await driver.press("2", "G")
        pane = driver.workbench.structs_pane
        assert pane.here == pane.line_count - 1 > 0
        await driver.press("g")
        assert pane.here == 0
        assert driver.app.screen is driver.workbench


async def test_a_configured_screen_is_so_and_what_is_wrong_is_shown(demo: Path) -> None:
    settings = ScreenSettings(
        theme="high-contrast-dark",
        layout="tabs",
        is_detail_wanted=False,
        rows="worst first",
        columns="every kernel",
        problems=('config.toml:3: unknown key "them"; did you mean theme?',),
    )
    async with running(demo, size=MIDDLE, settings=settings) as driver:
        await driver.until_text('unknown key "them"')
        assert driver.app.theme == "high-contrast-dark"
        assert driver.pane("source")[0].startswith("━")  # one pane alone: a line, thick where the focus is
        assert driver.workbench.has_class("-tabs")
        assert not driver.workbench.pane("detail").display
        assert driver.workbench.offsets_pane.order == (3, 1)


async def test_the_order_of_a_file_is_that_of_the_last_time_and_fresh_ignores_it(
    demo: Path, demo_object: Path
) -> None:
    async with running(demo, demo_object, size=SMALL) as driver:
        await driver.press("s", "S")
        assert driver.workbench.offsets_pane.order == (1, 1)
        await driver.press("right_parenthesis")
        await driver.until(lambda: driver.workbench.session.path == str(demo_object))
        await driver.settled()
        assert driver.workbench.offsets_pane.order == (0, 0)
    async with running(demo, size=SMALL) as driver:
        assert driver.workbench.offsets_pane.order == (1, 1)
    async with running(demo, size=SMALL, is_fresh=True) as driver:
        assert driver.workbench.offsets_pane.order == (0, 0)
