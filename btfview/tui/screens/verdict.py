"""What the running kernel said of each program."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from btfview.views.verification import object_rows, program_rows, verdict_row
from btfview.words import plural

from .entries import EntriesScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.result import Analysis
    from btfview.verifier.load import Verification
    from btfview.views.rows import Row


class VerdictScreen(EntriesScreen):
    """Returns the index of the program whose record to go to."""

    EMPTY_TEXT = "there is no program that libbpf would load: all functions stand in .text"

    def __init__(self, verification: Verification, analysis: Analysis) -> None:
        super().__init__()
        self._verification = verification
        self._analysis = analysis

    def on_mount(self) -> None:
        super().on_mount()
        verification = self._verification
        count = plural(len(verification.programs), "program")
        self.set_frame(
            f"The kernel's verdict: {count} on {os.uname().release}, by libbpf {verification.libbpf}"
        )
        width = max((len(verdict.program) for verdict in verification.programs), default=0)
        rows = [verdict_row(verdict, width) for verdict in verification.programs]
        self.set_entries([*rows, *object_rows(verification)])

    def detail(self, index: int) -> Sequence[Row]:
        if index >= len(self._verification.programs):
            return ()
        return tuple(program_rows(self._verification.programs[index], self._analysis))
