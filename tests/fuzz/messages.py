"""What a target asks of the diagnostics of a compile."""

from __future__ import annotations

from collections.abc import Sequence

from btfview.diagnostics import Diagnostic, diagnostic_json, format_diagnostic
from btfview.source import Source

_LONGEST = 5_000
"""Characters of a line; LLVM's own words stand in some."""


def check_diagnostics(diagnostics: Sequence[Diagnostic], source: Source) -> None:
    """Assert that people can read *diagnostics*, and that none of them is a fault of btfview."""
    for found in diagnostics:
        assert "internal error" not in found.message, found
        for span in (found.span, *(label.span for label in found.labels)):
            assert 0 <= span.start <= span.end <= len(source.text), found
        diagnostic_json(found, source)
        for line in format_diagnostic(found, source).split("\n"):
            assert line.isprintable(), repr(line)
            assert len(line) <= _LONGEST, line
