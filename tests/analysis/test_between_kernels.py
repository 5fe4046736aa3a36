"""Instructions, and the lines that they are of, from one kernel to another."""

from __future__ import annotations

from btfview.analysis.instructions.between_kernels import changed_insns, dead_lines
from btfview.analysis.instructions.disassembly import FunctionListing, InsnLine
from btfview.btf.ext import LineInfo


def insn(at: int, after: str, *, line: int = 0, is_dead: bool = False) -> InsnLine:
    """Return instruction *at*, loaded as *after*; the first of source line *line*, if that is given."""
    info = LineInfo("prog", 8 * at, "a.rs", "", line, 1) if line else None
    return InsnLine(
        8 * at, b"compiled", None, "r1 = 0", None, "", info, (), after.encode(), after, False, is_dead
    )


def listing(*insns: InsnLine) -> tuple[FunctionListing, ...]:
    return (FunctionListing("prog", "f", insns),)


def test_a_line_is_dead_where_none_of_its_instructions_can_run() -> None:
    functions = listing(
        insn(0, "a", line=1),
        insn(1, "b", line=2, is_dead=True),
        insn(2, "c", is_dead=True),
        insn(3, "d", line=3, is_dead=True),
        insn(4, "e"),  # of line 3 as well
        insn(5, "f", line=4, is_dead=True),
        insn(6, "g", line=4),
    )
    assert dead_lines(functions) == {("a.rs", 2)}


def test_what_is_loaded_otherwise_or_runs_on_one_alone_has_changed() -> None:
    before = listing(insn(0, "r1 = 8"), insn(1, "r2 = 8"), insn(2, "exit", is_dead=True))
    after = listing(insn(0, "r1 = 8"), insn(1, "r2 = 16"), insn(2, "exit"))
    changed = changed_insns(before, after)
    assert {place: line.text_after for place, line in changed.items()} == {
        ("prog", 8): "r2 = 8",
        ("prog", 16): "exit",
    }
    assert changed_insns(before, before) == {}
