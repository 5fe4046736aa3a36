"""What becomes of everything on every kernel, told once for kernels that give the same answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.analysis.fates import Fates, fates_of, worst
from btfview.analysis.result import Analysis, CellState
from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.outcome import ReloResult
from btfview.frozen import replace
from btfview.targets.target import Target
from tests.analyses import analyse_object
from tests.btf.build import INT, struct
from tests.objects import Record, build_object

OFFSETS = {
    "6.12-amd64": 8,
    "5.9-amd64": 8,
    "6.6-arm64": 8,
    "5.10-amd64": 24,
    "6.1-arm64": None,
    "4.19-amd64": 8,
}
"""Byte offset of ``t.a`` on each kernel, 0 as compiled; None has no such field."""
NAMES = list(OFFSETS)
MOVED, MISSING, FINE = CellState.MOVED, CellState.MISSING, CellState.AS_COMPILED


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    records = (
        Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:0", 0),
        Record(CoreReloKind.FIELD_BYTE_SIZE, "t", "0:0", 4),
    )
    data = build_object((struct("t", ("a", INT, 0), size=4),), records)
    members = {
        name: ("b", INT, 0) if offset is None else ("a", INT, 8 * offset) for name, offset in OFFSETS.items()
    }
    targets = {name: [struct("t", member, size=32)] for name, member in members.items()}
    return analyse_object(tmp_path_factory.mktemp("fates"), data, **targets)


@pytest.fixture(scope="module")
def fates(analysis: Analysis) -> Fates:
    return fates_of(analysis)


def test_kernels_stand_by_architecture_and_age(fates: Fates) -> None:
    assert [(line.arch, [NAMES[target] for target in line.targets]) for line in fates.lines] == [
        ("amd64", ["4.19-amd64", "5.9-amd64", "5.10-amd64", "6.12-amd64"]),
        ("arm64", ["6.1-arm64", "6.6-arm64"]),
    ]
    assert [NAMES[target] for target in fates.order][:3] == ["4.19-amd64", "5.9-amd64", "5.10-amd64"]


def test_kernels_of_one_architecture_with_the_same_answers_are_one_class(fates: Fates) -> None:
    assert [([NAMES[target] for target in one.targets], one.has_gaps) for one in fates.classes] == [
        (["4.19-amd64", "5.9-amd64", "6.12-amd64"], True),  # 5.10 between them answers otherwise
        (["5.10-amd64"], False),
        (["6.1-arm64"], False),
        (["6.6-arm64"], False),
    ]
    assert [fates.class_of[NAMES.index(name)] for name in ("5.9-amd64", "6.6-arm64")] == [0, 3]


def test_the_worst_state_of_any_record_is_that_of_the_program(fates: Fates) -> None:
    assert fates.states == ((MOVED, MOVED, MISSING, MOVED), (FINE, FINE, MISSING, FINE))
    assert fates.program == fates.of(None) == (MOVED, MOVED, MISSING, MOVED)
    assert fates.state(1, NAMES.index("6.1-arm64")) == MISSING
    assert fates.failing_items == (0, 1)
    assert [NAMES[target] for target in fates.failing_targets()] == ["6.1-arm64"]


def test_what_is_not_known_counts_least() -> None:
    assert worst([None, FINE, MISSING, CellState.UNKNOWN]) == MISSING
    assert worst([None]) is worst([]) is None


def test_an_object_that_asks_nothing_is_fine_everywhere(tmp_path: Path) -> None:
    found = fates_of(analyse_object(tmp_path, build_object((struct("t", size=4),), ()), one=[INT]))
    assert (found.program, found.failing_items, found.states) == ((FINE,), (), ())


def test_no_kernels_no_classes(analysis: Analysis) -> None:
    found = fates_of(replace(analysis, targets=(), results=((),) * len(analysis.relos)))
    assert (found.classes, found.order, found.failing_targets()) == ((), (), ())
    assert found.states == ((), ())


def test_thousands_of_kernels_are_looked_at_once_a_set_of_results(
    analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    many, sets = 5000, 4
    targets = tuple(Target(f"5.{number}-amd64", f"/{number}", "file") for number in range(many))
    results: tuple[tuple[ReloResult, ...], ...] = tuple(
        tuple(row[number % sets] for number in range(many)) for row in analysis.results
    )
    asked: list[int] = []
    state = Analysis.state

    def counted(self: Analysis, relo: int, target: int) -> CellState:
        asked.append(target)
        return state(self, relo, target)

    monkeypatch.setattr(Analysis, "state", counted)
    found = fates_of(replace(analysis, targets=targets, results=results))
    assert len(asked) == sets * len(analysis.relos)
    # Columns 0, 1 and 2 of OFFSETS answer alike, and 3 by itself.
    assert [len(one.targets) for one in found.classes] == [many * 3 // 4, many // 4]
