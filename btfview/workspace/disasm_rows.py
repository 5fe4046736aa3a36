"""Rows of the disassembly: instructions under their source lines and records."""

from __future__ import annotations

import os

from ..core_relo.patch import POISON_HELPER
from ..record import TYPE_CHECKING
from .analysis import GLYPHS
from .disassembly import FunctionListing, InsnLine
from .offset_table import state_role
from .rows import Row, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .analysis import Analysis

POISON_TEXT = f"call #{POISON_HELPER} (poison)"
DEAD = "dead code there"


def disasm_rows(
    analysis: Analysis, functions: Sequence[FunctionListing], target_index: int | None
) -> tuple[Row, ...]:
    """Return, under a title a function, its source lines, its records and its instructions; where
    *functions* were made with a target, each changed instruction also as libbpf would load it there.

    Instructions have the key ``SECTION+OFFSET``, records their own.
    """
    return tuple(row for function in functions for row in _function_rows(analysis, function, target_index))


def _function_rows(analysis: Analysis, function: FunctionListing, target_index: int | None) -> Iterator[Row]:
    count = len(function.lines)
    name = function.name or "(no symbol)"
    size = f"  {count} instruction{'s' * (count != 1)}"
    yield Row((Segment(f"{function.section} · {name}", "title"), Segment(size, "dim")))
    width = len(str(function.lines[-1].insn_index))
    for line in function.lines:
        if line.line is not None and (line.line.text.strip() or line.line.line):
            place = f"{os.path.basename(line.line.file)}:{line.line.line}"
            text = (Segment(f"; {place}  ", "dim"), Segment(line.line.text.strip(), "comment"))
            yield Row(text, line.relos, "", 1)
        for index in line.relos:
            yield _record_row(analysis, index, target_index)
        yield _insn_row(function, line, width)


def _record_row(analysis: Analysis, index: int, target_index: int | None) -> Row:
    linked = analysis.relos[index]
    segments = [
        Segment(f"◆ #{index} ", "title"),
        Segment(f"{linked.relo.kind_label} ", "keyword"),
        Segment(linked.path, "name"),
        Segment(f"  {linked.relo.access_str}", "dim"),
    ]
    if linked.local_value is None:
        segments.append(Segment("  malformed", "error"))
    else:
        segments.append(Segment(f" = {linked.local_value}", "number"))
    if target_index is not None:
        state = analysis.state(index, target_index)
        value = analysis.results[index][target_index].outcome.value
        said = state if value is None else f"{state}: {value}"
        segments.append(Segment(f"  {GLYPHS[state]} {said}", state_role(state)))
    return Row(tuple(segments), (index,), linked.key, 1)


def _insn_row(function: FunctionListing, line: InsnLine, width: int) -> Row:
    segments = [
        Segment(f"{line.insn_index:>{width}}: ", "dim"),
        Segment(line.text, "dim" if line.is_dead else "text"),
    ]
    if line.is_changed:
        segments.append(Segment("  →  ", "dim"))
        if line.is_poisoned:
            segments.append(Segment(POISON_TEXT, "missing-guarded" if line.is_dead else "missing"))
        else:
            segments.append(Segment(line.text_after, "moved"))
    if line.jump_to is not None:
        segments.append(Segment(f"  → {line.jump_to}", "dim"))
    if line.reference:
        segments.append(Segment(f"  ; {line.reference}", "comment"))
    if line.is_dead:
        segments.append(Segment(f"  ○ {DEAD}", "missing-guarded"))
    return Row(tuple(segments), line.relos, f"{function.section}+{line.insn_off}", 2)
