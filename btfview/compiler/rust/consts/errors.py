"""What keeps a constant from having a value."""

from __future__ import annotations

from btfview.source import Span


class ConstError(Exception):
    """The expression at *span* has no value now; an empty *message* for one that was complained about."""

    def __init__(self, span: Span, message: str, code: str | None = None, inside: Span | None = None) -> None:
        self.span = span
        self.message = message
        self.code = code
        self.inside = inside
        """Where in a function that *span* calls it happened."""
        super().__init__(message)
