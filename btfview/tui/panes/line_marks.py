"""What stands at the end of lines of code: a strip of kernels, and the records with what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from btfview.analysis.fates import worst
from btfview.analysis.result import CellState
from btfview.frozen import frozen, replace
from btfview.tui.drawing import Piece, width_of
from btfview.tui.line_notes import MARK_FORMS, mark_pieces
from btfview.tui.strip_pieces import strip_pieces
from btfview.views.kernels.strip import plan_strip

from .code_pieces import expanded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from btfview.analysis.fates import Fates
    from btfview.analysis.result import Analysis
    from btfview.source import Source, Span
    from btfview.views.kernels.strip import StripPlan
    from btfview.views.rows import Segment

_MOST_STRIP, _LEAST_STRIP = 48, 4
"""Cells of a strip at the end of a line."""


@frozen
class _Mark:
    """The queries of one source line."""

    relos: tuple[int, ...]
    forms: tuple[tuple[Piece, ...], ...] = ()
    """What stands at the end, the longest first; none for the further lines of a query."""


class LineMarks:
    """The marks of one source, by the numbers of its lines."""

    def __init__(self) -> None:
        self.column = 0
        """Cell behind the longest marked line of code, where marks stand above each other."""
        self._marks: dict[int, _Mark] = {}
        self._room = -1
        """Cells that _shown was made for."""
        self._shown: dict[int, tuple[Piece, ...]] = {}
        self._fates: Fates | None = None
        self._plan: StripPlan | None = None
        """The strip before each mark."""
        self._strips: dict[int, tuple[Piece, ...]] = {}

    def set_fates(self, fates: Fates | None) -> None:
        """Show strips of *fates* beside the records, where there are several kernels."""
        self._fates = fates if fates is not None and len(fates.class_of) > 1 else None
        self._room = -1

    def clear(self) -> None:
        """Mark no line."""
        self._marks = {}

    def relos_of(self, number: int) -> tuple[int, ...]:
        """Return the records of a line; none where it is not marked."""
        mark = self._marks.get(number)
        return mark.relos if mark is not None else ()

    def at_end_of(self, number: int, room: int) -> tuple[Piece, ...]:
        """Return the strip and the words of a marked line; *room* is the width of code and marks in cells."""
        mark = self._marks[number]
        shown = self._fitted(room)[number]
        return (*self._strip_of(number, mark), *shown)

    def set_marks(
        self, analysis: Analysis, summaries: Sequence[Segment], source: Source, spans: Mapping[int, Span]
    ) -> None:
        """Mark the lines of the records, and of what else is asked for and not met; *spans* are of both."""
        marked = {
            number: span
            for number, span in spans.items()
            if number < len(analysis.relos) or analysis.fails(number)
        }
        relos_of: dict[int, list[int]] = {}
        for index, span in marked.items():
            relos_of.setdefault(source.location(span.start).line, []).append(index)
        self._marks = {
            number: _Mark(
                tuple(relos),
                tuple(mark_pieces(analysis, summaries, relos, form=form) for form in MARK_FORMS),
            )
            for number, relos in relos_of.items()
        }
        self._room = -1
        code_widths = [cell_len(expanded(source.line(number))) for number in self._marks]
        self.column = max(code_widths, default=0) + 3
        further: dict[int, list[int]] = {}
        for index, span in marked.items():  # the further lines of a query that is longer than one
            first, last = (
                source.location(span.start).line,
                source.location(max(span.start, span.end - 1)).line,
            )
            for number in range(first + 1, last + 1):
                further.setdefault(number, []).append(index)
        for number, relos in further.items():
            mark = self._marks.get(number, _Mark(()))
            self._marks[number] = replace(mark, relos=(*mark.relos, *relos))

    def _fitted(self, room: int) -> dict[int, tuple[Piece, ...]]:
        """Return what is drawn at the end of each marked line, all equally wide: as many words as *room* has
        cells for behind the code, which they must not cut, and the strip."""
        if self._room != room:
            self._room, self._strips = room, {}
            fates = self._fates if self._marks else None
            plan = plan_strip(fates, _MOST_STRIP, has_labels=False) if fates else None
            for form in MARK_FORMS:
                chosen = {
                    number: mark.forms[form] if mark.forms else () for number, mark in self._marks.items()
                }
                widest = max(map(width_of, chosen.values()), default=0)
                if self.column + (plan.width + 1 if plan else 0) + widest <= room:
                    break
            else:  # as many cells as the code can spare
                spare = max(room - self.column - widest - 1, min(room // 6, room // 2 - widest - 1))
                has_strip = fates is not None and spare >= _LEAST_STRIP
                plan = plan_strip(fates, spare, has_labels=False) if fates and has_strip else None
            self._plan = plan
            strip = self._plan.width + 1 if self._plan else 0
            widest = max(0, min(widest, room // 2 - strip))  # what stands at the edge has half of the room
            self._shown = {
                number: (*pieces, (" " * (widest - width_of(pieces)), ""))
                for number, pieces in chosen.items()
            }
        return self._shown

    def _strip_of(self, number: int, mark: _Mark) -> tuple[Piece, ...]:
        """Return the strip of a line: the worst of its records on each kernel."""
        fates, plan = self._fates, self._plan
        if fates is None or plan is None:
            return ()
        if number not in self._strips:
            of_records = [fates.states[relo] for relo in mark.relos if relo < len(fates.states)]
            states = [worst(column) or CellState.AS_COMPILED for column in zip(*of_records, strict=True)]
            strip = strip_pieces(plan, states) if states and mark.forms else [(" " * plan.width, "")]
            self._strips[number] = ((" ", ""), *strip)
        return self._strips[number]
