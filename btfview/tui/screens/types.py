"""Browse any type of any target: search, its layout, where its members lead, another target beside it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen

from btfview.analysis.type_rows import (
    RowComparison,
    RowState,
    TypeRow,
    compare,
    definition_of,
    differences,
    same_type,
    title_of,
    type_rows,
)
from btfview.errors import BtfviewError, error_text
from btfview.palette.type_index import Hits, TypeIndex, first_types, type_index_of
from btfview.tui.drawing import Line, visible
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.bars import Bar, KeyBar, MessageBar
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.tui.widgets.query_line import QueryLine
from btfview.views.layouts.type_browser import comparison_segments, name_width, row_segments

from .choose import ChooseScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.app import ComposeResult

    from btfview.btf.reader import Btf
    from btfview.targets.target import Target
    from btfview.views.rows import Segment


class FieldList(ChoiceList):
    """Hits of a search, or the rows of a type; there ``g`` makes code (home: first row)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "screen.generate", "Generate", show=False),
        Binding("b,backspace", "screen.back", "Back", show=False),
        Binding("f", "screen.forward", "Forward", show=False),
        Binding("c", "screen.compare", "Compare", show=False),
        Binding("C", "screen.choose_other", "Compare with", show=False),
        Binding("d", "screen.toggle_differences", "Differences only", show=False),
        Binding("x", "screen.swap", "Swap the two", show=False),
        Binding("t", "screen.choose_target", "Choose the target", show=False),
        Binding("K", "screen.toggle_cachelines", "Cachelines", show=False),
        Binding("slash", "screen.search", "Search", show=False),
    ]


