"""What stands on the screen while nothing is open."""

from __future__ import annotations

from btfview.session.recent import recent_files
from btfview.views.rows import Row, Segment

OPEN_KEY = "open:"
"""Begins the key of a row that opens a file; the path follows."""


def welcome_rows(given: tuple[str, ...] = ()) -> tuple[Row, ...]:
    """Return three lines on what can be opened, then the files opened last."""
    rows = [
        Row(()),
        Row(
            (Segment("btfview shows what a BPF program's CO-RE relocations become on each kernel.", "title"),)
        ),
        Row((Segment("It opens Rust with core::btf queries, C, LLVM IR, and compiled BPF objects."),)),
        Row(
            (
                Segment("o", "keyword"),
                Segment(" opens a file   "),
                Segment("d", "keyword"),
                Segment(" opens the demo   "),
                Segment("t", "keyword"),
                Segment(" chooses kernels   "),
                Segment("?", "keyword"),
                Segment(" explains the signs"),
            )
        ),
    ]
    paths = list(dict.fromkeys((*given, *recent_files())))
    if paths:
        rows += [Row(()), Row((Segment("Opened lately (enter opens again)", "dim"),))]
        rows += [Row((Segment("  "), Segment(path, "name")), key=f"{OPEN_KEY}{path}") for path in paths]
    return tuple(rows)
