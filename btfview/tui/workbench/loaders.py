"""Whose answers the panes show, and on which records the loaders differ on the selected kernel."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from btfview.core_relo.loaders.names import AYA, CILIUM, LIBBPF, OLD_LIBBPF, title
from btfview.errors import error_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from btfview.analysis.findings.by_loader import LoadedBy
    from btfview.analysis.result import Analysis
    from btfview.session.answer import Views
    from btfview.session.screen_state import ScreenState
    from btfview.views.rows import Row

    from .bench import Bench

    Asked = tuple[Sequence[LoadedBy], frozenset[int]]

ORDER = (LIBBPF, CILIUM, AYA, OLD_LIBBPF)
"""In which the key goes through them."""
_KEPT = 3
"""Kernels of which the answers of all loaders are kept: as much again as the result itself has of them."""
_MOST = 5_000
"""Records of which all loaders are asked before anybody wants to know: half a second."""
_STAY, _LOOK = 0.2, 0.02
"""Seconds that a kernel is selected before all loaders are asked about it, in steps."""


class Loaders:
    """The loader of *bench*, kept in *state*, and what the others would do.

    *changed* is told that the panes have the answers of another loader.
    """

    def __init__(self, bench: Bench, state: ScreenState, changed: Callable[[], None]) -> None:
        self._bench = bench
        self._state = state
        self._changed = changed
        self._of: Analysis | None = None
        """The result, as libbpf has it, that the rest is about."""
        self._differing: dict[int, frozenset[int]] = {}
        """For each kernel that was asked about, the records on which loaders differ."""
        self._loads: OrderedDict[int, Sequence[LoadedBy]] = OrderedDict()
        """What each loader makes of the program, on the kernels that were selected last."""
        self._awaited: tuple[Analysis, int] | None = None
        self._is_jump_awaited = False

    # -- whose answers ----------------------------------------------------------------------------

    def cycle(self) -> None:
        """Show the answers of the next loader."""
        wanted = self._bench.session.loader
        self.choose(ORDER[(ORDER.index(wanted) + 1) % len(ORDER)])

    def choose(self, loader: str) -> None:
        """Show the answers of *loader*, now and at the next start."""
        self._bench.session.loader = loader
        self._state.keep_loader(loader)
        self.begin()
        self._bench.show_header()

    def begin(self) -> None:
        """Bring the result on show to the loader that is wanted."""
        session = self._bench.session
        good, loader = session.good, session.loader
        if good is None or good.loader == loader:
            return

        def make(_is_cancelled: Callable[[], bool]) -> tuple[Analysis, Views] | Exception:
            from btfview.analysis.as_loaded import as_loaded_by
            from btfview.session.answer import build_views

            try:
                loaded = as_loaded_by(good, loader)
                return loaded, build_views(loaded, session.views)
            except Exception as error:  # of btfview's own: the screen stays up and says so
                return error

        def take(made: tuple[Analysis, Views] | Exception) -> None:
            from btfview.analysis.resolve_on import DamagedTargetsError

            if isinstance(made, DamagedTargetsError):
                self._bench.start_work()  # on the other targets; which are lost is told with the answer
            elif isinstance(made, Exception):
                self._tell(made)
            elif session.accept_loader(*made):
                self._changed()

        self._bench.in_background("loader", make, take)

    # -- where they differ ------------------------------------------------------------------------

    def look(self) -> None:
        """Mark the records on which loaders differ on the selected kernel; where that is not known yet, once
        it is."""
        session, good = self._bench.session, self._bench.session.good
        target = session.selection.target if session.selection else 0
        if good is None or not good.targets or good.object is None:
            self._mark(frozenset())
            return
        base = good.of_libbpf or good
        is_new = self._of is not base
        if is_new:
            self._of, self._differing, self._awaited, self._is_jump_awaited = base, {}, None, False
            self._loads.clear()
        self._mark(self._differing.get(target, frozenset()))
        if target in self._loads:
            self._loads.move_to_end(target)
        elif len(base.relos) > _MOST and not self._is_jump_awaited:
            return
        elif session.progress is None and self._awaited != (base, target):
            self._ask(base, target, 0 if is_new else _STAY)

    def _ask(self, base: Analysis, target: int, pause: float) -> None:
        self._awaited = base, target

        def make(is_cancelled: Callable[[], bool]) -> Asked | Exception | None:
            from btfview.analysis.findings.by_loader import differing_loaders, loaded_on

            until = time.monotonic() + pause
            while time.monotonic() < until and not is_cancelled():
                time.sleep(_LOOK)
            if is_cancelled():
                return None
            try:
                loads = loaded_on(base, target)
                count = len(base.relos)
                return loads, frozenset(relo for relo in range(count) if differing_loaders(loads, relo, 0))
            except Exception as error:  # of btfview's own: the screen stays up and says so
                return error

        def take(found: Asked | Exception | None) -> None:
            if isinstance(found, Exception):
                self._tell(found)
                return
            if found is None or self._awaited is None or self._awaited[0] is not base:
                return
            self._loads[target], self._differing[target] = found
            while len(self._loads) > _KEPT:
                self._loads.popitem(last=False)
            self._bench.loaders_told()
            if self._is_jump_awaited:
                self.step()

        self._bench.in_background("loaders differ", make, take)

    def _tell(self, error: Exception) -> None:
        self._bench.notify(error_text(error), title="Loaders", severity="error")

    def _mark(self, relos: frozenset[int]) -> None:
        self._bench.relocations_pane.rows.set_differing(relos)

    def rows(self, relo: int, target: int) -> Sequence[Row]:
        """Return what each loader does with a record where they differ, as far as it is known."""
        loads = self._loads.get(target)
        if loads is None or relo not in self._differing.get(target, ()):
            return ()
        from btfview.views.loaders import loader_rows

        return loader_rows(loads, relo, 0)

    def step(self) -> None:
        """Select the next record on which loaders differ on this kernel, behind the last the first."""
        session = self._bench.session
        self._is_jump_awaited = False
        if session.good is None or session.selection is None or not session.good.targets:
            self._bench.notify("There is nothing that loaders could differ on.", title="Loaders")
            return
        here = session.selection
        name = session.good.targets[here.target].name
        found = self._differing.get(here.target)
        if found is None:
            self._is_jump_awaited = True
            self.look()
            self._bench.notify(f"What each loader makes of it on {name} is being asked.", title="Loaders")
        elif not found:
            words = ", ".join(map(title, ORDER))
            self._bench.notify(f"On {name} these do the same with every record: {words}.", title="Loaders")
        else:
            relo = next((one for one in sorted(found) if one > here.relo), min(found))
            self._bench.select_relo(relo)
