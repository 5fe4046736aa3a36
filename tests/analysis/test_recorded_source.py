"""What an object tells of its source: its files where they are as they were, else the lines it quotes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.analysis.source_text.recorded_source import LEFT_OUT, RecordedSource, recorded_source

HEADER = """\
struct t { int a; int b; } __attribute__((preserve_access_index));
static inline int second(struct t *t)
{
    return t->b;
}
"""
SOURCE = """\
#include "t.h"
__attribute__((section("raw_tp/x"))) int f(struct t *t)
{
    int sum = t->a;

    sum += second(t);
    return sum;
}
"""

pytestmark = pytest.mark.debian_tool("clang-19")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "t.h").write_text(HEADER)
    (folder / "p.c").write_text(SOURCE)
    out = folder / "p.o"
    options = ("-target", "bpf", "-g", "-O2", "-c", str(folder / "p.c"), "-o", str(out))
    subprocess.run(["clang-19", *options], check=True)
    return out


def recorded(path: Path) -> tuple[Analysis, RecordedSource]:
    analysis = analyse(str(path))
    found = recorded_source(analysis)
    assert found is not None
    return analysis, found


def test_files_that_are_there_are_shown_whole_sources_first(built: Path) -> None:
    _, found = recorded(built)
    assert found.source.text == SOURCE + "\n" + HEADER
    assert found.headings == {1: "p.c", 10: "t.h"}
    assert [line for _, line in found.places] == [*range(1, 10), *range(1, 7)]


def test_each_record_stands_at_its_line(built: Path) -> None:
    analysis, found = recorded(built)
    lines = {
        analysis.relos[number].path: found.source.line(found.source.location(span.start).line).strip()
        for number, span in found.spans.items()
    }
    assert lines == {"t.a": "int sum = t->a;", "t.b": "return t->b;"}


def test_files_beside_a_moved_object_are_found(built: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.move(built.parent, moved)
    _, found = recorded(moved / "p.o")
    assert found.source.text == SOURCE + "\n" + HEADER


def test_a_file_that_changed_since_is_not_taken_for_the_source(built: Path) -> None:
    (built.parent / "p.c").write_text("\n" + SOURCE)
    _, found = recorded(built)
    assert found.headings[1] == "p.c (lines recorded in .BTF.ext)"
    assert "t.h" in found.headings.values(), "that one is as it was"
    assert LEFT_OUT in found.headings.values(), "between line 4 and line 6 nothing is quoted"
    assert found.source.line(1) == SOURCE.split("\n")[found.places[0][1] - 1]


@pytest.mark.parametrize("make", [pytest.param("dir", id="folder"), pytest.param("bytes", id="not-utf8")])
def test_what_cannot_be_read_by_that_name_is_no_error(built: Path, make: str) -> None:
    path = built.parent / "p.c"
    path.unlink()
    if make == "dir":
        path.mkdir()
    else:
        path.write_bytes(b"\xff\xfe")
    _, found = recorded(built)
    assert found.headings[1] == "p.c (lines recorded in .BTF.ext)"


def test_a_file_that_is_no_source_by_its_name_is_not_read(built: Path) -> None:
    other = built.parent / "p.txt"
    other.write_text(SOURCE)
    options = ("-target", "bpf", "-g", "-O2", "-x", "c", "-c", str(other), "-o", str(built))
    subprocess.run(["clang-19", *options], check=True)
    _, found = recorded(built)
    assert "p.txt (lines recorded in .BTF.ext)" in found.headings.values()
