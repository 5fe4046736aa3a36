"""Which instructions of a program the verifier comes to, path by path as it goes itself.

An exists query becomes a constant, and the branch on it is decided when the program is loaded; a poisoned
instruction does no harm where no path leads. What the verifier does with calls is done here: a static
function is followed at each call with what is known there, a global one by itself, a callback where its
address is handed out.
"""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

from . import insn as i
from .insn import INSN_SIZE
from .known_values import (
    EQUAL,
    NOT_EQUAL,
    POINTER,
    U64,
    VAGUE,
    Code,
    Const,
    Data,
    Decided,
    Frame,
    Fresh,
    Shifted,
    compute,
    decide,
)
from .reach import Reach

if TYPE_CHECKING:
    from typing import TypeAlias

    from .insn import Insn
    from .known_values import Value
    from .program_code import Callee, ProgramCode

    Place: TypeAlias = tuple[str, int]
    """Section, and byte offset there."""

MAX_STEPS = 40_000
"""Instructions that are followed for a program; beyond, what is left counts as :attr:`.Reach.MAYBE`."""
MAX_STEPS_OF_ALL = 100_000
"""The same for all programs of an object."""
MAX_FRAMES = 8
"""Calls inside one another, as in the kernel (MAX_CALL_FRAMES)."""
_ATOMIC_LOAD_ACQUIRE = 0x100
_NEVER_NULL = frozenset([154, 158])
"""Helpers whose result the verifier knows not to be null: this_cpu_ptr, get_current_task_btf."""
_BOUNDED = frozenset([8, 45, 67, 114, 115, 141])
"""Helpers whose result it knows the range of (do_refine_retval_range)."""
_FILLS = frozenset([4, 16, 45, 112, 113, 114, 115, 148])
"""Helpers that write R2 bytes at R1, and nothing else of the stack."""
_STACK = ("stack", 0)
_NOTHING: tuple[Value, ...] = (VAGUE,) * 11
_LAST_REGISTER = 10
_JUMPS = (i.JMP, i.JMP32)
_BITS = tuple(1 << number for number in range(11))


@frozen
class _Frame:
    """A function under way."""

    registers: tuple[Value, ...]
    """R0 to R10."""
    stack: tuple[tuple[int, Value], ...]
    """Known slots of 8 bytes by their offset from R10, sorted."""
    back: Place | None
    """Where it returns to."""

    def __hash__(self) -> int:  # as the common one, without a loop: states are looked up at each jump
        return hash((self.registers, self.stack, self.back))


