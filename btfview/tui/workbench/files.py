"""What goes in and out: a file is opened, kernels are chosen, a report is exported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.errors import BtfviewError
from btfview.tui.screens.ask import AskScreen

from .welcome import OPEN_KEY, welcome_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from btfview.targets.target import Target

    from .bench import Bench


class Files:
    """The file on *bench*; *given* are the paths of the command line."""

    def __init__(self, bench: Bench, given: tuple[str, ...]) -> None:
        self._bench = bench
        self.given = given
        self._awaited: tuple[str, str, Callable[[], object]] | None = None
        """A copy that is being opened, the key of the record that is to be selected there, and what to do
        then."""

    @property
    def is_any_open(self) -> bool:
        """Whether a file is on show, or about to be."""
        session = self._bench.session
        return session.path is not None or session.pending is not None

    def welcome(self) -> None:
        """Say in the source pane what can be opened."""
        self._bench.source_pane.set_quoted(welcome_rows(self.given))

    def open_row(self, key: str) -> None:
        """Open the file of a row of the welcome, if that is what *key* is of."""
        if key.startswith(OPEN_KEY):
            self._bench.start_work(key.removeprefix(OPEN_KEY))

    # -- several files ----------------------------------------------------------------------------

    @property
    def which(self) -> str:
        """Return ``1 of 2``: which of the files of the command line is on show; empty for one alone."""
        path = self._bench.session.path
        if len(self.given) < 2 or path not in self.given:
            keys = f"{self._bench.key_of('previous_file')} {self._bench.key_of('next_file')}"
            return f"{len(self.given)} files: {keys}" if len(self.given) > 1 else ""
        return f"{self.given.index(path) + 1} of {len(self.given)}"

    def step(self, direction: int) -> None:
        """Open the next or previous file of the command line, past either end from the other."""
        if len(self.given) < 2:
            self._bench.notify(
                "One file was given: name several on the command line, or open another with "
                f"{self._bench.key_of('open')}.",
                title="Files",
            )
            return
        path = self._bench.session.path
        at = self.given.index(path) if path in self.given else -1 if direction > 0 else 0
        self._bench.start_work(self.given[(at + direction) % len(self.given)])

    # -- demos ------------------------------------------------------------------------------------

    def offer_copy(self, then: Callable[[], object]) -> bool:
        """Offer a copy of a demo, which stays as it came, and go on with *then* once that is open; false for
        any other file."""
        from btfview.session.demo import copy_demo, is_demo

        session = self._bench.session
        path, key = session.path, session.selected_key
        if path is None or not is_demo(path):
            return False

        def answered(answer: str | None) -> None:
            if answer != "c":
                return
            try:
                copy = copy_demo(path)
            except BtfviewError as error:
                self._bench.notify(str(error), title="Copy", severity="error")
                return
            self._awaited = copy, key, then
            self._bench.notify(f"{copy} is yours to change.", title="Copied")
            self._bench.start_work(copy)

        lines = [
            f"{path} came with btfview and stays as it is.",
            "A copy in the folder that you are in (else in your home) is yours to change.",
        ]
        self._bench.open_dialogue(AskScreen("A demo", lines, [("c", "copy it and go on")]), answered)
        return True

    def opened(self) -> None:
        """The answer for the file on show is whole: go on with what waited for it."""
        session = self._bench.session
        if self._awaited is None or session.pending is not None or session.path != self._awaited[0]:
            return
        _, key, then = self._awaited
        self._awaited = None
        good = session.good
        numbers = range(good.item_count) if good is not None and key else ()
        same = next((number for number in numbers if good is not None and good.key(number) == key), None)
        if same is not None:
            self._bench.select_relo(same)
        then()

    # -- in and out -------------------------------------------------------------------------------

    def choose(self) -> None:
        """Let the user choose the file."""
        from btfview.tui.screens.open_file import OpenScreen

        def opened(path: str | None) -> None:
            if path is not None:
                self._bench.start_work(path)

        self._bench.open_dialogue(OpenScreen(self._bench.session.path, self.given), opened)

    def open_demo(self) -> None:
        from btfview.session.demo import demo_path

        path = demo_path()
        if path is None:
            self._bench.notify(
                "This installation has no demo programs; they are in the source repository, folder demo.",
                severity="warning",
            )
        else:
            self._bench.start_work(path)

    def recompile(self) -> None:
        if self.is_any_open:
            self._bench.start_work(is_forced=True)
        else:
            self._bench.notify(f"Nothing is open: press {self._bench.key_of('open')}.")

    def toggle_watch(self) -> None:
        session = self._bench.session
        session.set_watching(not session.is_watching)
        self._bench.show_header()

    def choose_targets(self) -> None:
        """Let the user choose the kernels."""
        from btfview.tui.screens.pick_targets import TargetsScreen

        session = self._bench.session

        def picked(targets: tuple[Target | str, ...] | None) -> None:
            if targets is None:
                return
            if self.is_any_open:
                self._bench.start_work(targets=targets)
            else:
                session.want_targets(targets)
                key = self._bench.key_of("open")
                self._bench.notify(f"They are used when a file is opened: press {key}.", title="Targets")

        self._bench.open_dialogue(TargetsScreen(session.targets, session.broken_targets), picked)

    def export(self) -> None:
        """Write the report into a file of the user's choice."""
        from btfview.tui.screens.export import ExportScreen

        session = self._bench.session
        if session.good is None:
            self._bench.notify("There is no result to export.", title="Export")
            return
        self._bench.open_dialogue(ExportScreen(session.good, is_stale=session.stale_since is not None))

    def command_line(self) -> str | None:
        """Return the command that tells the selection in a shell; None without one."""
        from btfview.session.command_line import demands_command, explain_command

        good, selection = self._bench.session.good, self._bench.session.selection
        if good is None or selection is None:
            return None
        target = good.targets[selection.target] if good.targets else None
        options = good.compilation.options if good.compilation else self._bench.session.options
        if good.ask(selection.relo):
            return demands_command(good.path, target, options)
        return explain_command(good.path, selection.relo, target, options, good.loader)
