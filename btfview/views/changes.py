"""Rows that say what differs between two results: records, sections, functions, instructions."""

from __future__ import annotations

from btfview.changes.shortest_edit import shown_indices
from btfview.changes.status import Status
from btfview.frozen import TYPE_CHECKING
from btfview.words import plural

from .rows import Row, Segment, column_width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.instructions.disassembly import InsnLine
    from btfview.analysis.result import Analysis
    from btfview.changes.object_changes import FunctionChange, InsnChange, ObjectChanges
    from btfview.changes.selection_changes import Changes

SIGNS = {Status.ADDED: "+", Status.REMOVED: "-", Status.CHANGED: "±", Status.SAME: " "}
_ROLES = {Status.ADDED: "as-compiled", Status.REMOVED: "error", Status.CHANGED: "warning", Status.SAME: "dim"}
_CONTEXT = 2
"""Instructions that did not change, shown on each side of those that did."""


def change_rows(new: Analysis, records: Changes, objects: ObjectChanges) -> tuple[Row, ...]:
    """Return what changed to get to *new*: records with their old values, sizes of sections, instructions
    with some around them. Without any change, a row that says so."""
    if not records and not objects:
        return (Row((Segment("nothing changed: the same records, the same bytes", "dim"),)),)
    order = "little → big" if new.object is not None and not new.object.is_little_endian else "big → little"
    said = (
        f"Byte order {order}: every number is written the other way round; instructions are compared by text"
    )
    return (
        *((Row((Segment(said, "warning"),)),) if objects.is_other_byte_order else ()),
        *_record_rows(new, records),
        *_section_rows(objects),
        *(row for function in objects.functions for row in _function_rows(function)),
    )


def summarise_changes(objects: ObjectChanges) -> str:
    """Return ``code 112 → 120 B, 3 instructions differ``; empty where the objects are the same."""
    if not objects:
        return ""
    insns = objects.insn_count
    code = _sizes(objects.old_code_size, objects.new_code_size)
    if not insns:
        if objects.is_other_byte_order:
            return "the same code in the other byte order"
        names = ", ".join(one.name for one in objects.sections if one.status != Status.SAME)
        return f"same code, {names} differ{'s' * (names.count(',') == 0)}"
    return f"code {code}, {plural(insns, 'instruction')} differ{'s' * (insns == 1)}"


def _record_rows(new: Analysis, records: Changes) -> Iterator[Row]:
    if not records:
        yield Row((Segment("Records", "title"), Segment("  the same as before", "dim")))
        return
    yield Row((Segment("Records", "title"),))
    changed = dict(records.changed)
    for linked in new.relos:
        index = linked.index
        if index in records.new:
            mark, status = " new", Status.ADDED
        elif index in changed:
            mark, status = f" {changed[index]}", Status.CHANGED
        else:
            continue
        segments = (
            Segment(f"{SIGNS[status]} #{index} ", _ROLES[status]),
            Segment(f"{linked.relo.kind_label} ", "keyword"),
            Segment(linked.path, "name"),
            Segment("" if linked.local_value is None else f" = {linked.local_value}", "number"),
            Segment(f" {mark}", _ROLES[status]),
        )
        yield Row(segments, (index,), linked.key, 1)
    for number, path in enumerate(records.gone):
        sign = Segment(f"{SIGNS[Status.REMOVED]} ", _ROLES[Status.REMOVED])
        yield Row((sign, Segment(path, "name"), Segment("  gone", "error")), (), f"gone {number}", 1)


def _section_rows(objects: ObjectChanges) -> Iterator[Row]:
    differing = [one for one in objects.sections if one.status != Status.SAME]
    if not differing:
        yield Row((Segment("Sections", "title"), Segment("  the same bytes as before", "dim")))
        return
    yield Row((Segment("Sections", "title"),))
    width = column_width(one.name for one in differing)
    for one in differing:
        if one.status in (Status.ADDED, Status.REMOVED):
            said = str(one.status)
        else:
            said = "other bytes" if one.old_size == one.new_size else ""
        segments = (
            Segment(f"{SIGNS[one.status]} ", _ROLES[one.status]),
            Segment(f"{one.name:<{width}}  ", "name"),
            Segment(_sizes(one.old_size, one.new_size), "number"),
            Segment(f"  {said}" if said else "", _ROLES[one.status]),
        )
        yield Row(segments, (), f"section {one.name}", 1)


def _function_rows(function: FunctionChange) -> Iterator[Row]:
    if function.status == Status.SAME:
        return
    if function.status in (Status.ADDED, Status.REMOVED):
        said = str(function.status)
    else:
        counts = {status: function.count(status) for status in (Status.ADDED, Status.REMOVED, Status.CHANGED)}
        said = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    yield Row(
        (
            Segment(f"{function.section} · {function.name or '(no symbol)'}", "title"),
            Segment(f"  {_sizes(function.old_size, function.new_size)}", "number"),
            Segment(f"  {said}", _ROLES[function.status]),
        )
    )
    if function.is_rough:
        text = "too many differ: what lies between the first and the last is given as removed and added"
        yield Row((Segment(text, "dim"),), depth=1)
    for index in shown_indices([change.status != Status.SAME for change in function.insns], _CONTEXT):
        if index is None:
            yield Row((Segment("⋮", "dim"),), depth=1)
        else:
            yield _insn_row(function, function.insns[index])


def _insn_row(function: FunctionChange, change: InsnChange) -> Row:
    line = change.new or change.old
    assert line is not None
    role = _ROLES[change.status]
    segments = [
        Segment(f"{SIGNS[change.status]} ", role),
        Segment(f"{_slot(change.old):>5} {_slot(change.new):>5}  ", "dim"),
    ]
    if change.status == Status.CHANGED and change.old is not None and change.new is not None:
        segments += [*_text(change.old, "dim"), Segment("  →  ", "dim")]
    segments += _text(line, "dim" if change.status == Status.SAME else "text")
    relos = change.new.relos if change.new is not None else ()
    if relos:
        segments.append(Segment("  ◆ " + " ".join(f"#{index}" for index in relos), "name"))
    which = "new" if change.new is not None else "old"
    key = f"{function.section}+{line.insn_off} {which}"
    return Row(tuple(segments), relos, key, 1)


def _slot(line: InsnLine | None) -> str:
    return "" if line is None else str(line.insn_index)


def _text(line: InsnLine, role: str) -> Iterator[Segment]:
    yield Segment(line.text, role)
    if line.reference:
        yield Segment(f"  ; {line.reference}", role, is_spare=True)


def _sizes(old: int | None, new: int | None) -> str:
    """Return ``112 → 120 B``, ``112 B`` where only one is there or both are equal."""
    if old is None or new is None or old == new:
        return f"{new if old is None else old} B"
    return f"{old} → {new} B"
