"""What rustc rejects we reject, on the same line with the same code.

``cases/rejected.txt`` holds one program a line. Where rustc tells more than one error, each that we
tell must be one of them, and there must be at least one.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from bisect import bisect_right
from pathlib import Path

import pytest

from btfview.source import Source
from tests.compiler.rust.front_end_helpers import build
from tests.paths import RUST_CASES

CASES = (RUST_CASES / "rejected.txt").read_text().splitlines()
HEAD = "#![allow(unused)]\npub struct S {\n    a: u32,\n}\n"
# An error of rustc's lints has no code, nor has one of its parser.
_ERROR = re.compile(r"^lib\.rs:(\d+):\d+: error(?:\[(E\d+)\])?: ", re.MULTILINE)


def rustc_errors(text: str, folder: Path, *, may_pass: bool = False) -> set[tuple[int, str]]:
    (folder / "lib.rs").write_text(text)
    command = [
        "rustc",
        "--edition",
        "2024",
        "--crate-type",
        "lib",
        "--emit",
        "obj",
        "--error-format",
        "short",
        "lib.rs",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1 or may_pass, done.stderr
    return {(int(line), code) for line, code in _ERROR.findall(done.stderr)}


def program(case: str) -> str:
    return HEAD + case.replace("; ", ";\n").replace("{ ", "{\n") + "\n"


# What means something else in a module than at the root of a crate.
_NEEDS_A_CRATE = re.compile(r"crate|super|#!\[|macro|\bmod\b|\bextern\b|no_mangle|main")


@pytest.fixture(scope="module")
def told_by_rustc(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[tuple[int, str]]]:
    """Return what rustc says of each case that can stand in a module.

    They are told together: rustc ends after the phase that finds an error, so each run goes without
    the cases of which the one before told something. Of a case it may tell less than a run of its own would.
    """
    found: dict[str, set[tuple[int, str]]] = {}
    left = [case for case in CASES if not _NEEDS_A_CRATE.search(case)]
    while left:
        starts: dict[int, str] = {}
        lines = [HEAD.split("\n", 1)[0]]
        for index, case in enumerate(left):
            lines.append(f"mod case{index} {{")
            starts[len(lines)] = case
            lines += [*program(case).split("\n")[1:], "}"]
        told = rustc_errors("\n".join(lines), tmp_path_factory.mktemp("cases"), may_pass=True)
        places = list(starts)
        for line, code in told:
            start = places[bisect_right(places, line) - 1]
            found.setdefault(starts[start], set()).add((line - start + 1, code))
        before, left = len(left), [case for case in left if case not in found]
        if len(left) == before:
            break
    return found


@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs rustc")
@pytest.mark.parametrize("case", CASES)
def test_rejected_on_rustc_s_line_with_rustc_s_code(
    case: str, told_by_rustc: dict[str, set[tuple[int, str]]], tmp_path: Path
) -> None:
    text = program(case)
    source = Source("lib.rs", text)
    errors = [item for item in build(text).diagnostics if item.is_error]
    ours = {(source.location(item.span.start).line, item.code or "") for item in errors}
    theirs = told_by_rustc.get(case, set())
    if not ours <= theirs or len(errors) > max(2, len(theirs)):
        theirs = rustc_errors(text, tmp_path)
    assert ours
    assert ours <= theirs
    assert len(errors) <= max(2, len(theirs)), "one mistake should not be told over and over"


@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs rustc")
def test_several_mistakes_are_told_in_one_run(tmp_path: Path) -> None:
    text = HEAD + (
        "fn f() -> u32 {\n    true\n}\nfn g(s: &S) -> u32 {\n    s.b\n}\n"
        "fn h(x: u32) -> u32 {\n    let y = x.foo();\n    y + x.bar()\n}\n"
    )
    source = Source("lib.rs", text)
    ours = {
        (source.location(item.span.start).line, item.code)
        for item in build(text).diagnostics
        if item.is_error
    }
    assert ours == rustc_errors(text, tmp_path)
