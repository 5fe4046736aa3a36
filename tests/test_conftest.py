"""A test that needs what the machine lacks is skipped, and in CI fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

TESTS = """
import pytest

@pytest.mark.debian_tool("no-such-tool")
def test_of_a_tool(): pass

def test_of_the_shared_corpus(kernel_btf): pass

@pytest.mark.rustc
def test_of_rustc(): pass

@pytest.mark.crates
def test_of_crates(): pass

@pytest.mark.shared
def test_that_skips_itself(): pytest.skip("only now")

@pytest.mark.judge
def test_without_a_judge(): pytest.skip("no compiler for it, or its registry is not reached")

def test_unmarked(): pytest.skip("an option of this machine")

@pytest.mark.shared
@pytest.mark.xfail(reason="known")
def test_known_to_fail(): assert False
"""


def outcomes(tmp_path: Path, **environment: str) -> dict[str, str]:
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    (tmp_path / "test_inner.py").write_text(TESTS)
    (tmp_path / "shared" / "btf").mkdir(parents=True)
    (tmp_path / "shared" / "corpus").mkdir()
    marks = "\n".join(["kernel:", "debian_tool:", "rustc:", "crates:", "shared:", "judge:"])
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-o", f"markers={marks}"]
    ran = subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
    )
    words = [line.split() for line in ran.stdout.splitlines() if "::" in line and "%]" in line]
    assert words, ran.stdout + ran.stderr
    return {word[0].partition("::")[2]: word[1] for word in words}


@pytest.mark.parametrize(
    ("is_ci", "before_it_runs", "while_it_runs"),
    [pytest.param("0", "SKIPPED", "SKIPPED", id="here"), pytest.param("1", "ERROR", "FAILED", id="in-ci")],
)
def test_a_skip_of_a_marked_test_fails_in_ci(
    is_ci: str, before_it_runs: str, while_it_runs: str, tmp_path: Path
) -> None:
    nowhere = str(tmp_path / "nowhere")
    assert outcomes(tmp_path, BTFVIEW_CI=is_ci, BTFVIEW_SHARED=nowhere, PATH=nowhere) == {
        "test_of_a_tool": before_it_runs,
        "test_of_the_shared_corpus": before_it_runs,
        "test_of_rustc": before_it_runs,
        "test_of_crates": before_it_runs,
        "test_that_skips_itself": before_it_runs,
        "test_without_a_judge": while_it_runs,
        "test_unmarked": "SKIPPED",
        "test_known_to_fail": before_it_runs,
    }
    (tmp_path / "again").mkdir()
    found = outcomes(tmp_path / "again", BTFVIEW_CI=is_ci, BTFVIEW_SHARED=str(tmp_path / "shared"))
    assert found["test_that_skips_itself"] == while_it_runs


def test_what_is_there_is_used(tmp_path: Path) -> None:
    found = outcomes(tmp_path, BTFVIEW_CI="1", BTFVIEW_SHARED=str(tmp_path / "shared"))
    assert found["test_of_the_shared_corpus"] == "PASSED"
    assert found["test_that_skips_itself"] == "FAILED"
    assert found["test_known_to_fail"] == "XFAIL"
