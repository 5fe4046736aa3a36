"""An answer that grows: targets are resolved on as they are read, and what is known is reported meanwhile."""

from __future__ import annotations

import time
from queue import SimpleQueue

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from btfview.analysis.result import Analysis
    from btfview.analysis.retarget import Retargeting
    from btfview.targets.target import Target

_STEP_SECONDS = 0.25
"""Between two reports, at least."""
_SHARE = 4
"""And as many times what the last one took to make: reports take a fifth of the time."""


class Progress:
    """The work behind one answer, in two threads: the one that reads the targets calls :meth:`tell` with
    them, and :meth:`end`; the other calls :meth:`resolve`."""

    def __init__(
        self,
        report: Callable[[Analysis, tuple[int, int]], None] | None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> None:
        """*report* is given what is known, and on how many targets of how many; once *is_cancelled* says so,
        no further target is resolved on."""
        self._report = report
        self._is_cancelled = is_cancelled
        self._read: SimpleQueue[Sequence[Target] | None] = SimpleQueue()
        """Targets that have been read, or need not be; None behind the last."""
        self._total = 0
        self._next = 0.0
        """When the next report is due, by the monotonic clock."""

    def tell(self, targets: Sequence[Target], count: int) -> None:
        """Take note that *targets*, of *count*, can be resolved on."""
        self._total = count
        if targets:
            self._read.put(targets)

    def end(self) -> None:
        """Take note that no target is read any more."""
        self._read.put(None)

    def resolve(self, analysis: Analysis, left_out: Collection[Target] = ()) -> Retargeting:
        """Return *analysis* on all targets but those *left_out*, in the order in which they were told."""
        from btfview.analysis.retarget import Retargeting

        resolved = Retargeting(analysis)
        out = frozenset(left_out)
        done = 0
        if self._read.qsize() <= self._total:  # not yet all of them, and the mark behind the last
            self._give(resolved, done)
        self._next = max(self._next, time.monotonic() + _STEP_SECONDS)
        while (targets := self._read.get()) is not None:
            kept = [target for target in targets if target not in out]
            if len(kept) < len(targets):
                self._total -= len(targets) - len(kept)
            for count in resolved.add_all(kept):
                done += count
                if done < self._total and time.monotonic() >= self._next:
                    self._give(resolved, done)
                if self._is_cancelled is not None and self._is_cancelled():
                    break
        return resolved

    def _give(self, resolved: Retargeting, done: int) -> None:
        """Report what is known on the targets up to now."""
        if self._report is None:
            return
        started = time.monotonic()
        self._report(resolved.result(), (done, max(done, self._total)))
        ended = time.monotonic()
        self._next = ended + max(_STEP_SECONDS, _SHARE * (ended - started))
