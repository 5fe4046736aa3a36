"""What the running kernel says of the programs on show: asked anew after each compile while it is on."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from btfview.core_relo.loaders.names import LIBBPF
from btfview.errors import error_text
from btfview.words import plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from btfview.analysis.result import Analysis
    from btfview.demands.verdict import PartVerdict
    from btfview.tui.drawing import Piece
    from btfview.verifier.load import Verification

    from .bench import Bench

_GROUP = "verify"


class Verdicts:
    """The kernel's verdict on the result that *bench* shows."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.is_on = False
        self._of: Analysis | None = None
        """The result that was asked about last."""
        self._answer: Verification | Exception | None = None
        """None while the kernel is at it."""
        self._predicted: dict[str, PartVerdict] = {}
        """What btfview says of the same programs."""
        self._cancel = -1
        """Descriptor that ends the load under way when it is written to; -1 without one."""

    def toggle(self) -> None:
        """Ask the kernel from now on, and show what it says now; or ask it no more."""
        self.is_on = not self.is_on
        self._stop()
        if self.is_on:
            self._ask(self._open)
        self._bench.show_header()

    def begin(self) -> None:
        """Ask about a new result, if it is on."""
        if self.is_on and self._bench.session.good is not self._of:
            self._ask(lambda: None)

    def end(self) -> None:
        self._stop()

    def _stop(self) -> None:
        self._of = self._answer = None
        if self._cancel >= 0:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._cancel, b"x")
            os.close(self._cancel)
            self._cancel = -1

    def _ask(self, then: Callable[[], None]) -> None:
        good = self._bench.session.good
        self._stop()
        if good is None or good.object is None:
            return
        self._of = good
        obj = good.object
        reader, self._cancel = os.pipe()

        def load(
            _is_cancelled: Callable[[], bool],
        ) -> tuple[Verification | Exception, dict[str, PartVerdict]]:
            from btfview.analysis.prediction import predict_programs
            from btfview.verifier.load import verify_programs

            try:
                answer = verify_programs(obj.elf.data, wake_fd=reader)
                return answer, predict_programs(obj, answer.libbpf) if answer.programs else {}
            except Exception as error:  # of the system's libbpf or btfview's own: the screen stays up
                return error, {}
            finally:
                os.close(reader)

        def take(found: tuple[Verification | Exception, dict[str, PartVerdict]]) -> None:
            if self._of is good:
                self._answer, self._predicted = found
                self._bench.show_header()
                then()

        self._bench.in_background(_GROUP, load, take)

    def piece(self) -> Piece | None:
        """Return the words of the header; None while it is off."""
        if not self.is_on:
            return None
        if self._of is None:
            return "kernel: nothing to ask", "dim"
        match self._answer:
            case None:
                return "… asking the kernel", "moved"
            case Exception():
                return "kernel: no answer", "warning"
            case verification:
                text, role = _summary(verification, self._predicted)
                good = self._bench.session.good
                # The kernel gets what libbpf makes of the object, whichever loader is shown.
                return f"{text} by libbpf" if good and good.loader != LIBBPF else text, role

    def _open(self) -> None:
        """Show what the kernel said of each program."""
        from btfview.tui.screens.verdict import VerdictScreen

        answer, good = self._answer, self._of
        if isinstance(answer, Exception):
            self._bench.notify(error_text(answer), title="The kernel's verdict", severity="error")
        elif answer is not None and good is not None:
            self._bench.open_dialogue(VerdictScreen(answer, good, self._predicted), self._go_to)

    def _go_to(self, index: int | None) -> None:
        from btfview.views.verification import record_of

        if index is None or isinstance(self._answer, Exception | None) or self._of is None:
            return
        if index >= len(self._answer.programs):
            return
        relo = record_of(self._answer.programs[index], self._of)
        if relo is not None and self._bench.session.good is self._of:
            self._bench.select_relo(relo)


def _summary(verification: Verification, predicted: dict[str, PartVerdict]) -> Piece:
    from btfview.verifier.load import Loads
    from btfview.views.verification import differs

    count = len(verification.programs)
    others = sum(differs(verdict, predicted) for verdict in verification.programs)
    if others:
        return f"≠ kernel: {plural(others, 'program')} not as predicted", "error"
    loading = sum(isinstance(verdict.answer, Loads) for verdict in verification.programs)
    if verification.has_refusals:
        refused = "the object" if verification.refused else f"{loading} of {plural(count, 'program')} load"
        return f"✖ kernel: {'refuses ' if verification.refused else ''}{refused}", "error"
    if not verification.is_known:
        return f"kernel: no answer for {plural(count - loading, 'program')}", "warning"
    if not count:
        return "kernel: no program to load", "dim"
    return f"✔ kernel: {plural(count, 'program')} load" + ("s" if count == 1 else ""), "as-compiled"
