"""What the screen keeps of many kernels in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from btfview.targets.find import open_target
from btfview.targets.kept_open import AllOpen, begin_listing, end_listing, keep_open_everywhere
from btfview.targets.target import Target

NAMES = ("5.10.0-46-amd64", "6.1.0-56-amd64", "6.12.117+deb12-amd64")


@pytest.fixture
def kernels() -> Iterator[list[Target]]:
    keep_open_everywhere(2)
    yield [open_target(name) for name in NAMES]
    begin_listing(0)
    end_listing()
    keep_open_everywhere(0)


def held(kernels: list[Target]) -> list[bool]:
    return [kernel._btf is not None for kernel in kernels]


def test_the_first_is_forgotten_and_read_again(kernels: list[Target]) -> None:
    counts = [kernel.btf.type_count for kernel in kernels]
    assert held(kernels) == [False, True, True]
    assert kernels[0].btf.type_count == counts[0]
    assert held(kernels) == [True, False, True]


def test_while_an_answer_is_made_all_stay(kernels: list[Target]) -> None:
    with AllOpen():
        for kernel in kernels:
            assert kernel.btf.type_count
        assert held(kernels) == [True, True, True]
    assert held(kernels) == [False, True, True]


def test_fewer_stay_while_names_are_listed_and_none_of_those(kernels: list[Target]) -> None:
    assert [kernel.btf.type_count > 0 for kernel in kernels] == [True, True, True]
    begin_listing(1)
    assert held(kernels) == [False, False, True]
    assert kernels[0].btf.type_count
    assert held(kernels) == [True, False, False]
    end_listing()
    assert held(kernels) == [False, False, False]
    assert [kernel.btf.type_count > 0 for kernel in kernels] == [True, True, True]
    assert held(kernels) == [False, True, True]
