"""Edit the source: in the place of its pane, until the user leaves it; or in the user's own editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.errors import BtfviewError

from .outside_editor import edit_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App

    from btfview.analysis.result import Analysis
    from btfview.tui.workbench.bench import Bench

    from .in_place_edit import InPlaceEdit


class Editing:
    """The file that is edited in place, if there is one."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._edit: InPlaceEdit | None = None

    @property
    def is_on(self) -> bool:
        return self._edit is not None

    @property
    def _path(self) -> str | None:
        """The file to edit: of a program of several the one on show."""
        session = self._bench.session
        latest = session.latest
        if session.path is None or latest is None or latest.source is None or latest.origin != "rust":
            return session.path
        return self._bench.source_pane.file_path or session.path

    @property
    def is_text_newer(self) -> bool:
        """Whether the text in the editor is newer than the newest result."""
        return self._edit is not None and self._edit.is_text_newer

    async def begin(self) -> None:
        """Turn the source pane into an editor."""
        bench = self._bench
        path, latest = self._path, bench.session.latest
        if self._edit is not None:
            bench.show_pane("source")
        elif path is None:
            bench.notify(f"Nothing is open: press {bench.key_of('open')}.", title="Edit")
        elif latest is not None and latest.origin in ("object", "bitcode"):
            bench.notify(
                f"{path} is {_compiled(latest)}, there is no text to edit. Edit the source it is built from; "
                "the object is read again when it changes.",
                title="Edit",
            )
        else:
            if bench.offer_copy(lambda: bench.call_later(self.begin)):
                return
            from .in_place_edit import InPlaceEdit

            try:
                self._edit = InPlaceEdit(bench, path, self._ended)
            except BtfviewError as error:
                bench.notify(str(error), title="Edit", severity="error")
            else:
                await self._edit.begin()

    def _ended(self) -> None:
        self._edit = None

    def begin_outside(self, app: App[None], note_editor: Callable[[int], None]) -> None:
        """Hand the source to the user's editor, and compile what comes back; see :func:`edit_file`."""
        bench = self._bench
        path, latest = self._path, bench.session.latest
        if path is None:
            bench.notify(f"Nothing is open: press {bench.key_of('open')}.")
        elif bench.offer_copy(lambda: self.begin_outside(app, note_editor)):
            return
        elif self._edit is not None:
            bench.notify("The file is being edited here: escape leaves the editor first.", title="Edit")
        elif latest is not None and latest.origin in ("object", "bitcode"):
            bench.notify(
                f"{path} is {_compiled(latest)}; edit the source it is built from. It is read again when it "
                "changes.",
                title="Edit",
            )
        elif edit_file(app, path, bench.source_pane.cursor_number, note_editor):
            bench.start_work()

    def command(self, name: str) -> None:
        """Do what a key of the editor does: save, leave, undo, redo, next_problem."""
        if self._edit is not None:
            self._edit.command(name)

    def leave(self, then: Callable[[], None]) -> None:
        """Leave the editor, after asking where something is not saved, and go on with *then*."""
        if self._edit is None:
            then()
        else:
            self._edit.leave(then)

    def keep(self) -> None:
        """Keep what is not saved, as the program is about to end."""
        if self._edit is not None:
            self._edit.keep()

    def show_result(self, latest: Analysis) -> None:
        if self._edit is not None:
            self._edit.show_result(latest)

    def text_changed(self) -> None:
        if self._edit is not None:
            self._edit.text_changed()


def _compiled(analysis: Analysis) -> str:
    return "a compiled object" if analysis.origin == "object" else "bitcode"
