"""Where the front end collects what is wrong with a program."""

from __future__ import annotations

from ..diagnostics import Diagnostic, Label
from ..source import Span


class Report:
    """Diagnostics in the order found; :meth:`sorted` gives them in source order.

    The same message at the same place is kept once, so that a name used twice while an item is
    looked at again is not told twice.
    """

    __slots__ = ("_seen", "diagnostics")

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._seen: set[tuple[int, int, str]] = set()

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
        self.add(Diagnostic("error", message, span, code, label, hint, notes, labels))

    def add(self, diagnostic: Diagnostic) -> None:
        key = (diagnostic.span.start, diagnostic.span.end, diagnostic.message)
        if key not in self._seen:
            self._seen.add(key)
            self.diagnostics.append(diagnostic)

    def has_errors(self) -> bool:
        return any(diagnostic.is_error for diagnostic in self.diagnostics)

    def sorted(self) -> tuple[Diagnostic, ...]:
        return tuple(sorted(self.diagnostics, key=lambda found: (found.span.start, found.span.end)))
