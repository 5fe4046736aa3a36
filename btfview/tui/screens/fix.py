"""Fixes for what fails: each as a diff, with what becomes of the kernels; enter writes one."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.worker import get_current_worker

from btfview.errors import error_text
from btfview.targets.kept_open import AllOpen
from btfview.tui.drawing import Line, pieces_of, visible
from btfview.tui.keys.bindings import bindings_of, keymap_of
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.bars import KeyBar, MessageBar
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.views.fixes import difference_rows, fix_row, strip_rows
from btfview.words import plural

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize

    from btfview.analysis.result import Analysis
    from btfview.fixes.patch import Fix
    from btfview.tui.widgets.line_list import LineList
    from btfview.views.rows import Row

_MOST_SHOWN = 5
"""Fixes in sight; there are as many kinds."""
_BESIDE_STRIP = 24
"""Cells for what is said beside a strip: ``fails on 31 of 31``."""


class FixList(ChoiceList):
    """The fixes; their keys are those of the dialogue."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "fix list",
        {"fixing.write": "screen.write", "copy": "screen.copy", "fixing.switch": "screen.next_list"},
    )

    class Paged(Message):
        """The user turned a page of a list that has but one."""

        def __init__(self, pages: float) -> None:
            super().__init__()
            self.pages = pages

    def action_page(self, pages: float) -> None:
        if self.max_scroll_y:
            super().action_page(pages)
        else:
            self.report(self.Paged(pages))

    def turn_page(self, pages: float) -> None:
        """Show the next or previous page, with or without the focus; the cursor goes with it."""
        body = max(1, self._body_height - 1)
        top = max(0, min(round(self.scroll_y + pages * body), round(self.max_scroll_y)))
        self.scroll_to(y=top, animate=False, force=True)
        self.place_cursor(min(top + body, self.line_count - 1) if pages > 0 else top)


