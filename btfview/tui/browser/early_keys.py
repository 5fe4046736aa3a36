"""Keys that were pressed before what they are meant for was there, pressed again when it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.message_pump import MessagePump
    from textual.screen import Screen


async def press_again(screen: Screen[None], held: Sequence[Key]) -> None:
    """Press the keys *held*, each when the one before it has been dealt with."""
    if held:
        key = Key(held[0].key, held[0].character)
        key.set_sender(screen.app)  # from the screen it would not go on to the screen
        await screen.app.on_event(key)
        focused = screen.focused or screen
        _wait_for(screen, (focused, *focused.ancestors), held[1:])


def _wait_for(screen: Screen[None], nodes: Sequence[MessagePump], held: Sequence[Key]) -> None:
    """Press *held* once the last key has gone through *nodes*: bindings are looked at where it ends."""
    if nodes:
        nodes[0].call_later(_wait_for, screen, nodes[1:], held)
    else:
        screen.call_later(press_again, screen, held)
