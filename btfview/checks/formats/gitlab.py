"""GitLab's Code Quality report: an array of what is new, each with a fingerprint of its own."""

from __future__ import annotations

import hashlib
import json
import os

from btfview.checks.paths import below
from btfview.frozen import TYPE_CHECKING

from .text import short_message

if TYPE_CHECKING:
    from btfview.checks.report import CheckReport

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def gitlab_text(report: CheckReport) -> str:
    """Return the report (GitLab's documentation, "Code Quality report format")."""
    groups, here = report.groups, os.getcwd()
    taken: dict[str, int] = {}
    issues = []
    for one in report.new:
        number = taken[one.fingerprint] = taken.get(one.fingerprint, 0) + 1
        fingerprint = one.fingerprint
        if number > 1:  # one record that fails for several reasons
            fingerprint = hashlib.sha256(f"{fingerprint} {number}".encode()).hexdigest()[:32]
        issues.append(
            {
                "description": short_message(one.finding, groups),
                "check_name": one.rule,
                "fingerprint": fingerprint,
                "severity": _SEVERITIES[one.finding.severity],
                "location": {
                    "path": below(one.finding.file, here),
                    "lines": {"begin": one.finding.line or 1},
                },
            }
        )
    return json.dumps(issues, indent=1) + "\n"
