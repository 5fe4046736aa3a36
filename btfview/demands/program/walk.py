"""Follow a program as the verifier does: which instructions run, what it reads of its context and returns.

Path by path with constants, ranges of numbers and what a pointer points to; where that takes too long,
paths are joined, and what is then reached only *may* be. The verifier knows more of numbers than is known
here, so an instruction that is not reached here is dead for it, too.
"""

from __future__ import annotations

from btfview.bpf.insn import (
    ALU64,
    ATOMIC,
    CALL,
    EXIT,
    INSN_SIZE,
    JMP,
    JMP32,
    LDDW,
    MEM,
    MOV64_REGISTER,
    SOURCE_REGISTER,
    ST,
    STX,
)
from btfview.demands.object.code import DATA, EXTERN, FUNCTION, MAP
from btfview.frozen import TYPE_CHECKING

from .events import (
    CONSTANT_WRITE,
    CONTEXT_MOVED,
    CONTEXT_READ,
    CONTEXT_WRITE,
    HELPER_CALLED,
    KERNEL_WRITE,
    KFUNC_CALLED,
    RETURNED,
    SCALAR_READ,
    TOLD_READS,
    Event,
    Walk,
)
from .stack import StackUse
from .state import State, check_packet, copy_of, covers, forget, is_on, join, refine, write
from .values import (
    BYTES,
    CODE_ADDRESS,
    CONFIG,
    CONTEXT,
    FRAME,
    HIDDEN,
    KERNEL,
    LOOKED_UP,
    MAP_ADDRESS,
    PACKET,
    RANGE,
    RESULT,
    SCALAR,
    U64,
    are_of_packet,
    bounds,
    compute,
    estimate,
    hidden_by,
    is_taken,
    low_half,
    moved_by,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from btfview.demands.object.code import Function, Place, RawInsn, Ref
    from btfview.demands.object.jumps import Jumps

    from .state import Regs
    from .surroundings import KernelSurroundings
    from .values import Value


_SIZES = {0x00: 4, 0x08: 2, 0x10: 1, 0x18: 8}
_MIRRORED = {0x20: 0xA0, 0x30: 0xB0, 0xA0: 0x20, 0xB0: 0x30, 0x60: 0xC0, 0x70: 0xD0, 0xC0: 0x60, 0xD0: 0x70}
"""Comparisons with their sides exchanged."""
_LOOKUPS = frozenset(
    (1, 195, 107, 145, 156, 210, 131, 84, 85, 95, 96, 98, 99, 153, 136, 137, 138, 139, 140, 203)
)
"""Helpers that return an address or 0, which must be asked for first: of a value of a map, of local storage,
of a record in a ring buffer, of a socket, of a per-CPU variable."""
_GET_CURRENT_TASK = 35
_READ_ONLY_DATA = ".rodata"
_READ_ONLY = frozenset((1, 2, 3, 87, 88, 195))
"""Helpers that write nothing through a pointer to the stack that they are given."""
EXACT_STEPS, JOINED_STEPS = 60_000, 60_000
"""Instructions that are followed at most of a program, path by path and joined: some 60 ms each."""
STEPS_OF_ALL = 600_000
"""The same for all programs of an object."""
_LAST_REGISTER = 10
_REMEMBERED = 64
"""States of a place that a new one is compared with, the latest."""
_MAIN, _GLOBAL, _CALLBACK = "main", "global", "callback"


class Steps:
    """Instructions that may still be followed for an object, path by path and joined."""

    __slots__ = ("exact", "joined")

    def __init__(self) -> None:
        self.exact = self.joined = STEPS_OF_ALL


def walk(
    jumps: Jumps, program: Function, around: KernelSurroundings, steps: Steps, *, is_joined: bool = False
) -> Walk:
    """Return what runs of *program*; with *is_joined* all paths are joined from the start, which is fast.
    What it takes is taken from *steps*."""
    if not is_joined:
        exact = _Walker(jumps, program, around, min(EXACT_STEPS, steps.exact), is_joined=False)
        found = exact.run()
        steps.exact -= min(exact.steps, steps.exact)
        if found.is_complete:
            return found
    joined = _Walker(jumps, program, around, min(JOINED_STEPS, steps.joined), is_joined=True)
    found = joined.run()
    steps.joined -= min(joined.steps, steps.joined)
    return found


class _Walker:
    def __init__(
        self, jumps: Jumps, program: Function, around: KernelSurroundings, most: int, *, is_joined: bool
    ) -> None:
        self._jumps = jumps
        self._code = code = jumps.code
        self._around = around
        self._is_joined = is_joined
        self._left = self._most = most
        self._program = program
        self._functions = code.joined(program)
        self._refs: dict[Place, Ref] = {
            (function.section, at): ref for function in self._functions for at, ref in function.refs
        }
        self._starts = {function.place for function in self._functions}
        self._seen: dict[Any, list[State]] = {}
        self._todo: list[State] = []
        self._started: set[tuple[Place, str]] = set()
        self._has_open_loop = False
        self._stack = StackUse()
        self.reached: dict[Place, str] = {}
        self._events: dict[Any, Event] = {}

    @property
    def steps(self) -> int:
        """Instructions that were followed, and what comparing states cost in such."""
        return self._most - self._left

    def run(self) -> Walk:
        self._start(self._program.place, _MAIN, (CONTEXT, 0), "")
        if self._around.checks_globals_always:
            for function in self._functions:
                if function.is_global and function is not self._program:
                    self._start(function.place, _GLOBAL, None, "")
        while self._todo and self._left > 0:
            self._follow(self._todo.pop())
        is_complete = not self._todo and self._left > 0
        if not is_complete and self._is_joined:
            why = "the program is too large to be followed"
            for function in self._functions:
                for at in range(function.start, function.end, INSN_SIZE):
                    self.reached.setdefault((function.section, at), why)
        return Walk(
            self.reached,
            tuple(self._events.values()),
            is_complete,
            not self._is_joined,
            any(self._jumps.has_loop(one) for one in self._functions),
            self._has_open_loop,
            self._stack.depth(self._program.place),
        )

    def _start(self, place: Place, root: str, first: Value, may: str) -> None:
        """Begin at the start of a function, unless that has been done as surely."""
        if (place, "") in self._started or (place, may) in self._started:
            return
        self._started.add((place, may))
        regs: Regs = [None] * 10 + [(FRAME, 0, 0)]
        regs[1] = first
        self._todo.append(State(place[0], place[1] // INSN_SIZE, regs, ({},), (), place, root, may))

    # -- one path ----------------------------------------------------------------------------

    def _follow(self, state: State) -> None:
        """Run *state* until it ends, or comes to where one like it has been."""
        stops, hidden = self._around.stops, self._around.hidden
        reached, starts = self.reached, self._starts
        section, function, end = "", None, 0
        insns: Sequence[RawInsn | None] = ()
        targets: frozenset[int] = frozenset()
        while True:
            index = state.index
            if state.function is not function:
                section, function = state.section, state.function
                insns, targets = self._around.insns(section), self._jumps.targets(section)
                known = self._code.functions.get(function)
                end = min(len(insns), known.end // INSN_SIZE) if known else len(insns)
            if not function[1] <= index * INSN_SIZE or not index < end or self._left <= 0:
                return  # out of the function, which the verifier refuses
            place = (section, index * INSN_SIZE)
            if (index in targets or place in starts) and not self._is_news(state, place):
                return
            self._left -= 1
            may = reached.get(place)
            if may is None or (may and not state.may):
                reached[place] = state.may
            if place in stops:
                return
            insn = insns[index]
            if insn is None or insn[1] > _LAST_REGISTER or insn[2] > _LAST_REGISTER:
                return
            opcode = insn[0]
            if hidden and place in hidden:
                state.regs[insn[1]] = (HIDDEN, hidden[place])
                state.index += 2 if opcode == LDDW else 1
                continue
            if opcode == MOV64_REGISTER and not insn[3]:  # a third of all: not worth a call
                state.regs[insn[1]] = state.regs[insn[2]]
                state.index += 1
                continue
            class_ = opcode & 7
            if class_ == 7 or class_ == 4:
                self._alu(state, insn)
                state.index += 1
            elif class_ == 1:
                self._load(state, insn, place)
                state.index += 1
            elif opcode == LDDW:
                state.regs[insn[1]] = self._wide(insn, place)
                state.index += 2
            elif class_ in (JMP, JMP32):
                if opcode == CALL:
                    if not self._call(state, insn, place):
                        return
                elif opcode == EXIT:
                    if not self._exit(state, place):
                        return
                elif not self._jump(state, insn):
                    return
            elif class_ in (ST, STX):
                self._store(state, insn, place)
                state.index += 1
            else:  # legacy packet loads
                state.regs[:6] = [None] * 6
                state.index += 1

    def _is_news(self, state: State, place: Place) -> bool:
        """Tell whether nothing as general as *state* has been here."""
        key = (place, tuple((frame[0], frame[1]) for frame in state.frames), state.root)
        seen = self._seen.setdefault(key, [])
        if self._is_joined:
            if not seen:
                seen.append(copy_of(state))
                return True
            return join(seen[0], state)
        recent = seen[-_REMEMBERED:]
        self._left -= len(recent) // 4  # a comparison costs a fourth of a step
        for known in recent:
            if (not known.may or state.may) and covers(known, state):
                self._has_open_loop |= is_on(known.trail, state.trail)
                return False
        state.trail = (state.trail, object())
        seen.append(copy_of(state))
        return True

    def _tell(self, event: Event) -> None:
        key = (event.what, event.place, event.offset, event.size, repr(event.value))
        known = self._events.get(key)
        if known is None or (known.may and not event.may):
            self._events[key] = event

    # -- instructions ------------------------------------------------------------------------

    def _wide(self, insn: RawInsn, place: Place) -> Value:
        ref = self._refs.get(place)
        if ref is None:
            return insn[4] & U64 if not insn[2] else None
        if ref.what == MAP:
            return (MAP_ADDRESS, ref.name)
        if ref.what == FUNCTION:
            return (CODE_ADDRESS, (ref.name, ref.offset))
        if ref.what == EXTERN:
            return self._around.extern(ref.name)
        assert ref.what == DATA
        return (BYTES, ref.name, ref.offset)

    def _alu(self, state: State, insn: RawInsn) -> None:
        opcode, dst, src, off, imm = insn
        regs = state.regs
        op, is_64 = opcode & 0xF0, opcode & 7 == ALU64
        right: Value = regs[src] if opcode & SOURCE_REGISTER else imm & U64
        if op == 0xB0:  # mov
            if off:
                regs[dst] = None
            elif is_64:
                regs[dst] = right
            else:
                regs[dst] = low_half(right)
            return
        left = regs[dst]
        if op in (0x80, 0xD0) or (off and op in (0x30, 0x90)):
            right = None
        if isinstance(left, int) and isinstance(right, int):
            regs[dst] = compute(op, left, right, is_64)
        elif isinstance(left, tuple) and is_64 and isinstance(right, int) and op in (0x00, 0x10):
            moved = regs[dst] = moved_by(left, right if op == 0 else -right & U64)
            if left[0] == FRAME and left[1] == len(state.frames):
                self._stack.use(state.function, moved[2])
        elif isinstance(right, tuple) and is_64 and isinstance(left, int) and op == 0x00:
            regs[dst] = moved_by(right, left)
        else:
            regs[dst] = estimate(op, left, right, is_64)

    def _load(self, state: State, insn: RawInsn, place: Place) -> None:
        opcode, dst, src, off, _ = insn
        size = _SIZES[opcode & 0x18]
        value = self._read(state, state.regs[src], off, size, place)
        if opcode & 0xE0 != MEM:
            value = None
        elif value is None and size < 8:
            value = (RANGE, 0, (1 << 8 * size) - 1)
        state.regs[dst] = value

    def _read(self, state: State, base: Value, off: int, size: int, place: Place) -> Value:
        if not isinstance(base, tuple):
            if isinstance(base, int):
                self._tell(Event(SCALAR_READ, place, base, off, size, state.may))
            return None
        word = base[0]
        if word == FRAME:
            stored = state.stacks[base[1]].get(base[2] + off) if base[1] < len(state.stacks) else None
            return stored[1] if stored and stored[0] == size else None
        if word == CONTEXT:
            if base[1] != 0:
                self._tell(Event(CONTEXT_MOVED, place, None, off, size, state.may))
                return None
            self._tell(Event(CONTEXT_READ, place, None, off, size, state.may))
            return self._around.context(off, size)
        if word == BYTES:
            return self._around.data(base[1], base[2] + off, size)
        if word == CONFIG:
            return None if off else self._around.config(base[1])
        if word in TOLD_READS:
            what = base[-1] if word in (LOOKED_UP, PACKET) else base[1]
            at = base[2] + off if word == KERNEL else off
            self._tell(Event(TOLD_READS[word], place, what, at, size, state.may))
        return None

    def _store(self, state: State, insn: RawInsn, place: Place) -> None:
        opcode, dst, src, off, imm = insn
        size = _SIZES[opcode & 0x18]
        base = state.regs[dst]
        is_atomic = opcode & 0xE0 == ATOMIC
        if isinstance(base, tuple) and base[0] == FRAME:
            value: Value = None
            if not is_atomic:
                value = state.regs[src] if opcode & 7 == STX else imm & U64
                # Verifiers follow what fills a slot, not parts of one.
                if size < 8:
                    value = None
            write(state, base[1], base[2] + off, size, value)
            if base[1] == len(state.frames):
                self._stack.touch(state.function, base[2] + off, place)
        elif isinstance(base, tuple) and base[0] == CONTEXT:
            self._tell(Event(CONTEXT_WRITE, place, None, (base[1] or 0) + off, size, state.may))
        elif isinstance(base, tuple) and (
            base[0] == CONFIG or (base[0] == BYTES and base[1].startswith(_READ_ONLY_DATA))
        ):
            self._tell(Event(CONSTANT_WRITE, place, base[1], off, size, state.may))
        elif isinstance(base, tuple) and base[0] == KERNEL:
            self._tell(Event(KERNEL_WRITE, place, base[1], base[2] + off, size, state.may))
        elif isinstance(base, tuple) and base[0] in TOLD_READS:
            self._tell(Event(TOLD_READS[base[0]], place, base[-1], off, size, state.may))
        if is_atomic:
            if imm == 0x100:  # load_acquire
                state.regs[dst] = None
            else:
                state.regs[src] = None
                if imm == 0xF1:  # cmpxchg
                    state.regs[0] = None

    def _call(self, state: State, insn: RawInsn, place: Place) -> bool:
        """Follow a call; return False where the path does not go on behind it."""
        regs = state.regs
        ref = self._refs.get(place)
        if ref is not None and ref.what == FUNCTION:
            return self._call_function(state, (ref.name, ref.offset), place)
        for register in range(1, 6):
            value = regs[register]
            if isinstance(value, tuple) and value[0] == CODE_ADDRESS:
                self._start(value[1], _CALLBACK, None, state.may)
        is_helper = ref is None and not insn[2]
        if ref is not None and ref.what == EXTERN:
            arguments = tuple(regs[1:6])
            self._tell(Event(KFUNC_CALLED, place, (ref.name, arguments), may=state.may))
        elif is_helper:
            sizes = tuple(bounds(value)[1] for value in regs[1:6])
            maps = tuple(v[1] if isinstance(v, tuple) and v[0] == MAP_ADDRESS else "" for v in regs[1:3])
            self._tell(Event(HELPER_CALLED, place, (insn[4], sizes, maps), may=state.may))
        if not (is_helper and insn[4] in _READ_ONLY):
            for register in range(1, 6):
                value = regs[register]
                if isinstance(value, tuple) and value[0] == FRAME:
                    forget(state, value[1], value[2])
        result: Value = (RESULT, f"bpf_helper#{insn[4]}" if is_helper else ref.name if ref else "")
        if is_helper and insn[4] in _LOOKUPS:
            first = regs[1]
            name = first[1] if isinstance(first, tuple) and first[0] == MAP_ADDRESS else ""
            result = (LOOKED_UP, place, name)
        elif is_helper and insn[4] == _GET_CURRENT_TASK:
            result = (SCALAR, "bpf_get_current_task() returns one; bpf_get_current_task_btf() does not")
        regs[0] = result
        for register in range(1, 6):
            regs[register] = None
        state.index += 1
        return True

    def _call_function(self, state: State, callee: Place, place: Place) -> bool:
        function = self._code.functions.get(callee)
        if function is None or len(state.frames) > 16:
            return False
        self._stack.call(state.function, callee, place)
        if function.is_global:
            self._start(callee, _GLOBAL, None, state.may)
            for register in range(6):
                if isinstance(value := state.regs[register], tuple) and value[0] == FRAME:
                    forget(state, value[1], value[2])
                state.regs[register] = None
            state.index += 1
            return True
        frame = (state.section, state.index + 1, tuple(state.regs[6:10]), state.function)
        state.frames = (*state.frames, frame)
        state.stacks = (*state.stacks, {})
        state.regs[6:10] = [None] * 4
        state.regs[10] = (FRAME, len(state.frames), 0)
        state.section, state.index, state.function = callee[0], callee[1] // INSN_SIZE, callee
        return True

    def _exit(self, state: State, place: Place) -> bool:
        if not state.frames:
            if state.root == _MAIN:
                self._tell(Event(RETURNED, place, state.regs[0], may=state.may))
            return False
        section, index, saved, function = state.frames[-1]
        state.frames = state.frames[:-1]
        state.stacks = state.stacks[:-1]
        state.regs[6:10] = list(saved)
        state.regs[10] = (FRAME, len(state.frames), 0)
        for register in range(1, 6):
            state.regs[register] = None
        state.section, state.index, state.function = section, index, function
        return True

    def _jump(self, state: State, insn: RawInsn) -> bool:
        opcode, dst, src, off, imm = insn
        op, is_64 = opcode & 0xF0, opcode & 7 == JMP
        after = state.index + 1
        if op == 0x00:
            if is_64 and opcode & SOURCE_REGISTER:  # gotox: where it may go is in a map
                return False
            state.index = after + (off if is_64 else imm)
            return True
        if op == 0xE0:  # may_goto
            other = copy_of(state)
            other.index = after + off
            self._todo.append(other)
            state.index = after
            return True
        left = state.regs[dst]
        right: Value = state.regs[src] if opcode & SOURCE_REGISTER else imm & U64
        if are_of_packet(left, right):
            check_packet(state)
        taken = is_taken(op, left, right, is_64)
        if taken is not None:
            state.index = after + off if taken else after
            return True
        hidden = hidden_by(left) or hidden_by(right)
        other = copy_of(state)
        other.index = after + off
        state.index = after
        if hidden:
            other.may = other.may or hidden
            state.may = state.may or hidden
        if isinstance(left, int) and opcode & SOURCE_REGISTER:
            op, dst, left, right = _MIRRORED.get(op, op), src, right, left
        refine(other, op, dst, left, right, is_64, True)
        refine(state, op, dst, left, right, is_64, False)
        self._todo.append(other)
        return True
