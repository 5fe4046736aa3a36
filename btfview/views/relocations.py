"""Rows of the relocations pane: the ``.BTF.ext`` records, then all else that is asked of a kernel; each a
row, in columns."""

from __future__ import annotations

from btfview.analysis.result import Analysis
from btfview.bpf.insn import INSN_SIZE
from btfview.rust_names import demangled

from .asks import ask_rows
from .rows import Row, Segment

COLUMNS = ("", "kind", "insn", "code", "access", "function")
"""Titles; a row has a segment for each. Paths are the headings under which the rows stand."""


def relocation_rows(analysis: Analysis) -> tuple[Row, ...]:
    """Return a row for each record and each demand, by their numbers."""
    rows: list[Row] = []
    for linked in analysis.relos:
        relo = linked.relo
        is_malformed = linked.local_value is None
        value = "malformed" if is_malformed else f"{relo.access_str} = {linked.local_value}"
        names = (demangled(linked.program), relo.section)
        segments = (
            Segment(f"#{linked.index}", "dim"),
            Segment(relo.kind_label, "keyword"),
            Segment(str(relo.insn_off // INSN_SIZE), "number"),
            Segment(linked.insn_text or "no instruction there"),
            Segment(value, "error" if is_malformed else "number"),
            Segment(" · ".join(name for name in names if name), "dim"),
        )
        rows.append(Row(segments, (linked.index,), linked.key))
    return (*rows, *ask_rows(analysis))
