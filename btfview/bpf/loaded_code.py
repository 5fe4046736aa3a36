"""A program as it is loaded: its function, then the subprograms that it calls, numbered through.

The verifier's log counts instructions in that sequence; an object holds each function where the compiler
put it.
"""

from __future__ import annotations

from bisect import bisect_right

from btfview.frozen import TYPE_CHECKING, frozen

from .insn import CALL, INSN_SIZE, LDDW, decode_insn
from .references import References

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .elf import Symbol
    from .object import BpfObject


@frozen
class LoadedFunction:
    """A function of a program in the place that libbpf gives it."""

    section: str
    symbol: Symbol
    start: int
    """Number of its first instruction in the loaded program; an ldimm64 counts twice."""

    @property
    def end(self) -> int:
        return self.start + self.symbol.size // INSN_SIZE


@frozen
class LoadedCode:
    """The functions of a loaded program, in order."""

    functions: tuple[LoadedFunction, ...]

    @property
    def insn_count(self) -> int:
        return self.functions[-1].end if self.functions else 0

    def place_of(self, insn: int) -> tuple[str, int] | None:
        """Return section and byte offset there of the instruction with number *insn*; None beyond the end."""
        index = bisect_right(self.functions, insn, key=lambda function: function.start) - 1
        if index < 0 or insn >= self.functions[index].end:
            return None
        function = self.functions[index]
        return function.section, function.symbol.value + (insn - function.start) * INSN_SIZE

    def number_of(self, section: str, insn_off: int) -> int | None:
        """Return the number of the instruction at byte *insn_off* of *section*; None if it is not loaded."""
        for function in self.functions:
            inside = insn_off - function.symbol.value
            if function.section == section and 0 <= inside < function.symbol.size:
                return function.start + inside // INSN_SIZE
        return None


def load_code(
    obj: BpfObject,
    section: str,
    symbol: Symbol,
    references: References,
    callees: dict[tuple[str, int], tuple[tuple[str, Symbol], ...]] | None = None,
) -> LoadedCode:
    """Return how libbpf puts together the program that begins with the function *symbol* of *section*.

    *callees* keeps what is found out of each function, for who asks of many programs.

    A subprogram is appended where it is first called, or its address taken, and the calls in it follow at
    once (libbpf: ``bpf_object__reloc_code``, ``bpf_object__append_subprog_code``).
    """
    callees = {} if callees is None else callees
    placed: dict[tuple[str, int], LoadedFunction] = {}
    end = 0
    pending: list[Iterator[tuple[str, Symbol]]] = [iter([(section, symbol)])]
    while pending:
        found = next(pending[-1], None)
        if found is None:
            pending.pop()
            continue
        key = (found[0], found[1].value)
        if key in placed:
            continue
        placed[key] = LoadedFunction(found[0], found[1], end)
        end = placed[key].end
        if key not in callees:
            callees[key] = tuple(_callees(obj, *found, references))
        pending.append(iter(callees[key]))
    return LoadedCode(tuple(placed.values()))


def _callees(
    obj: BpfObject, section: str, symbol: Symbol, references: References
) -> Iterator[tuple[str, Symbol]]:
    """Yield the functions that a function refers to, in the order of its instructions."""
    code = obj.code(section)
    offset, end = symbol.value, min(symbol.value + symbol.size, len(code))
    while offset < end:
        if code[offset] not in (CALL, LDDW):  # others refer to nothing
            offset += INSN_SIZE
            continue
        try:
            insn = decode_insn(code, offset, is_little_endian=obj.is_little_endian)
        except ValueError:
            return
        reference = references.find(section, offset, insn)
        if reference is not None and reference.insn_off is not None:
            callee = obj.function_at(reference.section, reference.insn_off)
            if callee is not None:
                yield reference.section, callee
        offset += insn.byte_size
