"""How the panes stand: which is on show, in which place, and has the focus; not what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.tui.keys import DISASM, PANES
from btfview.tui.widgets.bars import KeyBar, TabBar
from btfview.tui.widgets.line_list import LineList
from btfview.tui.widgets.search_bar import SearchBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen
    from textual.widget import Widget

WIDE, MEDIUM, TABS = "wide", "medium", "tabs"
LAYOUTS = (WIDE, MEDIUM, TABS)

_WIDE_COLUMNS, _WIDE_ROWS = 140, 20
_MEDIUM_COLUMNS, _MEDIUM_ROWS = 100, 32
_DETAIL_ROWS = 16
"""With fewer, the detail drawer is left out: it would take the room of what it explains."""


def choose_layout(columns: int, rows: int) -> str:
    """Return ``wide`` (source above, four panes side by side), ``medium`` (those two by two) or ``tabs``."""
    if columns >= _WIDE_COLUMNS and rows >= _WIDE_ROWS:
        return WIDE
    if columns >= _MEDIUM_COLUMNS and rows >= _MEDIUM_ROWS:
        return MEDIUM
    return TABS


def has_room_for_detail(rows: int) -> bool:
    return rows >= _DETAIL_ROWS


class Arrangement:
    """The panes of *screen*, side by side or one at a time.

    *appeared* is told of a pane that has come on show and may have to be filled.
    """

    def __init__(self, screen: Screen[None], appeared: Callable[[str], None]) -> None:
        self._screen = screen
        self._appeared = appeared
        self._mode = WIDE
        self.active = "source"
        """The pane in use."""
        self.third = "intrinsics"
        """Or the disassembly, which stands in the same place."""
        self._is_zoomed = False
        self.is_detail_wanted = True
        self._editor: Widget | None = None
        """What stands in the place of the source pane while a file is edited."""

    def pane(self, name: str) -> LineList:
        return self._screen.query_one(f"#{name}", LineList)

    @property
    def panes(self) -> tuple[str, ...]:
        """The panes of the number keys, as they are now."""
        return tuple(self.third if name == "intrinsics" else name for name in PANES)

    @property
    def pane_in_use(self) -> LineList:
        """The pane with the focus, else the one that had it last."""
        focused = self._screen.focused
        return focused if isinstance(focused, LineList) else self.pane(self.active)

    @property
    def is_editor_in_use(self) -> bool:
        return self._editor is not None and self._editor.has_focus

    # -- places -----------------------------------------------------------------------------------

    def arrange(self) -> None:
        """Choose which panes stand where, from the size, the zoom and the pane in use."""
        screen = self._screen
        columns, rows = screen.size
        self._mode = choose_layout(columns, rows)
        is_single = self._mode == TABS or self._is_zoomed
        for layout in LAYOUTS:
            screen.set_class(layout == self._mode, f"-{layout}")
        screen.set_class(is_single, "-single")
        for name in (*PANES, DISASM):
            pane = self.pane(name)
            _set_display(pane, name in self.panes and (not is_single or name == self.active))
            pane.set_flat(self._mode == TABS)
        if self._editor is not None:
            source = self.pane("source")
            _set_display(self._editor, source.display)
            self._editor.set_class(self._mode == TABS, "-flat")
            _set_display(source, False)
        tabs = screen.query_one(TabBar)
        _set_display(screen.query_one("#lower"), not is_single or self.active != "source")
        _set_display(tabs, self._mode == TABS and rows > 3)
        _set_display(screen.query_one(KeyBar), rows > 4 and not screen.query_one(SearchBar).display)
        detail = self.pane("detail")
        was_shown = detail.display
        _set_display(detail, self.is_detail_wanted and has_room_for_detail(rows))
        detail.set_flat(self._mode == TABS)
        if detail.display and not was_shown:
            self._appeared("detail")
        tabs.activate(self.active, self.panes)

    def activate(self, name: str) -> None:
        """Bring pane *name*, one of :attr:`panes`, on show and give it the focus."""
        self.active = name
        self.arrange()
        # At once, not by Widget.focus(): a key typed right after must go to this pane.
        pane = self._editor if name == "source" and self._editor is not None else self.pane(name)
        self._screen.set_focus(pane, scroll_visible=False)

    def show_pane(self, name: str) -> None:
        """Bring pane *name* on show, in its place, and give it the focus."""
        if name in (DISASM, "intrinsics") and name != self.third:
            self.third = name
            self.activate(name)
            self._appeared(name)
        else:
            self.activate(name)

    def show_place(self, name: str) -> None:
        """Show the pane of a number key; that of the intrinsics may hold the disassembly."""
        self.activate(self.third if name == "intrinsics" else name)

    def bring_up(self, name: str) -> None:
        """Show pane *name* where it stands behind others."""
        if not self.pane(name).display:
            self.activate(name)

    def focus_moved(self, widget: Widget) -> None:
        """*widget* has got the focus, by a click perhaps: its pane is the one in use."""
        name = "source" if widget is self._editor else widget.id
        if name in self.panes and name != self.active:
            self.active = name
            self.arrange()

    def next_pane(self, direction: int) -> None:
        names = [*self.panes, "detail"] if self.pane("detail").display else list(self.panes)
        focused = self._screen.focused
        here = focused.id if focused is not None and focused.id in names else self.active
        name = names[(names.index(here or names[0]) + direction) % len(names)]
        if name == "detail":
            self._screen.set_focus(self.pane("detail"), scroll_visible=False)
        else:
            self.activate(name)

    def toggle_disasm(self) -> None:
        """Put the disassembly in the place of the intrinsics, or take it away again."""
        before = self.third
        self.third = DISASM if before == "intrinsics" else "intrinsics"
        if self.active == before or self._mode == TABS or self._is_zoomed:
            self.activate(self.third)
        else:
            self.arrange()
        self._appeared(self.third)

    def zoom(self) -> None:
        """Show the pane in use alone, or all panes again."""
        self._is_zoomed = not self._is_zoomed
        self.arrange()

    def toggle_detail(self) -> bool:
        """Show or hide the detail; false where it is wanted and there is no room."""
        self.is_detail_wanted = not self.is_detail_wanted
        if not self.is_detail_wanted and self._screen.focused is self.pane("detail"):
            self.activate(self.active)
        self.arrange()
        return self.pane("detail").display or not self.is_detail_wanted

    # -- an editor in the place of the source -----------------------------------------------------

    async def replace_source(self, editor: Widget, hints: tuple[tuple[str, str, str], ...]) -> None:
        """Put *editor* in the place of the source pane, and its keys into the footer."""
        await self._screen.query_one("#panes").mount(editor, before="#source")
        self._editor = editor
        self._screen.query_one(KeyBar).set_hints(hints)
        self.show_pane("source")

    def restore_source(self) -> None:
        """Put the source pane back in its place."""
        editor, self._editor = self._editor, None
        if editor is not None:
            editor.remove()
        self._screen.query_one(KeyBar).set_hints(None)
        self.show_pane("source")


def _set_display(widget: Widget, is_shown: bool) -> None:
    """Show or hide *widget*; without a change, nothing is laid out again."""
    if widget.display != is_shown:
        widget.display = is_shown
