"""Findings as editors and people read them: ``FILE:LINE:COLUMN: SEVERITY: MESSAGE [RULE]``."""

from __future__ import annotations

import re

from btfview.btf.format.spelling import visible
from btfview.fitted import wrapped
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from btfview.analysis.findings.finding import Finding
    from btfview.checks.kernel_groups import KernelGroups
    from btfview.checks.report import CheckReport

MAX_LINE = 480
"""Characters up to which a finding is one line, with its hint."""
_HELP_WIDTH = 110
_SENTENCE_END = re.compile(r"(?<!\.)\. (?=[A-Za-z_])")
"""Not that of the dots in a block of code."""
_COLORS = {"error": "31", "warning": "33", "note": "36"}
"""As rustc has them, by ECMA-48's numbers."""
_BOLD = "1"


@frozen
class TextOptions:
    """How much is told, and whether in colour."""

    is_quiet: bool = False
    """Findings alone."""
    is_verbose: bool = False
    """What is accepted, too."""
    is_colored: bool = False
    width: int = MAX_LINE
    """Characters up to which a finding is one line: MAX_LINE for programs, the terminal's columns there."""


def check_text(report: CheckReport, options: TextOptions) -> str:
    """Return the report as lines, a finding each, the longer ones with their hint below; at the end what was
    found in all. No line is said twice, and what files hold reaches no terminal as commands."""
    return "".join(f"{line}\n" for line in dict.fromkeys(_lines(report, options)))


def _lines(report: CheckReport, options: TextOptions) -> Iterator[str]:
    groups = report.groups
    for one in report.new:
        yield "\n".join(_told(one.finding, groups, options))
    if options.is_verbose:
        for one in report.known:
            lines = _told(one.finding, groups, options)
            yield "\n".join([f"{lines[0]} (in the baseline)", *lines[1:]])
    for entry in report.fixed:
        yield visible(f"{entry.file}: fixed: {entry.message} [{entry.rule}]")
    if not options.is_quiet:
        yield _summary(report)


def _told(finding: Finding, groups: KernelGroups, options: TextOptions) -> list[str]:
    return finding_lines(finding, groups, width=options.width, is_colored=options.is_colored)


def finding_lines(
    finding: Finding, groups: KernelGroups, *, width: int = MAX_LINE, is_colored: bool = False
) -> list[str]:
    """Return *finding* as lines: one, where it has at most *width* characters with its hint."""
    place = ":".join([finding.file, *(str(number) for number in (finding.line, finding.column) if number)])
    code = f" [{finding.code}]" if finding.code else ""
    message = short_message(finding, groups)
    hint = f"{finding.hint[:1].upper()}{finding.hint[1:]}"
    whole = f"{place}: {finding.severity}: {message}{f'. {hint}' if hint else ''}{code}"
    if len(whole) <= width:
        lines = [whole]
    else:
        whole, is_for_programs = f"{place}: {finding.severity}: {message}{code}", width == MAX_LINE
        lines = wrapped(whole, width, "    ", breaks_words=is_for_programs)
        for sentence in _SENTENCE_END.split(hint):
            help_width = min(width, _HELP_WIDTH)
            lines += wrapped(f"    help: {sentence}", help_width, " " * 10) if sentence else []
    lines = [visible(line) for line in lines]
    start = visible(f"{place}: ")
    if is_colored and lines[0].startswith(f"{start}{finding.severity}"):  # a long path may fill it alone
        severity = _colored(finding.severity, f"{_BOLD};{_COLORS[finding.severity]}")
        lines[0] = f"{_colored(start, _BOLD)}{severity}{lines[0][len(start) + len(finding.severity) :]}"
    return lines


def short_message(finding: Finding, groups: KernelGroups) -> str:
    """Return the message with its kernels in few words."""
    if not finding.listed:
        return finding.message
    return finding.message.replace(finding.listed, groups.told(finding.targets), 1)


def _colored(text: str, color: str) -> str:
    return f"\x1b[{color}m{text}\x1b[0m"


def _summary(report: CheckReport) -> str:
    """Return ``2 errors, 1 note: 1 file, 4 records on 3 targets``."""
    counts = _counted(one.finding for one in report.new)
    found = ", ".join(plural(count, word) for word, count in counts.items() if count) or "nothing found"
    if known := len(report.known):
        found += f", {known} in the baseline"
    if report.fixed:
        found += f", {len(report.fixed)} fixed"
    records = sum(file.records for file in report.files)
    where = f" on {plural(len(report.targets), 'target')}" if report.targets else ""
    files = sum(not file.problem for file in report.files)
    return f"{found}: {plural(files, 'file')}, {plural(records, 'record')}{where}"


def _counted(findings: Iterable[Finding]) -> dict[str, int]:
    counts = {"error": 0, "warning": 0, "note": 0}
    for one in findings:
        counts[one.severity] += 1
    return counts
