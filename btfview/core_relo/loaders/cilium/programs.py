"""Which instructions a program has once it is linked, and which of them have a record."""

from __future__ import annotations

from btfview.bpf.insn import CALL, INSN_SIZE, LDDW, PSEUDO_CALL, decode_insn
from btfview.bpf.references import References
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.bpf.elf import Symbol
    from btfview.bpf.object import BpfObject

_TEXT = ".text"


@frozen
class LinkedProgram:
    name: str
    records: tuple[int, ...]
    """Indices of the object's records, in the order of the instructions: the program's own, then those of
    each function that it refers to."""


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
