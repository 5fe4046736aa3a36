"""What a project has decided of findings: how grave they are, which are allowed, what fails."""

from __future__ import annotations

from btfview.analysis.findings.finding import ERRORS
from btfview.frozen import TYPE_CHECKING, frozen, replace
from btfview.rules.rule import rule_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.analysis.findings.finding import Finding
    from btfview.configuration.read import Configuration

    from .allowances import Allowance
    from .paths import Prefixes

OFF = "off"
"""In the place of a severity: nothing is said."""
ALL_WARNINGS = "warnings"
"""In the place of a lint: all of them."""


@frozen
class CheckSettings:
    """Of the command line and of the project's configuration together."""

    denied: tuple[str, ...] = ()
    """Lints whose warnings count as errors; ALL_WARNINGS for all."""
    allowed: tuple[str, ...] = ()
    """Lints whose warnings and notes are left out."""
    levels: tuple[tuple[str, str], ...] = ()
    """Rule and severity, or OFF, that a project gives it."""
    allowances: tuple[Allowance, ...] = ()
    prefixes: Prefixes = ()
    root: str = "."
    """The folder that paths of a baseline are told from."""
    fail_on: str = ERRORS


def configured_levels(configuration: Configuration) -> dict[str, str]:
    """Return the severities that a configuration gives to rules, by their ids."""
    return {rule_id(name): level for name, level in configuration.get("rules").items()}


def configured_allowances(configuration: Configuration) -> tuple[Allowance, ...]:
    """Return what a configuration allows."""
    from .allowances import Allowance

    return tuple(
        Allowance(rule_id(one["rule"]), one.get("record", ""), one.get("kernels", ""), one.get("reason", ""))
        for one in configuration.get("allow")
    )


def with_levels(findings: Iterable[Finding], levels: tuple[tuple[str, str], ...]) -> tuple[Finding, ...]:
    """Return *findings* with the severities that *levels* give to their rules, without those that are off."""
    chosen = dict(levels)
    found = []
    for one in findings:
        level = chosen.get(rule_id(one.code), one.severity)
        if level != OFF:
            found.append(one if level == one.severity else replace(one, severity=level))
    return tuple(found)
