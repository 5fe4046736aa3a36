"""Where a path of a program has come to, and what is known there."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

from .values import (
    ELEMENT,
    KERNEL,
    LOOKED_UP,
    PACKET,
    RANGE,
    RESULT,
    SCALAR,
    U32,
    U64,
    bounds,
    is_in_packet,
    value_covers,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from btfview.demands.object.code import Place

    from .values import Value

    Regs = list[Value]
    Trail = tuple["Trail | None", object]
    Stack = dict[int, tuple[int, Value]]


class State:
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
        self.trail: Trail | None = None
        """The places where paths meet that it has been to."""


def is_on(trail: Trail | None, later: Trail | None) -> bool:
    """Tell whether *later* goes on from *trail*."""
    while later is not None:
        if later is trail:
            return True
        later = later[0]
    return False


def copy_of(state: State) -> State:
    """Return another path that begins where *state* is."""
    other = State(
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


def covers(known: State, state: State) -> bool:
    if not all(map(value_covers, known.regs, state.regs)):
        return False
    for mine, other in zip(known.stacks, state.stacks, strict=True):
        for offset, stored in mine.items():
            if stored[1] is not None and other.get(offset) != stored:
                return False
    return all(
        value_covers(mine, other)
        for ours, theirs in zip(known.frames, state.frames, strict=True)
        for mine, other in zip(ours[2], theirs[2], strict=True)
    )


def join(known: State, state: State) -> bool:
    """Make both what is true of both; return whether *known* has changed."""
    changed = False
    for register, value in enumerate(known.regs):
        if value is not None and not value_covers(value, state.regs[register]):
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


def _with_stack(state: State, depth: int, change: Callable[[Stack], None]) -> None:
    if not 0 <= depth < len(state.stacks):
        return
    stack = dict(state.stacks[depth])
    change(stack)
    state.stacks = (*state.stacks[:depth], stack, *state.stacks[depth + 1 :])


def write(state: State, depth: int, offset: int, size: int, value: Value) -> None:
    def change(stack: Stack) -> None:
        for at in [at for at, stored in stack.items() if at < offset + size and offset < at + stored[0]]:
            del stack[at]
        if value is not None:
            stack[offset] = (size, value)

    _with_stack(state, depth, change)


def forget(state: State, depth: int, offset: int) -> None:
    """Forget the stack from *offset* on: a helper may have written there."""

    def change(stack: Stack) -> None:
        for at in [at for at, stored in stack.items() if at + stored[0] > offset]:
            del stack[at]

    if depth < len(state.stacks) and state.stacks[depth]:
        _with_stack(state, depth, change)


def check_packet(state: State) -> None:
    """Take all addresses in the packet for compared with its end: by how far is for the verifier."""
    for register, value in enumerate(state.regs):
        if is_in_packet(value):
            state.regs[register] = None
    for depth, stack in enumerate(state.stacks):
        for offset, stored in stack.items():
            if is_in_packet(stored[1]):
                write(state, depth, offset, stored[0], None)
    state.frames = tuple(
        (
            section,
            index,
            tuple(None if isinstance(v, tuple) and v[0] == PACKET else v for v in saved),
            function,
        )
        for section, index, saved, function in state.frames
    )


def refine(state: State, op: int, dst: int, left: Value, right: Value, is_64: bool, taken: bool) -> None:
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
    low, high = bounds(left)
    if not is_64:
        if high is None or high > U32:
            return
        right &= U32
    if is_equal:
        state.regs[dst] = right
        return
    top = high if high is not None else U64
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
    if low <= top and (low, top) != (0, U64):
        state.regs[dst] = low if low == top else (RANGE, low, top)


def _replace(state: State, old: Value, new: Value) -> None:
    for register, value in enumerate(state.regs):
        if value == old:
            state.regs[register] = new
    for depth, stack in enumerate(state.stacks):
        for offset, stored in stack.items():
            if stored[1] == old:
                write(state, depth, offset, stored[0], new)
    state.frames = tuple(
        (section, index, tuple(new if value == old else value for value in saved), function)
        for section, index, saved, function in state.frames
    )
