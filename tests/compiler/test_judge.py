"""The judge: two compilers give the same records for the same questions, or one of them is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.compiler.c.clang import CLANG_VARIABLE
from tests.paths import DEMO

TWINS = Path(__file__).parent / "c" / "twins"
_OTHER_NAMES = {"sched_option": "sched"}
"""The demo in the other dialect asks the same."""
PROGRAMS = sorted(path.stem for path in DEMO.glob("*.rs"))


def records_of(path: Path) -> set[tuple[str, str, str, str]]:
    """Return (function, kind, path, access string) of each record; how often one is made is LLVM's choice."""
    analysis = analyse(str(path))
    assert not any(one.is_error for one in analysis.diagnostics), analysis.diagnostics
    return {(one.program, one.relo.kind_label, one.path, one.relo.access_str) for one in analysis.relos}


@pytest.mark.debian_tool("clang-19")
def test_the_demos_and_their_twins_in_c_have_the_same_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prints the table: ``pytest -s``."""
    monkeypatch.setenv(CLANG_VARIABLE, "clang-19")
    differing = {}
    print(f"\n{'program':<20}{'records':>8}{'differences':>13}")
    for name in PROGRAMS:
        rust = records_of(DEMO / f"{name}.rs")
        c = records_of(TWINS / f"{_OTHER_NAMES.get(name, name)}.c")
        print(f"{name:<20}{len(rust):>8}{len(rust ^ c):>13}")
        if rust != c:
            differing[name] = {"Rust alone": rust - c, "C alone": c - rust}
    assert PROGRAMS
    assert differing == {}
