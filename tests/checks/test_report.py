"""A fingerprint is what a finding is about, not where it stands."""

from __future__ import annotations

from btfview.analysis.findings.finding import Finding
from btfview.checks.report import as_found, is_failing
from btfview.frozen import replace

MISSING = Finding(
    "error",
    "missing",
    "t.a is missing on x: why",
    "",
    "/r/a.c",
    21,
    7,
    ("x",),
    0,
    "prog",
    "t.a (offset)",
    "x",
)


def fingerprints(*findings: Finding, checked: str = "/r/a.o", root: str = "/r") -> list[str]:
    return [one.fingerprint for one in as_found(findings, checked, (), root)]


def test_place_kernels_and_words_are_no_part_of_it() -> None:
    same = replace(
        MISSING, line=99, column=1, targets=("y",), listed="y", message="t.a is missing on y: other"
    )
    assert fingerprints(MISSING) == fingerprints(same)
    assert fingerprints(MISSING) == fingerprints(replace(MISSING, file="/q/a.c"), checked="/q/a.o", root="/q")


def test_rule_program_file_and_what_it_is_about_are() -> None:
    others = [
        replace(MISSING, code="ambiguous"),
        replace(MISSING, program="other"),
        replace(MISSING, file="/r/b.c"),
        replace(MISSING, subject="t.b (size)"),
    ]
    assert len({*fingerprints(MISSING), *(fingerprints(one)[0] for one in others)}) == 5
    assert fingerprints(MISSING) != fingerprints(MISSING, checked="/r/b.o")


def test_of_several_alike_each_has_its_own_in_their_order() -> None:
    first, second = MISSING, replace(MISSING, line=30)
    found = fingerprints(second, first, replace(first, message="for another reason"))
    assert found[1] == found[2] == fingerprints(first)[0]
    assert found[0] != found[1]


def test_many_alike_are_told_apart() -> None:
    """20,000 of one field in one program: as in an object of a security agent."""
    many = [replace(MISSING, line=number) for number in range(1, 20_001)]
    assert len(set(fingerprints(*many))) == len(many)


def test_what_fails_is_at_least_as_grave() -> None:
    assert [is_failing(severity, "warning") for severity in ("error", "warning", "note")] == [
        True,
        True,
        False,
    ]
    assert not is_failing("error", "never")
