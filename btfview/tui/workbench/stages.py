"""The compiler on the screen: its options, what it found wrong, what it made at each stage, what changed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual import work
from textual.message import Message
from textual.worker import get_current_worker

from btfview.compiler.options import MEANINGS, CompileOptions
from btfview.errors import error_text
from btfview.frozen import replace
from btfview.tui.panes.intrinsics import IntrinsicsPane
from btfview.views.listings import ASM, INTRINSICS, OPTIMIZED, STAGES, WRITTEN, Listing
from btfview.views.problems import Problem, RecordProblem, SourceProblem, list_problems
from btfview.views.rows import Row, Segment

from .writing import WritingScreen

if TYPE_CHECKING:
    from collections.abc import Collection

    from btfview.analysis.result import Analysis
    from btfview.changes.object_changes import ObjectChanges
    from btfview.compiler.cache import CompileCache
    from btfview.compiler.llvm.worker import Worker

_TURN_SECONDS = 0.02
"""Between two looks whether a compile that came in between is done."""
STAGE_TITLES = {
    INTRINSICS: ("3 IR intrinsics", "3 IR"),
    WRITTEN: ("3 IR as the front end wrote it", "3 IR as written", "3 IR"),
    OPTIMIZED: ("3 IR, optimised", "3 IR opt"),
    ASM: ("3 Assembly", "3 Asm"),
}
"""Of the intrinsics pane, long and short, for each stage that it can show."""


class CompileScreen(WritingScreen):
    """The part of the workbench that speaks with the compiler."""

    class Listed(Message):
        """A thread has made the listing of a stage."""

        def __init__(self, analysis: Analysis, listing: Listing) -> None:
            super().__init__()
            self.analysis = analysis
            self.listing = listing

    class Compared(Message):
        """A thread has compared the last two objects, or could not."""

        def __init__(self, analysis: Analysis, changes: ObjectChanges | None, problem: str = "") -> None:
            super().__init__()
            self.analysis = analysis
            self.changes = changes
            self.problem = problem

    def __init__(self) -> None:
        super().__init__()
        self._compiler: Worker | None = None
        """The warm compiler; started once the first frame is out."""
        self._cache: CompileCache | None = None
        """What it has compiled."""
        self._stage = INTRINSICS
        """What the intrinsics pane shows."""
        self._listings: dict[str, Listing] = {}
        """Those made for the object on show."""
        self._listed: Analysis | None = None
        """What they were made for."""
        self._problem: Problem | None = None
        """The one gone to last."""

    def _show_titles(self) -> None:
        """Put the titles of the panes, which depend on the result, into their frames."""
        raise NotImplementedError

    def _show_header(self) -> None:
        raise NotImplementedError

    def _show_selection(self, *, origin: object = None, keeping: Collection[str] = ()) -> None:
        """Show the session's selection in all panes."""
        raise NotImplementedError

    def _show_disasm(self, *, is_new: bool = False) -> None:
        """Bring the disassembly, if it is on show, up to date; *is_new* makes it anew in any case."""
        raise NotImplementedError

    def is_compiling(self) -> bool:
        """Tell whether an answer is awaited; any thread may ask."""
        return self.session.pending is not None

    # -- options ----------------------------------------------------------------------------------

    def action_options(self) -> None:
        """Choose cpu, byte order and dialect; for an object there is nothing to choose, and that is said."""
        from btfview.tui.screens.options import OptionsScreen

        session = self.session
        path = session.pending.path if session.pending else session.path
        latest = session.latest
        if latest is not None and latest.origin == "object" and path == session.path:
            self.notify(
                f"{path} is compiled already. Open the source that it was made from to compile it otherwise.",
                title="Compile options",
            )
            return
        note = "each switch compiles again"
        if path is None:
            note = "used when a source is opened"
        elif not path.endswith(".rs"):
            note = "each switch compiles again; the dialect is a matter of Rust alone"
        self.app.push_screen(OptionsScreen(session.options, self.set_options, note=note))

    def set_options(self, options: CompileOptions) -> None:
        """Compile with *options* from now on, and what is open at once."""
        session = self.session
        if options == session.options:
            return
        session.options = options
        latest = session.latest
        if session.path is None and session.pending is None:
            self._show_header()
        elif latest is None or latest.origin != "object" or session.pending is not None:
            self.start_work()

    def action_set_option(self, name: str, choice: str) -> None:
        """Switch one option, as the palette does."""
        latest = self.session.latest
        if latest is not None and latest.origin == "object" and self.session.pending is None:
            self.action_options()
            return
        options = replace(self.session.options, **{name: choice})
        if options == self.session.options:
            self.notify(f"It is so already: {MEANINGS[name][choice]}", title=f"{name} {choice}")
        self.set_options(options)

    # -- problems ---------------------------------------------------------------------------------

    def _problems(self) -> tuple[Problem, ...]:
        return list_problems(self.session.latest, self.session.good)

    def action_problems(self) -> None:
        """List all diagnostics and failing records."""
        from btfview.tui.screens.problems import ProblemsScreen

        problems, session = self._problems(), self.session
        if session.latest is None:
            self.notify("There is no result yet.", title="Problems")
            return
        here = self._problem_here(problems)

        def chosen(index: int | None) -> None:
            if index is not None:
                self.go_to_problem(problems[index])

        screen = ProblemsScreen(
            problems, session.good, cursor=here or 0, is_stale=session.stale_since is not None
        )
        self.app.push_screen(screen, chosen)

    def _problem_here(self, problems: tuple[Problem, ...]) -> int | None:
        """Return the index of the problem that the user is at."""
        at = [index for index, problem in enumerate(problems) if self._is_at(problem)]
        return next((index for index in at if problems[index] == self._problem), at[0] if at else None)

    def _is_at(self, problem: Problem) -> bool:
        if isinstance(problem, SourceProblem):
            return self.pane_in_use is self.source_pane and self.source_pane.cursor_number == problem.line
        selection = self.session.selection
        # The source has a cursor of its own, and follows the selection where a record was gone to.
        is_in_source = self.pane_in_use is self.source_pane and not isinstance(self._problem, RecordProblem)
        return (
            selection is not None
            and selection.relo == problem.relo
            and selection.target in problem.targets
            and not is_in_source
        )

    def go_to_problem(self, problem: Problem) -> None:
        """Put the cursor on its line in the source, or select its record on a target that it fails on."""
        self._problem = problem
        if isinstance(problem, SourceProblem):
            self.source_pane.go_to_number(problem.line)
            self._activate("source")
            return
        selection = self.session.selection
        target = selection.target if selection and selection.target in problem.targets else problem.targets[0]
        self.session.select(problem.relo, target)
        self._show_selection()

    def action_step_problem(self, direction: int) -> None:
        """Go to the next or previous problem of the list, past either end from the other; while the source
        has errors, to one of those."""
        session = self.session
        problems = self._problems()
        if session.latest is not None and session.latest.object is None:
            problems = tuple(one for one in problems if isinstance(one, SourceProblem))
        if not problems:
            self.notify("There is no result yet." if session.latest is None else "There are no problems.")
            return
        here = self._problem_here(problems)
        if here is not None:
            self.go_to_problem(problems[(here + direction) % len(problems)])
            return
        self.go_to_problem(self._nearest_problem(problems, direction))

    def _nearest_problem(self, problems: tuple[Problem, ...], direction: int) -> Problem:
        """Return the first problem after (before) the cursor of the source or the selected record; past
        either end that of the other."""
        selection = self.session.selection
        relo = selection.relo if selection else -1
        is_in_source = self.pane_in_use is self.source_pane
        ordered = problems if direction > 0 else problems[::-1]
        for problem in ordered:
            if isinstance(problem, RecordProblem):
                if (problem.relo - relo) * direction > 0:
                    return problem
            elif is_in_source and (problem.line - self.source_pane.cursor_number) * direction > 0:
                return problem
        records = [problem for problem in ordered if isinstance(problem, RecordProblem)]
        return records[0] if records and not is_in_source else ordered[0]

    # -- stages of the compile --------------------------------------------------------------------

    @property
    def _intrinsics_pane(self) -> IntrinsicsPane:
        return self.query_one("#intrinsics", IntrinsicsPane)

    def action_cycle_stage(self) -> None:
        """Show the next stage of the compile in the intrinsics pane."""
        was_away = self._third != "intrinsics"
        if was_away:
            self.action_toggle_disasm()
        else:
            self._stage = STAGES[(STAGES.index(self._stage) + 1) % len(STAGES)]
        self._show_titles()
        self.show_stage()
        if not self._intrinsics_pane.display:
            self._activate("intrinsics")

    @property
    def _staged(self) -> Analysis | None:
        """What the intrinsics pane is about: the last good result; the newest one where LLVM refused it and
        the stage before LLVM is asked for."""
        latest = self.session.latest
        is_refused = (
            latest is not None
            and latest.object is None
            and latest.compilation is not None
            and latest.compilation.ir is not None
        )
        return latest if is_refused and self._stage == WRITTEN else self.session.good

    @property
    def is_stage_refused(self) -> bool:
        """Whether the intrinsics pane shows IR of the newest text, which LLVM refused."""
        return self._staged is not self.session.good

    @property
    def is_stage_outdated(self) -> bool:
        """Whether the listing on show is one of another result."""
        staged = self._staged
        return self._stage != INTRINSICS and staged is not None and not _is_same(self._listed, staged)

    def show_stage(self) -> bool:
        """Fill the intrinsics pane for the result on show; return whether its cursor stayed on its row."""
        pane, views, staged = self._intrinsics_pane, self.session.views, self._staged
        if staged is None:
            return pane.set_rows(())
        if self._stage == INTRINSICS:
            pane.set_note("" if staged.compilation is not None else "reconstructed from records")
            is_kept = pane.set_rows(views.intrinsics if views is not None else ())
            self._select_in_stage()
            return is_kept
        if not _is_same(self._listed, staged):
            self._listed, self._listings = staged, {}
        listing = self._listings.get(self._stage)
        if listing is None:
            pane.set_note("… making it")
            pane.set_rows(())
            self._list(staged, self._stage)
            return False
        self._show_listing(listing)
        return True

    @work(thread=True, exclusive=True, group="list")
    def _list(self, analysis: Analysis, stage: str) -> None:
        from btfview.compiler.llvm.worker import CompileCancelledError
        from btfview.views.listings import make_listing

        thread = get_current_worker()
        while not thread.is_cancelled:
            try:
                listing = make_listing(analysis, stage, self._compiler, self._cache)
            except CompileCancelledError:  # by a compile that came in between: it is our turn after it
                while self.is_compiling() and not thread.is_cancelled:
                    time.sleep(_TURN_SECONDS)
                continue
            except Exception as error:  # also of btfview's own: the screen stays up and says so
                listing = Listing(stage, (Row((Segment(error_text(error), "error"),)),), "", "")
            self.post_message(self.Listed(analysis, listing))
            return

    def on_compile_screen_listed(self, message: Listed) -> None:
        staged = self._staged
        if not _is_same(self._listed, message.analysis) or not _is_same(staged, message.analysis):
            return  # of a text, or of a file, that is on show no more
        self._listings[message.listing.stage] = message.listing
        if message.listing.stage == self._stage:
            self._show_listing(message.listing)

    def _show_listing(self, listing: Listing) -> None:
        pane = self._intrinsics_pane
        pane.set_note("LLVM refused it: p says why" if self.is_stage_refused else listing.note)
        pane.set_listing(listing)
        self._select_in_stage()

    def _select_in_stage(self) -> None:
        selection = self.session.selection
        self._intrinsics_pane.show_selection(selection.relo if selection else None)

    def action_passes(self) -> None:
        """Go through LLVM's passes over the function of the selected record."""
        from btfview.tui.screens.passes import PassesScreen

        good = self.session.good
        if good is None:
            said = (
                "There is no result yet."
                if self.session.latest is None
                else "It did not compile: p says why."
            )
            self.notify(said, title="Passes")
            return
        compilation = good.compilation
        if compilation is None:
            self.notify("An object does not say how it was made: open its source.", title="Passes")
            return
        linked = self.session.selected_relo
        functions: list[str] = []
        if linked is not None:
            queries = compilation.program.queries if compilation.program else ()
            functions = [queries[number].function for number in linked.queries]
            functions.append(linked.program)
        relo = linked.index if linked is not None else None
        wanted = list(dict.fromkeys(filter(None, functions)))
        self.app.push_screen(PassesScreen(good, wanted, relo, self._compiler, self.is_compiling))

    # -- changes ----------------------------------------------------------------------------------

    def compare(self) -> None:
        """Compare the object on show with the one before the last edit, if that was not done yet."""
        session = self.session
        if session.previous is not None and session.good is not None and session.object_changes is None:
            self._compare(session.previous, session.good)

    @work(thread=True, exclusive=True, group="compare")
    def _compare(self, old: Analysis, new: Analysis) -> None:
        from btfview.changes.object_changes import compare_objects

        try:
            message = self.Compared(new, compare_objects(old, new))
        except Exception as error:  # of btfview's own: the screen stays up and says so
            message = self.Compared(new, None, error_text(error))
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    def on_compile_screen_compared(self, message: Compared) -> None:
        if message.changes is None:
            self.notify(
                f"{message.problem}\nThe two objects cannot be compared.", title="Changes", severity="error"
            )
        elif self.session.accept_comparison(message.analysis, message.changes):
            self._show_header()
            self._show_disasm(is_new=True)

    def action_changes(self) -> None:
        """Show what the last edit changed in records and bytes."""
        from btfview.tui.screens.changes import ChangesScreen
        from btfview.views.changes import change_rows, summarise_changes

        session = self.session
        good, objects = session.good, session.object_changes
        if good is None or session.previous is None:
            self.notify("Nothing was edited yet: there is only one result.", title="Changes")
            return
        if objects is None:
            self.notify("The two objects are being compared.", title="Changes")
            return
        rows = change_rows(good, session.changes, objects)

        def chosen(index: int | None) -> None:
            if index is not None and session.select(rows[index].relos[0]):
                self._show_selection()

        summary = summarise_changes(objects)
        title = f"What the last edit changed{f': {summary}' if summary else ''}"
        self.app.push_screen(ChangesScreen(rows, title), chosen)


def _is_same(one: Analysis | None, other: Analysis) -> bool:
    """Tell whether two analyses are of one compile, on whatever targets."""
    return one is not None and one.object is other.object and one.compilation is other.compilation
