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
    SOURCE_REGISTER,
    ST,
    STX,
)
from btfview.demands.object.code import DATA, EXTERN, FUNCTION, MAP
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from typing import Any, Protocol

    from btfview.demands.object.code import Code, Function, Place, RawInsn, Ref

    Value = Any
    """None: nothing is known; an int: a number, unsigned 64 bits; else a tuple of one of the words below and
    more."""
    Regs = list[Value]
    _Trail = tuple["_Trail | None", object]
    Stack = dict[int, tuple[int, Value]]

    class Surroundings(Protocol):
        """What a walk knows of the program's surroundings."""

        overlay: Mapping[Place, RawInsn]
        """Instructions as libbpf writes them for the kernel, where they are not as compiled."""
        hidden: Mapping[Place, str]
        """Instructions that load a number which cannot be told here, with the reason."""
        stops: Container[Place]
        """Instructions that the verifier refuses; a path ends there."""
        checks_globals_always: bool
        """Global functions are verified though nothing calls them."""

        def extern(self, name: str) -> Value:
            """Return the address of an extern, or CONFIG and its name."""

        def config(self, name: str) -> Value:
            """Return the value of a variable of ``.kconfig``."""

        def context(self, offset: int, size: int) -> Value:
            """Return what stands at a byte of the context."""

        def data(self, section: str, offset: int, size: int) -> Value:
            """Return the number that a variable of the object has and keeps."""


RANGE = "range"  # lowest, highest: a number
HIDDEN = "hidden"  # why: the same number on every run, which nothing here tells
CONTEXT = "context"  # bytes from its start
FRAME = "frame"  # which call, bytes from its r10
BYTES = "bytes"  # section, bytes into it: a variable of the object
CONFIG = "config"  # name: a variable of .kconfig
MAP_ADDRESS = "map"  # name
LOOKED_UP = "looked up"  # number, map: what a map lookup returned, not yet compared with 0
ELEMENT = "element"  # number, map: the same, not 0
ADDRESS = "address"  # is surely not 0
CODE_ADDRESS = "code"  # place
KERNEL = "kernel"  # what, bytes into it: a struct of the kernel that the context leads to
RESULT = "result"  # name: what a helper or a kfunc returned
PACKET = "packet"  # bytes of a packet, not yet compared with its end
PACKET_END = "packet end"
WILD = "wild"  # what: an address with an offset that nothing bounds
SCALAR = "scalar"  # what: a number of the context, which is no pointer

_U32, _U64 = (1 << 32) - 1, (1 << 64) - 1
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
_MAX_OFFSET = 1 << 29
"""BPF_MAX_VAR_OFF."""
_READ_ONLY = frozenset((1, 2, 3, 87, 88, 195))
"""Helpers that write nothing through a pointer to the stack that they are given."""
EXACT_STEPS, JOINED_STEPS = 60_000, 60_000
"""Instructions that are followed at most, path by path and joined: some 60 ms each."""
_LAST_REGISTER = 10
_REMEMBERED = 64
"""States of a place that a new one is compared with, the latest."""
_MAIN, _GLOBAL, _CALLBACK = "main", "global", "callback"


@frozen
class Event:
    """Something that the verifier looks at more closely than is done here."""

    what: str
    place: Place
    value: Any = None
    offset: int = 0
    size: int = 0
    may: str = ""
    """Why it is not sure that it is reached."""


# Events.
CONTEXT_READ = "context read"
CONTEXT_MOVED = "context moved"
KERNEL_READ = "kernel read"
KERNEL_WRITE = "kernel write"
NULL_READ = "null read"
SCALAR_READ = "scalar read"
PACKET_READ = "packet read"
CONTEXT_WRITE = "context write"
CONSTANT_WRITE = "constant write"
WILD_READ = "wild read"
RETURNED = "returned"
KFUNC_CALLED = "kfunc called"
HELPER_CALLED = "helper called"


