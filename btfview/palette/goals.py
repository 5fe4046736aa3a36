"""Where a choice of the palette leads."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, assert_never, frozen, replace

if TYPE_CHECKING:
    from btfview.analysis.result import Analysis


@frozen
class ToRecord:
    """A record, or what else is asked for, by its number in the result."""

    relo: int


@frozen
class ToField:
    """A member of one of the program's types."""

    key: str
    """Of its row in the struct tree."""
    type_id: int
    """Of the type it starts from, in the program's BTF."""
    path: str
    """``se.vruntime``."""
    relos: tuple[int, ...]
    bit_offset: int
    """From the start of the type."""
    type_name: str


@frozen
class ToFunction:
    """The first instruction of a function."""

    section: str
    name: str
    start: int
    """Bytes from the start of the section."""
    insn_count: int
    relos: tuple[int, ...]


@frozen
class ToKernel:
    """A target, by its index in the result: its column of the offsets."""

    target: int


@frozen
class ToType:
    """A type of a target, or with *path* a member of it."""

    target: int
    type_id: int
    path: str = ""


@frozen
class ToLine:
    """A line of the source, or one that the object quotes."""

    number: int
    """From 1."""
    key: str
    """Of its row; empty for a line of a source."""
    text: str
    relos: tuple[int, ...]


@frozen
class ToInsn:
    """An instruction."""

    section: str
    insn_off: int
    """Bytes from the start of the section."""


GoalInResult = ToRecord | ToField | ToFunction | ToKernel | ToLine | ToInsn
Goal = GoalInResult | ToType


def renew_goal(goal: Goal, old: Analysis, new: Analysis) -> Goal | None:
    """Return what a goal in *old* is in *new*, of the same file; None where that has it no more."""
    match goal:
        case ToRecord(relo=relo):
            key = old.key(relo)
            numbers = range(new.item_count)
            return next((ToRecord(number) for number in numbers if new.key(number) == key), None)
        case ToKernel(target=target) | ToType(target=target):
            chosen = old.targets[target] if target < len(old.targets) else None
            if chosen not in new.targets:
                return None
            return replace(goal, target=new.targets.index(chosen))
        case ToField() | ToFunction() | ToLine():
            return replace(goal, relos=())
        case ToInsn():
            return goal
        case _:
            assert_never(goal)
