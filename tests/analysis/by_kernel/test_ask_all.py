"""Many objects on many kernels."""

from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse, prepare
from btfview.analysis.by_kernel import ask_all as module
from btfview.analysis.by_kernel.ask_all import ask_all, processes_for, units_of
from btfview.analysis.findings.collect import find_problems
from btfview.analysis.result import Analysis
from btfview.demands.asked import Loading
from btfview.targets.find import open_target
from btfview.targets.target import Target, keep_open

KERNELS = ("5.10.0-46-amd64", "6.1.0-56-amd64", "6.12.117+deb12-amd64")


@pytest.fixture
def objects(shared: Path) -> list[str]:
    folder = shared / "corpus" / "obj"
    return [str(folder / name) for name in ("k17_demo.v3.o", "k16_sizes.v3.o")]


def opened() -> list[Target]:
    return [open_target(name) for name in KERNELS]


def asked(objects: list[str], targets: list[Target], jobs: int) -> list[Analysis]:
    files = [prepare(path, targets, checks_reads=True, loading=Loading()) for path in objects]
    return ask_all(files, jobs)


@pytest.mark.shared
def test_findings_are_those_of_each_object_alone(objects: list[str]) -> None:
    alone = [
        analyse(path, opened(), checks_reads=True, loading=Loading(), skips_broken=True) for path in objects
    ]
    together = asked(objects, opened(), jobs=1)
    assert [one.verdicts for one in together] == [one.verdicts for one in alone]
    found = [find_problems(one) for one in together]
    assert found == [find_problems(one) for one in alone]
    assert all(found)


@pytest.mark.shared
def test_with_processes_no_kernel_is_opened_here(objects: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    here = asked(objects, opened(), jobs=1)
    monkeypatch.setattr(module, "_LEAST_UNITS", 1)
    targets = opened()
    there = asked(objects, targets, jobs=2)
    assert all(target._btf is None for target in targets)
    assert [one.results for one in there] == [one.results for one in here]
    assert [one.verdicts for one in there] == [one.verdicts for one in here]


@pytest.mark.shared
def test_equal_answers_are_kept_once(objects: list[str]) -> None:
    one, _ = asked(objects, opened(), jobs=1)
    same = [row for row in one.results if row[0] == row[1]]
    assert same
    assert all(row[0] is row[1] for row in same)


def test_little_work_stays_here() -> None:
    targets = [Target(f"6.{number}", f"/nowhere/6.{number}", "file") for number in range(20)]
    units = [module.Unit(target, (0,)) for target in targets]
    assert processes_for(units[:2], 8) == 1
    assert processes_for(units, 1) == 1
    assert processes_for(units, 8) == 20 // module._LEAST_UNITS
    assert processes_for([module.Unit(targets[0], tuple(range(99)))], 8) == 1, "one kernel is one unit"
    assert units_of([]) == []


def test_targets_forget_the_first_that_was_read() -> None:
    targets = opened()
    keep_open(2)
    try:
        read = [target.btf for target in targets]
        assert [target._btf is None for target in targets] == [True, False, False]
        assert targets[0].btf.data == read[0].data
        assert [target._btf is None for target in targets] == [False, True, False]
    finally:
        keep_open(0)
