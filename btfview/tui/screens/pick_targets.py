"""Choose the kernels that relocations are resolved on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input

from btfview.errors import error_text
from btfview.session.answer import ReadTargets, read_targets
from btfview.targets.find import open_targets
from btfview.targets.kernels import THIS_MACHINE
from btfview.targets.target import Target
from btfview.targets.told_apart import tell_apart
from btfview.tui.drawing import Line, visible
from btfview.tui.keys.bindings import bindings_of, keymap_of
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.bars import KeyBar, MessageBar
from btfview.tui.widgets.choice_list import ChoiceList

from .paths import common_beginning, complete_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from btfview.targets.kernels import Machine

_ORIGINS = {"running": "the running kernel", "bundled": "bundled with btfview", "file": "file"}
_LOOKING = "… looking for installed kernels"


class TargetsScreen(ModalScreen["tuple[Target | str, ...] | None"]):
    """Returns the chosen targets in the order of the list, or None."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "targets",
        {
            "leave": "cancel",
            "pick.switch": "switch",
            "pick.tick": "tick",
            "pick.all": "set_all(True)",
            "pick.none": "set_all(False)",
            "typing.down": "move(1)",
            "typing.up": "move(-1)",
        },
        first=("pick.switch",),
    )

    class Known(Message):
        """The places of this machine have been looked through, or could not be."""

        def __init__(self, targets: tuple[Target, ...], problem: str = "") -> None:
            super().__init__()
            self.targets = targets
            self.problem = problem

    class Added(Message):
        """What was typed has been opened: *spec* is a folder's name or that of one target."""

        def __init__(self, spec: str, read: ReadTargets, problem: str = "") -> None:
            super().__init__()
            self.spec = spec
            self.read = read
            self.problem = problem

    HINTS = (
        ("space", "on or off", "tick"),
        ("a", "all", "set_all(True)"),
        ("n", "none", "set_all(False)"),
        ("tab", "path", "switch"),
        ("enter", "apply", "apply"),
        ("esc", "cancel", "cancel"),
    )

    def __init__(
        self, chosen: Iterable[Target], broken: Mapping[Target, str], machine: Machine = THIS_MACHINE
    ) -> None:
        super().__init__()
        self._machine = machine
        self._targets = list(dict.fromkeys((*chosen, *broken)))
        self._chosen = set(chosen)
        self._broken = dict(broken)
        self._said = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = "Targets: the kernels to resolve on"
            yield ChoiceList(id="choices")
            yield Input(
                placeholder=keymap_of(self).said(
                    "{tab}, then a path: BTF, vmlinux, folder; or a name, or KERNEL+MODULE", "targets"
                ),
                id="path",
            )
            yield MessageBar()
            yield KeyBar(self.HINTS, "targets")

    def on_mount(self) -> None:
        self._show()
        self.query_one(ChoiceList).focus()
        self._say(_LOOKING, "dim")
        self._look_around()

    @work(thread=True, group="look")
    def _look_around(self) -> None:
        from btfview.targets.places import all_targets

        try:
            message = self.Known(all_targets(self._machine))
        except Exception as error:  # also of btfview's own: the screen stays up and says so
            message = self.Known((), error_text(error))
        self.post_message(message)

    def on_targets_screen_known(self, message: Known) -> None:
        self._targets = list(dict.fromkeys((*self._targets, *message.targets)))
        if message.problem or self._said == _LOOKING:  # else the user has opened one meanwhile
            self._say(message.problem, "error")
        self._show()

    def _show(self, cursor: int | None = None) -> None:
        width = max((len(target.name) for target in self._targets), default=0)
        lines = [self._target_line(target, width) for target in self._targets]
        choices = self.query_one(ChoiceList)
        choices.empty_text = keymap_of(self).said(
            "no kernels are known: press {tab} and type a path", "targets"
        )
        choices.set_lines(lines, cursor=cursor)

    def _target_line(self, target: Target, width: int) -> Line:
        origin = visible(_ORIGINS[target.origin] if target.origin != "file" else target.path)
        if target in self._broken:
            # The problem begins with the path, which is then told once.
            badge, origin = ("✖ broken  ", "error"), visible(self._broken[target])
        elif target.badge:
            badge = (f"? {visible(target.badge)}  ", "warning")
        else:
            badge = ("", "")
        is_chosen = target in self._chosen
        return Line(
            (
                ("[x] " if is_chosen else "[ ] ", "key"),
                (visible(target.name).ljust(width + 2), "name" if is_chosen else "text"),
                badge,
                (origin, "dim"),
            )
        )

    def _say(self, text: str, role: str) -> None:
        self._said = text
        self.query_one(MessageBar).say(text, role)

    # -- choosing ---------------------------------------------------------------------------------

    def on_line_list_activated(self) -> None:
        self.action_apply()

    def action_apply(self) -> None:
        self.dismiss(tuple(target for target in self._targets if target in self._chosen))

    def action_cancel(self) -> None:
        if self.query_one(Input).has_focus:
            self.query_one(ChoiceList).focus()
        else:
            self.dismiss(None)

    def action_tick(self) -> None:
        here = self.query_one(ChoiceList).here
        if here is not None:
            self._chosen ^= {self._targets[here]}
            self._show()

    def action_set_all(self, is_on: bool) -> None:
        self._chosen = set(self._targets) if is_on else set()
        self._show()

    def action_move(self, delta: int) -> None:
        self.query_one(ChoiceList).action_move(delta)

    # -- typing a path ----------------------------------------------------------------------------

    def action_switch(self) -> None:
        """Go to the input; in it, complete the path, or go back to the list when there is none."""
        field = self.query_one(Input)
        if not field.has_focus:
            field.focus()
            return
        text = field.value
        if not text:
            self.query_one(ChoiceList).focus()
            return
        found = complete_path(text)
        longer = common_beginning(text, found)
        if longer != text and longer.isprintable():
            field.value = longer
            field.cursor_position = len(longer)
        names = [entry.path for entry in found.entries if entry.path.startswith(text)]
        self._say("  ".join(map(visible, names[:20])) if len(names) > 1 else "", "dim")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Add what was typed to the list, chosen; an empty input applies the choice."""
        spec = event.value.strip()
        if not spec:
            self.action_apply()
            return
        from os.path import expanduser

        self._say(f"… reading {spec}", "dim")
        self._open(expanduser(spec))

    @work(thread=True, exclusive=True, group="open")
    def _open(self, spec: str) -> None:
        """Open what was typed; a target of its own is read at once, those of a folder when they are used."""
        try:
            targets = open_targets(spec, self._machine)
            tell_apart(targets, self._targets)
            read = read_targets(targets) if len(targets) == 1 else ReadTargets(targets, (), ())
            message = self.Added(spec, read)
        except Exception as error:  # also of btfview's own: the screen stays up and says so
            message = self.Added(spec, ReadTargets((), (), ()), error_text(error))
        self.post_message(message)

    def on_targets_screen_added(self, message: Added) -> None:
        problem = message.problem or "; ".join(message.read.problems)
        if problem:
            self._say(problem, "error")
            return
        added = message.read.targets
        self._targets = list(dict.fromkeys((*self._targets, *added)))
        self._chosen |= set(added)
        for target in added:
            self._broken.pop(target, None)
        self.query_one(Input).value = ""
        self._say(f"added {added[0].name if len(added) == 1 else f'{len(added)} targets'}", "as-compiled")
        self._show(cursor=self._targets.index(added[0]))
        self.query_one(ChoiceList).focus()
