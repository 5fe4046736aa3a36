"""Workflow commands, of which GitHub Actions makes annotations of files.

GitHub's documentation, "Workflow commands": ``%``, CR and LF are escaped, in properties also ``:`` and ``,``.
It shows ten annotations of a level and step; where there are more, the tenth says so, and the log has the
others.
"""

from __future__ import annotations

import os

from btfview.btf.format.spelling import visible
from btfview.checks.paths import below
from btfview.frozen import TYPE_CHECKING
from btfview.words import plural

from .text import short_message

if TYPE_CHECKING:
    from btfview.analysis.findings.finding import Finding
    from btfview.checks.kernel_groups import KernelGroups
    from btfview.checks.report import CheckReport

_MOST_SHOWN = 10
"""GitHub's documentation, "Annotations": warnings, errors and notices of a step."""
_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def github_text(report: CheckReport) -> str:
    """Return an annotation a line, and behind them in plain words what GitHub would leave out."""
    groups, here = report.groups, os.getcwd()
    of_level: dict[str, list[Finding]] = {}
    for one in report.new:
        of_level.setdefault(one.finding.severity, []).append(one.finding)
    shown = {
        severity: found if len(found) <= _MOST_SHOWN else found[: _MOST_SHOWN - 1]
        for severity, found in of_level.items()
    }
    lines: list[str] = []
    rest: list[str] = []
    for one in report.new:
        finding = one.finding
        if finding in shown[finding.severity]:
            lines.append(_annotation(finding, groups, here))
        else:
            rest.append(_plain(finding, groups, here))
    for severity, found in of_level.items():
        if left := len(found) - len(shown[severity]):
            said = f"{plural(left, f'more {severity}')}: the log of this step has them"
            lines.append(f"::{_LEVELS[severity]} title=btfview::{_data(said)}")
    lines += [
        f"::notice title=fixed::{_data(f'{entry.file}: fixed: {entry.message}')}" for entry in report.fixed
    ]
    return "".join(f"{visible(line)}\n" for line in (*lines, *rest))


def _plain(finding: Finding, groups: KernelGroups, here: str) -> str:
    place = ":".join(map(str, filter(None, (below(finding.file, here), finding.line, finding.column))))
    return f"{place}: {finding.severity}: {short_message(finding, groups)} [{finding.code}]"


def _annotation(finding: Finding, groups: KernelGroups, here: str) -> str:
    properties = {
        "file": below(finding.file, here),
        "line": finding.line,
        "col": finding.column,
        "title": finding.code,
    }
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value)
    hint = f"\n{finding.hint}" if finding.hint else ""
    return f"::{_LEVELS[finding.severity]} {given}::{_data(short_message(finding, groups) + hint)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
