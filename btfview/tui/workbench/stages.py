"""What the compiler made at each stage, in the intrinsics pane; and pass by pass."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from btfview.errors import error_text
from btfview.views.rows import Row, Segment
from btfview.views.stages.listings import ASM, INTRINSICS, OPTIMIZED, STAGES, WRITTEN, Listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from btfview.analysis.result import Analysis

    from .bench import Bench
    from .work import Work

_TURN_SECONDS = 0.02
"""Between two looks whether a compile that came in between is done."""
_TITLES = {
    INTRINSICS: ("3 IR intrinsics", "3 IR"),
    WRITTEN: ("3 IR as the front end wrote it", "3 IR as written", "3 IR"),
    OPTIMIZED: ("3 IR, optimised", "3 IR opt"),
    ASM: ("3 Assembly", "3 Asm"),
}
"""Of the intrinsics pane, long and short, for each stage that it can show."""


class Stages:
    """The stage of the compile that the intrinsics pane of *bench* shows; *work* has the compiler."""

    def __init__(self, bench: Bench, work: Work) -> None:
        self._bench = bench
        self._work = work
        self._stage = INTRINSICS
        self._listings: dict[str, Listing] = {}
        """Those made for the object on show."""
        self._listed: Analysis | None = None
        """What they were made for."""

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles of the intrinsics pane, the longest first."""
        return _TITLES[self._shown]

    @property
    def _shown(self) -> str:
        """The stage on show: an object has but the first."""
        staged = self._staged
        return INTRINSICS if staged is not None and staged.compilation is None else self._stage

    def cycle(self) -> None:
        """Show the next stage of the compile; that of the moment where the pane was away."""
        staged = self._staged
        if "intrinsics" in self._bench.panes:
            if staged is not None and staged.compilation is None:
                self._bench.notify(
                    f"An object holds no other stage; {self._bench.key_of('disasm')} shows its instructions.",
                    title="Stages",
                )
                return
            self._stage = STAGES[(STAGES.index(self._stage) + 1) % len(STAGES)]
        else:
            self._bench.toggle_disasm()
        self._bench.show_titles()
        self.show()
        self._bench.bring_up("intrinsics")

    @property
    def _staged(self) -> Analysis | None:
        """What the intrinsics pane is about: the last good result; the newest one where LLVM refused it and
        the stage before LLVM is asked for."""
        latest = self._bench.session.latest
        is_refused = (
            latest is not None
            and latest.object is None
            and latest.compilation is not None
            and latest.compilation.ir is not None
        )
        return latest if is_refused and self._stage == WRITTEN else self._bench.session.good

    @property
    def is_refused(self) -> bool:
        """Whether the pane shows IR of the newest text, which LLVM refused."""
        return self._staged is not self._bench.session.good

    @property
    def is_outdated(self) -> bool:
        """Whether the listing on show is one of another result."""
        staged = self._staged
        return self._shown != INTRINSICS and staged is not None and not _is_same(self._listed, staged)

    def show(self) -> bool:
        """Fill the intrinsics pane for the result on show; return whether its cursor stayed on its row."""
        pane, views, staged = self._bench.intrinsics_pane, self._bench.session.views, self._staged
        if staged is None:
            return pane.set_rows(())
        if self._shown == INTRINSICS:
            pane.set_note("" if staged.compilation is not None else "reconstructed from records")
            is_kept = pane.set_rows(views.intrinsics if views is not None else ())
            self._select()
            return is_kept
        if not _is_same(self._listed, staged):
            self._listed, self._listings = staged, {}
        listing = self._listings.get(self._stage)
        if listing is None:
            pane.set_note("… making it")
            pane.set_rows(())
            pane.is_awaited = True
            self._list(staged, self._stage)
            return False
        self._show_listing(listing)
        return True

    def _list(self, analysis: Analysis, stage: str) -> None:
        work = self._work

        def make(is_cancelled: Callable[[], bool]) -> Listing | None:
            from btfview.compiler.llvm.worker import CompileCancelledError
            from btfview.views.stages.listings import make_listing

            while not is_cancelled():
                try:
                    return make_listing(analysis, stage, work.compiler, work.cache)
                except CompileCancelledError:  # by a compile that came in between: it is our turn after it
                    while work.is_compiling() and not is_cancelled():
                        time.sleep(_TURN_SECONDS)
                except Exception as error:  # also of btfview's own: the screen stays up and says so
                    return Listing(stage, (Row((Segment(error_text(error), "error"),)),), "", "")
            return None

        self._bench.in_background("list", make, lambda listing: self._take(analysis, listing))

    def _take(self, analysis: Analysis, listing: Listing | None) -> None:
        if listing is None or not (_is_same(self._listed, analysis) and _is_same(self._staged, analysis)):
            return  # of a text, or of a file, that is on show no more
        self._listings[listing.stage] = listing
        if listing.stage == self._stage:
            self._show_listing(listing)

    def _show_listing(self, listing: Listing) -> None:
        pane = self._bench.intrinsics_pane
        pane.set_note(
            f"LLVM refused it: {self._bench.key_of('problems')} says why" if self.is_refused else listing.note
        )
        pane.set_listing(listing)
        self._bench.fit_panes()
        self._select()

    def _select(self) -> None:
        selection = self._bench.session.selection
        self._bench.intrinsics_pane.show_selection(selection.relo if selection else None)

    def open_passes(self) -> None:
        """Go through LLVM's passes over the function of the selected record."""
        from btfview.tui.screens.passes import PassesScreen

        session = self._bench.session
        good = session.good
        if good is None:
            said = "There is no result yet."
            if session.latest is not None:
                said = f"It did not compile: {self._bench.key_of('problems')} says why."
            self._bench.notify(said, title="Passes")
            return
        compilation = good.compilation
        if compilation is None:
            self._bench.notify("An object does not say how it was made: open its source.", title="Passes")
            return
        linked = session.selected_relo
        functions: list[str] = []
        if linked is not None:
            queries = compilation.program.queries if compilation.program else ()
            functions = [queries[number].function for number in linked.queries]
            functions.append(linked.program)
        relo = linked.index if linked is not None else None
        wanted = list(dict.fromkeys(filter(None, functions)))
        self._bench.open_dialogue(
            PassesScreen(good, wanted, relo, self._work.compiler, self._work.is_compiling)
        )


def _is_same(one: Analysis | None, other: Analysis | None) -> bool:
    """Tell whether two analyses are of one compile, on whatever targets."""
    return (
        one is not None
        and other is not None
        and one.object is other.object
        and one.compilation is other.compilation
    )
