"""Choose the kernels that relocations are resolved on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from ...errors import BtfviewError
from ...targets.find import known_targets, open_target
from ...targets.target import Target
from ...workspace.session import refuse_endless
from ..drawing import Line, visible
from ..paths import common_beginning, complete_path
from ..roles import ROLE_CLASSES
from ..widgets.bars import Bar, KeyBar
from ..widgets.choice_list import ChoiceList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult

_ORIGINS = {"running": "the running kernel", "bundled": "bundled, trimmed", "file": "file"}


class TargetsScreen(ModalScreen["tuple[Target | str, ...] | None"]):
    """Returns the chosen targets in the order of the list, or None."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("tab,shift+tab", "switch", "Switch", show=False, priority=True),
        Binding("space", "tick", "Tick", show=False),
        Binding("a", "set_all(True)", "All", show=False),
        Binding("n", "set_all(False)", "None", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("up", "move(-1)", "Up", show=False),
    ]
    HINTS = (
        ("space", "on or off", "tick"),
        ("a", "all", "set_all(True)"),
        ("n", "none", "set_all(False)"),
        ("tab", "path", "switch"),
        ("enter", "apply", "apply"),
        ("esc", "cancel", "cancel"),
    )

    def __init__(self, chosen: Iterable[Target]) -> None:
        super().__init__()
        chosen = tuple(chosen)
        self._targets = list(dict.fromkeys((*chosen, *known_targets())))
        self._chosen = set(chosen)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = "Targets: the kernels to resolve on"
            yield ChoiceList(id="choices")
            yield Input(
                placeholder="tab, then a path: BTF, vmlinux, module; or a name, or KERNEL+MODULE", id="path"
            )
            yield Bar(id="message")
            yield KeyBar(self.HINTS)

    def on_mount(self) -> None:
        self._show()
        self.query_one(ChoiceList).focus()

    def _show(self, cursor: int | None = None) -> None:
        width = max((len(target.name) for target in self._targets), default=0)
        lines = [
            Line(
                (
                    ("[x] " if target in self._chosen else "[ ] ", "key"),
                    (visible(target.name).ljust(width + 2), "name" if target in self._chosen else "text"),
                    (visible(_ORIGINS[target.origin] if target.origin != "file" else target.path), "dim"),
                )
            )
            for target in self._targets
        ]
        choices = self.query_one(ChoiceList)
        choices.empty_text = "no kernels are known: press tab and type a path"
        choices.set_lines(lines, cursor=cursor)

    def _say(self, text: str, role: str) -> None:
        self.query_one("#message", Bar).show(((f" {visible(text)}", role),))

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
        if self._targets:
            self._chosen ^= {self._targets[self.query_one(ChoiceList).cursor]}
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

        try:
            target = open_target(expanduser(spec))
            refuse_endless(target.path)
            _ = target.btf
        except BtfviewError as error:
            self._say(str(error), "error")
            return
        if target not in self._targets:
            self._targets.append(target)
        self._chosen.add(target)
        event.input.value = ""
        self._say(f"added {target.name}", "as-compiled")
        self._show(cursor=self._targets.index(target))
        self.query_one(ChoiceList).focus()
