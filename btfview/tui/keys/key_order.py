"""Keys that come at once, as over a slow line, do what they do one by one.

Textual gives a key to the widget in focus, and looks at bindings when it has gone up from there through the
queue of each container. Keys of one pane keep their order so, and are drawn together. One that is for the
whole screen must not overtake what those before it say to the screen; those after one that moves the focus
must wait until it has done so.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from textual.events import Key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from typing import Any

    from textual.app import App
    from textual.events import Event
    from textual.message_pump import MessagePump

_PATIENCE = 1.0
"""Seconds after which keys are taken for dealt with, for a widget on their way may be gone."""
_LEAVING = {"enter", "escape", "tab", "shift+tab"}
"""Keys after which the focus may be elsewhere, that no binding says so of."""


class KeyOrder:
    """What is typed into *app*, which has *dispatch* to begin with a key or a paste."""

    def __init__(self, app: App[Any], dispatch: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._dispatch = dispatch
        self._waiting: deque[Event] = deque()
        self._last = ""
        """The key that was begun with last."""
        self._follows = 0
        """How often it was waited until keys had been dealt with."""
        self.is_busy = False
        """Whether it is waited for that now."""

    async def take(self, event: Event) -> None:
        """Begin with *event*, or keep it until its turn comes."""
        self._waiting.append(event)
        await self._go_on(is_behind=False)

    def press_again(self, keys: Iterable[Key]) -> None:
        """Press *keys*, which were taken too early, before all that wait."""
        self._waiting.extendleft(reversed([Key(key.key, key.character) for key in keys]))
        self._app.call_later(partial(self._go_on, is_behind=False))

    async def _go_on(self, *, is_behind: bool) -> None:
        """Begin with what waits; *is_behind*: all before it has been dealt with."""
        while self._waiting and not self.is_busy:
            if not is_behind and self._overtakes(self._waiting[0]):
                self._follow()
                return
            event = self._waiting.popleft()
            event.set_sender(self._app)
            self._last = event.key if isinstance(event, Key) else ""
            await self._dispatch(event)
            is_behind = False
            if self._last in _LEAVING:
                self._follow()

    def _overtakes(self, event: Event) -> bool:
        """Whether *event* is a key that not the widget in focus deals with; the same key again does not
        overtake itself."""
        focused = self._app.focused
        if not isinstance(event, Key) or event.key == self._last or focused is None:
            return False
        if focused.check_consume_key(event.key, event.character):
            return False
        for node, bindings in self._app.screen._binding_chain:
            if event.key in bindings.key_to_bindings:
                return node is not focused
        return False

    def _follow(self) -> None:
        """Go the way of the keys before, behind them in each queue; twice, as what they do is told the same
        way; and go on then."""
        self.is_busy = True
        self._follows += 1
        node = self._app.focused or self._app.screen
        self._app.set_timer(_PATIENCE, partial(self._dealt_with, self._follows))
        self._step(self._follows, (node, *node.ancestors) * 2)

    def _step(self, number: int, nodes: Sequence[MessagePump]) -> None:
        if not (nodes and nodes[0].call_later(self._step, number, nodes[1:])):
            self._app.call_later(self._dealt_with, number)

    async def _dealt_with(self, number: int) -> None:
        if self.is_busy and number == self._follows:
            self.is_busy = False
            await self._go_on(is_behind=True)
