"""The palette, driven by keys: what it lists, what it shows of a choice, and where that leads."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.btf.kinds import CoreReloKind
from btfview.keymap.table import KEYS, SCOPES
from btfview.palette.choices import PREFIXES
from btfview.tui.browser.screen import TypesScreen
from btfview.tui.screens.palette import PaletteScreen
from tests.btf.build import INT, build_btf_bytes, struct
from tests.objects import Record, build_object
from tests.tui.screen import KERNELS, MIDDLE, SMALL, WIDE, Driver, running

NAMES = {
    "#": "number_sign",
    "&": "ampersand",
    "%": "percent_sign",
    "@": "at",
    ">": "greater_than_sign",
    " ": "space",
    ".": "full_stop",
    ":": "colon",
    "[": "left_square_bracket",
}


async def search(driver: Driver, text: str) -> PaletteScreen:
    """Open the palette and type *text*; wait for the types of the kernel."""
    await driver.press("ctrl+p")
    await driver.until(lambda: isinstance(driver.app.screen, PaletteScreen))
    screen = driver.app.screen
    assert isinstance(screen, PaletteScreen)
    await driver.until(lambda: screen._types is not None or screen._target is None)
    await driver.press(*(NAMES.get(char, char) for char in text))
    await driver.pilot.pause()
    return screen


def listed(driver: Driver) -> list[str]:
    """The choices, frame and margins left out."""
    region = driver.app.screen.query_one("#choices").region
    strips = driver.app.screen._compositor.render_strips()[region.y : region.bottom]
    lines = ("".join(s.text for s in strip.crop(region.x, region.right)).strip() for strip in strips)
    return [line for line in lines if line]


def previewed(driver: Driver) -> str:
    region = driver.app.screen.query_one("#preview").region
    strips = driver.app.screen._compositor.render_strips()[region.y : region.bottom]
    return "\n".join("".join(s.text for s in strip.crop(region.x, region.right)).rstrip() for strip in strips)


def test_every_prefix_is_in_help() -> None:
    assert [letter for letter, _ in SCOPES] == list(PREFIXES)


@pytest.mark.parametrize("size", [WIDE, MIDDLE, SMALL], ids=["wide", "middle", "small"])
async def test_a_record_is_chosen_and_selected_everywhere(demo: Path, size: tuple[int, int]) -> None:
    async with running(demo, size=size) as driver:
        await search(driver, "#weight offset")
        assert listed(driver)[0].startswith("record   task_struct.se.load.weight  #3 field_byte_of")
        assert "amd64  ▲ 128" in previewed(driver)
        await driver.press("enter")
        assert "Detail · #3 field_byte_offset task_struct.se.load.weight" in driver.text
        await driver.press("less_than_sign")
        assert "Detail · #0 " in driver.text


async def test_a_choice_means_the_same_after_a_recompile_in_between(demo: Path) -> None:
    async with running(demo) as driver:
        await search(driver, "#weight offset")
        text = demo.read_text()
        demo.write_text(
            text.replace(
                "pub fn sched_vruntime",
                "pub fn has(&self) -> bool {\n        core::btf::field_exists!(task_struct, se)\n    }\n\n"
                "    pub fn sched_vruntime",
            )
        )
        await driver.until(lambda: len(driver.workbench.session.good.relos) == 5)  # type: ignore[union-attr]
        await driver.press("enter")
        await driver.until_text("Detail · #4 field_byte_offset task_struct.se.load.weight")
        await search(driver, "#weight offset")
        demo.write_text(
            text.replace(
                "field_byte_offset!(task_struct, se.load.weight)", "field_byte_size!(task_struct, se)"
            )
        )
        await driver.until_text("- 2 gone")
        await driver.press("enter")
        await driver.until_text("That is gone: the file was compiled anew in between.")


async def test_all_kinds_are_searched_and_the_best_stands_first(demo: Path) -> None:
    async with running(demo) as driver:
        await search(driver, "sched v")
        lines = listed(driver)
        assert lines[0].startswith("function sched_vruntime")
        await driver.press("ctrl+u", *"task_")
        assert {"record", "field", "type"} <= {line.split()[0] for line in listed(driver)}
        await driver.press("ctrl+u", *"zoom")
        assert listed(driver)[0].startswith("command  Zoom the pane")
        assert "again for all panes, key z" in previewed(driver)


async def test_a_field_is_chosen_in_the_struct_tree_with_its_queries(demo: Path) -> None:
    async with running(demo) as driver:
        await search(driver, ".weight")
        assert listed(driver)[0].startswith("field    task_struct.se.load.weight")
        assert "◆ #3 field_byte_offset task_struct.se.load.weight" in previewed(driver)
        await driver.press("enter")
        assert driver.app.focused is driver.workbench.rows_pane("structs")
        assert any(line.startswith("weight") for line in driver.marked("structs"))
        assert "Detail · #2 field_exists task_struct.se.load.weight" in driver.text


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_a_function_leads_to_its_instructions(demo: Path, size: tuple[int, int]) -> None:
    async with running(demo, size=size) as driver:
        await search(driver, "@load")
        assert listed(driver)[0].startswith("function sched_load_weight")
        await driver.press("enter")
        await driver.until_text("instructions")
        pane = driver.workbench.rows_pane("disasm")
        await driver.until(lambda: pane.cursor > 0)
        obj = driver.workbench.session.good.object  # type: ignore[union-attr]
        start = obj.functions[".text"][1].value // 8  # type: ignore[union-attr]
        assert pane.text(pane.cursor).strip().startswith(f"{start}: ")
        assert driver.app.focused is pane


async def test_a_kernel_is_chosen_as_the_column(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket")
        await search(driver, "%6.12")
        assert listed(driver) == [f"kernel   {KERNELS[1]}  {_path(driver, 1)}"]
        assert "▲ 2 records moved" in previewed(driver)
        await driver.press("enter")
        assert f"on {KERNELS[1]}" in driver.pane("detail")[0]
        assert "there 240" in "\n".join(driver.pane("detail"))
        assert driver.app.focused is driver.workbench.offsets_pane


def _path(driver: Driver, target: int) -> str:
    good = driver.workbench.session.good
    assert good is not None
    return f"trimmed  {good.targets[target].path}"


async def test_a_type_opens_the_browser_at_it_on_the_chosen_kernel(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "5", "l")
        await search(driver, "&sched_entity")
        assert listed(driver)[0].startswith("type     sched_entity")
        assert f"on {KERNELS[1]}" in previewed(driver)
        assert "bytes" in previewed(driver)
        await driver.press("enter")
        await driver.until(lambda: isinstance(driver.app.screen, TypesScreen))
        await driver.until_text("struct sched_entity")
        assert KERNELS[1] in driver.lines[0]
        await driver.press("escape")
        assert driver.app.screen is driver.workbench


async def test_a_member_of_a_kernels_type_opens_the_browser_there(demo: Path) -> None:
    async with running(demo) as driver:
        await search(driver, "task_struct.se.vrun")
        (line,) = [line for line in listed(driver) if line.startswith("type     task_struct.se.vruntime")]
        assert "+208" in line  # as pahole has it: 128 + 80
        await driver.press(*("down" for _ in range(listed(driver).index(line))), "enter")
        await driver.until_text("struct task_struct")
        screen = driver.app.screen
        assert isinstance(screen, TypesScreen)
        await driver.until(lambda: "vruntime" in screen._list.text(screen._list.cursor))


async def test_colon_goes_to_a_line_or_an_instruction(demo: Path) -> None:
    async with running(demo) as driver:
        place = driver.workbench.session.good.relos[3].place  # type: ignore[union-attr]
        assert place is not None
        await driver.press("colon", *str(place.line))
        assert listed(driver)[0].startswith(f"place    line {place.line} of sched.rs")
        assert "◆ #3 field_byte_offset" in previewed(driver)
        await driver.press("enter")
        assert driver.workbench.source_pane.cursor_number == place.line
        assert "Detail · #3 " in driver.text
        number = driver.workbench.session.good.relos[1].relo.insn_off // 8  # type: ignore[union-attr]
        await driver.press("colon", *"vrun", "space", *str(number))
        assert listed(driver)[0].startswith(f"place    insn {number} of sched_vruntime")
        await driver.press("enter")
        await driver.until_text("Detail · #1 ")
        assert any(f"{number}: " in line for line in driver.marked("disasm"))
        await driver.press("less_than_sign")
        assert driver.app.focused is driver.workbench.source_pane
        assert "Detail · #3 " in driver.text


async def test_colon_goes_to_a_line_that_an_object_quotes(demo_object: Path) -> None:
    async with running(demo_object) as driver:
        place = driver.workbench.session.good.relos[2].place  # type: ignore[union-attr]
        assert place is not None
        await driver.press("colon", *str(place.line), "enter")
        assert "Detail · #2 " in driver.text
        assert driver.app.focused is driver.workbench.source_pane


@pytest.mark.parametrize("key", [key for key in KEYS if key.id != "quit"], ids=lambda key: str(key.id))
def test_every_key_is_a_command_of_the_palette_by_its_name(key: object) -> None:
    from btfview.compiler.options import CompileOptions
    from btfview.keymap.table import Key
    from btfview.palette.matching import find_matches
    from btfview.tui.app import BtfviewApp

    assert isinstance(key, Key)
    app = BtfviewApp([], [], CompileOptions())
    commands = list(app.get_system_commands(app.get_default_screen()))  # type: ignore[arg-type]
    title = key.help.partition(";")[0]
    texts = [f"{command.title}  {command.help}".lower() for command in commands]
    best = find_matches(texts, title, 5)[0]
    assert title in [commands[match.index].title for match in best]
    (command,) = [one for one in commands if one.title == title]
    assert command.help.endswith(f"key {key.shown}")


async def test_every_entry_of_the_palette_runs_what_it_names(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(demo) as driver:
        ran: list[str] = []

        async def note(action: str, *_: object, **__: object) -> bool:
            ran.append(action)
            return True

        commands = [key for key in KEYS if key.id != "quit"]
        for key in commands:
            title = key.help.partition(";")[0]
            driver.app.open_palette("> " + title)
            await driver.until(lambda: isinstance(driver.app.screen, PaletteScreen))
            assert title in listed(driver)[0]
            assert f"key {key.shown}" in previewed(driver)
            with monkeypatch.context() as patch:
                patch.setattr(driver.app, "run_action", note)
                screen = driver.app.screen
                assert isinstance(screen, PaletteScreen)
                screen.action_choose()
                await driver.until(lambda: driver.app.screen is driver.workbench and ran)
            assert ran == [key.action if "." in key.action else f"screen.{key.action}"]
            ran.clear()


async def test_the_palette_and_a_cell_live_through_any_size(demo: Path) -> None:
    async with running(demo) as driver:
        for key in ("ctrl+p", "B"):
            await driver.press(key)
            for columns, rows in ((20, 5), (1, 1), SMALL, (300, 8), WIDE):
                await driver.pilot.resize_terminal(columns, rows)
                await driver.until(lambda rows=rows: len(driver.lines) == rows)  # type: ignore[misc]
                await driver.press("down")
            assert driver.app.screen is not driver.workbench
            await driver.press("escape")
            assert "Detail · #0 " in driver.text


async def test_what_is_not_there_is_told_and_escape_leaves_all_as_it_was(demo: Path) -> None:
    async with running(demo, size=SMALL) as driver:
        await search(driver, "#qqqq")
        assert listed(driver) == ["nothing fits"]
        await driver.press("enter", "escape")
        assert driver.app.screen is driver.workbench
        assert "#0 of 4" in driver.text
        await search(driver, ":")
        assert "a number: of a line, or of an instruction" in driver.text
        await driver.press("ctrl+p")
        assert driver.app.screen is driver.workbench


async def test_without_a_file_the_commands_are_there_and_the_rest_says_why_not() -> None:
    async with running(targets=[]) as driver:
        await search(driver, "#")
        assert listed(driver) == ["nothing is open, or it has no result yet"]
        await driver.press("ctrl+u", *"help", "enter")
        await driver.until_text("What you see")


async def test_on_another_screen_the_palette_has_what_works_everywhere(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("b")
        await driver.until_text("search:")
        await driver.press("ctrl+p")
        await driver.until(lambda: isinstance(driver.app.screen, PaletteScreen))
        titles = {line.split()[1] for line in listed(driver)}
        assert titles == {"Theme", "Screenshot", "Quit", "Light", "Dark"}


async def test_the_palette_of_textual_lies_behind_theme(demo: Path) -> None:
    async with running(demo) as driver:
        await search(driver, ">theme")
        await driver.press("enter")
        await driver.until_text("textual-light")


async def test_the_words_light_dark_and_theme_find_what_they_say(demo: Path) -> None:
    async with running(demo) as driver:
        await search(driver, "theme")
        assert listed(driver)[0].startswith("command  Theme ")
        await driver.press("escape")
        for shade in ("light", "dark"):
            await search(driver, shade)
            assert listed(driver)[0].startswith(f"command  {shade.title()} theme")
            await driver.press("enter")
            await driver.until(lambda shade=shade: driver.app.theme == f"textual-{shade}")  # type: ignore[misc]


async def test_a_damaged_target_is_told_in_the_palette(demo: Path, tmp_path: Path) -> None:
    path = tmp_path / "k.btf"
    path.write_bytes(build_btf_bytes(struct("task_struct", ("pid", INT, 0), size=4)))
    async with running(demo, targets=[str(path)]) as driver:
        good = driver.workbench.session.good
        assert good is not None
        good.targets[0].forget()
        path.write_bytes(b"\x9f\xeb\x01\x00")
        await driver.press("ctrl+p")
        await driver.until_text("unreadable")
        await driver.press("ampersand", "x")
        assert "k.btf" in "\n".join(listed(driver))


HOSTILE = "a[@click=app.quit]x[/]\x1b[2J\u202e日本e\u0301"


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_hostile_names_are_text_in_lists_and_previews(tmp_path: Path, size: tuple[int, int]) -> None:
    path, kernel = tmp_path / "x.o", tmp_path / "[red]k\x1b[2J.btf"
    local = struct(HOSTILE, ("m[/]" + "n" * 10_000, INT, 0), size=4)
    path.write_bytes(build_object((local,), (Record(CoreReloKind.FIELD_BYTE_OFFSET, HOSTILE, "0:0", 0),)))
    kernel.write_bytes(build_btf_bytes(local))
    async with running(path, size=size, targets=[str(kernel)]) as driver:
        for query in ("#", ".", "&", "%", "a[@click"):
            await search(driver, query)
            shown = "[red]k␛[2J" if query == "%" else "a[@click=app.quit]x[/]␛[2J<U+202E>日本"
            assert any(shown in line for line in listed(driver)), query
            assert "[" in previewed(driver)
            text = driver.text
            assert not any(ord(char) < 0x20 or char == "\u202e" for char in text.replace("\n", ""))
            await driver.press("escape")
        assert not driver.app._exit


async def test_textuals_screenshot_is_a_command_too(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    async with running(demo) as driver:
        monkeypatch.setattr(driver.app, "deliver_screenshot", lambda: taken.append("taken"))
        await driver.press("ctrl+p", *"> screenshot")
        await driver.until(lambda: any("Screenshot" in line for line in listed(driver)))
        await driver.press("enter")
        await driver.until(lambda: taken)
        assert driver.app.is_running
