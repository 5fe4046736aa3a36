"""One file in an editor that stands where the source pane does."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual.content import Content

from btfview.errors import BtfviewError, FileChangedError, UnreadableFileError
from btfview.frozen import replace
from btfview.inputs import MAX_TEXT, read_input
from btfview.session.copies import shown_path
from btfview.session.file_edit import FileText, read_editable, replace_file
from btfview.session.rescue import forget_text, keep_text, kept_texts, set_apart
from btfview.tui.drawing import visible
from btfview.tui.line_notes import Carried, LineNotes, editor_lines, notes_of
from btfview.tui.screens.ask import AskScreen
from btfview.tui.widgets.source_editor import SourceEditor

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from btfview.analysis.result import Analysis
    from btfview.tui.workbench.bench import Bench

_KEEP_SECONDS = 1.0
"""Between two copies of what is not saved."""
_MANY_LINES = 5_000
"""Of a text for which no notes are carried along at each key."""
_PAUSE_SECONDS = 0.4
"""Without a key, after which what is typed is compiled; longer where the last compile took longer."""
HINTS = (
    ("ctrl+s", "save, compile", "editor('save')"),
    ("esc", "leave", "editor('leave')"),
    ("f8", "next problem", "editor('next_problem')"),
    ("ctrl+z", "undo", "editor('undo')"),
    ("ctrl+y", "redo", "editor('redo')"),
)


class InPlaceEdit:
    """One file in the editor of *bench*; *ended* is called once the user has left it.

    Raises:
        UsageError: it cannot be edited here; says why and what to do.
        UnreadableFileError: it cannot be read.
    """

    def __init__(self, bench: Bench, path: str, ended: Callable[[], None]) -> None:
        self._bench = bench
        self._ended = ended
        self._file = read_editable(path)
        self._saved_text = self._file.text
        """What the file holds, as the editor shows it."""
        self._widget = SourceEditor(self._file)
        self._is_changed_outside = False
        self._said = ""
        self._kept = self._saved_text
        """What was last kept of the text."""
        self._keeping: Timer | None = None
        self._compiled_of: tuple[Analysis, str | None] | None = None
        """A result, and the text that it is of."""
        self._notes: dict[int, tuple[Analysis, LineNotes]] = {}
        """What stands at the ends of lines, of the results that are on show."""
        self._pause: Timer | None = None
        self._drafted: str | None = None
        """What was last given to the compiler without being saved."""
        self.is_text_newer = False
        """The text is newer than the newest result."""

    @property
    def path(self) -> str:
        return self._file.path

    @property
    def is_unsaved(self) -> bool:
        return self._widget.text != self._saved_text

    # -- begin and end ----------------------------------------------------------------------------

    async def begin(self) -> None:
        """Put the editor in the place of the source pane, the cursor on its line."""
        pane = self._bench.source_pane
        line, row = pane.cursor_number, pane.cursor_row
        await self._bench.replace_source(self._widget, HINTS)
        self._widget.call_after_refresh(self._widget.go_to, line, row=row)
        self._annotate()
        self.show_title()
        for lost in kept_texts(self.path):
            self._bench.notify(
                f"btfview ended with unsaved text of this file; it is in {set_apart(lost)}",
                title="Edit",
                timeout=20,
            )
        self._keeping = self._widget.set_interval(_KEEP_SECONDS, self.keep)

    def keep(self) -> None:
        """Keep the text where a killed process does not take it along."""
        text = self._widget.text
        if text == self._kept:
            return
        self._kept = text
        if self.is_unsaved:
            keep_text(self.path, text)
        else:
            forget_text(self.path)

    def end(self) -> None:
        """Put the source pane back."""
        line, row = self._widget.cursor_location[0] + 1, self._widget.cursor_row
        self._ended()
        for timer in (self._keeping, self._pause):
            if timer is not None:
                timer.stop()
        forget_text(self.path)
        self._bench.restore_source()
        pane = self._bench.source_pane
        pane.go_to_number(line, self.path)
        pane.call_after_refresh(pane.show_cursor_at, row)
        if self._compiled not in (None, self._saved_text) or self._bench.session.pending is not None:
            self._bench.start_work()  # what is on show is of a text that was not saved
        self._bench.show_titles()

    # -- what the user does -----------------------------------------------------------------------

    def command(self, name: str) -> None:
        match name:
            case "save":
                self.save()
            case "leave":
                self.leave()
            case "undo":
                self._widget.action_undo()
            case "redo":
                self._widget.action_redo()
            case "next_problem":
                self._next_problem()

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Write the file and compile it; ask where another program has changed it."""
        after = self._file.with_text(self._widget.text)
        try:
            if after != self._file.data:
                replace_file(self.path, self._file.data, after)
        except FileChangedError as error:
            self._ask_over(str(error), then)
            return
        except BtfviewError as error:
            self._bench.notify(f"{error}\nYour text is still here.", title="Not saved", severity="error")
            return
        self._saved(after, then)

    def _saved(self, after: bytes, then: Callable[[], None] | None) -> None:
        self._bench.writes.note(self.path, self._file.data, after)
        self._file = FileText(self.path, after)
        self._saved_text = self._file.text
        forget_text(self.path)
        self._is_changed_outside = False
        self._said = "saved"
        self.show_title()
        self._bench.start_work()
        if then is not None:
            then()

    def _ask_over(self, problem: str, then: Callable[[], None] | None) -> None:
        """The file is not what the user began with: let the user choose what is kept."""

        def answered(key: str | None) -> None:
            try:
                if key == "o":
                    self._overwrite(then)
                elif key == "r":
                    self._reload()
            except BtfviewError as error:
                self._bench.notify(str(error), title="Edit", severity="error")

        lines = [problem, "Your text is in the editor, theirs is in the file."]
        answers = [("o", "overwrite with mine"), ("r", "take theirs, drop mine")]
        self._bench.open_dialogue(AskScreen("Changed meanwhile", lines, answers), answered)

    def _overwrite(self, then: Callable[[], None] | None) -> None:
        after = self._file.with_text(self._widget.text)
        try:
            theirs = read_input(self.path, MAX_TEXT)
        except UnreadableFileError:
            theirs = None  # gone, or not to be read: then there is nothing that could be taken back
        replace_file(self.path, theirs, after)
        if theirs is not None:
            self._file = FileText(self.path, theirs)
        self._saved(after, then)

    def _reload(self) -> None:
        self._file = read_editable(self.path)
        self._saved_text = self._file.text
        self._is_changed_outside = False
        self._widget.show_text(self._saved_text)
        self._said = "read again"
        self.show_title()
        self._bench.start_work()

    def leave(self, then: Callable[[], None] | None = None) -> None:
        """Leave the editor, after asking where something is not saved."""

        def left() -> None:
            self.end()
            if then is not None:
                then()

        def answered(key: str | None) -> None:
            if key == "s":
                self.save(left)
            elif key == "d":
                left()

        if not self.is_unsaved:
            left()
            return
        lines = [f"{self.path} has changes that are not saved."]
        answers = [("s", "save and leave"), ("d", "discard them")]
        self._bench.open_dialogue(AskScreen("Unsaved changes", lines, answers), answered)

    def _next_problem(self) -> None:
        latest = self._bench.session.latest
        source = latest.source if latest is not None else None
        here = self._widget.cursor_location
        known = latest.diagnostics if latest is not None else ()
        found = [
            (source.location(one.span.start), one)
            for one in known
            if source is not None and source.file_at(one.span.start)[0].path == self.path
        ]
        if not found:
            self._say("no problem is known")
            return
        found.sort(key=lambda item: (item[0].line, item[0].column))
        place, one = next((item for item in found if (item[0].line - 1, item[0].column - 1) > here), found[0])
        self._widget.go_to(place.line, place.column)
        self._say(f"{one.severity}: {one.message}")

    # -- what is typed ----------------------------------------------------------------------------

    @property
    def _compiled(self) -> str | None:
        """The text of the file that the newest result is of; None where it has no such file."""
        latest = self._bench.session.latest
        if latest is None or latest.source is None:
            return None
        if self._compiled_of is None or self._compiled_of[0] is not latest:
            files = (latest.source, *latest.source.modules)
            file = next((one for one in files if one.path == self.path), None)
            self._compiled_of = latest, "\n".join(editor_lines(file)) if file is not None else None
        return self._compiled_of[1]

    def text_changed(self) -> None:
        """The text is another: compile it once no more is typed for a moment."""
        self._note_age()
        self.show_title()
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        self._compile_soon()

    def _compile_soon(self) -> None:
        """Compile the text after a pause, unless that is under way."""
        is_first_file = self.path == self._bench.session.path  # of another it takes what is saved
        if self.is_text_newer and self._pause is None and is_first_file:
            latest = self._bench.session.latest
            took = latest.milliseconds / 1000 if latest is not None else 0.0
            self._pause = self._widget.set_timer(max(_PAUSE_SECONDS, took), self._compile_draft)

    def _note_age(self) -> None:
        compiled = self._saved_text if self._compiled is None else self._compiled
        before, self.is_text_newer = self.is_text_newer, self._widget.text != compiled
        if before != self.is_text_newer:
            self._bench.show_titles()
        self._annotate()

    def _compile_draft(self) -> None:
        """Compile the text of the editor, without saving it."""
        self._pause = None
        pending = self._bench.session.pending
        if pending is not None and pending.text is None:
            self._compile_soon()  # the file is being read: overtaken, nobody would see that it is another
        elif self.is_text_newer and not self._is_changed_outside:
            self._drafted = self._widget.text
            self._bench.start_work(text=self._file.with_text(self._drafted).decode())

    def _annotate(self) -> None:
        """Give the editor the records' marks of the last good result, and what is wrong in the newest."""
        session = self._bench.session
        good, views, latest = session.good, session.views, session.latest
        lines = self._widget.text.split("\n")
        layers: list[tuple[LineNotes, Carried]] = []
        if len(lines) > _MANY_LINES and self.is_text_newer:
            self._widget.show_notes(())
            return
        for analysis in dict.fromkeys((good, latest)):
            if analysis is None or analysis.path != self.path:
                continue
            if self._notes.get(id(analysis), (None,))[0] is not analysis:
                summaries = views.summaries if analysis is good and views is not None else ()
                self._notes[id(analysis)] = analysis, notes_of(analysis, summaries)
            notes = self._notes[id(analysis)][1]
            if analysis is not latest:
                notes = replace(notes, wrong={})
            layers.append((notes, Carried(notes, lines)))
        self._notes = {key: kept for key, kept in self._notes.items() if kept[0] in (good, latest)}
        self._widget.show_notes(layers)

    # -- what happens around it -------------------------------------------------------------------

    def show_result(self, latest: Analysis) -> None:
        """Take note of a result: of this text, or of what another program has written."""
        if latest.source is None:
            return
        self._note_age()
        if self._compiled is not None:  # of a module there is none while nothing is said of it
            if self._compiled not in (self._saved_text, self._drafted, self._widget.text):
                self._changed_outside()
                return
            self._compile_soon()  # where the file was compiled for another reason: other kernels, an option
        errors = [one for one in latest.diagnostics if one.is_error]
        if errors:
            first = min(errors, key=lambda one: one.span.start)
            place = f"line {latest.source.location(first.span.start).line}"
            if latest.source.file_at(first.span.start)[0].path != self.path:
                place = f"{os.path.basename(latest.source.file_at(first.span.start)[0].path)} {place}"
            self._say(f"✖ {place}: {first.message}")
        else:
            self._say("✔ compiled" if latest.object is not None else "")

    def _changed_outside(self) -> None:
        if not self.is_unsaved:
            try:
                self._reload()
            except BtfviewError as error:
                self._bench.notify(str(error), title="Edit", severity="error")
            return
        if not self._is_changed_outside:
            self._is_changed_outside = True
            self._bench.notify(
                "Another program changed the file. Your text is kept; ctrl+s asks which is to stay.",
                title="Changed meanwhile",
                severity="warning",
            )
        self.show_title()

    def _say(self, text: str) -> None:
        self._said = text
        self.show_title()

    def show_title(self) -> None:
        """Say in the frame what is edited, whether it is saved, and what came of it."""
        state = "! changed on disk" if self._is_changed_outside else "● unsaved" if self.is_unsaved else ""
        is_narrow = self._bench.size.width < len(self.path) + len(state) + 40
        parts = [state, f"editing {os.path.basename(self.path) if is_narrow else shown_path(self.path)}"]
        is_flat = self._widget.has_class("-flat")  # then there is no lower edge to write on
        parts += [self._said] if is_flat else []
        self._widget.border_title = Content(visible(" · ".join(part for part in parts if part)))
        self._widget.border_subtitle = Content(visible(self._said)) if self._said and not is_flat else None
