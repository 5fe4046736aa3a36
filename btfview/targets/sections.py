"""The BTF sections of one file: raw BTF is one, an ELF file has them by name."""

from __future__ import annotations

from btfview.bpf.elf import SHF_COMPRESSED, read_elf
from btfview.btf.kinds import byte_order_of
from btfview.errors import TargetError
from btfview.frozen import frozen


@frozen
class BtfSections:
    """What a file holds of BTF."""

    btf: bytes
    """The contents of ``.BTF``."""
    distilled_base: bytes | None = None
    """Of a module that carries one (``.BTF.base``, kernel 6.11): the part of its kernel's BTF that it
    refers to, so that it fits kernels other than the one that it was built with."""


def is_raw_btf(head: bytes) -> bool:
    return byte_order_of(head) is not None


def elf_sections(data: bytes, path: str) -> BtfSections | None:
    """Return the BTF sections of an ELF file; None if it has no ``.BTF``.

    Raises:
        ObjectFormatError: the file is damaged.
        TargetError: a section is stored in a way that no kernel has.
    """
    elf = read_elf(data, path=path)
    section, base = elf.section(".BTF"), elf.section(".BTF.base")
    for one in (section, base):
        if one and one.flags & SHF_COMPRESSED:
            raise TargetError(
                f"its section {one.name} is compressed, as no kernel's is",
                path=path,
                hint="objcopy --decompress-debug-sections",
            )
    if section is None:
        return None
    # *data* may be a bytearray, and so may be its slices.
    return BtfSections(bytes(elf.bytes_of(section)), bytes(elf.bytes_of(base)) if base else None)
