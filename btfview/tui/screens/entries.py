"""A list of entries with what is to be said of the one under the cursor below it; one filter for both."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from btfview.tui.drawing import Line, pieces_of, visible
from btfview.tui.keys.bindings import bindings_of
from btfview.tui.messages import ReloSelected
from btfview.tui.panes.rows import RowsPane
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.searching import find_texts
from btfview.tui.widgets.bars import KeyBar
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from btfview.views.rows import Row


class EntriesScreen(ModalScreen["int | None"]):
    """Returns the index of the entry that enter was pressed on; None when it was left.

    A subclass gives entries to :meth:`set_entries` and says what stands below (:meth:`detail`).
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "entries",
        {
            "leave": "leave",
            "close": "dismiss(None)",
            "search": "filter",
            "entries.switch": "switch",
            "entries.next": "walk(1)",
            "entries.previous": "walk(-1)",
        },
        first=("entries.switch",),
    )
    HINTS: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("enter", "go there", "choose"),
        ("{ }", "walk", "walk(1)"),
        ("/", "filter", "filter"),
        ("tab", "list, detail", "switch"),
        ("esc", "close", "leave"),
    )
    TITLE_TEXT = ""
    EMPTY_TEXT = "nothing"
    HAS_DETAIL = True

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[Row] = ()
        self._texts: list[str] = []
        self._shown: Sequence[int] = ()
        """Index of the entry on each line."""

    # -- what a subclass says ---------------------------------------------------------------------

    def detail(self, index: int) -> Sequence[Row]:
        """Return the rows that stand below while entry *index* is under the cursor."""
        raise NotImplementedError

    # -- content ----------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-entries") as dialog:
            dialog.border_title = self.TITLE_TEXT
            yield Input(placeholder="filter", id="filter")
            yield ChoiceList(id="choices")
            if self.HAS_DETAIL:
                yield RowsPane(id="entry", title="")
            yield KeyBar(self.HINTS, "entries")

    def on_mount(self) -> None:
        self.query_one(Input).display = False
        self.query_one(ChoiceList).focus()

    def set_entries(self, entries: Sequence[Row], *, cursor: int = 0) -> None:
        """Show *entries*, those that the filter lets through."""
        self._entries = entries
        self._texts = [row.text for row in entries]
        self._refilter(cursor)

    def set_frame(self, title: str, subtitle: str = "") -> None:
        """Put text, not markup, into the dialogue's frame."""
        from textual.content import Content

        dialog = self.query_one("#dialog")
        dialog.border_title = Content(visible(title))
        dialog.border_subtitle = Content(visible(subtitle))

    def _refilter(self, cursor: int = 0) -> None:
        query = self.query_one(Input).value
        self._shown = find_texts(self._texts, query) if query else range(len(self._entries))
        choices = self.query_one(ChoiceList)
        choices.empty_text = f"nothing holds {visible(query)}" if query else self.EMPTY_TEXT
        choices.set_lines([_line(self._entries[index]) for index in self._shown], cursor=cursor)
        self._show_detail()

    def _show_detail(self) -> None:
        if not self.HAS_DETAIL:
            return
        entry = self.index
        pane = self.query_one("#entry", RowsPane)
        pane.set_rows(self.detail(entry) if entry is not None else ())
        pane.place_cursor(0)

    @property
    def index(self) -> int | None:
        """The entry under the cursor."""
        here = self.query_one(ChoiceList).here
        return self._shown[here] if here is not None else None

    def show_entry(self, index: int) -> None:
        """Put the cursor on entry *index*, where the filter lets it through."""
        if index in self._shown:
            self.query_one(ChoiceList).place_cursor(list(self._shown).index(index), with_context=True)
            self._show_detail()

    # -- what the user does -----------------------------------------------------------------------

    def on_line_list_cursor_moved(self, message: LineList.CursorMoved) -> None:
        if message.line_list is self.query_one(ChoiceList):
            choices = message.line_list
            choices.place_cursor(message.index)
            self._show_detail()

    def on_line_list_activated(self, message: LineList.Activated) -> None:
        if message.line_list is self.query_one(ChoiceList):
            self.action_choose()

    def on_relo_selected(self, message: ReloSelected) -> None:
        """In the detail a record is only pointed at."""
        message.stop()

    def action_choose(self) -> None:
        if self.index is not None:
            self.dismiss(self.index)

    def action_walk(self, delta: int) -> None:
        """Move to the next or previous entry, past either end to the other."""
        choices = self.query_one(ChoiceList)
        if choices.line_count:
            choices.place_cursor((choices.cursor + delta) % choices.line_count)
            self._show_detail()

    def action_filter(self) -> None:
        line = self.query_one(Input)
        line.display = True
        self.set_focus(line)  # at once: the next key is the first of the filter

    def on_input_changed(self) -> None:
        self._refilter()

    def on_input_submitted(self) -> None:
        self.query_one(ChoiceList).focus()

    def action_leave(self) -> None:
        """Drop the filter; without one, close."""
        line = self.query_one(Input)
        if line.display:
            entry = self.index
            line.display = False
            line.value = ""
            self._refilter(entry or 0)
            self.query_one(ChoiceList).focus()
        else:
            self.dismiss(None)

    def action_switch(self) -> None:
        choices = self.query_one(ChoiceList)
        self.set_focus(self.query_one("#entry") if self.focused is choices and self.HAS_DETAIL else choices)


def _line(row: Row) -> Line:
    pieces = tuple(pieces_of(row.segments))
    return Line((("  " * row.depth, ""), *pieces) if row.depth else pieces, row.relos)
