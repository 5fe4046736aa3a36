"""What panes 4 and 5 have in common: which rows stand on which line, and, side by side, one cursor."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeVar, assert_never

from btfview.analysis.result import CellState
from btfview.views.rows import DIFFER, OffsetTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.views.rows import OffsetRow

NO_TABLE = OffsetTable((), (), ())


class SharedPane(Protocol):
    """A pane that shows the rows."""

    cursor: int

    @property
    def display(self) -> bool: ...
    @property
    def scroll_y(self) -> float: ...
    def take_place(self, cursor: int, top: int) -> None:
        """Put the cursor on line *cursor*, and line *top* to the top."""

    def relist(self, relo: int | None) -> bool:
        """Show the rows as they are now, the cursor on that of record *relo*; return whether it is there."""

    def marks_changed(self) -> None:
        """Other records are marked."""

    def rows_moved_down(self, lines_above: int) -> None:
        """The rows of another pane stand below as many lines as these."""


class Filter(StrEnum):
    ALL = ""
    PROBLEMS = "problems only"
    MOVES = "moved only"


class Order(StrEnum):
    BY_PATH = ""
    BY_FUNCTION = "by function"
    BY_TYPE = "by type"
    WORST_FIRST = "worst first"


_NOTHING = {
    Filter.ALL: "",
    Filter.PROBLEMS: "no record fails on these targets: {f} shows others",
    Filter.MOVES: "no record has moved on these targets: {f} shows others",
}
_BADNESS = {state: badness for badness, state in enumerate(CellState)}


class RecordRows:
    """The rows of a table in the order and of the kind that the user chose, rows that say the same folded
    into one; and the panes that show them."""

    def __init__(self) -> None:
        self.panes: list[SharedPane] = []
        self.table = NO_TABLE
        self.programs: Sequence[str] = ()
        """Function of each record."""
        self.filter, self.order = Filter.ALL, Order.BY_PATH
        self.entries: list[int | str] = []
        """What stands on each line: an index into the table's rows, or the heading of a group."""
        self.relos: list[tuple[int, ...]] = []
        """The records of each line; several where rows are folded into one."""
        self.line_of: dict[int, int] = {}
        """Line of each record."""
        self.empty_text = ""
        self._opened: set[str] = set()
        """Keys of the first rows of folds that are open."""
        self._is_following = False
        self.differing: frozenset[int] = frozenset()
        """Records on which loaders differ on the selected kernel."""

    def set_differing(self, relos: frozenset[int]) -> None:
        if relos != self.differing:
            self.differing = relos
            for pane in self.panes:
                pane.marks_changed()

    def differ_mark(self, line: int) -> str:
        """Return the sign of a line of such records; empty for others."""
        return "" if self.differing.isdisjoint(self.relos[line]) else DIFFER

    def row(self, line: int) -> OffsetRow | None:
        """Return the row on a line; None for a heading."""
        entry = self.entries[line]
        return None if isinstance(entry, str) else self.table.rows[entry]

    # -- which rows -------------------------------------------------------------------------------

    def set_table(self, table: OffsetTable, programs: Sequence[str]) -> None:
        self.table, self.programs = table, programs
        self.list_rows()

    def list_rows(self) -> None:
        """Choose, order and fold the rows."""
        rows = self.table.rows
        chosen = [index for index, row in enumerate(rows) if self._passes(row)]
        if self.order == Order.BY_FUNCTION:
            chosen.sort(key=lambda index: rows[index].relo)
        elif self.order == Order.BY_TYPE:
            first: dict[str, int] = {}
            for row in rows:
                first[row.root] = min(first.get(row.root, row.relo), row.relo)
            chosen.sort(key=lambda index: first[rows[index].root])
        elif self.order == Order.WORST_FIRST:
            chosen.sort(
                key=lambda index: -max((_BADNESS[cell.state] for cell in rows[index].cells), default=0)
            )
        self.entries, self.line_of = [], {}
        relos: list[list[int]] = []
        folds: dict[int, int] = {}
        group: str | None = None
        part = ""
        for index in chosen:
            row = rows[index]
            if row.twin is not None and self._folds_into(row.twin, folds):
                line = folds[row.twin]
                relos[line].append(row.relo)
                self.line_of[row.relo] = line
                continue
            if self.order == Order.BY_PATH and row.part != part:
                part = row.part
                self.entries.append(part)
                relos.append([])
            heading = self._heading_of(row)
            if heading is not None and heading != group:
                group = heading
                self.entries.append(heading)
                relos.append([])
            self.line_of[row.relo] = folds[row.relo] = len(self.entries)
            self.entries.append(index)
            relos.append([row.relo])
        self.relos = [tuple(one) for one in relos]
        self.empty_text = _NOTHING[self.filter] if rows else ""

    def _folds_into(self, first: int, folds: dict[int, int]) -> bool:
        """Tell whether the row of record *first* stands for its twins, too."""
        if self.order == Order.BY_FUNCTION or first not in folds:
            return False
        row = self.row(folds[first])
        return row is not None and row.key not in self._opened

    def _passes(self, row: OffsetRow) -> bool:
        if self.filter == Filter.PROBLEMS:
            return any(cell.state.is_problem for cell in row.cells)
        return self.filter == Filter.ALL or any(cell.state == CellState.MOVED for cell in row.cells)

    def _heading_of(self, row: OffsetRow) -> str | None:
        match self.order:
            case Order.BY_FUNCTION:
                function = self.programs[row.relo] if row.relo < len(self.programs) else ""
                return function or "(no function)"
            case Order.BY_TYPE:
                return row.root or "(no type)"
            case Order.WORST_FIRST:
                return None
            case Order.BY_PATH:
                return None if row.part else row.group
            case _:
                assert_never(self.order)

    @property
    def names_paths(self) -> bool:
        """The rows stand under no headings that name their paths."""
        return self.order != Order.BY_PATH

    def toggle_fold(self, line: int) -> bool:
        """Unfold a row that stands for several, or fold it again; false for any other."""
        row = self.row(line)
        if row is None:
            return False
        if len(self.relos[line]) > 1:
            self._opened.add(row.key)
        else:
            first = next((one for one in self.table.rows if one.relo == row.twin), row)
            if first.key not in self._opened:
                return False
            self._opened.discard(first.key)
        self.list_rows()
        return True

    def cycle_filter(self) -> None:
        """Show all rows, those that fail somewhere, those that moved somewhere."""
        self.filter = _next(self.filter)
        self.list_rows()

    def cycle_order(self) -> None:
        """Order the rows by path, by function, by type, worst first."""
        self.order = _next(self.order)
        self.list_rows()

    @property
    def choices(self) -> tuple[str, ...]:
        """In words how the rows are filtered and ordered, where they are."""
        count = sum(map(len, self.relos))
        parts = [f"{self.filter}: {count} of {len(self.table.rows)}"] if self.filter else []
        return (*parts, self.order) if self.order else tuple(parts)

    # -- side by side -----------------------------------------------------------------------------

    @property
    def is_paired(self) -> bool:
        """Both panes are on show, and so side by side."""
        return len(self.panes) > 1 and all(pane.display for pane in self.panes)

    def others(self, pane: SharedPane) -> Sequence[SharedPane]:
        return [one for one in self.panes if one is not pane]

    def follow(self, pane: SharedPane) -> None:
        """Give the other pane the cursor and the place of *pane*, where they stand side by side."""
        if self._is_following or not self.is_paired:
            return
        self._is_following = True
        try:
            for other in self.others(pane):
                other.take_place(pane.cursor, round(pane.scroll_y))
        finally:
            self._is_following = False


_Choice = TypeVar("_Choice", bound=StrEnum)


def _next(choice: _Choice) -> _Choice:
    """Return the choice behind *choice*, behind the last the first."""
    every = list(type(choice))
    return every[(every.index(choice) + 1) % len(every)]
