"""The source pane: code, the queries in it, and what is wrong with it, at the place where it is wrong."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from btfview.analysis.source_text.recorded_source import LEFT_OUT
from btfview.tui.drawing import Line, Piece, visible, width_of
from btfview.tui.highlight import Highlighter
from btfview.tui.messages import ReloSelected

from .code_pieces import carry_line, code_pieces, expanded
from .dead_lines import dead_at, dead_in_file
from .diagnostic_lines import DiagnosticLines, diagnostics_in
from .line_marks import LineMarks
from .rows import RowsPane

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from btfview.analysis.fates import Fates
    from btfview.analysis.result import Analysis
    from btfview.analysis.source_text.recorded_source import RecordedSource
    from btfview.diagnostics import Diagnostic
    from btfview.source import Source, Span
    from btfview.views.rows import Row, Segment

    from .dead_lines import DeadLines


class SourcePane(RowsPane):
    """The text of a source, or for an object the lines that its debug information quotes.

    Of a program of several files it is the one that the selected record is in.
    """

    def __init__(self) -> None:
        super().__init__(id="source", title="1 Source")
        self._source: Source | None = None
        self._analysis: Analysis | None = None
        """Whose source that is a file of."""
        self._summaries: Sequence[Segment] = ()
        self._recorded: RecordedSource | None = None
        """What :attr:`_source` is, where it was put together from what an object says."""
        self._highlighter = Highlighter("", "")
        self._entries: Sequence[int] = ()
        """What stands on each line: a line number of the source, or -1 - an index into _inserted."""
        self._inserted: list[Line] = []
        self._diagnostics: Sequence[Diagnostic] = ()
        self._inserted_room = 0
        """Cells that the text of those was wrapped to."""
        self._starts: Mapping[int, int] = {}
        """From which cell on lines are drawn, so that what is wrong on them is in view; by their numbers."""
        self._line_of_number: dict[int, int] | None = None
        """Where each source line stands; None while nothing is inserted."""
        self._marks = LineMarks()
        self._spans: dict[int, Span] = {}
        self._gutter_width = 1
        self._dead_lines: DeadLines = {}
        """Lines whose code the chosen kernel drops, and whether the one before kept it."""
        self._dead: Mapping[int, bool] = {}
        """Those of the file on show, by their numbers there."""

    # -- content ----------------------------------------------------------------------------------

    def set_quoted(self, rows: Sequence[Row]) -> None:
        """Show *rows* that are no source: of the welcome, or that there is none."""
        self._source = self._recorded = self._analysis = None
        self._entries, self._inserted, self._spans, self._starts = (), [], {}, {}
        self._marks.clear()
        self.set_rows(rows)

    def set_fates(self, fates: Fates | None) -> None:
        """Show strips of *fates* beside the records, where there are several kernels."""
        self._marks.set_fates(fates)

    def set_dead_lines(self, dead: DeadLines) -> None:
        """Mark the lines whose code cannot run on the chosen kernel: the branches behind a guard that is not
        there."""
        self._dead_lines = dead
        self._find_dead()

    def _find_dead(self) -> None:
        before, self._dead = self._dead, {}
        if self._recorded is not None:
            self._dead = dead_at(self._dead_lines, self._recorded.places)
        elif self._source is not None:
            self._dead = dead_in_file(self._dead_lines, self._source.path)
        if self._dead != before:
            self.refresh()

    def set_source(self, analysis: Analysis, summaries: Sequence[Segment], *, go_to_problem: bool) -> None:
        """Show the source of *analysis*, its queries with their *summaries*, and its diagnostics.

        With *go_to_problem* the cursor goes to the first error, else it stays on its line.
        """
        whole = analysis.source
        assert whole is not None
        source = self._file_to_show(analysis, whole, go_to_problem=go_to_problem)
        number = 1
        if self._source is not None and self._recorded is None:
            number = self._number_at(self.cursor)
            if source.path == self._source.path:
                number = carry_line(self._source.text.split("\n"), source.text.split("\n"), number)
        self._analysis, self._summaries, self._recorded = analysis, summaries, None
        self._show_file(source)
        errors = [diagnostic for diagnostic in self._diagnostics if diagnostic.is_error]
        if go_to_problem and errors:
            number = min(source.location(error.span.start).line for error in errors)
        line = self._line_at(min(number, source.line_count))
        self.lines_changed(cursor=line)
        if go_to_problem and errors:
            self.scroll_to(y=max(0, line - self.size.height // 3), animate=False, force=True)
            self._keep_cursor_in_view()

    def _file_to_show(self, analysis: Analysis, whole: Source, *, go_to_problem: bool) -> Source:
        """Return the file of the first error, where that is wanted, else the one that is on show."""
        if go_to_problem:
            first = next((one for one in analysis.diagnostics if one.is_error), None)
            return whole.file_at(first.span.start)[0] if first is not None else whole
        before = self._source.path if self._source is not None and self._recorded is None else ""
        return next((one for one in whole.modules if one.path == before), whole)

    def _show_file(self, source: Source) -> None:
        """Show a file of the analysis, with its queries and diagnostics."""
        analysis = self._analysis
        assert analysis is not None
        whole = analysis.source
        assert whole is not None
        self._source = source
        self._highlighter = Highlighter(source.text, os.path.splitext(source.path)[1])
        self._gutter_width = max(3, len(str(source.line_count)))
        spans = [(linked.index, linked.span) for linked in analysis.relos]
        spans += [(number, ask.span) for number, ask in enumerate(analysis.asks, len(analysis.relos))]
        self._spans = {
            number: whole.span_in_file(span)
            for number, span in spans
            if span and whole.file_at(span.start)[0] is source
        }
        self._marks.set_marks(analysis, self._summaries, source, self._spans)
        self._diagnostics = diagnostics_in(analysis.diagnostics, whole, source)
        self._insert(self._diagnostics, source)
        self._find_dead()

    def set_recorded(
        self, analysis: Analysis, recorded: RecordedSource, summaries: Sequence[Segment]
    ) -> None:
        """Show what an object tells of its source, its records marked as those of a source are."""
        before = self._recorded.places[self._number_at(self.cursor) - 1] if self._recorded else None
        source = recorded.source
        self._source, self._recorded, self._analysis = source, recorded, None
        self._highlighter = Highlighter(source.text, os.path.splitext(source.path)[1])
        self._gutter_width = max(3, *(len(str(line)) for _, line in recorded.places))
        self._spans = dict(recorded.spans)
        self._marks.set_marks(analysis, summaries, source, self._spans)
        self._diagnostics, self._starts = (), {}
        headings = {
            number - 1: [Line(((visible(text), "dim" if text == LEFT_OUT else "title"),))]
            for number, text in recorded.headings.items()
        }
        self._insert_after(headings, source)
        at = recorded.places.index(before) + 1 if before in recorded.places else 1
        self.lines_changed(cursor=self._line_at(at))

    def _insert(self, diagnostics: Sequence[Diagnostic], source: Source) -> None:
        self._inserted_room = self.size.width
        width = self.size.width or self.screen.size.width
        gutter = ((" " * self._gutter_width + " │ ", "gutter"),)
        below = DiagnosticLines(source, gutter, width)
        after = below.by_number(diagnostics)
        self._starts = below.starts(diagnostics)
        if not self._is_first_file:
            after[0] = [Line(((visible(source.path), "title"),))]
        self._insert_after(after, source)

    def _insert_after(self, after: Mapping[int, Sequence[Line]], source: Source) -> None:
        """Put lines behind lines of *source*, by their numbers; those behind 0 above the first."""
        self._inserted = []
        if not after:
            self._entries, self._line_of_number = range(1, source.line_count + 1), None
            return
        entries: list[int] = []
        self._line_of_number = {}
        for number in range(source.line_count + 1):
            if number:
                self._line_of_number[number] = len(entries)
                entries.append(number)
            for line in after.get(number, ()):
                entries.append(-1 - len(self._inserted))
                self._inserted.append(line)
        self._entries = entries

    # -- places -----------------------------------------------------------------------------------

    def _number_at(self, index: int) -> int:
        """Return the number of the source line at or above list line *index*."""
        while index > 0 and self._entries[index] < 0:
            index -= 1
        while index < len(self._entries) and self._entries[index] < 0:  # a heading above the first line
            index += 1
        return self._entries[index] if self._entries else 1

    def _line_at(self, number: int) -> int:
        """Return the list line of source line *number*."""
        return number - 1 if self._line_of_number is None else self._line_of_number.get(number, 0)

    @property
    def cursor_number(self) -> int:
        """Number of the source line that the cursor is on; 1 where an object tells the lines."""
        is_file = self._source is not None and self._recorded is None
        return self._number_at(self.cursor) if is_file else 1

    @property
    def file_path(self) -> str | None:
        """Path of the file on show; None where there is no source."""
        return self._source.path if self._source is not None and self._recorded is None else None

    @property
    def _is_first_file(self) -> bool:
        """Whether the file on show is the one that the program begins in."""
        return self._analysis is None or self._source is self._analysis.source

    @property
    def cursor_row(self) -> int:
        """The row of the pane that the cursor is in."""
        return max(0, self.cursor - round(self.scroll_y))

    def show_cursor_at(self, row: int) -> None:
        """Scroll so that the cursor is in row *row*."""
        self.scroll_to(y=max(0, self.cursor - row), animate=False, force=True)

    def go_to_number(self, number: int, path: str | None = None) -> None:
        """Move to a line of the file on show, or to its last, as if the user had gone there; of a program of
        several files to one of the file *path*."""
        whole = self._analysis.source if self._analysis is not None else None
        if whole is not None and path not in (None, self.file_path):
            file = next((one for one in (whole, *whole.modules) if one.path == path), whole)
            self._show_file(file)
            self.lines_changed(cursor=0)
        if self._source is not None and self._recorded is None:
            self.choose_hit(self._line_at(max(1, min(number, self._source.line_count))))

    def go_to_key(self, key: str) -> bool:
        """Move to the line *key* (``file:number``) of what an object tells of its source."""
        if self._recorded is None:
            return super().go_to_key(key)
        for at, (file, line) in enumerate(self._recorded.places, 1):
            if key == f"{file}:{line}":
                self.choose_hit(self._line_at(at))
                return True
        return False

    # -- lines ------------------------------------------------------------------------------------

    LEAST_WIDTH = 60

    @property
    def is_idle(self) -> bool:
        """There is no source, and no line that opens one."""
        is_empty = self._source is None and not any(row.key for row in self._rows)
        return is_empty and not self.is_awaited

    @property
    def margin(self) -> int:  # type: ignore[override]  # it is only read
        return 1 + (self._gutter_width + len(" │ ") if self._source is not None else 0)

    def on_resize(self) -> None:
        """Wrap what is said of the code anew, where there is something."""
        source = self._source
        if source is not None and self._diagnostics and self._inserted_room != self.size.width:
            number = self._number_at(self.cursor)
            self._insert(self._diagnostics, source)
            self.lines_changed(cursor=self._line_at(number))
        super().on_resize()

    @property
    def line_count(self) -> int:
        return len(self._entries) if self._source is not None else super().line_count

    def line(self, index: int) -> Line:
        source = self._source
        if source is None:
            return super().line(index)
        number = self._entries[index]
        if number < 0:
            return self._inserted[-1 - number]
        relos = self._marks.relos_of(number)
        lit = self._spans.get(self.selected_relo) if self.selected_relo is not None else None
        pieces = code_pieces(source, number, self._highlighter, lit)
        shown = self._recorded.places[number - 1][1] if self._recorded is not None else number
        gutter: tuple[Piece, ...] = ((f"{shown:>{self._gutter_width}} │ ", "gutter"),)
        if (was_alive := self._dead.get(number)) is not None:
            pieces = tuple((text, "dim") for text, _ in pieces)
            sign = "±○" if was_alive else " ○"
            gutter = ((f"{shown:>{self._gutter_width}}", "gutter"), (sign, "missing-guarded"), (" ", ""))
        if not relos:
            return Line(pieces, gutter=gutter, start=self._starts.get(number, 0))
        room = self.drawn_width - 1 - width_of(gutter)
        marks = self._marks.at_end_of(number, room)
        if self._marks.column + width_of(marks) <= room and not self._left:
            gap = " " * (self._marks.column - width_of(pieces))
            return Line((*pieces, (gap, ""), *marks), relos, gutter)
        return Line(pieces, relos, gutter, marks, self._starts.get(number, 0))

    def relos_of(self, index: int) -> Sequence[int]:
        if self._source is None:
            return super().relos_of(index)
        return self._marks.relos_of(self._entries[index])

    def search_texts(self) -> Sequence[str]:
        source = self._source
        if source is None:
            return super().search_texts()
        return [
            expanded(source.line(number)) if number > 0 else self.text(index)
            for index, number in enumerate(self._entries)
        ]

    def place_of(self, index: int) -> int:
        return index if self._source is not None else super().place_of(index)

    def line_of_place(self, place: int) -> int:
        return place if self._source is not None else super().line_of_place(place)

    def copy_text(self, index: int) -> str:
        """Return a line of code without what stands at its end; with its indentation."""
        number = self._entries[index] if self._source is not None else -1
        if self._source is None or number < 0:
            return super().copy_text(index)
        return "\t".join(visible(part) for part in self._source.line(number).split("\t"))

    # -- what the user does -----------------------------------------------------------------------

    def cursor_moved(self, index: int) -> None:
        if self._source is None:
            super().cursor_moved(index)
            return
        relos = self._marks.relos_of(self._entries[index])
        if relos and self.selected_relo not in relos:
            self.report(ReloSelected(self, relos[0]))

    def activate(self, index: int) -> None:
        """Go through the queries of a line."""
        if self._source is None:
            super().activate(index)
            return
        relos = self._marks.relos_of(self._entries[index])
        if relos:
            at = relos.index(self.selected_relo) + 1 if self.selected_relo in relos else 0
            self.report(ReloSelected(self, relos[at % len(relos)]))

    # -- selection --------------------------------------------------------------------------------

    def show_selection(self, relo: int | None) -> None:
        if self._source is None:
            super().show_selection(relo)
            return
        self._turn_to_file_of(relo)
        self.show_relo(relo)
        span = self._spans.get(relo) if relo is not None else None
        if span is not None:
            self.place_cursor(self._line_at(self._source.location(span.start).line), with_context=True)

    def _turn_to_file_of(self, relo: int | None) -> None:
        """Show the file that the record is in, where that is another one."""
        analysis = self._analysis
        if relo is None or relo in self._spans or self._recorded is not None or analysis is None:
            return
        if relo >= analysis.item_count:  # of the last good result; this text has errors
            return
        ask = analysis.ask(relo)
        whole, span = analysis.source, analysis.relos[relo].span if ask is None else ask.span
        if whole is not None and span is not None and whole.modules:
            self._show_file(whole.file_at(span.start)[0])
            self.lines_changed(cursor=0)
