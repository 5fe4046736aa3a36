"""What instructions may refer to (cilium/ebpf: ``loadRelocations``, ``relocateInstruction``)."""

from __future__ import annotations

from btfview.bpf.insn import CALL, INSN_SIZE, LDDW, PSEUDO_CALL, Insn, decode_insn
from btfview.btf import types as t
from btfview.core_relo.access_spec import RefusedError
from btfview.frozen import TYPE_CHECKING

from .elf_sections import (
    BTF_MAPS,
    DATA,
    FUNCTION,
    GLOBAL,
    LOCAL,
    MAPS,
    NOTYPE,
    OBJECT,
    PROGRAM,
    SECTION,
    STRUCT_OPS,
    WEAK,
    functions_of,
)

if TYPE_CHECKING:
    from btfview.bpf.elf import Symbol
    from btfview.bpf.object import BpfObject

_BINDINGS = {LOCAL: "STB_LOCAL", GLOBAL: "STB_GLOBAL", WEAK: "STB_WEAK"}
_TYPES = {NOTYPE: "STT_NOTYPE", OBJECT: "STT_OBJECT", FUNCTION: "STT_FUNC", SECTION: "STT_SECTION"}
_KCONFIG, _KSYMS = ".kconfig", ".ksyms"


def check_relocations(obj: BpfObject, kinds: dict[int, str]) -> None:
    """Raise RefusedError where a section that is read refers to one that is not."""
    symbols = obj.elf.symbols()
    for index in kinds:
        section = obj.elf.sections[index]
        for relocation in obj.elf.relocations(section) if index else ():
            if relocation.symbol_index >= len(symbols):
                continue
            symbol = symbols[relocation.symbol_index]
            if symbol.section_index not in kinds:
                where = f'load relocations: section "{section.name}": reference to "{symbol.name}"'
                raise RefusedError(f"{where} in section SHN_UNDEF+{symbol.section_index}: not supported")


def check_references(obj: BpfObject, kinds: dict[int, str]) -> None:
    """Raise RefusedError at the first instruction that refers to what it must not."""
    symbols = obj.elf.symbols()
    checker = _Checker(obj, kinds)
    for index, kind in kinds.items():
        section = obj.elf.sections[index]
        code = obj.code(section.name) if kind == PROGRAM else b""
        for relocation in obj.elf.relocations(section) if kind == PROGRAM else ():
            at = relocation.offset
            if relocation.symbol_index >= len(symbols) or at + INSN_SIZE > len(code):
                continue
            if obj.function_at(section.name, at) is None:
                continue
            wide = 2 * INSN_SIZE if code[at] == LDDW and at + 2 * INSN_SIZE <= len(code) else INSN_SIZE
            insn = decode_insn(code[at : at + wide], is_little_endian=obj.is_little_endian)
            try:
                checker.check(insn, symbols[relocation.symbol_index])
            except RefusedError as error:
                where = f"offset {at} in section {section.name}"
                what = f"load programs: section {section.name}: {where}: relocating instruction: {error}"
                raise RefusedError(what) from error


