"""What differs in the layout of a type between two BTFs: fields added, removed, moved, resized, retyped."""

from __future__ import annotations

from enum import StrEnum

from btfview.analysis.type_rows import RowState, compare, type_rows
from btfview.btf.query import find_types
from btfview.btf.types import Enum, Fwd, Struct
from btfview.core_relo.names import essential_name
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, assert_never, frozen, replace

from .status import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any

    from btfview.analysis.result import Analysis
    from btfview.analysis.type_rows import RowComparison, TypeRow
    from btfview.btf.kinds import BtfKind
    from btfview.btf.reader import Btf


class FieldStatus(StrEnum):
    """What became of a field; in the order in which they are counted."""

    ADDED = "added"
    REMOVED = "removed"
    RESIZED = "resized"
    RETYPED = "retyped"
    MOVED = "moved"
    RENUMBERED = "renumbered"
    """Of an enumerator: it has another value."""


@frozen
class FieldChange:
    """One member of a struct or union, or one enumerator, that differs."""

    path: str
    """``se.vruntime``; of an enum the enumerator."""
    status: tuple[FieldStatus, ...]
    """ADDED or REMOVED alone; else one or more of MOVED, RESIZED, RETYPED, in this order; of an enumerator
    RENUMBERED."""
    old: TypeRow | None
    new: TypeRow | None
    shift: int = 0
    """Bits by which it moved within the struct that holds it; what its struct moved is not counted again."""


@frozen
class TypeChange:
    """One type on both sides. It is the same where sizes are equal and no field changed."""

    kind: str
    """``struct``, ``union`` or ``enum``."""
    name: str
    old_id: int
    """0 where there is no such type."""
    new_id: int
    old_size: int
    """Bytes."""
    new_size: int
    fields: tuple[FieldChange, ...] = ()
    problem: str = ""
    """Why the fields cannot be compared: damaged BTF."""

    @property
    def status(self) -> Status:
        if not self.old_id or not self.new_id:
            return Status.ADDED if self.new_id else Status.REMOVED
        is_other = self.fields or self.problem or self.old_size != self.new_size
        return Status.CHANGED if is_other else Status.SAME


def compare_type(old: Btf, new: Btf, name: str, kinds: Collection[BtfKind] = ()) -> TypeChange | None:
    """Return what differs in the struct, union or enum called *name*; None where neither BTF has it.

    A typedef stands for what it names. Where several types have the name, the first definition counts, as
    for a loader that finds it in both.
    """
    old_id, new_id = _definition(old, name, kinds), _definition(new, name, kinds)
    if not old_id and not new_id:
        return None
    btf, type_id = (old, old_id) if old_id else (new, new_id)
    found = btf.type(type_id)
    kind = "enum" if isinstance(found, Enum) else found.kind.label
    change = TypeChange(
        kind,
        found.name or name,
        old_id,
        new_id,
        old.byte_size(old_id) if old_id else 0,
        new.byte_size(new_id) if new_id else 0,
    )
    if not old_id or not new_id:
        return change
    try:
        rows = compare(type_rows(old, old_id), type_rows(new, new_id))
    except BtfFormatError as error:
        return replace(change, problem=str(error))
    fields = _enumerator_changes(rows) if isinstance(found, Enum) else _field_changes(rows)
    return replace(change, fields=tuple(fields))


def _definition(btf: Btf, name: str, kinds: Collection[BtfKind]) -> int:
    for type_id in find_types(btf, name, kinds):
        try:
            found = btf.skip_modifiers(type_id)
        except BtfFormatError:
            continue
        if isinstance(found, Struct | Enum) and not isinstance(found, Fwd):
            return found.id
    return 0


def _enumerator_changes(rows: tuple[RowComparison, ...]) -> Iterator[FieldChange]:
    for one in rows:
        row = one.here or one.there
        assert row is not None
        match one.state:
            case RowState.SAME:
                continue
            case RowState.ONLY_HERE:
                status = FieldStatus.REMOVED
            case RowState.ONLY_THERE:
                status = FieldStatus.ADDED
            case RowState.MOVED | RowState.CHANGED:
                status = FieldStatus.RENUMBERED
            case _:
                assert_never(one.state)
        yield FieldChange(row.key, (status,), one.here, one.there)


def _field_changes(rows: tuple[RowComparison, ...]) -> Iterator[FieldChange]:
    """Yield the changes of named fields. A struct that moves takes its fields along: that is one change."""
    inside: list[tuple[str, int, int]] = []
    """Paths of the structs around the row, and where they begin on both sides, in bits."""
    gone = ""
    for one in rows:
        row = one.here or one.there
        assert row is not None
        if not row.path:
            continue  # an anonymous struct: its members stand for themselves
        while inside and not row.path.startswith(f"{inside[-1][0]}."):
            inside.pop()
        old_start, new_start = inside[-1][1:] if inside else (0, 0)
        if one.here is None or one.there is None:
            if not (gone and row.path.startswith(f"{gone}.")):
                gone = row.path
                status = FieldStatus.REMOVED if one.here else FieldStatus.ADDED
                yield FieldChange(row.path, (status,), one.here, one.there)
            continue
        old_at, new_at = one.here.bit_offset or 0, one.there.bit_offset or 0
        inside.append((row.path, old_at, new_at))
        shift = (new_at - new_start) - (old_at - old_start)
        sizes = [(side.bit_size, side.is_in_bits) for side in (one.here, one.there)]
        found = tuple(
            status
            for status, is_so in (
                (FieldStatus.MOVED, shift),
                (FieldStatus.RESIZED, sizes[0] != sizes[1]),
                (FieldStatus.RETYPED, one.here.type_name != one.there.type_name),
            )
            if is_so
        )
        if found:
            yield FieldChange(row.path, found, one.here, one.there, shift)


def touched_types(analysis: Analysis) -> dict[str, set[str]]:
    """Return the types that records start from, by the name that a loader searches for, each with the paths
    in it that are asked for."""
    found: dict[str, set[str]] = {}
    for linked in analysis.relos:
        if not linked.local_type_name:
            continue
        paths = found.setdefault(essential_name(linked.local_type_name), set())
        if linked.field:
            paths.add(linked.field)
    return found


# -- JSON -----------------------------------------------------------------------------------------


def type_change_json(change: TypeChange, asked: Collection[str] = ()) -> dict[str, Any]:
    """Return *change* as JSON data.

    ``fields[]`` has ``path``, ``status`` (a list), ``old`` and ``new`` (null where it is not there) with
    ``bit_offset``, ``bit_size`` and ``type``, or with ``value`` for an enumerator; ``shift`` in bits; and
    whether the program asks for it.
    """
    return {
        "kind": change.kind,
        "name": change.name,
        "status": change.status,
        "old": {"id": change.old_id, "size": change.old_size} if change.old_id else None,
        "new": {"id": change.new_id, "size": change.new_size} if change.new_id else None,
        "problem": change.problem or None,
        "fields": [
            {
                "path": field.path,
                "status": list(field.status),
                "old": _side_json(field.old),
                "new": _side_json(field.new),
                "shift": field.shift,
                "asked": field.path in asked,
            }
            for field in change.fields
        ],
    }


def _side_json(row: TypeRow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    if row.value is not None:
        return {"value": row.value}
    return {"bit_offset": row.bit_offset, "bit_size": row.bit_size, "type": row.type_name}
