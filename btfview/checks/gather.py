"""What one analysis brings to a report."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

from .allowances import without_allowed
from .report import CheckedFile, ProgramFate, as_found
from .settings import with_levels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.analysis.findings.finding import Finding
    from btfview.analysis.result import Analysis

    from .allowances import Allowance
    from .settings import CheckSettings


def checked_file(
    analysis: Analysis, findings: Iterable[Finding], settings: CheckSettings
) -> tuple[CheckedFile, frozenset[Allowance]]:
    """Return a file with what is left of its findings, and which allowances were of use."""
    graded = with_levels(findings, settings.levels)
    left, used = without_allowed(graded, settings.allowances, len(analysis.targets))
    file = CheckedFile(
        analysis.path,
        as_found(left, analysis.path, settings.prefixes, settings.root),
        tuple(target.name for target in analysis.targets),
        len(analysis.relos),
        program_fates(analysis),
        is_compiled=not (analysis.compilation and analysis.compilation.has_errors),
    )
    return file, used


def program_fates(analysis: Analysis) -> tuple[ProgramFate, ...]:
    """Return whether each program loads, in the order of the object; none where that was not asked."""
    if not analysis.verdicts:
        return ()
    verdicts: dict[tuple[str, str], list[str]] = {}
    for verdict in analysis.verdicts:
        for part in verdict.programs:
            verdicts.setdefault((part.section, part.name), []).append(part.verdict)
    return tuple(
        ProgramFate(name, tuple(found))
        for (_, name), found in verdicts.items()
        if len(found) == len(analysis.targets)
    )
