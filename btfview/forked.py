"""Work shared out over processes of this machine: forked, so that nothing but the answers travels."""

from __future__ import annotations

import os

from .frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from typing import Any, TypeVar

    _Part = TypeVar("_Part")
    _Answer = TypeVar("_Answer")

_work: tuple[Callable[[Any], Any], Sequence[Any]] | None = None
"""What the processes inherit by being forked; a target that has been read cannot be pickled."""


def forked(work: Callable[[_Part], _Answer], parts: Sequence[_Part], jobs: int) -> list[_Answer]:
    """Return what *work* makes of each of *parts*, in order, with *jobs* processes; with one of them, here.

    The parts stay with the processes that work on them; answers come back. When a process is lost (killed
    for want of memory, say), what it and the others had not finished is done here. Only a command without
    threads may ask for this.
    """
    jobs = min(jobs, len(parts))
    if jobs <= 1:
        return [work(part) for part in parts]
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    from btfview.compiler.processes import die_with_parent

    global _work
    _work = (work, parts)
    try:
        pool = ProcessPoolExecutor(
            jobs, mp_context=get_context("fork"), initializer=die_with_parent, initargs=(os.getpid(),)
        )
        found: dict[int, _Answer] = {}
        answers: list[Future[_Answer]] = []
        try:
            answers += (pool.submit(_one, index) for index in range(len(parts)))
            for index, answer in enumerate(answers):
                found[index] = answer.result()
        except BrokenProcessPool:
            for index, answer in enumerate(answers):
                if answer.done() and not answer.exception():
                    found[index] = answer.result()
        finally:
            pool.shutdown(cancel_futures=True)
        return [found[index] if index in found else work(part) for index, part in enumerate(parts)]
    finally:
        _work = None


def processors() -> int:
    """Return how many processes can run at once here."""
    return len(os.sched_getaffinity(0))


def _one(index: int) -> Any:
    assert _work is not None
    work, parts = _work
    return work(parts[index])
