"""Where aya gives up an object whose records it has written: maps and functions are put in (aya:
``Object::relocate_maps``, ``Object::relocate_calls``)."""

from __future__ import annotations

from btfview.bpf.insn import CALL, INSN_SIZE, PSEUDO_CALL
from btfview.core_relo.access_spec import RefusedError
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING

from .sections import NOT_PROGRAMS

if TYPE_CHECKING:
    from btfview.bpf.elf import Symbol
    from btfview.bpf.object import BpfObject

_FUNCTION, _SECTION = 2, 3
"""``STT_*``."""
_UNDEFINED = 0
_DATA = (".bss", ".data", ".rodata")

_Place = tuple[int, int]
"""A function: index of its section, and its offset there."""


def why_not_linked(obj: BpfObject) -> str | None:
    """Return why aya cannot put the object together; None where it can."""
    try:
        _Linker(obj).check()
    except (RefusedError, InputError) as error:
        return str(error)
    return None


class _Linker:
    def __init__(self, obj: BpfObject) -> None:
        self._obj = obj
        self._symbols = obj.elf.symbols()
        self._functions: dict[_Place, Symbol] = {}
        self._programs: list[_Place] = []
        for symbol in self._symbols:
            section = self._section_of(symbol)
            if section is None or symbol.type != _FUNCTION or not symbol.name:
                continue
            name = obj.elf.sections[section].name
            place = (section, symbol.value)
            if name.startswith(".text"):
                self._functions[place] = symbol
            elif obj.elf.sections[section].is_executable and not name.startswith(NOT_PROGRAMS):
                self._functions[place] = symbol
                self._programs.append(place)
        self._code_sections = {section for section, _ in self._functions}
        self._relocations = {
            section: {
                relocation.offset: relocation.symbol_index
                for relocation in obj.elf.relocations(obj.elf.sections[section])
                if relocation.symbol_index < len(self._symbols)
            }
            for section in self._code_sections
        }

    def check(self) -> None:
        for place, function in self._functions.items():
            self._check_maps(place, function)
        for place in self._programs:
            try:
                self._check_calls(place)
            except RefusedError as error:
                raise RefusedError(f"error relocating `{self._functions[place].name}`: {error}") from error

    def _section_of(self, symbol: Symbol) -> int | None:
        is_real = _UNDEFINED < symbol.section_index < len(self._obj.elf.sections)
        return symbol.section_index if is_real else None

    def _check_maps(self, place: _Place, function: Symbol) -> None:
        """What is neither a call nor a reference to code must be to a map, or to data."""
        section, start = place
        for offset, index in self._relocations[section].items():
            symbol = self._symbols[index]
            target = self._section_of(symbol)
            if not start <= offset < start + function.size or target is None:
                continue  # what is undefined is left as it is: address 0
            if self._is_call(section, offset) or target in self._code_sections:
                continue
            name = self._obj.elf.sections[target].name
            if not name.startswith(("maps", ".maps", *_DATA)):
                named = "" if symbol.type == _SECTION else symbol.name
                what = f"section `{target}` not found, referenced by symbol `{named}` #{index}"
                raise RefusedError(f"error relocating `{function.name}`: {what}")

    def _check_calls(self, program: _Place) -> None:
        linked = {program}
        waiting = [program]
        while waiting:
            place = waiting.pop()
            for callee in self._callees(place):
                if callee not in linked:
                    linked.add(callee)
                    waiting.append(callee)

    def _callees(self, place: _Place) -> list[_Place]:
        """Return the functions that one refers to (aya: ``FunctionLinker::relocate``). A call of what is not
        in the object, such as a kfunc, is taken for one within the section."""
        section, start = place
        function = self._functions[place]
        found = []
        for offset in range(start, start + function.size, INSN_SIZE):
            symbol = self._code_symbol(section, offset)
            is_call = self._is_call(section, offset)
            if not is_call and symbol is None:
                continue
            imm = self._imm(section, offset)
            if symbol is None:
                callee = (section, offset + (imm + 1) * INSN_SIZE)
            elif symbol.type == _FUNCTION:
                callee = (symbol.section_index, symbol.value)
            elif symbol.type == _SECTION:
                callee = (symbol.section_index, (imm + 1) * INSN_SIZE if is_call else imm)
            else:
                raise RefusedError(f"aya panics: {symbol.name} is neither a function nor a section")
            if callee not in self._functions:
                what = f"function {callee[1]:#x} not found while relocating `{function.name}`"
                raise RefusedError(f"{what}{self._why_unknown(section, offset)}")
            found.append(callee)
        return found

    def _code_symbol(self, section: int, offset: int) -> Symbol | None:
        index = self._relocations[section].get(offset)
        symbol = self._symbols[index] if index is not None else None
        if symbol is None or (symbol.type != _FUNCTION and symbol.section_index not in self._code_sections):
            return None
        return symbol

    def _why_unknown(self, section: int, offset: int) -> str:
        index = self._relocations[section].get(offset)
        name = self._symbols[index].name if index is not None else ""
        return f": it is the call of {name}, and aya knows no functions of the kernel" if name else ""

    def _is_call(self, section: int, offset: int) -> bool:
        insn = self._bytes(section, offset)
        return insn[:4] == bytes((CALL, PSEUDO_CALL << 4, 0, 0))

    def _imm(self, section: int, offset: int) -> int:
        return int.from_bytes(self._bytes(section, offset)[4:8], "little", signed=True)

    def _bytes(self, section: int, offset: int) -> bytes:
        return self._obj.code(self._obj.elf.sections[section].name)[offset : offset + INSN_SIZE]
