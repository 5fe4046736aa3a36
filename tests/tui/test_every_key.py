"""Every key of every screen, and every command of the palette, pressed; what the user sees is compared."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from textual.binding import Binding

from btfview import tui
from btfview.keymap.table import KEYS
from btfview.tui.screens.palette import PaletteScreen
from tests.paths import DEMO
from tests.tui.screen import Driver, running
from tests.tui.test_palette import listed
from tests.tui.tours import TOURS, Step, Tour


def classes_with_keys() -> dict[str, dict[str, str]]:
    """Return the keys that each class of the screen binds itself, with their actions."""
    found = {}
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if not isinstance(value, type) or value.__module__ != module.name:
                continue
            if bound := value.__dict__.get("BINDINGS"):
                assert all(isinstance(one, Binding) for one in bound)
                found[name] = {key: one.action for one in bound for key in one.key.split(",")}
            if {"on_key", "_on_key"} & set(vars(value)):
                found.setdefault(name, {}).update(dict.fromkeys(TAKEN[name], ""))
    return found


TAKEN = {
    "AskScreen": ("escape", "d"),
    "FieldList": (),
    "QueryLine": ("backspace", "ctrl+u"),
    "SearchBar": ("enter", "escape", "backspace", "ctrl+u"),
    "SourceEditor": ("escape", "ctrl+s", "f8"),
}
"""Keys that a class takes by itself while it has the focus, besides those that print."""
KEYS_OF = classes_with_keys()
IN_A_TERMINAL = {"BtfviewApp"}
"""Its keys need a real terminal, in which ``test_terminal`` presses them."""
QUIT = ("WorkbenchScreen", "q")
"""Nothing is seen after it: ``test_dialogues.test_q_quits``."""
COMMANDS = {key: one.help.partition(";")[0] for one in KEYS for key in one.keys.split(",")}
"""How each key of the workbench is called in the palette."""


def test_every_class_with_keys_has_a_tour() -> None:
    assert sorted(name for names in TOURS for name in names) == sorted(KEYS_OF.keys() - IN_A_TERMINAL)


@pytest.mark.parametrize("names", TOURS, ids="-".join)
async def test_every_key_does_what_its_tour_says(
    names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor")
    monkeypatch.chdir(tmp_path)
    pressed: set[tuple[str, str]] = set()
    for tour in TOURS[names]:
        pressed |= await walk(tour, tmp_path)
    missing = {(name, key) for name in names for key in KEYS_OF[name]} - pressed - {QUIT}
    assert not missing, "no step of the tour presses these"


@pytest.mark.parametrize("tour", range(len(TOURS["WorkbenchScreen",])))
async def test_every_command_of_the_palette_does_what_its_key_does(
    tour: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor")
    monkeypatch.chdir(tmp_path)
    await walk(TOURS["WorkbenchScreen",][tour], tmp_path, by_palette=True)


async def walk(tour: Tour, folder: Path, *, by_palette: bool = False) -> set[tuple[str, str]]:
    """Take *tour*; return the classes and the keys of theirs that were pressed where they are bound to what
    that class binds them to."""
    demo = (DEMO / "sched.rs").read_text()
    for other in ("a.rs", "b.rs", "z.rs", "notes.txt"):
        (folder / other).write_text(demo)
    path = folder / "sched.rs"
    path.write_text(tour.program or demo)
    pressed: set[tuple[str, str]] = set()
    async with running(path, size=tour.size, is_fresh=True) as driver:
        for step in tour.steps:
            if step.hides:  # behind a dialogue that has just come it may be drawn a frame later
                await driver.comes(lambda hides=step.hides: re.search(hides, driver.text))  # type: ignore[misc]
            before = driver.text
            assert not (step.shows and re.search(step.shows, before)), f"{step}: there before\n{before}"
            if step.edit is not None:
                text = path.read_text()
                assert step.edit[0] in text
                path.write_text(text.replace(*step.edit))
            for key in step.keys.split():
                pressed |= {(name, key) for name in KEYS_OF if acts(driver, name, key)}
                is_typed = type(driver.app.focused).__name__ in TAKEN
                if by_palette and not is_typed and acts(driver, "WorkbenchScreen", key) and key in COMMANDS:
                    await choose(driver, COMMANDS[key])
                else:
                    await driver.press(key)
            await seen(driver, step)
            driver.app.clear_notifications()
            await driver.settled()
    return pressed


def acts(driver: Driver, name: str, key: str) -> bool:
    """Tell whether *key* now does what class *name* has it for."""
    action = KEYS_OF[name].get(key)
    if action is None:
        return False
    classes = {type(driver.app.focused), type(driver.app.screen)}
    if not action:
        return name in {one.__name__ for one in classes}
    active = driver.app.screen.active_bindings.get(key)
    if active is None or active.binding.action.removeprefix("screen.") != action.removeprefix("screen."):
        return False
    # ``g`` is bound anew by the panes that have fields, since in other lists it goes to the first line.
    nodes = {one.__name__ for one in type(active.node).__mro__}
    return name == "WorkbenchScreen" or name in nodes | {type(driver.app.screen).__name__}


async def choose(driver: Driver, title: str) -> None:
    """Run a command from the palette."""
    driver.app.open_palette(f"> {title}")
    await driver.comes(lambda: isinstance(driver.app.screen, PaletteScreen) and driver.app.screen.is_mounted)
    screen = driver.app.screen
    assert isinstance(screen, PaletteScreen)
    await driver.comes(lambda: title in "".join(listed(driver)[:1]))
    await driver.press("enter")
    await driver.comes(lambda: driver.app.screen is not screen)


async def seen(driver: Driver, step: Step) -> None:
    """Wait for what *step* says, and until no work is under way."""
    try:
        if step.shows:
            await driver.comes(lambda: re.search(step.shows, driver.text), seconds=10)
        if step.hides:
            await driver.comes(lambda: not re.search(step.hides, driver.text), seconds=10)
    except AssertionError as error:
        raise AssertionError(f"{step}: {error}") from None
