"""Read what btfview needs of an ELF file: sections by name, and symbols.

64-bit files, as every BPF compiler writes them, are read here with :mod:`struct` in a fraction of a
millisecond; 32-bit ones (a kernel's) are handed to pyelftools, whose import alone costs 45 ms. A test
holds the two readers equal.
"""

from __future__ import annotations

import struct
from struct import iter_unpack, unpack_from

from btfview.errors import ObjectFormatError
from btfview.frozen import frozen

ELF_MAGIC = b"\x7fELF"
EM_BPF = 247
SHT_SYMTAB = 2
SHT_NOBITS = 8
SHT_REL = 9
SHF_ALLOC = 2
SHF_EXECINSTR = 4
SHF_COMPRESSED = 0x800
STT_OBJECT, STT_FUNC, STT_SECTION = 1, 2, 3
_SHN_XINDEX = 0xFFFF
_ELFCOMPRESS_ZLIB = 1
_MAX_DECOMPRESSED = 64 << 20
"""Bytes of a compressed section's contents; six times the largest kernel's .BTF."""
_MAX_OVERLAP = 4
"""Sections do not overlap in a healthy file; added up they are no larger than it. This often they may be,
so that a small file can not ask for much memory."""


@frozen
class Section:
    index: int
    name: str
    type: int
    """``SHT_*``."""
    flags: int
    """``SHF_*``."""
    offset: int
    """Bytes from the start of the file."""
    size: int
    link: int
    info: int

    @property
    def is_executable(self) -> bool:
        return bool(self.flags & SHF_EXECINSTR)


@frozen
class Symbol:
    name: str
    type: int
    """``STT_*``."""
    binding: int
    """0 local, 1 global, 2 weak."""
    visibility: int
    """0 default, 2 hidden."""
    section_index: int
    value: int
    """Bytes from the start of the section."""
    size: int


@frozen
class Relocation:
    """One entry of a ``SHT_REL`` section (ELF's relocations, not CO-RE's)."""

    offset: int
    type: int
    symbol_index: int


