"""The lines that stand below a line of code: what is wrong there, and what else a diagnostic points to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from btfview.diagnostics import last_line_note
from btfview.frozen import frozen, replace
from btfview.tui.drawing import Line, Piece, visible, width_of, wrap
from btfview.views.problems import severity_look

from .code_pieces import expanded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from btfview.diagnostics import Diagnostic
    from btfview.source import Source, Span

_CONTEXT = 12
"""Cells of code that stay in view before a place that lines are drawn further right for."""
_LEAST_SAID = 20
"""Cells of a wrapped line below the code, however narrow the pane is."""


def diagnostics_in(diagnostics: Iterable[Diagnostic], whole: Source, file: Source) -> list[Diagnostic]:
    """Return those of *diagnostics* that are in *file*, one of *whole*, at their places in it."""
    here = [one for one in diagnostics if whole.file_at(one.span.start)[0] is file]
    return here if file is whole else [_in_file(one, whole, file) for one in here]


def _in_file(diagnostic: Diagnostic, whole: Source, file: Source) -> Diagnostic:
    """Return a diagnostic at its place in *file*, one of *whole*; labels in others are left out."""
    labels = (one for one in diagnostic.labels if whole.file_at(one.span.start)[0] is file)
    moved = tuple(replace(one, span=whole.span_in_file(one.span)) for one in labels)
    return replace(diagnostic, span=whole.span_in_file(diagnostic.span), labels=moved)


@frozen
class DiagnosticLines:
    """Draws diagnostics of *source* below its lines."""

    source: Source
    gutter: tuple[Piece, ...]
    """Stands before each of these lines."""
    width: int
    """Cells of a line, with its gutter."""

    @property
    def _room(self) -> int:
        """Cells for text: one is the mark of the selection."""
        return self.width - 1 - width_of(self.gutter)

    def starts(self, diagnostics: Iterable[Diagnostic]) -> dict[int, int]:
        """Return, by number, from which cell on a line of code is to be drawn so that what is pointed to is
        in view; only of lines that begin with another than their first."""
        places: dict[int, list[tuple[int, int]]] = {}
        for one in diagnostics:
            for span in (one.span, *(label.span for label in one.labels)):
                if self.source.is_own(span.start):
                    number, left, width = self._place(span)
                    places.setdefault(number, []).append((left, left + width))
        starts: dict[int, int] = {}
        for number, cells in places.items():
            beyond = max(end for _, end in cells) + 1 - self._room
            if beyond > 0 and (start := min(beyond, min(cells)[0] - _CONTEXT)) > 0:
                starts[number] = start
        return starts

    def by_number(self, diagnostics: Iterable[Diagnostic]) -> dict[int, list[Line]]:
        """Return what to draw, by the numbers of the lines that it stands below."""
        after: dict[int, list[Line]] = {}
        diagnostics = tuple(diagnostics)
        starts = self.starts(diagnostics)
        for diagnostic in diagnostics:
            for label in diagnostic.labels:
                if not self.source.is_own(label.span.start):
                    continue
                place, carets = self._caret_lines(label.span, "-", label.text, "dim", starts)
                after.setdefault(place, []).extend(carets)
            place, lines = self._diagnostic_lines(diagnostic, starts)
            after.setdefault(place, []).extend(lines)
        return after

    def _diagnostic_lines(self, diagnostic: Diagnostic, starts: Mapping[int, int]) -> tuple[int, list[Line]]:
        glyph, role = severity_look(diagnostic.severity)
        code = f"[{diagnostic.code}]" if diagnostic.code else ""
        number, carets = self._caret_lines(diagnostic.span, "^", diagnostic.label or "", role, starts)
        texts: list[tuple[Piece, ...]] = [
            (
                (f"{glyph} {diagnostic.severity}{visible(code)}: ", role),
                (visible(diagnostic.message), "title"),
            )
        ]
        texts += [((f"  note: {visible(note)}", "dim"),) for note in diagnostic.notes]
        if diagnostic.hint:
            texts.append((("  help: ", "as-compiled"), (visible(diagnostic.hint), "text")))
        return number, [*carets, *(line for pieces in texts for line in self._wrapped(pieces))]

    def _wrapped(self, pieces: Sequence[Piece], indent: int = 8) -> list[Line]:
        """Return what is said below a line of code, on as many lines as it needs."""
        room = max(_LEAST_SAID, self._room)
        return [Line(tuple(line), gutter=self.gutter) for line in wrap(pieces, room, indent)]

    def _place(self, span: Span) -> tuple[int, int, int]:
        """Return the number of the line that *span* begins on, and there its first cell and its cells."""
        place = self.source.location(span.start)
        raw = self.source.line(place.line)
        start = place.column - 1
        end = max(start + 1, min(start + span.end - span.start, len(raw)))
        left = cell_len(expanded(raw[:start]))
        return place.line, left, max(1, cell_len(expanded(raw[:end])) - left)

    def _caret_lines(
        self, span: Span, mark: str, text: str, role: str, starts: Mapping[int, int]
    ) -> tuple[int, list[Line]]:
        """Return the number of the line that *span* begins on, and the lines to draw under it."""
        number, left, width = self._place(span)
        start = starts.get(number, 0)
        said = f"{visible(text)}{last_line_note(self.source, span)}".rstrip()
        carets: tuple[Piece, ...] = ((" " * left, "dim"), (mark * width, role))
        if not said or left + width + 1 + cell_len(said) - start <= self._room:
            whole = (*carets, (f" {said}", role)) if said else carets
            return number, [Line(whole, gutter=self.gutter, start=start)]
        drawn = Line(carets, gutter=self.gutter, start=start)
        return number, [drawn, *self._wrapped(((f"  {said}", role),), 0)]
