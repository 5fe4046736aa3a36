"""The tree of the struct pane: the local types that records start from, member by member.

Each row has a :class:`.struct_place.StructPlace`, so that a target's layout can be put beside it
(:mod:`.beside`).
"""

from __future__ import annotations

from contextlib import contextmanager

from btfview.analysis.result import Analysis, LinkedRelo
from btfview.btf.holes import CACHELINE
from btfview.btf.layout_rows import CACHELINE_ROW, HOLE, MEMBER, LayoutRow, struct_layout, with_cachelines
from btfview.btf.types import Enum, Struct
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING
from btfview.views.rows import Row, Segment

from .struct_place import MemberColumns, StructPlace, TreeRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from btfview.btf.reader import Btf
    from btfview.btf.types import BtfType

_NAME_WIDTH = 18
_MOST_NAMED = 6
"""Records that are named one by one behind a field."""


def struct_tree(analysis: Analysis, *, has_cachelines: bool = False) -> tuple[TreeRow, ...]:
    """Return a tree for each root type, in order of its first record; without records, for every named
    struct of the object. With *has_cachelines* their boundaries are rows, too."""
    if analysis.object is None:
        return ()
    btf = analysis.object.btf
    by_root: dict[int, list[LinkedRelo]] = {}
    rows: list[TreeRow] = []
    for linked in analysis.relos:
        if linked.local_spec is not None:
            with _damage_told(rows):
                root = btf.skip_modifiers(linked.relo.type_id).id
                by_root.setdefault(root, []).append(linked)
    if not by_root:
        for found in btf.ids():
            with _damage_told(rows):
                if btf.name(found) and isinstance(btf.type(found), Struct):
                    by_root[found] = []
    for root, relos in by_root.items():
        with _damage_told(rows):
            for row in _root_rows(btf, btf.type(root), relos, has_cachelines):
                rows.append(row)  # noqa: PERF402  what comes before the damage is kept
    return tuple(rows)


@contextmanager
def _damage_told(rows: list[TreeRow]) -> Iterator[None]:
    """Turn damaged BTF into a row: one bad type must not hide the others."""
    try:
        yield
    except BtfFormatError as error:
        rows.append(TreeRow(Row((Segment(f"not readable: {error.problem}", "error"),), (), "", 1), None))


def _root_rows(btf: Btf, root: BtfType, relos: list[LinkedRelo], has_cachelines: bool) -> Iterator[TreeRow]:
    by_path: dict[tuple[int, ...], list[int]] = {}
    for linked in relos:
        assert linked.local_spec is not None
        raw = linked.local_spec.raw
        path = member_path(btf, root, raw[1:]) if isinstance(root, Struct) else raw
        by_path.setdefault(path, []).append(linked.index)
    key = f"{root.kind.label} {root.name}"
    match root:
        case Struct():
            yield root_row(root, key, by_path.get((), []), has_children=bool(root.members))
            layout = struct_layout(btf, root)
            layout = with_cachelines(layout) if has_cachelines else layout
            yield from member_rows(layout, root.id, key, by_path)
        case Enum():
            yield from _enum_rows(root, key, by_path)
        case _:
            used = [index for indices in by_path.values() for index in indices]
            text = (Segment(f"{root.kind.label} ", "keyword"), Segment(root.name or "(anonymous)", "name"))
            place = StructPlace(root.id, type_id=root.id)
            yield TreeRow(Row((*text, *_used_by(used)), tuple(used), key), place)


def root_row(root: Struct, key: str, used: list[int], *, has_children: bool, note: str = "") -> TreeRow:
    """Return the row of a root, *used* by these records; *note* stands behind its size."""
    text = (
        Segment(f"{root.kind.label} ", "keyword"),
        Segment(root.name or "(anonymous)", "name"),
        Segment(f"  {_bytes(root.byte_size)}", "number"),
        *((Segment(f"  {note}", "dim"),) if note else ()),
        *_used_by(used),
    )
    place = StructPlace(root.id, bit_size=root.byte_size * 8, type_id=root.id)
    return TreeRow(Row(text, tuple(used), key, 0, has_children), place)


