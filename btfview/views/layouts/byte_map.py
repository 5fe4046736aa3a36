"""A struct as a ruler: 64 bytes a line, which is a cacheline, a cell a byte; in another layout below it the
same fields have the same mark.

What a cell says: ``|`` or a mark begins a field, its name follows as far as there is room, ``…`` goes on from
the line above, ``·`` is a byte that no field uses, ``:`` one that holds bitfields; their bits stand below.
"""

from __future__ import annotations

from itertools import groupby

from btfview.analysis.type_rows import title_of, type_rows
from btfview.btf.layout_rows import HOLE, MEMBER, PADDING
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.views.rows import Row, Segment
from btfview.words import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from btfview.btf.reader import Btf

LINE_BYTES = 64
"""Bytes of a line, and of a cacheline of most machines."""
_MOST_LINES = 2_048
"""Lines of one layout that are drawn: 128 KiB; the largest structs of a kernel have half of that."""
_GUTTER = 7
WIDTH = _GUTTER + LINE_BYTES
"""Cells of a line."""
_BETWEEN = "   "
BESIDE_WIDTH = 2 * WIDTH + len(_BETWEEN)
"""Cells that two layouts beside each other need."""
_MARKS = "123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What joins a field in one layout with the same in another; the 62nd has the first again."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@frozen
class Extent:
    """Bits that one field has, or none."""

    bit_offset: int
    bit_size: int
    name: str
    key: str
    """The path, by which the same field is found in another layout; see :mod:`btfview.analysis.type_rows`."""
    what: str
    """A member, a hole or padding, as in :mod:`btfview.btf.layout_rows`."""
    is_in_bits: bool
    """A bitfield."""

    @property
    def place(self) -> tuple[int, int]:
        return self.bit_offset, self.bit_size

    def bytes_in(self, limit: int) -> range:
        """Return the bytes that it has a part of, those before byte *limit*."""
        return range(self.bit_offset // 8, min(-(-(self.bit_offset + self.bit_size) // 8), limit))


@frozen
class Side:
    """One layout of a struct."""

    title: str
    byte_size: int
    extents: tuple[Extent, ...]
    """The innermost fields, holes and padding, in their order."""

    @property
    def line_count(self) -> int:
        return min(-(-self.byte_size // LINE_BYTES), _MOST_LINES)

    @property
    def facts(self) -> str:
        """Return how many cachelines it takes, and how much of them no field uses."""
        holes = [one for one in self.extents if one.what in (HOLE, PADDING)]
        unused, bits = divmod(sum(one.bit_size for one in holes), 8)
        lines = plural(-(-self.byte_size // LINE_BYTES), "cacheline")
        size = plural(unused, "byte") + (f" {plural(bits, 'bit')}" if bits else "")
        gaps = f"{plural(len(holes), 'hole')} of {size} in all" if holes else "no holes"
        return f"{lines}, {gaps}"


def side_of(btf: Btf, type_id: int, where: str) -> Side:
    """Return the layout of a struct or union; *where* says whose it is.

    Raises:
        BtfFormatError: it is damaged.
    """
    rows = type_rows(btf, type_id)
    depths = [*(row.depth for row in rows[1:]), 0]
    extents = tuple(
        Extent(row.bit_offset, row.bit_size, row.name or row.note, row.key, row.what, row.is_in_bits)
        for row, below in zip(rows, depths, strict=True)
        if row.bit_offset is not None and row.bit_size and below <= row.depth
    )
    return Side(f"{where}, {title_of(btf, type_id)}", btf.byte_size(type_id), extents)


def join(sides: Sequence[Side], *, has_local: bool) -> dict[str, int]:
    """Return a number for each field that is joined: with *has_local* those of the first side, which is the
    program's; else those that are at another place, or of another size, on the second side."""
    if not has_local and len(sides) < 2:
        return {}
    found: dict[str, int] = {}
    others = [_by_key(side) for side in sides[1:]]
    for one in sides[0].extents:
        if one.what != MEMBER or one.key in found:
            continue
        places = {other[one.key].place if one.key in other else None for other in others}
        if has_local or places != {one.place}:
            found[one.key] = len(found)
    return found


def byte_map(
    sides: Sequence[Side], *, has_local: bool, is_whole: bool, is_beside: bool = False
) -> tuple[Row, ...]:
    """Return the rows of a map. The first of *sides* is the program's layout, with *has_local*; then come one
    or two kernels', which stand beside each other with *is_beside*. Without *is_whole* lines with no joined
    field are left out, but for one before and behind."""
    joined = join(sides, has_local=has_local)
    rows: list[Row] = []
    kernels = list(sides)
    if has_local:
        rows += _block(kernels.pop(0), sides, joined, None)
        rows.append(Row(()))
    kept: set[int] | None = None
    if not is_whole and joined:
        marked = {line for side in kernels for line in _lines_of(side, joined)}
        kept = {line + step for line in marked for step in (-1, 0, 1) if line + step >= 0}
    blocks = [_lines(side, sides, joined, kept) for side in kernels]
    if not is_beside or len(kernels) < 2:
        for side, block in zip(kernels, blocks, strict=True):
            rows += [*_head(side), *(Row(part) for lines in block.values() for part in lines)]
            rows.append(Row(()))
        return tuple(rows)
    for left_row, right_row in zip(*map(_head, kernels), strict=True):
        rows.append(_side_by_side(left_row.segments, right_row.segments))
    for at in sorted({*blocks[0], *blocks[1]}):
        left, right = (block.get(at, []) for block in blocks)
        for number in range(max(len(left), len(right))):
            rows.append(
                _side_by_side(
                    left[number] if number < len(left) else (), right[number] if number < len(right) else ()
                )
            )
    return tuple(rows)


def _block(side: Side, sides: Sequence[Side], joined: Mapping[str, int], kept: set[int] | None) -> list[Row]:
    lines = _lines(side, sides, joined, kept)
    return [*_head(side), *(Row(part) for parts in lines.values() for part in parts)]


def _head(side: Side) -> tuple[Row, ...]:
    """Return what stands above the lines: whose it is, how well it is filled, and a ruler."""
    ticks = "".join(f"{at:<8}" for at in range(0, LINE_BYTES, 8))
    return (
        Row((Segment(side.title, "title"),)),
        Row((Segment(side.facts, "dim"),)),
        Row((Segment(f"{'byte':>{_GUTTER - 1}} {ticks}", "dim"),)),
    )


def _side_by_side(left: Sequence[Segment], right: Sequence[Segment]) -> Row:
    """Return a row of both; what is too wide at the left is cut, with a sign."""
    parts: list[Segment] = []
    room = WIDTH
    for part in left:
        text = part.text if len(part.text) <= room else f"{part.text[: room - 1]}…" if room else ""
        parts.append(Segment(text, part.role))
        room -= len(text)
    return Row((*parts, Segment(" " * room + _BETWEEN), *right))


def _by_key(side: Side) -> dict[str, Extent]:
    found: dict[str, Extent] = {}
    for one in side.extents:
        found.setdefault(one.key, one)
    return found


def _lines_of(side: Side, joined: Collection[str]) -> Iterator[int]:
    """Yield the lines that joined fields begin on."""
    for one in side.extents:
        if one.what == MEMBER and one.key in joined:
            line = one.bit_offset // 8 // LINE_BYTES
            if line < side.line_count:
                yield line


def _lines(
    side: Side, sides: Sequence[Side], joined: Mapping[str, int], kept: set[int] | None
) -> dict[int, list[tuple[Segment, ...]]]:
    """Return the parts of each line of *kept*, of all for None, and in the place of others what is left
    out, by the number of the first."""
    roles = _roles(side, sides, joined)
    owners = _owners(side, joined)
    bits = _bitfields(side)
    found: dict[int, list[tuple[Segment, ...]]] = {}
    wanted = (
        range(side.line_count) if kept is None else sorted(line for line in kept if line < side.line_count)
    )
    before = -1
    for line in (*wanted, side.line_count):
        if line > before + 1:
            count = line - before - 1
            text = f"{'⋮':>{_GUTTER - 1}} {plural(count, 'line')} with nothing marked"
            found[before + 1] = [(Segment(text, "dim"),)]
        if line == side.line_count:
            break
        start = line * LINE_BYTES
        cells = owners[start : start + LINE_BYTES]
        gutter = Segment(f"{start:>{_GUTTER - 1}} ", "number")
        found[line] = [(gutter, *_cells(side, cells, start, joined, roles))]
        found[line] += [
            _bit_line(side, at, bits[at], joined, roles)
            for at in range(start, start + LINE_BYTES)
            if at in bits
        ]
        before = line
    left = -(-side.byte_size // LINE_BYTES) - side.line_count
    if left > 0:
        found[side.line_count] = [(Segment(f"{'…':>{_GUTTER - 1}} {plural(left, 'more line')}", "warning"),)]
    return found


def _owners(side: Side, joined: Collection[str]) -> list[int]:
    """Return which extent each byte shows, -1 for none: of several, as in a union, the first that is joined,
    else the first field, else a hole."""
    size = min(side.byte_size, side.line_count * LINE_BYTES)
    owners = [-1] * size
    ranks = bytearray(size)
    for index, one in enumerate(side.extents):
        rank = 1 if one.what != MEMBER else 3 if one.key in joined else 2
        for at in one.bytes_in(size):
            if ranks[at] < rank:
                owners[at], ranks[at] = index, rank
    return owners


def _roles(side: Side, sides: Sequence[Side], joined: Mapping[str, int]) -> dict[str, str]:
    """Return how each joined field of *side* is, against the first side; of that one itself, whether it is on
    the others."""
    is_first = side is sides[0]
    mine = _by_key(side)
    others = [_by_key(other) for other in (sides[1:] if is_first else sides[:1])]
    roles: dict[str, str] = {}
    for key in joined:
        if key not in mine:
            continue
        there = [other.get(key) for other in others]
        if any(one is None for one in there):
            roles[key] = "missing"
        elif is_first:
            roles[key] = "name"
        else:
            (one,) = there
            assert one is not None
            is_same_size = one.bit_size == mine[key].bit_size
            roles[key] = (
                "as-compiled" if one.place == mine[key].place else "moved" if is_same_size else "warning"
            )
    return roles


def _mark(joined: Mapping[str, int], key: str) -> str:
    return _MARKS[joined[key] % len(_MARKS)]


def _cells(
    side: Side, owners: Sequence[int], start: int, joined: Mapping[str, int], roles: Mapping[str, str]
) -> Iterator[Segment]:
    """Yield the cells of a line that begins at byte *start*."""
    at = start
    for owner, run in groupby(owners):
        count = sum(1 for _ in run)
        if owner < 0:
            yield Segment(" " * count)
            at += count
            continue
        one = side.extents[owner]
        role = roles.get(one.key, "text") if one.what == MEMBER else "comment"
        begins = one.bit_offset // 8 == at
        if one.what != MEMBER:
            text = "·" * count
        else:
            is_joined = one.key in joined
            fill = ":" if one.is_in_bits else " "
            sign = ":" if one.is_in_bits else "|" if begins else "…"
            if is_joined and begins:
                sign = _mark(joined, one.key)
            text = (sign + ("" if one.is_in_bits else one.name)).ljust(count, fill)[:count]
            if is_joined:
                yield Segment(text[0], f"{role} cell")
                text = text[1:]
        yield Segment(text, role)
        at += count


def _bitfields(side: Side) -> dict[int, list[int]]:
    """Return the bitfields of each byte that holds some, as indices of extents."""
    found: dict[int, list[int]] = {}
    size = side.line_count * LINE_BYTES
    for index, one in enumerate(side.extents):
        if one.is_in_bits and one.what == MEMBER:
            for at in one.bytes_in(size):
                found.setdefault(at, []).append(index)
    return found


def _bit_line(
    side: Side, at: int, indices: Sequence[int], joined: Mapping[str, int], roles: Mapping[str, str]
) -> tuple[Segment, ...]:
    """Return the bits of byte *at*, the lowest first, as a letter each, and whose each letter is."""
    bits = ["·"] * 8
    legend: list[Segment] = []
    letters = iter(_LETTERS)
    for index in indices:
        one = side.extents[index]
        letter = next(letters, "?")
        for bit in range(max(one.bit_offset, 8 * at), min(one.bit_offset + one.bit_size, 8 * at + 8)):
            bits[bit - 8 * at] = letter
        mark = f"{_mark(joined, one.key)} " if one.key in joined else ""
        legend.append(Segment(f"  {letter} {mark}{one.name}:{one.bit_size}", roles.get(one.key, "dim")))
    head = f"{at:>{_GUTTER + 5}} bits "
    return Segment(head, "dim"), Segment("".join(bits), "number"), *legend
