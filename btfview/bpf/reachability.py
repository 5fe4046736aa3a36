"""Which instructions can run, when some constants are known: what the verifier drops as dead code.

An exists query becomes a constant, and the branch on it is decided when the program is loaded. An
instruction that was poisoned does no harm behind a branch that is never taken. The verifier proves that by
following values; here constants in registers are followed, which is what compilers make of such queries.
Where more would have to be known (values on the stack, ranges), an instruction counts as reachable.
"""

from __future__ import annotations

from . import insn as i
from .insn import Insn
from .known_values import COMPARE, COMPUTE, U32, U64

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    State = dict[int, int]
    """Registers that hold a known constant (unsigned, 64 bits)."""

_ATOMIC_LOAD_ACQUIRE = 0x100
_CALLER_SAVED = range(6)


def reachable_insns(
    code: bytes, start: int, end: int, *, is_little_endian: bool = True, relocated: Container[int] = ()
) -> frozenset[int]:
    """Return the byte offsets of the instructions that can run in the function ``code[start:end]``.

    What the instructions *relocated* load is not known: the loader writes the address of a map, a variable or
    an extern there. Code that cannot be decoded ends a path; a jump out of the function is ignored.
    """
    insns = dict(_decode(code, start, end, is_little_endian))
    states: dict[int, State] = {start: {}} if start in insns else {}
    todo = list(states)
    while todo:
        offset = todo.pop()
        before = states[offset]
        for successor, state in _successors(insns[offset], offset, before, offset in relocated):
            if successor not in insns:
                continue
            known = states.get(successor)
            if known is None:
                states[successor] = state
            else:
                merged = {reg: value for reg, value in known.items() if state.get(reg) == value}
                if len(merged) == len(known):
                    continue
                states[successor] = merged
            todo.append(successor)
    return frozenset(states)


def _decode(code: bytes, start: int, end: int, is_little_endian: bool) -> Iterator[tuple[int, Insn]]:
    offset = start
    while offset < min(end, len(code)):
        try:
            insn = i.decode_insn(code, offset, is_little_endian=is_little_endian)
        except ValueError:
            return
        yield offset, insn
        offset += insn.byte_size


def _successors(insn: Insn, offset: int, state: State, is_relocated: bool) -> Sequence[tuple[int, State]]:
    after = offset + insn.byte_size
    if insn.is_lddw and is_relocated:
        return ((after, {reg: value for reg, value in state.items() if reg != insn.dst}),)
    if insn.class_ not in (i.JMP, i.JMP32):
        return ((after, _apply(insn, state)),)
    op = insn.opcode >> 4
    if op == 0x9:  # exit
        return ()
    if op == 0x8:  # call
        return ((after, {reg: value for reg, value in state.items() if reg not in _CALLER_SAVED}),)
    distance = insn.imm if op == 0 and insn.class_ == i.JMP32 else insn.off
    target = after + distance * i.INSN_SIZE
    if op == 0:
        return ((target, state),)
    return _branches(insn, op, state, target, after)


def _branches(insn: Insn, op: int, state: State, target: int, after: int) -> Sequence[tuple[int, State]]:
    compare = COMPARE.get(op)
    bits = 64 if insn.class_ == i.JMP else 32
    is_register = bool(insn.opcode & i.SOURCE_REGISTER)
    left = state.get(insn.dst)
    right = state.get(insn.src) if is_register else insn.imm & U64
    if compare is not None and left is not None and right is not None:
        mask = (1 << bits) - 1
        is_taken = compare(left & mask, right & mask, bits)
        return ((target if is_taken else after, state),)
    # Behind r1 == 7 the register is 7, and so it is after r1 != 7 was not taken.
    equal = {**state, insn.dst: right} if bits == 64 and right is not None and op in (0x1, 0x5) else state
    return (target, equal if op == 0x1 else state), (after, equal if op == 0x5 else state)


def _apply(insn: Insn, state: State) -> State:
    """Return the known constants after an instruction that is no jump."""
    match insn.class_:
        case 4 | 7:  # ALU, ALU64
            value = _alu(insn, state)
        case 0 if insn.is_lddw:
            value = insn.imm if not insn.src else None
        case 0:  # legacy packet loads clobber like a call
            return {reg: known for reg, known in state.items() if reg not in _CALLER_SAVED}
        case 1:
            value = None
        case 3 if insn.opcode & 0xE0 == i.ATOMIC:
            changed = {insn.dst} if insn.imm == _ATOMIC_LOAD_ACQUIRE else {insn.src, 0}
            return {reg: known for reg, known in state.items() if reg not in changed}
        case _:
            return state
    rest = {reg: known for reg, known in state.items() if reg != insn.dst}
    return rest if value is None else {**rest, insn.dst: value}


def _alu(insn: Insn, state: State) -> int | None:
    bits = 64 if insn.class_ == i.ALU64 else 32
    mask = U64 if bits == 64 else U32
    op = insn.opcode >> 4
    is_register = bool(insn.opcode & i.SOURCE_REGISTER)
    right = state.get(insn.src) if is_register else insn.imm & U64
    left = 0 if op == 0xB else state.get(insn.dst)
    compute = COMPUTE.get(op)
    # An offset makes another instruction of it (movsx, addr_space_cast).
    if compute is None or left is None or right is None or insn.off:
        return None
    return compute(left & mask, right & mask, bits) & mask
