"""Browse any type of any target: search, its layout, where its members lead, another target beside it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message

from btfview.analysis.type_rows import RowComparison, definition_of, same_type
from btfview.btf.types import Struct
from btfview.errors import BtfviewError, error_text
from btfview.palette.type_index import TypeIndex, type_index_of
from btfview.targets.kept_open import begin_listing, end_listing
from btfview.tui.drawing import visible
from btfview.tui.keys.bindings import keymap_of
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.screens.choose import ChooseScreen
from btfview.tui.widgets.bars import Bar, KeyBar, MessageBar
from btfview.tui.widgets.query_line import QueryLine
from btfview.tui.widgets.search_bar import SearchBar
from btfview.views.layouts.type_browser import row_of
from btfview.views.layouts.type_on_show import show_type

from .field_list import FieldList
from .finding import HEADING, NOTHING, Finder, first_found
from .list_screen import ListScreen
from .modes import BINDINGS, HINTS, IN_A_TYPE, PRIORITY, Mode
from .trail import Stop, Trail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult

    from btfview.btf.reader import Btf
    from btfview.targets.target import Target


_LISTED = 5
"""Kernels whose names are kept: 20 MB each."""


class TypesScreen(ListScreen):
    """The search, or one type: alone, or beside that of another target."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = list(BINDINGS)

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
        undo: Callable[[], None],
        is_reading: bool = False,
        type_id: int = 0,
        path: str = "",
    ) -> None:
        """Browse *targets*, the one at *selected* first; with *is_reading* there will be others soon, and
        :meth:`set_targets` is told. *generate* makes code for a field (``task_struct.pid``), *undo* takes
        back what was written last.

        With *type_id*, a type of that target, it opens there, on the member *path* (``se.vruntime``) if it
        has that; then going back leads to where the user came from, and not to the search.
        """
        super().__init__()
        self._targets = tuple(targets)
        self._target = max(0, min(selected, len(self._targets) - 1))
        self._is_reading = is_reading
        self._other: int | None = None
        """The target that is compared with."""
        self._has_only_differences = False
        self._has_cachelines = False
        self._generate, self._undo = generate, undo
        self._finder: Finder | None = None
        """None until the names of the target have been read."""
        self._reads_names = False
        """They are being read."""
        self._found = NOTHING
        self._asked = ""
        """What :attr:`_found` answers; the line may already hold more."""
        self._type_id = type_id
        """On show; 0 while searching."""
        self._start_path = path
        """Where the cursor goes when the type comes on show."""
        self._is_visit = bool(type_id)
        """Somebody came for one type, and goes back from it."""
        self._trail = Trail()

    # -- the screen ------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Bar(id="header")
            yield QueryLine(hint="a name, its letters, or a path: task_struct.se.vr")
            yield FieldList()
            yield MessageBar()
            yield KeyBar(HINTS[Mode.FIND], "browser list")
            yield SearchBar()

    def on_mount(self) -> None:
        begin_listing(_LISTED)
        self._enter_mode()
        self._open_target()

    @property
    def mode(self) -> Mode:
        if not self._type_id:
            return Mode.FIND
        return Mode.TYPE if self._other is None else Mode.BESIDE

    def _enter_mode(self) -> None:
        """Show what belongs to the mode, alone, and give the focus to what takes its keys."""
        mode, shown, line = self.mode, self._list, self.query_one(QueryLine)
        is_finding = mode == Mode.FIND
        line.display = is_finding
        self.query_one(MessageBar).display = not is_finding
        shown.can_focus = not is_finding or shown.is_holding
        if is_finding and self.query_one(SearchBar).display:
            self._search.end()
        self.query_one(KeyBar).set_hints(HINTS[mode])
        self.query_one(KeyBar).refresh(layout=True)
        wanted = shown if shown.can_focus else line
        if self.focused is not wanted and not self._search.is_typing:
            self.set_focus(wanted, scroll_visible=False)

    def _show_title(self, text: str) -> None:
        count = len(self._targets)
        which = f"kernel {self._target + 1} of {count} " if count > 1 else ""
        self.query_one("#header", Bar).show(
            ((f" {self.mode} ", "cell"), (f" {visible(text)}", "title")), ((which, "dim"),)
        )

    # -- targets ---------------------------------------------------------------------------------

    @property
    def _here(self) -> Target:
        return self._targets[self._target]

    @property
    def _btf(self) -> Btf:
        return self._here.btf

    def set_targets(self, targets: Iterable[Target], *, is_reading: bool) -> None:
        """Browse *targets* from now on; those on show stay, where they are among them."""
        before = self._targets
        self._targets, self._is_reading = tuple(targets), is_reading
        if before == self._targets and before:
            return
        was = before[self._target] if before else None
        other = before[self._other] if self._other is not None else None
        self._other = self._targets.index(other) if other in self._targets else None
        if was in self._targets:
            self._target = self._targets.index(was)
            if self._finder is not None and not self._type_id:
                self._find()
            elif self._type_id and other is not None and self._other is None:
                self._show_again()
            return
        self._target, self._type_id = 0, 0
        self._trail.clear()
        self._open_target()

    def _open_target(self) -> None:
        self._finder, self._found = None, NOTHING
        shown = self._list
        if not self._targets:
            self._show_title("Types")
            self._type_id = 0
            if self._is_reading:
                shown.empty_text = "… the kernels are being read"
            else:
                shown.empty_text = keymap_of(self).said("no target is open: close this and press {t}")
                shown.release()
            shown.show_found((), None)
            self._enter_mode()
            return
        target = self._here
        if self._type_id:
            self._show_type(Stop(self._type_id, self._start_path))
        else:
            self._show_title(f"Types of {target.name}")
            shown.empty_text = f"… reading {visible(target.name)}"
            shown.show_found((), None)
            if not self.query_one(QueryLine).text:
                with contextlib.suppress(BtfviewError):  # told by who reads all names
                    self._found = first_found(target.btf)
                    shown.show_found(self._found.rows, HEADING)
        self._reads_names = True
        self._read(target)

    @work(thread=True, exclusive=True, group="types")
    def _read(self, target: Target) -> None:
        try:
            message = self.Ready(target, type_index_of(target.btf), "")
        except Exception as error:  # also of btfview's own: the screen stays up and says so
            message = self.Ready(target, None, error_text(error))
        self.post_message(message)

    def on_types_screen_ready(self, message: Ready) -> None:
        if not self._targets or message.target is not self._here:
            return
        shown = self._list
        self._reads_names = False
        if message.index is None:
            shown.empty_text = visible(message.problem)
            shown.refresh()
        else:
            self._finder = Finder(message.target.btf, message.index)
            if not self._type_id:
                self._find()
        self.query_one(QueryLine).call_later(self._open_found)

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
        if not 0 <= number < len(self._targets):
            return
        before, type_id = self._btf, self._type_id
        self._start_path = self._key_here
        other = self._other if other is None else other
        self._other = None if other == number else other
        self._target = number
        self._trail.clear()
        if type_id:
            problem, role = "", "error"
            try:
                self._type_id = same_type(before, type_id, self._btf)
                if not self._type_id:
                    name = before.name(type_id) or "a type without a name"
                    problem, role = f"{name} is not on {self._here.name}", "warning"
            except BtfviewError as error:
                self._type_id, problem = 0, str(error)
            if problem:
                self.action_find_again()
                self._say(problem, role)
        self._open_target()

    # -- find ------------------------------------------------------------------------------------

    def on_query_line_changed(self, _message: QueryLine.Changed) -> None:
        if self.mode != Mode.FIND:  # enter was faster, and has looked for the whole text
            return
        self.query_one(QueryLine).show_text()
        self.query_one(MessageBar).display = False
        self._find()

    def _find(self) -> None:
        """Show what fits the query; what is found already stays, the cursor too."""
        finder = self._finder
        if finder is None:
            return
        query, shown = self.query_one(QueryLine).text, self._list
        self._asked = query
        shown.empty_text = f"no name of {len(finder):,} holds that"
        try:
            found = finder.find(query)
        except BtfviewError as error:
            found = NOTHING
            shown.empty_text = visible(str(error))
        if found.goals != self._found.goals or not found.goals:
            self._found = found
            shown.show_found(found.rows, HEADING)
            shown.place_cursor(0)
        which = "best" if query else "first"
        count = len(found.rows)
        limit = f", the {which} {count}" if found.count > count else ""
        self._show_title(f"Types of {self._here.name}: {found.count:,} of {len(finder):,}{limit}")

    def action_find_again(self) -> None:
        """Go back to the search; what was found is still there."""
        self._search.end()
        self._is_visit = False
        self._type_id, self._other = 0, None
        self._trail.clear()
        self._found = NOTHING
        self._list.unfold()
        self._enter_mode()
        self._find()

    # -- one type --------------------------------------------------------------------------------

    def on_line_list_activated(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """Open what is found under the cursor, or follow the row under it."""
        shown = self._list
        if self.mode == Mode.FIND:  # letters before this key may still be on their way to the line
            shown.hold()
            self._enter_mode()
            self.query_one(QueryLine).call_later(self._open_found)
            return
        row = shown.row_here
        row = row.here if isinstance(row, RowComparison) else row
        if row is None or not row.follows:
            self._say(
                "there is nothing to follow here"
                if row
                else self._with_keys("only the other target has this: {x} swaps them")
            )
            return
        self._trail.follow(self._stop)
        shown.unfold()
        self._show_type(Stop(row.follows))

    async def _open_found(self) -> None:
        """Open what is found for the whole text of the line, then do what was pressed meanwhile. While names
        are still being read, all waits for them."""
        shown = self._list
        if not shown.is_holding:  # escape was pressed
            return
        told = self.query_one(QueryLine).text
        if told != self._asked:
            self._find()
        is_early = self._finder is None and (told or not self._found.rows)
        if is_early and (self._is_reading or self._reads_names):
            return
        held = shown.release()
        self._enter_mode()
        if shown.here is not None and shown.here < len(self._found.goals):
            self._trail.clear()
            self._show_type(Stop(*self._found.goals[shown.here]))
        self.app.key_order.press_again(held)  # type: ignore[attr-defined]  # BtfviewApp has it

    @property
    def _stop(self) -> Stop:
        return Stop(self._type_id, self._key_here)

    @property
    def _key_here(self) -> str:
        row = self._list.row_here
        return row_of(row).key if row is not None else ""

    def action_back(self) -> None:
        if (stop := self._trail.back(self._stop)) is not None:
            self._show_type(stop)
        else:
            self._leave_type()

    def action_forward(self) -> None:
        if (stop := self._trail.forward(self._stop)) is not None:
            self._show_type(stop)
        else:
            self._say("there is nothing to go forward to")

    def _leave_type(self) -> None:
        if self._is_visit:
            self.dismiss(None)
        else:
            self.action_find_again()

    def _show_type(self, stop: Stop) -> None:
        target, shown = self._here, self._list
        other = self._targets[self._other] if self._other is not None else None
        try:
            type_id = definition_of(target.btf, stop.type_id)
            made = show_type(
                target,
                type_id,
                other,
                has_cachelines=self._has_cachelines,
                is_difference=self._has_only_differences,
            )
        except BtfviewError as error:
            self._say(str(error), "error")
            return
        self._type_id = type_id
        shown.empty_text = visible(made.empty_text)
        self._enter_mode()
        shown.show_type(made.rows, target.name, other.name if other is not None else "", stop.key)
        self._show_title(made.title)
        self._say(made.message)

    def _show_again(self) -> None:
        """Show the same type as it is wanted now; the cursor stays on the same row."""
        self._show_type(self._stop)

    def action_compare(self) -> None:
        """Put the next other target beside this one; after the last, none."""
        others = [number for number in range(len(self._targets)) if number != self._target]
        if not others:
            self._say(
                keymap_of(self).said("there is no other target: choose some with {t} on the main screen"),
                "warning",
            )
            return
        later = others if self._other is None else [number for number in others if number > self._other]
        self._other = later[0] if later else None
        self._show_again()

    def action_choose_other(self) -> None:
        """Choose from a list what is put beside this target."""
        if len(self._targets) < 2:
            self.action_compare()
            return

        def done(number: int) -> None:
            self._other = number if number != self._target else None
            self._show_again()

        self._choose(f"{self._here.name} beside", self._other or 0, done)

    def _with_keys(self, text: str) -> str:
        """Return *text* with the keys that are in force for the default ones in braces."""
        return keymap_of(self).said(text, "browser list")

    def action_toggle_differences(self) -> None:
        """Show only what differs, or all again."""
        if self._other is None:
            self._say(
                self._with_keys("there is nothing to compare: {c} puts another target beside this one"),
                "warning",
            )
            return
        self._has_only_differences = not self._has_only_differences
        self._show_again()

    def action_swap(self) -> None:
        """Put the other target in the place of this one."""
        if self._other is None:
            self._say(
                self._with_keys("there is nothing to swap: {c} puts another target beside this one"),
                "warning",
            )
        elif not same_type(self._btf, self._type_id, self._targets[self._other].btf):
            self._say(f"{self._targets[self._other].name} has no such type", "warning")
        else:
            self._change_target(self._other, self._target)

    def action_toggle_cachelines(self) -> None:
        self._has_cachelines = not self._has_cachelines
        self._show_again()

    # -- search in a type ------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave to the lines that are typed in the keys that are bound before the focus is asked, and to a
        list that keeps all keys."""
        if action in PRIORITY:
            if self._search.is_typing or (self._list.is_holding and action != "leave"):
                return False
            return action not in IN_A_TYPE or self.mode != Mode.FIND
        return super().check_action(action, parameters)

    # -- out of the browser ----------------------------------------------------------------------

    def action_generate(self) -> None:
        """Make the query code for the field under the cursor."""
        row = self._list.row_here
        root = self._btf.name(self._type_id) if row is not None else ""
        if row is None or not row_of(row).path or not root:
            self._say("code is made for a field of a struct that has a name", "warning")
            return
        self._generate(f"{root}.{row_of(row).path}")

    def action_byte_map(self) -> None:
        """Map the bytes of the type on show."""
        from btfview.tui.screens.byte_map import ByteMapScreen, MapOf

        if isinstance(self._btf.type(self._type_id), Struct):
            self.app.push_screen(ByteMapScreen(self._targets, MapOf(self._target, self._type_id)))
        else:
            self._say("a struct or a union has bytes to map", "warning")

    def action_undo_write(self) -> None:
        self._undo()

    def on_unmount(self) -> None:
        end_listing()

    def action_leave(self) -> None:
        """Leave what is uppermost: keys that wait, the search in a type, the type, the browser."""
        shown = self._list
        if shown.is_holding:
            shown.release()
            self._enter_mode()
        elif self._search.is_on:
            self._search.end()
            self.query_one(MessageBar).display = False
        elif self._type_id:
            self._leave_type()
        else:
            self.dismiss(None)
