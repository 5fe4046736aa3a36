"""Write the report into a file: what ``btfview relos`` prints, as text or as JSON, or a page of HTML."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input
from textual.worker import get_current_worker

from btfview.errors import InputError, error_text, reason_of
from btfview.session.file_edit import replace_file
from btfview.session.write_file import create_file, is_one_of
from btfview.tui.keys.bindings import bindings_of
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.bars import KeyBar, MessageBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from btfview.analysis.result import Analysis

_PAGES = (".html", ".htm")


class ExportScreen(ModalScreen[None]):
    """Asks for a path; one that ends in ``.json`` becomes JSON, in ``.html`` a page, any other text."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("export", {"leave": "dismiss(None)"})
    HINTS = (("enter", "write", "submit"), ("esc", "cancel", "dismiss(None)"))

    def __init__(self, analysis: Analysis, *, is_stale: bool) -> None:
        super().__init__()
        self._analysis = analysis
        self._is_stale = is_stale
        self._inputs = (analysis.path, *(file for target in analysis.targets for file in target.files))
        self._confirmed = ""
        """A path that exists and that enter will overwrite."""

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-low") as dialog:
            dialog.border_title = "Export the report"
            stem = os.path.splitext(os.path.basename(self._analysis.path))[0]
            name = f"{stem}.btfview.txt"
            yield Input(
                name if name.isprintable() else "report.txt",
                placeholder="path; .html for a page to share, .json for JSON",
                id="path",
                select_on_focus=False,
            )
            yield MessageBar()
            yield KeyBar(self.HINTS, "export")

    def on_mount(self) -> None:
        stale = "The result is stale: the file has errors, or is gone. " if self._is_stale else ""
        self._say(
            f"{stale}Text; a name in .html gives a page to share, in .json JSON",
            "warning" if stale else "dim",
        )

    def _say(self, text: str, role: str) -> None:
        """Say one line of the path, which stands above it."""
        self.query_one(MessageBar).say(text, role)

    def on_input_changed(self) -> None:
        self._confirmed = ""

    def on_input_submitted(self) -> None:
        self.action_submit()

    def action_submit(self) -> None:
        """Write the file; one that is there only when enter is pressed again."""
        path = os.path.expanduser(self.query_one(Input).value.strip())
        if not path:
            self._say("type a path", "error")
            return
        try:
            if is_one_of(path, self._inputs):
                self._say("that is the file on show, or a kernel of it; choose another", "error")
                return
            if os.path.exists(path) and not os.path.isfile(path):  # opening a pipe might wait for ever
                self._say("that is not a file; choose a name of its own", "error")
                return
            if os.path.lexists(path) and self._confirmed != path:
                self._confirmed = path
                self._say("it exists: enter again overwrites it", "warning")
                return
        except ValueError as error:
            self._say(reason_of(error), "error")
            return
        if path.endswith(_PAGES):
            self._say("writing it ...", "dim")
            self._write_page(path)
        else:
            self._write(path, self._report(is_json=path.endswith(".json")))

    @work(thread=True, exclusive=True, group="export")
    def _write_page(self, path: str) -> None:
        """Make the page beside the screen: it tries code for what fails, 0.1 s each."""
        thread = get_current_worker()
        try:
            from btfview.html_report.page import report_page

            page = report_page([self._analysis])
        except Exception as error:  # also of btfview's own: the screen stays up and says so
            self.call_later(self._say, error_text(error), "error")
            return
        if not thread.is_cancelled:
            self.call_later(self._write, path, page)

    def _write(self, path: str, text: str) -> None:
        data = text.encode("utf-8", "backslashreplace")
        try:
            if self._confirmed == path:
                replace_file(path, None, data)
            else:
                create_file(path, data)
        except FileExistsError:
            self._confirmed = path
            self._say("it exists: enter again overwrites it", "warning")
        except InputError as error:
            self._say(error.problem, "error")
        except (OSError, ValueError) as error:
            self._say(reason_of(error), "error")
        else:
            self.app.notify(path, title="Exported")
            self.dismiss(None)

    def _report(self, *, is_json: bool) -> str:
        from btfview.views.loaders import loaded_json, loaded_text

        if not is_json:
            return loaded_text(self._analysis) + "\n"
        import json

        return json.dumps(loaded_json(self._analysis), indent=1) + "\n"
