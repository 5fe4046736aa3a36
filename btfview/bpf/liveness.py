"""Which registers are still read behind an instruction: states that differ in others are the same."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

from . import insn as i

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .insn import Insn

_ARGUMENTS = 0b111110
_CALLER_SAVED = 0b111111
_R0, _R10, _EVERY = 1, 1 << 10, (1 << 11) - 1
_FETCHES = 0x01


def live_registers(insns: Mapping[int, Insn]) -> dict[int, int]:
    """Return, for each instruction by its byte offset, the registers that are read from there on, as bits."""
    live = dict.fromkeys(insns, 0)
    before: dict[int, list[int]] = {}
    facts = {}
    for offset, insn in insns.items():
        successors = _successors(offset, insn)
        facts[offset] = successors, *_accesses(insn)
        for successor in successors:
            before.setdefault(successor, []).append(offset)
    todo = sorted(insns)
    while todo:  # each instruction at most once a register that is found to be read
        offset = todo.pop()
        successors, read, written = facts[offset]
        after = 0
        for successor in successors:
            after |= live.get(successor, _EVERY)
        found = (after & ~written) | read | _R10
        if found != live[offset]:
            live[offset] = found
            todo += before.get(offset, ())
    return live


def _successors(offset: int, insn: Insn) -> tuple[int, ...]:
    after = offset + insn.byte_size
    if insn.class_ not in (i.JMP, i.JMP32):
        return (after,)
    match insn.opcode >> 4:
        case 0x9:
            return ()
        case 0x8:
            return (after,)
        case 0x0:
            distance = insn.imm if insn.class_ == i.JMP32 else insn.off
            return (after + distance * i.INSN_SIZE,)
        case _:
            return (after, after + insn.off * i.INSN_SIZE)


def _accesses(insn: Insn) -> tuple[int, int]:
    """Return the registers that an instruction reads, and those that it writes."""
    dst, src = 1 << insn.dst, 1 << insn.src
    is_register = bool(insn.opcode & i.SOURCE_REGISTER)
    match insn.class_:
        case i.ALU | i.ALU64:
            if insn.opcode >> 4 == 0xB:
                return (src if is_register else 0), dst
            return dst | (src if is_register and insn.opcode >> 4 != 0xD else 0), dst
        case i.LD if insn.is_lddw:
            return 0, dst
        case i.LD:
            return (1 << 6) | src, _CALLER_SAVED
        case i.LDX:
            return src, dst
        case i.ST:
            return dst, 0
        case i.STX:
            is_fetch = insn.opcode & 0xE0 == i.ATOMIC and insn.imm & _FETCHES
            return dst | src | _R0, src if is_fetch else 0
        case _:
            op = insn.opcode >> 4
            if op == 0x9:
                return _R0, 0
            if op == 0x8:
                return _ARGUMENTS, _CALLER_SAVED
            return (0 if op == 0 else dst | (src if is_register else 0)), 0
