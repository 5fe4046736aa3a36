"""Rows: what a pane shows and a report prints, without either's looks.

A row is text in segments, each with a role; the screen gives roles colours, a report drops them. A row
also names the records it belongs to: that is the whole of the link between panes.
"""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.analysis.fates import Fates
    from btfview.analysis.result import CellState

ROLES = frozenset(
    (
        "text",  # nothing special
        "dim",  # context that the eye may skip
        "title",  # a heading within a pane
        "keyword",  # struct, call, preserve.struct ...
        "name",  # a field, a function
        "type",
        "number",
        "string",
        "comment",
        "as-compiled",  # states of a cell, as in analysis.result
        "moved",
        "missing-guarded",
        "unknown",
        "missing",
        "ambiguous",
        "error",
        "warning",
    )
)


DIFFER = "⇄"
"""The sign of a record on which loaders differ."""
_WIDEST = 120
"""Characters that a column is padded to: a longer entry makes its own line longer, and no other's. A name of
4,096 would make 400 MB of a hundred thousand lines."""


def column_width(texts: Iterable[str]) -> int:
    """Return how many characters a column of *texts* is padded to."""
    return min(_WIDEST, max(map(len, texts), default=0))


@frozen
class Segment:
    text: str
    role: str = "text"
    is_spare: bool = False
    """Cut first where a line is too wide for a terminal."""


@frozen
class Row:
    segments: tuple[Segment, ...]
    relos: tuple[int, ...] = ()
    """Indices of the records that this row belongs to."""
    key: str = ""
    """The same after a recompile; empty for a row that cannot be selected."""
    depth: int = 0
    """Indentation; a tree pane folds rows of greater depth below a row."""
    has_children: bool = False
    meaning: str = ""
    """In words, what a line of IR stands for: its last segment, where it has one."""
    is_code: bool = False
    """A line of a block of code: to be copied with those beside it, and never wrapped."""

    @property
    def text(self) -> str:
        return "".join(segment.text for segment in self.segments)


@frozen
class OffsetCell:
    """One record on one target."""

    state: CellState
    value: str
    """``208``; ``-`` where there is none."""


@frozen
class OffsetRow:
    relo: int
    label: tuple[Segment, ...]
    cells: tuple[OffsetCell, ...]
    """One a class of kernels, one a target in a table without classes."""
    key: str
    group: str
    """Path that this row belongs to; rows of one path stand together under it."""
    root: str = ""
    """Type that the path starts from, with its keyword: ``struct task_struct``."""
    part: str = ""
    """Title of the part of the table that this row begins or is in; empty for records."""
    twin: int | None = None
    """The first record of the same path and kind that gets the same answers everywhere, if that is not this
    one."""


@frozen
class OffsetTable:
    columns: tuple[str, ...]
    """Names of the targets."""
    badges: tuple[str, ...]
    """For each target a word such as ``trimmed``; empty for a whole one."""
    rows: tuple[OffsetRow, ...]
    lines: tuple[tuple[int, ...], ...] = ()
    """Indices of the columns, those of each architecture from old to new; empty means all as they are."""
    fates: Fates | None = None
    """Classes of the targets; without them each is one by itself."""

    def class_of(self, target: int) -> int:
        """Return which of a row's cells is that of a target."""
        return self.fates.class_of[target] if self.fates else target
