"""Reads of a kernel's structs at offsets that are compiled in: no record of the object moves them.

A program's code is gone through once, in its order, with what each register surely holds; which struct that
is, each kernel's own prototypes tell (:mod:`.baked_in`).
"""

from __future__ import annotations

from btfview.bpf.insn import ALU64, CALL, INSN_SIZE, JMP, JMP32, LDDW, MEM, SOURCE_REGISTER, ST, STX
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

    from btfview.demands.object.code import Function, Place, RawInsn
    from btfview.demands.object.facts import ObjectFacts

    Value = Any
    """A number; a pair of what an address begins at and bytes from there; None where it is not known."""

CONTEXT, FRAME, TASK = "context", "frame", "task"
_SIZES = {0x00: 4, 0x08: 2, 0x10: 1, 0x18: 8}
_PROBE_READS = {4: "bpf_probe_read", 113: "bpf_probe_read_kernel"}
_CURRENT_TASK = (35, 158)
"""bpf_get_current_task and bpf_get_current_task_btf."""
_MAX_READS = 200
"""Of a program."""
_MAX_VIA = 4
"""Pointers that are followed one after the other."""


@frozen
class InContext:
    """A pointer that the context holds."""

    offset: int
    """Bytes from the start of the context."""


@frozen
class CompiledRead:
    """A read through a pointer that leads to a struct of the kernel, perhaps, where no record is."""

    program: str
    place: Place
    base: InContext | CompiledRead | str
    """What the pointer is: of the context, read by an earlier read, or TASK."""
    offset: int
    """Bytes from where the pointer leads to; compiled in."""
    byte_size: int
    by: str
    """``a load``, or the helper's name."""


def find_compiled_reads(facts: ObjectFacts, records: Container[Place]) -> tuple[CompiledRead, ...]:
    """Return the reads of an object whose offsets no record moves; *records* are the places that have one."""
    found: list[CompiledRead] = []
    for program in facts.programs:
        if program.section is not None:
            found += _Scan(facts, program.function, records).reads
    return tuple(found)


class _Scan:
    def __init__(self, facts: ObjectFacts, function: Function, records: Container[Place]) -> None:
        self.reads: list[CompiledRead] = []
        self._function = function
        self._records = records
        self._refs = dict(function.refs)
        self._regs: list[Value] = [None] * 10 + [(FRAME, 0)]
        self._regs[1] = (CONTEXT, 0)
        self._slots: dict[int, Value] = {}
        insns = facts.code.insns(function.section)
        self._run(insns, facts.jumps.targets(function.section))

    def _run(self, insns: list[RawInsn | None], targets: Container[int]) -> None:
        start, end = self._function.start // INSN_SIZE, self._function.end // INSN_SIZE
        body = insns[start:end]
        once, regs = _written_once(body), self._regs
        for index, insn in enumerate(body, start):
            if insn is None or insn[1] > 10 or insn[2] > 10:
                continue
            if index not in targets:  # what nothing is known of is done at once
                opcode = insn[0]
                if opcode & 7 == 1 and regs[insn[2]] is None:
                    regs[insn[1]] = None
                    continue
                if opcode & 7 in (JMP, JMP32) and opcode != CALL:
                    continue
            if index in targets:  # whatever comes from elsewhere, what is written once is the same
                self._slots = {}
                for register in range(10):
                    if register not in once:
                        self._regs[register] = None
            self._step(insn, (self._function.section, index * INSN_SIZE))
            if len(self.reads) >= _MAX_READS:
                return

    def _step(self, insn: RawInsn, place: Place) -> None:
        opcode, dst, src, off, imm = insn
        class_, regs = opcode & 7, self._regs
        if place in self._records:
            if class_ in (JMP, JMP32):
                self._forget_arguments()
            elif class_ not in (ST, STX):
                regs[dst] = None
        elif opcode == LDDW:
            regs[dst] = None if place[1] in self._refs or src else imm
        elif class_ in (4, ALU64):
            self._compute(insn)
        elif class_ == 1:
            is_plain = opcode & 0xE0 == MEM
            regs[dst] = self._load(regs[src], off, _SIZES[opcode & 0x18], place) if is_plain else None
        elif class_ == STX and regs[dst] is not None and regs[dst] == (FRAME, 0):
            self._slots[off] = regs[src] if opcode & 0xF8 == 0x78 else None
        elif opcode == CALL:
            self._call(insn, place)

    def _compute(self, insn: RawInsn) -> None:
        opcode, dst, src, off, imm = insn
        regs, op = self._regs, opcode & 0xF0
        right = regs[src] if opcode & SOURCE_REGISTER else imm
        if op == 0xB0 and not off:
            is_whole = opcode & 7 == ALU64 or isinstance(right, int)
            regs[dst] = right if is_whole else None
        elif op == 0x00 and isinstance(regs[dst], tuple) and isinstance(right, int):
            base, at = regs[dst]
            regs[dst] = (base, at + right)
        else:
            regs[dst] = None

    def _load(self, base: Value, off: int, size: int, place: Place) -> Value:
        if not isinstance(base, tuple):
            return None
        what, at = base
        if what == FRAME:
            return self._slots.get(at + off) if size == 8 else None
        if what == CONTEXT:
            return (InContext(at + off), 0) if size == 8 else None
        read = self._tell(what, at + off, size, place, "a load")
        return (read, 0) if size == 8 and _depth(read) < _MAX_VIA else None

    def _call(self, insn: RawInsn, place: Place) -> None:
        regs, number = self._regs, insn[4]
        is_helper = place[1] not in self._refs and not insn[2]
        to, size, source = regs[1:4]
        for value in regs[1:6]:
            if isinstance(value, tuple) and value[0] == FRAME:
                self._slots = {at: kept for at, kept in self._slots.items() if at < value[1]}
        if is_helper and number in _PROBE_READS and isinstance(source, tuple) and isinstance(size, int):
            what, at = source
            if what not in (FRAME, CONTEXT) and size > 0:
                read = self._tell(what, at, size, place, _PROBE_READS[number])
                is_pointer = size == 8 and isinstance(to, tuple) and to[0] == FRAME
                if is_pointer and _depth(read) < _MAX_VIA:
                    self._slots[to[1]] = (read, 0)
        self._forget_arguments()
        regs[0] = (TASK, 0) if is_helper and number in _CURRENT_TASK else None

    def _forget_arguments(self) -> None:
        self._regs[:6] = [None] * 6

    def _tell(
        self, base: InContext | CompiledRead | str, offset: int, size: int, place: Place, by: str
    ) -> CompiledRead:
        read = CompiledRead(self._function.name, place, base, offset, size, by)
        self.reads.append(read)
        return read


def _depth(read: CompiledRead) -> int:
    depth = 1
    while isinstance(read.base, CompiledRead):
        depth, read = depth + 1, read.base
    return depth


def _written_once(body: list[RawInsn | None]) -> frozenset[int]:
    """Return the registers that calls leave alone, and that one instruction writes."""
    counts = [0] * 16
    for insn in body:
        if insn is not None and (insn[0] & 7 in (0, 1, 4, ALU64)):
            counts[insn[1]] += 1
    return frozenset(register for register in range(6, 10) if counts[register] == 1)
