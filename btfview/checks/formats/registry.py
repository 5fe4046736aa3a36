"""The formats by their names."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from btfview.checks.report import CheckReport

FORMATS = ("text", "json", "github", "sarif", "junit", "markdown", "gitlab")
"""``json`` needs the analyses and is written by :mod:`btfview.cli.programs.check`; ``text`` takes options."""


def writer_of(form: str) -> Callable[[CheckReport], str]:
    """Return what writes a report in a format that takes nothing beside it."""
    match form:
        case "github":
            from .github import github_text as write
        case "sarif":
            from .sarif import sarif_text as write
        case "junit":
            from .junit import junit_text as write
        case "markdown":
            from .markdown import markdown_text as write
        case "gitlab":
            from .gitlab import gitlab_text as write
        case _:
            raise ValueError(form)
    return write