class FixScreen(ModalScreen["Fix | None"]):
    """Gives the fix that the user wants written, if he wants one."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("fix", {"leave": "leave"})
    HINTS = (
        ("enter", "write it", "write"),
        ("y", "copy", "copy"),
        ("tab", "to the diff", "next_list"),
        ("esc", "close", "leave"),
    )

    class Found(Message):
        """A thread has proven a fix, or is at its end."""

        def __init__(self, fix: Fix | None, code: str = "", why: str = "") -> None:
            super().__init__()
            self.fix = fix
            self.code = code
            """Of a hint, for an object; there is nothing that could be written."""
            self.why = why
            """Said at the end, where there is none."""

    def __init__(self, analysis: Analysis, number: int, what: str) -> None:
        """Look for fixes of the item *number*, which is called *what*."""
        super().__init__()
        self._analysis = analysis
        self._number = number
        self._what = what
        self._fixes: list[Fix] = []
        self._code = ""
        self._why = ""
        self.is_done = False

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-tall -broad") as dialog:
            dialog.border_title = Content(visible(f"Fix {self._what}"))
            yield FixList(id="choices")
            yield MessageBar()
            yield FixList(id="diff", title="Preview")
            yield KeyBar(self.HINTS, "fix list")

    def on_mount(self) -> None:
        choices = self._list("choices")
        choices.focus()
        choices.empty_text = "… looking for what compiles and loads"
        self._list("diff").display = False
        self._list("diff").always_shows_cursor = False
        self._list("diff").set_flat(True)
        self._look()

    def on_resize(self, _: Resize) -> None:
        self.call_after_refresh(self._show)

    def _list(self, name: str) -> FixList:
        return self.query_one(f"#{name}", FixList)

    # -- finding them ----------------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="fix")
    def _look(self) -> None:
        thread = get_current_worker()
        code = why = ""
        try:
            from btfview.fixes.find import find_fixes, why_none_found

            is_found = False
            with AllOpen():
                for fix in find_fixes(self._analysis, self._number, is_cancelled=lambda: thread.is_cancelled):
                    is_found = True
                    self.post_message(self.Found(fix))
                if not is_found and not thread.is_cancelled:
                    why = why_none_found(self._analysis, self._number)
                    code = _code_of_hint(self._analysis, self._number)
        except Exception as error:  # also of btfview's own: the screen stays up and says so
            why = error_text(error)
        if not thread.is_cancelled:
            self.post_message(self.Found(None, code, why))

    def on_fix_screen_found(self, message: Found) -> None:
        if message.fix is not None:
            self._fixes.append(message.fix)
        else:
            self.is_done, self._why, self._code = True, message.why, message.code
        self._show()

    # -- showing them ----------------------------------------------------------------------------

    def _show(self) -> None:
        choices, diff = self._list("choices"), self._list("diff")
        if self._fixes:
            cursor = min(choices.cursor, len(self._fixes) - 1)
            more = () if self.is_done else (Line((("… looking for more", "dim"),)),)
            choices.set_lines([*(_line(fix_row(fix)) for fix in self._fixes), *more], cursor=cursor)
            choices.styles.height = min(len(self._fixes) + len(more), _MOST_SHOWN)
            self._show_chosen()
        elif self.is_done:
            parts = textwrap.wrap(visible(self._why), max(20, choices.size.width - 2))
            choices.set_lines([Line(((part, "warning"),)) for part in parts])
            choices.styles.height = len(parts)
            if self._code:
                self._say(
                    keymap_of(self).said("{y} copies the code that reads it on both kernels", "fix list"),
                    "dim",
                )
                diff.display = True
                lines = self._code.rstrip("\n").split("\n")
                diff.set_lines([Line(((visible(line.expandtabs(4)), ""),)) for line in lines], cursor=0)
            else:
                self._say("", "dim")

    def _show_chosen(self) -> None:
        fix, diff = self._chosen, self._list("diff")
        if fix is None:
            return
        source = self._analysis.source
        assert source is not None
        diff.display = True
        strips = strip_rows(
            self._analysis, self._number, fix, self._list("choices").size.width - _BESIDE_STRIP
        )
        diff.headings = (*map(_line, strips), Line())
        diff.set_lines([_line(row) for row in difference_rows(source.path, fix, source.text)], cursor=0)
        self._say(fix.proposal.title, "")

    @property
    def _chosen(self) -> Fix | None:
        at = self._list("choices").cursor
        return self._fixes[at] if at < len(self._fixes) else None

    def on_line_list_cursor_moved(self, message: LineList.CursorMoved) -> None:
        if message.line_list is self._list("choices"):
            self._show_chosen()

    def on_fix_list_paged(self, message: FixList.Paged) -> None:
        """Turn a page of the difference: the fixes themselves are few."""
        diff = self._list("diff")
        if diff.display:
            diff.turn_page(message.pages)

    def _say(self, text: str, role: str) -> None:
        self.query_one(MessageBar).say(text, role)

    # -- what the user does ----------------------------------------------------------------------

    def action_write(self) -> None:
        fix = self._chosen
        if fix is not None:
            self.dismiss(fix)
        elif self.is_done:
            self.app.notify(
                "There is nothing that could be written."
                + (keymap_of(self).said(" {y} copies the code.", "fix list") if self._code else ""),
                title="Fix",
                severity="warning",
            )

    def action_copy(self) -> None:
        from btfview.fixes.difference import unified

        fix, source = self._chosen, self._analysis.source
        text = self._code
        if fix is not None and source is not None:
            text = "".join(f"{line}\n" for line in unified(source.path, source.text, fix.proposal.text))
        if text:
            self.app.copy_to_clipboard(text)
            lines = plural(text.count("\n"), "line")
            self.app.notify(f"{lines} in the clipboard.", title="Copied")

    def action_next_list(self) -> None:
        choices, diff = self._list("choices"), self._list("diff")
        if diff.display:
            (choices if diff.has_focus else diff).focus()

    def action_leave(self) -> None:
        self.dismiss(None)


def _line(row: Row) -> Line:
    return Line(tuple(pieces_of(row.segments)))


def _code_of_hint(analysis: Analysis, number: int) -> str:
    """Return the code for what stands in the place of a record's field; empty where there is none."""
    from btfview.analysis.hint_finder import HintFinder

    finder = HintFinder(analysis)
    for column, *_ in analysis.column_groups if number < len(analysis.relos) else ():
        for hint in finder.hints(number, column)[:1]:
            if code := finder.code(number, column, hint):
                return code
    return ""