def member_rows(
    layout: Iterable[LayoutRow], root: int, key: str, by_path: Mapping[tuple[int, ...], list[int]]
) -> Iterator[TreeRow]:
    """Yield a row for each of *layout*, which is type *root*'s; *by_path* are the records of members."""
    on_path = {path[:depth] for path in by_path for depth in range(1, len(path) + 1)}
    names: list[str] = []
    for row in layout:
        del names[row.depth :]
        unnamed = tuple(depth + 1 for depth, name in enumerate(names) if not name)
        if row.what == MEMBER:
            names.append(row.name)
        named = tuple(name for name in names if name) if row.name else ()
        place = StructPlace(
            *(root, row.path, named, row.what, row.bit_offset, row.bit_size, row.is_bitfield, row.type_id),
            unnamed_depths=unnamed,
        )
        relos = by_path.get(row.path, []) if row.path else []
        if row.what == MEMBER:
            columns = _member_columns(row, relos, row.path in on_path)
            yield TreeRow(_member_row(row, key, relos, columns), place, columns)
        else:
            yield TreeRow(_gap_row(row), place)


def member_path(btf: Btf, root: Struct, raw: tuple[int, ...]) -> tuple[int, ...]:
    """Return the member indices of *raw* up to its first array index: the row that stands for it."""
    path: list[int] = []
    current: BtfType = root
    for index in raw:
        if not isinstance(current, Struct):
            break
        path.append(index)
        current = btf.skip_modifiers(current.members[index].type_id)
    return tuple(path)


def _member_columns(row: LayoutRow, relos: list[int], is_on_path: bool) -> MemberColumns:
    return MemberColumns(
        Segment(row.name or "(anonymous)", "name" if is_on_path else "text"),
        f"+{row.bit_offset // 8}" + (f".{row.bit_offset % 8}" if row.is_bitfield else ""),
        f":{row.bit_size}" if row.is_bitfield else _bytes(row.bit_size // 8),
        Segment(row.type_name, "type"),
        _used_by(relos),
    )


def _member_row(row: LayoutRow, root_key: str, relos: list[int], columns: MemberColumns) -> Row:
    depth = row.depth + 1
    width = max(_NAME_WIDTH - 2 * depth, 6)
    return Row(
        (
            Segment(f"{columns.name.text:<{width}} ", columns.name.role),
            Segment(f"{columns.offset:>6} {columns.size:>6}  ", "number"),
            columns.type_name,
            *columns.tail,
        ),
        tuple(relos),
        f"{root_key}/{'.'.join(map(str, row.path))}",
        depth,
        row.has_children,
    )


def _gap_row(row: LayoutRow) -> Row:
    """Return the row of a hole, of padding or of a boundary between cachelines."""
    if row.what == CACHELINE_ROW:
        text = _cacheline_text(row)
    else:
        whole, bits = divmod(row.bit_size, 8)
        text = f"{row.bit_size} bits" if bits else f"{whole} bytes"
        text += " hole" if row.what == HOLE else " padding"
    return Row((Segment(text, "comment"),), (), "", row.depth + 1)


def _cacheline_text(row: LayoutRow) -> str:
    start, ago = row.bit_offset // 8, row.bit_size // 8
    was = f", {ago} byte{'s' * (ago != 1)} before the next member" if ago else ""
    return f"── cacheline {start // CACHELINE} from byte {start}{was}"


def _enum_rows(root: Enum, key: str, by_path: dict[tuple[int, ...], list[int]]) -> Iterator[TreeRow]:
    used = by_path.get((), [])
    head = (Segment("enum ", "keyword"), Segment(root.name or "(anonymous)", "name"), *_used_by(used))
    yield TreeRow(
        Row(head, tuple(used), key, 0, bool(root.enumerators)), StructPlace(root.id, type_id=root.id)
    )
    for index, enumerator in enumerate(root.enumerators):
        relos = by_path.get((index,), [])
        text = (
            Segment(enumerator.name, "name" if relos else "text"),
            Segment(f" = {enumerator.value}", "number"),
            *_used_by(relos),
        )
        row = Row(text, tuple(relos), f"{key}/{index}", 1)
        yield TreeRow(row, StructPlace(root.id, (index,), (enumerator.name,), type_id=root.id))


def _used_by(relos: list[int]) -> tuple[Segment, ...]:
    if not relos:
        return ()
    if len(relos) > _MOST_NAMED:
        return (Segment(f"  ◆ {len(relos)} records #{min(relos)} to #{max(relos)}", "title"),)
    return (Segment("  ◆ " + " ".join(f"#{index}" for index in relos), "title"),)


def _bytes(count: int) -> str:
    return f"{count} B"
