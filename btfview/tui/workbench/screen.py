"""The screen: it holds the session, connects the panes, and is the only one that knows them all."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.message import Message
from textual.worker import get_current_worker

from btfview.errors import error_text
from btfview.session.answer import Answer, Request, answer_request
from btfview.session.recent import remember_file
from btfview.session.state import Session
from btfview.session.watch import Trouble
from btfview.tui.garbage import settle_result
from btfview.tui.keys import DISASM, bindings
from btfview.tui.messages import ReloSelected, RowOpened
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.status import clock, detail_titles, header_pieces, selection_text
from btfview.tui.widgets.bars import Bar
from btfview.views.rows import Row, Segment

from .arrangement import TITLES
from .jumping import JumpingScreen
from .stages import STAGE_TITLES
from .welcome import OPEN_KEY, welcome_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from textual.binding import BindingType

    from btfview.analysis.result import Analysis
    from btfview.changes.object_changes import ObjectChanges
    from btfview.compiler.options import CompileOptions
    from btfview.targets.target import Target

_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 0.15
"""Work that takes longer is announced in the header."""
_NO_RESULT, _NO_BTF = "nothing yet: the source has errors", "nothing here: the program has no BTF"
_PROBLEMS_TOLD = 3
"""Notifications about targets for one result: more would cover the panes."""


class Workbench(JumpingScreen):
    """Source, structs, intrinsics, records and offsets of one file, joined by one selection."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = list(bindings())

    class Answered(Message):
        """A thread has finished a request."""

        def __init__(self, answer: Answer) -> None:
            super().__init__()
            self.answer = answer

    class Crashed(Message):
        """A thread met an error of btfview's own."""

        def __init__(self, request: Request, error: Exception) -> None:
            super().__init__()
            self.request = request
            self.error = error

    class Disassembled(Message):
        """A thread has made the rows of the disassembly."""

        def __init__(self, analysis: Analysis, target: int | None, rows: Sequence[Row]) -> None:
            super().__init__()
            self.analysis = analysis
            self.target = target
            self.rows = rows

    def __init__(self, paths: list[str], target_specs: list[str], options: CompileOptions) -> None:
        super().__init__()
        self.given_paths = tuple(paths)
        self.session = Session(None, target_specs, options)
        self._disassembled: tuple[Analysis, int | None] | None = None
        """What the disassembly shows, or is about to."""
        self._is_disassembled = False
        self._is_slow = False

    def on_mount(self) -> None:
        if self.given_paths:
            self.session.request(self.given_paths[0])  # so that the first frame names it
        else:
            self._show_welcome()
        self._arrange()
        self._show_titles()
        self._show_header()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Do what must not delay the first frame."""
        from btfview.compiler.cache import CompileCache
        from btfview.compiler.llvm.worker import Worker

        self._compiler, self._cache = Worker(), CompileCache()
        self._compiler.start()
        self.set_interval(_POLL_SECONDS, self._poll_file)
        if self.given_paths:
            self.start_work(self.given_paths[0])

    def on_unmount(self) -> None:
        if self._compiler is not None:
            self._compiler.close()

    # -- work -------------------------------------------------------------------------------------

    def start_work(
        self,
        path: str | None = None,
        *,
        targets: Iterable[Target | str] | None = None,
        is_forced: bool = False,
    ) -> None:
        """Bring the screen up to date with *path* and *targets*, by default those on show.

        *is_forced* compiles again what has not changed.
        """
        if path is not None and path != self.session.path and self.editing is not None:
            self.editing.leave(lambda: self.start_work(path, targets=targets, is_forced=is_forced))
            return
        # Pending before the compiler is told: a listing that this cancels then sees whose turn it is.
        request = self.session.request(path, targets=targets, is_forced=is_forced)
        if self._compiler is not None:
            self._compiler.cancel()
        self._is_slow = False
        self.set_timer(_PATIENCE_SECONDS, lambda: self._grow_impatient(request))
        self._answer(request)

    @work(thread=True, exclusive=True, group="analyse")
    def _answer(self, request: Request) -> None:
        thread = get_current_worker()
        message: Message
        try:
            answer = answer_request(request, self._compiler, lambda: thread.is_cancelled, self._cache)
            if answer.analysis is not None and request.path != self.session.path:
                remember_file(request.path)
            message = self.Answered(answer)
        except Exception as error:  # of btfview's own: the screen stays up and says so
            message = self.Crashed(request, error)
        if not thread.is_cancelled:
            self.post_message(message)

    def _grow_impatient(self, request: Request) -> None:
        if self.session.pending is request:
            self._is_slow = True
            self._show_header()

    def on_workbench_answered(self, message: Answered) -> None:
        answer, session = message.answer, self.session
        before_path, before, shown = session.path, session.latest, session.views
        selected = session.selected_relo
        if not session.accept(answer, time.time()):
            return
        problems = answer.target_problems
        for problem in problems if len(problems) <= _PROBLEMS_TOLD else problems[: _PROBLEMS_TOLD - 1]:
            self.notify(problem, title="Target", severity="error")
        if len(problems) > _PROBLEMS_TOLD:
            more = len(problems) - _PROBLEMS_TOLD + 1
            self.notify(f"{more} more targets cannot be used: t lists them", title="Target", severity="error")
        if answer.analysis is None:
            self.notify(str(answer.error), title="Cannot open", severity="error")
        else:
            is_new = session.path != before_path
            was_good = before is None or before.object is not None
            self._show_source(go_to_problem=is_new or was_good)
            if self.editing is not None:
                self.editing.show_result(answer.analysis)
        if session.views is not shown:
            after = session.selected_relo
            has_same = selected is not None and after is not None and selected.key == after.key
            self._show_views(is_same=has_same and session.path == before_path)
            self.compare()
            if session.good is not None:
                self.call_after_refresh(settle_result, session.good.cell_count)
        elif self.is_stage_outdated:
            self.show_stage()
        self.go_to_awaited_line()
        self._show_titles()
        self._show_header()

    def on_workbench_crashed(self, message: Crashed) -> None:
        if self.session.abandon(message.request, message.error):
            self.notify(
                f"{self.session.error}\nThis is a fault of btfview; what is shown is unchanged.",
                title="Internal error",
                severity="error",
            )
            self.log.error(message.error)
            self._show_header()

    def _poll_file(self) -> None:
        sight = self.session.poll_file()
        if sight is None:
            return
        if isinstance(sight, Trouble):
            self.session.lose_file(sight, time.time())
            self.notify(
                f"{self.session.path}: {sight.problem}; what is shown stays, and is read again when the file "
                "is back",
                title="Watching",
                severity="warning",
            )
            self._show_titles()
            self._show_header()
        else:
            self.start_work()

    # -- showing ----------------------------------------------------------------------------------

    def _show_source(self, *, go_to_problem: bool) -> None:
        latest, views = self.session.latest, self.session.views
        assert latest is not None
        if latest.source is not None:
            is_good = latest is self.session.good
            summaries = views.summaries if is_good and views is not None else ()
            self.source_pane.set_source(latest, summaries, go_to_problem=go_to_problem)
        elif views is not None:
            self.source_pane.set_quoted(views.source)

    def _show_views(self, *, is_same: bool) -> None:
        """Show the last good result in all panes but the source; nothing where there is none.

        *is_same* says that the selection means what it did: then cursors stay on the rows they are on, and
        what is folded stays so.
        """
        good, views = self.session.good, self.session.views
        if views is None or good is None:
            for name in (DISASM, "relocations", "detail"):
                self.rows_pane(name).set_rows(())
            self.show_stage()
            self.structs_pane.clear()
            self.offsets_pane.clear()
            return
        self.relocations_pane.set_changes(self.session.changes)
        self.offsets_pane.set_changes(self.session.changes)
        kept = {"relocations"} if self.relocations_pane.set_rows(views.relocations) else set()
        if self.show_stage():
            kept.add("intrinsics")
        if self.structs_pane.set_tree(good, views.structs):
            kept.add("structs")
        if self.offsets_pane.set_table(views.offsets, [linked.program for linked in good.relos]):
            kept.add("offsets")
        self._show_selection(keeping={*kept, "source"} if is_same else frozenset())

    def _show_welcome(self) -> None:
        self.source_pane.set_quoted(welcome_rows(self.given_paths))

    def _show_header(self) -> None:
        left, right = header_pieces(self.session, self.size.width, is_slow=self._is_slow)
        self.query_one("#header", Bar).show(left, right)

    def _show_titles(self) -> None:
        session = self.session
        is_stale = session.stale_since is not None
        when = clock(session.stale_since) if session.stale_since is not None else ""
        why_empty = ""
        if session.good is None and session.latest is not None and session.latest.object is None:
            has_errors = any(diagnostic.is_error for diagnostic in session.latest.diagnostics)
            why_empty = _NO_RESULT if has_errors else _NO_BTF
        for name, titles in (TITLES | {"intrinsics": STAGE_TITLES[self._stage]}).items():
            pane = self._pane(name)
            if name == "source":
                source = session.latest.path if session.latest is not None else ""
                pane.set_title(f"1 Source · {source}" if source else "1 Source", "1 Source")
                continue
            is_old = is_stale and not (name == "intrinsics" and self.is_stage_refused)
            if is_old:
                long = (f"{title} · ~ stale since {when}" for title in titles)
                titles = (*long, f"{titles[-1]} ~ stale {when}", f"~ stale {when}")
            pane.set_title(*titles)
            pane.set_class(is_old, "-stale")
            if why_empty or pane.empty_text in (_NO_RESULT, _NO_BTF):
                pane.empty_text = why_empty
                pane.refresh()
        self._pane("detail").set_class(is_stale, "-stale")

    # -- selection --------------------------------------------------------------------------------

    def on_relo_selected(self, message: ReloSelected) -> None:
        if self.session.select(message.relo, message.target):
            self._show_selection(origin=message.pane)

    def _show_selection(self, *, origin: object = None, keeping: Collection[str] = ()) -> None:
        """Show the selection in every pane; the cursors of the pane it came from and of those in *keeping*
        stay where they are."""
        session = self.session
        selection = session.selection
        relo = selection.relo if selection else None
        self.structs_pane.set_target(selection.target if selection else 0)
        alike = self.relos_alike(relo)
        for name in ("source", "structs", self._third, "relocations", "offsets"):
            self._pane(name).show_alike(alike)
        for name in ("source", "structs", self._third, "relocations"):
            pane = self.rows_pane(name)
            if pane is origin or name in keeping:
                pane.show_relo(relo)
            else:
                pane.show_selection(relo)
        if self.offsets_pane is origin:
            self.offsets_pane.show_relo(relo)
        else:
            self.offsets_pane.show_selection(
                relo, selection.target if selection else 0, keeps_cursor="offsets" in keeping
            )
        context = selection_text(session)
        for name in self.panes:
            self._pane(name).set_context(context)
        self._show_detail()
        self._show_disasm()

    def _show_detail(self) -> None:
        pane, session = self.rows_pane("detail"), self.session
        pane.set_title(*detail_titles(session))
        if not pane.display:
            return
        if session.good is None or session.selection is None:
            pane.set_rows(())
            return
        from btfview.views.detail import detail_rows

        pane.set_rows(detail_rows(session.good, session.selection.relo, session.selection.target))
        pane.place_cursor(0)

    def _show_disasm(self, *, is_new: bool = False) -> None:
        """Bring the disassembly, if it is on show, up to date with the result and the chosen target."""
        good, selection = self.session.good, self.session.selection
        if self._third != DISASM or good is None:
            return
        target = (selection.target if selection else 0) if good.targets else None
        if is_new or not self._has_disassembled(good, target):
            self._disassembled = (good, target)
            self._is_disassembled = False
            self._disassemble(good, target, self.session.object_changes)

    def _has_disassembled(self, analysis: Analysis, target: int | None) -> bool:
        """Tell whether that is what the disassembly shows, or is about to."""
        shown = self._disassembled
        return shown is not None and shown[0] is analysis and shown[1] == target

    @property
    def is_disassembled(self) -> bool:
        return self._is_disassembled

    @work(thread=True, exclusive=True, group="disassemble")
    def _disassemble(self, analysis: Analysis, target: int | None, changes: ObjectChanges | None) -> None:
        from btfview.analysis.disassembly import disassemble
        from btfview.views.disasm import disasm_rows

        try:
            rows = disasm_rows(analysis, disassemble(analysis, target), target, changes)
        except Exception as error:  # of btfview's own: the screen stays up and says so
            rows = (Row((Segment(error_text(error), "error"),)),)
        if not get_current_worker().is_cancelled:
            self.post_message(self.Disassembled(analysis, target, rows))

    def on_workbench_disassembled(self, message: Disassembled) -> None:
        if not self._has_disassembled(message.analysis, message.target):
            return
        self._is_disassembled = True
        pane = self.rows_pane(DISASM)
        is_kept = pane.set_rows(message.rows)
        target = message.target
        pane.set_note("" if target is None else f"on {message.analysis.targets[target].name}")
        if self.session.selection is not None and not is_kept:
            pane.show_selection(self.session.selection.relo)
        self.jumps.disassembled()

    # -- actions ----------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._arrange()
        self._show_header()

    def pane_appeared(self, name: str) -> None:
        if name == "detail":
            self._show_detail()
        else:
            self._show_selection()

    def action_toggle_detail(self) -> None:
        """Show or hide the detail; while nothing is open, open the demo."""
        if self.session.path is None and self.session.pending is None:
            self._open_demo()
            return
        self._is_detail_wanted = not self._is_detail_wanted
        if not self._is_detail_wanted and self.focused is self._pane("detail"):
            self._activate(self._active)
        self._arrange()
        if self._is_detail_wanted and not self._pane("detail").display:
            self.notify(f"The terminal has too few lines for it ({self.size.height}).", title="Detail")

    def _open_demo(self) -> None:
        from btfview.session.demo import demo_path

        path = demo_path()
        if path is None:
            self.notify(
                "This installation has no demo programs; they are in the source repository, folder demo.",
                severity="warning",
            )
        else:
            self.start_work(path)

    def on_row_opened(self, message: RowOpened) -> None:
        if message.key.startswith(OPEN_KEY):
            self.start_work(message.key.removeprefix(OPEN_KEY))

    def action_step(self, delta: int) -> None:
        if self.session.step(delta):
            self._show_selection()

    def action_copy(self) -> None:
        pane = self.pane_in_use
        text = pane.copy_text(pane.cursor) if pane.line_count else ""
        self._copy(text)

    def action_copy_command(self) -> None:
        from btfview.session.command_line import explain_command

        session = self.session
        good, selection = session.good, session.selection
        if good is None or selection is None:
            self.notify("No record is selected.", title="Copy")
            return
        target = good.targets[selection.target] if good.targets else None
        options = good.compilation.options if good.compilation else session.options
        self._copy(explain_command(good.path, selection.relo, target, options))

    def _copy(self, text: str) -> None:
        """Put *text* into the clipboard by OSC 52, which goes through ssh and which some terminals refuse."""
        if not text.strip():
            self.notify("There is nothing to copy on this line.", title="Copy")
            return
        self.app.copy_to_clipboard(text)
        self.notify(text.strip(), title="Copied")

    def action_export(self) -> None:
        from btfview.tui.screens.export import ExportScreen

        if self.session.good is None:
            self.notify("There is no result to export.", title="Export")
            return
        self.app.push_screen(ExportScreen(self.session.good, is_stale=self.session.stale_since is not None))

    def action_recompile(self) -> None:
        if self.session.path is None and self.session.pending is None:
            self.notify("Nothing is open: press o.")
        else:
            self.start_work(is_forced=True)

    def action_toggle_watch(self) -> None:
        self.session.set_watching(not self.session.is_watching)
        self._show_header()

    def action_open(self) -> None:
        from btfview.tui.screens.open_file import OpenScreen

        def opened(path: str | None) -> None:
            if path is not None:
                self.start_work(path)

        self.app.push_screen(OpenScreen(self.session.path, self.given_paths), opened)

    def action_pick_targets(self) -> None:
        from btfview.tui.screens.pick_targets import TargetsScreen

        def picked(targets: tuple[Target | str, ...] | None) -> None:
            if targets is None:
                return
            if self.session.path is None and self.session.pending is None:
                self.session.want_targets(targets)
                self.notify("They are used when a file is opened: press o.", title="Targets")
            else:
                self.start_work(targets=targets)

        self.app.push_screen(TargetsScreen(self.session.targets, self.session.broken_targets), picked)

    def action_help(self) -> None:
        from btfview.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())

    def action_edit(self) -> None:
        from .editor import edit_file

        latest, path = self.session.latest, self.session.path
        if path is None:
            self.notify("Nothing is open: press o.")
            return
        if self.editing is not None:
            self.notify("The file is being edited here: escape leaves the editor first.", title="Edit")
            return
        if latest is not None and latest.origin == "object":
            self.notify(
                f"{path} is a compiled object; edit the source it is built from. It is read again when it "
                "changes.",
                title="Edit",
            )
            return
        if edit_file(self.app, path, self.source_pane.cursor_number):
            self.start_work()
