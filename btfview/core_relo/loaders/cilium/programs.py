"""Which instructions a program has once it is linked, and which of them have a record."""

from __future__ import annotations

import struct

from btfview.bpf.insn import CALL, INSN_SIZE, LDDW, PSEUDO_CALL, decode_insn
from btfview.bpf.references import References
from btfview.core_relo.access_spec import RefusedError
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

from .fixups import parse_accessor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.bpf.elf import Symbol
    from btfview.bpf.object import BpfObject

_TEXT = ".text"
_MAPS, _OLD_MAPS = ".maps", "maps"
_LOCAL, _GLOBAL = 0, 1
"""Bindings of symbols (``STB_*``)."""
_STRUCT_OPS = ".struct_ops"


@frozen
class LinkedProgram:
    name: str
    records: tuple[int, ...]
    """Indices of the object's records, in the order of the instructions: the program's own, then those of
    each function that it refers to."""


def why_not_parsed(obj: BpfObject) -> str | None:
    """Return why cilium/ebpf would not take the object at all (``LoadCollectionSpecFromReader``), as far as
    types, records and sections of programs tell; None where it does."""
    for name in obj.sections:
        if not obj.functions.get(name):
            return f"load programs: section {name}: missing symbols"
    if any(section.name == _STRUCT_OPS and not section.is_executable for section in obj.elf.sections):
        return "section \".struct_ops\": got '.struct_ops' section: not supported"
    return _why_no_infos(obj) or _why_bad_record(obj) or _why_bad_map(obj)


def _why_no_infos(obj: BpfObject) -> str | None:
    """Return why ``.BTF.ext`` is not read: functions and lines must be there, as -g makes them."""
    section = obj.elf.section(".BTF.ext")
    if section is None:
        return None
    order = "<" if obj.is_little_endian else ">"
    _, function_bytes, _, line_bytes = struct.unpack_from(f"{order}4I", obj.elf.bytes_of(section), 8)
    for what, size in (("function", function_bytes), ("line", line_bytes)):
        if not size:
            return f"load BTF: parsing BTF {what} info: can't read record size: EOF"
    return None


def _why_bad_record(obj: BpfObject) -> str | None:
    for relo in obj.core_relos:
        try:
            if relo.insn_off % INSN_SIZE:
                raise RefusedError(f"offset {relo.insn_off} is not aligned with instruction size")
            obj.btf.type(relo.type_id)
            parse_accessor(relo.access_str)
        except RefusedError as error:
            return f"load BTF: section {relo.section}: CO-RE relocations: {error}"
        except BtfFormatError as error:
            return f"load BTF: section {relo.section}: CO-RE relocations: {error.problem}"
    return None


def _why_bad_map(obj: BpfObject) -> str | None:
    """Return why an instruction cannot refer to its map: maps must be global, neither static nor weak
    (cilium/ebpf: ``relocateInstruction``)."""
    symbols, sections = obj.elf.symbols(), obj.elf.sections
    for section in sections:
        if not section.is_executable:
            continue
        for relocation in obj.elf.relocations(section):
            symbol = symbols[relocation.symbol_index] if relocation.symbol_index < len(symbols) else None
            if symbol is None or symbol.binding == _GLOBAL or not 0 < symbol.section_index < len(sections):
                continue
            name = sections[symbol.section_index].name
            if (name == _MAPS or name.startswith(_OLD_MAPS)) and obj.function_at(
                section.name, relocation.offset
            ):
                where = f"load programs: section {section.name}: offset {relocation.offset}"
                if symbol.binding == _LOCAL:
                    return f'{where}: possible erroneous static qualifier on map definition: "{symbol.name}"'
                return f'{where}: map "{symbol.name}": unsupported binding: STB_WEAK'
    return None


def link_programs(obj: BpfObject) -> tuple[LinkedProgram, ...]:
    """Return the programs: each function outside of ``.text``, in file order, with all that it calls or takes
    the address of (cilium/ebpf: ``flattenPrograms``)."""
    records = _records_of_functions(obj)
    references = References(obj)
    callees = {
        place: sorted(_callees(obj, references, *place), key=lambda place: _function(obj, place).name)
        for place in records
    }
    found: list[LinkedProgram] = []
    for place in records:
        if place[0] == _TEXT:
            continue
        taken, waiting = [place], list(callees[place])
        linked: set[tuple[str, int]] = set()
        for other in waiting:
            if other not in linked:
                linked.add(other)
                taken.append(other)
                waiting.extend(callees[other])
        indices = tuple(index for function in taken for index in records[function])
        found.append(LinkedProgram(_function(obj, place).name, indices))
    return tuple(found)


def _function(obj: BpfObject, place: tuple[str, int]) -> Symbol:
    function = obj.function_at(*place)
    assert function is not None
    return function


def _records_of_functions(obj: BpfObject) -> dict[tuple[str, int], list[int]]:
    """Return the records of each function, by section and start. The instructions are counted without the
    gaps between functions, and a record that fits none holds up those after it (``assignMetadata``)."""
    found: dict[tuple[str, int], list[int]] = {}
    for section, functions in obj.functions.items():
        waiting = sorted((r.insn_off // INSN_SIZE, r.index) for r in obj.core_relos if r.section == section)
        waiting.reverse()
        slot = 0
        for function in functions:
            mine = found.setdefault((section, function.value), [])
            code = obj.code(section)[function.value : function.value + function.size]
            at = 0
            while at < len(code):
                if waiting and waiting[-1][0] == slot:
                    mine.append(waiting.pop()[1])
                width = 2 if code[at] == LDDW else 1
                at, slot = at + width * INSN_SIZE, slot + width
    return found


def _callees(obj: BpfObject, references: References, section: str, start: int) -> Iterator[tuple[str, int]]:
    function = _function(obj, (section, start))
    code, at, seen = obj.code(section), start, set()
    while at + INSN_SIZE <= min(start + function.size, len(code)):
        width = 2 if code[at] == LDDW else 1
        if code[at] in (CALL, LDDW) and at + width * INSN_SIZE <= len(code):
            insn = decode_insn(code, at, is_little_endian=obj.is_little_endian)
            if insn.opcode == LDDW or insn.src == PSEUDO_CALL:
                reference = references.find(section, at, insn)
                if reference is not None and reference.insn_off is not None:
                    callee = obj.function_at(reference.section, reference.insn_off)
                    place = (reference.section, callee.value) if callee else None
                    if place and place not in seen:
                        seen.add(place)
                        yield place
        at += width * INSN_SIZE
