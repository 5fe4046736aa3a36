"""JUnit's XML: a suite a file, a test a kernel (of thousands, a test for those with the same findings); what
fails the run is a failure, an error also where nothing fails it."""

from __future__ import annotations

import os

from btfview.checks.paths import below
from btfview.frozen import TYPE_CHECKING

from .text import short_message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.analysis.findings.finding import Finding
    from btfview.checks.kernel_groups import KernelGroups
    from btfview.checks.report import CheckedFile, CheckReport

_EVERYWHERE = "every kernel"
"""The test of what no kernel decides."""
_MOST_TESTS = 200
"""Kernels of a file of which each is a test; a server reads and keeps every test of every run."""


def junit_text(report: CheckReport) -> str:
    """Return the document. Other findings stand in a test's ``system-out``."""
    here, groups = os.getcwd(), report.groups
    suites = [_suite(report, file, here, groups) for file in report.files]
    tests, failures, errors = (
        sum(suite[1] for suite in suites),
        sum(suite[2] for suite in suites),
        sum(suite[3] for suite in suites),
    )
    head = f'<testsuites name="btfview check" tests="{tests}" failures="{failures}" errors="{errors}">'
    body = "".join(suite[0] for suite in suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{body}</testsuites>\n'


def _suite(
    report: CheckReport, file: CheckedFile, here: str, groups: KernelGroups
) -> tuple[str, int, int, int]:
    """Return a suite, and how many tests, failures and errors it has."""
    name = below(file.path, here)
    if file.problem:
        cases = [f"{_case(name, 'read')}><error{_attribute('message', file.problem)}/></testcase>"]
        return _wrapped(name, cases, 0, 1)
    new = [one.finding for one in file.found if not one.is_known]
    cases, failures = [], 0
    found_on: dict[str, list[Finding]] = {}
    for one in new:
        for target in one.targets or (_EVERYWHERE,):
            found_on.setdefault(target, []).append(one)
    has_own = _EVERYWHERE in found_on or not file.targets
    tests = {test: found_on.get(test, []) for test in (*([_EVERYWHERE] if has_own else []), *file.targets)}
    if len(tests) > _MOST_TESTS:
        tests = _grouped(tests, groups)
    for test, found in tests.items():
        failing = [one for one in found if report.is_to_mend(one)]
        others = [one for one in found if not report.is_to_mend(one)]
        failures += bool(failing)
        cases.append(f"{_case(name, test)}{_results(failing, others, here, groups)}")
    return _wrapped(name, cases, failures, 0)


def _grouped(tests: dict[str, list[Finding]], groups: KernelGroups) -> dict[str, list[Finding]]:
    """Return a test for all kernels that have the same findings, by their range."""
    alike: dict[tuple[int, ...], list[str]] = {}
    for test, found in tests.items():
        key = (-1,) if test == _EVERYWHERE else tuple(map(id, found))
        alike.setdefault(key, []).append(test)
    named: dict[str, list[Finding]] = {}
    for members in alike.values():
        name = members[0] if members[0] == _EVERYWHERE else groups.told(members)
        if name in named:  # of many ranges the last are not told
            name = f"{name}, with {members[0]}"
        named[name] = tests[members[0]]
    return named


def _wrapped(name: str, cases: list[str], failures: int, errors: int) -> tuple[str, int, int, int]:
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}"'
    lines = "".join(f"    {case}\n" for case in cases)
    suite = f"  <testsuite{_attribute('name', name)} {counts}>\n{lines}  </testsuite>\n"
    return suite, len(cases), failures, errors


def _case(name: str, test: str) -> str:
    return f"<testcase{_attribute('classname', name)}{_attribute('name', test)}"


def _results(failing: list[Finding], others: list[Finding], here: str, groups: KernelGroups) -> str:
    if not failing and not others:
        return "/>"
    parts = ""
    if failing:
        # One element: readers of JUnit's XML take the first of a test alone.
        more = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
        first = _attribute("message", f"{short_message(failing[0], groups)}{more}")
        kind = _attribute("type", failing[0].code or "compiler")
        parts += f"<failure{first}{kind}>{_told(failing, here, groups)}</failure>"
    if others:
        parts += f"<system-out>{_told(others, here, groups)}</system-out>"
    return f">{parts}</testcase>"


def _told(findings: Iterable[Finding], here: str, groups: KernelGroups) -> str:
    lines = []
    for one in findings:
        place = ":".join([below(one.file, here), *(str(part) for part in (one.line, one.column) if part)])
        hint = f"\n  {one.hint}" if one.hint else ""
        message = short_message(one, groups)
        lines.append(f"{place}: {one.severity}: {message} [{one.code or 'compiler'}]{hint}")
    return _escaped("\n".join(lines))


def _attribute(name: str, value: str) -> str:
    return f' {name}="{_escaped(value)}"'


def _escaped(text: str) -> str:
    """Return *text* as XML 1.0 takes it: no control characters, which it cannot hold even escaped."""
    allowed = "".join(char if _is_xml(char) else "\N{REPLACEMENT CHARACTER}" for char in text)
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        allowed = allowed.replace(char, entity)
    return allowed


def _is_xml(char: str) -> bool:
    """Tell whether a document may hold *char* (XML 1.0, production 2)."""
    code = ord(char)
    return char in "\t\n\r" or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF
