"""The type browser, driven by keys. Offsets are those of ``pahole -C`` on the whole kernels."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.palette.type_index import first_types, type_index_of
from btfview.tui.browser.field_list import FieldList
from btfview.tui.browser.screen import TypesScreen
from btfview.tui.widgets.query_line import QueryLine
from tests.btf.build import INT, build_btf, struct
from tests.tui.screen import KERNELS, SMALL, Driver, running

OLD, NEW = KERNELS


async def browse(driver: Driver, *keys: str) -> TypesScreen:
    """Open the browser, and wait for the names."""
    await driver.press("b")
    await driver.until_text("search:")
    screen = driver.app.screen
    assert isinstance(screen, TypesScreen)
    await driver.until(lambda: screen._finder is not None)
    await driver.press(*keys)
    return screen


def cursor_line(driver: Driver) -> str:
    shown = driver.app.screen.query_one(FieldList)
    return "".join(text for text, _ in shown.line(shown.cursor).pieces)


def columns(driver: Driver, at: int | None = None) -> list[str]:
    """The words of a line of the list, by default that of the cursor, without the sign of a fold."""
    shown = driver.app.screen.query_one(FieldList)
    return shown.text(shown.cursor if at is None else at).replace("▾", " ").replace("▸", " ").split()


async def test_search_finds_names_as_they_are_typed(demo: Path) -> None:
    async with running(demo) as driver:
        await browse(driver, *"task_str")
        assert "struct    task_struct" in driver.text
        assert "1 of " not in driver.lines[0] or f"Types of {OLD}" in driver.lines[0]
        assert cursor_line(driver).startswith("struct    task_struct ")
        await driver.press("backspace", "x")
        await driver.until_text("no name of")
        await driver.press("ctrl+u", *"tskstrct")
        assert "task_struct" in driver.text, "letters in their order are enough"


async def test_the_first_types_stand_there_before_all_names_are_read(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TypesScreen, "_read", lambda _screen, _target: None)  # as if it took for ever
    async with running(demo) as driver:
        await driver.press("b")
        await driver.until_text("search:")
        first = [line.split()[1] for line in driver.pane("choices") if "struct " in line][:2]
        names = [hit.name for hit in first_types(driver.workbench.session.targets[0].btf)]
        assert first == names[:2]
        await driver.press("down", "enter")
        await driver.until_text(f"{names[1]} [")


async def test_an_error_of_our_own_while_names_are_read_leaves_the_screen_up(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from btfview.tui.browser import screen

    def broken(*args: object) -> object:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(screen, "type_index_of", broken)
    async with running(demo) as driver:
        await driver.press("b", *"no such name")
        await driver.until(
            lambda: (
                driver.app.screen.query_one(FieldList).empty_text
                == "internal error: ZeroDivisionError: on purpose"
            )
        )
        await driver.press("escape")
        await driver.until_text("▲ 208")


async def test_what_was_moved_to_meanwhile_stays(demo: Path) -> None:
    async with running(demo) as driver:
        screen = await browse(driver)
        await driver.press("down", "down")
        here = cursor_line(driver)
        screen.post_message(screen.Ready(screen._targets[0], type_index_of(screen._targets[0].btf), ""))
        await driver.until_text(f"Types of {OLD}: ")
        assert cursor_line(driver) == here


async def test_enter_opens_a_type_and_follows_its_members(demo: Path) -> None:
    async with running(demo) as driver:
        await browse(driver, *"task_struct", "enter")
        await driver.until_text("struct task_struct [")
        # pahole on 6.1: se at 128, a struct of 256 bytes; in_iowait is bit 3 of the word at 2344.
        await move_to(driver, "se")
        assert columns(driver)[:3] == ["128", "256", "se"]
        await move_to(driver, "in_iowait")
        assert columns(driver)[:3] == ["2344:3", ":1", "in_iowait"]
        await move_to(driver, "mm")
        await driver.press("enter")
        await driver.until_text("struct mm_struct [")
        await driver.press("b")
        await driver.until_text("struct task_struct [")
        assert columns(driver)[2] == "mm", "back to where it was left"
        await driver.press("f")
        await driver.until_text("struct mm_struct [")
        await driver.press("backspace", "backspace")
        assert driver.app.screen.query_one(QueryLine).has_focus
        await driver.press("escape")
        assert not isinstance(driver.app.screen, TypesScreen)


async def test_another_target_stands_beside_with_the_differences_marked(demo: Path) -> None:
    async with running(demo) as driver:
        await browse(driver, *"sched_entity", "enter")
        await driver.until_text("struct sched_entity [")
        await driver.press("c")
        await driver.until_text(f"{OLD} beside {NEW}")
        rows = bare(driver)
        # vlag came in 6.6; vruntime moved from 80 to 112 by then.
        assert any(line.startswith("+ only there") and "vlag" in line for line in rows)
        assert any(line.split()[:4] == ["▲", "moved", "vruntime", "80"] and " 112 " in line for line in rows)
        await driver.press("c")
        assert "beside" not in driver.lines[0]


async def test_d_leaves_only_what_differs_and_x_swaps_the_two(demo: Path) -> None:
    async with running(demo) as driver:
        await browse(driver, *"sched_entity", "enter")
        await driver.until_text("struct sched_entity [")
        await driver.press("d")
        assert "c puts another target beside this one" in driver.text
        await driver.press("x")
        assert "there is nothing to swap" in driver.text
        await driver.press("c")
        await driver.until_text(f"{OLD} beside {NEW}")
        # pahole on both: load, a load_weight of 16 bytes at 0, is the same; vruntime moved.
        assert any(line.startswith("load ") for line in bare(driver))
        await driver.press("d")
        assert "only these are shown" in driver.text
        assert not any(line.startswith("load ") for line in bare(driver))
        assert any("moved" in line and "vruntime" in line for line in bare(driver))
        await driver.press("x")
        await driver.until_text(f"{NEW} beside {OLD}")
        assert any(line.startswith("- only here") and "vlag" in line for line in bare(driver))
        await driver.press("d")
        assert any(line.startswith("load ") for line in bare(driver))


async def test_both_targets_are_chosen_from_lists(demo: Path) -> None:
    third = "5.10.0-46-amd64"
    async with running(demo, targets=[*KERNELS, third]) as driver:
        await driver.press("full_stop")  # from the oldest, which is the third given
        await browse(driver, *"sched_entity", "enter")
        await driver.until_text("struct sched_entity [")
        await driver.press("C")
        await driver.until_text(f"{OLD} beside")
        await driver.press("end", "enter")
        await driver.until_text(f"{OLD} beside {third}")
        await driver.press("t")
        await driver.until_text("Types of")
        await driver.press("home", "j", "enter")
        await driver.until_text(f"{NEW} beside {third}")
        await driver.press("t", "end", "escape")
        await driver.until_text(f"{NEW} beside {third}")


async def test_holes_padding_and_cachelines_are_rows(demo: Path) -> None:
    async with running(demo) as driver:
        await browse(driver, *"sched_entity", "enter")
        await driver.until_text("struct sched_entity [")
        # pahole -C sched_entity on 6.1: a hole of 4 bytes behind on_rq (56, 4), the first boundary at 64.
        assert any(line.split() == ["60", "4", "(hole)"] for line in bare(driver))
        assert "cacheline" not in driver.text.split("esc close")[0].replace("K cachelines", "")
        await driver.press("K")
        assert any(line.split() == ["64", "(cacheline", "1)"] for line in bare(driver))
        await driver.press("c")
        await driver.until_text("beside")
        assert any("(hole)" in line for line in bare(driver))
        assert any("(cacheline 1)" in line for line in bare(driver))


async def test_tab_shows_the_same_type_of_the_next_target(demo: Path) -> None:
    async with running(demo) as driver:
        await browse(driver, *"sched_entity", "enter")
        await driver.until_text("struct sched_entity [")
        await driver.press("tab")
        await driver.until_text(f"bytes on {NEW}")
        assert any("vlag" in line for line in bare(driver))


async def test_names_from_a_file_are_text(demo: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.btf"
    names = ("[red]x[/]", "a\x1b[2J", "[@click=app.quit]q[/]", "right\u202eleft", "w" * 10_000)
    members = {name: (INT, 32 * at) for at, name in enumerate(names)}
    hostile.write_bytes(build_btf(struct("[bold]s\x1b", size=20, **members)).data)
    async with running(demo, targets=[str(hostile)], size=SMALL) as driver:
        await browse(driver, "s", "enter")
        await driver.until_text("struct [bold]s␛")
        assert "[red]x[/]" in driver.text
        assert "a␛[2J" in driver.text
        assert "[@click=app.quit]q[/]" in driver.text
        assert "right<U+202E>left" in driver.text
        await driver.press("down", "g")
        await driver.until_text("is no path to a field")
        assert "Code for [bold]s␛." in driver.text


async def test_without_a_target_it_says_what_to_do(demo: Path, tmp_path: Path) -> None:
    async with running(demo, targets=[str(tmp_path / "none.btf")]) as driver:
        await driver.press("b")
        await driver.until_text("no target is open")
        await driver.press("x", "enter", "c", "tab", "escape")
        assert not isinstance(driver.app.screen, TypesScreen)


def bare(driver: Driver) -> list[str]:
    return [line.strip("│ ▌▾▸") for line in driver.lines]


async def move_to(driver: Driver, name: str) -> None:
    """Put the cursor on the row of the member *name*."""
    shown = driver.app.screen.query_one(FieldList)
    at = next(at for at in range(shown.line_count) if columns(driver, at)[2:3] == [name])
    shown.place_cursor(at)
    await driver.pilot.pause()


@pytest.mark.parametrize("size", [(20, 5), (80, 24), (220, 60)])
async def test_it_fits_every_terminal(demo: Path, size: tuple[int, int]) -> None:
    async with running(demo, size=size) as driver:
        await browse(driver, *"page", "enter")
        await driver.until(lambda: driver.app.screen.query_one(FieldList).line_count > 5)
        assert all(len(line) <= size[0] for line in driver.lines)


# -- one mode at a time -----------------------------------------------------------------------------


async def test_one_mode_is_on_show_and_named(demo: Path) -> None:
    async with running(demo) as driver:
        await browse(driver, *"sched_entity")
        assert driver.lines[0].startswith(" Find  Types of ")
        await driver.press("enter")
        await driver.until(lambda: driver.lines[0].startswith(" Type  struct sched_entity ["))
        assert "search:" not in driver.text, "what was typed belongs to the other mode"
        await driver.press("c")
        await driver.until(lambda: driver.lines[0].startswith(" Compare  struct sched_entity ["))
        heads = [line.split() for line in driver.lines[1:3]]
        assert heads[0] == [OLD, "│", f"{NEW[:14]}…"]
        assert heads[1] == ["name", "offset", "size", "│", "offset", "size", "type"]
        await driver.press("escape")
        assert driver.lines[0].startswith(" Find  ")
        assert "search: sched_entity" in driver.text


async def test_a_path_finds_members_as_in_the_palette(demo: Path) -> None:
    async with running(demo) as driver:
        await browse(driver, *"task_struct.se.vrun")
        # pahole on 6.1: se at 128, vruntime at 80 of it.
        assert cursor_line(driver).split() == ["member", "task_struct.se.vruntime", "+208", "u64"]
        await driver.press("enter")
        await driver.until_text("struct task_struct [")
        assert columns(driver)[:3] == ["208", "8", "vruntime"]


async def test_a_search_in_a_type_finds_paths_and_types_in_what_is_folded(demo: Path) -> None:
    async with running(demo) as driver:
        await browse(driver, *"task_struct", "enter")
        await driver.until_text("struct task_struct [")
        await driver.press("minus")
        assert not any("vruntime" in line for line in bare(driver))
        await driver.press("slash", *"se.vrun")
        assert "/se.vrun▏  1 of 1" in driver.text
        await driver.press("enter")
        assert columns(driver)[:3] == ["208", "8", "vruntime"]
        await driver.press("slash", *"cgroup", "space", "c", "enter", "q")
        assert not isinstance(driver.app.screen, TypesScreen), "letters are of the query until it ends"


async def test_a_folded_struct_says_how_much_differs_in_it(demo: Path) -> None:
    async with running(demo) as driver:
        await browse(driver, *"sched_entity", "enter")
        await driver.until_text("struct sched_entity [")
        await driver.press("c")
        await driver.until_text("beside")
        await driver.press("minus")
        # group_node, a list_head, moved from 40 to 64: both of its pointers with it.
        assert any("▸ group_node" in line and "2 below differ" in line for line in bare(driver))


async def test_keys_that_come_before_the_names_are_read_are_not_lost(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TypesScreen, "_read", lambda _screen, _target: None)
    async with running(demo) as driver:
        await driver.press("b", *"sched_entity", "enter", "c", "slash", *"vrun", "enter")
        await driver.until_text("search: sched_entity")
        screen = driver.app.screen
        assert isinstance(screen, TypesScreen)
        target = screen._targets[0]
        screen.post_message(screen.Ready(target, type_index_of(target.btf), ""))
        await driver.until_text(f"{OLD} beside {NEW}")
        await driver.until(lambda: columns(driver)[:4] == ["+", "only", "there", "min_vruntime"])


async def test_it_opens_while_the_kernels_are_being_read(demo: Path) -> None:
    async with running(demo) as driver:
        targets = driver.workbench.session.targets
        driver.workbench.session.targets = ()
        driver.workbench.session.request()  # its answer never comes
        await driver.press("b", *"sched_entity", "enter")
        await driver.until_text("the kernels are being read")
        driver.workbench.session.targets = targets
        driver.workbench.writing.targets_changed()
        await driver.until_text("struct sched_entity [")


async def test_u_takes_back_what_was_written_from_here(demo: Path) -> None:
    before = demo.read_text()
    async with running(demo) as driver:
        await driver.press("2", "b")
        await driver.until_text("struct task_struct [")
        await driver.press("g")
        await driver.until_text("i inserts it")
        await driver.press("i")
        await driver.until(lambda: demo.read_text() != before)
        await driver.press("u")
        await driver.until(lambda: demo.read_text() == before)
        assert isinstance(driver.app.screen, TypesScreen)
