"""What is under way: requests go to a thread, answers come back into the session, the file is watched."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from textual import log

from btfview.errors import BtfviewError
from btfview.frozen import frozen
from btfview.session.answer import Answer, Request, answer_request
from btfview.session.debug_log import note
from btfview.session.projects import WHAT_RUNS, is_known, project_of, remember
from btfview.session.recent import remember_file
from btfview.session.watch import Trouble
from btfview.targets.kept_open import AllOpen
from btfview.tui.garbage import expect_result, settle_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from btfview.analysis.result import Analysis
    from btfview.compiler.cache import CompileCache
    from btfview.compiler.llvm.worker import Worker
    from btfview.session.answer import Views
    from btfview.session.state import Session
    from btfview.targets.target import Target

    from .bench import Bench

_PATIENCE_SECONDS = 0.15
"""Work that takes longer is announced in the header."""
_PROBLEMS_TOLD = 3
"""Notifications about targets for one result: more would cover the panes."""


@frozen
class Crash:
    """A request ended in an error of btfview's own."""

    request: Request
    error: Exception


@frozen
class Before:
    """What the session held before an answer."""

    path: str | None
    latest: Analysis | None
    views: Views | None
    selected: str
    """What the selection is known by; empty without one."""


class Work:
    """The compiler of *bench*, and what it was asked for; *show* gets each answer that the session takes."""

    def __init__(self, bench: Bench, show: Callable[[Answer, Before], None]) -> None:
        self._bench = bench
        self._show = show
        self.compiler: Worker | None = None
        """The warm compiler; started once the first frame is out."""
        self.cache: CompileCache | None = None
        """What it has compiled."""
        self._is_asking = False
        """Whether to build a project is being asked."""
        self.is_slow = False
        """What is under way takes longer than a moment."""

    @property
    def _session(self) -> Session:
        return self._bench.session

    def begin(self) -> None:
        """Warm the compiler up."""
        from btfview.compiler.cache import CompileCache
        from btfview.compiler.llvm.worker import Worker

        self.compiler, self.cache = Worker(), CompileCache()
        self.compiler.start()

    def end(self) -> None:
        if self.compiler is not None:
            self.compiler.close()

    def is_compiling(self) -> bool:
        """Tell whether an answer is awaited; any thread may ask."""
        return self._session.pending is not None

    def start(
        self,
        path: str | None,
        targets: Iterable[Target | str] | None,
        *,
        is_forced: bool,
        text: str | None = None,
    ) -> None:
        """Bring the screen up to date with *path* and *targets*, by default those on show.

        *is_forced* compiles again what has not changed, *text* is compiled in the place of the file's. Of a
        project it is asked before it is built for the first time, for that runs code of its crates.
        """
        if self._is_to_be_asked(path or self._wanted):
            self._ask(path, targets, is_forced=is_forced)
            return
        # Pending before the compiler is told: a listing that this cancels then sees whose turn it is.
        request = self._session.request(path, targets=targets, is_forced=is_forced, text=text)
        if self.compiler is not None:
            self.compiler.cancel()
        expect_result()
        self.is_slow = False
        self._bench.set_timer(_PATIENCE_SECONDS, lambda: self._grow_impatient(request))

        is_other_file = request.path != self._session.path

        note(f"asks: {request.path}, {request.options}")
        asked_at = time.monotonic()

        def report(answer: Answer) -> None:
            self._bench.call_later(self._take, answer)

        def answer(is_cancelled: Callable[[], bool]) -> Answer | Crash:
            try:
                with AllOpen():
                    answer = answer_request(request, self.compiler, is_cancelled, self.cache, report)
                if answer.analysis is not None and is_other_file:
                    remember_file(request.path)
            except Exception as error:  # of btfview's own: the screen stays up and says so
                return Crash(request, error)
            note(
                f"answer: {request.path} after {time.monotonic() - asked_at:.3f} s: {answer.error or 'read'}"
            )
            return answer

        self._bench.in_background("analyse", answer, self._take)

    @property
    def _wanted(self) -> str | None:
        pending = self._session.pending
        return pending.path if pending is not None else self._session.path

    def _is_to_be_asked(self, path: str | None) -> bool:
        project = project_of(path) if path is not None else None
        return project is not None and not is_known(project)

    def _ask(self, path: str | None, targets: Iterable[Target | str] | None, *, is_forced: bool) -> None:
        from btfview.tui.screens.ask import AskScreen

        wanted = path or self._wanted
        project = project_of(wanted) if wanted is not None else None
        if wanted is None or project is None or self._is_asking:
            return
        self._is_asking = True

        def answered(key: str | None) -> None:
            self._is_asking = False
            if key == "b":
                remember(project)
                self.start(path, targets, is_forced=is_forced)
                return
            key = self._bench.key_of("compile")
            if self._session.pending is not None and self._session.path is None:
                self._session.abandon(self._session.pending, BtfviewError(f"not built: {key} asks again"))
            self._bench.notify(f"It is built when you say so: {key} asks again.", title="Not built")
            self._bench.show_titles()
            self._bench.show_header()

        lines = [f"{project} is a Cargo project. Building it {WHAT_RUNS}, as cargo does.", "Build it?"]
        answers = (("b", "build, and do not ask again"), ("n", "not now"))
        self._bench.open_dialogue(AskScreen("First build", lines, answers), answered)

    def _grow_impatient(self, request: Request) -> None:
        if self._session.pending is request:
            self.is_slow = True
            self._bench.show_header()

    def _take(self, answer: Answer | Crash) -> None:
        session = self._session
        if isinstance(answer, Crash):
            self._tell_crash(answer)
            return
        before = Before(session.path, session.latest, session.views, session.selected_key)
        if session.accept(answer, time.time()):
            self._tell_problems(answer.target_problems)
            for line in answer.left_out_said:
                self._bench.notify(line, title=f"Targets of {os.path.basename(answer.request.path)}")
            if answer.analysis is None:
                self._bench.notify(str(answer.error), title="Cannot open", severity="error")
            self._show(answer, before)

    def _tell_crash(self, crash: Crash) -> None:
        settle_result(0)  # none is awaited any more
        if self._session.abandon(crash.request, crash.error):
            if isinstance(crash.error, BtfviewError):  # of what was read, no fault of btfview
                self._bench.notify(
                    f"{crash.error}\nWhat is shown is unchanged.", title="Cannot be read", severity="error"
                )
                self._bench.show_header()
                return
            from btfview.session.crash_report import crash_text, write_crash_report

            report = write_crash_report(crash.error, sys.argv[1:])
            note(f"crash: {report}")
            self._bench.notify(
                f"{self._session.error}\nWhat is shown is unchanged. {crash_text(report)}",
                title="Internal error",
                severity="error",
            )
            log.error(crash.error)
            self._bench.show_header()

    def _tell_problems(self, problems: tuple[str, ...]) -> None:
        """Tell of targets that cannot be used."""
        for problem in problems if len(problems) <= _PROBLEMS_TOLD else problems[: _PROBLEMS_TOLD - 1]:
            self._bench.notify(problem, title="Target", severity="error")
        if len(problems) > _PROBLEMS_TOLD:
            more = len(problems) - _PROBLEMS_TOLD + 1
            self._bench.notify(
                f"{more} more targets cannot be used: {self._bench.key_of('targets')} lists them",
                title="Target",
                severity="error",
            )

    def poll_file(self) -> None:
        """Look at the file: compile it anew when it was saved, say so when it is gone."""
        sight = self._session.poll_file()
        if sight is None:
            return
        if isinstance(sight, Trouble):
            self._session.lose_file(sight, time.time())
            self._bench.notify(
                f"{self._session.path}: {sight.problem}; what is shown stays, and is read again when the "
                "file is back",
                title="Watching",
                severity="warning",
            )
            self._bench.show_titles()
            self._bench.show_header()
        else:
            self._bench.start_work()
