"""Any type of any target as rows of facts: layout, what each row leads to, how another target has it."""

from __future__ import annotations

from enum import StrEnum

from btfview.btf import types as t
from btfview.btf.format.spelling import format_type
from btfview.btf.holes import CACHELINE
from btfview.btf.layout_rows import CACHELINE_ROW, HOLE, MEMBER, struct_layout, with_cachelines
from btfview.btf.query import find_types
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen, replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.btf.reader import Btf


_MAX_CHAIN = 64


class RowState(StrEnum):
    """How a row of one layout is in another."""

    SAME = "same"
    MOVED = "moved"
    CHANGED = "changed"
    """In size or type."""
    ONLY_HERE = "only here"
    ONLY_THERE = "only there"


@frozen
class TypeRow:
    name: str
    type_name: str
    what: str = MEMBER
    """As in :mod:`btfview.btf.layout_rows`; what is no struct's is a member, too."""
    bit_offset: int | None = None
    bit_size: int | None = None
    is_in_bits: bool = False
    """A bitfield, or another row that does not begin and end with a byte."""
    value: int | None = None
    """Of an enumerator."""
    depth: int = 0
    follows: int = 0
    """Type id that enter leads to; 0 where there is nothing to see."""
    path: str = ""
    """``se.vruntime``, as a query writes it; empty for what no query can ask for."""
    note: str = ""
    """``hole``, ``padding``, ``cacheline 2``; ``anonymous`` where the members count as those of the struct
    around it."""
    key: str = ""
    """For :func:`compare`. Of a member its path, of an anonymous one also its place among those, of a hole
    the member before it, of a cacheline the one behind."""

    @property
    def is_member(self) -> bool:
        """Not a hole, padding or a boundary; what differs of those alone is no difference of the type."""
        return bool(self.key) and self.what == MEMBER

    @property
    def place(self) -> str:
        """``2356:4`` (bytes, and bits of a bitfield), or an enumerator's value; empty where there is none."""
        if self.bit_offset is None:
            return "" if self.value is None else str(self.value)
        at, bits = divmod(self.bit_offset, 8)
        return f"{at}:{bits}" if self.is_in_bits else str(at)

    @property
    def size(self) -> str:
        """``8``; ``:1`` for the bits of a bitfield; empty where there is none."""
        if self.bit_size is None:
            return ""
        return f":{self.bit_size}" if self.is_in_bits else str(self.bit_size // 8)


@frozen
class RowComparison:
    state: RowState
    here: TypeRow | None
    there: TypeRow | None


def title_of(btf: Btf, type_id: int) -> str:
    """Return a type with its keyword, id and size: ``struct page [712], 64 bytes``."""
    found = btf.type(type_id)
    try:
        size = f", {btf.byte_size(type_id)} bytes"
    except BtfFormatError:
        size = ""
    word = "enum" if isinstance(found, t.Enum) else found.kind.label
    return f"{word} {found.name or '(anonymous)'} [{type_id}]{size}"


def type_rows(btf: Btf, type_id: int, *, has_cachelines: bool = False) -> tuple[TypeRow, ...]:
    """Return the rows of a type: members with all nested ones in place, enumerators, parameters, or the type
    behind it; with *has_cachelines* their boundaries, too."""
    found = btf.type(type_id)
    match found:
        case t.Struct():
            return _struct_rows(btf, found, has_cachelines)
        case t.Enum():
            return tuple(TypeRow(one.name, "", value=one.value, key=one.name) for one in found.enumerators)
        case t.FuncProto():
            return _proto_rows(btf, found)
        case t.Func():
            proto = btf.type(found.type_id)
            return _proto_rows(btf, proto) if isinstance(proto, t.FuncProto) else ()
        case t.Datasec():
            return tuple(
                TypeRow(
                    btf.name(one.type_id),
                    "",
                    bit_offset=8 * one.byte_offset,
                    bit_size=8 * one.byte_size,
                    follows=one.type_id,
                )
                for one in found.variables
            )
        case t.Typedef() | t.Modifier() | t.Ptr() | t.Var() | t.DeclTag():
            return (_leads_to(btf, "is", found.type_id),)
        case t.Array():
            return (_leads_to(btf, f"{found.length} of", found.type_id),)
        case t.Int():
            sign = "signed" if found.is_signed else "unsigned"
            return (TypeRow("", f"{sign}, {found.bits} bits", bit_size=8 * found.byte_size),)
        case t.Fwd():
            return (TypeRow("", "declared only: its members are not known here"),)
        case _:
            return ()


def _leads_to(btf: Btf, name: str, type_id: int) -> TypeRow:
    return TypeRow(name, format_type(btf, type_id), follows=_behind(btf, type_id))


def _proto_rows(btf: Btf, proto: t.FuncProto) -> tuple[TypeRow, ...]:
    rows = [
        TypeRow(param.name, format_type(btf, param.type_id), follows=_behind(btf, param.type_id))
        for param in proto.params
        if param.type_id or param.name
    ]
    return (*rows, _leads_to(btf, "returns", proto.type_id))


def _struct_rows(btf: Btf, struct: t.Struct, has_cachelines: bool) -> tuple[TypeRow, ...]:
    rows: list[TypeRow] = []
    names: list[str] = []
    anonymous: list[int] = []
    keys = [""]
    """Of the member before, at each depth."""
    boundary: TypeRow | None = None
    layout = struct_layout(btf, struct)
    for row in with_cachelines(layout) if has_cachelines else layout:
        del names[row.depth :]
        del anonymous[row.depth + 1 :]
        del keys[row.depth + 1 :]
        while len(anonymous) <= row.depth:
            anonymous.append(0)
        is_in_bits = row.is_bitfield or bool(row.bit_size % 8 or row.bit_offset % 8)
        if row.what == CACHELINE_ROW:
            note = f"cacheline {row.bit_offset // 8 // CACHELINE}"
            boundary = TypeRow("", "", row.what, row.bit_offset, depth=row.depth, note=note)
            continue
        if row.what != MEMBER:
            note = "hole" if row.what == HOLE else "padding"
            before = keys[row.depth] if row.depth < len(keys) else ""
            owner = ".".join(names)
            rows.append(
                TypeRow(
                    *("", "", row.what, row.bit_offset, row.bit_size, is_in_bits),
                    depth=row.depth,
                    note=note,
                    key=f"{owner}|{before}|{note}",
                )
            )
            continue
        if not row.name:
            anonymous[row.depth] += 1
        names.append(row.name)
        path = ".".join(name for name in names if name)
        key = path if row.name else f"{path}.({anonymous[row.depth]})"
        if boundary is not None:
            rows.append(replace(boundary, key=f"{key}|{boundary.note}"))
            boundary = None
        keys[row.depth :] = [key, ""]
        note = "" if row.name else "anonymous"
        rows.append(
            TypeRow(
                *(row.name, row.type_name, row.what, row.bit_offset, row.bit_size, is_in_bits),
                depth=row.depth,
                follows=_behind(btf, row.type_id),
                path=path if row.name and struct.name else "",
                note=note,
                key=key,
            )
        )
    return tuple(rows)


def _behind(btf: Btf, type_id: int) -> int:
    """Return the type worth looking at behind pointers, arrays and qualifiers; 0 for numbers and void.

    A typedef is worth it only where it hides a struct or an enum, which is then what is looked at.
    """
    for _ in range(_MAX_CHAIN):
        try:
            found = btf.skip_modifiers(type_id)
        except BtfFormatError:
            return 0
        match found:
            case t.Ptr() | t.Array():
                type_id = found.type_id
            case t.Struct() | t.Enum() | t.Fwd() | t.FuncProto():
                return found.id
            case _:
                return 0
    return 0


def definition_of(btf: Btf, type_id: int) -> int:
    """Return the definition that a forward declaration stands for, if this BTF has one; else *type_id*."""
    found = btf.type(type_id)
    if isinstance(found, t.Fwd):
        for other in btf.ids_named(found.name):
            if isinstance(btf.type(other), t.Struct):
                return other
    return type_id


def same_type(btf: Btf, type_id: int, other: Btf) -> int:
    """Return the id in *other* of the type with the same name and kind; 0 where there is none."""
    found = btf.type(type_id)
    if not found.name:
        return 0
    same_kind = find_types(other, found.name, {found.kind})
    return next(iter(same_kind or find_types(other, found.name)), 0)


def compare(here: Sequence[TypeRow], there: Sequence[TypeRow]) -> tuple[RowComparison, ...]:
    """Return two layouts aligned by field, in the order of *here*; what only *there* has stands behind the
    row that it follows there. A hole is the same as one behind the same member, a boundary of cachelines as
    one before the same member; boundaries are marks, and never differ."""
    mine = [row for row in here if row.key]
    by_key = {row.key: row for row in there if row.key}
    known = {row.key for row in mine}
    extra: dict[str, list[TypeRow]] = {}
    after = ""
    for row in there:
        if row.key in known:
            after = row.key
        elif row.key:
            extra.setdefault(after, []).append(row)
    compared: list[RowComparison] = []
    waiting = _Waiting()
    waiting.add(extra.pop("", []))
    for row in mine:
        # What stands behind a struct stands behind its members, too.
        compared += map(_only_there, waiting.take(row.depth))
        other = by_key.get(row.key)
        compared.append(RowComparison(_state(row, other), row, other))
        waiting.add(extra.pop(row.key, []))
    return (*compared, *map(_only_there, waiting.take(0)))


class _Waiting:
    """Rows of the other layout that still have to find their place; the last ones that were added come
    first. Looking through all of them for each row would take the square of their number."""

    def __init__(self) -> None:
        self._by_depth: dict[int, list[tuple[int, int, TypeRow]]] = {}
        self._batches = 0

    def add(self, rows: Sequence[TypeRow]) -> None:
        self._batches -= 1
        for number, row in enumerate(rows):
            self._by_depth.setdefault(row.depth, []).append((self._batches, number, row))

    def take(self, depth: int) -> list[TypeRow]:
        """Return those of at least *depth*, which wait no longer."""
        found = [
            one
            for reached in tuple(self._by_depth)
            if reached >= depth
            for one in self._by_depth.pop(reached)
        ]
        return [row for _, _, row in sorted(found, key=lambda one: one[:2])]


def differences(compared: Sequence[RowComparison]) -> tuple[RowComparison, ...]:
    """Return the rows of *compared* that differ, with the structs that they stand in."""
    kept: list[RowComparison] = []
    depth = 0
    for one in reversed(compared):
        row = one.here or one.there
        assert row is not None
        if one.state != RowState.SAME or row.depth < depth:
            kept.append(one)
            depth = row.depth
    return tuple(reversed(kept))


def _only_there(row: TypeRow) -> RowComparison:
    return RowComparison(RowState.SAME if row.what == CACHELINE_ROW else RowState.ONLY_THERE, None, row)


def _state(here: TypeRow, there: TypeRow | None) -> RowState:
    if here.what == CACHELINE_ROW:
        return RowState.SAME
    if there is None:
        return RowState.ONLY_HERE
    mine, other = ((one.bit_size, one.is_in_bits, one.type_name) for one in (here, there))
    if mine != other:
        return RowState.CHANGED
    is_there = (here.bit_offset, here.value) == (there.bit_offset, there.value)
    return RowState.SAME if is_there else RowState.MOVED
