"""The pages of the documentation, followed literally by somebody who has only what they ask for."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.pages import blocks, follow, needs_headers, run
from tests.paths import DEMO, ROOT

DOCS = ROOT / "docs"
CLANG = pytest.mark.debian_tool("clang-19")
PAGES = [
    pytest.param("your-program/c", marks=CLANG),
    pytest.param("your-program/go", marks=CLANG),
    pytest.param("your-program/rust"),
    pytest.param("tutorial"),
    pytest.param("ci"),
    pytest.param("how-to/fleet"),
    pytest.param("how-to/kernels-without-btf"),
    pytest.param("how-to/renamed-field", marks=CLANG),
    pytest.param("how-to/poison", marks=CLANG),
    pytest.param("how-to/bitfields", marks=CLANG),
    pytest.param("how-to/vmlinux-h"),
    pytest.param("how-to/recordings"),
    pytest.param("your-program/aya", marks=[pytest.mark.crates, pytest.mark.timeout(600)]),
]
_UNREACHABLE = re.compile(
    r"no such host|dial tcp|connection refused|connection reset|time(d )?out|proxyconnect|: 50\d ",
    re.IGNORECASE,
)
"""What go says where the proxy of its modules cannot be reached; anything else is an error of ours."""
_NEED_HEADERS = ("bpf/bpf_helpers.h",)


@pytest.mark.usefixtures("shared_target")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_what_it_says(name: str, tmp_path: Path) -> None:
    path = DOCS / f"{name}.md"
    if any(header in path.read_text() for header in _NEED_HEADERS):
        needs_headers()
    folder = tmp_path / "work"
    folder.mkdir()
    if name != "your-program/go":
        follow(path, folder)
        return
    if shutil.which("go") is None:
        pytest.skip("needs go")
    try:
        follow(path, folder)
    except AssertionError as error:
        if _UNREACHABLE.search(str(error)):
            pytest.skip(f"go cannot fetch modules: {error}")
        raise


FINDINGS = """\
src/state.rs:16:22: error: task_struct.state (field_byte_offset) is missing on 6.1.0-56-amd64: gone [missing]
b.bpf.c:3:1: warning: a name [read_width]
b.bpf.c:4:9: note: a sign [read_sign]
b.bpf.c:5:2: error: expected expression
3 errors: 2 files, 3 records on 2 targets
"""
"""As ``check`` prints: with a rule; of a compiler's error, without; the last line is no finding."""


def test_the_problem_matcher_of_vs_code_finds_what_check_prints(tmp_path: Path) -> None:
    """VS Code, "Tasks", "Defining a problem matcher": the groups of ``regexp`` are named by number."""
    (shown,) = [
        one.text for one in blocks((DOCS / "how-to/editors.md").read_text()) if one.language == "json"
    ]
    pattern = json.loads(shown)["tasks"][0]["problemMatcher"]["pattern"]
    program = tmp_path / "state.rs"
    program.write_text((DEMO / "renamed_field.rs").read_text())
    code, printed = run("btfview check state.rs -t 5.10.0-46-amd64 -t 6.1.0-56-amd64", tmp_path)
    assert code == 1
    (found,) = [match for line in printed.splitlines() if (match := re.match(pattern["regexp"], line))]
    assert found[pattern["file"]] == "state.rs"
    assert (
        "field_byte_offset!(task_struct, state)"
        in program.read_text().splitlines()[int(found[pattern["line"]]) - 1]
    )
    assert (found[pattern["severity"]], found[pattern["code"]]) == ("error", "missing")
    severities = [match[4] for line in FINDINGS.splitlines() if (match := re.match(pattern["regexp"], line))]
    assert severities == ["error", "warning", "note", "error"]


@pytest.mark.skipif(shutil.which("vim") is None, reason="needs vim (Debian package)")
def test_vim_goes_to_what_check_prints(tmp_path: Path) -> None:
    (shown,) = [one.text for one in blocks((DOCS / "how-to/editors.md").read_text()) if one.language == "vim"]
    (tmp_path / "btfview.vim").write_text(shown)
    (tmp_path / "printed").write_text(FINDINGS)
    script = (
        "source btfview.vim | cgetfile printed | call writefile(map(getqflist(), "
        "{_, one -> join([bufname(one.bufnr), one.lnum, one.col, one.type])}), 'found') | qall!"
    )
    subprocess.run(
        ["vim", "-u", "NONE", "-N", "-es", "-c", script],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        check=True,
        timeout=60,
    )
    assert (tmp_path / "found").read_text().splitlines() == [
        "src/state.rs 16 22 e",
        "b.bpf.c 3 1 w",
        "b.bpf.c 4 9 n",
        "b.bpf.c 5 2 e",
    ]
