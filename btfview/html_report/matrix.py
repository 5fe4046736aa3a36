"""The strip and the matrix: every record and demand on every kernel, a column a class of kernels."""

from __future__ import annotations

from btfview.analysis.result import CellState
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.views.asks import ask_number, ask_value
from btfview.views.kernels.strip import cells
from btfview.views.states import state_role

from .markup import escaped, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.fates import Fates
    from btfview.analysis.findings.by_loader import LoadedBy
    from btfview.analysis.result import Analysis
    from btfview.checks.kernel_groups import KernelGroups

MAX_STRIP = 400
"""Cells of a strip."""


@frozen
class Shown:
    """What a report shows of one file."""

    analysis: Analysis
    fates: Fates
    groups: KernelGroups
    items: tuple[int, ...]
    """Records, and behind them demands, that have a row."""
    prefix: str
    """Of ids, one a file."""
    loads: tuple[LoadedBy, ...] = ()
    """What each loader makes of it, where that is shown."""


def strip(shown: Shown, item: int | None, *, is_labelled: bool = False) -> str:
    """Return a cell a kernel, by architecture from old to new, of a record or demand; of the program for
    None. A screen reader hears in words on how many kernels it fails."""
    fates, names = shown.fates, [target.name for target in shown.analysis.targets]
    parts = []
    for line in fates.lines:
        label = f'<span class="arch">{escaped(line.arch or "other")}</span>' if is_labelled else ""
        run = _cells([(names[target], fates.state(item, target)) for target in line.targets], len(names))
        ends = " … ".join(dict.fromkeys(shown.groups.label(names[line.targets[at]]) for at in (0, -1)))
        told = f'<span class="ends">{escaped(ends)}</span>' if is_labelled else ""
        parts.append(f'<span class="line">{label}<span class="cells">{run}</span>{told}</span>')
    failing, total = len(fates.failing_targets(item)), len(names)
    words = f"fails on {failing} of {total} kernels" if failing else f"fails on none of {total} kernels"
    kind = "strip labelled" if is_labelled else "strip"
    return f'<span class="{kind}" role="img" aria-label="{words}">{"".join(parts)}</span>'


def _cells(kernels: Sequence[tuple[str, CellState]], total: int) -> str:
    """Return the cells of one architecture; of very many kernels a cell stands for a run of neighbours, with
    the worst of them."""
    share = max(1, MAX_STRIP * len(kernels) // total) if total > MAX_STRIP else len(kernels)
    parts, at = [], 0
    for cell in cells([state for _, state in kernels], share):
        first, last = kernels[at][0], kernels[at + cell.count - 1][0]
        at += cell.count
        state = cell.state or CellState.UNKNOWN
        name = first if cell.count == 1 else f"{first} … {last} ({cell.count})"
        title = escaped(f"{name}: {state}")
        parts.append(f'<i class="{state_role(state)}" title="{title}">{state.glyph}</i>')
    return "".join(parts)


def matrix(shown: Shown) -> str:
    """Return the table; its head cells name the kernels of a class, its rows lead to what is said below."""
    fates, analysis = shown.fates, shown.analysis
    head = "".join(_head_cell(shown, number) for number in range(len(fates.classes)))
    archs: list[tuple[str, int]] = []
    for one in fates.classes:
        if archs and archs[-1][0] == one.arch:
            archs[-1] = one.arch, archs[-1][1] + 1
        else:
            archs.append((one.arch, 1))
    over = "".join(
        f'<th scope="colgroup" colspan="{count}">{escaped(arch or "kernels")}</th>' for arch, count in archs
    )
    rows = "".join(_row(shown, item) for item in shown.items)
    left = analysis.item_count - len(shown.items)
    note = f"<p>{left} more fail nowhere: btfview relos --json has them all.</p>" if left else ""
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="kernels and records">'
        f'<table><thead><tr><th rowspan="2">record</th>{over}</tr><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{note}"
    )


def _head_cell(shown: Shown, number: int) -> str:
    members = shown.fates.classes[number].targets
    names = [shown.analysis.targets[target].name for target in members]
    label = " … ".join(dict.fromkeys(shown.groups.label(name) for name in (names[0], names[-1])))
    label += f" ({len(names)})" if len(names) > 1 else ""
    return f'<th scope="col" title="{listed(names)}">{escaped(label)}</th>'


def _row(shown: Shown, item: int) -> str:
    analysis, fates = shown.analysis, shown.fates
    row = []
    for number, kernel_class in enumerate(fates.classes):
        state = fates.of(item)[number]
        value = _value(analysis, item, kernel_class.targets[0], state)
        said = f"{state.glyph} {value}".strip()
        row.append(f'<td class="{state_role(state)}" title="{escaped(str(state))}">{escaped(said)}</td>')
    kind, name = item_words(analysis, item)
    title = f'<a href="#{shown.prefix}i{item}">{escaped(item_number(analysis, item))} {escaped(name)}</a>'
    return f'<tr><th scope="row">{title} <span class="dim">{escaped(kind)}</span></th>{"".join(row)}</tr>'


def _value(analysis: Analysis, item: int, target: int, state: CellState) -> str:
    if analysis.ask(item):
        return ask_value(state)
    value = analysis.value(item, target)
    return "" if value is None else str(value)


def item_number(analysis: Analysis, item: int) -> str:
    """Return ``#3``, or ``d0`` of what else is asked for."""
    return ask_number(analysis, item) if analysis.ask(item) else f"#{item}"


def item_words(analysis: Analysis, item: int) -> tuple[str, str]:
    """Return the kind of a record or demand, and what it asks for."""
    if ask := analysis.ask(item):
        return ask.kind, ask.subject
    linked = analysis.relos[item]
    return linked.relo.kind_label, linked.path


def chosen_items(analysis: Analysis, fates: Fates, most: int) -> tuple[int, ...]:
    """Return at most *most* records and demands in their order; those that fail first have a place."""
    if analysis.item_count <= most:
        return tuple(range(analysis.item_count))
    failing: Sequence[int] = fates.failing_items[:most]
    taken = set(failing)
    for item in range(analysis.item_count):
        if len(taken) == most:
            break
        taken.add(item)
    return tuple(sorted(taken))
