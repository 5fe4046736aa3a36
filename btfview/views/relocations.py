"""Rows of the relocations pane: the ``.BTF.ext`` records, by section and function; then all else that is
asked of a kernel."""

from __future__ import annotations

from btfview.analysis.result import Analysis
from btfview.bpf.insn import INSN_SIZE
from btfview.rust_names import demangled

from .asks import ask_rows
from .rows import Row, Segment


def relocation_rows(analysis: Analysis) -> tuple[Row, ...]:
    """Return two rows a record (what it is and its instruction; its path and value), under a title a
    function."""
    rows: list[Row] = []
    place: tuple[str, str] | None = None
    for linked in analysis.relos:
        relo = linked.relo
        if (relo.section, linked.program) != place:
            place = (relo.section, linked.program)
            names = (relo.section, demangled(linked.program))
            rows.append(Row((Segment(" · ".join(part for part in names if part), "title"),)))
        number = f"#{linked.index}"
        rows.append(
            Row(
                (
                    Segment(f"{number:<4}", "dim"),
                    Segment(f"{relo.kind_label:<18}", "keyword"),
                    Segment(f"insn {relo.insn_off // INSN_SIZE:<4}", "number"),
                    Segment(linked.insn_text or "no instruction there"),
                ),
                (linked.index,),
                linked.key,
            )
        )
        value = f" = {linked.local_value}" if linked.local_value is not None else " malformed"
        rows.append(
            Row(
                (
                    Segment("    "),
                    Segment(f"{linked.path}  ", "name"),
                    Segment(relo.access_str, "dim"),
                    Segment(value, "number" if linked.local_value is not None else "error"),
                ),
                (linked.index,),
            )
        )
    return (*rows, *ask_rows(analysis))
