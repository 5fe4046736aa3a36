"""The terminal is asked for its background (OSC 11 of xterm), so that a light one gets the light theme.

Nothing waits for the answer: it may come before the first frame, long after, or never. Whenever it comes it
is taken out of what the keyboard sends, since Textual's parser would take its letters for keys.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterable

QUESTION = "\x1b]11;?\x1b\\"
PATIENCE = 2.0
"""Seconds after which an answer changes nothing any more: the user has got used to what is there."""
_ANSWER = re.compile(r"\x1b\]1[01];([^\x07\x1b]{0,80})(?:\x07|\x1b\\)")
_BEGUN = re.compile(r"\x1b\]1[01];[^\x07\x1b]{0,80}\x1b?\Z")
"""An answer of which the rest is still under way."""
_COLOR = re.compile(r"rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})")


class BackgroundTold(Message):
    """The terminal has said what its background is."""

    def __init__(self, *, is_light: bool) -> None:
        super().__init__()
        self.is_light = is_light


def read_background(answer: str) -> bool | None:
    """Return whether a colour as terminals write it is light; None where it is none.

    >>> read_background("rgb:ffff/fafa/f0f0"), read_background("rgb:1e/1e/2e"), read_background("?")
    (True, False, None)
    """
    match = _COLOR.match(answer)
    if match is None:
        return None
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in match.groups())
    return bool(0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5)


class AnswerParser(XTermParser):
    """Textual's parser of what comes from the terminal, answers to :data:`QUESTION` taken out."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._held = ""

    def feed(self, data: str) -> Iterable[Message]:
        if not data:  # the end
            yield from super().feed(data)
            return
        data, self._held = self._held + data, ""
        for match in _ANSWER.finditer(data):
            is_light = read_background(match[1])
            if is_light is not None:
                yield BackgroundTold(is_light=is_light)
        data = _ANSWER.sub("", data)
        if begun := _BEGUN.search(data):
            data, self._held = data[: begun.start()], begun[0]
        if data:
            yield from super().feed(data)


class AskingDriver(LinuxDriver):
    """Textual's driver, with our parser."""

    def run_input_thread(self) -> None:
        # The thread makes its parser by this name; there is no other way in.
        vars(linux_driver)["XTermParser"] = AnswerParser
        super().run_input_thread()
