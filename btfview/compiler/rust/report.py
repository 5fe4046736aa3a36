"""Where the front end collects what is wrong with a program."""

from __future__ import annotations

from btfview.diagnostics import Diagnostic, Label
from btfview.source import Span

MAX_LENGTH = 400
"""Characters of a message, a label or a hint; a name in it may be as long as the file."""


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
        message = _in_one_line(message)
        label = _in_one_line(label) if label else label
        hint = _in_one_line(hint) if hint else hint
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


def _in_one_line(text: str) -> str:
    """Return *text*, which may quote the source: in one line, without control characters, cut."""
    if len(text) <= MAX_LENGTH and text.isprintable():
        return text
    text = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in " ".join(text.split())
    )
    if len(text) > MAX_LENGTH:
        half = MAX_LENGTH // 2
        text = f"{text[:half]}\N{HORIZONTAL ELLIPSIS}{text[-half:]}"
    return text
