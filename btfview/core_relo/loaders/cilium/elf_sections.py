"""What cilium/ebpf takes each ELF section for (``LoadCollectionSpecFromReader``)."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from btfview.bpf.elf import ElfFile, Symbol

UNDEFINED, PROGRAM, MAPS, BTF_MAPS, DATA, STRUCT_OPS = (
    "undefined", "program", "maps", "BTF maps", "data", "struct_ops",
)  # fmt: skip
_PROGBITS, _REL = 1, 9
NOTYPE, OBJECT, FUNCTION, SECTION = 0, 1, 2, 3
"""``STT_*``."""
LOCAL, GLOBAL, WEAK = 0, 1, 2
"""``STB_*``."""


def read_kinds(elf: ElfFile) -> dict[int, str]:
    """Return the kind of each section that it reads, by the section's index; other sections are as good as
    absent."""
    kinds = {0: UNDEFINED}
    for section in elf.sections:
        name = section.name
        if name.startswith(("license", "version")):
            continue
        if name.startswith("maps"):
            kinds[section.index] = MAPS
        elif name == ".maps":
            kinds[section.index] = BTF_MAPS
        elif name == ".bss" or name.startswith((".data", ".rodata")):
            kinds[section.index] = DATA
        elif section.type == _PROGBITS and section.size:
            if section.is_executable:
                kinds[section.index] = PROGRAM
            elif name == ".struct_ops.link":
                kinds[section.index] = STRUCT_OPS
    return kinds


def symbols_of(elf: ElfFile, section_index: int) -> dict[int, Symbol]:
    """Return the symbols of a section of data or maps by their offset, the last where several have one
    (cilium/ebpf: ``assignSymbols``)."""
    return {
        symbol.value: symbol
        for symbol in elf.symbols()
        if symbol.section_index == section_index and symbol.name and symbol.type in (NOTYPE, OBJECT)
    }


def functions_of(elf: ElfFile, section_index: int) -> dict[int, Symbol]:
    """Return the same of a section of programs: labels are left out."""
    return {
        symbol.value: symbol
        for symbol in elf.symbols()
        if symbol.section_index == section_index
        and symbol.name
        and (symbol.type == FUNCTION or (symbol.type == NOTYPE and symbol.binding != LOCAL))
    }
