"""The palette: commands, records, fields, functions, types and kernels by a few letters of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import work
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen

from btfview.errors import BtfviewError, error_text
from btfview.frozen import frozen
from btfview.palette.choices import (
    COMMANDS,
    PLACES,
    TYPES,
    Choice,
    KernelMembers,
    Scope,
    find_places,
    scopes_of,
    split_scope,
)
from btfview.palette.goals import Goal, ToType
from btfview.palette.matching import find_matches, score_text, words_of
from btfview.palette.previews import preview_rows
from btfview.palette.type_index import type_index_of
from btfview.tui.drawing import Line, Piece, crop, visible, width_of
from btfview.tui.keys.bindings import bindings_of, keymap_of
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.searching import light_hits
from btfview.tui.widgets.bars import Bar, KeyBar
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.tui.widgets.query_line import QueryLine
from btfview.words import noun_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from btfview.palette.type_index import TypeIndex
    from btfview.session.state import Session
    from btfview.targets.target import Target

_LIMIT = 200
"""Choices listed of one scope; who wants another types on."""
_OF_EACH = 8
"""Choices of each scope while all are searched."""
_LEAST_FOR_TYPES = 2
"""Letters from which on types are looked for too: one letter fits a kernel's whole list."""
_SHOWN_NAME = 400
"""Characters of one name that are drawn at most: no terminal is wider."""
HINT = "> command  # record  ! demand  . field  @ function  & type  % kernel  : line or instruction"


@frozen
class Command:
    """Something that btfview does, from a key of the workbench or of Textual's."""

    title: str
    about: str
    """What else there is to say; shown dim behind the title, and searched as well."""
    run: Callable[[], Awaitable[None] | None]


@frozen
class _Entry:
    """One line of the list."""

    scope: str
    text: str
    about: str
    value: Command | Choice


class Preview(ChoiceList):
    """What the choice under the cursor leads to; never has the focus."""

    always_shows_cursor = False


