"""A screen of panes: how they stand, which is on show and has the focus; what they show is not its matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container
from textual.screen import Screen

from btfview.tui.drawing import visible
from btfview.tui.keys import DISASM, PANES
from btfview.tui.panes.disasm import DisasmPane
from btfview.tui.panes.intrinsics import IntrinsicsPane
from btfview.tui.panes.offsets import OffsetsPane
from btfview.tui.panes.relocations import RelocationsPane
from btfview.tui.panes.rows import RowsPane
from btfview.tui.panes.source import SourcePane
from btfview.tui.panes.structs import StructsPane
from btfview.tui.widgets.bars import Bar, KeyBar, TabBar
from btfview.tui.widgets.line_list import LineList
from btfview.tui.widgets.search_bar import SearchBar

from .layout import LAYOUTS, TABS, WIDE, choose_layout, has_room_for_detail

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import DescendantFocus
    from textual.widget import Widget

TITLES = {
    "source": ("1 Source",),
    "structs": ("2 Structs",),
    "intrinsics": ("3 IR intrinsics", "3 IR"),
    "disasm": ("3 Disassembly", "3 Asm"),
    "relocations": ("4 .BTF.ext relocations", "4 Relocations"),
    "offsets": ("5 Target offsets", "5 Offsets"),
}
"""By pane: a long and a short title."""


class PaneScreen(Screen[None]):
    """The panes of the workbench, side by side or one at a time."""

    AUTO_FOCUS = "#source"

    def __init__(self) -> None:
        super().__init__()
        self._mode = WIDE
        self._active = "source"
        self._third = "intrinsics"
        """Or the disassembly, which stands in the same place."""
        self._is_zoomed = False
        self._is_detail_wanted = True
        self.editor: Widget | None = None
        """What stands in the place of the source pane while a file is edited."""
        self._search_pane: LineList | None = None
        """Where the query is lit."""
        self._search_start = 0
        """Line of the cursor when the search began."""

    def pane_appeared(self, name: str) -> None:
        """Pane *name* has come on show, and may have to be filled."""

    def compose(self) -> ComposeResult:
        yield Bar(id="header")
        yield TabBar()
        with Container(id="panes"):
            yield SourcePane()
            with Container(id="lower"):
                yield StructsPane()
                yield IntrinsicsPane()
                yield DisasmPane()
                yield RelocationsPane()
                yield OffsetsPane()
            yield RowsPane(id="detail", title="Detail")
        yield KeyBar()
        yield SearchBar()

    # -- the panes by name ------------------------------------------------------------------------

    @property
    def source_pane(self) -> SourcePane:
        return self.query_one("#source", SourcePane)

    @property
    def relocations_pane(self) -> RelocationsPane:
        return self.query_one("#relocations", RelocationsPane)

    @property
    def structs_pane(self) -> StructsPane:
        return self.query_one("#structs", StructsPane)

    def rows_pane(self, name: str) -> RowsPane:
        return self.query_one(f"#{name}", RowsPane)

    @property
    def offsets_pane(self) -> OffsetsPane:
        return self.query_one("#offsets", OffsetsPane)

    def _pane(self, name: str) -> LineList:
        return self.query_one(f"#{name}", LineList)

    @property
    def panes(self) -> tuple[str, ...]:
        """The panes of the number keys, as they are now."""
        return tuple(self._third if name == "intrinsics" else name for name in PANES)

    @property
    def pane_in_use(self) -> LineList:
        """The pane with the focus, else the one that had it last."""
        return self.focused if isinstance(self.focused, LineList) else self._pane(self._active)

    # -- arrangement ------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Choose which panes stand where, from the size, the zoom and the pane in use."""
        columns, rows = self.size
        self._mode = choose_layout(columns, rows)
        is_single = self._mode == TABS or self._is_zoomed
        for layout in LAYOUTS:
            self.set_class(layout == self._mode, f"-{layout}")
        self.set_class(is_single, "-single")
        for name in (*PANES, DISASM):
            pane = self._pane(name)
            _set_display(pane, name in self.panes and (not is_single or name == self._active))
            pane.set_flat(self._mode == TABS)
        if self.editor is not None:
            source = self._pane("source")
            _set_display(self.editor, source.display)
            self.editor.set_class(self._mode == TABS, "-flat")
            _set_display(source, False)
        _set_display(self.query_one("#lower"), not is_single or self._active != "source")
        _set_display(self.query_one(TabBar), self._mode == TABS and rows > 3)
        _set_display(self.query_one("#footer"), rows > 4 and not self.query_one(SearchBar).display)
        detail = self._pane("detail")
        was_shown = detail.display
        _set_display(detail, self._is_detail_wanted and has_room_for_detail(rows))
        detail.set_flat(self._mode == TABS)
        if detail.display and not was_shown:
            self.pane_appeared("detail")
        self.query_one(TabBar).activate(self._active, self.panes)

    def _activate(self, name: str) -> None:
        self._active = name
        self._arrange()
        # At once, not by Widget.focus(): a key typed right after must go to this pane.
        pane = self.editor if name == "source" and self.editor is not None else self._pane(name)
        self.set_focus(pane, scroll_visible=False)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        name = "source" if event.widget is self.editor else event.widget.id
        if name in self.panes and name != self._active:
            self._active = name
            self._arrange()

    def on_tab_bar_picked(self, message: TabBar.Picked) -> None:
        self._activate(message.pane)

    def action_show_pane(self, name: str) -> None:
        self._activate(self._third if name == "intrinsics" else name)

    @property
    def pane_name(self) -> str:
        """The pane in use, as :meth:`show_pane` takes it."""
        return self._active

    def show_pane(self, name: str) -> None:
        """Bring pane *name* on show, in its place, and give it the focus."""
        if name in (DISASM, "intrinsics") and name != self._third:
            self._third = name
            self._activate(name)
            self.pane_appeared(name)
        else:
            self._activate(name)

    def action_toggle_disasm(self) -> None:
        """Put the disassembly in the place of the intrinsics, or take it away again."""
        before = self._third
        self._third = DISASM if before == "intrinsics" else "intrinsics"
        if self._active == before or self._mode == TABS or self._is_zoomed:
            self._activate(self._third)
        else:
            self._arrange()
        self.pane_appeared(self._third)

    def action_next_pane(self, direction: int) -> None:
        names = [*self.panes, "detail"] if self._pane("detail").display else list(self.panes)
        focused = self.focused.id if self.focused is not None and self.focused.id in names else self._active
        name = names[(names.index(focused or names[0]) + direction) % len(names)]
        if name == "detail":
            self.set_focus(self._pane("detail"), scroll_visible=False)
        else:
            self._activate(name)

    def action_zoom(self) -> None:
        self._is_zoomed = not self._is_zoomed
        self._arrange()

    # -- search -----------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Search in the pane in use, as the query is typed."""
        self.end_search()
        self._search_pane = pane = self.pane_in_use
        self._search_start = pane.cursor
        bar = self.query_one(SearchBar)
        bar.begin()
        self.set_focus(bar, scroll_visible=False)
        self._arrange()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave to the search line and to the editor the keys that are bound before the focus is asked."""
        if action in ("search", "show_pane", "next_pane") and self.query(SearchBar):
            is_editing = self.editor is not None and self.editor.has_focus
            return not is_editing and not self.query_one(SearchBar).has_focus
        return super().check_action(action, parameters)

    def on_search_bar_typed(self, message: SearchBar.Typed) -> None:
        pane, bar = self._search_pane, self.query_one(SearchBar)
        if pane is None:
            return
        pane.set_query(message.query)
        start = min(self._search_start, max(0, pane.line_count - 1))
        hit = pane.next_hit(pane.place_of(start), 1, is_inclusive=True) if pane.line_count else None
        if hit is not None:
            pane.show_hit(hit)
        else:
            pane.place_cursor(start)
        role = "dim" if hit is not None or not message.query else "error"
        bar.tell(pane.found_text.removeprefix(f"/{visible(message.query)} ") if message.query else "", role)

    def on_search_bar_ended(self, message: SearchBar.Ended) -> None:
        pane = self._search_pane
        self._close_search_bar()
        if pane is None:
            return
        if not message.is_kept:
            self.end_search()
            pane.place_cursor(self._search_start)
        elif pane.hit_count:
            pane.choose_hit(pane.place_of(pane.cursor))

    def _close_search_bar(self) -> None:
        bar = self.query_one(SearchBar)
        if bar.display:
            bar.display = False
            if self.focused is bar or self.focused is None:
                self.set_focus(self._search_pane, scroll_visible=False)
            self._arrange()

    def end_search(self) -> None:
        """Light nothing any more."""
        self._close_search_bar()
        if self._search_pane is not None:
            self._search_pane.set_query("")
            self._search_pane = None

    def action_end_search(self) -> None:
        self.end_search()

    def action_next_hit(self, direction: int) -> None:
        """Go to the next or previous hit; in another pane, search there for the same."""
        query = self.query_one(SearchBar).text
        if not query:
            self.notify("Nothing was searched for: press /.", title="Search")
            return
        pane = self.pane_in_use
        if self._search_pane is not pane:
            self.end_search()
            self._search_pane = pane
            pane.set_query(query)
        if not pane.go_to_hit(direction):
            self.notify(f"{query}: not found in this pane", title="Search", severity="warning")


def _set_display(widget: Widget, is_shown: bool) -> None:
    """Show or hide *widget*; without a change, nothing is laid out again."""
    if widget.display != is_shown:
        widget.display = is_shown