_TOLD_READS = {
    LOOKED_UP: NULL_READ,
    KERNEL: KERNEL_READ,
    SCALAR: SCALAR_READ,
    PACKET: PACKET_READ,
    WILD: WILD_READ,
}
"""What is told of a read through a pointer."""


@frozen
class Walk:
    """What was found of one program."""

    reached: dict[Place, str]
    """Instructions that run, each with why it only may; empty where it does for sure."""
    events: tuple[Event, ...]
    is_complete: bool
    """All paths were followed to their ends."""
    is_exact: bool
    """They were followed one by one, not joined."""
    has_loops: bool
    """A path leads back to where it has been, so its length hangs on values."""
    has_open_loop: bool
    """One comes back with nothing changed: whether the verifier finds an end is not told here."""
    stack: int
    """Bytes of stack that the deepest chain of calls takes, as the verifier counts (in 32s)."""


def walk(code: Code, program: Function, around: Surroundings, *, is_joined: bool = False) -> Walk:
    """Return what runs of *program*; with *is_joined* all paths are joined from the start, which is fast."""
    if not is_joined:
        found = _Walker(code, program, around, False).run()
        if found.is_complete:
            return found
    return _Walker(code, program, around, True).run()


class _State:
    __slots__ = ("frames", "function", "index", "may", "regs", "root", "section", "stacks", "trail")

    def __init__(
        self,
        section: str,
        index: int,
        regs: Regs,
        stacks: tuple[Stack, ...],
        frames: tuple[tuple[str, int, tuple[Value, ...], Place], ...],
        function: Place,
        root: str,
        may: str,
    ) -> None:
        self.section = section
        self.index = index
        self.regs = regs
        self.stacks = stacks
        self.frames = frames
        """Of each caller: where it goes on, its r6 to r9, and which function it is."""
        self.function = function
        self.root = root
        self.may = may
        self.trail: _Trail | None = None
        """The places where paths meet that it has been to."""


