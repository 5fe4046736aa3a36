"""Where the front end collects what is wrong with a program."""

from __future__ import annotations

import re

from btfview.diagnostics import Diagnostic, Label, short_line
from btfview.source import Span
from btfview.words import plural

MARK = "\N{MODIFIER LETTER HALF TRIANGULAR COLON}"
"""Stands in names that a macro binds, before the number of its call, and is told to nobody."""
_MARKED = re.compile(f"{MARK}\\d+")
MAX_SHOWN = 100
"""Errors, and warnings, that are shown of one source."""
MAX_ERRORS = 500
"""Errors after which the front end gives up."""


class TooManyErrorsError(Exception):
    """A :class:`Report` holds :data:`MAX_ERRORS` errors; caught where the front end is entered."""


class Report:
    """Diagnostics in the order found; :meth:`sorted` gives them in source order.

    The same message at the same place is kept once, so that a name used twice while an item is
    looked at again is not told twice.
    """

    __slots__ = ("_error_count", "_seen", "diagnostics")

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._seen: set[tuple[int, int, str]] = set()
        self._error_count = 0

    def error(
        self,
        span: Span,
        message: str,
        *,
        code: str | None = None,
        label: str | None = None,
        hint: str | None = None,
        notes: tuple[str, ...] = (),
        labels: tuple[Label, ...] = (),
    ) -> None:
        message = _told(message)
        label = _told(label) if label else label
        hint = _told(hint) if hint else hint
        self.add(Diagnostic("error", message, span, code, label, hint, notes, labels))

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep *diagnostic*.

        Raises:
            TooManyErrorsError: it is an error after so many that nobody wants the rest.
        """
        key = (diagnostic.span.start, diagnostic.span.end, diagnostic.message)
        if key in self._seen:
            return
        self._seen.add(key)
        self.diagnostics.append(diagnostic)
        if diagnostic.is_error:
            self._error_count += 1
            if self._error_count >= MAX_ERRORS:
                raise TooManyErrorsError

    def give_up(self, message: str, hint: str) -> None:
        """Keep an error that is about the source as a whole and for which there is always room."""
        self._error_count += 1
        self.diagnostics.insert(0, Diagnostic("error", message, Span(0, 0), hint=hint))

    def has_errors(self) -> bool:
        return self._error_count > 0

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Return the first :data:`MAX_SHOWN` of each severity in source order; behind them how many more."""
        found = sorted(self.diagnostics, key=lambda found: (found.span.start, found.span.end))
        shown: list[Diagnostic] = []
        counts: dict[str, int] = {}
        for diagnostic in found:
            severity = diagnostic.severity
            counts[severity] = counts.get(severity, 0) + 1
            if counts[severity] <= MAX_SHOWN:
                shown.append(diagnostic)
        for severity, count in counts.items():
            if count > MAX_SHOWN:
                more = plural(count - MAX_SHOWN, f"more {severity}")
                if severity == "error" and self._error_count >= MAX_ERRORS:
                    more = f"{more}, and perhaps others,"
                verb = "is" if count == MAX_SHOWN + 1 else "are"
                shown.append(Diagnostic(severity, f"{more} {verb} not shown", shown[-1].span))
        return tuple(shown)


def _told(text: str) -> str:
    """Return *text* in one line, with names as the source has them."""
    return short_line(_MARKED.sub("", text) if MARK in text else text)
