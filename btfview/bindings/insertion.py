"""Generated code into a source: between its items, as near to the cursor as that can be."""

from __future__ import annotations

import re

from btfview.compiler.rust.syntax.outline import read_outline
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.source import Source

from .make import Taken, make_bindings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.compiler.options import CompileOptions
    from btfview.compiler.rust.syntax.outline import Outline
    from btfview.targets.target import Target

    from .make import Bindings

_REST_OF_LINE = re.compile(r"[ \t]*(?://[^\r\n]*)?")


@frozen
class SourceSpot:
    """A source as it is on show, and a place in it."""

    source: Source
    line: int
    """Where the cursor is, from 1."""
    options: CompileOptions


@frozen
class Insertion:
    """A source with generated code in it."""

    source: Source
    """What it was made for."""
    text: str
    """The whole source with the code in it."""
    line: int
    """At which the code begins in *text*, from 1."""
    where: str
    """In words: ``line 30, before impl task_struct``."""
    bindings: Bindings


def plan_insertion(
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
    newline = "\r\n" if source.text.count("\r\n") * 2 > source.text.count("\n") else "\n"
    body = bindings.body.strip("\n").replace("\n", newline)
    at, where = _nearest_place(outline, source, spot.line)
    text = source.text
    before, behind = text[:at], text[at:]
    lead = "" if not before.strip() else newline * (2 if not before.endswith("\n") else 1)
    gap = newline * 2 if behind.strip() else newline
    start = len(before) + len(lead)
    tail = behind.lstrip("\r\n") if behind.strip() else ""
    text = before + lead + body + gap + tail
    text, shift = _with_gates(text, outline, bindings.gates, newline)
    line = text.count("\n", 0, start + shift) + 1
    return Insertion(source, text, line, f"line {line}, {where}", bindings)


def why_not_sound(insertion: Insertion, spot: SourceSpot, targets: Sequence[Target]) -> str:
    """Return why the source with the code in it would not compile although it does without; else nothing."""
    from btfview.analysis.analyse import analyse

    source = insertion.source
    after = analyse(source.path, targets, spot.options, source=Source(source.path, insertion.text))
    errors = [one for one in after.diagnostics if one.is_error]
    if errors:
        before = analyse(source.path, (), spot.options, source=source)
        if any(one.is_error for one in before.diagnostics):
            return ""  # the user is in the middle of something
        assert after.source is not None
        place = after.source.location(errors[0].span.start)
        return f"it would not compile there: line {place.line}: {errors[0].message}"
    own = {accessor.path.root for accessor in insertion.bindings.accessors}
    failing = [
        linked.path
        for linked in after.relos
        if linked.place is not None
        and insertion.line <= linked.place.line <= insertion.line + insertion.bindings.body.count("\n")
        and linked.local_type_name.partition("___")[0] in own
        and after.fails(linked.index)
    ]
    return f"{failing[0]} would not resolve" if failing else ""


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
        rest = _REST_OF_LINE.match(text, end)
        assert rest is not None
        if rest.end() == len(text) or text[rest.end()] in "\r\n":
            end = rest.end()
        behind = outline.items[index + 1] if index + 1 < len(outline.items) else None
        gaps.append((end, f"after {item}" + (f", before {behind}" if behind else "")))
    if not gaps:
        return outline.inner_end, "at the end"
    starts = [source.location(item.start).line for item in outline.items]

    def distance(index: int) -> int:
        first = source.location(gaps[index][0]).line
        last = starts[index] if index < len(starts) else source.line_count
        return 0 if first < line < last else min(abs(line - first), abs(line - last))

    best = min(range(len(gaps)), key=distance)
    return gaps[best]


def _with_gates(text: str, outline: Outline, gates: tuple[str, ...], newline: str) -> tuple[str, int]:
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
