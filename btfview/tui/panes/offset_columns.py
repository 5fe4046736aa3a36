"""The columns of the offsets pane: of which kernels, in which order, under which names, how wide, and which
are in view."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from rich.cells import cell_len

from btfview.tui.drawing import ELLIPSIS, Piece, crop, visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from btfview.views.rows import OffsetTable

_VERSION = re.compile(r"(?<![\w.])\d+\.\d+")
_GAP = 1
"""Cells between columns."""
_TO = "\N{EN DASH}"
_MOST_NAMES = 8192
"""Kernels whose names are kept in words: each answer of thousands brings them again."""
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Arrangement(StrEnum):
    BY_AGE = ""
    """Architecture by architecture, from old to new; kernels with the same answers in one column."""
    EVERY_KERNEL = "every kernel"
    AS_GIVEN = "kernels as given"


class Columns:
    """The targets of *table*, some in one column. A *position* is where a column stands, a *target* an index
    in the table; *opened* are the classes whose kernels have a column each."""

    def __init__(
        self,
        table: OffsetTable,
        arrangement: Arrangement = Arrangement.BY_AGE,
        opened: Collection[int] = (),
    ) -> None:
        count = len(table.columns)
        lines = table.lines or (tuple(range(count)),)
        self._table = table
        self.members: list[tuple[int, ...]] = []
        """The targets of each column, from old to new."""
        self._line_of: list[int] = []
        """The architecture of each column, by its number."""
        if arrangement == Arrangement.AS_GIVEN:
            self.members = [(target,) for target in range(count)]
            self._line_of = [0] * count
        else:
            is_open = arrangement == Arrangement.EVERY_KERNEL
            for number, line in enumerate(lines):
                for members in _columns_of(table, line, opened, is_open=is_open):
                    self.members.append(members)
                    self._line_of.append(number)
        self.has_lines = arrangement != Arrangement.AS_GIVEN and table.fates is not None and len(lines) > 1
        """Columns of one architecture follow each other."""
        self.positions = {target: at for at, members in enumerate(self.members) for target in members}
        self.names = [visible(name) for name in table.columns]
        """Of the targets."""
        self.badges = [visible(badge) for badge in table.badges]
        self._short: list[tuple[str, str]] = [("", "")] * count
        # Names must differ within an architecture, which is told above them.
        for targets in lines if self.has_lines else (range(count),):
            short = short_names([self.names[target] for target in targets])
            for target, name in zip(targets, short, strict=True):
                self._short[target] = name
        # Digits or a dash; by way of sets, as a large table has the same few values over and over.
        widths: dict[int, int] = {}
        self._values: list[int] = []
        for at in range(len(self.members)):
            cell = self.class_at(at)
            if cell not in widths:
                widths[cell] = max(map(len, {row.cells[cell].value for row in table.rows}), default=1)
            self._values.append(widths[cell])
        self.left = [
            at - 1 if at and self._line_of[at] == self._line_of[at - 1] else None
            for at in range(len(self.members))
        ]
        """For each position the one whose values it is compared with: its neighbour of the same
        architecture."""
        self.widths: list[int] = []
        self.glyph_gap = " "
        """Stands between sign and value, where there is room for it."""
        self._shown_names: Sequence[tuple[str, str]] = ()
        """Two lines for each position."""
        self._ends: list[int] = [0]
        """Cells up to each position, and of all."""
        self.window = range(0)
        """The positions in view."""
        self._spare = 0
        """Cells beside those, below 0 where one is cut."""

    def __len__(self) -> int:
        return len(self.members)

    def class_at(self, position: int) -> int:
        """Return which of a row's cells stands at *position*."""
        return self._table.class_of(self.members[position][0])

    def is_closed(self, position: int) -> bool:
        """Tell whether a column stands for several kernels."""
        return len(self.members[position]) > 1

    def fit(self, room: int) -> None:
        """Choose the widths for *room* cells: whole names where they fit, else what tells them apart."""
        for is_short, gap in ((False, " "), (True, " "), (True, "")):
            self.glyph_gap = gap
            self._shown_names = [self._name(at, is_short=is_short) for at in range(len(self.members))]
            self.widths = self._fitted_widths(gap)
            if sum(self.widths) <= room:
                break
        self._ends = [0, *accumulate(self.widths)]

    @property
    def least_width(self) -> int:
        """The cells of all columns under their short names, sign and value apart."""
        return sum(self._short_widths(" "))

    @property
    def least_room(self) -> int:
        """The cells in which any column is whole, between two signs that there are more."""
        return max(self._short_widths(""), default=0) + 2

    def _short_widths(self, gap: str) -> list[int]:
        before = self._shown_names
        self._shown_names = [self._name(at, is_short=True) for at in range(len(self.members))]
        try:
            return self._fitted_widths(gap)
        finally:
            self._shown_names = before

    def _fitted_widths(self, gap: str) -> list[int]:
        widths = [
            max(1 + len(gap) + width, cell_len(name), cell_len(rest)) + _GAP
            for width, (name, rest) in zip(self._values, self._shown_names, strict=True)
        ]
        if self.has_lines:  # the name of an architecture has room over its columns
            cells: dict[int, int] = {}
            for number, width in zip(self._line_of, widths, strict=True):
                cells[number] = cells.get(number, 0) + width
            for position, number in enumerate(self._line_of):
                widths[position] += max(0, cell_len(self._arch(number)) + 1 - cells[number])
                cells[number] = sys.maxsize  # once, at its first column
        return widths

    def _arch(self, number: int) -> str:
        fates = self._table.fates
        return (fates.lines[number].arch if fates else "") or "other"

    def _name(self, position: int, *, is_short: bool) -> tuple[str, str]:
        members = self.members[position]
        first, last = members[0], members[-1]
        sign = "?" if self.badges[first] else ""
        if len(members) == 1:
            name, rest = self._short[first] if is_short else (self.names[first], "")
            return f"{name}{sign}", rest
        oldest, newest = self._short[first], self._short[last]
        if oldest[0] == newest[0]:
            oldest, newest = (_joined(oldest), ""), (_joined(newest), "")
        count = str(len(members)).translate(_RAISED)
        has_gaps = self._has_gaps(position)
        if not is_short:
            return f"{oldest[0]} {',' if has_gaps else ELLIPSIS} {newest[0]} {count}", ""
        # Two lines, and no sign that says elsewhere that something is cut.
        return f"{oldest[0]}{sign}{',' if has_gaps else _TO}", f"{newest[0]} {count}"

    def _has_gaps(self, position: int) -> bool:
        fates = self._table.fates
        return fates is not None and fates.classes[self.class_at(position)].has_gaps

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
        start, stop = self.window.start, self.window.stop
        self._spare = room - (self._ends[stop] - self._ends[start] + (start > 0) + (stop < count))

    def _fits(self, first: int, stop: int, room: int) -> bool:
        hidden = (first > 0) + (stop < len(self.widths))  # a cell for the ellipsis of each
        return self._ends[stop] - self._ends[first] + hidden <= room

    def in_window(self, pieces: Sequence[Piece], edge: str = ELLIPSIS) -> tuple[Piece, ...]:
        """Return *pieces*, one for each column in view, with *edge* where columns are hidden."""
        shown = list(pieces)
        if self.window.start > 0:
            shown.insert(0, (edge, "dim"))
        if self.window.stop < len(self.widths):  # right behind a number it would say that that is cut
            shown.append((f" {edge}" if self._spare > 0 else edge, "dim"))
        return tuple(shown)

    def heading_pieces(self, chosen: int) -> list[tuple[Piece, ...]]:
        """Return the lines above the columns in view: architectures where there are several, and one or two
        of names, that of position *chosen* marked."""
        parts = (0, 1) if any(rest for _, rest in self._shown_names) else (0,)
        lines = [
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
        return [self.in_window(self._line_pieces(), " "), *lines] if self.has_lines else lines

    def _line_pieces(self) -> list[Piece]:
        """Return the architectures, each over its columns in view."""
        room: dict[int, int] = {}
        for position in self.window:
            number = self._line_of[position]
            room[number] = room.get(number, 0) + self.widths[position]
        pieces: list[Piece] = []
        for number, width in room.items():
            text = "".join(part for part, _ in crop([(self._arch(number), "")], 0, width - 1))
            pieces.append((f" {text} {'─' * (width - 2 - cell_len(text))}"[:width], "dim"))
        return pieces

    def position_at(self, x: int) -> int | None:
        """Return the column in view *x* cells from where the columns begin; None beside them."""
        left = int(self.window.start > 0)
        for position in self.window:
            if left <= x < left + self.widths[position]:
                return position
            left += self.widths[position]
        return None


def _columns_of(
    table: OffsetTable, line: Sequence[int], opened: Collection[int], *, is_open: bool
) -> Iterator[tuple[int, ...]]:
    """Yield the targets of each column of one architecture."""
    fates = table.fates
    seen: set[int] = set()
    for target in line:
        number = table.class_of(target)
        if fates is None or is_open or number in opened:
            yield (target,)
        elif number not in seen:
            seen.add(number)
            yield fates.classes[number].targets


def _joined(name: tuple[str, str]) -> str:
    return "-".join(part for part in name if part)


def right(text: str, width: int) -> str:
    """Return *text* at the right edge of *width* cells."""
    return " " * (width - cell_len(text)) + text


def short_names(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return for each of *names* its first two words, and the words that tell it from others with the same.
    What stands before a version counts as if it stood behind.

    >>> short_names(["6.1.0-56-amd64", "7.2.9-amd64", "7.2.38-amd64", "7.2.38-arm64", "my-7.4-amd64"])
    [('6.1', ''), ('7.2', '9'), ('7.2', '38-amd64'), ('7.2', '38-arm64'), ('7.4', '')]
    """
    words = list(map(_words_of, names))
    alike: dict[tuple[str, ...], list[int]] = {}
    for index, parts in enumerate(words):
        alike.setdefault(parts[:2], []).append(index)
    rest = [""] * len(names)
    for indices in alike.values():
        _tell_apart(words, indices, 2, rest)
    return [("".join(parts[:2]), text.lstrip(".-_+ ")) for parts, text in zip(words, rest, strict=True)]


@lru_cache(_MOST_NAMES)
def _words_of(name: str) -> tuple[str, ...]:
    found = _VERSION.search(name)
    at = found.start() if found else 0
    version_first = f"{name[at:]}-{name[:at].rstrip('-_ ')}" if at else name
    return tuple(re.findall(r"[.\-_+ ]*[^.\-_+ ]+", version_first)) or (name,)


def _tell_apart(words: Sequence[tuple[str, ...]], indices: list[int], position: int, rest: list[str]) -> None:
    """Add to *rest* the words from *position* on that tell those of *indices* from each other; they are alike
    before it."""
    groups = [indices]
    while groups:
        longer: list[list[int]] = []
        for group in groups:
            by_word: dict[str, list[int]] = {}
            for index in group:
                by_word.setdefault("".join(words[index][position : position + 1]), []).append(index)
            for word, members in by_word.items():
                if len(by_word) > 1:
                    for index in members:
                        rest[index] += word
                if word and len(members) > 1:
                    longer.append(members)
        groups, position = longer, position + 1
