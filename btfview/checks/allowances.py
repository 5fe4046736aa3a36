"""Findings that a project allows: by rule, record and kernel."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from btfview.analysis.findings.collect import listed_targets
from btfview.analysis.kernels.kernel_age import version_of
from btfview.configuration.kernel_ranges import compared, problem_in
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING, frozen, replace
from btfview.rules.catalogue import RULES, find_rule, similar_ids
from btfview.rules.rule import rule_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from btfview.analysis.findings.finding import Finding

_PARTS = re.compile(r"(?P<rule>[^:@]+)(?::(?P<record>[^@]+))?(?:@(?P<kernels>.+))?")


@frozen
class Allowance:
    """Findings of which nothing is said."""

    rule: str
    """An id of :mod:`btfview.rules`."""
    record: str = ""
    """A pattern (``task_struct.*``) for what a finding is about: the path of a record, the name of a helper;
    empty for all."""
    kernels: str = ""
    """``<5.14``, ``>=5.10,<6.1``, ``6.1``, or a pattern for names (``*-rt-*``); empty for all."""
    reason: str = ""
    """For people."""


def parse_allowance(text: str) -> Allowance:
    """Return the allowance of ``RULE[:RECORD][@KERNELS]``.

    Raises:
        UsageError: there is no such rule, or a part is empty.

    >>> parse_allowance("missing:task_struct.state@<5.14").kernels
    '<5.14'
    """
    found = _PARTS.fullmatch(text)
    if found is None:
        raise UsageError(
            f"--allow {text}: RULE, RULE:RECORD, RULE@KERNELS or RULE:RECORD@KERNELS is expected"
        )
    if found["kernels"] and (problem := problem_in(found["kernels"])):
        raise UsageError(f"--allow {text}: of the kernels {problem}")
    return Allowance(known_rule(found["rule"], "--allow"), found["record"] or "", found["kernels"] or "")


def known_rule(name: str, option: str) -> str:
    """Return the id of a rule.

    Raises:
        UsageError: there is none of that name; the words begin with *option*.
    """
    found = find_rule(name)
    if found is None:
        similar = similar_ids(name)
        meant = f"; did you mean {' or '.join(similar)}?" if similar else "; btfview rule lists all rules"
        lints = ", ".join(rule.id for rule in RULES if rule.is_lint)
        raise UsageError(f"{option} {name}: no lint is called so; there are warnings (all), {lints}{meant}")
    if found.origin != "btfview" and not found.is_lint:
        raise UsageError(f"{option} {name}: that is a compiler's error, without which there is no program")
    return rule_id(name)


def without_allowed(
    findings: Iterable[Finding], allowances: Sequence[Allowance], target_count: int
) -> tuple[tuple[Finding, ...], frozenset[Allowance]]:
    """Return *findings* without what is allowed, and which allowances were of use.

    Of a finding that is allowed on some kernels the others stay."""
    if not allowances:
        return tuple(findings), frozenset()
    left, used = [], set()
    for one in findings:
        kept: Finding | None = one
        for allowance in allowances:
            if kept is None or not _is_about(allowance, kept):
                continue
            rest = tuple(name for name in kept.targets if not is_kernel(name, allowance.kernels))
            if allowance.kernels and (not kept.targets or rest == kept.targets):
                continue
            used.add(allowance)
            kept = on_targets(kept, rest, target_count) if allowance.kernels and rest else None
        if kept is not None:
            left.append(kept)
    return tuple(left), frozenset(used)


def on_targets(finding: Finding, targets: tuple[str, ...], target_count: int) -> Finding:
    """Return *finding* as one of *targets* alone."""
    listed = listed_targets(targets, target_count) if finding.listed else ""
    message = finding.message.replace(finding.listed, listed, 1) if finding.listed else finding.message
    return replace(finding, targets=targets, message=message, listed=listed)


def is_kernel(name: str, kernels: str) -> bool:
    """Tell whether a kernel is one of *kernels*: what stands between commas must all hold.

    As many numbers of its version are compared as are given.

    >>> [is_kernel("5.14.21-generic", text) for text in ("<5.14", "<=5.14", "5.14", ">=5.10,<6.1", "*-rt")]
    [False, True, True, True, False]
    """
    return all(_holds(name, term.strip()) for term in kernels.split(",")) if kernels else True


def _holds(name: str, term: str) -> bool:
    range_ = compared(term)
    if range_ is None:
        return fnmatchcase(name, term)
    operator, wanted = range_
    version = version_of(name)[: len(wanted)]
    if not version:
        return False
    version += (0,) * (len(wanted) - len(version))
    match operator:
        case "<":
            return version < wanted
        case "<=":
            return version <= wanted
        case ">":
            return version > wanted
        case ">=":
            return version >= wanted
        case _:
            return version == wanted


def _is_about(allowance: Allowance, finding: Finding) -> bool:
    if rule_id(finding.code) != allowance.rule:
        return False
    if not allowance.record:
        return True
    subject = finding.subject.removeprefix(f"{finding.code} ").partition(" (")[0]
    return fnmatchcase(subject, allowance.record)
