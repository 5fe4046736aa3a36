"""Scripts of keys: ``]]<down><wait 0.5>/vruntime<enter>``."""

from __future__ import annotations

import re

from btfview.diagnostics import short_line
from btfview.errors import UsageError
from btfview.frozen import frozen

_ARROWS = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_TILDE = {"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6, "f5": 15, "f6": 17, "f7": 18, "f8": 19}
KEYS: dict[str, str] = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "space": " ",
    "backspace": "\x7f",
    "lt": "<",
    **{name: f"\x1b[{letter}" for name, letter in _ARROWS.items()},
    **{f"shift+{name}": f"\x1b[1;2{letter}" for name, letter in _ARROWS.items()},
    **{f"ctrl+{name}": f"\x1b[1;5{letter}" for name, letter in _ARROWS.items()},
    **{name: f"\x1b[{number}~" for name, number in _TILDE.items()},
    **{f"f{number}": f"\x1bO{letter}" for number, letter in enumerate("PQRS", start=1)},
    **{f"ctrl+{letter}": chr(ord(letter) - 0x60) for letter in "abcdefghjklnopqrstuvwxyz"},
}
"""Names, and what a terminal of xterm's kind sends for them (xterm: "Control Sequences", PC-style keys).
Without ``ctrl+i`` and ``ctrl+m``, which are tab and enter."""
_TOKEN = re.compile(r"<([^<>]*)>|(.)", re.DOTALL)
FIRST_PACE = 0.6
"""Seconds before each key, unless the script says otherwise."""
_MAX_SECONDS = 600.0
_MAX_UNKNOWN = 10
"""Keys that one message names."""


@frozen
class KeyPress:
    """One key."""

    name: str
    """As it is written in the script."""
    text: str
    """What the terminal sends."""


@frozen
class Wait:
    """A pause, while which the screen is watched."""

    seconds: float


@frozen
class Pace:
    """From here on, so many seconds before each key."""

    seconds: float


@frozen
class WaitForText:
    """Until that text is shown."""

    text: str
    where: str
    """The place in the script, for an error."""


@frozen
class Caption:
    """From here on, what is shown is called so."""

    text: str


Step = KeyPress | Wait | Pace | WaitForText | Caption


def parse_keys(script: str, where: str = "--keys") -> tuple[Step, ...]:
    """Return the steps of *script*: characters stand for themselves, names in angle brackets for other keys
    (``<lt>`` is ``<``), ``<wait S>`` for a pause, ``<pace S>`` for the time before each key from there on.
    Line ends mean nothing.

    >>> parse_keys("]<down>")
    (KeyPress(name=']', text=']'), KeyPress(name='down', text='\\x1b[B'))

    Raises:
        UsageError: keys are unknown; it names *where*, and the first of them.
    """
    steps: list[Step] = []
    unknown: list[str] = []
    for match in _TOKEN.finditer(script):
        name, char = match[1], match[2]
        if char is not None:
            if char == "<":
                raise UsageError(
                    f"{where}: the < at character {match.start() + 1} is not closed; for < write <lt>"
                )
            if char not in "\r\n":
                steps.append(KeyPress(char, char))
        elif (text := KEYS.get(name.lower())) is not None:
            steps.append(KeyPress(name.lower(), text))
        elif (timed := _timed(name)) is not None:
            steps.append(timed)
        else:
            unknown.append(f"<{short_line(name)}> at character {match.start() + 1}")
    if unknown:
        shown = ", ".join(unknown[:_MAX_UNKNOWN])
        more = f" and {len(unknown) - _MAX_UNKNOWN} more" if len(unknown) > _MAX_UNKNOWN else ""
        raise UsageError(
            f"{where}: unknown: {shown}{more}; there are <wait SECONDS>, <pace SECONDS>, and the keys "
            f"{' '.join(f'<{name}>' for name in KEYS if '+' not in name)} and <ctrl+LETTER>"
        )
    return tuple(steps)


def _timed(name: str) -> Step | None:
    word, _, number = name.strip().partition(" ")
    if word not in ("wait", "pace"):
        return None
    try:
        seconds = float(number)
    except ValueError:
        return None
    if not 0 <= seconds <= _MAX_SECONDS:
        return None
    return Wait(seconds) if word == "wait" else Pace(seconds)
