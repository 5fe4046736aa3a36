"""What rustc rejects we reject, on the same line with the same code.

``cases/rejected.txt`` holds one program a line, ``tests/expectations/rejected.txt`` what rustc tells of each.
Where it tells more than one error, each that we tell must be one of them, and there must be at least one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from pathlib import Path

import pytest

from btfview.source import Source
from tests.compiler.rust.front_end_helpers import build
from tests.paths import EXPECTATIONS, RUST_CASES
from tests.rustc import IS_WRITING, Places, Rustc, ask_errors

CASES = (RUST_CASES / "rejected.txt").read_text().splitlines()
STORE = EXPECTATIONS / "rejected.txt"
AGAIN = "`make expectations` asks rustc anew"
HEAD = "#![allow(unused)]\npub struct S {\n    a: u32,\n}\n"
# What means something else in a module than at the root of a crate.
_NEEDS_A_CRATE = re.compile(r"crate|super|#!\[|macro|\bmod\b|\bextern\b|no_mangle|main")


def program(case: str) -> str:
    return HEAD + case.replace("; ", ";\n").replace("{ ", "{\n") + "\n"


@cache
def stored() -> dict[str, Places]:
    """Return line and code of what rustc tells of each case."""
    found: dict[str, Places] = {}
    for line in STORE.read_text().splitlines():
        places, case = line.split(" | ", 1)
        parts = (place.split(":") for place in places.split())
        found[case] = {(int(number), code) for number, code in parts}
    return found


def store(told: dict[str, Places]) -> None:
    lines = (" ".join(f"{line}:{code}" for line, code in sorted(told[case])) for case in CASES)
    STORE.write_text("".join(f"{places} | {case}\n" for places, case in zip(lines, CASES, strict=True)))


def told_together(folder: Path) -> dict[str, Places]:
    """Return what rustc says of each case that can stand in a module.

    They are told together: rustc ends after the phase that finds an error, so each run goes without
    the cases of which the one before told something. Of a case it may tell less than a run of its own would.
    """
    found: dict[str, Places] = {}
    left = [case for case in CASES if not _NEEDS_A_CRATE.search(case)]
    while left:
        starts: dict[int, str] = {}
        lines = [HEAD.split("\n", 1)[0]]
        for index, case in enumerate(left):
            lines.append(f"mod case{index} {{")
            starts[len(lines)] = case
            lines += [*program(case).split("\n")[1:], "}"]
        places = list(starts)
        for line, code in ask_errors(folder, "\n".join(lines)):
            start = places[bisect_right(places, line) - 1]
            found.setdefault(starts[start], set()).add((line - start + 1, code))
        before, left = len(left), [case for case in left if case not in found]
        if len(left) == before:
            break
    return found


@pytest.mark.rustc
@pytest.mark.timeout(900)  # make expectations asks of each case alone
def test_what_is_stored_is_what_rustc_says(tmp_path: Path) -> None:
    """Each case is asked about alone, but for those of which one error is stored and all that is told of
    them among the others is that one."""
    if IS_WRITING:
        store({case: ask_errors(tmp_path, program(case)) for case in CASES})
        stored.cache_clear()
        return
    together = told_together(tmp_path)
    wrong = {
        case: (places, told)
        for case, places in stored().items()
        if len(places) != 1 or together.get(case) != places
        if (told := ask_errors(tmp_path, program(case))) != places
    }
    assert wrong == {}, AGAIN


@pytest.mark.parametrize("case", CASES)
def test_rejected_on_rustc_s_line_with_rustc_s_code(case: str) -> None:
    theirs = stored().get(case)
    assert theirs, f"what rustc says of this case is not stored; {AGAIN}"
    text = program(case)
    source = Source("lib.rs", text)
    errors = [item for item in build(text).diagnostics if item.is_error]
    ours = {(source.location(item.span.start).line, item.code or "") for item in errors}
    assert ours
    assert ours <= theirs
    assert len(errors) <= max(2, len(theirs)), "one mistake should not be told over and over"


def test_several_mistakes_are_told_in_one_run(rustc: Rustc) -> None:
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
    assert ours == rustc.errors(text)
