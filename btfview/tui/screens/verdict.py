"""What the running kernel said of each program."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from btfview.views.rows import column_width
from btfview.views.verification import difference_rows, object_rows, program_rows, verdict_row
from btfview.words import plural

from .entries import EntriesScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.result import Analysis
    from btfview.demands.verdict import PartVerdict
    from btfview.verifier.load import Verification
    from btfview.views.rows import Row


class VerdictScreen(EntriesScreen):
    """Returns the index of the program whose record to go to."""

    EMPTY_TEXT = "there is no program that libbpf would load: all functions stand in .text"

    def __init__(
        self, verification: Verification, analysis: Analysis, predicted: dict[str, PartVerdict]
    ) -> None:
        super().__init__()
        self._predicted = predicted
        self._verification = verification
        self._analysis = analysis

    def on_mount(self) -> None:
        super().on_mount()
        verification = self._verification
        count = plural(len(verification.programs), "program")
        self.set_frame(
            f"The kernel's verdict: {count} on {os.uname().release}, by libbpf {verification.libbpf}"
        )
        width = column_width(verdict.program for verdict in verification.programs)
        rows = [verdict_row(verdict, width) for verdict in verification.programs]
        self.set_entries([*rows, *object_rows(verification)])

    def detail(self, index: int) -> Sequence[Row]:
        if index >= len(self._verification.programs):
            return ()
        verdict = self._verification.programs[index]
        return (
            *difference_rows(verdict, self._verification, self._analysis, self._predicted),
            *program_rows(verdict, self._analysis),
        )
