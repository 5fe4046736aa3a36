"""The application: theme, palette, and the workbench as its only standing screen."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import constants
from textual.app import App, SystemCommand
from textual.css.query import NoMatches
from textual.events import Event, Key, Paste
from textual.screen import ModalScreen
from textual.worker import WorkerFailed

from btfview.analysis.kernels.target_choice import EVERY, TargetChoice
from btfview.configuration.screen import DEFAULTS
from btfview.core_relo.loaders.names import LOADERS, title
from btfview.errors import EXIT_INTERNAL, error_text
from btfview.keymap.table import KEYS
from btfview.session.debug_log import note
from btfview.session.screen_state import ScreenState

from .background import PATIENCE, QUESTION, AskingDriver, BackgroundTold
from .drawing import visible
from .garbage import settle_start
from .keys.bindings import bindings_of
from .keys.key_order import KeyOrder
from .option_names import option_choices, option_title
from .screens.ask import AskScreen
from .themes import least_contrast, own_themes, shaded_theme
from .workbench.screen import WorkbenchScreen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.binding import BindingType
    from textual.dom import DOMNode
    from textual.events import Click
    from textual.screen import Screen
    from textual.theme import Theme

    from btfview.compiler.options import CompileOptions
    from btfview.configuration.screen import ScreenSettings
    from btfview.palette.goals import Goal


_TERMINAL_CHECK = 1.0
"""Seconds between two looks whether the terminal is still there."""
_PROBLEM_SECONDS = 20.0
"""That what is wrong with the configuration is shown."""
_LIGHT_THEME = "textual-light"
_EXIT_HANGUP = 129
"""What a shell reports of a program that SIGHUP ended."""


class BtfviewApp(App[None]):
    """btfview on *paths* (the first is opened, the others are offered), resolved on those of *target_specs*
    that *choice* says.

    Without targets: the running kernel, where it has BTF, and the bundled ones; without *loader* the one
    that was shown last.
    """

    TITLE = "btfview"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "app", {"palette": "command_palette", "suspend": "suspend_process"}, first=("palette",)
    )

    def __init__(
        self,
        paths: list[str],
        target_specs: list[str],
        options: CompileOptions,
        loader: str | None = None,
        settings: ScreenSettings | None = None,
        choice: TargetChoice = EVERY,
        *,
        is_fresh: bool = False,
    ) -> None:
        # In a browser, textual-serve says which driver it is to be.
        super().__init__(driver_class=None if constants.DRIVER else AskingDriver)
        self.animation_level = "none"
        self._settings = settings = settings or DEFAULTS
        self.keys_in_force = settings.keymap
        self.key_order = KeyOrder(self, super().on_event)
        self.set_keymap(settings.keymap.for_textual)
        for theme in own_themes():
            self.register_theme(theme)
        self._state = ScreenState(is_fresh=is_fresh, configured_theme=settings.theme)
        self._workbench = WorkbenchScreen(paths, target_specs, options, self._state, loader, settings, choice)
        self._asked_at: float | None = None
        """When the terminal was asked for its background; None while it was not."""
        wanted = self._state.theme or settings.theme
        if wanted in self.available_themes:
            self.theme = wanted
        self._known_theme = self.theme
        """The theme on show, as far as it is not a new choice of the user's."""
        self.crash_told = ""
        """What is to be said in the terminal of the error of btfview's own that ended the screen."""
        self.editor_pid = 0
        """The user's editor, while that has the terminal."""

    def get_default_screen(self) -> Screen[None]:
        return self._workbench

    @property
    def workbench(self) -> WorkbenchScreen:
        return self._workbench

    async def run_action(
        self,
        action: str | tuple[str, str, tuple[Any, ...]],
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        is_done = await super().run_action(action, default_namespace, namespaces)
        if is_done:
            note(f"does: {action}")
        return is_done

    async def run_async(self, **options: Any) -> None:
        """Run until the user or a signal ends it."""
        import asyncio

        from .ending import Ending

        ending = Ending(self, asyncio.get_running_loop())
        try:
            await super().run_async(**options)
        finally:
            ending.finish()

    def _handle_exception(self, error: Exception) -> None:
        """End with a traceback; but a screen that is taken down while it is still being put up, for the user
        has quit, misses its own widgets, and that is no error."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        if not (isinstance(cause, NoMatches) and (self._exit or not self.is_running)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End; what went wrong, and what to attach to a report, is told in the place of Textual's traceback,
        which has the values of all variables."""
        error = self._exception
        if self.is_headless or error is None or os.environ.get("BTFVIEW_TRACEBACK"):
            super()._fatal_error()
            return
        from btfview.session.crash_report import crash_text, write_crash_report

        with suppress(Exception):  # nothing must stand in the way of telling it
            self.keep_unsaved()
        cause = error.error if isinstance(error, WorkerFailed) else error
        if not isinstance(cause, Exception):
            cause = error
        report = write_crash_report(cause, sys.argv[1:])
        note(f"crash: {report}")
        self._return_code = EXIT_INTERNAL
        text = f"btfview: {error_text(cause)}\n{crash_text(report)}"
        self.crash_told = "\n".join(map(visible, text.split("\n")))
        self.panic()

    async def on_event(self, event: Event) -> None:
        """Take keys and what is pasted one after another, as they were pressed."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self.key_order.take(event)
        else:
            await super().on_event(event)

    async def action_quit(self) -> None:
        """Quit; where a text is being edited that is not saved, ask first, whatever dialogue is on show."""
        if not isinstance(self.screen, AskScreen):  # that is the question already
            self._workbench.editing.leave(self.exit)

    def on_click(self, event: Click) -> None:
        """A click beside a dialogue closes it, as escape does."""
        screen = self.screen
        if not isinstance(screen, ModalScreen) or not (found := screen.query("#dialog")):
            return
        if event.widget is None or event.widget.screen is not screen:
            return  # by this click it was opened
        widget, _ = self.get_widget_at(round(event.screen_x), round(event.screen_y))
        if widget is screen and not found.first().region.contains(*event.screen_offset):
            screen.dismiss("escape" if isinstance(screen, AskScreen) else None)

    def note_editor(self, pid: int) -> None:
        """The process *pid* has the terminal now; 0: we have it."""
        self.editor_pid = pid

    def keep_unsaved(self) -> None:
        """Keep text that is being edited where the next start finds it."""
        self._workbench.editing.keep()

    def notify(self, message: str, **options: Any) -> None:
        """Show *message*, under its title if any, for some seconds. Both may quote files, so they are text,
        never markup. What is on show already is not piled up: a key held down would cover the screen."""
        note(f"says: {options.get('title', '')}: {message}")
        options["markup"] = False
        options["title"] = visible(options.get("title", ""))
        text = "\n".join(map(visible, message.split("\n")))
        for other in tuple(self._notifications):
            if (other.message, other.title) == (text, options["title"]):
                self._unnotify(other, refresh=False)
        super().notify(text, **options)

    def _note_contrast(self) -> None:
        self.set_class(least_contrast(self.theme) is not None, "-high-contrast")

    def on_mount(self) -> None:
        self._note_contrast()
        self.call_after_refresh(settle_start)
        self.theme_changed_signal.subscribe(self, self._theme_changed)
        # Textual draws what has changed meanwhile, onto a terminal that was cleared.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        if self._settings.problems:
            text = "\n".join((*self._settings.problems, "There the default is taken."))
            self.notify(text, title="Configuration", severity="error", timeout=_PROBLEM_SECONDS)
        self._ask_background()
        if isinstance(self._driver, AskingDriver):
            self.set_interval(_TERMINAL_CHECK, self._leave_dead_terminal)

    def _ask_background(self) -> None:
        """Ask the terminal for its background, unless the user has chosen a theme."""
        if isinstance(self._driver, AskingDriver) and not (self._state.theme or self._settings.theme):
            self._asked_at = time.monotonic()
            self._driver.write(QUESTION)

    def on_background_told(self, message: BackgroundTold) -> None:
        asked_at, self._asked_at = self._asked_at, None
        if asked_at is not None and time.monotonic() - asked_at < PATIENCE and message.is_light:
            self.theme = self._known_theme = _LIGHT_THEME

    def _theme_changed(self, theme: Theme) -> None:
        """Keep the theme that the user has chosen."""
        self._note_contrast()
        if theme.name != self._known_theme:
            self._known_theme, self._asked_at = theme.name, None
            self._state.keep_theme(theme.name)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every key of the workbench and every compile option, where that is on show, and what Textual
        offers: themes, a screenshot, quit; a light and a dark theme by these words."""
        is_workbench = screen is self._workbench
        for key in KEYS if is_workbench else ():
            if key.id == "quit":
                continue
            name, _, more = key.help.partition("; ")
            action = key.action if "." in key.action else f"screen.{key.action}"
            about = f"{more + ', ' if more else ''}key {self.keys_in_force.shown(key.id)}"

            async def run(action: str = action) -> None:
                await self.run_action(action)

            yield SystemCommand(name, about, run)
        for name, choice, meaning in option_choices() if is_workbench else ():

            async def switch(name: str = name, choice: str = choice) -> None:
                await self.run_action(f"screen.set_option({name!r}, {choice!r})")

            yield SystemCommand(option_title(name, choice), f"compile option: {meaning}", switch)
        for loader in LOADERS if is_workbench else ():

            async def load(loader: str = loader) -> None:
                await self.run_action(f"screen.set_loader({loader!r})")

            yield SystemCommand(
                f"By the rules of {title(loader)}", "what that loader makes of every record", load
            )
        for command in super().get_system_commands(screen):
            if command.title in ("Theme", "Quit", "Screenshot"):
                yield command
        for shade in ("light", "dark"):

            def put_on(shade: str = shade) -> None:
                self.theme = shaded_theme(self.theme, shade, self.available_themes)

            yield SystemCommand(f"{shade.title()} theme", "of the same colours, where they have one", put_on)

    def action_command_palette(self) -> None:
        """Open our own palette in the place of Textual's, which knows commands alone."""
        self.open_palette()

    def open_palette(self, query: str = "") -> None:
        """Search commands, records, fields, functions, types and kernels; begin with *query*."""
        from .screens.palette import Command, PaletteScreen

        screen = self.screen
        if isinstance(screen, PaletteScreen):
            screen.dismiss(None)
            return
        is_workbench = screen is self._workbench
        commands = [
            Command(command.title, command.help, command.callback)
            for command in self.get_system_commands(screen)
        ]
        session = self._workbench.session if is_workbench else None
        made_for = session.good if session is not None else None

        async def chosen(value: Command | Goal | None) -> None:
            if isinstance(value, Command):
                done = value.run()
                if isawaitable(done):  # Textual's own may return anything: a timer, that of the screenshot
                    await done
            elif value is not None:
                self._workbench.jumps.follow(value, made_for)

        self.push_screen(PaletteScreen(session, commands, query), chosen)

    def _leave_dead_terminal(self) -> None:
        """End at once when the terminal is gone (a closed window, a lost ssh) and no SIGHUP has come, as
        under make or nohup: Textual would read its end of file for ever, at full speed."""
        if sys.__stdin__ is not None and not os.isatty(sys.__stdin__.fileno()):
            self.keep_unsaved()
            os._exit(_EXIT_HANGUP)  # nothing is left to restore, and the compiler ends with its pipe
