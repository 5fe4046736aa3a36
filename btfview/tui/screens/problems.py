"""The problem list: everything that is wrong with the source and on the targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.tui.keys.bindings import keymap_of
from btfview.views.problems import RecordProblem, count_problems, problem_detail, problem_row
from btfview.words import plural

from .entries import EntriesScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.result import Analysis
    from btfview.views.problems import Problem
    from btfview.views.rows import Row


class ProblemsScreen(EntriesScreen):
    """Returns the index of the problem to go to."""

    EMPTY_TEXT = "there are no problems"

    def __init__(
        self, problems: Sequence[Problem], good: Analysis | None, *, cursor: int, is_stale: bool
    ) -> None:
        super().__init__()
        self._problems = problems
        self._good = good
        self._start = cursor
        self._is_stale = is_stale

    def on_mount(self) -> None:
        super().on_mount()
        counts = count_problems(self._problems)
        words = [plural(counts[name], name) for name in ("error", "warning", "note") if counts[name]]
        if counts["record"]:
            # The header's word for the same number.
            words.append(f"{plural(counts['record'], 'problem')}{self._of_records} on targets")
        stale = " · ~ records of the last good result" if self._is_stale and counts["record"] else ""
        self.set_frame(f"Problems: {', '.join(words) or 'none'}{stale}")
        self.set_entries([problem_row(one, self._good) for one in self._problems], cursor=self._start)

    @property
    def _of_records(self) -> str:
        """Return the word for all those on targets, where it fits."""
        is_else = any(
            self._good is not None and isinstance(one, RecordProblem) and self._good.ask(one.relo)
            for one in self._problems
        )
        return "" if is_else else " of records"

    def detail(self, index: int) -> Sequence[Row]:
        return problem_detail(self._problems[index], self._good, loader_key=keymap_of(self).shown("loader"))
