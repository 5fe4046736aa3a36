"""LLVM pass by pass over the functions of one query: what each changed, and where records come from."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.message import Message
from textual.worker import get_current_worker

from btfview.errors import error_text
from btfview.views.rows import Row, Segment
from btfview.views.stages.passes import NAMED, PassEntry, difference_rows, entry_row, pass_entries

from .entries import EntriesScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from btfview.analysis.result import Analysis
    from btfview.compiler.llvm.worker import Worker

_TURN_SECONDS = 0.02
"""Between two looks whether a compile that came in between is done."""
_WORKING = "… LLVM goes through its passes once more"


class PassesScreen(EntriesScreen):
    """The passes that changed a function, the difference that the chosen one made below."""

    EMPTY_TEXT = "no pass changed anything"
    HINTS: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("{ }", "passes that touch the record", "walk(1)"),
        ("tab", "list, difference", "switch"),
        ("/", "filter", "filter"),
        ("esc", "close", "leave"),
    )

    class Traced(Message):
        """A thread has made the entries, or knows why there are none."""

        def __init__(self, entries: Sequence[PassEntry], problem: str) -> None:
            super().__init__()
            self.entries = entries
            self.problem = problem

    def __init__(
        self,
        analysis: Analysis,
        functions: Sequence[str],
        relo: int | None,
        worker: Worker | None,
        is_busy: Callable[[], bool],
    ) -> None:
        """*relo* is the record to follow; no *functions* stand for all. While *is_busy* the *worker* is left
        to others."""
        super().__init__()
        self._analysis = analysis
        self._functions = tuple(functions)
        self._relo = relo
        self._worker = worker
        self._is_busy = is_busy
        self._passes: Sequence[PassEntry] = ()

    def on_mount(self) -> None:
        super().on_mount()
        self.set_frame(self._title())
        self.set_entries([Row((Segment(_WORKING, "dim"),))])
        self._trace()

    def _title(self) -> str:
        followed = ""
        if self._relo is not None:
            linked = self._analysis.relos[self._relo]
            followed = f" · ◆ #{linked.index} {linked.relo.kind_label} {linked.path}"
        return f"Pass by pass: {', '.join(self._functions) or 'all functions'}{followed}"

    @work(thread=True, exclusive=True, group="trace")
    def _trace(self) -> None:
        from btfview.compiler.llvm.worker import CompileCancelledError
        from btfview.compiler.passes import trace_passes

        thread = get_current_worker()
        compilation = self._analysis.compilation
        assert compilation is not None
        entries: list[PassEntry] = []
        problem = ""
        while not thread.is_cancelled:
            try:
                traces = trace_passes(compilation, self._functions, worker=self._worker)
                entries = [entry for trace in traces for entry in pass_entries(self._analysis, trace)]
            except CompileCancelledError:  # by a compile that came in between: it is our turn after it
                while self._is_busy() and not thread.is_cancelled:
                    time.sleep(_TURN_SECONDS)
                continue
            except Exception as error:  # also of btfview's own: the screen stays up and says so
                problem = error_text(error)
            break
        if not thread.is_cancelled:
            self.post_message(self.Traced(entries, problem))

    def on_passes_screen_traced(self, message: Traced) -> None:
        if message.problem:
            self.set_entries([Row((Segment(message.problem, "error"),))])
            return
        self._passes = message.entries
        has_function = len({entry.function for entry in self._passes}) > 1
        # Where the question becomes a global: what most come here to see.
        named = (index for index, one in enumerate(self._passes) if one.step == NAMED and self._touches(one))
        cursor = next(named, 0)
        rows = [entry_row(entry, has_function=has_function) for entry in self._passes]
        self.set_entries(rows, cursor=cursor)

    def _touches(self, entry: PassEntry) -> bool:
        return self._relo in entry.relos if self._relo is not None else bool(entry.relos)

    def detail(self, index: int) -> Sequence[Row]:
        if not self._passes:
            return ()
        entry = self._passes[index]
        step = (Row((Segment(entry.step, "moved"),)),) if entry.step else ()
        return (*step, *difference_rows(entry))

    def action_walk(self, delta: int) -> None:
        """Go to the next or previous pass that touches the record, past either end from the other."""
        touching = [index for index, entry in enumerate(self._passes) if self._touches(entry)]
        if self.index is None or not touching:
            super().action_walk(delta)
            return
        here = self.index
        if delta > 0:
            wanted = next((one for one in touching if one > here), touching[0])
        else:
            wanted = next((one for one in reversed(touching) if one < here), touching[-1])
        self.show_entry(wanted)

    def action_choose(self) -> None:
        self.action_switch()
