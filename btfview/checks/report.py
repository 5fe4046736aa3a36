"""What one run of ``check`` found, as every format takes it."""

from __future__ import annotations

import hashlib
import os

from btfview.analysis.findings.finding import ERRORS, NOTES, WARNINGS
from btfview.frozen import TYPE_CHECKING, frozen, replace
from btfview.rules.rule import rule_id

from .kernel_groups import KernelGroups
from .paths import below, mapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from btfview.analysis.findings.finding import Finding

    from .paths import Prefixes

SEVERITIES = (ERRORS, WARNINGS, NOTES)
"""From grave to harmless."""
NEVER = "never"
"""In the place of a severity: whatever is found, nothing fails."""


@frozen
class Found:
    """A finding, and what is known of it beside."""

    finding: Finding
    """Its file as :mod:`.paths` has it."""
    fingerprint: str
    """The same after an edit elsewhere: rule, file, program, what it is about, and which of those it is; no
    line, no kernel."""
    is_known: bool = False
    """The baseline has it."""

    @property
    def rule(self) -> str:
        return rule_id(self.finding.code)


@frozen
class ProgramFate:
    """Whether one program loads, on each target of its file."""

    name: str
    verdicts: tuple[str, ...]
    """``loads``, ``fails`` or ``unknown``."""


@frozen
class CheckedFile:
    """One file."""

    path: str
    found: tuple[Found, ...]
    targets: tuple[str, ...]
    """Those that it was checked on."""
    records: int
    programs: tuple[ProgramFate, ...] = ()
    """None where it was not asked whether they load."""
    problem: str = ""
    """Why it cannot be read; empty where it was."""
    is_compiled: bool = True


@frozen
class Accepted:
    """An entry of a baseline: a finding that was accepted."""

    object: str
    """The file that was checked."""
    fingerprint: str
    rule: str
    severity: str
    file: str
    subject: str
    message: str
    targets: tuple[str, ...]


@frozen
class CheckReport:
    """All files of a run."""

    files: tuple[CheckedFile, ...]
    targets: tuple[str, ...]
    """Those that could be read."""
    problems: tuple[str, ...] = ()
    """What could not be read, files and targets."""
    fixed: tuple[Accepted, ...] = ()
    """What the baseline has and is no more."""
    exit_code: int = 0
    fail_on: str = ERRORS
    """The least severity that fails; NEVER where none does."""
    has_baseline: bool = False

    @property
    def groups(self) -> KernelGroups:
        return KernelGroups(self.targets)

    @property
    def new(self) -> tuple[Found, ...]:
        """The findings that no baseline has, each of one place once: a header's of several objects, too."""
        seen: dict[tuple[object, ...], Found] = {}
        for file in self.files:
            for one in file.found:
                if not one.is_known:
                    at = one.finding
                    key = (at.severity, at.code, at.message, at.hint, at.file, at.line, at.column)
                    seen.setdefault(key, one)
        return tuple(seen.values())

    @property
    def known(self) -> tuple[Found, ...]:
        return tuple(one for file in self.files for one in file.found if one.is_known)

    def fails(self, finding: Finding) -> bool:
        """Tell whether a finding that is new fails the run."""
        return is_failing(finding.severity, self.fail_on)

    def is_to_mend(self, finding: Finding) -> bool:
        """Tell whether a finding that is new is shown as a failure: what :meth:`fails` says, and an error
        also where nothing fails the run (``--exit-zero``)."""
        return is_failing(finding.severity, ERRORS if self.fail_on == NEVER else self.fail_on)


def is_failing(severity: str, fail_on: str) -> bool:
    """Tell whether a severity is at least *fail_on*."""
    return fail_on != NEVER and SEVERITIES.index(severity) <= SEVERITIES.index(fail_on)


def as_found(findings: Iterable[Finding], checked: str, prefixes: Prefixes, root: str) -> tuple[Found, ...]:
    """Return the findings of the file *checked* with their fingerprints; *root* is the folder that paths in
    these are told from."""
    mapped_ones = [replace(one, file=mapped(one.file, prefixes)) for one in findings]
    return tuple(
        Found(one, fingerprint)
        for one, fingerprint in zip(
            mapped_ones, _fingerprints(mapped_ones, below(mapped(checked, prefixes), root), root), strict=True
        )
    )


def _fingerprints(findings: Sequence[Finding], checked: str, root: str) -> list[str]:
    places: dict[tuple[str, ...], set[tuple[int, int, str]]] = {}
    keys = []
    for one in findings:
        about = one.subject or one.message.replace(one.listed, "", 1)
        where = "" if one.line else one.message.partition(":")[0] if one.relo is not None else ""
        key = (rule_id(one.code), below(one.file, root), one.program, about)
        at = (one.line, one.column, where)
        places.setdefault(key, set()).add(at)
        keys.append((key, at))
    ranks = {key: {at: rank for rank, at in enumerate(sorted(seen))} for key, seen in places.items()}
    return [
        hashlib.sha256("\0".join((checked, *key, str(ranks[key][at]))).encode("utf-8", "replace"))
        .hexdigest()[:32]
        for key, at in keys
    ]  # fmt: skip


def checked_name(path: str, prefixes: Prefixes, root: str) -> str:
    """Return what a checked file is called in a baseline: its path from *root* on."""
    return below(mapped(path, prefixes), os.path.abspath(root))
