"""Rows of the struct tree: what each stands for, and its columns; apart from the tree, so that a pane needs
nothing else."""

from __future__ import annotations

from btfview.frozen import frozen
from btfview.views.rows import Row, Segment


@frozen
class StructPlace:
    """What a row of the tree stands for."""

    root: int
    """Id of the root type, in the BTF that the tree is of."""
    path: tuple[int, ...] = ()
    """Member indices from the root, or an enumerator's index; empty for the root itself."""
    names: tuple[str, ...] = ()
    """Of the members from the root on, those that have one; empty for what has no name itself."""
    what: str = "member"
    """As in :mod:`btfview.btf.layout_rows`; roots and enumerators are members, too."""
    bit_offset: int = 0
    """From the start of the root."""
    bit_size: int = 0
    is_bitfield: bool = False
    type_id: int = 0
    """Of the member, or of the root."""
    unnamed_depths: tuple[int, ...] = ()
    """Depths of the anonymous structs and unions around it, whose members count as those around them."""

    @property
    def field(self) -> str:
        """``se.vruntime``, as a query writes it; empty for what has no name. Joined when it is asked for:
        members of members of long names would fill the memory."""
        return ".".join(self.names)


@frozen
class MemberColumns:
    """A member, column by column: how wide each is, the pane that shows them decides."""

    name: Segment
    offset: str
    """``+208``; ``+2344.3`` with the bit of a bitfield."""
    size: str
    """``8 B``; ``:3`` for the bits of a bitfield."""
    type_name: Segment
    tail: tuple[Segment, ...]
    """The records that use it."""


@frozen
class TreeRow:
    """A row of the struct tree, and what it stands for."""

    row: Row
    place: StructPlace | None
    """None for a row that only says what could not be read."""
    columns: MemberColumns | None = None
    """None where the row is no member."""
