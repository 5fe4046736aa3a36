"""What a trimmed kernel lacks is unknown, not missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from btfview.analysis.result import Analysis, CellState
from btfview.analysis.retarget import retarget
from btfview.btf.kinds import CoreReloKind
from btfview.views.detail import detail_rows
from btfview.views.offset_table import offset_table
from tests.analyses import analyse_object
from tests.btf.build import INT, Described, enum, struct
from tests.objects import Record, build_object

_LIST = enum("bpf_func_id")
"""What every whole kernel has."""
_RECORDS = [
    Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:0", 0),
    Record(CoreReloKind.FIELD_EXISTS, "t", "0:0", 1),
    Record(CoreReloKind.TYPE_EXISTS, "t", "0", 1),
]


def _analysis(folder: Path, kernel: Sequence[Described]) -> Analysis:
    return analyse_object(folder, build_object([struct("t", size=4, a=(INT, 0))], _RECORDS), kernel=kernel)


@pytest.mark.parametrize(
    ("kernel", "states"),
    [
        pytest.param([INT], [CellState.UNKNOWN] * 3, id="trimmed-of-the-type"),
        pytest.param(
            [INT, _LIST],
            [CellState.MISSING, CellState.MISSING_GUARDED, CellState.MISSING_GUARDED],
            id="whole-without-the-type",
        ),
        pytest.param(
            [struct("t", size=4, b=(INT, 0))],
            [CellState.MISSING, CellState.MISSING_GUARDED, CellState.AS_COMPILED],
            id="trimmed-with-the-type",
        ),
    ],
)
def test_a_record_is_unknown_where_the_type_was_trimmed_away(
    tmp_path: Path, kernel: Sequence[Described], states: list[CellState]
) -> None:
    analysis = _analysis(tmp_path, kernel)
    again, _, _ = retarget(analysis, analysis.targets)  # as the screen does
    for one in (analysis, again):
        assert [one.state(index, 0) for index in range(3)] == states
        assert one.problem_count == states.count(CellState.MISSING)


def test_an_unknown_record_has_no_value_and_says_how_to_know(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, [INT])
    assert [row.cells[0].value for row in offset_table(analysis).rows] == ["-"] * 3
    for index in range(3):
        said = "\n".join(row.text for row in detail_rows(analysis, index, 0))
        assert said.startswith("? unknown")
        assert "this BTF was trimmed: it lacks struct t" in said
        assert "-t FILE" in said
        assert "verifier" not in said
