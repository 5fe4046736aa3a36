"""Which hints of ``repr`` go together (rustc: ``check_attr``)."""

from __future__ import annotations

from ..source import Span
from .report import Report
from .types import PRIMITIVES


def check_hints(report: Report, hints: list[tuple[str, Span]], *, is_union: bool) -> None:
    """Complain about hints of a struct or union, in the order written, that exclude one another."""
    words = {word for word, _ in hints}
    transparent = next((span for word, span in hints if word == "transparent"), None)
    if transparent is not None and len(hints) > 1:
        message = "transparent struct cannot have other repr hints"
        report.error(transparent, message, code="E0692", hint="drop `transparent`, or the others")
    elif transparent is not None and is_union:
        report.error(transparent, "transparent unions are unstable", code="E0658", hint="use `repr(C)`")
    if "Rust" in words and words & {"C", "Btf"}:
        _conflict(report, next(span for word, span in hints if word in ("C", "Btf", "Rust")))


def check_enum_hints(report: Report, hints: list[tuple[str, Span]]) -> None:
    """Complain about hints of an enum without fields: one says how its values are kept."""
    sizes = [(word, span) for word, span in hints if word == "C" or word in PRIMITIVES]
    if len(sizes) > 1 and {word for word, _ in sizes} != {"C"}:
        _conflict(report, sizes[0][1])


def _conflict(report: Report, span: Span) -> None:
    report.error(span, "conflicting representation hints", code="E0566", hint="keep one of them")
