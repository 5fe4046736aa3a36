"""What instructions refer to by ELF relocation: maps, variables, functions, externs.

These are the linker's relocations, not CO-RE's. libbpf takes them apart in the same way
(``bpf_program__record_reloc``): a wide load of a symbol in ``.maps`` is a map, in a data section a
variable, in code a function's address; a call goes to a symbol plus the distance left in its immediate.
"""

from __future__ import annotations

from bisect import bisect_right

from btfview.frozen import TYPE_CHECKING, frozen

from .elf import STT_OBJECT, STT_SECTION
from .insn import CALL, INSN_SIZE, PSEUDO_CALL

if TYPE_CHECKING:
    from collections.abc import Container

    from .elf import Symbol
    from .insn import Insn
    from .object import BpfObject

_MAP_SECTIONS = (".maps", "maps")


@frozen
class Reference:
    """What one instruction refers to."""

    text: str
    """In words: ``map: counts``, ``.rodata+8: LIMIT``, ``function: walk``, ``extern: bpf_rdonly_cast``."""
    section: str = ""
    """Of a function: the section that holds it."""
    insn_off: int | None = None
    """Of a function: where it begins, in bytes from the start of its section."""
    data: tuple[str, int] | None = None
    """Of a variable: the section that holds it, and the byte offset there."""
    extern: str = ""
    """Of an extern: its name."""


class References:
    """The references of an object's instructions."""

    def __init__(self, obj: BpfObject) -> None:
        self._obj = obj
        self._symbols = obj.elf.symbols()
        self._of_section: dict[str, dict[int, int]] = {}
        self._objects: dict[int, list[Symbol]] = {}
        for symbol in sorted(self._symbols, key=lambda symbol: symbol.value):
            if symbol.type == STT_OBJECT:
                self._objects.setdefault(symbol.section_index, []).append(symbol)

    def places(self, section: str) -> Container[int]:
        """Return the byte offsets of the instructions of *section* that the loader puts an address or a
        distance into."""
        return self._symbols_of(section).keys()

    def find(self, section: str, insn_off: int, insn: Insn) -> Reference | None:
        """Return what *insn*, at byte *insn_off* of *section*, refers to; None where it is itself all."""
        index = self._symbols_of(section).get(insn_off)
        if insn.opcode == CALL:
            return self._call(section, insn_off, insn, index)
        if index is None or not insn.is_lddw:
            return None
        if index >= len(self._symbols):
            return Reference(f"symbol {index}, which does not exist")
        return self._load(self._symbols[index], insn.imm & 0xFFFFFFFF)

    def _symbols_of(self, section: str) -> dict[int, int]:
        symbols = self._of_section.get(section)
        if symbols is None:
            symbols = self._of_section[section] = self._read(section)
        return symbols

    def _read(self, section: str) -> dict[int, int]:
        """Return the symbol index that the relocation of each instruction names."""
        found: dict[int, int] = {}
        for candidate in self._obj.elf.sections:
            if candidate.name == section and candidate.is_executable:
                for relocation in self._obj.elf.relocations(candidate):
                    found[relocation.offset] = relocation.symbol_index
        return found

    def _section_name(self, symbol: Symbol) -> str | None:
        sections = self._obj.elf.sections
        return sections[symbol.section_index].name if 0 < symbol.section_index < len(sections) else None

    def _load(self, symbol: Symbol, addend: int) -> Reference:
        section = self._section_name(symbol)
        if section is None:
            return Reference(f"extern: {symbol.name}", extern=symbol.name)
        offset = symbol.value + addend
        if section in _MAP_SECTIONS:
            return Reference(f"map: {symbol.name or self._object_at(symbol.section_index, offset)}")
        if self._obj.code(section):
            return self._function(section, offset)
        name = symbol.name if symbol.type != STT_SECTION else ""
        name = name or self._object_at(symbol.section_index, offset)
        place = f"{section}+{offset}" if offset else section
        return Reference(f"{place}: {name}" if name else place, data=(section, offset))

    def _call(self, section: str, insn_off: int, insn: Insn, index: int | None) -> Reference | None:
        if index is not None:
            if index >= len(self._symbols):
                return Reference(f"symbol {index}, which does not exist")
            symbol = self._symbols[index]
            callee_section = self._section_name(symbol)
            if callee_section is None:
                return Reference(f"extern: {symbol.name}", extern=symbol.name)
            # The compiler leaves -1 beside a function's own symbol, the distance beside a section's.
            return self._function(callee_section, symbol.value + (insn.imm + 1) * INSN_SIZE)
        if insn.src == PSEUDO_CALL:
            return self._function(section, insn_off + (insn.imm + 1) * INSN_SIZE)
        return None

    def _function(self, section: str, insn_off: int) -> Reference:
        found = self._obj.function_at(section, insn_off)
        if found is None:
            return Reference(f"function: {section}+{insn_off}", section, insn_off)
        inside = f"+{insn_off - found.value}" if insn_off != found.value else ""
        return Reference(f"function: {found.name}{inside}", section, insn_off)

    def _object_at(self, section_index: int, offset: int) -> str:
        objects = self._objects.get(section_index, [])
        index = bisect_right(objects, offset, key=lambda symbol: symbol.value) - 1
        if index < 0 or offset >= objects[index].value + max(objects[index].size, 1):
            return ""
        inside = offset - objects[index].value
        return objects[index].name + (f"+{inside}" if inside else "")