class PaletteScreen(ModalScreen[Command | Goal]):
    """Gives back the :class:`Command` to run or the goal to go to; None when it was left."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "palette",
        {
            "leave": "leave",
            "typing.down": "move(1)",
            "typing.up": "move(-1)",
            "typing.page_down": "page(1)",
            "typing.page_up": "page(-1)",
            "find.choose": "choose",
        },
    )
    HINTS = (("↓ ↑", "move", "move(1)"), ("enter", "go there", "choose"), ("esc", "close", "leave"))

    class Ready(Message):
        """The names of the selected target's types have been read, or could not be."""

        def __init__(self, index: TypeIndex | None, problem: str) -> None:
            super().__init__()
            self.index = index
            self.problem = problem

    def __init__(self, session: Session | None, commands: Sequence[Command], query: str = "") -> None:
        """Search *commands*, and what *session* holds; begin with *query*."""
        super().__init__()
        self._session = session
        good = session.good if session is not None else None
        self._analysis = good
        self._commands = commands
        self._command_texts = [f"{command.title}  {command.about}".lower() for command in commands]
        self._scopes: Sequence[Scope] | None = None
        """Made by the first query that needs them."""
        self._quoted = session.views.source if session is not None and session.views is not None else ()
        selection = session.selection if session is not None else None
        self._target_index = selection.target if selection else 0
        targets = good.targets if good is not None else session.targets if session is not None else ()
        self._target: Target | None = (
            targets[self._target_index] if self._target_index < len(targets) else None
        )
        self._types: TypeIndex | None = None
        self._types_problem = ""
        self._members: KernelMembers | None = None
        self._first_query = query
        self._entries: Sequence[_Entry] = ()
        self._count = 0
        """Of all that fit."""

    # -- the screen ------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-tall -broad"):
            yield QueryLine("go to: ", HINT, self._first_query)
            yield ChoiceList(id="choices", can_focus=False)
            yield Bar(id="message")
            yield Preview(id="preview", can_focus=False)
            yield KeyBar(self.HINTS, "palette")

    def on_mount(self) -> None:
        self.query_one(QueryLine).focus()
        self._search(self._first_query)
        if self._target is not None:
            self._read_types(self._target)

    @property
    def _list(self) -> ChoiceList:
        return self.query_one("#choices", ChoiceList)

    @work(thread=True, exclusive=True, group="types")
    def _read_types(self, target: Target) -> None:
        try:
            message = self.Ready(type_index_of(target.btf), "")
        except Exception as error:  # also of btfview's own: the screen stays up and says so
            message = self.Ready(None, error_text(error))
        self.post_message(message)

    def on_palette_screen_ready(self, message: Ready) -> None:
        self._types, self._types_problem = message.index, message.problem
        if self._types is not None and self._target is not None:
            self._members = KernelMembers(self._target.btf, self._target_index)
        scope, query = split_scope(self.query_one(QueryLine).text)
        if query or scope == TYPES:
            self._search(self.query_one(QueryLine).text)
        else:
            self._tell(scope, self._count)

    # -- search ----------------------------------------------------------------------------------

    def on_query_line_changed(self, message: QueryLine.Changed) -> None:
        self.query_one(QueryLine).show_text()
        self._search(message.text)

    def _search(self, text: str) -> None:
        scope, query = split_scope(text)
        if scope:
            entries, count = self._find_in(scope, query)
        elif query:
            entries = self._find_everywhere(query)
            count = len(entries)
        else:
            entries, count = self._find_commands("", _LIMIT)
        self._entries = [entry for _, entry in entries]
        words = words_of(query)
        room = max(20, self.size.width * 9 // 10 - 4)
        names = (visible(entry.text[:_SHOWN_NAME]) for entry in self._entries)
        wide = min(max(map(cell_len, names), default=0), room * 2 // 3)
        self._list.empty_text = self._nothing(scope, query)
        self._list.set_lines([_line(entry, words, wide) for entry in self._entries], cursor=0)
        self._count = count
        self._tell(scope, count)
        self._show_preview()

    def _nothing(self, scope: str, query: str) -> str:
        if self._analysis is None and scope not in ("", COMMANDS, TYPES):
            return "nothing is open, or it has no result yet"
        if scope == PLACES and not query:
            return "a number: of a line, or of an instruction, with words of its file, function or section"
        if scope == TYPES and self._target is None:
            return f"no target is chosen: {keymap_of(self).shown('targets')} picks some"
        if scope == TYPES and self._target is not None and self._types is None:
            return visible(self._types_problem or f"… reading the types of {self._target.name}")
        return "nothing fits"

    def _tell(self, scope: str, count: int) -> None:
        """Say how many there are, and what else could be asked."""
        shown = len(self._entries)
        told = f" {shown:,} of {count:,}" if count > shown else f" {shown:,}"
        words = [f"{told} {noun_for(count, scope or 'choice')}"]
        if scope in ("", TYPES) and self._target is not None:
            state = ""
            if self._types is None:
                state = ": unreadable" if self._types_problem else ": … reading"
            words.append(f"types of {self._target.name}{state}")
        left = " · ".join(words)
        hint = (
            f"{HINT} "
            if width_of(((left, ""), (HINT, ""))) + 2 < self.query_one("#message").size.width
            else ""
        )
        self.query_one("#message", Bar).show(((visible(left), "dim"),), ((hint, "dim"),) if hint else ())

    def _find_in(self, scope: str, query: str) -> tuple[list[tuple[int, _Entry]], int]:
        if scope == COMMANDS:
            return self._find_commands(query, _LIMIT)
        if scope == TYPES:
            return self._find_types(query, _LIMIT)
        if scope == PLACES:
            found = self._find_places(query)
            return found, len(found)
        for one in self._all_scopes():
            if one.name == scope:
                choices, count = one.find(query, _LIMIT)
                return [(score, _entry(choice)) for score, choice in choices], count
        return [], 0

    def _find_everywhere(self, query: str) -> list[tuple[int, _Entry]]:
        """Return the best of every scope, best first; of two that fit alike the one of the scope that is
        listed first."""
        found = self._find_commands(query, _OF_EACH)[0]
        for scope in self._all_scopes():
            choices, _ = scope.find(query, _OF_EACH)
            found += [(score, _entry(choice)) for score, choice in choices]
        if any(char.isdecimal() for char in query):
            found += self._find_places(query)[:_OF_EACH]
        if len(query) >= _LEAST_FOR_TYPES:
            found += self._find_types(query, _OF_EACH)[0]
        found.sort(key=lambda pair: pair[0])
        return found

    def _all_scopes(self) -> Sequence[Scope]:
        if self._scopes is None:
            self._scopes = scopes_of(self._analysis) if self._analysis is not None else ()
        return self._scopes

    def _find_commands(self, query: str, limit: int) -> tuple[list[tuple[int, _Entry]], int]:
        matches, count = find_matches(self._command_texts, query, limit)
        return [
            (match.score, _Entry(COMMANDS, command.title, command.about, command))
            for match in matches
            for command in (self._commands[match.index],)
        ], count

    def _find_places(self, query: str) -> list[tuple[int, _Entry]]:
        if self._analysis is None:
            return []
        return [(0, _entry(choice)) for choice in find_places(self._analysis, self._quoted, query)]

    def _find_types(self, query: str, limit: int) -> tuple[list[tuple[int, _Entry]], int]:
        if self._types is None or self._members is None:
            return [], 0
        try:
            members = self._members.find(query, limit)
        except BtfviewError as error:
            members = []
            self._types_problem = str(error)
        found = [(score, _entry(choice)) for score, choice in members]
        hits = self._types.search(query)
        words = words_of(query)
        for hit in hits.hits[: max(0, limit - len(found))]:
            choice = Choice(
                TYPES, hit.name, f"{hit.kind.label} [{hit.type_id}]", ToType(self._target_index, hit.type_id)
            )
            low = hit.name.lower()
            score = score_text(low, words[-1:]) if not hit.is_fuzzy else score_text(low, ["".join(words)])
            found.append((score, _entry(choice)))
        return found, hits.count + len(members)

    @property
    def _entry_here(self) -> _Entry | None:
        here = self._list.here
        return self._entries[here] if here is not None else None

    # -- the preview -----------------------------------------------------------------------------

    def _show_preview(self) -> None:
        preview = self.query_one(Preview)
        if not preview.display:
            return
        lines: list[Line] = []
        if (entry := self._entry_here) is not None:
            lines = self._preview_of(entry, max(1, preview.size.height or 7))
        preview.set_lines(lines, cursor=0)

    def _preview_of(self, entry: _Entry, limit: int) -> list[Line]:
        if isinstance(entry.value, Command):
            return [Line(((entry.text, "title"),)), Line(((visible(entry.about), "dim"),))]
        try:
            rows = preview_rows(self._analysis, entry.value.goal, limit, self._target)
        except BtfviewError as error:
            return [Line(((visible(str(error)), "error"),))]
        return [
            Line(
                (
                    ("  " * row.depth, ""),
                    *((visible(part.text[:_SHOWN_NAME]), part.role) for part in row.segments),
                )
            )
            for row in rows
        ]

    # -- keys ------------------------------------------------------------------------------------

    def on_line_list_cursor_moved(self) -> None:
        self._show_preview()

    def on_line_list_activated(self) -> None:
        self.action_choose()

    def on_resize(self) -> None:
        self.query_one(Preview).display = self.size.height >= 16
        self.call_after_refresh(self._show_preview)

    def action_move(self, delta: int) -> None:
        self._list.action_move(delta)
        self._show_preview()

    def action_page(self, pages: int) -> None:
        self._list.action_page(pages)
        self._show_preview()

    def action_choose(self) -> None:
        if (entry := self._entry_here) is not None:
            value = entry.value
            self.dismiss(value if isinstance(value, Command) else value.goal)

    def action_leave(self) -> None:
        self.dismiss(None)


def _entry(choice: Choice) -> _Entry:
    return _Entry(choice.scope, choice.text, choice.about, choice)


def _line(entry: _Entry, words: Sequence[str], wide: int) -> Line:
    """Return scope, name and what else there is to say, the letters that were typed lit."""
    name: Sequence[Piece] = ((visible(entry.text[:_SHOWN_NAME]), "name"),)
    name = crop(name, 0, max(8, wide))
    gap = " " * max(2, wide + 2 - width_of(name))
    for word in words:
        name = light_hits(name, word)
    return Line(
        (
            (f"{entry.scope:<8} ", "keyword"),
            *name,
            (gap, ""),
            (visible(entry.about[:_SHOWN_NAME]), "dim"),
        )
    )
