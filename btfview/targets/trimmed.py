"""Whether a BTF holds all types of its kernel."""

from __future__ import annotations

from btfview.btf.kinds import BtfKind
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from btfview.btf.reader import Btf

_IN_EVERY_KERNEL = ("bpf_prog_type", "bpf_func_id")
"""Enums of linux/bpf.h, with which every kernel that has BTF is built."""


def is_trimmed(btf: Btf) -> bool:
    """Return whether *btf*, a kernel's, holds only some of its types (``bpftool gen min_core_btf``): what it
    lacks, the kernel may well have."""
    return all(btf.first_named(name, BtfKind.ENUM, BtfKind.ENUM64) is None for name in _IN_EVERY_KERNEL)
