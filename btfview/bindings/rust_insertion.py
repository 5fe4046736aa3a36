"""Generated Rust into a source: between its items, as near to the cursor as that can be."""

from __future__ import annotations

import re

from btfview.compiler.rust.syntax.outline import read_outline
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

from .make import make_bindings
from .places import REST_OF_LINE, Insertion, nearest_gap, newline_of, put_between
from .result import Taken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.compiler.rust.syntax.outline import Outline
    from btfview.source import Source
    from btfview.targets.target import Target

    from .places import SourceSpot


def plan_rust_insertion(
    paths: Sequence[str], targets: Sequence[Target], dialect: str, spot: SourceSpot
) -> Insertion:
    """Return the source with code for *paths* in it, between the items that are nearest to the cursor.

    Names that the source has already are left to it: structs of the code get a flavor then, and functions
    of a struct that is there go into an ``impl`` of it.

    Raises:
        UsageError: a path is wrong, or the source does not parse.
        InputError: a target cannot be read.
    """
    source = spot.source
    outline = read_outline(source)
    if not outline.is_sound:
        raise UsageError("the source has syntax errors, so there is no telling where an item may stand")
    bindings = make_bindings(paths, targets, dialect, _taken(outline, source))
    at, where = _nearest_place(outline, source, spot.line)
    text, start = put_between(source.text, at, bindings.body)
    text, shift = with_gates(text, outline, bindings.gates, newline_of(source.text))
    line = text.count("\n", 0, start + shift) + 1
    return Insertion(source, text, line, f"line {line}, {where}", bindings)


def _taken(outline: Outline, source: Source) -> Taken:
    structs: set[str] = set()
    others: set[str] = set()
    functions: set[str] = set()
    methods: dict[str, set[str]] = {}
    for item in outline.items:
        match item.kind:
            case "struct" | "union" if not item.is_generic:
                structs.add(item.name)
            case "impl":
                methods.setdefault(item.name, set()).update(item.methods)
            case "fn":
                functions.add(item.name)
            case "use":
                others |= set(re.findall(r"\w+", item.name))
            case _:
                others.add(item.name)
    return Taken(
        frozenset(structs),
        frozenset(others | functions),
        {name: frozenset(found) for name, found in methods.items()},
        source.text.replace("\r\n", "\n"),
    )


def _nearest_place(outline: Outline, source: Source, line: int) -> tuple[int, str]:
    """Return the offset of the gap between items that is nearest to *line*, and its place in words."""
    text = source.text
    gaps: list[tuple[int, str]] = []
    for index, item in enumerate(outline.items):
        if index == 0:
            gaps.append((outline.inner_end, f"before {item}"))
        end = item.end
        rest = REST_OF_LINE.match(text, end)
        assert rest is not None
        if rest.end() == len(text) or text[rest.end()] in "\r\n":
            end = rest.end()
        behind = outline.items[index + 1] if index + 1 < len(outline.items) else None
        gaps.append((end, f"after {item}" + (f", before {behind}" if behind else "")))
    if not gaps:
        return outline.inner_end, "at the end"
    return nearest_gap(source, gaps, [item.start for item in outline.items], line)


def with_gates(text: str, outline: Outline, gates: tuple[str, ...], newline: str) -> tuple[str, int]:
    """Return *text* with the feature gates that it lacks, and by how much that moves what comes behind."""
    missing = [gate for gate in gates if gate not in outline.gates]
    if not missing:
        return text, 0
    if outline.gates_end >= 0:
        listed = text[: outline.gates_end].rstrip()
        added = (
            ("" if listed.endswith(("(", ",")) else ",")
            + " " * (not listed.endswith("("))
            + ", ".join(missing)
        )
        return listed + added + text[outline.gates_end :], len(listed) + len(added) - outline.gates_end
    at = outline.inner_start
    line = f"#![feature({', '.join(missing)})]"
    is_first = at == outline.inner_end  # there is no inner attribute
    added = newline * 2 + line if is_first and at else line + newline * (1 + is_first)
    return text[:at] + added + text[at:], len(added)
