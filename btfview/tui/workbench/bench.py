"""What a controller may ask of the workbench, so that none has to know the screen or another controller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.geometry import Size
    from textual.notifications import SeverityLevel
    from textual.screen import Screen
    from textual.widget import Widget

    from btfview.session.state import Session
    from btfview.session.writes import Writes
    from btfview.targets.target import Target
    from btfview.tui.panes.intrinsics import IntrinsicsPane
    from btfview.tui.panes.offsets import OffsetsPane
    from btfview.tui.panes.relocations import RelocationsPane
    from btfview.tui.panes.rows import RowsPane
    from btfview.tui.panes.source import SourcePane
    from btfview.tui.panes.structs import StructsPane
    from btfview.tui.widgets.line_list import LineList

T = TypeVar("T")


class Bench(Protocol):
    """The workbench, as its controllers see it."""

    session: Session
    writes: Writes

    # -- panes ------------------------------------------------------------------------------------

    @property
    def size(self) -> Size: ...
    @property
    def source_pane(self) -> SourcePane: ...
    @property
    def structs_pane(self) -> StructsPane: ...
    @property
    def intrinsics_pane(self) -> IntrinsicsPane: ...
    @property
    def relocations_pane(self) -> RelocationsPane: ...
    @property
    def offsets_pane(self) -> OffsetsPane: ...
    def pane(self, name: str) -> LineList:
        """Return the pane with the widget id *name*."""

    def rows_pane(self, name: str) -> RowsPane: ...
    @property
    def panes(self) -> tuple[str, ...]:
        """The names of the panes of the number keys, as they are now."""

    @property
    def pane_name(self) -> str:
        """The pane in use, as :meth:`show_pane` takes it."""

    @property
    def pane_in_use(self) -> LineList:
        """The pane with the focus, else the one that had it last."""

    def show_pane(self, name: str) -> None:
        """Bring pane *name* on show, in its place, and give it the focus."""

    def bring_up(self, name: str) -> None:
        """Show pane *name* where it stands behind others."""

    def fit_panes(self) -> None:
        """Give the panes the room that what they hold now asks for."""

    def toggle_disasm(self) -> None:
        """Put the disassembly in the place of the intrinsics, or take it away again."""

    async def replace_source(self, editor: Widget, hints: tuple[tuple[str, str, str], ...]) -> None:
        """Put *editor* in the place of the source pane, with the focus, and its keys into the footer."""

    def restore_source(self) -> None:
        """Put the source pane back in its place."""

    # -- what is shown ----------------------------------------------------------------------------

    def show_header(self) -> None: ...
    def mark_kernel(self, target: int | None) -> None:
        """Mark the kernel that the panes show in the header's strip."""

    def show_titles(self) -> None:
        """Put the titles of the panes, which depend on the result, into their frames."""

    def show_selection(self) -> None:
        """Show the session's selection in all panes."""

    def show_disasm(self, *, is_new: bool = False) -> None:
        """Bring the disassembly, if it is on show, up to date; *is_new* makes it anew in any case."""

    def loaders_told(self) -> None:
        """What all loaders make of the selected kernel is known now."""

    def select_relo(self, relo: int, target: int | None = None) -> None:
        """Select a record, and a target if given, as if the user had gone there."""

    # -- the user ---------------------------------------------------------------------------------

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
    ) -> None: ...
    def key_of(self, action: str) -> str:
        """Return the key that now does an action of :data:`btfview.keymap.table.KEYS`, as people write it."""

    def open_dialogue(self, dialogue: Screen[T], then: Callable[[T | None], object] | None = None) -> None:
        """Put *dialogue* over the workbench; *then* gets what it was left with, None without an answer."""

    def open_type(self, type_id: int = 0, path: str = "", target: int | None = None) -> None:
        """Open the type browser; see :meth:`.writing.Writing.open_type`."""

    # -- work -------------------------------------------------------------------------------------

    @property
    def is_editing(self) -> bool:
        """Whether the source is being edited in place."""

    @property
    def is_text_newer(self) -> bool:
        """Whether what is being edited is newer than the newest result."""

    def offer_copy(self, then: Callable[[], object]) -> bool:
        """See :meth:`.files.Files.offer_copy`."""

    def start_work(
        self,
        path: str | None = None,
        *,
        targets: Iterable[Target | str] | None = None,
        is_forced: bool = False,
        text: str | None = None,
    ) -> None:
        """Bring the screen up to date; see :meth:`.work.Work.start`."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> object:
        """Call *callback* in *delay* seconds."""

    def call_later(self, callback: Callable[..., object], *args: object) -> bool:
        """Call *callback* in the thread that draws; any thread may ask."""

    def in_background(
        self, group: str, make: Callable[[Callable[[], bool]], T], then: Callable[[T], object]
    ) -> None:
        """Call *make* in a thread, and *then* with what it returned in the one that draws.

        Whatever runs in *group* is cancelled: its *then* is not called any more, and the function that its
        *make* was given says so. *make* touches no widget and raises nothing.
        """
