"""Markdown for the summary of a CI step: which programs load on which kernels, and what was found."""

from __future__ import annotations

import os

from btfview.btf.format.spelling import visible
from btfview.checks.paths import below
from btfview.checks.report import SEVERITIES
from btfview.frozen import TYPE_CHECKING
from btfview.words import plural

from .text import short_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.checks.kernel_groups import KernelGroups
    from btfview.checks.report import CheckedFile, CheckReport, Found, ProgramFate

_GLYPHS = {"loads": "✔", "fails": "✖", "unknown": "?"}
_LEGEND = "✔ loads, ✖ fails, ? not known"
_MAX_COLUMNS = 12
"""Programs of one matrix; of more those that fail somewhere come first."""
_MAX_FINDINGS = 100
"""GitHub takes 1 MiB a step."""
_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|~$"})
"""What GitHub Flavored Markdown reads within a line; a parenthesis only behind a bracket."""


def markdown_text(report: CheckReport) -> str:
    """Return the summary."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: CheckReport) -> Iterator[str]:
    groups, here = report.groups, os.getcwd()
    yield f"## btfview check: {_outcome(report)}"
    yield ""
    yield f"{plural(len(report.files), 'file')} on {plural(len(report.targets), 'kernel')}: {_LEGEND}."
    fine = [file for file in report.files if _is_fine(file)] if len(report.files) > 1 else []
    for file in report.files:
        if file not in fine:
            yield from _matrix(file, groups, here)
    if fine:
        yield from ("", "### Load on every kernel", "")
        yield ", ".join(_text(below(file.path, here)) for file in fine)
    if report.new:
        yield from ("", "### Findings", "", "| | where | rule | what |", "| --- | --- | --- | --- |")
        graver = sorted(report.new, key=lambda one: SEVERITIES.index(one.finding.severity))
        yield from (_row(one, groups, here) for one in graver[:_MAX_FINDINGS])
        if len(report.new) > _MAX_FINDINGS:
            yield f"\n… and {len(report.new) - _MAX_FINDINGS} more."
    if known := report.known:
        yield f"\n{plural(len(known), 'finding')} in the baseline."
    if report.fixed:
        yield "\nFixed, so to be taken out of the baseline:\n"
        yield from (f"- {_text(f'{one.file}: {one.message}')}" for one in report.fixed)
    if report.problems:
        yield "\nNot read:\n"
        yield from (f"- {_text(problem)}" for problem in report.problems)


def _outcome(report: CheckReport) -> str:
    """Return what is to be done."""
    if count := sum(report.is_to_mend(one.finding) for one in report.new):
        return f"{_GLYPHS['fails']} {plural(count, 'finding')} to mend"
    if report.problems:
        return f"{_GLYPHS['unknown']} not all could be read"
    return "✔ nothing new" if report.known else "✔ nothing fails"


def _is_fine(file: CheckedFile) -> bool:
    """Tell whether all programs load on all kernels."""
    verdicts = {verdict for one in file.programs for verdict in one.verdicts}
    return not file.problem and verdicts == {"loads"}


def _matrix(file: CheckedFile, groups: KernelGroups, here: str) -> Iterator[str]:
    """Yield kernels by programs; kernels on which all programs fare alike are one row."""
    yield from ("", f"### {_text(below(file.path, here))}", "")
    if file.problem or not file.programs or not file.targets:
        yield f"{plural(file.records, 'record')}." if not file.problem else _text(file.problem)
        return
    shown = _shown(file.programs)
    rows: dict[tuple[str, ...], list[str]] = {}
    for column, target in enumerate(file.targets):
        rows.setdefault(tuple(one.verdicts[column] for one in shown), []).append(target)
    yield f"| kernels | {' | '.join(_text(one.name) for one in shown)} |"
    yield f"| --- |{' :-: |' * len(shown)}"
    for verdicts, targets in rows.items():
        cells = " | ".join(_GLYPHS[verdict] for verdict in verdicts)
        yield f"| {_text(groups.told(targets))} | {cells} |"
    if left := len(file.programs) - len(shown):
        fine = all(set(one.verdicts) == {"loads"} for one in file.programs if one not in shown)
        yield f"\n{plural(left, 'more program')}{' that load everywhere' if fine else ''}."


def _shown(programs: tuple[ProgramFate, ...]) -> tuple[ProgramFate, ...]:
    if len(programs) <= _MAX_COLUMNS:
        return programs
    chosen = sorted(programs, key=lambda one: ("fails" not in one.verdicts, "unknown" not in one.verdicts))
    taken = chosen[:_MAX_COLUMNS]
    return tuple(one for one in programs if one in taken)


def _row(one: Found, groups: KernelGroups, here: str) -> str:
    finding = one.finding
    place = ":".join([below(finding.file, here), *(str(part) for part in (finding.line,) if part)])
    message = _text(short_message(finding, groups))
    hint = f"<br>{_text(finding.hint)}" if finding.hint else ""
    return f"| {finding.severity} | {_text(place)} | {_text(one.rule)} | {message}{hint} |"


def _text(text: str) -> str:
    """Return *text* as Markdown shows it literally, in one line."""
    return visible(text).translate(_SPECIAL)
