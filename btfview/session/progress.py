"""An answer that grows: targets are resolved on as they are read, and what is known is reported meanwhile."""

from __future__ import annotations

import time
from queue import SimpleQueue

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from btfview.analysis.result import Analysis
    from btfview.analysis.retarget import Retargeting
    from btfview.targets.target import Target

    from .answer import Answer, ReadTargets, Request

_STEP_SECONDS = 0.25
"""Between two reports, at least."""
_SHARE = 4
"""And as many times what the last one took to make: reports take a fifth of the time."""


class Progress:
    """The work behind one answer, in two threads: :meth:`read` in one, then :meth:`resolve` in the other."""

    def __init__(
        self,
        request: Request,
        report: Callable[[Answer], None] | None,
        is_cancelled: Callable[[], bool] | None,
    ) -> None:
        self._request = request
        self._report = report
        self._is_cancelled = is_cancelled
        self._read: SimpleQueue[Target | None] = SimpleQueue()
        """Targets that have been read; None behind the last."""
        self._total = 0
        self._next = 0.0
        """When the next report is due, by the monotonic clock."""

    def read(self, wanted: Iterable[Target | str] | None) -> ReadTargets:
        """Return :func:`.answer.read_targets`; each target is at hand as soon as it has been read."""
        from .answer import read_targets

        try:
            return read_targets(wanted, self._is_cancelled, self._tell)
        finally:
            self._read.put(None)

    def _tell(self, target: Target | None, count: int) -> None:
        self._total = count
        if target is not None:
            self._read.put(target)

    def resolve(self, analysis: Analysis) -> Retargeting:
        """Return *analysis* on all targets, in the order in which they were read."""
        from btfview.analysis.retarget import Retargeting

        resolved = Retargeting(analysis)
        done = 0
        if self._read.qsize() <= self._total:  # not yet all of them, and the mark behind the last
            self._give(resolved, done)
        self._next = max(self._next, time.monotonic() + _STEP_SECONDS)
        while (target := self._read.get()) is not None:
            resolved.add(target)
            done += 1
            if done < self._total and time.monotonic() >= self._next:
                self._give(resolved, done)
        return resolved

    def _give(self, resolved: Retargeting, done: int) -> None:
        """Report what is known on the targets up to now."""
        from .answer import Answer, build_views

        if self._report is None or (self._is_cancelled is not None and self._is_cancelled()):
            return
        started = time.monotonic()
        analysis = resolved.result()
        if analysis.object is None:
            return
        self._report(
            Answer(
                self._request,
                analysis,
                build_views(analysis),
                None,
                analysis.targets,
                (),
                progress=(done, max(done, self._total)),
            )
        )
        ended = time.monotonic()
        self._next = ended + max(_STEP_SECONDS, _SHARE * (ended - started))
