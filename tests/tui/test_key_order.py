"""Keys that come faster than the screen deals with them do what they do one by one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.events import Key

from tests.tui.screen import KERNELS, Driver, running


async def type_at_once(driver: Driver, keys: list[str]) -> None:
    """Type *keys* as a slow line brings them, and wait until the last has been dealt with."""
    for key in keys:
        driver.app.post_message(Key(key, key if len(key) == 1 else None).set_sender(driver.app))
    taken = asyncio.Event()
    driver.app.call_later(taken.set)
    await taken.wait()
    await driver.until(lambda: not driver.app.key_order.is_busy)


@pytest.mark.parametrize(
    "keys",
    [
        ["4", "G", "5", "home", "j", "right_square_bracket", "4", "slash", *"weight", "enter"],
        ["5", "j", "j", "l", "4", "j", "slash", *"load", "enter", "n", "5", "l"],
        ["2", "G", "1", "g", "j", "colon", "2", "4", "enter", "4", "k"],
    ],
    ids=["a-search", "columns", "a-line"],
)
async def test_keys_at_once_end_where_they_end_one_by_one(demo: Path, keys: list[str]) -> None:
    ends = []
    for at_once in (False, True):
        async with running(demo, targets=KERNELS[:3]) as driver:
            if at_once:
                await type_at_once(driver, keys)
            else:
                await driver.press(*keys)
            await driver.settled()
            bench = driver.workbench
            focused = bench.focused
            assert focused is not None
            ends.append(
                (bench.session.selection, focused.id, [bench.pane(name).cursor for name in bench.panes])
            )
    assert ends[0] == ends[1]
