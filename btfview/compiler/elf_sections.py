"""Section names of an object that LLVM has just written; :mod:`btfview.bpf` reads objects for real."""

from __future__ import annotations

import struct


def section_names(data: bytes) -> frozenset[str]:
    """Return the names of the sections of the 64-bit ELF file *data*, of either byte order."""
    order = "<" if data[5] == 1 else ">"
    (table,) = struct.unpack_from(order + "Q", data, 0x28)
    entry_size, count, names_index = struct.unpack_from(order + "HHH", data, 0x3A)
    if count == 0:  # 65,280 sections and more: the number is in the first entry (ELF, e_shnum)
        (count,) = struct.unpack_from(order + "Q", data, table + 0x20)
    if names_index == 0xFFFF:
        (names_index,) = struct.unpack_from(order + "I", data, table + 0x28)
    (names,) = struct.unpack_from(order + "Q", data, table + names_index * entry_size + 0x18)
    found = set()
    for index in range(count):
        (offset,) = struct.unpack_from(order + "I", data, table + index * entry_size)
        start = names + offset
        found.add(data[start : data.index(b"\0", start)].decode("utf-8", "replace"))
    return frozenset(found)
