"""A program at each stage of its compile: what the front end wrote, optimised IR, assembly; each line with
its records where that can be told."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen
from btfview.views.rows import Row, Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from btfview.analysis.result import Analysis
    from btfview.compiler.cache import CompileCache
    from btfview.compiler.llvm.worker import Worker

INTRINSICS, WRITTEN, OPTIMIZED, ASM = "intrinsics", "ir", "ir-optimized", "asm"
STAGES = (INTRINSICS, WRITTEN, OPTIMIZED, ASM)
"""The first is :func:`.intrinsics.intrinsic_rows`; the others are of ``compiler.options.EMITS``."""
_LINE_LIMIT = 400
"""Characters of a line that are shown; LLVM writes whole sources into one."""


@frozen
class Listing:
    """The text of one stage, line by line."""

    stage: str
    """One of :data:`STAGES` but the first."""
    rows: tuple[Row, ...]
    """A line each, as one segment; their keys are ``L1``, ``L2`` .. Debug sections of assembly are left out,
    each with a line that says so."""
    suffix: str
    """Of a file with such text: ``.ll`` or ``.s``."""
    note: str
    """What is to be known beside it; may be empty."""
    code: frozenset[int] = frozenset()
    """Indices of the rows that are no declarations and no directives."""


def make_listing(
    analysis: Analysis, stage: str, worker: Worker | None = None, cache: CompileCache | None = None
) -> Listing:
    """Return the listing of *stage* of the compile behind *analysis*; LLVM runs again where it was not asked
    for this text before.

    Raises:
        CompileCancelledError: *worker* was told to cancel meanwhile.
        BtfviewError: the compiler failed.
    """
    suffix = ".s" if stage == ASM else ".ll"
    compilation = analysis.compilation
    if compilation is None:
        text = "an object holds no IR; the disassembly has its instructions"
        return Listing(stage, (Row((Segment(text, "dim"),)),), suffix, "")
    found = {WRITTEN: compilation.ir, OPTIMIZED: compilation.ir_optimized, ASM: compilation.asm}[stage]
    note = ""
    if found is None:
        from btfview.compiler.compile import compile_source

        again = compile_source(
            compilation.source,
            compilation.options,
            emit=frozenset({"obj", stage}),
            worker=worker,
            cache=cache,
        )
        found = {WRITTEN: again.ir, OPTIMIZED: again.ir_optimized, ASM: again.asm}[stage]
        if again.object != compilation.object:  # of C: an included file has changed since
            note = "compiled anew, and the object is another"
    if found is None:
        text = "the compiler did not give it: compile again for its messages"
        return Listing(stage, (Row((Segment(text, "error"),)),), suffix, note)
    lines = found.rstrip("\n").split("\n")
    links = _links(analysis, stage, lines) if not note else {}
    if not links and analysis.relos and not note:
        note = "no line can be linked to a record"
    rows, code = _rows(lines, links, is_asm=stage == ASM)
    return Listing(stage, rows, suffix, note, code)


def _links(analysis: Analysis, stage: str, lines: Sequence[str]) -> Mapping[int, tuple[int, ...]]:
    from btfview.analysis.instructions.ir_links import (  # not for the first frame
        link_asm,
        link_ir,
        link_queries,
    )

    if stage == WRITTEN:
        return link_queries(analysis)
    return link_asm(analysis, lines) if stage == ASM else link_ir(analysis, lines)


def _rows(
    lines: Sequence[str], links: Mapping[int, tuple[int, ...]], *, is_asm: bool
) -> tuple[tuple[Row, ...], frozenset[int]]:
    rows: list[Row] = []
    code: set[int] = set()
    hidden = 0
    is_hidden = False
    for index, line in enumerate(lines):
        if is_asm and line.startswith(("\t.section", "\t.text")):
            if hidden:
                rows.append(_left_out(hidden))
            is_hidden, hidden = line.startswith("\t.section\t.debug_"), 0
        if is_hidden:
            hidden += 1
            continue
        shown = line
        if len(line) > _LINE_LIMIT:
            shown = f"{line[:_LINE_LIMIT]} … ({len(line) - _LINE_LIMIT} more characters)"
        if not line.lstrip().startswith(("@", ".")):
            code.add(len(rows))
        rows.append(Row((Segment(shown.replace("\t", "    ")),), links.get(index, ()), f"L{index + 1}"))
    if hidden:
        rows.append(_left_out(hidden))
    return tuple(rows), frozenset(code)


def _left_out(count: int) -> Row:
    return Row((Segment(f"    # {count} lines of debug information for debuggers are not shown", "comment"),))
