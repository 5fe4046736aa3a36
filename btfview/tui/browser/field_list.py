"""The list of the type browser: names that were found, or the rows of a type, foldable."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from btfview.analysis.type_rows import TypeRow
from btfview.tui.drawing import Line, pieces_of, visible
from btfview.tui.keys.bindings import bindings_of
from btfview.tui.panes.rows import RowsPane
from btfview.views.layouts.type_browser import (
    comparison_headings,
    comparison_segments,
    differing_below,
    name_width,
    row_heading,
    row_of,
    row_segments,
    search_text,
)
from btfview.views.rows import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType
    from textual.events import Key

    from btfview.analysis.type_rows import RowComparison
    from btfview.views.rows import Segment

_FOLD_CELLS = 2


class FieldList(RowsPane):
    """Names while they are looked for; then the rows of a type, with the keys of one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "browser list",
        {
            "generate": "screen.generate",
            "list.fold": "fold",
            "browser.fold_all": "fold_all",
            "browser.unfold_all": "unfold_all",
            "browser.forward": "screen.forward",
            "browser.compare": "screen.compare",
            "browser.compare_with": "screen.choose_other",
            "browser.differences": "screen.toggle_differences",
            "browser.swap": "screen.swap",
            "browser.kernel": "screen.choose_target",
            "cachelines": "screen.toggle_cachelines",
            "byte_map": "screen.byte_map",
            "copy": "screen.copy",
            "undo_write": "screen.undo_write",
            "next_hit": "screen.next_hit(1)",
            "previous_hit": "screen.next_hit(-1)",
            "help": "screen.help",
            "close": "screen.close",
        },
    )
    always_shows_cursor = True

    def __init__(self) -> None:
        super().__init__(id="choices", title="")
        self._typed: Sequence[TypeRow | RowComparison] = ()
        self._name_width = 0
        self._held: list[Key] | None = None
        """Keys that were pressed while :meth:`hold` is in force."""

    # -- content ----------------------------------------------------------------------------------

    def show_found(self, rows: Sequence[Row], heading: Segment | None) -> None:
        """Show names that were found."""
        self._typed = ()
        self._show(rows, (heading,) if heading is not None and rows else ())

    def show_type(self, rows: Sequence[TypeRow | RowComparison], here: str, there: str, key: str) -> None:
        """Show *rows* of a type on the target *here*, with *there* beside that one's, the cursor on the row
        with *key*."""
        self._typed = rows
        known = [row_of(row) for row in rows]
        self._name_width = width = name_width(known, fold=_FOLD_CELLS)
        headings = comparison_headings(here, there, width) if there else (row_heading(known, width),)
        depths = [row_of(row).depth for row in rows]
        self._show(
            [
                Row((), key=row_of(row).key, depth=depth, has_children=below > depth)
                for row, depth, below in zip(rows, depths, (*depths[1:], 0), strict=True)
            ],
            headings if rows else (),
        )
        self.place_key(key)

    def _show(self, rows: Sequence[Row], headings: Sequence[Segment]) -> None:
        self.headings = tuple(Line((piece,)) for piece in pieces_of(headings))
        self.set_rows(rows)

    def place_key(self, key: str) -> None:
        """Put the cursor on the row with *key*, a third of the way down, or on the first."""
        self.place_cursor(0)
        at = next((index for index, row in enumerate(self._rows) if key and row.key == key), None)
        self.place_cursor(0 if at is None else self.line_of_place(at), with_context=True)

    def unfold(self) -> None:
        """Forget what was folded: another type is on show."""
        self._folded.clear()

    @property
    def row_here(self) -> TypeRow | RowComparison | None:
        """The row of a type that the cursor is on."""
        return self._typed[self._shown[self.here]] if self.here is not None and self._typed else None

    @property
    def place_here(self) -> int | None:
        """Which of the rows the cursor is on, folded ones counted."""
        return self._shown[self.here] if self.here is not None else None

    # -- lines ------------------------------------------------------------------------------------

    def line(self, index: int) -> Line:
        if not self._typed:
            return super().line(index)
        at = self._shown[index]
        row, typed = self._rows[at], self._typed[at]
        is_folded = row.has_children and row.key in self._folded
        fold = "▸ " if is_folded else "▾ " if row.has_children else "  "
        width = self._name_width
        if isinstance(typed, TypeRow):
            segments = row_segments(typed, width, fold)
        else:
            segments = comparison_segments(typed, width, fold)
        pieces = pieces_of(segments)
        if is_folded and (count := differing_below(self._typed, at)):
            pieces.append((f"  {count} below differ", "warning"))
        return Line(tuple(pieces))

    def search_texts(self) -> Sequence[str]:
        if not self._typed:
            return super().search_texts()
        return [visible(search_text(row)) for row in self._typed]

    # -- what the user does -----------------------------------------------------------------------

    def activate(self, index: int) -> None:
        self.report(self.Activated(self, index))

    def action_fold(self) -> None:
        """Fold the struct under the cursor, or the one that its member is of; or unfold it."""
        at = self.place_here
        if at is None or not self._typed:
            return
        depth = self._rows[at].depth
        while not self._rows[at].has_children:
            at = next((above for above in range(at - 1, -1, -1) if self._rows[above].depth < depth), None)
            if at is None:
                return
        self._folded ^= {self._rows[at].key}
        self._refold(self._rows[at].key)

    def action_fold_all(self) -> None:
        """Fold every struct: the members of the type alone are left."""
        at = self.place_here
        while at is not None and at > 0 and self._rows[at].depth:
            at -= 1
        self._folded = {row.key for row in self._rows if row.has_children}
        self._refold(self._rows[at].key if at is not None else "")

    def action_unfold_all(self) -> None:
        at = self.place_here
        self._folded.clear()
        self._refold(self._rows[at].key if at is not None else "")

    # -- keys that come too early -------------------------------------------------------------------

    def hold(self) -> None:
        """Take the keys that are pressed from now on, and keep them: what they are meant for is not there
        yet."""
        if self._held is None:
            self._held = []

    @property
    def is_holding(self) -> bool:
        return self._held is not None

    def release(self) -> list[Key]:
        """Return the keys that were kept, in their order, and keep no more."""
        held, self._held = self._held, None
        return held or []

    def on_key(self, event: Key) -> None:
        if self._held is not None and event.key != "escape":
            self._held.append(event)
            event.stop()
            event.prevent_default()
