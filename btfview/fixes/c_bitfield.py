"""A read whose size and bits are the kernel's: libbpf's macros for bitfields, which do for every integer."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

from .patch import BITFIELD, Edit, Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .c_places import CPlace


def c_bitfields(place: CPlace) -> Iterator[Proposal]:
    """Yield ``BPF_CORE_READ_BITFIELD`` for a member that is read where it stands, and the one that copies for
    one that a helper copies."""
    use = place.use
    if use is None or use.is_bitfield or use.rest or not use.gives_value:
        return
    names = (
        ("BPF_CORE_READ_BITFIELD_PROBED",)
        if use.macro
        else ("BPF_CORE_READ_BITFIELD", "BPF_CORE_READ_BITFIELD_PROBED")
    )
    for name in names:
        title = f"read {place.trouble.path} with {name}, which takes size and bits from the kernel"
        edit = Edit(use.start, use.end, f"{name}({use.base}, {place.trouble.fields})")
        yield Proposal(BITFIELD, title, place.with_edits([edit]))
