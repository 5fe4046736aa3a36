"""Generated C into a source: between its items, as near to the cursor as that can be, with the includes that
it lacks."""

from __future__ import annotations

import re

from btfview.analysis.source_text.c_outline import read_c_outline
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

from .make import C, make_bindings
from .places import REST_OF_LINE, Insertion, nearest_gap, newline_of, put_between
from .result import Taken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.source_text.c_outline import COutline
    from btfview.source import Source
    from btfview.targets.target import Target

    from .places import SourceSpot

_WORD = re.compile(r"[A-Za-z_]\w*")
_OWN_MACROS = re.compile(r"^[ \t]*#[ \t]*define[ \t]+BPF_CORE_READ\(", re.MULTILINE)
_TYPES = ("vmlinux.h", "linux/types.h", "linux/bpf.h", "asm/types.h")
"""Headers that give bpf_helpers.h its integers."""


def plan_c_insertion(paths: Sequence[str], targets: Sequence[Target], spot: SourceSpot) -> Insertion:
    """Return the source with C for *paths* in it, between the items that are nearest to the cursor. No name
    that the source has is declared again.

    Raises:
        UsageError: a path is wrong, the brackets of the source do not go together, or no C does.
        InputError: a target cannot be read.
    """
    source = spot.source
    outline = read_c_outline(source.text)
    if not outline.is_sound:
        raise UsageError("the brackets of the source do not go together: no telling where code may stand")
    taken = Taken(others=frozenset(_WORD.findall(source.text)))
    bindings = make_bindings(paths, targets, C, taken)
    at, where = _nearest_place(outline, source, spot.line)
    text, start = put_between(source.text, at, bindings.body)
    missing = missing_headers(outline, source.text, spot.headers)
    text, shift = with_headers(text, outline, missing)
    line = text.count("\n", 0, start + shift) + 1
    return Insertion(source, text, line, f"line {line}, {where}", bindings)


def missing_headers(outline: COutline, text: str, included: Sequence[str] = ()) -> tuple[str, ...]:
    """Return what libbpf's CO-RE macros need and a source does not have: neither by itself, nor by what else
    it has *included*."""
    names = [*(name.strip('<>"') for name in outline.headers), *included]
    if _OWN_MACROS.search(text) or any(name.endswith("bpf_core_read.h") for name in names):
        return ()
    lacking = ["<bpf/bpf_core_read.h>"]
    if not any(name.endswith("bpf_helpers.h") for name in names):
        lacking.insert(0, "<bpf/bpf_helpers.h>")
    if not any(name.endswith(_TYPES) for name in names):
        lacking.insert(0, "<linux/types.h>")
    return tuple(lacking)


def with_headers(text: str, outline: COutline, headers: Sequence[str]) -> tuple[str, int]:
    """Return *text*, which is as in *outline* up to its includes, with more of them, and by how much that
    moves what comes behind."""
    if not headers:
        return text, 0
    newline = newline_of(text)
    at = outline.headers_end
    lead = newline if at and text[at - 1] != "\n" else ""
    added = lead + "".join(f"#include {header}{newline}" for header in headers)
    if not outline.headers:
        added += newline
    return text[:at] + added + text[at:], len(added)


def _nearest_place(outline: COutline, source: Source, line: int) -> tuple[int, str]:
    """Return the offset of the gap between items that is nearest to *line*, and its place in words."""
    items = [item for item in outline.items if not item.is_conditional]
    if not items:
        return max(outline.headers_end, len(source.text.rstrip())), "at the end"
    gaps = [(outline.headers_end, f"before {items[0]}")]
    for item, behind in zip(items, (*items[1:], None), strict=True):
        rest = REST_OF_LINE.match(source.text, item.end)
        assert rest is not None
        is_line_end = rest.end() == len(source.text) or source.text[rest.end()] in "\r\n"
        if is_line_end:
            gaps.append((rest.end(), f"after {item}" + (f", before {behind}" if behind else "")))
    return nearest_gap(source, gaps, [item.start for item in items], line)
