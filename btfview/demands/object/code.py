"""The instructions of an object as its programs hold them: functions, what each instruction refers to, who
calls whom.

As libbpf takes an object apart: ``bpf_object__add_programs`` (which functions are programs),
``bpf_program__record_reloc`` (what an instruction refers to), ``bpf_object__reloc_code`` (which functions
are joined to a program).
"""

from __future__ import annotations

from bisect import bisect_right
from struct import iter_unpack, unpack_from

from btfview.bpf.elf import STT_FUNC, STT_OBJECT, STT_SECTION
from btfview.bpf.insn import CALL, INSN_SIZE, LDDW, PSEUDO_CALL
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.bpf.elf import Symbol
    from btfview.bpf.object import BpfObject

    Place = tuple[str, int]
    """A section, and bytes from its start."""
    RawInsn = tuple[int, int, int, int, int]
    """Opcode, destination, source, offset (signed), immediate (signed; of an ldimm64 all 64 bits)."""

TEXT = ".text"
_PSEUDO_FUNC = 4
_LOCAL = 0
_HIDDEN, _INTERNAL = 2, 1
_SHN_UNDEF = 0

_REFERRING = bytes((CALL, LDDW))
"""Opcodes that may carry a relocation: calls, and loads of 64 bits."""

# What an instruction can refer to.
MAP, DATA, EXTERN, FUNCTION = "map", "data", "extern", "function"


@frozen
class Ref:
    """What an instruction refers to by an ELF relocation."""

    what: str
    """MAP, DATA, EXTERN or FUNCTION."""
    name: str
    """Of a map or an extern its name, else that of the section."""
    offset: int = 0
    """Bytes into the section."""


@frozen
class Function:
    name: str
    section: str
    start: int
    """Bytes from the start of the section."""
    end: int
    is_global: bool
    """The verifier looks at it by itself (``subprog_is_global``)."""
    refs: tuple[tuple[int, Ref], ...]
    """What its instructions refer to, by their place in the section."""
    calls: tuple[tuple[str, int], ...]
    """Where the functions begin that it calls or whose address it takes."""
    helpers: tuple[tuple[int, int], ...]
    """Its calls of helpers: where, and the helper's number."""
    takes_address: bool
    """It takes the address of a function: a callback."""

    @property
    def place(self) -> Place:
        return self.section, self.start


_tables: dict[bytes, bytes] = {}
"""Of each set of bytes that was asked for: 1 for those in it, 0 for others."""


def positions(data: bytes, wanted: bytes) -> Iterator[int]:
    """Yield where one of the bytes *wanted* stands in *data*: some 10 ns a byte that is none of them.

    >>> list(positions(b"abcab", b"ac"))
    [0, 2, 3]
    """
    table = _tables.get(wanted)
    if table is None:
        table = _tables[wanted] = bytes(byte in wanted for byte in range(256))
    marks = data.translate(table)
    at = marks.find(1)
    while at >= 0:
        yield at
        at = marks.find(1, at + 1)


