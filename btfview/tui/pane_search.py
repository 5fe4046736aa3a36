"""Search in a pane, as the query is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .drawing import visible
from .keys.bindings import keymap_of
from .widgets.search_bar import SearchBar

if TYPE_CHECKING:
    from textual.screen import Screen

    from .widgets.line_list import LineList


class Panes(Protocol):
    """What is searched in."""

    @property
    def pane_in_use(self) -> LineList:
        """The pane that a search begins in."""

    def arrange(self) -> None:
        """The search line has come on show in the place of the footer, or is gone."""


class Search:
    """The query of the search line of *screen*, lit in one of its panes, as *arrangement* has them."""

    def __init__(self, screen: Screen[None], arrangement: Panes) -> None:
        self._screen = screen
        self._arrangement = arrangement
        self._pane: LineList | None = None
        """Where the query is lit."""
        self._start = 0
        """Line of the cursor when the search began."""

    @property
    def _bar(self) -> SearchBar:
        return self._screen.query_one(SearchBar)

    @property
    def is_typing(self) -> bool:
        return self._bar.has_focus

    @property
    def is_on(self) -> bool:
        """A query is lit, or typed."""
        return self._pane is not None

    def begin(self) -> None:
        """Search in the pane in use from now on."""
        self.end()
        self._pane = pane = self._arrangement.pane_in_use
        self._start = pane.cursor
        self._bar.begin()
        self._screen.set_focus(self._bar, scroll_visible=False)
        self._arrangement.arrange()

    def typed(self, query: str) -> None:
        """The user has typed *query* so far."""
        pane = self._pane
        if pane is None:
            return
        pane.set_query(query)
        role = "dim" if pane.search_from(self._start) or not query else "error"
        self._bar.tell(pane.found_text.removeprefix(f"/{visible(query)} ") if query else "", role)

    def ended(self, *, is_kept: bool) -> None:
        """The search line was left; without *is_kept* the cursor goes back where it was."""
        pane = self._pane
        self._close_bar()
        if pane is None:
            return
        if not is_kept:
            self.end()
            pane.place_cursor(self._start)
        else:
            pane.search_from(self._start)  # a result or a selection that came meanwhile has moved the cursor
            pane.choose_here()

    def end(self) -> None:
        """Light nothing any more."""
        self._close_bar()
        if self._pane is not None:
            self._pane.set_query("")
            self._pane = None

    def _close_bar(self) -> None:
        bar, screen = self._bar, self._screen
        if bar.display:
            bar.display = False
            if screen.focused is bar or screen.focused is None:
                screen.set_focus(self._pane, scroll_visible=False)
            self._arrangement.arrange()

    def next_hit(self, direction: int) -> None:
        """Go to the next or previous hit; in another pane, search there for the same."""
        query = self._bar.text
        if not query:
            self._screen.notify(
                f"Nothing was searched for: press {keymap_of(self._screen).shown('search')}.", title="Search"
            )
            return
        pane = self._arrangement.pane_in_use
        if self._pane is not pane:
            self.end()
            self._pane = pane
            pane.set_query(query)
        if not pane.go_to_hit(direction):
            self._screen.notify(f"{query}: not found in this pane", title="Search", severity="warning")