class _Checker:
    def __init__(self, obj: BpfObject, kinds: dict[int, str]) -> None:
        self._obj = obj
        self._kinds = kinds
        self._functions: dict[int, dict[int, Symbol]] = {}
        self._config = {name for name, item in _externs(obj, _KCONFIG) if isinstance(item, t.Var)}
        ksyms = list(_externs(obj, _KSYMS))
        self._kfuncs = {name for name, item in ksyms if isinstance(item, t.Func)}
        self._ksyms = {name for name, item in ksyms if isinstance(item, t.Var)}

    def check(self, insn: Insn, symbol: Symbol) -> None:
        match self._kinds.get(symbol.section_index):
            case kind if kind in (MAPS, BTF_MAPS):
                _check_map(symbol)
            case kind if kind == DATA:
                _check_data(symbol)
            case kind if kind == PROGRAM:
                self._check_function(insn, symbol)
            case kind if kind == STRUCT_OPS:
                name = self._obj.elf.sections[symbol.section_index].name
                raise RefusedError(f'relocation to "{name}": not supported')
            case _:
                self._check_undefined(insn, symbol)

    def _check_function(self, insn: Insn, symbol: Symbol) -> None:
        found = self._functions.get(symbol.section_index)
        if found is None:
            found = functions_of(self._obj.elf, symbol.section_index)
            self._functions[symbol.section_index] = found
        if insn.opcode == CALL:
            if insn.src != PSEUDO_CALL:
                raise RefusedError(f"call: {symbol.name}: incorrect source register")
            if symbol.type in (NOTYPE, FUNCTION):
                _check_binding("call", symbol, GLOBAL, WEAK)
            elif symbol.type == SECTION:
                offset = (insn.imm + 1) * INSN_SIZE
                if offset not in found:
                    raise RefusedError(f"call: no symbol at offset {offset}")
            else:
                raise RefusedError(f"call: {symbol.name}: invalid symbol type {_type_name(symbol)}")
            return
        if insn.opcode != LDDW:
            raise RefusedError("neither a call nor a load instruction")
        if symbol.type == FUNCTION:
            _check_binding("load", symbol, GLOBAL)
        elif symbol.type != SECTION:
            raise RefusedError(f"load: {symbol.name}: invalid symbol type {_type_name(symbol)}")
        if insn.imm not in found:
            raise RefusedError(f"load: no symbol at offset {insn.imm}")

    def _check_undefined(self, insn: Insn, symbol: Symbol) -> None:
        _check_binding("asm relocation", symbol, GLOBAL, WEAK)
        if symbol.type != NOTYPE:
            raise RefusedError(f"asm relocation: {symbol.name}: unsupported type {_type_name(symbol)}")
        if symbol.name in self._kfuncs or symbol.name in self._ksyms:
            return
        if self._config and insn.opcode == LDDW:
            _check_binding("asm relocation", symbol, GLOBAL)
            if symbol.name not in self._config:
                raise RefusedError(f"kconfig {symbol.name} not found in .kconfig")


def _externs(obj: BpfObject, section: str) -> list[tuple[str, t.BtfType]]:
    found = []
    for type_id in obj.btf.ids_named(section):
        datasec = obj.btf.type(type_id)
        for place in datasec.variables if isinstance(datasec, t.Datasec) else ():
            item = obj.btf.type(place.type_id)
            found.append((item.name, item))
    return found


def _check_map(symbol: Symbol) -> None:
    """Maps must be global, neither static nor weak."""
    if symbol.binding == LOCAL:
        what = "possible erroneous static qualifier on map definition: found reference to"
        raise RefusedError(f'{what} "{_name(symbol)}"')
    if symbol.binding != GLOBAL:
        raise RefusedError(f'map "{symbol.name}": unsupported binding: {_binding_name(symbol)}')
    if symbol.type not in (OBJECT, NOTYPE):
        raise RefusedError(f"map load: incorrect relocation type {_type_name(symbol)}")


def _check_data(symbol: Symbol) -> None:
    if symbol.type in (SECTION, NOTYPE):
        _check_binding("direct load", symbol, LOCAL)
    elif symbol.type == OBJECT:
        _check_binding("direct load", symbol, LOCAL, GLOBAL, WEAK)
    else:
        raise RefusedError(f"incorrect relocation type {_type_name(symbol)} for direct map load")


def _check_binding(what: str, symbol: Symbol, *allowed: int) -> None:
    if symbol.binding not in allowed:
        raise RefusedError(f"{what}: {_name(symbol)}: unsupported binding: {_binding_name(symbol)}")


def _name(symbol: Symbol) -> str:
    return "" if symbol.type == SECTION else symbol.name  # sections have no names as symbols


def _binding_name(symbol: Symbol) -> str:
    return _BINDINGS.get(symbol.binding, str(symbol.binding))


def _type_name(symbol: Symbol) -> str:
    return _TYPES.get(symbol.type, str(symbol.type))
