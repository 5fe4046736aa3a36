"""Findings that say the same of several records or places, put together: one field is one finding."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, replace
from btfview.words import plural

from .finding import NOTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.analysis.result import Analysis

    from .finding import Finding


def said_once(analysis: Analysis, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return *findings* in their order, each thing said once.

    Of records of one field at one line (a macro that reads a bitfield makes five) the first is kept, with the
    kinds of all; of what may fail for the same reason at several places the first, with their number."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for index, one in enumerate(findings):
        key: tuple[object, ...]
        if one.relo is not None:
            linked = analysis.relos[one.relo]
            said = one.message.replace(f"({linked.relo.kind_label})", "", 1)
            key = (one.severity, one.code, said, one.hint, one.file, one.line, linked.program, one.targets)
        elif one.targets:
            line = 0 if one.severity == NOTES else one.line
            key = (one.severity, one.code, one.message, one.hint, one.file, line, one.targets)
        else:
            key = (index,)
        groups.setdefault(key, []).append(one)
    return tuple(_together(analysis, group) for group in groups.values())


def _together(analysis: Analysis, group: list[Finding]) -> Finding:
    first = group[0]
    if len(group) == 1:
        return first
    if first.relo is None:
        more = len({one.line for one in group}) - 1
        return (
            replace(first, message=f"{first.message} (so at {plural(more, 'more line')})") if more else first
        )
    kinds = dict.fromkeys(analysis.relos[one.relo].relo.kind_label for one in group if one.relo is not None)
    own = analysis.relos[first.relo].relo.kind_label
    return replace(first, message=first.message.replace(f"({own})", f"({', '.join(kinds)})", 1))