class Code:
    """The functions of an object."""

    def __init__(self, obj: BpfObject) -> None:
        self.object = obj
        self._symbols = obj.elf.symbols()
        self.order = "<" if obj.is_little_endian else ">"
        self.functions: dict[Place, Function] = {}
        self._starts: dict[str, list[int]] = {}
        self._reads: dict[str, list[tuple[int, int, int, int, int] | None]] = {}
        self._read_functions()
        # A function in .text is there to be called, unless it is the only one (libbpf: prog_is_subprog).
        self.programs: tuple[Function, ...] = tuple(
            function
            for function in self.functions.values()
            if function.section != TEXT or len(self.functions) == 1
        )
        """What libbpf has for programs, in its order."""

    def insns(self, section: str) -> list[RawInsn | None]:
        """Return the instructions of a section as compiled, one an 8-byte slot; None for the second half of
        an ldimm64."""
        found = self._reads.get(section)
        if found is None:
            found = self._reads[section] = self.decode(self.object.code(section))
        return found

    def decode(self, code: bytes) -> list[RawInsn | None]:
        is_little = self.order == "<"
        insns: list[RawInsn | None] = []
        second = False
        for opcode, regs, off, imm in iter_unpack(self.order + "BBhi", code[: len(code) // 8 * 8]):
            if second:
                before = insns[-1]
                assert before is not None
                whole = (before[4] & 0xFFFFFFFF) | (imm & 0xFFFFFFFF) << 32
                insns[-1] = (*before[:4], whole)
                insns.append(None)
                second = False
                continue
            dst, src = (regs & 15, regs >> 4) if is_little else (regs >> 4, regs & 15)
            insns.append((opcode, dst, src, off, imm))
            second = opcode == LDDW
        return insns

    def function_at(self, place: Place) -> Function | None:
        """Return the function that holds the instruction at *place*, if any."""
        section, offset = place
        starts = self._starts.get(section, [])
        index = bisect_right(starts, offset) - 1
        function = self.functions[section, starts[index]] if index >= 0 else None
        return function if function and offset < function.end else None

    def joined(self, function: Function) -> tuple[Function, ...]:
        """Return *function* and all that it calls, directly or not, or whose address it takes."""
        found = {function.place: function}
        todo = [function]
        while todo:
            for place in todo.pop().calls:
                callee = self.functions.get(place)
                if callee and place not in found:
                    found[place] = callee
                    todo.append(callee)
        return tuple(found.values())

    # -- reading -----------------------------------------------------------------------------

    def _read_functions(self) -> None:
        sections = self.object.elf.sections
        objects: dict[int, list[Symbol]] = {}
        symbols: dict[int, dict[int, Symbol]] = {}
        for symbol in self._symbols:
            if symbol.type == STT_OBJECT:
                objects.setdefault(symbol.section_index, []).append(symbol)
            elif symbol.type == STT_FUNC:
                known = symbols.setdefault(symbol.section_index, {})
                known.setdefault(symbol.value, symbol)
        self._objects = objects
        for section in sections:
            if not section.is_executable or section.index not in symbols:
                continue
            if self.object.elf.section(section.name) is not section:
                continue  # a second section of the name: its programs cannot be told apart by it
            relocations = {one.offset: one.symbol_index for one in self.object.elf.relocations(section)}
            code = self.object.code(section.name)
            opcodes = code[::INSN_SIZE]
            starts = self._starts[section.name] = sorted(symbols[section.index])
            # Each to the beginning of the next at most: 10,000 that all reach to the end would be read 10,000
            # times.
            for start, after in zip(starts, (*starts[1:], None), strict=True):
                symbol = symbols[section.index][start]
                end = start + symbol.size if after is None else min(start + symbol.size, after)
                function = self._read_function(section.name, symbol, end, relocations, code, opcodes)
                self.functions[function.place] = function

    def _read_function(
        self,
        section: str,
        symbol: Symbol,
        end: int,
        relocations: dict[int, int],
        code: bytes,
        opcodes: bytes,
    ) -> Function:
        start = symbol.value
        refs: list[tuple[int, Ref]] = []
        calls: list[tuple[str, int]] = []
        helpers: list[tuple[int, int]] = []
        takes_address = False
        # The second half of a load has opcode 0, so no half is taken for an instruction.
        for index in positions(opcodes[start // INSN_SIZE : end // INSN_SIZE], _REFERRING):
            at = start + index * INSN_SIZE
            opcode, regs, _, imm = unpack_from(self.order + "BBhi", code, at)
            src = regs >> 4 if self.order == "<" else regs & 15
            ref = self._ref(section, at, (opcode, 0, src, 0, imm), relocations.get(at))
            if ref:
                refs.append((at, ref))
                if ref.what == FUNCTION:
                    calls.append((ref.name, ref.offset))
                    takes_address |= opcode == LDDW
            elif opcode == CALL and not src:
                helpers.append((at, imm))
        is_global = symbol.binding != _LOCAL and symbol.visibility not in (_HIDDEN, _INTERNAL)
        return Function(
            symbol.name,
            section,
            start,
            end,
            is_global,
            tuple(refs),
            tuple(calls),
            tuple(helpers),
            takes_address,
        )

    def _ref(self, section: str, at: int, insn: RawInsn, index: int | None) -> Ref | None:
        opcode, _, src, _, imm = insn
        if index is None:
            if opcode == CALL and src == PSEUDO_CALL:
                return Ref(FUNCTION, section, at + (imm + 1) * INSN_SIZE)
            return None
        if index >= len(self._symbols):
            return None
        symbol = self._symbols[index]
        if symbol.section_index == _SHN_UNDEF:
            return Ref(EXTERN, symbol.name)
        sections = self.object.elf.sections
        if symbol.section_index >= len(sections):
            return None
        target = sections[symbol.section_index]
        if opcode == CALL:
            # The compiler leaves -1 beside a function's own symbol, the distance beside a section's.
            return Ref(FUNCTION, target.name, symbol.value + (imm + 1) * INSN_SIZE)
        low = imm & 0xFFFFFFFF
        if target.is_executable:
            return Ref(FUNCTION, target.name, symbol.value + low)
        if target.name in (".maps", "maps"):
            name = symbol.name
            if symbol.type == STT_SECTION or not name:
                name = self._object_at(symbol.section_index, symbol.value + low)
            return Ref(MAP, name)
        return Ref(DATA, target.name, symbol.value + low)

    def _object_at(self, section_index: int, offset: int) -> str:
        for symbol in self._objects.get(section_index, ()):
            if symbol.value <= offset < symbol.value + max(symbol.size, 1):
                return symbol.name
        return ""
