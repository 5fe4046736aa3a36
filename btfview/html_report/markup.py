"""Text and rows as HTML."""

from __future__ import annotations

from btfview.btf.format.spelling import visible
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from btfview.views.rows import Row, Segment

_MAX_LISTED = 40


def escaped(text: str) -> str:
    """Return *text* as HTML shows it literally, also in a quoted attribute (HTML, 13.3); what does not print
    is spelt out.

    >>> escaped('<a b="c">&\\x1b'), escaped("it's")
    ('&lt;a b=&quot;c&quot;&gt;&amp;\\\\x1b', 'it&#39;s')
    """
    text = visible(text.expandtabs(4))
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(char, entity)
    return text


def listed(names: Sequence[str]) -> str:
    """Return names, a line each, for an attribute; of very many the first."""
    more = [f"and {len(names) - _MAX_LISTED} more"] if len(names) > _MAX_LISTED else []
    return "\n".join(map(escaped, (*names[:_MAX_LISTED], *more)))


def span(text: str, role: str) -> str:
    """Return *text* in the colour of a role of :mod:`btfview.views.rows`."""
    return f'<span class="{role}">{escaped(text)}</span>' if role not in ("", "text") else escaped(text)


def segments(parts: Iterable[Segment]) -> str:
    return "".join(span(part.text, part.role) for part in parts)


def lines(rows: Iterable[Row]) -> str:
    """Return rows as paragraphs that wrap, those of code and drawings as they stand."""
    found = []
    for row in rows:
        is_drawn = row.text.startswith("  ") or "  " in row.text.strip()
        found.append(f'<p class="{"drawn" if is_drawn else "said"}">{segments(row.segments)}</p>')
    return "\n".join(found)
