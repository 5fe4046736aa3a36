"""Scripts of keys in files, a step a line, read for ``btfview record`` and ``btfview play``.

A line is keys (:mod:`.key_script`), or begins with a word of :data:`WORDS` and a space; ``#`` begins a
comment. A file of keys alone is a script, too.
"""

from __future__ import annotations

import os
import re

from btfview.btf.format.spelling import visible
from btfview.configuration.themes import THEMES
from btfview.diagnostics import short_line
from btfview.errors import UsageError
from btfview.frozen import frozen, replace
from btfview.source import read_source

from .key_script import FIRST_PACE, Caption, Pace, Step, Wait, WaitForText, parse_keys

WORDS = {
    "open": "open FILE",
    "target": "target KERNEL",
    "size": "size COLSxROWS",
    "theme": "theme NAME",
    "caption": "caption TEXT",
    "wait": "wait TEXT",
}
"""What a line may begin with, and how it is written."""
SMALLEST, LARGEST = (20, 5), (500, 200)
"""Sizes of a screen, in columns and lines."""
_WORD = re.compile(r"([a-z]{3,})(?:\s+(.*))?")
"""Of a line with more words than one: a space to type is ``<space>`` there."""


@frozen
class KeyScript:
    """What is to be done on a screen, and on which."""

    steps: tuple[Step, ...]
    file: str = ""
    """The source or object to show, from where the script is read; empty where it names none."""
    targets: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    """Columns and lines; None where it does not matter."""
    theme: str = ""

    @property
    def has_captions(self) -> bool:
        return any(isinstance(step, Caption) for step in self.steps)

    def at_speed(self, speed: float) -> KeyScript:
        """Return the same, its pauses and the time before each key divided by *speed*.

        >>> KeyScript((Wait(3.0),)).at_speed(2).steps
        (Pace(seconds=0.3), Wait(seconds=1.5))
        """
        steps = (Pace(FIRST_PACE), *self.steps)
        return replace(
            self,
            steps=tuple(
                replace(one, seconds=one.seconds / speed) if isinstance(one, Pace | Wait) else one
                for one in steps
            ),
        )


def read_script(path: str) -> KeyScript:
    """Return the script in the file *path*; files that it names are looked for beside it.

    Raises:
        UsageError: a line says nothing that can be done; it names the file and the line.
        InputError: the file cannot be read, is no text, or is too large.
    """
    steps: list[Step] = []
    said: dict[str, str] = {}
    targets: list[str] = []
    folder = os.path.dirname(path)
    for number, written in enumerate(read_source(path).text.splitlines(), start=1):
        line, where = written.strip(), f"{path}:{number}"
        if not line or line.startswith("#"):
            continue
        found = _WORD.fullmatch(line)
        word, text = (found[1], found[2]) if found else ("", "")
        if word not in WORDS:
            if text:
                raise UsageError(
                    f'{where}: "{short_line(word)}" is no step; there are {", ".join(WORDS.values())}, '
                    "and keys, among which a space is <space>"
                )
            steps += parse_keys(line, where)
        elif not text:
            raise UsageError(f'{where}: write "{WORDS[word]}"; for the keys themselves <pace 0.6>{word}')
        elif word == "caption":
            steps.append(Caption(visible(text)))
        elif word == "wait":
            steps.append(WaitForText(text, where))
        elif word == "target":
            targets.append(_beside(text, folder))
        elif word in said:
            raise UsageError(f"{where}: {word} is said a second time")
        else:
            said[word] = _checked(word, text, where)
    return KeyScript(
        tuple(steps),
        os.path.join(folder, said["open"]) if "open" in said else "",
        tuple(targets),
        parse_size(said["size"], "") if "size" in said else None,
        said.get("theme", ""),
    )


def parse_size(text: str, where: str) -> tuple[int, int]:
    """Return columns and lines, of ``160x50``.

    Raises:
        UsageError: it is no size, or none that can be shown; *where* it stands is named.
    """
    columns, _, lines = text.partition("x")
    if columns.isdecimal() and lines.isdecimal():
        size = int(columns), int(lines)
        if all(low <= one <= high for low, one, high in zip(SMALLEST, size, LARGEST, strict=True)):
            return size
    least, most = ("x".join(map(str, one)) for one in (SMALLEST, LARGEST))
    raise UsageError(f"{where} {short_line(text)}: write COLSxROWS, such as 160x50, from {least} to {most}")


def _checked(word: str, text: str, where: str) -> str:
    if word == "size":
        parse_size(text, f"{where}: size")
    if word == "theme" and text not in THEMES:
        raise UsageError(f'{where}: no theme is called "{short_line(text)}"; there are {", ".join(THEMES)}')
    return text


def _beside(target: str, folder: str) -> str:
    """Return the file of that name in *folder*; where none is, what else targets are named by."""
    path = os.path.join(folder, target)
    return path if os.path.exists(path) else target
