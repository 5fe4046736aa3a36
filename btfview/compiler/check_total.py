"""Whether a pattern fits every value, where it has to: ``let``, parameters, ``for``."""

from __future__ import annotations

from .checker import Checker
from .exhaustive import TooComplexError, is_irrefutable
from .rust.typed.patterns import Pattern
from .rust.types.kinds import ERROR, Type, resolve


def check_total_later(checker: Checker, pattern: Pattern, found: Type, where: str) -> None:
    """Complain, when types are known, about a pattern that does not fit every value where it has to."""
    checker.later(lambda: _check_total(checker, pattern, found, where))


def _check_total(checker: Checker, pattern: Pattern, found: Type, where: str) -> None:
    try:
        is_total = resolve(found) is ERROR or is_irrefutable(pattern, found)
    except TooComplexError:
        is_total = False
    if not is_total:
        checker.report.error(
            pattern.span,
            f"refutable pattern in {where}",
            code="E0005",
            hint="use `if let`, `match` or `let .. else`",
        )
