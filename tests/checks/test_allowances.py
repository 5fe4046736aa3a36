"""What is allowed is not said, and nothing else."""

from __future__ import annotations

import pytest

from btfview.analysis.findings.finding import Finding
from btfview.checks.allowances import Allowance, is_kernel, parse_allowance, without_allowed
from btfview.errors import UsageError

KERNELS = ("5.4.0-216-generic-amd64", "5.15.0-204-generic-amd64", "6.1.0-56-rt-amd64")
LISTED = ", ".join(KERNELS)
MISSING = Finding(
    "error", "missing", f"t.a (field_byte_offset) is missing on {LISTED}: no member", "", "a.c", 1, 1,
    KERNELS, 0, "prog", "t.a (field_byte_offset)", LISTED,
)  # fmt: skip
HELPER = Finding(
    "error", "helper", "helper bpf_loop: fails", "", "a.c", 1, 1, KERNELS, subject="helper bpf_loop"
)


@pytest.mark.parametrize(
    ("kernels", "left"),
    [
        pytest.param("", (), id="everywhere"),
        pytest.param("<5.15", KERNELS[1:], id="older"),
        pytest.param("<=5.15", KERNELS[2:], id="as-many-numbers-as-given"),
        pytest.param(">=5.4,<6.1", KERNELS[2:], id="a-range"),
        pytest.param("*-rt-*", KERNELS[:2], id="a-pattern"),
        pytest.param("5.15", (KERNELS[0], KERNELS[2]), id="one-release"),
        pytest.param("7.0", KERNELS, id="none-of-these"),
    ],
)
def test_a_finding_stays_on_the_kernels_that_are_not_allowed(kernels: str, left: tuple[str, ...]) -> None:
    found, used = without_allowed([MISSING, HELPER], [allowance := Allowance("missing", "", kernels)], 5)
    assert [one.targets for one in found] == ([left] if left else []) + [KERNELS]
    assert found[0].message == (
        f"t.a (field_byte_offset) is missing on {', '.join(left)}: no member" if left else HELPER.message
    )
    assert used == (frozenset() if left == KERNELS else {allowance})


@pytest.mark.parametrize(
    ("allowance", "codes"),
    [
        (Allowance("missing", "t.*"), ["helper"]),
        (Allowance("missing", "t"), ["missing", "helper"]),
        (Allowance("helper", "bpf_loop"), ["missing"]),
        (Allowance("never-there"), ["missing", "helper"]),
    ],
)
def test_a_record_is_told_by_its_path_and_a_demand_by_its_name(
    allowance: Allowance, codes: list[str]
) -> None:
    assert [one.code for one in without_allowed([MISSING, HELPER], [allowance], 3)[0]] == codes


def test_an_allowance_is_read_from_the_command_line() -> None:
    assert parse_allowance("never there") == Allowance("never-there")
    assert parse_allowance("missing:a.b*@>=5.4,<6") == Allowance("missing", "a.b*", ">=5.4,<6")
    assert parse_allowance("missing@*-rt") == Allowance("missing", "", "*-rt")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mising:a", "no lint is called so; .*; did you mean missing"),
        (":a", "is expected"),
        ("missing:", "is expected"),
        ("missing@<x", 'of the kernels "<x" is no version'),
        ("E0609", "a compiler's error"),
    ],
)
def test_a_wrong_allowance_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_allowance(text)


def test_a_kernel_without_a_version_is_in_no_range() -> None:
    assert not is_kernel("vmlinux", "<9")
    assert is_kernel("vmlinux", "vm*")
