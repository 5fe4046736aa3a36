"""Rows of the struct pane: the local types that records start from, member by member."""

from __future__ import annotations

from contextlib import contextmanager

from ..btf.layout import HOLE, MEMBER, LayoutRow, struct_layout
from ..btf.types import Enum, Struct
from ..errors import BtfFormatError
from ..record import TYPE_CHECKING
from .analysis import Analysis, LinkedRelo
from .rows import Row, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..btf.reader import Btf
    from ..btf.types import BtfType

_NAME_WIDTH = 18


def struct_rows(analysis: Analysis) -> tuple[Row, ...]:
    """Return a tree for each root type, in order of its first record; without records, for every named
    struct of the object."""
    if analysis.object is None:
        return ()
    btf = analysis.object.btf
    by_root: dict[int, list[LinkedRelo]] = {}
    rows: list[Row] = []
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
            for row in _root_rows(btf, btf.type(root), relos):
                rows.append(row)  # noqa: PERF402  what comes before the damage is kept
    return tuple(rows)


@contextmanager
def _damage_told(rows: list[Row]) -> Iterator[None]:
    """Turn damaged BTF into a row: one bad type must not hide the others."""
    try:
        yield
    except BtfFormatError as error:
        rows.append(Row((Segment(f"not readable: {error.problem}", "error"),), (), "", 1))


def _root_rows(btf: Btf, root: BtfType, relos: list[LinkedRelo]) -> Iterator[Row]:
    by_path: dict[tuple[int, ...], list[int]] = {}
    for linked in relos:
        assert linked.local_spec is not None
        raw = linked.local_spec.raw
        path = _member_path(btf, root, raw[1:]) if isinstance(root, Struct) else raw
        by_path.setdefault(path, []).append(linked.index)
    key = f"{root.kind.label} {root.name}"
    match root:
        case Struct():
            yield Row(
                (
                    Segment(f"{root.kind.label} ", "keyword"),
                    Segment(root.name or "(anonymous)", "name"),
                    Segment(f"  {_bytes(root.byte_size)}", "number"),
                    *_used_by(by_path.get((), [])),
                ),
                tuple(by_path.get((), ())),
                key,
                0,
                bool(root.members),
            )
            on_path = {path[:depth] for path in by_path for depth in range(1, len(path) + 1)}
            for row in struct_layout(btf, root):
                yield _member_row(
                    row, key, by_path.get(row.path, []) if row.path else [], row.path in on_path
                )
        case Enum():
            yield from _enum_rows(root, key, by_path)
        case _:
            used = [index for indices in by_path.values() for index in indices]
            text = (Segment(f"{root.kind.label} ", "keyword"), Segment(root.name or "(anonymous)", "name"))
            yield Row((*text, *_used_by(used)), tuple(used), key)


def _member_path(btf: Btf, root: Struct, raw: tuple[int, ...]) -> tuple[int, ...]:
    """Return the member indices of *raw* up to its first array index: the row that stands for it."""
    path: list[int] = []
    current: BtfType = root
    for index in raw:
        if not isinstance(current, Struct):
            break
        path.append(index)
        current = btf.skip_modifiers(current.members[index].type_id)
    return tuple(path)


def _member_row(row: LayoutRow, root_key: str, relos: list[int], is_on_path: bool) -> Row:
    depth = row.depth + 1
    if row.what != MEMBER:
        word = "hole" if row.what == HOLE else "padding"
        size = f"{row.bit_size // 8} bytes" if row.bit_size % 8 == 0 else f"{row.bit_size} bits"
        return Row((Segment(f"{size} {word}", "comment"),), (), "", depth)
    name = row.name or "(anonymous)"
    offset = f"+{row.bit_offset // 8}" + (f".{row.bit_offset % 8}" if row.is_bitfield else "")
    size = f":{row.bit_size}" if row.is_bitfield else _bytes(row.bit_size // 8)
    width = max(_NAME_WIDTH - 2 * depth, 6)
    return Row(
        (
            Segment(f"{name:<{width}} ", "name" if is_on_path else "text"),
            Segment(f"{offset:>6} {size:>6}  ", "number"),
            Segment(row.type_name, "type"),
            *_used_by(relos),
        ),
        tuple(relos),
        f"{root_key}/{'.'.join(map(str, row.path))}",
        depth,
        row.has_children,
    )


def _enum_rows(root: Enum, key: str, by_path: dict[tuple[int, ...], list[int]]) -> Iterator[Row]:
    used = by_path.get((), [])
    head = (Segment("enum ", "keyword"), Segment(root.name or "(anonymous)", "name"), *_used_by(used))
    yield Row(head, tuple(used), key, 0, bool(root.enumerators))
    for index, enumerator in enumerate(root.enumerators):
        relos = by_path.get((index,), [])
        yield Row(
            (
                Segment(enumerator.name, "name" if relos else "text"),
                Segment(f" = {enumerator.value}", "number"),
                *_used_by(relos),
            ),
            tuple(relos),
            f"{key}/{index}",
            1,
        )


def _used_by(relos: list[int]) -> tuple[Segment, ...]:
    return (Segment("  ◆ " + " ".join(f"#{index}" for index in relos), "title"),) if relos else ()


def _bytes(count: int) -> str:
    return f"{count} B"