class Explorer:
    """Follows one program; :attr:`reached` holds what came of it."""

    def __init__(
        self, code: ProgramCode, *, has_lazy_globals: bool | None, max_steps: int = MAX_STEPS
    ) -> None:
        self._code = code
        self._max_steps = max_steps
        self._has_lazy_globals = has_lazy_globals
        """Whether the kernel verifies a global function only if a live path calls it (Linux 6.8)."""
        self.reached: dict[Place, Reach] = {}
        """The best of the paths to each instruction."""
        self._seen: dict[tuple[Place, tuple[_Frame, ...]], Reach] = {}
        self._todo: list[tuple[Place, tuple[_Frame, ...], Reach]] = []
        self._functions: dict[Place, Reach] = {}
        """Global functions and callbacks that were begun, and how certainly."""
        self.steps = 0

    def run(self, entry: Place) -> bool:
        """Follow the program that begins at *entry*; return whether all its paths were followed."""
        self._begin(entry, Reach.CERTAIN, is_entry=True)
        for place in self._code.global_functions(entry):
            if self._has_lazy_globals is not True:
                self._begin(
                    place, Reach.CERTAIN if self._has_lazy_globals is False else Reach.MAYBE, is_entry=False
                )
        while self._todo:
            if self.steps > self._max_steps:
                return False
            self._follow(*self._todo.pop())
        return True

    def _begin(self, place: Place, certainty: Reach, *, is_entry: bool) -> None:
        """Start a function by itself: nothing is known of its arguments, but that a context is not null."""
        if self._functions.get(place, Reach.DEAD) >= certainty:
            return
        self._functions[place] = certainty
        arguments = _NOTHING[1:6] if is_entry else tuple(Fresh(64, (place[0], -n)) for n in range(1, 6))
        registers = (VAGUE, *arguments, *_NOTHING[6:10], Frame(0))
        self._push(place, (_Frame(registers, (), None),), certainty)

    def _push(self, place: Place, frames: tuple[_Frame, ...], certainty: Reach) -> None:
        top = frames[-1]
        live = self._code.live_at(place)
        registers = tuple(
            [value if live & bit else VAGUE for value, bit in zip(top.registers, _BITS, strict=True)]
        )
        frames = (*frames[:-1], _Frame(registers, top.stack, top.back))
        key = (place, frames)
        if self._seen.get(key, Reach.DEAD) < certainty:
            self._seen[key] = certainty
            self._todo.append((place, frames, certainty))

    def _follow(self, place: Place, frames: tuple[_Frame, ...], certainty: Reach) -> None:
        """Follow a path until it ends, or comes to a place where paths meet."""
        while True:
            self.steps += 1
            insn = self._code.insn_at(place)
            if insn is None or insn.dst > _LAST_REGISTER or insn.src > _LAST_REGISTER:
                return  # the verifier refuses a register that is none
            if self.reached.get(place, Reach.DEAD) < certainty:
                self.reached[place] = certainty
            if insn.opcode & 7 in _JUMPS:
                self._jump(place, insn, frames, certainty)
                return
            frame = frames[-1]
            frames = (*frames[:-1], _Frame(*self._apply(place, insn, frame), frame.back))
            place = place[0], place[1] + insn.byte_size
            if self.steps > self._max_steps:
                return

    # ---- jumps and calls

    def _jump(self, place: Place, insn: Insn, frames: tuple[_Frame, ...], certainty: Reach) -> None:
        section, offset = place
        after = section, offset + INSN_SIZE
        op = insn.opcode >> 4
        match op:
            case 0x9:
                self._return(frames, certainty)
            case 0x8:
                self._call(place, insn, after, frames, certainty)
            case 0x0:
                distance = insn.imm if insn.class_ == i.JMP32 else insn.off
                self._push((section, after[1] + distance * INSN_SIZE), frames, certainty)
            case _:
                target = section, after[1] + insn.off * INSN_SIZE
                self._branch(insn, op, (target, after), frames, certainty)

    def _branch(
        self, insn: Insn, op: int, ways: tuple[Place, Place], frames: tuple[_Frame, ...], certainty: Reach
    ) -> None:
        frame = frames[-1]
        bits = 64 if insn.class_ == i.JMP else 32
        left = frame.registers[insn.dst]
        is_register = bool(insn.opcode & i.SOURCE_REGISTER)
        right: Value = frame.registers[insn.src] if is_register else Const(insn.imm & U64)
        outcome = decide(op, bits, left, right)
        if isinstance(outcome, Decided):
            self._push(ways[not outcome.is_taken], frames, certainty)
            if outcome.is_assumed:
                self._push(ways[outcome.is_taken], frames, min(certainty, Reach.OTHERWISE))
            return
        unsure = min(certainty, Reach.MAYBE)
        passed = certainty if outcome.is_passed_certain else unsure
        taken = certainty if outcome.is_taken_certain else unsure
        for is_taken, way, reach in ((False, ways[1], passed), (True, ways[0], taken)):
            # What was compared is no longer fresh; behind r1 == 7 it is 7.
            is_equal = bits == 64 and (op == EQUAL if is_taken else op == NOT_EQUAL)
            registers = frame.registers
            if is_equal and isinstance(right, Const):
                registers = _put(registers, insn.dst, right)
            if isinstance(right, Fresh):
                registers = _forget(registers, right.origin)
            if isinstance(left, Fresh):
                registers = _forget(registers, left.origin)
            self._push(way, (*frames[:-1], _Frame(registers, frame.stack, frame.back)), reach)

    def _return(self, frames: tuple[_Frame, ...], certainty: Reach) -> None:
        if len(frames) == 1:
            return
        ended, caller = frames[-1], frames[-2]
        assert ended.back is not None
        result = ended.registers[0]
        if isinstance(result, Frame):
            result = VAGUE
        registers = (result, *_NOTHING[1:6], *caller.registers[6:])
        self._push(ended.back, (*frames[:-2], _Frame(registers, caller.stack, caller.back)), certainty)

    def _call(
        self, place: Place, insn: Insn, after: Place, frames: tuple[_Frame, ...], certainty: Reach
    ) -> None:
        frame = frames[-1]
        for value in frame.registers[1:6]:
            if isinstance(value, Code):
                self._begin((value.section, value.insn_off), certainty, is_entry=False)
        callee = self._code.callee(place, insn)
        stack = frame.stack
        if any(isinstance(value, Frame) for value in frame.registers[1:6]):
            stack = _written(frame, insn.imm if callee is None and not insn.src else 0)
        if callee is None:
            result: Value = self._result_of(place, insn)
        elif callee.is_global:
            self._begin(callee.place, certainty, is_entry=False)
            result = Fresh(64, place)
        else:
            self._enter(callee, after, (*frames[:-1], _Frame(frame.registers, stack, frame.back)), certainty)
            return
        registers = (result, *_NOTHING[1:6], *frame.registers[6:])
        self._push(after, (*frames[:-1], _Frame(registers, stack, frame.back)), certainty)

    def _enter(self, callee: Callee, after: Place, frames: tuple[_Frame, ...], certainty: Reach) -> None:
        if len(frames) >= MAX_FRAMES:  # the verifier refuses the program here, whatever comes
            return
        arguments = tuple(VAGUE if isinstance(value, Frame) else value for value in frames[-1].registers[1:6])
        registers = (VAGUE, *arguments, *(VAGUE,) * 4, Frame(0))
        self._push(callee.place, (*frames, _Frame(registers, (), after)), certainty)

    def _result_of(self, place: Place, insn: Insn) -> Value:
        """Return the result of a helper or a kfunc."""
        if insn.src:
            return Fresh(64, place) if self._code.gives_number(place, insn) else POINTER
        if insn.imm in _NEVER_NULL:
            return POINTER
        return VAGUE if insn.imm in _BOUNDED else Fresh(64, place)

    # ---- other instructions

    def _apply(
        self, place: Place, insn: Insn, frame: _Frame
    ) -> tuple[tuple[Value, ...], tuple[tuple[int, Value], ...]]:
        """Return registers and stack behind an instruction that is no jump."""
        registers, stack = frame.registers, frame.stack
        match insn.class_:
            case i.ALU | i.ALU64:
                is_register = bool(insn.opcode & i.SOURCE_REGISTER)
                right: Value = registers[insn.src] if is_register else Const(insn.imm & U64)
                return _put(registers, insn.dst, compute(insn, registers[insn.dst], right)), stack
            case i.LD if insn.is_lddw:
                return _put(registers, insn.dst, self._code.wide_load(place, insn)), stack
            case i.LD:  # legacy packet loads clobber like a call
                return (Fresh(32, place), *_NOTHING[1:6], *registers[6:]), stack
            case i.LDX:
                return _put(registers, insn.dst, self._loaded(place, insn, registers[insn.src], stack)), stack
            case i.STX if insn.opcode & 0xE0 == i.ATOMIC:
                changed = insn.dst if insn.imm == _ATOMIC_LOAD_ACQUIRE else insn.src
                registers = _put(_put(registers, changed, VAGUE), 0, VAGUE)
                return registers, _stored(insn, frame.registers[insn.dst], VAGUE, stack)
            case _:
                value: Value = registers[insn.src] if insn.class_ == i.STX else Const(insn.imm & U64)
                return registers, _stored(insn, registers[insn.dst], value, stack)

    def _loaded(self, place: Place, insn: Insn, base: Value, stack: tuple[tuple[int, Value], ...]) -> Value:
        size = i.BYTES_OF_SIZE[insn.opcode & 0x18]
        is_plain = insn.opcode & 0xE0 == i.MEM
        match base:
            case Frame(offset=offset):
                if offset is None or not is_plain:
                    return VAGUE
                return _from_stack(place, stack, offset + insn.off, size)
            case Data(offset=None):
                return VAGUE
            case Data(place=where, offset=int(offset)) if is_plain:
                known = self._code.data(where, offset + insn.off, size)
                return Fresh(8 * size, place) if known is None else known
            case _ if size < 8 and is_plain:
                return Fresh(8 * size, place)
            case _:
                return POINTER if is_plain else VAGUE


