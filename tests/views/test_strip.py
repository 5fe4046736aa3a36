"""The fate strip: never cut, whatever its width."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from btfview.analysis.fates import Fates, KernelClass, KernelLine
from btfview.analysis.result import CellState
from btfview.views.kernels.strip import (
    Cell,
    StripPlan,
    cells,
    glyph,
    plan_strip,
    role,
    states_in,
    strip_segments,
)
from btfview.views.rows import ROLES

GLYPHS = {state.glyph: state for state in CellState}


def fates(*lines: tuple[str, Sequence[str]]) -> Fates:
    """Return fates of a program: for each architecture its classes, each the glyph of its state as often as
    it has kernels."""
    kernel_lines: list[KernelLine] = []
    classes: list[KernelClass] = []
    class_of: list[int] = []
    states: list[CellState] = []
    for arch, members in lines:
        first = len(class_of)
        for glyphs in members:
            targets = tuple(range(len(class_of), len(class_of) + len(glyphs)))
            class_of += [len(classes)] * len(glyphs)
            classes.append(KernelClass(arch, targets))
            states.append(GLYPHS[glyphs[0]])
        kernel_lines.append(KernelLine(arch, tuple(range(first, len(class_of)))))
    return Fates(tuple(kernel_lines), tuple(classes), tuple(class_of), (), tuple(states))


def drawn(plan: StripPlan, of: Fates) -> str:
    return "".join(segment.text for segment in strip_segments(plan, of.program))


SMALL = fates(("amd64", ("✔✔✔", "▲▲", "✖")), ("arm64", ("○", "?")))


def test_a_kernel_on_which_nothing_fails_is_green_also_where_something_is_missing_and_guarded() -> None:
    mended = fates(("amd64", ("✔", "○")))
    assert {one.role for one in strip_segments(plan_strip(mended, 2), mended.program)} == {"as-compiled"}


@pytest.mark.parametrize(
    ("width", "text"),
    [
        pytest.param(21, "amd64 ✔✔✔▲▲✖│arm64 ○?", id="labelled"),
        pytest.param(20, "✔✔✔▲▲✖│○?", id="a-cell-a-kernel"),
        pytest.param(9, "✔✔✔▲▲✖│○?", id="just-so"),
        pytest.param(8, "✔▲✖│○?", id="a-cell-a-class"),
        pytest.param(5, "✔▲✖○?", id="a-cell-a-class-unparted"),
        pytest.param(3, "✔✖?", id="all-in-one-group"),
        pytest.param(1, "✖", id="one-cell"),
        pytest.param(0, "✖", id="no-room-at-all"),
    ],
)
def test_a_strip_is_as_rich_as_its_room_allows_and_keeps_the_worst(width: int, text: str) -> None:
    plan = plan_strip(SMALL, width)
    assert drawn(plan, SMALL) == text
    assert plan.width == len(text)


def test_every_kernel_has_a_cell_at_every_width() -> None:
    many = fates(*((f"arch{number}", ["✔▲"[n % 2] * 25 for n in range(50)]) for number in range(4)))
    for width in (1, 2, 7, 11, 12, 40, 203, 204, 5000, 6000):
        plan = plan_strip(many, width)
        assert plan.width <= width
        assert sorted(target for cell in plan.cells for target in cell.targets) == list(range(5000))
        assert all(plan.cell_of(target) is plan.cells[plan.place_of[target]] for target in (0, 2500, 4999))
        assert [plan.cell_at(cell.x) for cell in plan.cells] == list(plan.cells)


def test_one_failing_kernel_of_thousands_is_seen() -> None:
    one = fates(("amd64", ["✔" * 2500, "✖", "✔" * 2499]))
    for width in (1, 3, 40):
        assert "✖" in drawn(plan_strip(one, width), one)


@pytest.mark.parametrize(
    ("width", "note"),
    [
        pytest.param(9, "", id="a-cell-a-kernel"),
        pytest.param(8, "a cell a class, of ≤ 3 kernels", id="classes"),
        pytest.param(3, "≤ 3 kernels a cell: the worst", id="runs"),
    ],
)
def test_how_many_kernels_a_cell_stands_for_is_said(width: int, note: str) -> None:
    assert plan_strip(SMALL, width).note == note


def test_cells_between_architectures_are_none() -> None:
    plan = plan_strip(SMALL, 9)
    assert plan.cell_at(6) is None
    assert plan.cell_at(9) is None
    found = plan.cell_at(7)
    assert found is not None
    assert found.targets == (6,)


def test_without_kernels_there_is_nothing() -> None:
    nothing = fates()
    plan = plan_strip(nothing, 10)
    assert (plan.width, drawn(plan, nothing), plan.cell_of(0)) == (0, "", None)


def test_states_in_a_row_of_any_width() -> None:
    states = [CellState.AS_COMPILED, None, CellState.MISSING, None]
    assert cells(states, 9) == tuple(Cell(state, 1) for state in states)
    assert cells(states, 2) == (Cell(CellState.AS_COMPILED, 2), Cell(CellState.MISSING, 2))
    assert cells([], 5) == ()


def test_what_is_not_known_yet_has_a_sign_too() -> None:
    assert (glyph(None), role(None)) == ("·", "dim")
    assert {role(state) for state in CellState} <= ROLES


def test_a_cell_shows_the_worst_of_its_classes() -> None:
    assert states_in(plan_strip(SMALL, 3), SMALL.program) == [
        CellState.AS_COMPILED,
        CellState.MISSING,
        CellState.UNKNOWN,
    ]
