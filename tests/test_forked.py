"""Work shared out over processes."""

import os

import pytest

from btfview.forked import forked


def test_answers_come_in_the_order_of_the_parts() -> None:
    parent = os.getpid()
    found = forked(lambda part: (part * 2, os.getpid() == parent), list(range(5)), 2)
    assert found == [(part * 2, False) for part in range(5)]


def test_one_job_stays_in_the_process() -> None:
    assert forked(lambda _: os.getpid(), [1, 2], 1) == [os.getpid()] * 2


def test_what_a_lost_process_had_to_do_is_done_again() -> None:
    parent = os.getpid()

    def work(part: int) -> int:
        if part == 1 and os.getpid() != parent:
            os._exit(9)  # as the kernel ends one for want of memory
        return part

    assert forked(work, [0, 1, 2, 3], 2) == [0, 1, 2, 3]


def test_an_error_of_the_work_is_told() -> None:
    def work(part: int) -> int:
        raise ValueError(part)

    with pytest.raises(ValueError, match="7"):
        forked(work, [7, 7], 2)
