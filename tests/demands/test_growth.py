"""What it takes to judge an object grows with the object: counted in steps of Python, not in time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.findings.collect import find_problems
from btfview.demands.asked import Loading
from btfview.targets.target import Target
from tests.hostile.objects import object_with_many_records, object_with_small_programs

pytestmark = pytest.mark.shared
FEW, MANY = 50, 200
OBJECTS: dict[str, Callable[[int], bytes]] = {
    "programs": object_with_small_programs,
    "poisoned programs": lambda count: object_with_small_programs(count, is_poisoned=True),
    "programs of one attach target": lambda count: object_with_small_programs(count, "fentry/nothing_there"),
    "records": lambda count: object_with_many_records(10 * count),
}


def count_steps(work: Callable[[], object]) -> int:
    """Return how many calls and lines of Python *work* takes."""
    steps = 0

    def count(_frame: FrameType, _event: str, _argument: Any) -> Any:
        nonlocal steps
        steps += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return steps


@pytest.mark.parametrize("name", OBJECTS)
def test_four_times_the_object_takes_four_times_the_work(
    name: str, tmp_path: Path, kernel_btf: Callable[[str], Path]
) -> None:
    target = Target("6.1", str(kernel_btf("6.1.0-56-amd64")), "file")

    def check(count: int) -> None:
        path = tmp_path / f"{count}.o"
        path.write_bytes(OBJECTS[name](count))
        analysis = analyse(str(path), [target], checks_reads=True, loading=Loading())
        assert analysis.verdicts
        find_problems(analysis)

    check(FEW)  # the kernel's names are found, and modules imported
    few = count_steps(lambda: check(FEW))
    # A tenth for what is searched by halves, in lists that are four times as long.
    assert count_steps(lambda: check(MANY)) <= 4.4 * few
