"""Results, titles and the one selection, put into the panes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.errors import error_text
from btfview.keymap.table import DISASM
from btfview.rust_names import demangled
from btfview.session.debug_log import note
from btfview.tui.garbage import settle_companions
from btfview.tui.status import detail_titles, selection_text
from btfview.views.rows import Row, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from btfview.analysis.hint_finder import HintFinder
    from btfview.analysis.result import Analysis
    from btfview.session.state import Selection

    from .bench import Bench
    from .disassembly import Disassembly
    from .kernels import Kernels
    from .loaders import Loaders
    from .stages import Stages

_TITLES = {
    "structs": ("2 Structs",),
    "disasm": ("3 Disassembly", "3 Asm"),
    "relocations": ("4 .BTF.ext relocations", "4 Relocations"),
    "offsets": ("5 Target offsets", "5 Offsets"),
}
"""By pane: a long and a short title."""
_STAY = 0.2
"""Seconds that a failing record is selected before code for it is tried."""
_WARMED = 50
"""Different questions that are searched before a key asks one: 0.4 ms each."""
_AFTERMATH = 0.5
"""Seconds after that, in which what else is made beside a result is done."""
_KERNELS_KEPT = 2
"""Of which the types are kept for explanations, beside those that the targets keep."""
_NO_RESULT, _NO_BTF = "nothing yet: the source has errors", "nothing here: the program has no BTF"


class Showing:
    """What stands in the panes of *bench*; two of them fill themselves, as *stages* and *disassembly*."""

    def __init__(
        self, bench: Bench, stages: Stages, disassembly: Disassembly, kernels: Kernels, loaders: Loaders
    ) -> None:
        self._bench = bench
        self._stages = stages
        self._disassembly = disassembly
        self._kernels = kernels
        self._loaders = loaders
        self._alike: tuple[Analysis, dict[str, frozenset[int]]] | None = None
        """The records of each path, of the result that they were made from."""
        self._finder: tuple[Analysis, HintFinder] | None = None
        """What was found out about the result on show, at each key more."""
        self._written: tuple[Analysis, Selection, Sequence[Row]] | None = None
        """The explanation of the last record that code was tried for, with that."""

    # -- results ----------------------------------------------------------------------------------

    def source(self, *, go_to_problem: bool) -> None:
        """Show the newest text, or the lines that an object quotes."""
        session = self._bench.session
        latest, views = session.latest, session.views
        assert latest is not None
        is_shown = views is not None and latest is session.good
        self._bench.source_pane.set_fates(views.fates if views is not None and is_shown else None)
        if latest.source is not None:
            is_good = latest is session.good
            summaries = views.summaries if is_good and views is not None else ()
            self._bench.source_pane.set_source(latest, summaries, go_to_problem=go_to_problem)
        elif views is not None and views.recorded is not None and session.good is not None:
            self._bench.source_pane.set_recorded(session.good, views.recorded, views.summaries)
        elif views is not None:
            self._bench.source_pane.set_quoted(views.source)

    def views(self, *, is_same: bool) -> None:
        """Show the last good result in all panes but the source; nothing where there is none.

        *is_same* says that the selection means what it did: then cursors stay on the rows they are on, and
        what is folded stays so.
        """
        bench, session = self._bench, self._bench.session
        good, views = session.good, session.views
        self._written = None
        if views is None or good is None:
            for name in (DISASM, "detail"):
                bench.rows_pane(name).set_rows(())
            bench.relocations_pane.set_records(())
            self._stages.show()
            bench.structs_pane.clear()
            bench.offsets_pane.clear()
            return
        bench.relocations_pane.set_changes(session.changes)
        bench.offsets_pane.set_changes(session.changes)
        kept = {"intrinsics"} if self._stages.show() else set()
        if bench.structs_pane.set_tree(good, views.structs):
            kept.add("structs")
        bench.relocations_pane.set_records(views.relocations)
        if bench.offsets_pane.set_table(views.offsets, _programs(good)):
            kept |= {"relocations", "offsets"}
        self.selection(keeping={*kept, "source"} if is_same else frozenset())

    def titles(self) -> None:
        """Put the titles of the panes, which depend on the result, into their frames."""
        session, stages = self._bench.session, self._stages
        is_stale = session.stale_since is not None or self._bench.is_text_newer
        why_empty = ""
        if session.good is None and session.latest is not None and session.latest.object is None:
            has_errors = any(diagnostic.is_error for diagnostic in session.latest.diagnostics)
            why_empty = _NO_RESULT if has_errors else _NO_BTF
        self._bench.source_pane.set_title("1 Source")
        self._bench.source_pane.set_note(why_empty)
        for name, titles in (_TITLES | {"intrinsics": stages.titles}).items():
            pane = self._bench.pane(name)
            is_old = is_stale and not (name == "intrinsics" and stages.is_refused)
            if is_old:  # the header says since when
                word = "~ stale" if session.stale_since is not None else "~ of an older text"
                titles = (*(f"{title} · {word}" for title in titles), f"{titles[-1]} ~")
            pane.set_title(*titles)
            pane.set_class(is_old, "-stale")
            if why_empty or pane.empty_text in (_NO_RESULT, _NO_BTF):
                pane.empty_text = why_empty
                pane.refresh()
        self._bench.pane("detail").set_class(is_stale, "-stale")

    # -- selection --------------------------------------------------------------------------------

    def selection(self, *, origin: object = None, keeping: Collection[str] = ()) -> None:
        """Show the selection in every pane; the cursors of the pane it came from and of those in *keeping*
        stay where they are."""
        bench, session = self._bench, self._bench.session
        selection = session.selection
        relo = selection.relo if selection else None
        bench.structs_pane.set_target(selection.target if selection else 0, self._kernels.before)
        alike = self._relos_alike(relo)
        for name in bench.panes:
            bench.pane(name).show_alike(alike)
        for name in bench.panes:
            if name in ("relocations", "offsets"):
                continue
            pane = bench.rows_pane(name)
            if pane is origin or name in keeping:
                pane.show_relo(relo)
            else:
                pane.show_selection(relo)
        records, offsets = bench.relocations_pane, bench.offsets_pane
        records.show_selection(
            relo, keeps_cursor=records.shares_cursor_with(origin) or "relocations" in keeping
        )
        offsets.show_selection(
            relo,
            selection.target if selection else 0,
            keeps_cursor=offsets.shares_cursor_with(origin) or "offsets" in keeping,
        )
        context = selection_text(session)
        for name in bench.panes:
            bench.pane(name).set_context(context)
        bench.mark_kernel(selection.target if selection else None)
        self._loaders.look()
        self.detail()
        self._kernels.mark_lines()
        self._disassembly.show()

    def _relos_alike(self, relo: int | None) -> frozenset[int]:
        """Return the records that ask about the same field, or type, as *relo*, itself among them."""
        good = self._bench.session.good
        if good is None or relo is None or good.ask(relo):
            return frozenset()
        if self._alike is None or self._alike[0] is not good:
            by_path: dict[str, list[int]] = {}
            for linked in good.relos:
                by_path.setdefault(linked.path, []).append(linked.index)
            self._alike = good, {path: frozenset(relos) for path, relos in by_path.items()}
        return self._alike[1][good.relos[relo].path]

    def detail(self) -> None:
        """Fill the detail drawer, where it is on show."""
        pane, session = self._bench.rows_pane("detail"), self._bench.session
        pane.set_title(*detail_titles(session))
        good, selection = session.good, session.selection
        pane.is_awaited = good is not None and selection is not None
        if not pane.display:
            return
        if good is None or selection is None:
            pane.set_rows(())
            return
        from btfview.views.detail import detail_rows

        written = self._written
        if written is not None and written[0] is good and written[1] == selection:
            rows = written[2]
        else:
            finder = self._finder_of(good)
            rows = detail_rows(good, selection.relo, selection.target, is_beside_source=True, finder=finder)
            states = session.views.fates.of(selection.relo) if session.views is not None else ()
            if good.ask(selection.relo) is None and any(state.is_problem for state in states):
                self._bench.set_timer(_STAY, lambda: self._write_code(good, selection, rows))
        pane.set_rows((*rows, *self._loaders.rows(selection.relo, selection.target)))
        self._bench.fit_panes()

    def warm_hints(self) -> None:
        """Have at hand what explanations of failing records look at, before a key asks for it."""
        session = self._bench.session
        good, selection = session.good, session.selection
        if good is None or selection is None or not good.targets:
            return

        def make(is_cancelled: Callable[[], bool]) -> HintFinder | None:
            from btfview.analysis.hint_finder import HintFinder

            finder = HintFinder(good, most_kept=_KERNELS_KEPT)
            try:
                finder.warm(selection.target, _WARMED, is_cancelled)
            except Exception as error:  # of btfview's own: told at the key that asks for it
                note(f"hints: {error_text(error)}")
                return None
            return finder

        def take(finder: HintFinder | None) -> None:
            if session.good is good:
                self._finder = (good, finder) if finder is not None else self._finder
                self._bench.set_timer(_AFTERMATH, lambda: settle_companions(good.cell_count))

        self._bench.in_background("hints", make, take)

    def _finder_of(self, good: Analysis) -> HintFinder:
        if self._finder is None or self._finder[0] is not good:
            from btfview.analysis.hint_finder import HintFinder

            self._finder = good, HintFinder(good, most_kept=_KERNELS_KEPT)
        return self._finder[1]

    def _write_code(self, good: Analysis, selection: Selection, without: Sequence[Row]) -> None:
        """Try what would do instead, which is compiled, if the user is still there; *without* it the rows are
        on show."""
        session = self._bench.session

        def make(_is_cancelled: Callable[[], bool]) -> Sequence[Row]:
            from btfview.views.detail import detail_rows

            try:
                return detail_rows(
                    good, selection.relo, selection.target, with_code=True, is_beside_source=True
                )
            except Exception as error:  # of btfview's own: the screen stays up and says so
                return (*without, Row((Segment(error_text(error), "error"),)))

        def take(rows: Sequence[Row]) -> None:
            if session.good is good and session.selection == selection:
                self._written = good, selection, rows
                self.detail()

        if session.good is good and session.selection == selection:
            self._bench.in_background("detail", make, take)


def _programs(good: Analysis) -> list[str]:
    """Return the function of each record, and the first program that asks for what else there is."""
    names = [linked.program for linked in good.relos]
    names += [ask.programs[0] if ask.programs else "" for ask in good.asks]
    return [demangled(name) for name in names]
