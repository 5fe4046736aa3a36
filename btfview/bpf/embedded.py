"""Find BPF objects inside another file: an executable carries them for its loader.

libbpf's skeletons, ``include_bytes_aligned!`` of aya and ``go:embed`` of cilium/ebpf all keep the object as
the compiler wrote it.
"""

from __future__ import annotations

from struct import unpack_from

from btfview.errors import ObjectFormatError
from btfview.frozen import TYPE_CHECKING, frozen

from .elf import ELF_MAGIC, EM_BPF, SHT_NOBITS, read_elf

if TYPE_CHECKING:
    from .elf import ElfFile

_CLASS_64 = b"\x02"
_SECTION_HEADER_SIZE = 64
_MAX_SIZE = 16 << 20
_MAX_TRIED = 100
"""Bounds on the work that a file made of ELF headers alone can ask for."""


@frozen
class EmbeddedObject:
    """A BPF object inside another file."""

    offset: int
    """Bytes from the start of the file."""
    data: bytes
    """The object, up to where its last section or its table of sections ends."""
    sections: tuple[str, ...]
    """Names of those that hold instructions."""


def find_embedded_objects(data: bytes) -> tuple[EmbeddedObject, ...]:
    """Return the BPF objects with BTF that begin after the first byte of *data*, in file order.

    What only looks like one (a header without the sections it speaks of) is left out.
    """
    found: list[EmbeddedObject] = []
    tried = 0
    at = data.find(ELF_MAGIC, 1)
    while at > 0 and tried < _MAX_TRIED:
        end = at + len(ELF_MAGIC)
        if data[at + 4 : at + 5] == _CLASS_64 and _machine(data, at) == EM_BPF:
            tried += 1
            if embedded := _read_embedded(data, at):
                found.append(embedded)
                end = at + len(embedded.data)
        at = data.find(ELF_MAGIC, end)
    return tuple(found)


def _read_embedded(data: bytes, at: int) -> EmbeddedObject | None:
    try:
        elf = read_elf(data[at : at + _MAX_SIZE])
    except ObjectFormatError:
        return None
    if elf.section(".BTF") is None:
        return None
    code = tuple(section.name for section in elf.sections if section.is_executable and section.size)
    return EmbeddedObject(at, elf.data[: _size_of(elf)], code)


def _machine(data: bytes, at: int) -> int:
    return int.from_bytes(data[at + 18 : at + 20], "little" if data[at + 5 : at + 6] == b"\x01" else "big")


def _size_of(elf: ElfFile) -> int:
    """Return where the object ends: behind its last section or its table of sections."""
    table_at: int = unpack_from("<Q" if elf.is_little_endian else ">Q", elf.data, 40)[0]
    ends = [section.offset + section.size for section in elf.sections if section.type != SHT_NOBITS]
    return max([table_at + _SECTION_HEADER_SIZE * len(elf.sections), *ends])