def _put(registers: tuple[Value, ...], number: int, value: Value) -> tuple[Value, ...]:
    return (*registers[:number], value, *registers[number + 1 :])


def _forget(registers: tuple[Value, ...], origin: Place) -> tuple[Value, ...]:
    """A value that was compared, and its copies, are no longer fresh."""
    return tuple(
        VAGUE if isinstance(value, (Fresh, Shifted)) and value.origin == origin else value
        for value in registers
    )


def _stored(
    insn: Insn, base: Value, value: Value, stack: tuple[tuple[int, Value], ...]
) -> tuple[tuple[int, Value], ...]:
    if not isinstance(base, Frame):
        return stack
    if base.offset is None:
        return ()
    start, size = base.offset + insn.off, i.BYTES_OF_SIZE[insn.opcode & 0x18]
    kept = {at: held for at, held in stack if at + 8 <= start or at >= start + size}
    # Verifiers before 5.16 follow numbers only through R10 itself, and all only whole slots.
    if size == 8 and insn.dst == 10 and not start % 8 and not isinstance(value, Fresh):
        kept[start] = value
    return tuple(sorted(kept.items(), key=lambda item: item[0]))


def _written(frame: _Frame, helper: int) -> tuple[tuple[int, Value], ...]:
    """Return the stack after a call that gets addresses in it."""
    first, size = frame.registers[1], frame.registers[2]
    others = frame.registers[2:6]
    is_fill = helper in _FILLS and not any(isinstance(value, Frame) for value in others)
    if not (is_fill and isinstance(first, Frame) and first.offset is not None and isinstance(size, Const)):
        return ()
    start, end = first.offset, first.offset + size.value
    kept = {at: held for at, held in frame.stack if at + 8 <= start or at >= end}
    if size.value <= 512:
        for at in range(start, end - 7, 8):
            kept[at] = Fresh(64, _STACK)
        tail = end - (end - start) % 8
        if tail < end:
            kept[tail] = Fresh(8 * (end - tail), _STACK)
    return tuple(sorted(kept.items(), key=lambda item: item[0]))


def _from_stack(place: Place, stack: tuple[tuple[int, Value], ...], start: int, size: int) -> Value:
    """Return what a load from the stack gives: what was put there, and fresh where a helper wrote all of
    it."""
    for at, held in stack:
        if isinstance(held, Fresh):
            if at <= start and start + size <= at + held.bits // 8:
                return Fresh(8 * size, place)
        elif at == start and size == 8:
            return held
    return VAGUE
