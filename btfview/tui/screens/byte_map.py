"""The byte map: a struct as a ruler, the program's above that of a kernel, and another kernel beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.screen import Screen

from btfview.analysis.type_rows import definition_of, same_type
from btfview.errors import BtfviewError
from btfview.frozen import frozen
from btfview.tui.drawing import Line, pieces_of, visible
from btfview.tui.keys.bindings import bindings_of, keymap_of
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.bars import Bar, KeyBar, MessageBar
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.views.layouts.byte_map import BESIDE_WIDTH, Side, byte_map, join, side_of

from .choose import ChooseScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from btfview.btf.reader import Btf
    from btfview.targets.target import Target


@frozen
class MapOf:
    """What a map begins with."""

    target: int
    type_id: int
    """Of that target; 0 where it has no such type."""
    local: tuple[Btf, int] | None = None
    """The program's own layout: its BTF, and the type there."""


class ByteMapScreen(Screen[None]):
    """The bytes of one struct, on one kernel or on two."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "map",
        {
            "leave": "close",
            "close": "close",
            "browser.next_kernel": "step_target(1)",
            "browser.previous_kernel": "step_target(-1)",
            "browser.kernel": "choose_target",
            "browser.compare": "compare",
            "browser.compare_with": "choose_other",
            "map.whole": "toggle_whole",
            "copy": "copy",
            "help": "help",
        },
        first=("browser.next_kernel", "browser.previous_kernel"),
    )
    HINTS = (
        ("c C", "second kernel", "compare"),
        ("tab t", "kernel", "step_target(1)"),
        ("space", "all lines", "toggle_whole"),
        ("y", "copy", "copy"),
        ("?", "help", "help"),
        ("esc", "close", "close"),
    )

    def __init__(self, targets: Sequence[Target], shown: MapOf) -> None:
        super().__init__()
        self._targets = targets
        self._target, self._type_id, self._local = shown.target, shown.type_id, shown.local
        self._other: int | None = None
        self._is_whole = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Bar(id="header")
            yield ChoiceList(id="choices")
            yield MessageBar()
            yield KeyBar(self.HINTS, "map")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()
        self.call_after_refresh(self._show)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    # -- what is shown ---------------------------------------------------------------------------

    def _sides(self) -> list[Side]:
        sides = []
        if self._local is not None:
            sides.append(side_of(*self._local, "the program"))
        if not self._targets:
            return sides
        here = self._targets[self._target]
        if self._type_id:
            sides.append(side_of(here.btf, definition_of(here.btf, self._type_id), here.name))
        if self._other is not None:
            other = self._targets[self._other]
            if there := self._there(self._other):
                sides.append(side_of(other.btf, definition_of(other.btf, there), other.name))
        return sides

    def _there(self, number: int) -> int:
        """Return the same type on another target; 0 where there is none."""
        here = self._targets[self._target].btf
        return same_type(here, self._type_id, self._targets[number].btf) if self._type_id else 0

    def _show(self) -> None:
        shown = self.query_one(ChoiceList)
        has_local = self._local is not None
        try:
            sides = self._sides()
            rows = (
                byte_map(
                    sides,
                    has_local=has_local,
                    is_whole=self._is_whole,
                    is_beside=self.size.width > BESIDE_WIDTH,
                )
                if sides
                else ()
            )
            joined = len(join(sides, has_local=has_local)) if sides else 0
        except BtfviewError as error:
            shown.empty_text = visible(str(error))
            shown.set_lines(())
            return
        shown.empty_text = "there is no struct to show"
        shown.set_lines([Line(tuple(pieces_of(row.segments))) for row in rows])
        self.query_one("#header", Bar).show(((" Byte map ", "cell"), (f" {self._title()}", "title")))
        what = "of the program" if has_local else "that are elsewhere" if self._other is not None else ""
        marked = f"{joined} fields {what}, each with a mark that is the same everywhere" if what else ""
        key = keymap_of(self).told("c", "map")
        self.query_one(MessageBar).say(
            f"{marked or f'{key} puts another kernel beside it, and marks what moved'}.  "
            "| a field  … goes on  · unused  : bitfields, their bits below"
        )

    def _title(self) -> str:
        btf, type_id = (
            (self._targets[self._target].btf, self._type_id) if self._type_id else self._local or (None, 0)
        )
        name = visible(btf.name(type_id)) if btf is not None and type_id else ""
        return name or "(anonymous)"

    # -- keys ------------------------------------------------------------------------------------

    def _change_target(self, number: int) -> None:
        there = self._there(number)
        if not there:
            self.query_one(MessageBar).say(f"{self._targets[number].name} has no such type", "warning")
            return
        self._target, self._type_id = number, there
        self._other = None if self._other == number else self._other
        self._show()

    def action_step_target(self, delta: int) -> None:
        if len(self._targets) > 1:
            self._change_target((self._target + delta) % len(self._targets))

    def action_choose_target(self) -> None:
        self._choose("The kernel", self._target, self._change_target)

    def _put_beside(self, number: int | None) -> None:
        self._other = number if number != self._target else None
        self._show()
        if self._other is not None and not self._there(self._other):
            self.query_one(MessageBar).say(f"{self._targets[self._other].name} has no such type", "warning")

    def action_compare(self) -> None:
        """Put the next other kernel beside this one; after the last, none."""
        others = [number for number in range(len(self._targets)) if number != self._target]
        later = others if self._other is None else [number for number in others if number > self._other]
        if not others:
            self.query_one(MessageBar).say(
                keymap_of(self).said("there is no other kernel: {t} on the main screen chooses some")
            )
            return
        self._put_beside(later[0] if later else None)

    def action_choose_other(self) -> None:
        self._choose("Beside it", self._other or 0, self._put_beside)

    def _choose(self, title: str, cursor: int, done: Callable[[int], None]) -> None:
        def chosen(number: int | None) -> None:
            if number is not None:
                done(number)

        if self._targets:
            names = [target.name for target in self._targets]
            self.app.push_screen(ChooseScreen(title, names, cursor), chosen)

    def action_toggle_whole(self) -> None:
        """Show all lines, or those with a marked field alone."""
        self._is_whole = not self._is_whole
        self._show()

    def action_copy(self) -> None:
        self.query_one(ChoiceList).copy_line()

    def action_help(self) -> None:
        from .help import BROWSER_PANE, HelpScreen

        self.app.push_screen(HelpScreen(BROWSER_PANE))

    def action_close(self) -> None:
        self.dismiss(None)