@frozen
class ElfFile:
    machine: int
    is_little_endian: bool
    is_64_bit: bool
    sections: tuple[Section, ...]
    data: bytes

    def section(self, name: str) -> Section | None:
        """Return the first section called *name*."""
        return next((section for section in self.sections if section.name == name), None)

    def bytes_of(self, section: Section) -> bytes:
        """Return a section's contents; empty for one without (``.bss``)."""
        if section.type == SHT_NOBITS:
            return b""
        if section.flags & SHF_COMPRESSED:
            return self._decompressed(section)
        return self.data[section.offset : section.offset + section.size]

    def _decompressed(self, section: Section) -> bytes:
        import zlib

        order = "<" if self.is_little_endian else ">"
        header = struct.Struct(order + ("IIQQ" if self.is_64_bit else "III"))
        raw = self.data[section.offset : section.offset + section.size]

        def broken(problem: str) -> ObjectFormatError:
            return ObjectFormatError(f"compressed section {section.name or section.index} {problem}")

        if section.is_executable:  # the format allows it for debug information alone
            raise broken("holds instructions")
        if len(raw) < header.size:
            raise broken("is cut short in its header")
        fields = header.unpack_from(raw)
        method, size = fields[0], fields[2] if self.is_64_bit else fields[1]
        if method != _ELFCOMPRESS_ZLIB:
            raise broken(f"uses method {method}, not zlib; objcopy --decompress-debug-sections undoes it")
        if size > _MAX_DECOMPRESSED:
            raise broken(f"claims {size} bytes; {_MAX_DECOMPRESSED} are the most that are read")
        try:
            contents = zlib.decompressobj().decompress(raw[header.size :], _MAX_DECOMPRESSED)
        except zlib.error as error:
            raise broken(f"cannot be read: {error}") from error
        if len(contents) != size:
            raise broken(f"holds {len(contents)} bytes, not the {size} it claims")
        return contents

    def symbols(self) -> tuple[Symbol, ...]:
        """Return all symbols, in file order, the null symbol first.

        Raises:
            ObjectFormatError: the symbol table is damaged.
        """
        table = next((section for section in self.sections if section.type == SHT_SYMTAB), None)
        if table is None:
            return ()
        if table.link >= len(self.sections):
            raise ObjectFormatError(f"symbol table refers to section {table.link}, which does not exist")
        strings = self.bytes_of(self.sections[table.link])
        order = "<" if self.is_little_endian else ">"
        raw = self.bytes_of(table)
        if self.is_64_bit:
            size, fields = 24, order + "IBBHQQ"
            entries = [
                (n, i, o, s, v, z) for n, i, o, s, v, z in iter_unpack(fields, raw[: len(raw) // size * size])
            ]
        else:
            size, fields = 16, order + "IIIBBH"
            entries = [
                (n, i, o, s, v, z) for n, v, z, i, o, s in iter_unpack(fields, raw[: len(raw) // size * size])
            ]
        return tuple(
            Symbol(_string(strings, name), info & 15, info >> 4, other & 3, shndx, value, length)
            for name, info, other, shndx, value, length in entries
        )

    def relocations(self, section: Section) -> tuple[Relocation, ...]:
        """Return the ``SHT_REL`` entries that apply to *section* (64-bit files)."""
        order = "<" if self.is_little_endian else ">"
        found: list[Relocation] = []
        for table in self.sections:
            if table.type == SHT_REL and table.info == section.index:
                raw = self.bytes_of(table)
                found += [
                    Relocation(offset, info & 0xFFFFFFFF, info >> 32)
                    for offset, info in iter_unpack(order + "QQ", raw[: len(raw) // 16 * 16])
                ]
        return tuple(found)


def read_elf(data: bytes, *, path: str | None = None) -> ElfFile:
    """Return the section table of an ELF file.

    Raises:
        ObjectFormatError: *data* is no ELF file, or its tables point outside it.
    """
    if data[:4] != ELF_MAGIC:
        raise ObjectFormatError("not an ELF file", path=path)
    if len(data) < 52:
        raise ObjectFormatError("ELF file is cut short in its header", path=path)
    is_64_bit, is_little_endian = data[4] == 2, data[5] == 1
    try:
        elf = _read_64_bit(data, is_little_endian) if is_64_bit else _read_with_pyelftools(data)
    except (struct.error, IndexError, OverflowError, ValueError) as error:
        raise ObjectFormatError(f"ELF section table is damaged ({error})", path=path) from error
    stored = 0
    for section in elf.sections:
        if section.type != SHT_NOBITS and section.offset + section.size > len(data):
            raise ObjectFormatError(
                f"section {section.name or section.index} ends at byte {section.offset + section.size}, "
                f"but the file has {len(data)}; is it cut short?",
                path=path,
            )
        stored += section.size if section.type != SHT_NOBITS else 0
    if stored > _MAX_OVERLAP * len(data):
        raise ObjectFormatError(
            f"sections overlap: they add up to {stored} bytes in a file of {len(data)}", path=path
        )
    return elf


def _read_64_bit(data: bytes, is_little_endian: bool) -> ElfFile:
    order = "<" if is_little_endian else ">"
    (machine,) = unpack_from(order + "H", data, 18)
    (table_at,) = unpack_from(order + "Q", data, 40)
    entry_size, count, names_index = unpack_from(order + "3H", data, 58)
    if not table_at:
        return ElfFile(machine, is_little_endian, True, (), data)
    if entry_size != 64:
        raise ValueError(f"section header size {entry_size}")
    if table_at + entry_size > len(data):
        raise ValueError(f"it is at byte {table_at}, the file has {len(data)}; is it cut short?")
    first = unpack_from(order + "IIQQQQIIQQ", data, table_at)
    count = count or first[5]
    names_index = first[6] if names_index == _SHN_XINDEX else names_index
    if table_at + count * 64 > len(data):
        raise ValueError(f"{count} section headers at {table_at} do not fit")
    raw = list(iter_unpack(order + "IIQQQQIIQQ", data[table_at : table_at + count * 64]))
    names = data[raw[names_index][4] : raw[names_index][4] + raw[names_index][5]] if raw else b""
    sections = tuple(
        Section(index, _string(names, name), kind, flags, offset, size, link, info)
        for index, (name, kind, flags, _, offset, size, link, info, _, _) in enumerate(raw)
    )
    return ElfFile(machine, is_little_endian, True, sections, data)


def _read_with_pyelftools(data: bytes) -> ElfFile:
    from io import BytesIO

    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    order = "<" if data[5] == 1 else ">"
    (table_at,) = unpack_from(order + "I", data, 32)
    entry_size, count = unpack_from(order + "2H", data, 46)
    if table_at:
        count = count or unpack_from(order + "I", data, table_at + 20)[0]
        if entry_size != 40 or table_at + count * 40 > len(data):  # pyelftools would go on and on
            raise ValueError(f"{count} section headers of {entry_size} bytes at {table_at} do not fit")
    try:
        elf = ELFFile(BytesIO(data))
        sections = tuple(
            Section(
                index,
                section.name,
                _SECTION_TYPES.get(section["sh_type"], 0),
                section["sh_flags"],
                section["sh_offset"],
                section["sh_size"],
                section["sh_link"],
                section["sh_info"],
            )
            for index, section in enumerate(elf.iter_sections())
        )
        machine = int.from_bytes(data[18:20], "little" if elf.little_endian else "big")
    except (ELFError, AssertionError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    return ElfFile(machine, elf.little_endian, elf.elfclass == 64, sections, data)


_SECTION_TYPES = {"SHT_SYMTAB": SHT_SYMTAB, "SHT_NOBITS": SHT_NOBITS, "SHT_REL": SHT_REL, "SHT_STRTAB": 3}


def _string(strings: bytes, offset: int) -> str:
    if not 0 <= offset < len(strings):
        return ""
    end = strings.find(b"\0", offset)
    return strings[offset : end if end >= 0 else len(strings)].decode("utf-8", "replace")
