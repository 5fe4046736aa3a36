"""A screen around one list: it is searched, copied from, moved in and folded, whatever it shows."""

from __future__ import annotations

from textual.screen import Screen

from btfview.tui.pane_search import Search
from btfview.tui.widgets.bars import KeyBar, MessageBar
from btfview.tui.widgets.search_bar import SearchBar

from .field_list import FieldList


class ListScreen(Screen[None]):
    """What the modes of the type browser have in common."""

    def __init__(self) -> None:
        super().__init__()
        self._search = Search(self, _SearchedList(self))

    @property
    def _list(self) -> FieldList:
        return self.query_one(FieldList)

    def _say(self, text: str, role: str = "dim") -> None:
        bar = self.query_one(MessageBar)
        bar.display = True
        bar.say(text, role)

    # -- search ----------------------------------------------------------------------------------

    def action_search(self) -> None:
        self._search.begin()

    def action_next_hit(self, direction: int) -> None:
        self._search.next_hit(direction)
        self._say_found()

    def _say_found(self) -> None:
        """Say which of the places found the cursor is on; the list has no frame to say it in."""
        if self._search.is_on:
            self._say(self._list.found_text)

    def on_search_bar_typed(self, message: SearchBar.Typed) -> None:
        self._search.typed(message.query)

    def on_search_bar_ended(self, message: SearchBar.Ended) -> None:
        self._search.ended(is_kept=message.is_kept)
        self._say_found()

    # -- keys ------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        self._list.copy_line()

    def action_help(self) -> None:
        from btfview.tui.screens.help import BROWSER_PANE, HelpScreen

        self.app.push_screen(HelpScreen(BROWSER_PANE))

    def action_close(self) -> None:
        self.dismiss(None)

    def action_fold(self) -> None:
        self._list.action_fold()

    def action_move(self, delta: int) -> None:
        self._list.action_move(delta)

    def action_page(self, pages: int) -> None:
        self._list.action_page(pages)


class _SearchedList:
    """The list of *screen*, for a search: it takes the place of the footer."""

    def __init__(self, screen: ListScreen) -> None:
        self._screen = screen

    @property
    def pane_in_use(self) -> FieldList:
        return self._screen.query_one(FieldList)

    def arrange(self) -> None:
        self._screen.query_one(KeyBar).display = not self._screen.query_one(SearchBar).display
