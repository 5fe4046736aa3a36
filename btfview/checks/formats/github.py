"""Workflow commands, of which GitHub Actions makes annotations of files.

GitHub's documentation, "Workflow commands": ``%``, CR and LF are escaped, in properties also ``:`` and ``,``.
"""

from __future__ import annotations

import os

from btfview.btf.format.spelling import visible
from btfview.checks.paths import below
from btfview.frozen import TYPE_CHECKING

from .text import short_message

if TYPE_CHECKING:
    from btfview.analysis.findings.finding import Finding
    from btfview.checks.kernel_groups import KernelGroups
    from btfview.checks.report import CheckReport

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def github_text(report: CheckReport) -> str:
    """Return an annotation a line."""
    groups, here = report.groups, os.getcwd()
    lines = [_annotation(one.finding, groups, here) for one in report.new]
    lines += [
        f"::notice title=fixed::{_data(f'{entry.file}: fixed: {entry.message}')}" for entry in report.fixed
    ]
    return "".join(f"{visible(line)}\n" for line in lines)


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
