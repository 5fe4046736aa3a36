"""The screen: it owns the controllers, which do the work, and hands them what the user and the panes say."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.screen import Screen
from textual.worker import get_current_worker

from btfview.analysis.kernels.target_choice import EVERY, TargetChoice
from btfview.configuration.screen import DEFAULTS
from btfview.session.state import Session
from btfview.session.writes import Writes
from btfview.tui.garbage import settle_result
from btfview.tui.keys.bindings import keymap_of, workbench_bindings
from btfview.tui.pane_search import Search
from btfview.tui.panes.detail import DetailPane
from btfview.tui.panes.disasm import DisasmPane
from btfview.tui.panes.intrinsics import IntrinsicsPane
from btfview.tui.panes.offsets import OffsetsPane
from btfview.tui.panes.record_rows import RecordRows
from btfview.tui.panes.relocations import RelocationsPane
from btfview.tui.panes.rows import RowsPane
from btfview.tui.panes.source import SourcePane
from btfview.tui.panes.structs import StructsPane
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.status import fate_words, header_pieces, selection_text
from btfview.tui.widgets.bars import KeyBar, TabBar
from btfview.tui.widgets.board import Board
from btfview.tui.widgets.header import HeaderBar
from btfview.tui.widgets.search_bar import SearchBar

from .comparison import Comparison
from .disassembly import Disassembly
from .edit.editing import Editing
from .files import Files
from .jumps import Jumps
from .kernels import Kernels
from .layout.arrangement import Arrangement
from .layout.orders import Orders
from .loaders import Loaders
from .options import Options
from .problems import Problems
from .showing import Showing
from .stages import Stages
from .verdicts import Verdicts
from .work import Before, Work
from .writing import Writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import DescendantFocus
    from textual.widget import Widget

    from btfview.compiler.options import CompileOptions
    from btfview.configuration.screen import ScreenSettings
    from btfview.session.answer import Answer
    from btfview.session.screen_state import ScreenState
    from btfview.targets.target import Target
    from btfview.tui.messages import (
        CellOpened,
        KernelPicked,
        KernelStepped,
        ReloSelected,
        RowOpened,
        TypeWanted,
    )
    from btfview.tui.widgets.line_list import LineList
    from btfview.tui.widgets.source_editor import SourceEditor

    from .bench import Bench

T = TypeVar("T")
_POLL_SECONDS = 0.1
_MOVING_FOCUS = ("search", "show_pane", "next_pane")
"""Actions whose keys are bound before the focus is asked."""


class WorkbenchScreen(Screen[None]):
    """Source, structs, intrinsics, records and offsets of one file, joined by one selection."""

    AUTO_FOCUS = "#source"
    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = workbench_bindings()

    def __init__(
        self,
        paths: list[str],
        target_specs: list[str],
        options: CompileOptions,
        state: ScreenState,
        loader: str | None = None,
        settings: ScreenSettings = DEFAULTS,
        choice: TargetChoice = EVERY,
    ) -> None:
        super().__init__()
        bench: Bench = self
        self.session = Session(None, target_specs, options, loader or state.loader, choice)
        self.writes = Writes()
        self.arrangement = Arrangement(self, self._pane_appeared, state, settings)
        self.search = Search(self, self.arrangement)
        self.work = Work(bench, self._show_answer)
        self.files = Files(bench, tuple(paths))
        self.options = Options(bench)
        self.problems = Problems(bench)
        self.stages = Stages(bench, self.work)
        self.comparison = Comparison(bench)
        self.kernels = Kernels(bench)
        self.loaders = Loaders(bench, state, self._show_loader)
        self.orders = Orders(bench, state, settings)
        self.disassembly = Disassembly(bench, self._disassembled, lambda: self.kernels.before)
        self.jumps = Jumps(bench, lambda: self.disassembly.is_made)
        self.editing = Editing(bench)
        self.writing = Writing(bench)
        self.verdicts = Verdicts(bench)
        self.showing = Showing(bench, self.stages, self.disassembly, self.kernels, self.loaders)

    def compose(self) -> ComposeResult:
        rows = RecordRows()
        yield HeaderBar()
        yield TabBar()
        with Board(id="panes", plan=self.arrangement.plan, dragged=self.arrangement.drag):
            yield SourcePane()
            yield StructsPane()
            yield IntrinsicsPane()
            yield DisasmPane()
            yield RelocationsPane(rows)
            yield OffsetsPane(rows)
            yield DetailPane(id="detail", title="Detail")
        yield KeyBar()
        yield SearchBar()

    def on_mount(self) -> None:
        if self.files.given:
            self.session.request(self.files.given[0])  # so that the first frame names it
        else:
            self.files.welcome()
        self.arrangement.arrange()
        self.show_titles()
        self.show_header()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Do what must not delay the first frame."""
        self.work.begin()
        self.set_interval(_POLL_SECONDS, self.work.poll_file)
        if self.files.given:
            self.start_work(self.files.given[0])

    def on_unmount(self) -> None:
        self.work.end()
        self.verdicts.end()

    # -- what the controllers may ask (see Bench) -------------------------------------------------

    @property
    def source_pane(self) -> SourcePane:
        return self.query_one("#source", SourcePane)

    @property
    def structs_pane(self) -> StructsPane:
        return self.query_one("#structs", StructsPane)

    @property
    def intrinsics_pane(self) -> IntrinsicsPane:
        return self.query_one("#intrinsics", IntrinsicsPane)

    @property
    def relocations_pane(self) -> RelocationsPane:
        return self.query_one("#relocations", RelocationsPane)

    @property
    def offsets_pane(self) -> OffsetsPane:
        return self.query_one("#offsets", OffsetsPane)

    def pane(self, name: str) -> LineList:
        return self.arrangement.pane(name)

    def rows_pane(self, name: str) -> RowsPane:
        return self.query_one(f"#{name}", RowsPane)

    @property
    def panes(self) -> tuple[str, ...]:
        return self.arrangement.panes

    @property
    def pane_name(self) -> str:
        return self.arrangement.active

    @property
    def pane_in_use(self) -> LineList:
        return self.arrangement.pane_in_use

    def show_pane(self, name: str) -> None:
        self.arrangement.show_pane(name)

    def bring_up(self, name: str) -> None:
        self.arrangement.bring_up(name)

    def fit_panes(self) -> None:
        self.arrangement.fit()

    def toggle_disasm(self) -> None:
        self.arrangement.toggle_disasm()

    async def replace_source(self, editor: Widget, hints: tuple[tuple[str, str, str], ...]) -> None:
        self.search.end()
        await self.arrangement.replace_source(editor, hints)

    def restore_source(self) -> None:
        self.arrangement.restore_source()

    def show_header(self) -> None:
        left, right = header_pieces(
            self.session,
            self.size.width,
            is_slow=self.work.is_slow,
            verdict=self.verdicts.piece(),
            which=self.files.which,
        )
        header = self.query_one(HeaderBar)
        header.show(left, right)
        header.show_fates(*fate_words(self.session))
        latest = self.session.latest
        self.arrangement.show_keys(
            has_problems=self.problems.are_there,
            is_open=self.files.is_any_open,
            has_text=latest is None or latest.source is not None,
        )

    def mark_kernel(self, target: int | None) -> None:
        self.query_one(HeaderBar).choose(target)

    def show_titles(self) -> None:
        self.showing.titles()

    def show_selection(self) -> None:
        self.showing.selection()

    def show_disasm(self, *, is_new: bool = False) -> None:
        self.disassembly.show(is_new=is_new)

    def loaders_told(self) -> None:
        self.loaders.look()
        self.showing.detail()

    def select_relo(self, relo: int, target: int | None = None) -> None:
        self.session.select(relo, target)
        self.show_selection()

    def key_of(self, action: str) -> str:
        return keymap_of(self).shown(action)

    def open_dialogue(self, dialogue: Screen[T], then: Callable[[T | None], object] | None = None) -> None:
        self.app.push_screen(dialogue, then)  # type: ignore[arg-type]  # it may return anything

    def open_type(self, type_id: int = 0, path: str = "", target: int | None = None) -> None:
        self.writing.open_type(type_id, path, target)

    @property
    def is_editing(self) -> bool:
        return self.editing.is_on

    @property
    def is_text_newer(self) -> bool:
        return self.editing.is_text_newer

    def offer_copy(self, then: Callable[[], object]) -> bool:
        return self.files.offer_copy(then)

    def start_work(
        self,
        path: str | None = None,
        *,
        targets: Iterable[Target | str] | None = None,
        is_forced: bool = False,
        text: str | None = None,
    ) -> None:
        """Bring the screen up to date; another file only once the one in the editor was left."""
        if path is not None and path != self.session.path:
            self.editing.leave(lambda: self.work.start(path, targets, is_forced=is_forced))
        else:
            self.work.start(path, targets, is_forced=is_forced, text=text)

    def in_background(
        self, group: str, make: Callable[[Callable[[], bool]], T], then: Callable[[T], object]
    ) -> None:
        def run() -> None:
            thread = get_current_worker()
            made = make(lambda: thread.is_cancelled)
            if not thread.is_cancelled:
                self.call_later(then, made)

        self.run_worker(run, thread=True, exclusive=True, group=group)

    # -- what the controllers tell ----------------------------------------------------------------

    def _pane_appeared(self, name: str) -> None:
        if name == "detail":
            self.showing.detail()
        else:
            self.show_selection()

    def _disassembled(self) -> None:
        self.jumps.disassembled()

    def _show_answer(self, answer: Answer, before: Before) -> None:
        """Show what an answer has changed in the session."""
        session = self.session
        is_new = session.path != before.path
        if answer.analysis is not None:
            if is_new:
                self.orders.opened()
            was_good = before.latest is None or before.latest.object is not None
            self.showing.source(go_to_problem=is_new or was_good)
            self.editing.show_result(answer.analysis)
        if session.views is not before.views:
            has_same = bool(before.selected) and before.selected == session.selected_key
            self.showing.views(is_same=has_same and session.path == before.path)
            self.comparison.begin()
            self.verdicts.begin()
            self.loaders.begin()
        elif self.stages.is_outdated:
            self.stages.show()
        if session.progress is None:
            is_other = session.views is not before.views
            self.call_after_refresh(
                settle_result, session.good.cell_count if session.good and is_other else 0
            )
            if is_other:
                self.call_after_refresh(self.showing.warm_hints)
        self.arrangement.content_changed()
        if is_new:
            self.arrangement.leave_empty_source()
        self.writing.go_to_awaited_line()
        self.writing.targets_changed()
        self.files.opened()
        self.show_titles()
        self.show_header()

    def _show_loader(self) -> None:
        """Show the same result with the answers of another loader."""
        self.showing.source(go_to_problem=False)
        self.showing.views(is_same=True)
        self.arrangement.content_changed()
        self.show_titles()
        self.show_header()

    # -- what panes and bars tell -----------------------------------------------------------------

    def on_resize(self) -> None:
        self.arrangement.arrange()
        self.show_header()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.arrangement.focus_moved(event.widget)

    def on_click(self) -> None:
        self.arrangement.settle()

    def on_tab_bar_picked(self, message: TabBar.Picked) -> None:
        self.arrangement.activate(message.pane)

    def on_relo_selected(self, message: ReloSelected) -> None:
        if self.session.select(message.relo, message.target):
            self.showing.selection(origin=message.pane)

    def on_row_opened(self, message: RowOpened) -> None:
        self.files.open_row(message.key)

    def on_cell_opened(self, _message: CellOpened) -> None:
        self.jumps.open_cell()

    def on_kernel_picked(self, message: KernelPicked) -> None:
        selection = self.session.selection
        if selection is not None and self.session.select(selection.relo, message.target):
            self.show_selection()

    def on_kernel_stepped(self, message: KernelStepped) -> None:
        pane = self.offsets_pane
        if message.position is not None:
            pane.action_to_kernel(message.position)
        elif message.direction:
            pane.action_sideways(message.direction)
        else:
            pane.toggle_members()

    def on_type_wanted(self, _message: TypeWanted) -> None:
        self.writing.browse_types()

    def on_search_bar_typed(self, message: SearchBar.Typed) -> None:
        self.search.typed(message.query)

    def on_search_bar_ended(self, message: SearchBar.Ended) -> None:
        self.search.ended(is_kept=message.is_kept)

    def on_source_editor_command(self, message: SourceEditor.Command) -> None:
        self.editing.command(message.name)

    def on_text_area_changed(self) -> None:
        self.editing.text_changed()

    # -- actions ----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave to the search line and to the editor the keys that are bound before the focus is asked."""
        if action in _MOVING_FOCUS and self.query(SearchBar):
            return not self.arrangement.is_editor_in_use and not self.search.is_typing
        return super().check_action(action, parameters)

    def action_recompile(self) -> None:
        self.files.recompile()

    def action_toggle_watch(self) -> None:
        self.files.toggle_watch()

    def action_open(self) -> None:
        self.files.choose()

    def action_step_file(self, direction: int) -> None:
        self.files.step(direction)

    def action_pick_targets(self) -> None:
        self.files.choose_targets()

    def action_export(self) -> None:
        self.files.export()

    def action_edit(self) -> None:
        self.editing.begin_outside(self.app, self.app.note_editor)  # type: ignore[attr-defined]  # BtfviewApp

    async def action_edit_in_place(self) -> None:
        await self.editing.begin()

    def action_editor(self, name: str) -> None:
        self.editing.command(name)

    def action_fix(self) -> None:
        self.writing.fix_here()

    def action_generate(self) -> None:
        self.writing.generate_here()

    def action_undo_write(self) -> None:
        self.writing.undo()

    def action_byte_map(self) -> None:
        self.writing.open_map()

    def action_browse_types(self) -> None:
        self.writing.browse_types()

    def action_options(self) -> None:
        self.options.open()

    def action_set_option(self, name: str, choice: str) -> None:
        self.options.switch(name, choice)

    def action_changes(self) -> None:
        self.comparison.open()

    def action_problems(self) -> None:
        self.problems.open()

    def action_step_problem(self, direction: int) -> None:
        self.problems.step(direction)

    def action_cycle_stage(self) -> None:
        self.stages.cycle()

    def action_passes(self) -> None:
        self.stages.open_passes()

    def action_verify(self) -> None:
        self.verdicts.toggle()

    def action_step(self, delta: int) -> None:
        if self.session.step(delta):
            self.show_selection()

    def action_step_kernel(self, direction: int) -> None:
        self.kernels.step(direction)

    def action_step_failing(self) -> None:
        self.kernels.step_failing()

    def action_next_loader(self) -> None:
        self.loaders.cycle()

    def action_set_loader(self, loader: str) -> None:
        self.loaders.choose(loader)

    def action_step_differing(self) -> None:
        self.loaders.step()

    def action_open_cell(self, start: str = "") -> None:
        self.jumps.open_cell(start)

    def action_follow(self) -> None:
        self.jumps.to_selected_insn()

    def action_go_back(self) -> None:
        self.jumps.back()

    def action_search(self) -> None:
        self.search.begin()

    def action_end_search(self) -> None:
        self.search.end()

    def action_next_hit(self, direction: int) -> None:
        self.search.next_hit(direction)

    def action_palette(self, query: str = "") -> None:
        self.app.open_palette(query)  # type: ignore[attr-defined]  # of BtfviewApp

    def action_help(self) -> None:
        from btfview.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.pane_in_use.id or ""))

    def action_words(self) -> None:
        """Explain the words of the line under the cursor, then those of the selected record."""
        from btfview.tui.screens.help import HelpScreen

        pane = self.pane_in_use
        line = pane.text(pane.here) if pane.here is not None else ""
        detail = self.pane("detail")
        rest = [selection_text(self.session), *(detail.text(index) for index in range(detail.line_count))]
        self.app.push_screen(HelpScreen(pane.id or "", line, "\n".join(rest)))

    def action_show_pane(self, name: str) -> None:
        self.arrangement.show_place(name)

    def action_next_pane(self, direction: int) -> None:
        self.arrangement.next_pane(direction)

    def action_toggle_disasm(self) -> None:
        self.arrangement.toggle_disasm()

    def action_zoom(self) -> None:
        self.arrangement.zoom()

    def action_resize(self, columns: int, lines: int) -> None:
        if not self.arrangement.resize(columns, lines):
            self.notify("The pane has no neighbour to take room from or to give it to.", title="Panes")

    def action_forget_borders(self) -> None:
        self.arrangement.forget_borders()

    def action_toggle_detail(self) -> None:
        """Show or hide the detail; while nothing is open, open the demo."""
        if not self.files.is_any_open:
            self.files.open_demo()
        elif not self.arrangement.toggle_detail():
            self.notify(f"The terminal has too few lines for it ({self.size.height}).", title="Detail")

    def action_cycle_structs(self) -> None:
        """Show the program's types, the target's beside them, or the target's whole type."""
        if self.structs_pane.beside is None:
            key = self.key_of("targets")
            self.notify(f"There is no target to compare with: {key} chooses some.", title="Structs")
            return
        self.structs_pane.cycle_mode()
        self.fit_panes()
        self.bring_up("structs")

    def action_toggle_cachelines(self) -> None:
        self.structs_pane.toggle_cachelines()
        self.fit_panes()
        self.bring_up("structs")

    def action_filter_offsets(self) -> None:
        self.offsets_pane.cycle_filter()
        self._bring_up_rows()

    def action_sort_offsets(self) -> None:
        self.offsets_pane.cycle_order()
        self.orders.changed()
        self._bring_up_rows()

    def _bring_up_rows(self) -> None:
        """Show what was filtered or sorted: the records or their offsets."""
        self.fit_panes()
        if not self.relocations_pane.display:
            self.bring_up("offsets")

    def action_every_kernel(self) -> None:
        self.offsets_pane.toggle_every_kernel()
        self.orders.changed()
        self.fit_panes()
        self.bring_up("offsets")

    def action_arrange_targets(self) -> None:
        self.offsets_pane.cycle_arrangement()
        self.orders.changed()
        self.bring_up("offsets")

    def action_copy(self) -> None:
        self.pane_in_use.copy_line()

    def action_copy_command(self) -> None:
        command = self.files.command_line()
        if command is None:
            self.notify("No record is selected.", title="Copy")
        else:
            self.pane_in_use.copy(command)
