"""What is said of each record and demand: once for all kernels on which it is the same."""

from __future__ import annotations

from btfview.analysis.findings.by_loader import differing_loaders
from btfview.frozen import TYPE_CHECKING
from btfview.rust_names import demangled
from btfview.views.detail import detail_rows
from btfview.views.loaders import loader_rows

from .markup import escaped, lines, listed
from .matrix import item_number, item_words, strip

if TYPE_CHECKING:
    from btfview.views.rows import Row

    from .matrix import Shown

_MAX_GROUPS = 20
"""Different answers of one record that are told, the failing ones first."""
_MAX_CODES = 8
"""Blocks of code in a file's report: each is compiled, in 0.1 s."""


def item_sections(shown: Shown) -> str:
    """Return a block that opens for each, those open that fail."""
    codes = 0
    parts = []
    for item in shown.items:
        fails = any(state.is_problem for state in shown.fates.of(item))
        groups = _groups(shown, item)
        has_code = fails and codes < _MAX_CODES
        codes += has_code
        parts.append(_section(shown, item, groups, fails=fails, has_code=has_code))
    return "\n".join(parts)


def _section(shown: Shown, item: int, groups: list[list[int]], *, fails: bool, has_code: bool) -> str:
    analysis = shown.analysis
    kind, name = item_words(analysis, item)
    head = (
        f'<span class="dim">{escaped(item_number(analysis, item))}</span> '
        f'<b>{escaped(name)}</b> <span class="dim">{escaped(kind)}</span>'
    )
    head = f'<span class="named">{head}</span>'
    body = []
    if not analysis.targets:
        body.append(lines(detail_rows(analysis, item, 0)))
    for targets in groups[:_MAX_GROUPS]:
        names = [analysis.targets[target].name for target in targets]
        where = escaped(shown.groups.told(names))
        rows = _said(shown, item, targets[0], has_code=has_code)
        body.append(f'<section><h4 title="{listed(names)}">on {where}</h4>{lines(rows)}</section>')
    if len(groups) > _MAX_GROUPS:
        left = len(groups) - _MAX_GROUPS
        body.append(f'<p class="dim">and {left} more answers, in the table above</p>')
    return (
        f"<details{' open' if fails else ''}><summary>{head} {strip(shown, item)}</summary>"
        f'<div class="said-of" id="{shown.prefix}i{item}">{_place(shown, item)}{"".join(body)}</div>'
        "</details>"
    )


def _said(shown: Shown, item: int, target: int, *, has_code: bool) -> tuple[Row, ...]:
    fails = shown.fates.state(item, target).is_problem
    rows = detail_rows(shown.analysis, item, target, with_code=has_code and fails)
    ask = shown.analysis.ask(item)
    if shown.loads and not ask:
        rows = (*rows, *loader_rows(shown.loads, item, target))
    place = ask.place if ask else shown.analysis.relos[item].place
    if place is None:
        return rows
    above = f"{place.file}:{place.line}:"  # it stands above, once for all kernels
    return tuple(row for row in rows if not row.text.startswith(above))


def _place(shown: Shown, item: int) -> str:
    analysis = shown.analysis
    ask = analysis.ask(item)
    place = ask.place if ask else analysis.relos[item].place
    programs = ask.programs if ask else (analysis.relos[item].program,)
    who = ", ".join(demangled(name) for name in programs if name)
    by = f"in <b>{escaped(who)}</b>" if who else ""
    if place is None:
        return f"<p>{by}</p>" if by else ""
    where = escaped(f"{place.file}:{place.line}")
    link = f'<a href="#{shown.prefix}L{place.line}">{where}</a>'
    text = f"<pre>{escaped(place.text.strip())}</pre>" if place.text.strip() else ""
    return f"<p>{by} at {link}</p>{text}"


def _answers(shown: Shown, item: int, target: int) -> tuple[object, ...]:
    """Return what loaders make of a record, where that is shown and they differ."""
    if not shown.loads or not differing_loaders(shown.loads, item, target):
        return ()
    results = (load.analysis.results[item][target] for load in shown.loads)
    return tuple((result.outcome.status, result.insn_after) for result in results)


def _groups(shown: Shown, item: int) -> list[list[int]]:
    """Return the kernels that get the same answer for the same reason, the failing ones first."""
    analysis, fates = shown.analysis, shown.fates
    found: dict[tuple[object, ...], list[int]] = {}
    # A class is one of the answers that the strip shows; what other loaders say may differ within it.
    classes = [one.targets for one in fates.classes]
    for members in [(target,) for target in fates.order] if shown.loads else classes:
        target = members[0]
        state = fates.state(item, target)
        ask = analysis.ask(item)
        if ask:
            key: tuple[object, ...] = (not state.is_problem, ask.answers[target])
        else:
            result = analysis.results[item][target]
            reason = result.outcome.reason
            value = analysis.value(item, target)
            key = (not state.is_problem, state, value, reason, result.reach, _answers(shown, item, target))
        found.setdefault(key, []).extend(members)
    return [targets for key, targets in sorted(found.items(), key=lambda one: bool(one[0][0]))]
