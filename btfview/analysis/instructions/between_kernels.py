"""What becomes of the instructions, and of the lines that they are of, from one kernel to another."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .disassembly import FunctionListing, InsnLine

    Place = tuple[str, int]


def dead_lines(functions: Sequence[FunctionListing]) -> frozenset[Place]:
    """Return file and number of each source line that has instructions of which none can run on the target
    that *functions* were made with: what a guard keeps from running there."""
    alive: dict[Place, bool] = {}
    for function in functions:
        here: Place | None = None
        for line in function.lines:
            if line.line is not None:
                here = line.line.file, line.line.line
            if here is not None:
                alive[here] = alive.get(here, False) or not line.is_dead
    return frozenset(place for place, is_alive in alive.items() if not is_alive)


def changed_insns(
    before: Sequence[FunctionListing], after: Sequence[FunctionListing]
) -> Mapping[Place, InsnLine]:
    """Return, by section and offset, what each instruction was *before* that is another *after*, or runs on
    one of the two kernels alone; both are listings of the same object."""
    was = {(function.section, line.insn_off): line for function in before for line in function.lines}
    return {
        (function.section, line.insn_off): old
        for function in after
        for line in function.lines
        if (old := was[function.section, line.insn_off]).code_after != line.code_after
        or old.is_dead != line.is_dead
    }