class _Walker:
    def __init__(self, code: Code, program: Function, around: Surroundings, is_joined: bool) -> None:
        self._code = code
        self._around = around
        self._is_joined = is_joined
        self._left = JOINED_STEPS if is_joined else EXACT_STEPS
        self._program = program
        self._functions = code.joined(program)
        self._refs: dict[Place, Ref] = {
            (function.section, at): ref for function in self._functions for at, ref in function.refs
        }
        starts: dict[str, set[int]] = {}
        for function in self._functions:
            starts.setdefault(function.section, set()).add(function.start // INSN_SIZE)
        self._targets = {
            section: _jump_targets(code.insns(section)) | begins for section, begins in starts.items()
        }
        self._seen: dict[Any, list[_State]] = {}
        self._todo: list[_State] = []
        self._started: set[tuple[Place, str]] = set()
        self._has_open_loop = False
        self._depths: dict[Place, int] = {}
        """Bytes of stack that each function uses."""
        self._calls: set[tuple[Place, Place]] = set()
        self.reached: dict[Place, str] = {}
        self._events: dict[Any, Event] = {}

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
            any(_has_loop(self._code.insns(one.section), one) for one in self._functions),
            self._has_open_loop,
            self._stack_of(self._program.place),
        )

    def _stack_of(self, place: Place, known: dict[Place, int] | None = None) -> int:
        """Return the stack of a function and the deepest of its callees (``check_max_stack_depth``)."""
        known = {} if known is None else known
        if place not in known:
            known[place] = 0  # recursion, which the verifier refuses
            deepest = max(
                (self._stack_of(callee, known) for caller, callee in self._calls if caller == place),
                default=0,
            )
            known[place] = -(-max(self._depths.get(place, 0), 1) // 32) * 32 + deepest
        return known[place]

    def _start(self, place: Place, root: str, first: Value, may: str) -> None:
        """Begin at the start of a function, unless that has been done as surely."""
        if (place, "") in self._started or (place, may) in self._started:
            return
        self._started.add((place, may))
        regs: Regs = [None] * 10 + [(FRAME, 0, 0)]
        regs[1] = first
        self._todo.append(_State(place[0], place[1] // INSN_SIZE, regs, ({},), (), place, root, may))

    # -- one path ----------------------------------------------------------------------------

    def _follow(self, state: _State) -> None:
        """Run *state* until it ends, or comes to where one like it has been."""
        overlay, stops, hidden = self._around.overlay, self._around.stops, self._around.hidden
        section, reached = "", self.reached
        insns: list[RawInsn | None] = []
        targets: frozenset[int] | set[int] = frozenset()
        while True:
            index = state.index
            if state.section != section:
                section = state.section
                insns, targets = self._code.insns(section), self._targets[section]
            if not 0 <= index < len(insns) or self._left <= 0:
                return
            place = (section, index * INSN_SIZE)
            if index in targets and not self._is_news(state, place):
                return
            self._left -= 1
            may = reached.get(place)
            if may is None or (may and not state.may):
                reached[place] = state.may
            if place in stops:
                return
            insn = overlay.get(place) or insns[index]
            if insn is None or insn[1] > _LAST_REGISTER or insn[2] > _LAST_REGISTER:
                return
            opcode = insn[0]
            if place in hidden:
                state.regs[insn[1]] = (HIDDEN, hidden[place])
                state.index += 2 if opcode == LDDW else 1
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

    def _is_news(self, state: _State, place: Place) -> bool:
        """Tell whether nothing as general as *state* has been here."""
        key = (place, tuple((frame[0], frame[1]) for frame in state.frames), state.root)
        seen = self._seen.setdefault(key, [])
        if self._is_joined:
            if not seen:
                seen.append(_copy(state))
                return True
            return _join(seen[0], state)
        recent = seen[-_REMEMBERED:]
        self._left -= len(recent) // 4  # a comparison costs a fourth of a step
        for known in recent:
            if (not known.may or state.may) and _covers(known, state):
                self._has_open_loop |= _is_on(known.trail, state.trail)
                return False
        state.trail = (state.trail, object())
        seen.append(_copy(state))
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
            return insn[4] & _U64 if not insn[2] else None
        if ref.what == MAP:
            return (MAP_ADDRESS, ref.name)
        if ref.what == FUNCTION:
            return (CODE_ADDRESS, (ref.name, ref.offset))
        if ref.what == EXTERN:
            return self._around.extern(ref.name)
        assert ref.what == DATA
        return (BYTES, ref.name, ref.offset)

    def _alu(self, state: _State, insn: RawInsn) -> None:
        opcode, dst, src, off, imm = insn
        regs = state.regs
        op, is_64 = opcode & 0xF0, opcode & 7 == ALU64
        right: Value = regs[src] if opcode & SOURCE_REGISTER else imm & _U64
        if op == 0xB0:  # mov
            if off:
                regs[dst] = None
            elif is_64:
                regs[dst] = right
            else:
                regs[dst] = _low_half(right)
            return
        left = regs[dst]
        if op in (0x80, 0xD0) or (off and op in (0x30, 0x90)):
            right = None
        if isinstance(left, int) and isinstance(right, int):
            regs[dst] = _compute(op, left, right, is_64)
        elif isinstance(left, tuple) and is_64 and isinstance(right, int) and op in (0x00, 0x10):
            moved = regs[dst] = _moved(left, right if op == 0 else -right & _U64)
            if left[0] == FRAME and left[1] == len(state.frames):
                self._deepen(state, moved[2])
        elif isinstance(right, tuple) and is_64 and isinstance(left, int) and op == 0x00:
            regs[dst] = _moved(right, left)
        else:
            regs[dst] = _estimate(op, left, right, is_64)

    def _deepen(self, state: _State, offset: int) -> None:
        depth = self._depths.get(state.function, 0)
        if -offset > depth:
            self._depths[state.function] = -offset

    def _load(self, state: _State, insn: RawInsn, place: Place) -> None:
        opcode, dst, src, off, _ = insn
        size = _SIZES[opcode & 0x18]
        value = self._read(state, state.regs[src], off, size, place)
        if opcode & 0xE0 != MEM:
            value = None
        elif value is None and size < 8:
            value = (RANGE, 0, (1 << 8 * size) - 1)
        state.regs[dst] = value

    def _read(self, state: _State, base: Value, off: int, size: int, place: Place) -> Value:
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
        if word in _TOLD_READS:
            what = base[-1] if word in (LOOKED_UP, PACKET) else base[1]
            at = base[2] + off if word == KERNEL else off
            self._tell(Event(_TOLD_READS[word], place, what, at, size, state.may))
        return None

    def _store(self, state: _State, insn: RawInsn, place: Place) -> None:
        opcode, dst, src, off, imm = insn
        size = _SIZES[opcode & 0x18]
        base = state.regs[dst]
        is_atomic = opcode & 0xE0 == ATOMIC
        if isinstance(base, tuple) and base[0] == FRAME:
            value: Value = None
            if not is_atomic:
                value = state.regs[src] if opcode & 7 == STX else imm & _U64
                # Verifiers follow what fills a slot, not parts of one.
                if size < 8:
                    value = None
            _write(state, base[1], base[2] + off, size, value)
            if base[1] == len(state.frames):
                self._deepen(state, base[2] + off)
        elif isinstance(base, tuple) and base[0] == CONTEXT:
            self._tell(Event(CONTEXT_WRITE, place, None, (base[1] or 0) + off, size, state.may))
        elif isinstance(base, tuple) and (
            base[0] == CONFIG or (base[0] == BYTES and base[1].startswith(_READ_ONLY_DATA))
        ):
            self._tell(Event(CONSTANT_WRITE, place, base[1], off, size, state.may))
        elif isinstance(base, tuple) and base[0] == KERNEL:
            self._tell(Event(KERNEL_WRITE, place, base[1], base[2] + off, size, state.may))
        elif isinstance(base, tuple) and base[0] in _TOLD_READS:
            self._tell(Event(_TOLD_READS[base[0]], place, base[-1], off, size, state.may))
        if is_atomic:
            if imm == 0x100:  # load_acquire
                state.regs[dst] = None
            else:
                state.regs[src] = None
                if imm == 0xF1:  # cmpxchg
                    state.regs[0] = None

    def _call(self, state: _State, insn: RawInsn, place: Place) -> bool:
        """Follow a call; return False where the path does not go on behind it."""
        regs = state.regs
        ref = self._refs.get(place)
        if ref is not None and ref.what == FUNCTION:
            return self._call_function(state, (ref.name, ref.offset))
        for register in range(1, 6):
            value = regs[register]
            if isinstance(value, tuple) and value[0] == CODE_ADDRESS:
                self._start(value[1], _CALLBACK, None, state.may)
        is_helper = ref is None and not insn[2]
        if ref is not None and ref.what == EXTERN:
            arguments = tuple(regs[1:6])
            self._tell(Event(KFUNC_CALLED, place, (ref.name, arguments), may=state.may))
        elif is_helper:
            sizes = tuple(_bounds(value)[1] for value in regs[1:6])
            maps = tuple(v[1] if isinstance(v, tuple) and v[0] == MAP_ADDRESS else "" for v in regs[1:3])
            self._tell(Event(HELPER_CALLED, place, (insn[4], sizes, maps), may=state.may))
        if not (is_helper and insn[4] in _READ_ONLY):
            for register in range(1, 6):
                value = regs[register]
                if isinstance(value, tuple) and value[0] == FRAME:
                    _forget(state, value[1], value[2])
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

    def _call_function(self, state: _State, callee: Place) -> bool:
        function = self._code.functions.get(callee)
        if function is None or len(state.frames) > 16:
            return False
        self._calls.add((state.function, callee))
        if function.is_global:
            self._start(callee, _GLOBAL, None, state.may)
            for register in range(6):
                if isinstance(value := state.regs[register], tuple) and value[0] == FRAME:
                    _forget(state, value[1], value[2])
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

    def _exit(self, state: _State, place: Place) -> bool:
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

    def _jump(self, state: _State, insn: RawInsn) -> bool:
        opcode, dst, src, off, imm = insn
        op, is_64 = opcode & 0xF0, opcode & 7 == JMP
        after = state.index + 1
        if op == 0x00:
            if is_64 and opcode & SOURCE_REGISTER:  # gotox: where it may go is in a map
                return False
            state.index = after + (off if is_64 else imm)
            return True
        if op == 0xE0:  # may_goto
            self._todo.append(_at(_copy(state), after + off))
            state.index = after
            return True
        left = state.regs[dst]
        right: Value = state.regs[src] if opcode & SOURCE_REGISTER else imm & _U64
        if _are_of_packet(left, right):
            _check_packet(state)
        taken = _is_taken(op, left, right, is_64)
        if taken is not None:
            state.index = after + off if taken else after
            return True
        hidden = _hidden(left) or _hidden(right)
        other = _copy(state)
        other.index = after + off
        state.index = after
        if hidden:
            other.may = other.may or hidden
            state.may = state.may or hidden
        if isinstance(left, int) and opcode & SOURCE_REGISTER:
            op, dst, left, right = _MIRRORED.get(op, op), src, right, left
        _refine(other, op, dst, left, right, is_64, True)
        _refine(state, op, dst, left, right, is_64, False)
        self._todo.append(other)
        return True


def _is_on(trail: _Trail | None, later: _Trail | None) -> bool:
    """Tell whether *later* goes on from *trail*."""
    while later is not None:
        if later is trail:
            return True
        later = later[0]
    return False


# -- states --------------------------------------------------------------------------------


def _copy(state: _State) -> _State:
    other = _State(
        state.section,
        state.index,
        state.regs[:],
        state.stacks,
        state.frames,
        state.function,
        state.root,
        state.may,
    )
    other.trail = state.trail
    return other


def _at(state: _State, index: int) -> _State:
    state.index = index
    return state


def _covers(known: _State, state: _State) -> bool:
    if not all(map(_value_covers, known.regs, state.regs)):
        return False
    for mine, other in zip(known.stacks, state.stacks, strict=True):
        for offset, stored in mine.items():
            if stored[1] is not None and other.get(offset) != stored:
                return False
    return all(
        _value_covers(mine, other)
        for ours, theirs in zip(known.frames, state.frames, strict=True)
        for mine, other in zip(ours[2], theirs[2], strict=True)
    )


def _value_covers(known: Value, value: Value) -> bool:
    if known is None or known == value:
        return True
    if isinstance(known, tuple) and known[0] == RANGE:
        low, high = _bounds(value)
        return high is not None and known[1] <= low and high <= known[2]
    return False


def _join(known: _State, state: _State) -> bool:
    """Make both what is true of both; return whether *known* has changed."""
    changed = False
    for register, value in enumerate(known.regs):
        if value is not None and not _value_covers(value, state.regs[register]):
            known.regs[register] = None
            changed = True
        state.regs[register] = known.regs[register]
    if known.may and not state.may:
        known.may = ""
        changed = True
    stacks = []
    for mine, other in zip(known.stacks, state.stacks, strict=True):
        kept = {offset: stored for offset, stored in mine.items() if other.get(offset) == stored}
        changed |= len(kept) != len(mine)
        stacks.append(kept)
    known.stacks = tuple(stacks)
    state.stacks = known.stacks
    frames = []
    for ours, theirs in zip(known.frames, state.frames, strict=True):
        saved = tuple(mine if mine == other else None for mine, other in zip(ours[2], theirs[2], strict=True))
        changed |= saved != ours[2]
        frames.append((ours[0], ours[1], saved, ours[3]))
    known.frames = tuple(frames)
    state.frames = known.frames
    state.may = known.may
    return changed


def _with_stack(state: _State, depth: int, change: Callable[[Stack], None]) -> None:
    if not 0 <= depth < len(state.stacks):
        return
    stack = dict(state.stacks[depth])
    change(stack)
    state.stacks = (*state.stacks[:depth], stack, *state.stacks[depth + 1 :])


def _write(state: _State, depth: int, offset: int, size: int, value: Value) -> None:
    def change(stack: Stack) -> None:
        for at in [at for at, stored in stack.items() if at < offset + size and offset < at + stored[0]]:
            del stack[at]
        if value is not None:
            stack[offset] = (size, value)

    _with_stack(state, depth, change)


def _forget(state: _State, depth: int, offset: int) -> None:
    """Forget the stack from *offset* on: a helper may have written there."""

    def change(stack: Stack) -> None:
        for at in [at for at, stored in stack.items() if at + stored[0] > offset]:
            del stack[at]

    if depth < len(state.stacks) and state.stacks[depth]:
        _with_stack(state, depth, change)


def _has_loop(insns: list[RawInsn | None], function: Function) -> bool:
    for index in range(function.start // INSN_SIZE, min(function.end // INSN_SIZE, len(insns))):
        insn = insns[index]
        if insn is None or insn[0] & 7 not in (JMP, JMP32) or insn[0] & 0xF0 in (0x80, 0x90):
            continue
        distance = insn[4] if insn[0] & 0xF0 == 0 and insn[0] & 7 == JMP32 else insn[3]
        if distance < 0 and insn[0] & 0xF0 != 0xE0:
            return True
    return False


def _jump_targets(insns: list[RawInsn | None]) -> frozenset[int]:
    found: set[int] = set()
    for index, insn in enumerate(insns):
        if insn is None or insn[0] & 7 not in (JMP, JMP32):
            continue
        op = insn[0] & 0xF0
        if op not in (0x80, 0x90):
            distance = insn[4] if op == 0 and insn[0] & 7 == JMP32 else insn[3]
            found.add(index + 1 + distance)
    return frozenset(found)


# -- values --------------------------------------------------------------------------------


def _low_half(value: Value) -> Value:
    if isinstance(value, int):
        return value & _U32
    high = _bounds(value)[1]
    if high is not None and high <= _U32:
        return value
    return value if isinstance(value, tuple) and value[0] == HIDDEN else (RANGE, 0, _U32)


def _moved(pointer: tuple[Any, ...], distance: int) -> Value:
    distance -= distance >> 63 << 64
    word = pointer[0]
    if word == CONTEXT:
        return (CONTEXT, None if pointer[1] is None else pointer[1] + distance)
    if word in (FRAME, BYTES, KERNEL):
        return (word, pointer[1], pointer[2] + distance)
    if word == RANGE:
        low, high = pointer[1] + distance, pointer[2] + distance
        return (RANGE, low, high) if low >= 0 and high <= _U64 else None
    return pointer if word in (HIDDEN, ELEMENT, PACKET) else None


def _estimate(op: int, left: Value, right: Value, is_64: bool) -> Value:
    """Return what is known of a result where not both operands are numbers."""
    hidden = _hidden(left) or _hidden(right)
    if hidden and (isinstance(left, int) or isinstance(right, int) or (_hidden(left) and _hidden(right))):
        return (HIDDEN, hidden)
    if isinstance(left, tuple) and left[0] == CONTEXT and is_64 and op == 0x00:
        return (CONTEXT, None)
    if isinstance(right, tuple) and right[0] == CONTEXT and is_64 and op == 0x00:
        return (CONTEXT, None)
    for value in (left, right):
        if isinstance(value, tuple) and is_64 and op == 0x00:
            if value[0] == PACKET:
                return value
            other = right if value is left else left
            high = _bounds(other)[1]
            if value[0] in (BYTES, ELEMENT, WILD) and (high is None or high > _MAX_OFFSET):
                return (WILD, value[0])
    low, high = _bounds(left)
    if op == 0x50 and isinstance(right, int):  # and
        mask = right if is_64 else right & _U32
        return (RANGE, 0, mask if high is None else min(mask, high))
    top = _U64 if is_64 else _U32
    if isinstance(right, int) and high is not None and high <= top:
        by = right & 63
        if op == 0x70 or (op == 0xC0 and high <= top >> 1):  # rsh, and arsh of what is positive
            return (RANGE, low >> by, high >> by)
        if op == 0x60 and high << by <= top:  # lsh
            return (RANGE, low << by, high << by)
    return None if is_64 else (RANGE, 0, _U32)


def _compute(op: int, left: int, right: int, is_64: bool) -> Value:
    bits = 64 if is_64 else 32
    mask = _U64 if is_64 else _U32
    left &= mask
    right &= mask
    shift = right & (bits - 1)
    match op:
        case 0x00:
            value = left + right
        case 0x10:
            value = left - right
        case 0x20:
            value = left * right
        case 0x30:
            value = left // right if right else 0
        case 0x40:
            value = left | right
        case 0x50:
            value = left & right
        case 0x60:
            value = left << shift
        case 0x70:
            value = left >> shift
        case 0x90:
            value = left % right if right else left
        case 0xA0:
            value = left ^ right
        case 0xC0:
            value = _signed(left, bits) >> shift
        case _:
            return None
    return value & mask


def _signed(value: int, bits: int) -> int:
    return value - (value >> (bits - 1) << bits)


def _hidden(value: Value) -> str:
    return str(value[1]) if isinstance(value, tuple) and value[0] == HIDDEN else ""


def _bounds(value: Value) -> tuple[int, int | None]:
    """Return the lowest and highest that a number can be; (0, None) where nothing is known."""
    if isinstance(value, int):
        return value, value
    if isinstance(value, tuple) and value[0] == RANGE:
        return value[1], value[2]
    return 0, None


def _is_pointer(value: Value) -> bool:
    """Tell whether the verifier knows the pointer not to be 0 (``reg_not_null``)."""
    return isinstance(value, tuple) and (
        value[0] in (BYTES, ELEMENT, CONFIG) or (value[0] == ADDRESS and bool(value[1]))
    )


def _is_taken(op: int, left: Value, right: Value, is_64: bool) -> bool | None:
    """Return whether a branch is taken; None where that is open (verifier: ``is_branch_taken``)."""
    if is_64 and right == 0 and op in (0x10, 0x50) and _is_pointer(left):
        return op == 0x50
    (low, high), (low2, high2) = _bounds(left), _bounds(right)
    if high is None or high2 is None:
        return None
    if not is_64:
        if low == high and low2 == high2:
            low, low2 = low & _U32, low2 & _U32
            high, high2 = low, low2
        elif high > _U32 or high2 > _U32:
            if low2 == high2:
                low2 = high2 = low2 & _U32
            if high > _U32 or high2 > _U32:
                return None
    bits = 64 if is_64 else 32
    half = 1 << (bits - 1)
    match op:
        case 0x10 | 0x50:
            if low == high == low2 == high2:
                return op == 0x10
            return (op == 0x50) if high < low2 or high2 < low else None
        case 0x20:
            return _decide(low > high2, high <= low2)
        case 0x30:
            return _decide(low >= high2, high < low2)
        case 0xA0:
            return _decide(high < low2, low >= high2)
        case 0xB0:
            return _decide(high <= low2, low > high2)
        case 0x40:
            return bool(low & low2) if low == high and low2 == high2 else None
        case 0x60 | 0x70 | 0xC0 | 0xD0:
            if low == high and low2 == high2:
                a, b = _signed(low, bits), _signed(low2, bits)
                return {0x60: a > b, 0x70: a >= b, 0xC0: a < b, 0xD0: a <= b}[op]
            if high >= half or high2 >= half:
                if low2 == high2 >= half and high < half:  # a number that is not negative, and one that is
                    return op in (0x60, 0x70)
                return None
            unsigned = {0x60: 0x20, 0x70: 0x30, 0xC0: 0xA0, 0xD0: 0xB0}[op]
            return _is_taken(unsigned, left, (RANGE, low2, high2), is_64)
    return None


def _decide(yes: bool, no: bool) -> bool | None:
    return True if yes else False if no else None


def _are_of_packet(left: Value, right: Value) -> bool:
    words = {value[0] for value in (left, right) if isinstance(value, tuple)}
    return words == {PACKET, PACKET_END}


def _is_in_packet(value: Value) -> bool:
    return isinstance(value, tuple) and bool(value[0] == PACKET)


def _check_packet(state: _State) -> None:
    """Take all addresses in the packet for compared with its end: by how far is for the verifier."""
    for register, value in enumerate(state.regs):
        if _is_in_packet(value):
            state.regs[register] = None
    for depth, stack in enumerate(state.stacks):
        for offset, stored in stack.items():
            if _is_in_packet(stored[1]):
                _write(state, depth, offset, stored[0], None)
    state.frames = tuple(
        (
            section,
            index,
            tuple(None if isinstance(v, tuple) and v[0] == PACKET else v for v in saved),
            function,
        )
        for section, index, saved, function in state.frames
    )


def _refine(state: _State, op: int, dst: int, left: Value, right: Value, is_64: bool, taken: bool) -> None:
    """Put into *state* what is known of the register behind a branch."""
    if not isinstance(right, int):
        return
    is_equal = (op == 0x10) == taken if op in (0x10, 0x50) else None
    if isinstance(left, tuple) and left[0] == LOOKED_UP and right == 0 and is_equal is not None and is_64:
        _replace(state, left, 0 if is_equal else (ELEMENT, *left[1:]))
        return
    if isinstance(left, tuple) and left[0] == KERNEL and right == 0 and is_equal is not None and is_64:
        _replace(state, left, 0 if is_equal else (KERNEL, left[1].not_null(), *left[2:]))
        return
    if isinstance(left, tuple) and left[0] not in (RANGE, RESULT, SCALAR):
        return
    if is_equal is False and isinstance(left, tuple) and left[0] in (RESULT, SCALAR):
        return
    low, high = _bounds(left)
    if not is_64:
        if high is None or high > _U32:
            return
        right &= _U32
    if is_equal:
        state.regs[dst] = right
        return
    top = high if high is not None else _U64
    match (op, taken):
        case (0x20, True) | (0xB0, False):
            low = max(low, right + 1)
        case (0x30, True) | (0xA0, False):
            low = max(low, right)
        case (0xA0, True) | (0x30, False):
            top = min(top, right - 1)
        case (0xB0, True) | (0x20, False):
            top = min(top, right)
        case (0x10, False) | (0x50, True):
            low += low == right
            top -= top == right
        case (0x60, True) if high is not None and right < 1 << 31:
            low = max(low, right + 1)
        case (0xD0, True) if high is not None and high < 1 << 63 and right < 1 << 31:
            top = min(top, right)
        case _:
            return
    if low <= top and (low, top) != (0, _U64):
        state.regs[dst] = low if low == top else (RANGE, low, top)


def _replace(state: _State, old: Value, new: Value) -> None:
    for register, value in enumerate(state.regs):
        if value == old:
            state.regs[register] = new
    for depth, stack in enumerate(state.stacks):
        for offset, stored in stack.items():
            if stored[1] == old:
                _write(state, depth, offset, stored[0], new)
    state.frames = tuple(
        (section, index, tuple(new if value == old else value for value in saved), function)
        for section, index, saved, function in state.frames
    )
