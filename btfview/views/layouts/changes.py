"""Rows that say what differs in the layout of types."""

from __future__ import annotations

from itertools import groupby

from btfview.changes.layout_changes import FieldStatus
from btfview.changes.status import Status
from btfview.frozen import TYPE_CHECKING, assert_never
from btfview.views.rows import Row, Segment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from btfview.analysis.type_rows import TypeRow
    from btfview.changes.layout_changes import FieldChange, TypeChange

_LOOKS = {
    FieldStatus.ADDED: ("+", "as-compiled"),
    FieldStatus.REMOVED: ("-", "missing"),
    FieldStatus.RESIZED: ("≠", "warning"),
    FieldStatus.RETYPED: ("≠", "warning"),
    FieldStatus.MOVED: ("▲", "moved"),
    FieldStatus.RENUMBERED: ("≠", "warning"),
}
"""Sign and role."""
_RUN = 4
"""Neighbours that move by the same distance are told in one line from this number on."""
_NAME_WIDTH, _STATUS_WIDTH = 44, 22
_VALUES_WIDTH, _LEAST_NAME = 42, 12
"""Columns beside status and name of most fields, with the beginning of their types; and of a name."""


def layout_change_rows(
    change: TypeChange, asked: Collection[str] | None = None, *, is_full: bool = False, columns: int = 0
) -> Iterator[Row]:
    """Yield what differs in one type: a title, then its fields; nothing more where it is the same.

    *asked* are paths that a program asks for, marked ``◆``: then only these are shown, with what they lie in
    and what lies in them. With *is_full* every field has a line of its own. Where there are so many *columns*
    (0: any number), the names are padded to what the values leave.
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
    status_width = min(_STATUS_WIDTH, max((len(_words(field)) for field in alone), default=0))
    width = min(_NAME_WIDTH, max((len(field.path) for field in alone), default=0))
    if columns:
        width = min(width, max(columns - status_width - _VALUES_WIDTH, _LEAST_NAME))
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
    match change.status:
        case Status.ADDED:
            sign, role = _LOOKS[FieldStatus.ADDED]
            return Row((*name, Segment(f"  {sign} added: only the second has it", role)))
        case Status.REMOVED:
            sign, role = _LOOKS[FieldStatus.REMOVED]
            return Row((*name, Segment(f"  {sign} removed: only the first has it", role)))
        case Status.SAME:
            said = "the same"
        case Status.CHANGED:
            said = _counts(change.fields)
        case _:
            assert_never(change.status)
    sizes = [str(size) for size in dict.fromkeys((change.old_size, change.new_size))]
    return Row((*name, Segment(f"  {' → '.join(sizes)} bytes", "number"), Segment(f"  {said}", "dim")))


def _counts(fields: Sequence[FieldChange]) -> str:
    counts = {word: sum(word in field.status for field in fields) for word in FieldStatus}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _runs(
    fields: Sequence[FieldChange], asked: Collection[str], is_full: bool
) -> Iterator[tuple[bool, list[FieldChange]]]:
    """Yield stretches of fields, and whether they are to be told in one line."""

    def key(field: FieldChange) -> tuple[str, int] | None:
        if is_full or field.status != (FieldStatus.MOVED,) or field.path in asked:
            return None
        return field.path.rpartition(".")[0], field.shift

    for same, group in groupby(fields, key):
        found = list(group)
        yield same is not None and len(found) >= _RUN, found


def _run_row(fields: Sequence[FieldChange]) -> Row:
    sign, role = _LOOKS[FieldStatus.MOVED]
    segments = (
        Segment(f"{sign} {_words(fields[0])}  ", role),
        Segment(fields[0].path, "name"),
        Segment(" … ", "dim"),
        Segment(fields[-1].path, "name"),
        Segment(f"  ({len(fields)} fields)", "dim"),
    )
    return Row(segments, key=f"{fields[0].path}…", depth=1)


def _field_row(field: FieldChange, status_width: int, width: int, *, is_asked: bool) -> Row:
    sign, role = _LOOKS[field.status[-1]]
    old, new = field.old, field.new
    facts = [_facts(row) for row in (old, new) if row is not None]
    if old is not None and new is not None and FieldStatus.RETYPED not in field.status:
        facts = [_facts(old), _facts(new, has_type=False)]
    arrow = (Segment(" → ", "number"),)
    segments = (
        Segment(f"{sign} {_words(field):<{status_width}} ", role),
        Segment("◆ " if is_asked else "  ", "title"),
        Segment(f"{field.path:<{width}}  ", "name"),
        *(part for number, one in enumerate(facts) for part in (*arrow[: number > 0], *one)),
    )
    return Row(segments, key=field.path, depth=1)


def _words(field: FieldChange) -> str:
    size, bits = divmod(abs(field.shift), 8)
    by = f"{'-' if field.shift < 0 else '+'}{size}{f':{bits}' if bits else ''}"
    return ", ".join(f"{status} {by}" if status == FieldStatus.MOVED else status for status in field.status)


def _facts(row: TypeRow, *, has_type: bool = True) -> tuple[Segment, ...]:
    if row.bit_size is None:
        return (Segment(f"= {row.place}", "number"),)
    size = row.size if row.is_in_bits else f"{row.size} B"
    place = Segment(f"+{row.place} ({size})", "number")
    return (
        (place, Segment(f" {row.type_name}", "number", is_spare=True))
        if has_type and row.type_name
        else (place,)
    )
