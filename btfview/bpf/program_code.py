"""A program's instructions with what they refer to, as the verifier gets them from the loader."""

from __future__ import annotations

from btfview.btf.kinds import BtfKind
from btfview.btf.types import Datasec, Func, FuncProto, Ptr, Var
from btfview.frozen import TYPE_CHECKING, frozen

from .insn import CALL, Insn, decode_insn
from .known_values import NON_NULL, VAGUE, ZERO, Code, Const, Data
from .liveness import live_registers
from .loaded_code import load_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .elf import Symbol
    from .known_values import Value
    from .object import BpfObject
    from .references import References

_STB_LOCAL = 0
_STV_HIDDEN = 2
_READ_ONLY = ".rodata"


@frozen
class Callee:
    """A subprogram that is called."""

    place: tuple[str, int]
    is_global: bool
    """Whether the verifier looks at it by itself, knowing nothing of its arguments."""


class ProgramCode:
    """Instructions of an object after relocation.

    *patched* holds the code of sections that relocation changed. *extern_exists* says of a kfunc or kernel
    variable whether it is on the target, None where that is not known; *kconfig* the values of externs of
    ``.kconfig`` that are known.
    """

    def __init__(
        self,
        obj: BpfObject,
        references: References,
        patched: Mapping[str, bytes],
        *,
        extern_exists: Callable[[str], bool | None] = lambda _name: None,
        kconfig: Mapping[str, int] | None = None,
    ) -> None:
        self._obj = obj
        self._references = references
        self._patched = patched
        self._extern_exists = extern_exists
        self._kconfig = kconfig or {}
        self._decoded: dict[tuple[str, int], tuple[Insn | None, int]] = {}
        """Instructions of the functions that were asked for, with the registers that are live there."""
        self.functions_read: dict[tuple[str, int], int] = {}
        """Size of each function whose instructions were asked for, by where it begins."""
        self._symbols: dict[tuple[str, int], Symbol | None] = {}
        self._callees: dict[tuple[str, int], tuple[tuple[str, Symbol], ...]] = {}
        self._read_only: dict[str, bytes] = {}
        self._kconfig_names = frozenset(_externs_of(obj, ".kconfig"))
        self._kernel_symbols = _externs_of(obj, ".ksyms")

    def insn_at(self, place: tuple[str, int]) -> Insn | None:
        """Return the instruction at section and byte offset; None outside of functions, or where none is."""
        return (self._decoded.get(place) or self._decode_at(place))[0]

    def live_at(self, place: tuple[str, int]) -> int:
        """Return the registers that are read from there on, as bits."""
        return (self._decoded.get(place) or self._decode_at(place))[1]

    def _decode_at(self, place: tuple[str, int]) -> tuple[Insn | None, int]:
        """Decode the function that holds *place*."""
        section = place[0]
        symbol = self._symbol(place)
        if symbol is not None:
            self.functions_read[section, symbol.value] = symbol.size
            insns = self._decode(section, symbol.value, symbol.value + symbol.size)
            live = live_registers(insns)
            for offset, insn in insns.items():
                self._decoded[section, offset] = insn, live[offset]
        return self._decoded.setdefault(place, (None, 0))

    def _symbol(self, place: tuple[str, int]) -> Symbol | None:
        if place not in self._symbols:
            self._symbols[place] = self._obj.function_at(*place)
        return self._symbols[place]

    def _decode(self, section: str, start: int, end: int) -> dict[int, Insn]:
        code = self._patched.get(section, self._obj.code(section))
        insns = {}
        offset = start
        while offset < min(end, len(code)):
            try:
                insn = decode_insn(code, offset, is_little_endian=self._obj.is_little_endian)
            except ValueError:
                break
            insns[offset] = insn
            offset += insn.byte_size
        return insns

    def global_functions(self, entry: tuple[str, int]) -> list[tuple[str, int]]:
        """Return where the global functions begin that are loaded with the program at *entry*."""
        symbol = self._symbol(entry)
        if symbol is None:
            return []
        loaded = load_code(self._obj, entry[0], symbol, self._references, self._callees)
        return [
            (function.section, function.symbol.value)
            for function in loaded.functions[1:]
            if _is_global(function.symbol)
        ]

    def callee(self, place: tuple[str, int], insn: Insn) -> Callee | None:
        """Return the subprogram that a call goes to; None for helpers, kfuncs and poison."""
        if insn.opcode != CALL or not insn.src:
            return None
        reference = self._references.find(*place, insn)
        if reference is None or reference.insn_off is None:
            return None
        symbol = self._symbol((reference.section, reference.insn_off))
        return Callee(
            (reference.section, reference.insn_off), is_global=symbol is not None and _is_global(symbol)
        )

    def gives_number(self, place: tuple[str, int], insn: Insn) -> bool:
        """Whether a call is of a kfunc whose result is no address, by the program's own declaration of it."""
        reference = self._references.find(*place, insn)
        function = self._kernel_symbols.get(reference.extern) if reference else None
        btf = self._obj.btf
        prototype = btf.type(function.type_id) if isinstance(function, Func) else None
        if not isinstance(prototype, FuncProto):
            return False
        return not isinstance(btf.skip_modifiers(prototype.type_id), Ptr)

    def wide_load(self, place: tuple[str, int], insn: Insn) -> Value:
        """Return what an ldimm64 gives: a number, or an address by ELF relocation."""
        reference = self._references.find(*place, insn)
        if reference is None:
            return VAGUE if insn.src else Const(insn.imm)
        if reference.insn_off is not None:
            return Code(reference.section, reference.insn_off)
        if reference.data is not None:
            return Data(*reference.data)
        if reference.extern and reference.extern in self._kconfig_names:
            return Data(f"extern {reference.extern}", 0)
        return self._kernel_symbol(reference.extern) if reference.extern else VAGUE

    def _kernel_symbol(self, name: str) -> Value:
        """Return the address of a kfunc or a kernel variable, which is 0 where a weak one is missing."""
        match self._kernel_symbols.get(name):
            case Func():
                exists = self._extern_exists(name)
                return VAGUE if exists is None else NON_NULL if exists else ZERO
            case Var() as variable if self._obj.btf.skip_modifiers(variable.type_id).kind != BtfKind.VOID:
                # Verifiers differ on whether the address of a variable can be null.
                return ZERO if self._extern_exists(name) is False else VAGUE
            case _:  # by /proc/kallsyms
                return VAGUE

    def data(self, where: str, offset: int, size: int) -> Value | None:
        """Return what stands in a data section; None for what changes while programs run."""
        if where.startswith("extern "):
            known = self._kconfig.get(where.removeprefix("extern "))
            return VAGUE if known is None or offset else Const(known & (1 << 8 * size) - 1)
        if not where.startswith(_READ_ONLY):
            return None
        held = self._read_only.get(where)
        if held is None:
            section = self._obj.elf.section(where)
            held = self._read_only[where] = self._obj.elf.bytes_of(section) if section else b""
        if offset < 0 or offset + size > len(held):
            return VAGUE
        part = held[offset : offset + size]
        return Const(int.from_bytes(part, "little" if self._obj.is_little_endian else "big"), is_assumed=True)


def _is_global(symbol: Symbol) -> bool:
    """libbpf makes hidden functions static (``bpf_object__init_prog``)."""
    return symbol.binding != _STB_LOCAL and symbol.visibility != _STV_HIDDEN


def _externs_of(obj: BpfObject, section: str) -> dict[str, Func | Var]:
    """Return the externs of a section of BTF, by name."""
    found: dict[str, Func | Var] = {}
    for type_id in obj.btf.ids_named(section):
        datasec = obj.btf.type(type_id)
        for variable in datasec.variables if isinstance(datasec, Datasec) else ():
            held = obj.btf.type(variable.type_id)
            if isinstance(held, (Func, Var)):
                found[held.name] = held
    return found
