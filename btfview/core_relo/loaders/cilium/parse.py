"""Which objects cilium/ebpf takes at all (``LoadCollectionSpecFromReader``), with the words of its errors.

What it refuses is told in the order of that function. Go walks over sections in no order, so that of two
errors of one kind either may be the library's.
"""

from __future__ import annotations

import struct

from btfview.bpf.insn import INSN_SIZE
from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.core_relo.access_spec import RefusedError
from btfview.errors import BtfFormatError, InputError
from btfview.frozen import TYPE_CHECKING

from .elf_sections import PROGRAM, functions_of, read_kinds
from .fixups import parse_accessor
from .map_rules import check_btf_maps, check_maps
from .references import check_references, check_relocations

if TYPE_CHECKING:
    from btfview.bpf.elf import Section
    from btfview.bpf.object import BpfObject

_PROGBITS = 1
_STRUCT_OPS = ".struct_ops"
_KSYMS = ".ksyms"


def why_not_parsed(obj: BpfObject) -> str | None:
    """Return why cilium/ebpf would not take the object at all; None where it does."""
    try:
        _check(obj)
    except RefusedError as error:
        return str(error)
    except BtfFormatError as error:
        return f"load BTF: {error.problem}"
    except InputError as error:  # what the sections hold cannot be read
        return str(error)
    return None


def _check(obj: BpfObject) -> None:
    kinds = read_kinds(obj.elf)
    for section in obj.elf.sections:
        is_data = section.type == _PROGBITS and section.size and not section.is_executable
        if section.name == _STRUCT_OPS and is_data:
            raise RefusedError("section \".struct_ops\": got '.struct_ops' section: not supported")
    _check_infos(obj)
    for relo in obj.core_relos:
        _check_record(obj, relo.section, relo.insn_off, relo.type_id, relo.access_str)
    check_relocations(obj, kinds)
    check_maps(obj, kinds)
    check_btf_maps(obj, kinds)
    _check_ksyms(obj)
    for index, kind in kinds.items():
        if kind == PROGRAM:
            _check_functions(obj, obj.elf.sections[index])
    check_references(obj, kinds)


def _check_functions(obj: BpfObject, section: Section) -> None:
    """cilium/ebpf: ``loadProgramSections``, ``loadFunctions``."""
    where = f"load programs: section {section.name}"
    functions = functions_of(obj.elf, section.index)
    if not functions:
        raise RefusedError(f"{where}: missing symbols")
    for symbol in functions.values():
        if symbol.value + symbol.size > section.size:
            raise RefusedError(
                f"{where}: symbol {symbol.name}: size goes out of bounds of section {section.name}"
            )
        if not symbol.size:
            problem = f"no instructions found for symbol {symbol.name} in section {section.name}"
            raise RefusedError(f"{where}: {problem}")


def _check_infos(obj: BpfObject) -> None:
    """``.BTF.ext`` must have functions and lines, as -g makes them."""
    section = obj.elf.section(".BTF.ext")
    if section is None:
        return
    order = "<" if obj.is_little_endian else ">"
    _, function_bytes, _, line_bytes = struct.unpack_from(f"{order}4I", obj.elf.bytes_of(section), 8)
    for what, size in (("function", function_bytes), ("line", line_bytes)):
        if not size:
            raise RefusedError(f"load BTF: parsing BTF {what} info: can't read record size: EOF")


def _check_record(obj: BpfObject, section: str, insn_off: int, type_id: int, access_str: str) -> None:
    where = f"load BTF: section {section}: CO-RE relocations"
    try:
        if insn_off % INSN_SIZE:
            raise RefusedError(f"offset {insn_off} is not aligned with instruction size")
        obj.btf.type(type_id)
        parse_accessor(access_str)
    except RefusedError as error:
        raise RefusedError(f"{where}: {error}") from error
    except BtfFormatError as error:
        raise RefusedError(f"{where}: {error.problem}") from error


def _check_ksyms(obj: BpfObject) -> None:
    """A variable of ``.ksyms`` must be declared ``extern void``: not ``const void``, nor with a type
    (cilium/ebpf: ``fixupDatasec``)."""
    for type_id in obj.btf.ids_named(_KSYMS):
        section = obj.btf.type(type_id)
        for place in section.variables if isinstance(section, t.Datasec) else ():
            variable = obj.btf.type(place.type_id)
            if isinstance(variable, t.Var) and obj.btf.kind(variable.type_id) != BtfKind.VOID:
                problem = f"expected {variable.name} to be *Void, not *btf.Var: not supported"
                raise RefusedError(f"load virtual .ksyms section: data section .ksyms: {problem}")
