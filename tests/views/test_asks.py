"""Rows of what else is asked of a kernel: the groups of panes 4 and 5, the detail, the problems."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.analysis.result import Analysis, CellState
from btfview.views.cell import HISTORY, cell_rows
from btfview.views.detail import detail_rows, detail_title
from btfview.views.offset_table import offset_table, summarise_relo
from btfview.views.problems import RecordProblem, count_problems, list_problems, problem_row
from btfview.views.relocations import relocation_rows
from btfview.views.rows import OffsetCell
from btfview.views.stages.disasm import disasm_rows
from tests.asking import HELPER, analyse_asking

HELPER_NUMBER = 3
"""Behind byte order, address size and program type."""


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    return analyse_asking(tmp_path, "has", "lacks", "trimmed")


def test_what_is_asked_for_has_a_row_in_the_columns_of_the_records(analysis: Analysis) -> None:
    rows = relocation_rows(analysis)
    assert [[segment.text for segment in row.segments if segment.text] for row in rows] == [
        ["d0", "byte order", "little-endian"],
        ["d1", "address size", "8 bytes"],
        ["d2", "program type", "BPF_PROG_TYPE_SOCKET_FILTER", "by prog · instruction 0 of socket"],
        ["d3", "helper", "bpf_ktime_get_ns", "by prog · instruction 0 of socket"],
    ]
    assert [row.relos for row in rows] == [(0,), (1,), (2,), (3,)]


def test_answers_are_cells_under_what_is_asked_for(analysis: Analysis) -> None:
    row = offset_table(analysis).rows[HELPER_NUMBER]
    assert row.group == HELPER
    assert row.part == "asks of the kernel"
    assert "".join(segment.text for segment in row.label) == "d3 helper"
    assert row.cells == (
        OffsetCell(CellState.AS_COMPILED, "yes"),
        OffsetCell(CellState.MISSING, "no"),
        OffsetCell(CellState.UNKNOWN, "-"),
    )
    assert summarise_relo(analysis, HELPER_NUMBER).text == "✖ not met on 1 of 3"
    assert summarise_relo(analysis, 0).text == "✔ met"


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        pytest.param(0, ["✔ met", "the kernel has bpf_ktime_get_ns"], id="met"),
        pytest.param(
            1,
            ["✖ not met", "the kernel has no bpf_ktime_get_ns (invalid func unknown#5)"],
            id="not-met",
        ),
        pytest.param(2, ["? unknown", "this BTF was trimmed: it lacks enum bpf_func_id"], id="unknown"),
    ],
)
def test_the_detail_says_why_by_which_rule_and_who_asks(
    analysis: Analysis, target: int, lines: list[str]
) -> None:
    said = [row.text for row in detail_rows(analysis, HELPER_NUMBER, target)]
    assert said[:2] == lines
    assert "Rule: kernel check_helper_call" in said
    assert said[-1] == "asked for by prog"
    assert any("-t FILE" in line for line in said) == (target == 2)
    assert any("verifier refuses" in line for line in said) is False


def test_what_to_do_instead_stands_in_the_detail(analysis: Analysis) -> None:
    said = [row.text for row in detail_rows(analysis, HELPER_NUMBER, 1)]
    assert any(line.startswith("Instead: ") and "BPF_FUNC_ktime_get_ns" in line for line in said)


def test_the_cell_tells_it_from_kernel_to_kernel(analysis: Analysis) -> None:
    rows = cell_rows(analysis, HELPER_NUMBER, 1)
    assert rows[0].text.startswith("On lacks")
    history = [row.text for row in rows][[row.key for row in rows].index(HISTORY) + 1 :]
    assert any("✖ not met" in line for line in history)
    assert any("? unknown" in line for line in history)
    assert detail_title(analysis, HELPER_NUMBER, 1) == "d3 helper bpf_ktime_get_ns on lacks"


def test_without_targets_the_detail_says_what_is_asked_for(tmp_path: Path) -> None:
    said = [row.text for row in detail_rows(analyse_asking(tmp_path), HELPER_NUMBER, 0)]
    assert said == ["no target chosen: what the object asks for", "asked for by prog"]


def test_what_is_not_met_is_a_problem_and_what_is_unknown_is_none(analysis: Analysis) -> None:
    problems = list_problems(analysis, analysis)
    reason = "the kernel has no bpf_ktime_get_ns (invalid func unknown#5)"
    assert problems == (RecordProblem(HELPER_NUMBER, (1,), CellState.MISSING, reason),)
    assert count_problems(problems)["record"] == 1
    row = problem_row(problems[0], analysis)
    assert row.text == f"✖ d3 helper bpf_ktime_get_ns  not met on lacks  {reason}"


def test_an_instruction_leads_to_what_it_asks_for(analysis: Analysis) -> None:
    from btfview.analysis.instructions.disassembly import disassemble

    rows = disasm_rows(analysis, disassemble(analysis, 0), 0)
    (call,) = [row for row in rows if row.key == "socket+0"]
    assert call.relos == (2, HELPER_NUMBER)
