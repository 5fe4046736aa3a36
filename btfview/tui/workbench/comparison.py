"""What the last edit changed in records and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.errors import error_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from btfview.analysis.result import Analysis
    from btfview.changes.object_changes import ObjectChanges

    from .bench import Bench


class Comparison:
    """The object on show beside the one before the last edit."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def begin(self) -> None:
        """Compare the two objects, if that was not done yet."""
        session = self._bench.session
        old, new = session.previous, session.good
        if old is None or new is None or session.object_changes is not None:
            return

        def compare(_is_cancelled: Callable[[], bool]) -> ObjectChanges | Exception:
            from btfview.changes.object_changes import compare_objects

            try:
                return compare_objects(old, new)
            except Exception as error:  # of btfview's own: the screen stays up and says so
                return error

        self._bench.in_background("compare", compare, lambda made: self._take(new, made))

    def _take(self, new: Analysis, made: ObjectChanges | Exception) -> None:
        if isinstance(made, Exception):
            self._bench.notify(
                f"{error_text(made)}\nThe two objects cannot be compared.", title="Changes", severity="error"
            )
        elif self._bench.session.accept_comparison(new, made):
            self._bench.show_header()
            self._bench.show_disasm(is_new=True)

    def open(self) -> None:
        """Show what the last edit changed."""
        from btfview.tui.screens.changes import ChangesScreen
        from btfview.views.changes import change_rows, summarise_changes

        session = self._bench.session
        good, objects = session.good, session.object_changes
        if good is None or session.previous is None:
            self._bench.notify("Nothing was edited yet: there is only one result.", title="Changes")
            return
        if objects is None:
            self._bench.notify("The two objects are being compared.", title="Changes")
            return
        rows = change_rows(good, session.changes, objects)

        def chosen(index: int | None) -> None:
            if index is not None and session.select(rows[index].relos[0]):
                self._bench.show_selection()

        summary = summarise_changes(objects)
        title = f"What the last edit changed{f': {summary}' if summary else ''}"
        self._bench.open_dialogue(ChangesScreen(rows, title), chosen)
