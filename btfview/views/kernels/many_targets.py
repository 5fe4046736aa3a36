"""What becomes of records on more targets than a table has columns for: a line for each answer."""

from __future__ import annotations

from btfview.checks.kernel_groups import KernelGroups
from btfview.frozen import TYPE_CHECKING
from btfview.views.rows import column_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.analysis.result import Analysis, LinkedRelo

_INDENT, _WIDEST, _COMMAS = 8, 160, len(", ,")


class ManyTargets:
    """The targets of one analysis, in few words each time."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._names = [target.name for target in analysis.targets]
        self._groups = KernelGroups(self._names)
        self._told: dict[tuple[int, ...], str] = {}
        """By columns: records often split the targets in the same way."""

    def told(self, columns: Sequence[int]) -> str:
        """Return some targets, by their columns: ``5.4 … 6.2 (14), not 5.15-rt``."""
        key = tuple(columns)
        found = self._told.get(key)
        if found is None:
            found = self._told[key] = self._groups.told([self._names[column] for column in key])
        return found

    def lines(self, linked: LinkedRelo, columns: int = 0) -> Iterator[str]:
        """Yield a line for each different answer to a record: what it is, and on which targets; in lines of
        so many *columns*, if that is given."""
        columns_of: dict[str, list[int]] = {}
        for column in range(len(self._names)):
            state = self._analysis.state(linked.index, column)
            value = self._analysis.value(linked.index, column)
            cell = f"{state.glyph} {state if value is None else value}"
            columns_of.setdefault(cell, []).append(column)
        width = column_width(columns_of)
        widest = min(columns - _COMMAS, _WIDEST) if columns else _WIDEST
        for cell, targets in columns_of.items():
            yield from _wrapped(f"{'':{_INDENT}}{cell:<{width}}  on ", self.told(targets), widest)


def _wrapped(start: str, text: str, widest: int = _WIDEST) -> Iterator[str]:
    """Yield *start* and *text*, which goes on below itself, at commas, where the line would be too wide.

    >>> list(_wrapped("on ", "5.4, 6.1"))
    ['on 5.4, 6.1']
    """
    line, is_begun = start, False
    for part in text.split(", "):
        if is_begun and len(line) + len(part) > widest:
            yield f"{line},"
            line, is_begun = " " * len(start), False
        line += f", {part}" if is_begun else part
        is_begun = True
    yield line
