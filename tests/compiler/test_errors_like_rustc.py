"""What rustc rejects we reject, on the same line with the same code.

``cases/rejected.txt`` holds one program a line. Where rustc tells more than one error, each that we
tell must be one of them, and there must be at least one.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from btfview.source import Source

from .front_end_helpers import build

CASES = (Path(__file__).parent / "cases" / "rejected.txt").read_text().splitlines()
HEAD = "#![allow(unused)]\npub struct S {\n    a: u32,\n}\n"
# An error of rustc's lints has no code, nor has one of its parser.
_ERROR = re.compile(r"^lib\.rs:(\d+):\d+: error(?:\[(E\d+)\])?: ", re.MULTILINE)


def rustc_errors(text: str, folder: Path) -> set[tuple[int, str]]:
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
    assert done.returncode == 1, done.stderr
    return {(int(line), code) for line, code in _ERROR.findall(done.stderr)}


def program(case: str) -> str:
    return HEAD + case.replace("; ", ";\n").replace("{ ", "{\n") + "\n"


@pytest.fixture(scope="module")
def told_by_rustc(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[tuple[int, str]]]:
    """Return what rustc says of every case; each needs a run of its own, so two go at once."""
    folders = [tmp_path_factory.mktemp("case") for _ in CASES]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(CASES, pool.map(rustc_errors, map(program, CASES), folders), strict=True))


@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs rustc")
@pytest.mark.parametrize("case", CASES)
def test_rejected_on_rustc_s_line_with_rustc_s_code(
    case: str, told_by_rustc: dict[str, set[tuple[int, str]]]
) -> None:
    text = program(case)
    source = Source("lib.rs", text)
    errors = [item for item in build(text).diagnostics if item.is_error]
    ours = {(source.location(item.span.start).line, item.code or "") for item in errors}
    theirs = told_by_rustc[case]
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
