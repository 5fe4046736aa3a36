"""What is wrong: diagnostics of the source and records that fail, as a list and one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.views.problems import LoadProblem, Problem, RecordProblem, SourceProblem, list_problems

if TYPE_CHECKING:
    from .bench import Bench


class Problems:
    """The problems of the results that *bench* shows."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._last: Problem | None = None
        """The one gone to last."""

    def _list(self) -> tuple[Problem, ...]:
        return list_problems(self._bench.session.latest, self._bench.session.good)

    @property
    def are_there(self) -> bool:
        """Whether there is anything to list."""
        latest, views = self._bench.session.latest, self._bench.session.views
        return bool((latest and latest.diagnostics) or (views and views.problem_count))

    def open(self) -> None:
        """List all diagnostics and failing records."""
        from btfview.tui.screens.problems import ProblemsScreen

        problems, session = self._list(), self._bench.session
        if session.latest is None:
            self._bench.notify("There is no result yet.", title="Problems")
            return
        here = self._here(problems)

        def chosen(index: int | None) -> None:
            if index is not None:
                self.go_to(problems[index])

        screen = ProblemsScreen(
            problems, session.good, cursor=here or 0, is_stale=session.stale_since is not None
        )
        self._bench.open_dialogue(screen, chosen)

    def _here(self, problems: tuple[Problem, ...]) -> int | None:
        """Return the index of the problem that the user is at."""
        at = [index for index, problem in enumerate(problems) if self._is_at(problem)]
        return next((index for index in at if problems[index] == self._last), at[0] if at else None)

    @property
    def _is_in_source(self) -> bool:
        return self._bench.pane_in_use is self._bench.source_pane

    def _line_on_show(self, problem: SourceProblem) -> int:
        """Return its line, where that is in the source pane and the user too; else 0."""
        pane = self._bench.source_pane
        return problem.line if self._is_in_source and pane.file_path == problem.path else 0

    def _is_at(self, problem: Problem) -> bool:
        if isinstance(problem, SourceProblem):
            return self._line_on_show(problem) == self._bench.source_pane.cursor_number
        if isinstance(problem, LoadProblem):
            return problem == self._last
        selection = self._bench.session.selection
        # The source has a cursor of its own, and follows the selection where a record was gone to.
        is_in_source = self._is_in_source and not isinstance(self._last, RecordProblem)
        return (
            selection is not None
            and selection.relo == problem.relo
            and selection.target in problem.targets
            and not is_in_source
        )

    def go_to(self, problem: Problem) -> None:
        """Put the cursor on its line in the source, or select its record on a target that it fails on."""
        self._last = problem
        if isinstance(problem, SourceProblem):
            self._bench.source_pane.go_to_number(problem.line, problem.path)
            self._bench.show_pane("source")
            return
        selection = self._bench.session.selection
        target = selection.target if selection and selection.target in problem.targets else problem.targets[0]
        if isinstance(problem, LoadProblem):
            self._bench.notify(problem.reason, title=f"{problem.loader} ends the load", severity="error")
            self._bench.select_relo(selection.relo if selection else 0, target)
        else:
            self._bench.select_relo(problem.relo, target)

    def step(self, direction: int) -> None:
        """Go to the next or previous problem of the list, past either end from the other; while the source
        has errors, to one of those."""
        latest, problems = self._bench.session.latest, self._list()
        if latest is not None and latest.object is None:
            problems = tuple(one for one in problems if isinstance(one, SourceProblem))
        if not problems:
            self._bench.notify("There is no result yet." if latest is None else "There are no problems.")
            return
        here = self._here(problems)
        if here is not None:
            self.go_to(problems[(here + direction) % len(problems)])
            return
        self.go_to(self._nearest(problems, direction))

    def _nearest(self, problems: tuple[Problem, ...], direction: int) -> Problem:
        """Return the first problem after (before) the cursor of the source or the selected record; past
        either end that of the other."""
        selection = self._bench.session.selection
        relo = selection.relo if selection else -1
        is_in_source, cursor = self._is_in_source, self._bench.source_pane.cursor_number
        ordered = problems if direction > 0 else problems[::-1]
        for problem in ordered:
            if isinstance(problem, RecordProblem):
                if (problem.relo - relo) * direction > 0:
                    return problem
                continue
            line = self._line_on_show(problem) if isinstance(problem, SourceProblem) else 0
            if line and (line - cursor) * direction > 0:
                return problem
        records = [problem for problem in ordered if isinstance(problem, RecordProblem)]
        return records[0] if records and not is_in_source else ordered[0]
