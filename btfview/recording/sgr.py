"""Say no style twice: what Textual writes for a terminal names every colour anew for each word."""

from __future__ import annotations

import re

_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_MOVES = re.compile(r"(?:\r|\x1b\[[0-9;]*H|\n(?=\x1b\[[0-9;]*H))*")
"""Of the cursor: a line feed only where a place follows, since at the bottom it scrolls."""


class StyleWriter:
    """Text with the same look and fewer style sequences (SGR; ECMA-48 8.3.117), piece after piece.

    >>> StyleWriter().write("\\x1b[31;1ma\\x1b[0m\\x1b[31;1mb\\x1b[0m\\x1b[31mc")
    '\\x1b[31;1mab\\x1b[0;31mc'
    """

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}
        """What the terminal has, by what it is: ``38`` the colour, ``48`` the background, else the code."""

    def write(self, text: str) -> str:
        """Return *text* rewritten; a style that nothing is written in is left out."""
        parts, wanted = [], dict(self._shown)
        for index, piece in enumerate(_SGR.split(text)):
            if index % 2:
                wanted = _applied(wanted, piece.split(";"))
            elif _MOVES.fullmatch(piece):
                parts.append(piece)  # leaves no trace, so it needs no style
            else:
                parts += [self._change(wanted), piece]
        return "".join([*parts, self._change(wanted)])

    def _change(self, wanted: dict[str, str]) -> str:
        """Return the sequence that leads from what is shown to *wanted*."""
        if wanted == self._shown:
            return ""
        is_less = not wanted.keys() >= self._shown.keys()
        new = [code for what, code in wanted.items() if is_less or self._shown.get(what) != code]
        self._shown = dict(wanted)
        return f"\x1b[{';'.join([*(['0'] if is_less else []), *new])}m"


def _applied(style: dict[str, str], codes: list[str]) -> dict[str, str]:
    """Return *style* after the parameters *codes* of one sequence."""
    style, at = dict(style), 0
    while at < len(codes):
        code = codes[at]
        if code in ("", "0"):
            style, size = {}, 1
        elif code in ("38", "48"):
            size = {"2": 5, "5": 3}.get(codes[at + 1] if at + 1 < len(codes) else "", 1)
            style[code] = ";".join(codes[at : at + size])
        else:
            number, size = int(code), 1
            if number in (39, 49):
                style.pop("38" if number == 39 else "48", None)
            elif 30 <= number <= 37 or 90 <= number <= 97:
                style["38"] = code
            elif 40 <= number <= 47 or 100 <= number <= 107:
                style["48"] = code
            else:
                style[code] = code
        at += size
    return style
