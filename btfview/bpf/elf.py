"""Read what btfview needs of an ELF file: sections by name, and symbols.

64-bit files, as every BPF compiler writes them, are read here with :mod:`struct` in a fraction of a
millisecond; the headers of 32-bit ones (a kernel's) by pyelftools, whose import alone costs 45 ms. Tests hold
the two equal, and both to llvm-readelf.
"""

from __future__ import annotations

import struct
from struct import iter_unpack, unpack_from

from btfview.btf.strings import OverlapError, StringTable
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
_MAX_SECTIONS = 1 << 18
_MAX_SYMBOLS = 1 << 18
"""Of each, libbpf's largest test has some hundred, and clang with a section a function 65,000."""
_HEADER_SIZE_32 = 40
_HEADER_FIELDS = ("flags", "addr", "offset", "size", "link", "info", "addralign", "entsize")
_SECTION_TYPES = {"SHT_SYMTAB": SHT_SYMTAB, "SHT_STRTAB": 3, "SHT_NOBITS": SHT_NOBITS, "SHT_REL": SHT_REL}
"""Of pyelftools' words those that are asked for."""
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
        raw_strings = self.bytes_of(self.sections[table.link])
        order = "<" if self.is_little_endian else ">"
        raw = self.bytes_of(table)
        if len(raw) > _MAX_SYMBOLS * (24 if self.is_64_bit else 16):
            raise ObjectFormatError(f"symbol table has {len(raw)} bytes; {_MAX_SYMBOLS} symbols are the most")
        strings = StringTable(raw_strings, 0, len(raw_strings))
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
        try:
            return tuple(
                Symbol(strings.at(name), info & 15, info >> 4, other & 3, shndx, value, length)
                for name, info, other, shndx, value, length in entries
            )
        except OverlapError as error:
            raise ObjectFormatError(f"symbol table is damaged ({error})") from error

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
    try:
        elf = _read_sections(data, is_64_bit=data[4] == 2, is_little_endian=data[5] == 1)
    except (struct.error, IndexError, ValueError) as error:
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


def _read_sections(data: bytes, *, is_64_bit: bool, is_little_endian: bool) -> ElfFile:
    order = "<" if is_little_endian else ">"
    header = data[:64]
    (machine,) = unpack_from(order + "H", header, 18)
    (table_at,) = unpack_from(order + ("Q" if is_64_bit else "I"), header, 40 if is_64_bit else 32)
    entry_size, count, names_index = unpack_from(order + "3H", header, 58 if is_64_bit else 46)
    if not table_at:
        return ElfFile(machine, is_little_endian, is_64_bit, (), data)
    entry = struct.Struct(order + ("IIQQQQIIQQ" if is_64_bit else "10I"))
    if entry_size != entry.size:
        raise ValueError(f"section header size {entry_size}")
    if table_at + entry_size > len(data):
        raise ValueError(f"it is at byte {table_at}, the file has {len(data)}; is it cut short?")
    first = entry.unpack(data[table_at : table_at + entry_size])
    count = count or first[5]  # from 65,280 sections on, as the index of their names
    names_index = first[6] if names_index == _SHN_XINDEX else names_index
    if table_at + count * entry_size > len(data):
        raise ValueError(f"{count} section headers at {table_at} do not fit")
    if count > _MAX_SECTIONS:
        raise ValueError(f"{count} sections; {_MAX_SECTIONS} are the most that are read")
    if is_64_bit:
        raw = list(entry.iter_unpack(data[table_at : table_at + count * entry_size]))
    else:
        raw = _headers_by_pyelftools(data, table_at, count)
    names_at, names_size = raw[names_index][4:6] if raw else (0, 0)
    names = data[names_at : names_at + names_size]
    strings = StringTable(names, 0, len(names))
    sections = tuple(
        Section(index, strings.at(name), kind, flags, offset, size, link, info)
        for index, (name, kind, flags, _, offset, size, link, info, _, _) in enumerate(raw)
    )
    return ElfFile(machine, is_little_endian, is_64_bit, sections, data)


def _headers_by_pyelftools(data: bytes, table_at: int, count: int) -> list[tuple[int, ...]]:
    """Return the fields of the section headers of a 32-bit file; the caller has seen that they lie in it."""
    from io import BytesIO

    from elftools.common.exceptions import ELFError
    from elftools.common.utils import struct_parse
    from elftools.elf.elffile import ELFFile

    try:
        elf = ELFFile(BytesIO(data))
        headers = [
            struct_parse(elf.structs.Elf_Shdr, elf.stream, table_at + index * _HEADER_SIZE_32)
            for index in range(count)
        ]
    except (ELFError, AssertionError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    return [
        (
            header["sh_name"],
            _SECTION_TYPES.get(header["sh_type"], 0),
            *(header[f"sh_{name}"] for name in _HEADER_FIELDS),
        )
        for header in headers
    ]
