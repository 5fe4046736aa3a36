"""Where the bytes of a struct go: members with offsets and sizes, holes, padding, nested structs in place."""

from __future__ import annotations

from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

from .format.spelling import format_type
from .holes import CACHELINE
from .sizes import bitfield_size, size_of
from .types import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .reader import Btf

MEMBER, HOLE, PADDING, CACHELINE_ROW = "member", "hole", "padding", "cacheline"
_MAX_DEPTH = 16
"""Structs nested by value; real kernels have 8."""
_CACHELINE_BITS = CACHELINE * 8
_MAX_ROWS = 20_000
"""Expanded; the largest struct of a kernel has 3,000."""
_MAX_PATHS = 16 << 20
"""Characters of the paths of expanded rows: of 3,000 rows some 100,000."""


@frozen
class LayoutRow:
    what: str
    """MEMBER, HOLE (bytes that no member uses), PADDING (the same at the end) or CACHELINE_ROW (before the
    first member at or behind a boundary, see :func:`with_cachelines`)."""
    depth: int
    """0 for a member of the outermost struct."""
    name: str
    """Empty for an anonymous member, a hole or padding."""
    type_name: str
    """As C spells it; empty for holes."""
    bit_offset: int
    """From the start of the outermost struct."""
    bit_size: int
    """Of a bitfield its bits, else eight times the bytes."""
    is_bitfield: bool
    path: tuple[int, ...]
    """Member indices from the outermost struct; empty for holes."""
    type_id: int = 0
    """Of the member; 0 for holes."""
    has_children: bool = False
    """A struct or union with members lies here by value; where it is expanded, they follow as rows of
    greater depth."""


def struct_layout(
    btf: Btf,
    struct: Struct,
    *,
    is_expanded: bool = True,
    expands: Callable[[tuple[int, ...]], bool] | None = None,
) -> Iterator[LayoutRow]:
    """Yield the rows of *struct* in declaration order; with *is_expanded* those of nested structs too, of
    those whose path *expands* says yes to where that is given.

    What BTF never holds is not followed to its end: a struct inside itself is not expanded there, and
    after 20,000 rows, or where the names on the way to them are 16 million characters, none is.
    """
    yield from _Walk(btf, expands or (lambda _path: is_expanded)).rows(struct, 0, (), 0)


def with_cachelines(rows: Iterable[LayoutRow]) -> Iterator[LayoutRow]:
    """Yield *rows* with one more before the first member at or behind each boundary of 64 bytes, as pahole
    marks them. Its ``bit_offset`` is the boundary's, its ``bit_size`` how far behind it the member begins.

    A nested struct that crosses a boundary hides it unless it is expanded: then the row is inside of it.
    """
    line = 0
    for row in rows:
        reached = row.bit_offset // _CACHELINE_BITS
        if row.what == MEMBER and reached > line:
            line = reached
            start = line * _CACHELINE_BITS
            yield _gap(CACHELINE_ROW, row.depth, start, row.bit_offset - start)
        yield row


class _Walk:
    def __init__(self, btf: Btf, expands: Callable[[tuple[int, ...]], bool]) -> None:
        self._btf = btf
        self._expands = expands
        self._rows_left = _MAX_ROWS
        self._characters_left = _MAX_PATHS
        self._open: list[int] = []
        """Ids of the structs that the next row is inside of."""

    def rows(self, struct: Struct, base: int, path: tuple[int, ...], names: int) -> Iterator[LayoutRow]:
        """Yield the rows of *struct*, which begins at bit *base*; the names on its path have *names*
        characters."""
        btf, depth = self._btf, len(path)
        end = 0
        self._open.append(struct.id)
        for index, member in enumerate(struct.members):
            bitfield = bitfield_size(btf, member)
            bits = bitfield or size_of(btf, member.type_id) * 8
            if not struct.is_union and member.bit_offset > end:
                yield _gap(HOLE, depth, base + end, member.bit_offset - end)
            own_path = (*path, index)
            longer = names + len(member.name) + 1
            children = self._children(member.type_id, depth, longer)
            self._rows_left -= 1
            yield LayoutRow(
                MEMBER,
                depth,
                member.name,
                format_type(btf, member.type_id),
                base + member.bit_offset,
                bits,
                bool(bitfield),
                own_path,
                member.type_id,
                children is not None and bool(children.members),
            )
            if children is not None and self._expands(own_path):
                self._characters_left -= longer * len(children.members)
                yield from self.rows(children, base + member.bit_offset, own_path, longer)
            end = max(end, member.bit_offset + bits)
        self._open.pop()
        if not struct.is_union and struct.byte_size * 8 > end and struct.members:
            yield _gap(PADDING, depth, base + end, struct.byte_size * 8 - end)

    def _children(self, type_id: int, depth: int, names: int) -> Struct | None:
        if depth >= _MAX_DEPTH or self._rows_left <= 0:
            return None
        try:
            inner = self._btf.skip_modifiers(type_id)
        except BtfFormatError:
            return None
        if not isinstance(inner, Struct) or inner.id in self._open:
            return None
        return inner if names * len(inner.members) <= self._characters_left else None


def _gap(what: str, depth: int, bit_offset: int, bit_size: int) -> LayoutRow:
    return LayoutRow(what, depth, "", "", bit_offset, bit_size, False, ())
