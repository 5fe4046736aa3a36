"""Steps from kernel to kernel, and what they changed: instructions, and lines that cannot run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from btfview.analysis.fates import Fates
    from btfview.analysis.result import Analysis
    from btfview.tui.panes.dead_lines import DeadLines

    from .bench import Bench

_STAY = 0.1
"""Seconds that a kernel is selected before its lines are looked at, which would hold up who goes on."""


class Kernels:
    """The kernels of *bench* in the order of its strip."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._step: tuple[Analysis, int, int] | None = None
        """Result, and the targets before and after the last step."""
        self._shown: tuple[Analysis, int, int | None] | None = None
        """Result, target and target before that the source is marked for, or is about to be."""

    @property
    def before(self) -> int | None:
        """The target before the last step, while the panes show the one after it."""
        session = self._bench.session
        if self._step is None or session.selection is None:
            return None
        good, before, after = self._step
        return before if good is session.good and session.selection.target == after else None

    def step(self, direction: int) -> None:
        """Go to the next or previous kernel by architecture and age, and mark what is other there."""
        fates, here = self._fates, self._here
        if fates is None or here is None or len(fates.order) < 2:
            key = self._bench.key_of("targets")
            self._bench.notify(f"There are no kernels to step through: {key} chooses some.", title="Kernels")
            return
        at = fates.order.index(here) + direction
        if not 0 <= at < len(fates.order):
            end = "newest" if direction > 0 else "oldest"
            self._bench.notify(f"That is the {end} kernel here.", title="Kernels")
            return
        self._go_to(fates.order[at], here)

    def step_failing(self) -> None:
        """Go to the next kernel on which the selected record fails, where it does somewhere, else anything;
        past the last to the first."""
        session, fates, here = self._bench.session, self._fates, self._here
        if fates is None or here is None or session.selection is None:
            self._bench.notify("Nothing fails.", title="Kernels")
            return
        item = session.selection.relo
        failing = fates.failing_targets(item)
        if not failing or failing == (here,):
            failing = fates.failing_targets()
        if not failing:
            self._bench.notify("Nothing fails on these kernels.", title="Kernels")
            return
        places = {target: place for place, target in enumerate(fates.order)}
        target = next((one for one in failing if places[one] > places[here]), failing[0])
        if not fates.state(item, target).is_problem:
            item = next(one for one in fates.failing_items if fates.state(one, target).is_problem)
        self._go_to(target, here, item)

    @property
    def _fates(self) -> Fates | None:
        views = self._bench.session.views
        return views.fates if views is not None and views.fates.class_of else None

    @property
    def _here(self) -> int | None:
        selection = self._bench.session.selection
        return selection.target if selection else None

    def _go_to(self, target: int, before: int, item: int | None = None) -> None:
        session = self._bench.session
        assert session.good is not None
        assert session.selection is not None
        self._step = session.good, before, target
        session.select(session.selection.relo if item is None else item, target)
        self._bench.show_selection()

    # -- lines that cannot run --------------------------------------------------------------------

    def mark_lines(self) -> None:
        """Mark, once it is known, which lines of the source cannot run on the chosen kernel."""
        session, good = self._bench.session, self._bench.session.good
        before, target = self.before, self._here
        obj = good.object if good is not None else None
        if good is None or obj is None or target is None or not good.targets or session.latest is not good:
            self._shown = None
            self._bench.source_pane.set_dead_lines({})
            return
        wanted = good, target, before
        if self._shown is not None and self._shown[0] is good and self._shown[1:] == wanted[1:]:
            return
        self._shown = wanted

        def make(is_cancelled: Callable[[], bool]) -> DeadLines:
            from btfview.analysis.instructions.between_kernels import dead_lines
            from btfview.analysis.instructions.disassembly import disassemble

            time.sleep(_STAY)
            if is_cancelled():
                return {}
            try:
                dead = dead_lines(disassemble(good, target))
                old = dead if before is None or not dead else dead_lines(disassemble(good, before))
            except Exception:  # of btfview's own, which the disassembly tells: the source goes without
                return {}
            found: dict[str, dict[int, bool]] = {info.file: {} for info in obj.ext.line_infos}
            for file, line in dead:
                found[file][line] = (file, line) not in old
            return found

        self._bench.in_background("dead lines", make, lambda dead: self._take(wanted, dead))

    def _take(self, made_for: tuple[Analysis, int, int | None], dead: DeadLines) -> None:
        if self._shown is made_for:
            self._bench.source_pane.set_dead_lines(dead)
