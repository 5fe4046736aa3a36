"""What an object asks of a kernel beside its records: answers, what is a problem, what is unknown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.findings.collect import find_problems
from btfview.analysis.result import Analysis, Ask, CellState
from btfview.analysis.retarget import retarget
from btfview.demands.asked import Loading
from btfview.targets.target import Target
from tests.asking import HELPER, analyse_asking


def ask_of(analysis: Analysis, kind: str, subject: str) -> Ask:
    (found,) = [ask for ask in analysis.asks if (ask.kind, ask.subject) == (kind, subject)]
    return found


def states(ask: Ask) -> list[CellState]:
    return [answer.state for answer in ask.answers]


def test_a_helper_is_met_or_not_or_unknown(tmp_path: Path) -> None:
    analysis = analyse_asking(tmp_path, "has", "lacks", "trimmed")
    helper = ask_of(analysis, "helper", HELPER)
    assert states(helper) == [CellState.AS_COMPILED, CellState.MISSING, CellState.UNKNOWN]
    assert helper.programs == ("prog",)
    assert helper.insn == ("socket", 0)
    assert helper.answers[1].rule == "kernel check_helper_call"
    assert [answer.is_trimmed for answer in helper.answers] == [False, False, True]


def test_numbers_go_on_behind_the_records_and_keys_tell_all_apart(tmp_path: Path) -> None:
    analysis = analyse_asking(tmp_path, "has", "lacks")
    assert analysis.relos == ()
    assert [ask.kind for ask in analysis.asks] == ["byte order", "address size", "program type", "helper"]
    assert analysis.item_count == 4
    assert len({analysis.key(number) for number in range(4)}) == 4
    assert [number for number in range(4) if analysis.fails(number)] == [3]
    assert analysis.problem_count == 1


def test_without_targets_it_is_told_what_is_asked_for(tmp_path: Path) -> None:
    analysis = analyse_asking(tmp_path)
    assert [ask.answers for ask in analysis.asks] == [()] * 4
    assert analysis.problem_count == 0


@pytest.mark.shared
@pytest.mark.parametrize("name", ["helpers", "kconfig.guards_plain_helper", "fentry_targets", "kfunc_weak"])
def test_the_screen_counts_what_check_finds(
    name: str, shared: Path, kernel_btf: Callable[[str], Path]
) -> None:
    """Errors of ``check`` that are no record's, and problems that are no record's: the same kinds."""
    path = str(shared / "loads" / "objs" / f"{name}.o")
    for kernel in ("5.10.0-46-amd64", "6.1.0-56-amd64"):
        target = Target(kernel, str(kernel_btf(kernel)), "file")
        checked = analyse(path, [target], loading=Loading())
        shown, _, _ = retarget(analyse(path), [target])
        found = find_problems(checked)
        errors = {one.code for one in found if one.severity == "error" and one.relo is None}
        asks = range(len(shown.relos), shown.item_count)
        problems = {ask.kind for number in asks if shown.fails(number) and (ask := shown.ask(number))}
        assert problems == errors
        failing = {linked.index for linked in shown.relos if shown.fails(linked.index)}
        assert failing == {one.relo for one in found if one.severity == "error" and one.relo is not None}


@pytest.mark.shared
def test_a_helper_behind_a_version_guard_is_missing_without_harm(
    shared: Path, kernel_btf: Callable[[str], Path]
) -> None:
    """``bpf_ktime_get_tai_ns`` came with 6.1; the object asks for LINUX_KERNEL_VERSION first (SUMMARY.tsv:
    it loads on 5.10)."""
    path = str(shared / "loads" / "objs" / "kconfig.guards_plain_helper.o")
    kernels = ("5.10.0-46-amd64", "6.1.0-56-amd64")
    targets = [Target(name, str(kernel_btf(name)), "file") for name in kernels]
    analysis, _, _ = retarget(analyse(path), targets)
    helper = ask_of(analysis, "helper", "bpf_ktime_get_tai_ns")
    assert states(helper) == [CellState.MISSING_GUARDED, CellState.AS_COMPILED]
    assert analysis.problem_count == 0