class TypesScreen(Screen[None]):
    """The search, or one type: alone, or beside that of another target."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", show=False),
        Binding("tab", "step_target(1)", "Next target", show=False, priority=True),
        Binding("shift+tab", "step_target(-1)", "Previous target", show=False, priority=True),
        Binding("down", "move(1)", "Down", show=False),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("enter", "open", "Open", show=False),
    ]
    HINTS = (
        ("enter", "follow", "open"),
        ("/", "search", "search"),
        ("b f", "back", "back"),
        ("tab t", "target", "step_target(1)"),
        ("c C", "compare", "compare"),
        ("d", "differences", "toggle_differences"),
        ("x", "swap", "swap"),
        ("K", "cachelines", "toggle_cachelines"),
        ("g", "code", "generate"),
        ("esc", "close", "leave"),
    )

    class Ready(Message):
        """The names of a target have been read, or could not be."""

        def __init__(self, target: Target, index: TypeIndex | None, problem: str) -> None:
            super().__init__()
            self.target = target
            self.index = index
            self.problem = problem

    def __init__(
        self,
        targets: Iterable[Target],
        *,
        selected: int = 0,
        generate: Callable[[str], None],
        type_id: int = 0,
        path: str = "",
    ) -> None:
        """Browse *targets*, the one at *selected* first; *generate* makes code for a field
        (``task_struct.pid``).

        With *type_id*, a type of that target, it opens there, on the member *path* (``se.vruntime``) if it
        has that; then going back leads to where the user came from, and not to the search.
        """
        super().__init__()
        self._targets = tuple(targets)
        self._target = min(selected, len(self._targets) - 1)
        self._other: int | None = None
        """The target that is compared with."""
        self._has_only_differences = False
        self._has_cachelines = False
        self._generate = generate
        self._index: TypeIndex | None = None
        self._hits: Hits | None = None
        self._type_id = type_id
        """On show; 0 while searching."""
        self._start_path = path
        """Where the cursor goes once the target has been read."""
        self._is_visit = bool(type_id)
        """Somebody came for one type, and goes back from it."""
        self._rows: Sequence[TypeRow | RowComparison] = ()
        self._past: list[tuple[int, int]] = []
        """Types that were left by following, and the cursor in each."""
        self._future: list[tuple[int, int]] = []

    # -- the screen ------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Bar(id="header")
            yield QueryLine(hint="a name, part of one, or its letters")
            yield FieldList(id="choices")
            yield MessageBar()
            yield KeyBar(self.HINTS)

    def on_mount(self) -> None:
        self.query_one(QueryLine).focus()
        if self._targets:
            self._open_target()
        else:
            self._list.empty_text = "no target is open: close this and press t"
            self._show_title("Types")

    @property
    def _list(self) -> FieldList:
        return self.query_one(FieldList)

    @property
    def _btf(self) -> Btf:
        return self._targets[self._target].btf

    def _show_title(self, text: str) -> None:
        self.query_one("#header", Bar).show(((f" {visible(text)}", "title"),))

    def _say(self, text: str, role: str = "dim") -> None:
        self.query_one(MessageBar).say(text, role)

    # -- opening a target ------------------------------------------------------------------------

    def _open_target(self) -> None:
        target = self._targets[self._target]
        self._index, self._hits = None, None
        self._show_title(f"Types of {target.name}")
        self._list.empty_text = f"… reading {visible(target.name)}"
        self._list.set_lines(())
        if not self._type_id and not self.query_one(QueryLine).text:
            with contextlib.suppress(BtfviewError):  # told by who reads all names
                self._show_hits(Hits("", first_types(target.btf), 0))
        self._read(target)

    @work(thread=True, exclusive=True, group="types")
    def _read(self, target: Target) -> None:
        try:
            message = self.Ready(target, type_index_of(target.btf), "")
        except Exception as error:  # also of btfview's own: the screen stays up and says so
            message = self.Ready(target, None, error_text(error))
        self.post_message(message)

    def on_types_screen_ready(self, message: Ready) -> None:
        if message.target is not self._targets[self._target]:
            return
        self._index = message.index
        if message.index is None:
            self._list.empty_text = visible(message.problem)
            self._list.refresh()
        elif self._type_id:
            self._show_type(self._type_id, 0)
            self._list.place_cursor(self._find_key(self._start_path), with_context=True)
        else:
            self._search(self.query_one(QueryLine).text)

    def action_step_target(self, delta: int) -> None:
        """Go to another target; a type on show stays, if that one has it."""
        if len(self._targets) > 1:
            self._change_target((self._target + delta) % len(self._targets))

    def action_choose_target(self) -> None:
        """Choose the target from a list."""
        if self._targets:
            self._choose("Types of", self._target, self._change_target)

    def _choose(self, title: str, cursor: int, done: Callable[[int], None]) -> None:
        def chosen(number: int | None) -> None:
            if number is not None:
                done(number)

        names = [target.name for target in self._targets]
        self.app.push_screen(ChooseScreen(title, names, cursor), chosen)

    def _change_target(self, number: int, other: int | None = None) -> None:
        """Show what is on show on the target *number*, beside *other*, by default what it is beside now."""
        before, type_id = self._btf, self._type_id
        self._start_path = self._row_key()
        other = self._other if other is None else other
        self._other = None if other == number else other
        self._target = number
        self._past.clear()
        self._future.clear()
        if type_id:
            try:
                self._type_id = same_type(before, type_id, self._btf)
                if not self._type_id:
                    name = before.name(type_id) or "a type without a name"
                    self._say(f"{name} is not on {self._targets[self._target].name}", "warning")
                    self.action_search()
            except BtfviewError as error:
                self._say(str(error), "error")
                self._type_id = 0
        self._open_target()

    # -- search ----------------------------------------------------------------------------------

    def on_query_line_changed(self, message: QueryLine.Changed) -> None:
        self.query_one(QueryLine).show_text()
        self._search(message.text)

    def _search(self, query: str) -> None:
        if self._index is None:
            return
        hits = self._index.search(query)
        self._list.empty_text = f"no name of {len(self._index):,} holds that"
        if self._type_id or self._hits is None or hits.hits != self._hits.hits:
            self._show_hits(hits)
        which = "best" if query else "first"
        shown = f", the {which} {len(hits.hits)}" if hits.count > len(hits.hits) else ""
        self._show_title(
            f"Types of {self._targets[self._target].name}: {hits.count:,} of {len(self._index):,}{shown}"
        )

    def _show_hits(self, hits: Hits) -> None:
        self._hits = hits
        self._type_id, self._rows = 0, ()
        width = min(60, max((len(hit.name) for hit in hits.hits), default=0))
        self._list.set_lines(
            [
                Line(
                    (
                        (f"{hit.kind.label:<9} ", "keyword"),
                        (visible(hit.name).ljust(width + 2), "dim" if hit.is_fuzzy else "name"),
                        (f"[{hit.type_id}]", "dim"),
                    )
                )
                for hit in hits.hits
            ],
            cursor=0,
        )

    def action_search(self) -> None:
        """Go back to the search; what was found is still there."""
        self._is_visit = False
        self._other = None
        self._past.clear()
        self._future.clear()
        line = self.query_one(QueryLine)
        line.focus()
        self._search(line.text)

    # -- one type --------------------------------------------------------------------------------

    def on_line_list_activated(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """Open the hit under the cursor, or follow the row under it."""
        at = self._list.here
        if at is None:
            return
        if not self._type_id:
            if self._hits is not None and at < len(self._hits.hits):
                self._past.clear()
                self._future.clear()
                self._show_type(self._hits.hits[at].type_id, 0)
            return
        row = self._row_here(at)
        if row is None or not row.follows:
            self._say(
                "there is nothing to follow here" if row else "only the other target has this: x swaps them"
            )
            return
        self._past.append((self._type_id, at))
        self._future.clear()
        self._show_type(row.follows, 0)

    def _row_here(self, at: int) -> TypeRow | None:
        if at >= len(self._rows):
            return None
        row = self._rows[at]
        return row.here if isinstance(row, RowComparison) else row

    def action_back(self) -> None:
        self._go(self._past, self._future)

    def action_forward(self) -> None:
        self._go(self._future, self._past)

    def _go(self, source: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
        if not self._type_id:
            return
        if source:
            other.append((self._type_id, self._list.cursor))
            self._show_type(*source.pop())
        elif source is self._past:
            self._leave_type()

    def _leave_type(self) -> None:
        if self._is_visit:
            self.dismiss(None)
        else:
            self.action_search()

    def _show_type(self, type_id: int, cursor: int) -> None:
        try:
            self._type_id = type_id = definition_of(self._btf, type_id)
            rows = type_rows(self._btf, type_id, has_cachelines=self._has_cachelines)
            title = title_of(self._btf, type_id)
            if self._other is not None:
                self._show_comparison(rows, title, cursor)
                return
        except BtfviewError as error:
            self._say(str(error), "error")
            return
        self._rows = rows
        width = name_width(rows)
        self._show_title(f"{title} on {self._targets[self._target].name}")
        self._list.empty_text = "nothing is known of its inside"
        self._show_lines([row_segments(row, width) for row in rows], cursor)
        self._say(f"{len(rows)} rows: bytes, size, name, type")

    def _show_comparison(self, rows: Sequence[TypeRow], title: str, cursor: int) -> None:
        assert self._other is not None
        other = self._targets[self._other]
        there_id = same_type(self._btf, self._type_id, other.btf)
        there = type_rows(other.btf, there_id, has_cachelines=self._has_cachelines) if there_id else ()
        compared = compare(rows, there)
        members = [one for one in compared if any(row.is_member for row in (one.here, one.there) if row)]
        self._rows = compared = differences(compared) if self._has_only_differences else compared
        self._list.empty_text = "no difference" if there_id else f"{visible(other.name)} has no such type"
        width = name_width([one.here or one.there for one in compared])
        self._show_title(f"{title}: {self._targets[self._target].name} beside {other.name}")
        self._show_lines([comparison_segments(one, width) for one in compared], cursor)
        changes = sum(one.state != RowState.SAME for one in members)
        only = ", and only these are shown" if self._has_only_differences else ""
        self._say(
            f"{changes} of {len(members)} differ{only}: ▲ moved  ≠ changed  - only here  + only there"
            if there_id
            else f"{other.name} has no such type"
        )

    def _show_lines(self, rows: Sequence[Sequence[Segment]], cursor: int) -> None:
        lines = [Line(tuple((visible(part.text), part.role) for part in row)) for row in rows]
        self._list.set_lines(lines, cursor=cursor)
        self._list.focus()

    def action_compare(self) -> None:
        """Put the next other target beside this one; after the last, none."""
        if not self._type_id:
            return
        others = [number for number in range(len(self._targets)) if number != self._target]
        if not others:
            self._say("there is no other target: choose some with t on the main screen", "warning")
            return
        later = others if self._other is None else [number for number in others if number > self._other]
        self._other = later[0] if later else None
        self._show_again()

    def action_choose_other(self) -> None:
        """Choose from a list what is put beside this target."""
        if not self._type_id or len(self._targets) < 2:
            self.action_compare()
            return

        def done(number: int) -> None:
            self._other = number if number != self._target else None
            self._show_again()

        self._choose(f"{self._targets[self._target].name} beside", self._other or 0, done)

    def action_toggle_differences(self) -> None:
        """Show only what differs, or all again."""
        if self._other is None:
            self._say("there is nothing to compare: c puts another target beside this one", "warning")
            return
        self._has_only_differences = not self._has_only_differences
        self._show_again()

    def action_swap(self) -> None:
        """Put the other target in the place of this one."""
        if self._other is None or not self._type_id:
            self._say("there is nothing to swap: c puts another target beside this one", "warning")
        elif not same_type(self._btf, self._type_id, self._targets[self._other].btf):
            self._say(f"{self._targets[self._other].name} has no such type", "warning")
        else:
            self._change_target(self._other, self._target)

    def action_toggle_cachelines(self) -> None:
        if self._type_id:
            self._has_cachelines = not self._has_cachelines
            self._show_again()

    def _show_again(self) -> None:
        """Show the same type as it is wanted now; the cursor stays on the same row."""
        key = self._row_key()
        self._show_type(self._type_id, 0)
        self._list.place_cursor(self._find_key(key), with_context=True)

    def _row_at(self, at: int) -> TypeRow | None:
        """Return a row as this target has it, else as the other."""
        if at >= len(self._rows):
            return None
        row = self._rows[at]
        return row.here or row.there if isinstance(row, RowComparison) else row

    def _row_key(self) -> str:
        row = self._row_at(self._list.cursor)
        return row.key if row else ""

    def _find_key(self, key: str) -> int:
        found = (at for at in range(len(self._rows)) if (row := self._row_at(at)) and row.key == key)
        return next(found, 0) if key else 0

    # -- code ------------------------------------------------------------------------------------

    def action_generate(self) -> None:
        """Make the query code for the field under the cursor."""
        row = self._row_at(self._list.cursor) if self._type_id else None
        root = self._btf.name(self._type_id) if self._type_id else ""
        if row is None or not row.path or not root:
            self._say("code is made for a field of a struct that has a name", "warning")
            return
        self._generate(f"{root}.{row.path}")

    # -- keys ------------------------------------------------------------------------------------

    def action_leave(self) -> None:
        """Close what is uppermost: the type, the browser."""
        if self._type_id:
            self._leave_type()
        else:
            self.dismiss(None)

    def action_move(self, delta: int) -> None:
        self._list.action_move(delta)

    def action_page(self, pages: int) -> None:
        self._list.action_page(pages)
