"""Rows that say what differs in the layout of types."""

from __future__ import annotations

from itertools import groupby

from btfview.analysis.type_rows import SAME
from btfview.changes.layout_changes import ADDED, MOVED, REMOVED, RENUMBERED, RESIZED, RETYPED
from btfview.frozen import TYPE_CHECKING

from .rows import Row, Segment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from btfview.analysis.type_rows import TypeRow
    from btfview.changes.layout_changes import FieldChange, TypeChange

_SIGNS = {ADDED: "+", REMOVED: "-", RESIZED: "≠", RETYPED: "≠", MOVED: "▲", RENUMBERED: "≠"}
_ROLES = {
    ADDED: "as-compiled",
    REMOVED: "missing",
    RESIZED: "warning",
    RETYPED: "warning",
    MOVED: "moved",
    RENUMBERED: "warning",
}
_RUN = 4
"""Neighbours that move by the same distance are told in one line from this number on."""
_NAME_WIDTH, _STATUS_WIDTH = 44, 22


def layout_change_rows(
    change: TypeChange, asked: Collection[str] | None = None, *, is_full: bool = False
) -> Iterator[Row]:
    """Yield what differs in one type: a title, then its fields; nothing more where it is the same.

    *asked* are paths that a program asks for, marked ``◆``: then only these are shown, with what they lie in
    and what lies in them. With *is_full* every field has a line of its own.
    """
    yield _title(change)
    if change.problem:
        yield Row((Segment(f"cannot be compared: {change.problem}", "error"),), depth=1)
    shown = change.fields
    if asked is not None and not is_full:
        shown = tuple(field for field in shown if _concerns(field.path, asked))
    asked = asked or ()
    runs = list(_runs(shown, asked, is_full))
    alone = [field for is_run, fields in runs if not is_run for field in fields]
    width = min(_NAME_WIDTH, max((len(field.path) for field in alone), default=0))
    status_width = min(_STATUS_WIDTH, max((len(_words(field)) for field in alone), default=0))
    for is_run, fields in runs:
        if is_run:
            yield _run_row(fields)
        else:
            for field in fields:
                yield _field_row(field, status_width, width, is_asked=field.path in asked)
    if len(shown) < len(change.fields):
        rest = f"{len(change.fields) - len(shown)} more changes, which the program does not ask for (--all)"
        yield Row((Segment(rest, "dim"),), depth=1)


def _concerns(path: str, asked: Collection[str]) -> bool:
    return any(f"{one}.".startswith(f"{path}.") or path.startswith(f"{one}.") for one in asked)


def _title(change: TypeChange) -> Row:
    name = (Segment(f"{change.kind} ", "keyword"), Segment(change.name, "name"))
    if not change.old_id or not change.new_id:
        role = _ROLES[change.status]
        word = "only the first has it" if change.status == REMOVED else "only the second has it"
        return Row((*name, Segment(f"  {_SIGNS[change.status]} {change.status}: {word}", role)))
    size = (
        f"  {change.old_size} → {change.new_size} bytes"
        if change.old_size != change.new_size
        else f"  {change.new_size} bytes"
    )
    said = "the same" if change.status == SAME else _counts(change.fields)
    return Row((*name, Segment(size, "number"), Segment(f"  {said}", "dim")))


def _counts(fields: Sequence[FieldChange]) -> str:
    counts = {word: sum(word in field.status for field in fields) for word in _SIGNS}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _runs(
    fields: Sequence[FieldChange], asked: Collection[str], is_full: bool
) -> Iterator[tuple[bool, list[FieldChange]]]:
    """Yield stretches of fields, and whether they are to be told in one line."""

    def key(field: FieldChange) -> tuple[str, int] | None:
        if is_full or field.status != (MOVED,) or field.path in asked:
            return None
        return field.path.rpartition(".")[0], field.shift

    for same, group in groupby(fields, key):
        found = list(group)
        yield same is not None and len(found) >= _RUN, found


def _run_row(fields: Sequence[FieldChange]) -> Row:
    segments = (
        Segment(f"{_SIGNS[MOVED]} {_words(fields[0])}  ", _ROLES[MOVED]),
        Segment(fields[0].path, "name"),
        Segment(" … ", "dim"),
        Segment(fields[-1].path, "name"),
        Segment(f"  ({len(fields)} fields)", "dim"),
    )
    return Row(segments, key=f"{fields[0].path}…", depth=1)


def _field_row(field: FieldChange, status_width: int, width: int, *, is_asked: bool) -> Row:
    role, sign = _ROLES[field.status[-1]], _SIGNS[field.status[-1]]
    facts = [_facts(row) for row in (field.old, field.new) if row is not None]
    if len(facts) == 2 and field.old is not None and field.new is not None and RETYPED not in field.status:
        facts[1] = facts[1].removesuffix(f" {field.new.type_name}")
    segments = (
        Segment(f"{sign} {_words(field):<{status_width}} ", role),
        Segment("◆ " if is_asked else "  ", "title"),
        Segment(f"{field.path:<{width}}  ", "name"),
        Segment(" → ".join(facts), "number"),
    )
    return Row(segments, key=field.path, depth=1)


def _words(field: FieldChange) -> str:
    words = ", ".join(field.status)
    if MOVED not in field.status:
        return words
    size, bits = divmod(abs(field.shift), 8)
    by = f"{size}:{bits}" if bits else str(size)
    return words.replace(MOVED, f"{MOVED} {'-' if field.shift < 0 else '+'}{by}")


def _facts(row: TypeRow) -> str:
    size = "" if not row.size else f" ({row.size})" if row.size.startswith(":") else f" ({row.size} B)"
    place = f"+{row.place}" if row.size else f"= {row.place}"
    return f"{place}{size} {row.type_name}".rstrip()
