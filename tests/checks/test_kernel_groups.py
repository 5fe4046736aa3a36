"""Many kernels in few words."""

from __future__ import annotations

import pytest

from btfview.checks.kernel_groups import KernelGroups


@pytest.mark.parametrize(
    ("left_out", "told"),
    [
        pytest.param((), "all 15 targets", id="all"),
        pytest.param(("arm64", "s390x", "6."), "amd64 5.4 … 5.19 (5)", id="a-run"),
        pytest.param(("arm64", "s390x", "6.1.0", "5.15"), "amd64 5.4 … 5.13 (3), 5.19, 6.2, 6.5", id="runs"),
        pytest.param(("arm64", "s390x", "5.15"), "amd64 5.4 … 6.5 (10), not 5.15", id="all-but-one"),
        pytest.param(("amd64", "s390x"), "6.1.0-50-arm64, 6.12.117+deb12-arm64", id="few-in-full"),
        pytest.param(("generic",), "amd64 6.1 … 6.1-rt (4); arm64 6.1, 6.12; s390x 6.12, 7.2", id="archs"),
    ],
)  # fmt: skip
def test_kernels_are_told_by_architecture_and_age(
    left_out: tuple[str, ...], told: str, all_names: list[str]
) -> None:
    groups = KernelGroups(all_names)
    chosen = [name for name in all_names if not any(word in name for word in left_out)]
    assert groups.told(chosen) == told


def test_no_two_kernels_of_a_line_are_called_alike(all_names: list[str]) -> None:
    groups = KernelGroups(all_names)
    labels = [groups.told([*all_names[:3], name]).rpartition(", ")[2] for name in all_names[7:11]]
    assert len(set(labels)) == 4
