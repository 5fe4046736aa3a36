"""The columns of the offsets pane: in which order, under which names, how wide, and which are in view."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from rich.cells import cell_len

from btfview.tui.drawing import ELLIPSIS, Piece, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.views.rows import OffsetTable

_VERSION = re.compile(r"(?<![\w.])\d+\.\d+")
_GAP = 1
"""Cells between columns."""


class Arrangement(StrEnum):
    AS_GIVEN = ""
    BY_AGE = "columns by age"


class Columns:
    """The targets of *table*. A *position* is where a column stands, a *target* its index in the table."""

    def __init__(self, table: OffsetTable, arrangement: Arrangement = Arrangement.AS_GIVEN) -> None:
        count = len(table.columns)
        lines = [list(line) for line in table.lines] or [list(range(count))]
        self.targets: list[int] = [target for line in lines for target in line]
        if arrangement == Arrangement.AS_GIVEN:
            self.targets = list(range(count))
        self.positions = {target: position for position, target in enumerate(self.targets)}
        self.names = [visible(table.columns[target]) for target in self.targets]
        self.badges = [visible(table.badges[target]) for target in self.targets]
        # Digits or a dash; by way of sets, as a large table has the same few values over and over.
        self._values = [
            max(map(len, {row.cells[target].value for row in table.rows}), default=1)
            for target in self.targets
        ]
        older = {line[at]: line[at - 1] for line in lines for at in range(1, len(line))}
        self.older: list[int | None] = [
            None if (before := older.get(target)) is None else self.positions[before]
            for target in self.targets
        ]
        """For each position that of the kernel before it, of the same architecture."""
        self.left: list[int | None] = (
            [position - 1 if position else None for position in range(count)]
            if arrangement == Arrangement.AS_GIVEN
            else self.older
        )
        """For each position the one whose values it is compared with: its left neighbour, which by age is of
        the same architecture."""
        self.widths: list[int] = []
        self.glyph_gap = " "
        """Stands between sign and value, where there is room for it."""
        self._shown_names: Sequence[tuple[str, str]] = ()
        """Two lines for each target."""
        self.window = range(0)
        """The positions in view."""

    def __len__(self) -> int:
        return len(self.targets)

    def fit(self, room: int) -> None:
        """Choose the widths for *room* cells: whole names where they fit, else what tells them apart."""
        short = short_names(self.names)
        for names, gap in (([(name, "") for name in self.names], " "), (short, " "), (short, "")):
            self.glyph_gap = gap
            self._shown_names = [
                (f"{name}?" if badge else name, rest)
                for (name, rest), badge in zip(names, self.badges, strict=True)
            ]
            self.widths = [
                max(1 + len(gap) + width, cell_len(name), cell_len(rest)) + _GAP
                for width, (name, rest) in zip(self._values, self._shown_names, strict=True)
            ]
            if sum(self.widths) <= room:
                break

    @property
    def least_width(self) -> int:
        """The cells of all columns under their short names, sign and value apart."""
        return sum(
            max(2 + width, cell_len(name) + bool(badge), cell_len(rest)) + _GAP
            for width, (name, rest), badge in zip(
                self._values, short_names(self.names), self.badges, strict=True
            )
        )

    def bring_into_view(self, position: int, room: int) -> None:
        """Choose the columns in view: whole ones, as many as fit, *position* among them."""
        count = len(self.widths)
        first = min(self.window.start, position)
        while first < position and not self._fits(first, position + 1, room):
            first += 1
        stop = position + 1
        while stop < count and self._fits(first, stop + 1, room):
            stop += 1
        while first > 0 and self._fits(first - 1, stop, room):  # there is room for more at the left
            first -= 1
        self.window = range(first, min(stop, count))

    def _fits(self, first: int, stop: int, room: int) -> bool:
        hidden = (first > 0) + (stop < len(self.widths))  # a cell for the ellipsis of each
        return sum(self.widths[first:stop]) + hidden <= room

    def in_window(self, pieces: Sequence[Piece], edge: str = ELLIPSIS) -> tuple[Piece, ...]:
        """Return *pieces*, one for each column in view, with *edge* where columns are hidden."""
        shown = list(pieces)
        if self.window.start > 0:
            shown.insert(0, (edge, "dim"))
        if self.window.stop < len(self.widths):
            shown.append((edge, "dim"))
        return tuple(shown)

    def heading_pieces(self, chosen: int) -> list[tuple[Piece, ...]]:
        """Return one or two lines of names, that of position *chosen* marked."""
        parts = (0, 1) if any(rest for _, rest in self._shown_names) else (0,)
        return [
            self.in_window(
                [
                    (
                        right(self._shown_names[position][part], self.widths[position]),
                        "active" if position == chosen else "",
                    )
                    for position in self.window
                ],
                ELLIPSIS if part == 0 else " ",
            )
            for part in parts
        ]

    def position_at(self, x: int) -> int | None:
        """Return the column in view *x* cells from where the columns begin; None beside them."""
        left = int(self.window.start > 0)
        for position in self.window:
            if left <= x < left + self.widths[position]:
                return position
            left += self.widths[position]
        return None


def right(text: str, width: int) -> str:
    """Return *text* at the right edge of *width* cells."""
    return " " * (width - cell_len(text)) + text


def short_names(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return for each of *names* its first two words, and the words that tell it from others with the same.
    What stands before a version counts as if it stood behind.

    >>> short_names(["6.1.0-56-amd64", "7.2.9-amd64", "7.2.38-amd64", "7.2.38-arm64", "my-7.4-amd64"])
    [('6.1', ''), ('7.2', '9'), ('7.2', '38-amd64'), ('7.2', '38-arm64'), ('7.4', '')]
    """
    words = [re.findall(r"[.\-_+ ]*[^.\-_+ ]+", _version_first(name)) or [name] for name in names]
    return [_short_name(parts, words) for parts in words]


def _version_first(name: str) -> str:
    found = _VERSION.search(name)
    at = found.start() if found else 0
    return f"{name[at:]}-{name[:at].rstrip('-_ ')}" if at else name


def _short_name(parts: list[str], all_words: Sequence[list[str]]) -> tuple[str, str]:
    rivals = [other for other in all_words if other[:2] == parts[:2] and other != parts]
    rest = ""
    for position in range(2, len(parts)):
        alike = [other for other in rivals if other[position : position + 1] == [parts[position]]]
        if len(alike) < len(rivals):
            rest += parts[position]
            rivals = alike
    return "".join(parts[:2]), rest.lstrip(".-_+ ")
