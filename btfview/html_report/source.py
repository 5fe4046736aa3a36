"""The source of a program, or what its object recorded of it, with what stands at each line."""

from __future__ import annotations

from btfview.diagnostics import format_diagnostic
from btfview.frozen import TYPE_CHECKING
from btfview.views.source import source_rows

from .markup import escaped, segments
from .matrix import item_number

if TYPE_CHECKING:
    from btfview.analysis.result import Analysis

    from .matrix import Shown

_MAX_LINES = 20_000


def source_listing(shown: Shown) -> str:
    """Return the lines; records stand behind theirs as links, coloured by whether they fail, and below a line
    what the compiler says of it."""
    analysis = shown.analysis
    rows = source_rows(analysis)
    items_of = _asks_by_line(analysis)
    said = _diagnostics_by_line(analysis)
    linked = frozenset(shown.items)
    width = len(str(len(rows)))
    has_numbers = analysis.source is not None
    parts = []
    for number, row in enumerate(rows[:_MAX_LINES], 1):
        line = number if has_numbers else _line_of(row.key)
        gutter = f'<span class="gutter">{number:>{width}}  </span>' if has_numbers else ""
        items = dict.fromkeys((*row.relos, *(items_of.get(line, ()) if has_numbers else ())))
        marks = "".join(_mark(shown, item, is_linked=item in linked) for item in items)
        anchor = f' id="{shown.prefix}L{line}"' if line else ""
        parts.append(f'<span{anchor} class="line">{gutter}{segments(row.segments)}{marks}</span>')
        parts += [f'<span class="{kind} below">{text}</span>' for text, kind in said.get(number, ())]
    if len(rows) > _MAX_LINES:
        parts.append(f'<span class="dim">… {len(rows) - _MAX_LINES} more lines</span>')
    return '<pre class="source" tabindex="0">' + "\n".join(parts) + "</pre>"


def _mark(shown: Shown, item: int, *, is_linked: bool) -> str:
    fails = any(state.is_problem for state in shown.fates.of(item)) if shown.analysis.targets else False
    kind = "missing" if fails else "as-compiled"
    label = escaped(item_number(shown.analysis, item))
    if not is_linked:
        return f' <span class="mark {kind}">◆{label}</span>'
    return f' <a class="mark {kind}" href="#{shown.prefix}i{item}">◆{label}</a>'


def _asks_by_line(analysis: Analysis) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    source = analysis.source
    if source is None:
        return found
    for number, ask in enumerate(analysis.asks, len(analysis.relos)):
        if ask.span is not None and source.is_own(ask.span.start):
            found.setdefault(source.location(ask.span.start).line, []).append(number)
    return found


def _diagnostics_by_line(analysis: Analysis) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    source = analysis.source
    if source is None:
        return found
    for one in analysis.diagnostics:
        is_own = source.is_own(one.span.start)
        line = source.location(one.span.start).line if is_own else 1
        kind = one.severity if one.severity in ("error", "warning") else "dim"
        found.setdefault(line, []).append((escaped_lines(format_diagnostic(one, source)), kind))
    return found


def escaped_lines(text: str) -> str:
    return "\n".join(map(escaped, text.split("\n")))


def _line_of(key: str) -> int:
    number = key.rpartition(":")[2]
    return int(number) if number.isdecimal() else 0
