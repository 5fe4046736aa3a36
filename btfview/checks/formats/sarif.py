"""SARIF 2.1.0 (OASIS), as code scanning takes it: one run, its rules, a result a finding."""

from __future__ import annotations

import json
import os
from urllib.parse import quote

from btfview import __version__
from btfview.checks.paths import below
from btfview.frozen import TYPE_CHECKING
from btfview.rules.catalogue import rule_of

from .text import short_message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from btfview.checks.kernel_groups import KernelGroups
    from btfview.checks.report import Accepted, CheckReport, Found

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "btfview/v1"
_MOST_NAMES = 100
"""Kernels of a result that are named one by one: GitHub takes 10 MB a log."""


def sarif_text(report: CheckReport) -> str:
    """Return the log. With a baseline each result has its ``baselineState``; what is fixed is ``absent``."""
    groups, here = report.groups, os.getcwd()
    shown = [*report.new, *report.known]
    codes = list(dict.fromkeys([*(one.finding.code for one in shown), *(one.rule for one in report.fixed)]))
    rules = list({rule.id: rule for rule in map(rule_of, codes)}.values())
    indices = {rule.id: index for index, rule in enumerate(rules)}
    results = [_result(one, indices, groups, here, has_baseline=report.has_baseline) for one in shown]
    results += [_absent(one, indices, groups, here) for one in report.fixed]
    run = {
        "tool": {
            "driver": {"name": "btfview", "version": __version__, "rules": [_rule(rule.id) for rule in rules]}
        },
        "invocations": [_invocation(report)],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(identity: str) -> dict[str, Any]:
    rule = rule_of(identity)
    return {
        "id": rule.id,
        "shortDescription": {"text": _sentence(rule.summary)},
        "fullDescription": {"text": _sentence(rule.summary)},
        "help": {"text": rule.text or _sentence(rule.summary)},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": ["bpf", "co-re", rule.origin]},
    }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _result(
    one: Found, indices: dict[str, int], groups: KernelGroups, here: str, *, has_baseline: bool
) -> dict[str, Any]:
    finding = one.finding
    rule = rule_of(finding.code).id
    hint = f"\n{_sentence(finding.hint.rstrip('.'))}" if finding.hint else ""
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": indices[rule],
        "level": finding.severity,
        "message": {"text": short_message(finding, groups) + hint},
        "locations": [
            {
                "physicalLocation": _place(finding.file, finding.line, finding.column, here),
                **_program(finding.program),
            }
        ],
        "partialFingerprints": {_FINGERPRINT: one.fingerprint},
        "properties": _kernels(finding.targets, groups),
    }
    if has_baseline:
        result["baselineState"] = "unchanged" if one.is_known else "new"
    return result


def _kernels(targets: Sequence[str], groups: KernelGroups) -> dict[str, Any]:
    """Return the kernels of a result: all by name, of very many the ranges."""
    if len(targets) <= _MOST_NAMES:
        return {"targets": list(targets)}
    return {"kernels": groups.told(targets), "kernelCount": len(targets)}


def _absent(entry: Accepted, indices: dict[str, int], groups: KernelGroups, here: str) -> dict[str, Any]:
    rule = rule_of(entry.rule).id
    return {
        "ruleId": rule,
        "ruleIndex": indices[rule],
        "level": entry.severity,
        "message": {"text": entry.message},
        "locations": [{"physicalLocation": _place(entry.file, 0, 0, here)}],
        "partialFingerprints": {_FINGERPRINT: entry.fingerprint},
        "baselineState": "absent",
        "properties": _kernels(entry.targets, groups),
    }


def _program(name: str) -> dict[str, Any]:
    return {"logicalLocations": [{"name": name, "kind": "function"}]} if name else {}


def _place(file: str, line: int, column: int, here: str) -> dict[str, Any]:
    path = below(file, here)
    # A relative URI is one of the repository, which code scanning resolves against its checkout.
    quoted = quote(path, errors="backslashreplace")
    uri = f"file://{quoted}" if os.path.isabs(path) else quoted
    place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if line:
        place["region"] = {"startLine": line} | ({"startColumn": column} if column else {})
    return place


def _invocation(report: CheckReport) -> dict[str, Any]:
    return {
        "executionSuccessful": not report.problems,
        "exitCode": report.exit_code,
        "toolExecutionNotifications": [
            {"level": "error", "message": {"text": problem}} for problem in report.problems
        ],
    }
