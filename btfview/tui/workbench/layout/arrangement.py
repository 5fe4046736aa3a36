"""How the panes stand: which is on show, in which place, how big, and has the focus; not what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region

from btfview.configuration.screen import DEFAULTS
from btfview.keymap.table import DISASM, PANES
from btfview.tui.keys.bindings import PLACE_OF
from btfview.tui.keys.pane_keys import WELCOME, footer_hints
from btfview.tui.widgets.bars import KeyBar, TabBar
from btfview.tui.widgets.board import Board
from btfview.tui.widgets.line_list import LineList
from btfview.tui.widgets.search_bar import SearchBar

from .shares import LEAST_SHARE, Wish, by_fractions, share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual.geometry import Size
    from textual.screen import Screen
    from textual.widget import Widget

    from btfview.configuration.screen import ScreenSettings
    from btfview.session.screen_state import ScreenState
    from btfview.tui.keys.pane_keys import Hint
    from btfview.tui.widgets.board import Border

WIDE, ROWS, TABS, AUTO = "wide", "rows", "tabs", "auto"
LAYOUTS = (WIDE, ROWS, TABS)

_WIDE_COLUMNS = 200
_BROAD_COLUMNS, _BROAD_ROWS = 140, 20
_ROWS_COLUMNS, _ROWS_ROWS = 100, 28
_DETAIL_ROWS = 16
"""With fewer, the detail drawer is left out: it would take the room of what it explains."""
_FRAME = 2
"""Cells of a frame, on both sides."""
_LEAST_LINES = 6
"""Lines of a row of panes, its frame among them, that are of use."""
_LEAST_PART = 0.4
"""Of the height, what the upper and the lower row keep while the other one is in use."""
_DETAIL_PART = 0.45
"""Of the height, what the explanation takes at most."""


def choose_layout(columns: int, rows: int, wanted: str = AUTO) -> str:
    """Return ``wide`` (what fits side by side), ``rows`` (source and IR above, structs, records and offsets
    below) or ``tabs`` (one at a time); *wanted* may ask for the latter two, as far as there is room."""
    if wanted == TABS:
        return TABS
    if columns >= _WIDE_COLUMNS and rows >= _BROAD_ROWS and wanted != ROWS:
        return WIDE
    if columns >= _BROAD_COLUMNS and rows >= _BROAD_ROWS:
        return ROWS
    if columns >= _ROWS_COLUMNS and rows >= _ROWS_ROWS:
        return ROWS
    return TABS


def has_room_for_detail(rows: int) -> bool:
    return rows >= _DETAIL_ROWS


class Arrangement:
    """The panes of *screen*, side by side or one at a time.

    *appeared* is told of a pane that has come on show and may have to be filled.
    """

    def __init__(
        self,
        screen: Screen[None],
        appeared: Callable[[str], None],
        state: ScreenState,
        settings: ScreenSettings = DEFAULTS,
    ) -> None:
        self._screen = screen
        self._appeared = appeared
        self.state = state
        self._layout = settings.layout
        self._shares = dict(self.state.shares)
        """Of the places in which the user dragged borders, the fractions of the panes there."""
        self.has_content = False
        """Something was opened, so that a pane that holds nothing has nothing to wait for."""
        self._mode = WIDE
        self.active = "source"
        """The pane in use."""
        self.third = "intrinsics"
        """Or the disassembly, which stands in the same place."""
        self._is_zoomed = self._is_unsettled = False
        self.is_detail_wanted = settings.is_detail_wanted
        self._editor: Widget | None = None
        """What stands in the place of the source pane while a file is edited."""
        self._editor_hints: tuple[Hint, ...] = ()
        self._has_problems, self._is_open, self._has_text = False, True, True

    def show_keys(
        self, *, has_problems: bool | None = None, is_open: bool | None = None, has_text: bool | None = None
    ) -> None:
        """Put the keys of what has the focus into the footer; *has_problems* says whether there are some to
        be listed, *is_open* whether there is a file, *has_text* whether that is one to be edited, where that
        has changed."""
        if has_problems is not None:
            self._has_problems = has_problems
        if is_open is not None:
            self._is_open = is_open
        if has_text is not None:
            self._has_text = has_text
        focused = self._screen.focused
        if focused is not None and focused is self._editor:
            hints: Sequence[Hint] = self._editor_hints
            place = "editing"
        elif not self._is_open:
            hints, place = WELCOME, "workbench"
        else:
            name = focused.id if focused is not None and focused.id == "detail" else self.active
            hints = footer_hints(name or "", has_problems=self._has_problems, has_text=self._has_text)
            place = PLACE_OF.get(name or "", "workbench")
        self._screen.query_one(KeyBar).set_hints(hints, place)

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
        """Choose which panes stand where, from the size, the zoom, what they hold and the pane in use."""
        screen = self._screen
        columns, rows = screen.size
        self._mode = choose_layout(columns, rows, self._layout)
        for layout in LAYOUTS:
            screen.set_class(layout == self._mode, f"-{layout}")
        screen.set_class(self._is_single, "-single")
        shown = self._shown()
        for name in (*PANES, DISASM):
            pane = self.pane(name)
            _set_display(pane, name in shown)
            pane.set_flat(self._mode == TABS)
        if self._editor is not None:
            source = self.pane("source")
            _set_display(self._editor, source.display)
            self._editor.set_class(self._mode == TABS, "-flat")
            _set_display(source, False)
        tabs = screen.query_one(TabBar)
        _set_display(tabs, self._mode == TABS and rows > 3)
        _set_display(screen.query_one(KeyBar), rows > 4 and not screen.query_one(SearchBar).display)
        detail = self.pane("detail")
        was_shown = detail.display
        is_idle = self.has_content and detail.is_idle and screen.focused is not detail
        _set_display(detail, self.is_detail_wanted and has_room_for_detail(rows) and not is_idle)
        detail.set_flat(self._mode == TABS)
        if detail.display and not was_shown:
            self._appeared("detail")
        tabs.activate(self.active, self.panes)
        self._board.fit()

    @property
    def _board(self) -> Board:
        return self._screen.query_one(Board)

    @property
    def _is_single(self) -> bool:
        return self._mode == TABS or self._is_zoomed

    def content_changed(self) -> None:
        """What the panes hold has changed: those that hold nothing give their room away."""
        self.has_content = True
        self.arrange()

    def leave_empty_source(self) -> None:
        """Where the source pane is in use and there is no source, use the records: its key still shows it,
        and why there is none."""
        source = self.pane("source")
        if self.active != "source" or not self._is_idle("source") or self._is_idle("relocations"):
            return
        if self._screen.focused in (source, None):
            self.activate("relocations")
        else:
            self.active = "relocations"
            self.arrange()

    def fit(self) -> None:
        """Give the panes the room that what they hold now asks for."""
        if self.has_content:
            self._board.fit()

    def _shown(self) -> Sequence[str]:
        """Return the panes on show beside the detail."""
        if self._is_single:
            return (self.active,)
        return [name for name in self.panes if name == self.active or not self._is_idle(name)]

    def _is_idle(self, name: str) -> bool:
        return self.has_content and self.pane(name).is_idle and not (name == "source" and self._editor)

    # -- room -------------------------------------------------------------------------------------

    def plan(self, size: Size) -> dict[str, Region]:
        """Return where each pane on show stands on a board of *size*."""
        width, height = size
        places: dict[str, Region] = {}
        rows = self._rows(width)
        detail = self.pane("detail")
        if detail.display:
            lines = self._detail_lines(height)
            height -= lines
            places["detail"] = Region(0, height, width, lines)
        y = 0
        for row, lines in zip(rows, self._heights(rows, height), strict=True):
            x = 0
            for name, cells in zip(row, self._widths(row, width), strict=True):
                places[name] = Region(x, y, cells, lines)
                x += cells
            y += lines
        return places

    def _rows(self, width: int) -> list[list[str]]:
        """Return the panes on show, row by row."""
        shown = self._shown()
        if self._mode == WIDE and not self._is_single:
            for first in (len(shown), 1):  # all in one row, or all below the source
                upper, lower = list(shown[:first]), list(shown[first:])
                if all(sum(wish.best for wish in map(self._wish, row)) <= width for row in (upper, lower)):
                    return [row for row in (upper, lower) if row]
        # Where there is no source, the structs take its place, and the records have room below.
        above = ("source" if "source" in shown else "structs", "intrinsics", DISASM)
        rows = ([name for name in shown if name in above], [name for name in shown if name not in above])
        return [row for row in rows if row]

    def _wish(self, name: str) -> Wish:
        least, best = self.pane(name).wanted_width
        return Wish(least + _FRAME, max(least, best) + _FRAME)

    def _widths(self, row: Sequence[str], room: int) -> list[int]:
        chosen = self._shares.get(_place_of(row))
        if chosen is not None and len(chosen) == len(row):
            return by_fractions(chosen, room)
        grown = row.index(self.active) if self.active in row else None
        rest = 0 if row[0] == "source" and not self._is_idle("source") else len(row) - 1
        return share([self._wish(name) for name in row], room, grown=grown, rest=rest)

    def _heights(self, rows: Sequence[Sequence[str]], room: int) -> list[int]:
        if len(rows) < 2:
            return [room] * len(rows)
        chosen = self._shares.get(_HEIGHTS)
        if chosen is not None and len(chosen) == len(rows):
            return by_fractions(chosen, room)
        wishes = []
        for row in rows:
            lines = max(self.pane(name).wanted_height for name in row) + _FRAME
            wishes.append(Wish(min(lines, max(_LEAST_LINES, round(room * _LEAST_PART))), lines))
        grown = next((at for at, row in enumerate(rows) if self.active in row), None)
        return share(wishes, room, grown=grown)

    def _detail_lines(self, height: int) -> int:
        """Return the lines of the detail: as many as it always has, or what its text needs; no border of it
        that was dragged stays when it would cut that."""
        frame = 1 if self._mode == TABS else _FRAME
        usual = _usual_detail(height) if self._mode != TABS else _TABS_DETAIL
        if _DETAIL in self._shares:
            usual = min(max(frame + 1, round(self._shares[_DETAIL][0])), height - _LEAST_LINES)
        wanted = self.pane("detail").wanted_height + frame
        return min(max(usual, wanted), max(usual, round(height * _DETAIL_PART)))

    # -- borders ----------------------------------------------------------------------------------

    def drag(self, border: Border, at: int | None) -> None:
        """The user drags *border* to *at*, or lets it go."""
        if at is None:
            self.state.keep_shares(self._shares)
            return
        size = self._board.size
        places = self._board.places
        rows = self._rows(size.width)
        if border.is_upright:
            row = next(row for row in rows if border.before in row)
            left, right = places[border.before], places[border.after]
            cells = [places[name].width for name in row]
            first = max(LEAST_SHARE, min(at - left.x, left.width + right.width - LEAST_SHARE))
            cells[row.index(border.before)] = first
            cells[row.index(border.after)] = left.width + right.width - first
            self._shares[_place_of(row)] = [one / size.width for one in cells]
        elif border.after == "detail":
            lines = max(_FRAME + 1, min(size.height - at, size.height - _LEAST_LINES * len(rows)))
            self._shares[_DETAIL] = [float(lines)]
            if len(rows) > 1:  # the row beside it gets the room or gives it
                upper, height = places[rows[0][0]].height, size.height - lines
                self._shares[_HEIGHTS] = [min(upper, height - _LEAST_LINES) / height, 0.0]
                self._shares[_HEIGHTS][1] = 1 - self._shares[_HEIGHTS][0]
        else:
            height = places["detail"].y if "detail" in places else size.height
            upper = max(_LEAST_LINES, min(at, height - _LEAST_LINES))
            self._shares[_HEIGHTS] = [upper / height, 1 - upper / height]
        self._board.fit()

    def resize(self, columns: int, lines: int) -> bool:
        """Make the pane in use wider by *columns* and taller by *lines*; false where it has no neighbour to
        take them from."""
        focused = self._screen.focused
        name = "detail" if focused is not None and focused.id == "detail" else self.active
        for border, sign in self._borders_of(name):
            if border.is_upright == bool(columns):
                place = self._board.places[border.before]
                at = place.right + sign * columns if border.is_upright else place.bottom + sign * lines
                self.drag(border, at)
                self.drag(border, None)
                return True
        return False

    def _borders_of(self, name: str) -> Iterator[tuple[Border, int]]:
        """Yield the borders of a pane, with 1 for those behind it and -1 for those before it; in a row the
        one behind first, and the detail's alone for that."""
        place = self._board.places.get(name)
        if place is None:
            return
        x, y = place.x + place.width // 2, place.y + place.height // 2
        beside = [(place.right, y), (place.x, y)] if name != "detail" else []
        below = [(x, place.bottom), (x, place.y)]
        for x, y in (*beside, *below):
            if (border := self._board.border_at(x, y)) is not None and name in (border.before, border.after):
                yield border, 1 if border.before == name else -1

    def forget_borders(self) -> None:
        """Go back to the sizes that follow what the panes hold."""
        self._shares = {}
        self.state.keep_shares({})
        self._board.fit()

    # -- which is in use --------------------------------------------------------------------------

    def activate(self, name: str) -> None:
        """Bring pane *name*, one of :attr:`panes`, on show and give it the focus."""
        self.active = name
        self.arrange()
        # At once, not by Widget.focus(): a key typed right after must go to this pane.
        pane = self._editor if name == "source" and self._editor is not None else self.pane(name)
        self._screen.set_focus(pane, scroll_visible=False)
        self.show_keys()

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
        name = "source" if widget is self._editor else widget.id or ""
        is_other = name in self.panes and name != self.active
        if is_other:
            self.active = name
        self.show_keys()
        if is_other:
            # Under the mouse nothing moves before it is let go: the click is meant for what is there now.
            self._is_unsettled = self._screen.app._mouse_down_widget is not None
            if not self._is_unsettled:
                self.arrange()

    def settle(self) -> None:
        """A click is over."""
        if self._is_unsettled:
            self._is_unsettled = False
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
        if self.active == before or self._is_single:
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
        detail = self.pane("detail")
        return detail.display or not self.is_detail_wanted or detail.is_idle

    # -- an editor in the place of the source -----------------------------------------------------

    async def replace_source(self, editor: Widget, hints: tuple[tuple[str, str, str], ...]) -> None:
        """Put *editor* in the place of the source pane, and its keys into the footer."""
        await self._screen.query_one("#panes").mount(editor, before="#source")
        self._editor, self._editor_hints = editor, hints
        self.show_pane("source")

    def restore_source(self) -> None:
        """Put the source pane back in its place."""
        editor, self._editor = self._editor, None
        if editor is not None:
            editor.remove()
        self.show_pane("source")


_HEIGHTS, _DETAIL = "heights", "detail"
_TABS_DETAIL = 6


def _place_of(row: Sequence[str]) -> str:
    """Return what the fractions of *row* are kept under: the disassembly stands in the place of the IR."""
    return " ".join("intrinsics" if name == DISASM else name for name in row)


def _usual_detail(height: int) -> int:
    return 8 if height >= 40 else 7


def _set_display(widget: Widget, is_shown: bool) -> None:
    """Show or hide *widget*; without a change, nothing is laid out again."""
    if widget.display != is_shown:
        widget.display = is_shown
