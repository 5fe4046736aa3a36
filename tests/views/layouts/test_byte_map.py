"""The byte map: each byte is what pahole says that it is, and the same field has the same mark everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from btfview.btf.query import find_types
from btfview.btf.reader import Btf
from btfview.targets.find import open_targets
from btfview.views.layouts.byte_map import (
    BESIDE_WIDTH,
    LINE_BYTES,
    WIDTH,
    Side,
    byte_map,
    join,
    side_of,
)
from tests.btf.build import INT, LONG, array, build_btf, build_btf_bytes, struct, union
from tests.btf.pahole import pahole
from tests.tui.screen import KERNELS

OLD, NEW = KERNELS


def kernel_side(kernel: str, name: str) -> Side:
    (target,) = open_targets(kernel)
    return side_of(target.btf, find_types(target.btf, name)[0], kernel)


def side(btf: Btf, name: str = "t", where: str = "here") -> Side:
    return side_of(btf, find_types(btf, name)[0], where)


def cells(rows: list[str], start: int) -> str:
    """The cells of the line that begins at byte *start*."""
    (line,) = [row for row in rows if row.startswith(f"{start:>6} ")]
    return line[7:]


def texts(*sides: Side, has_local: bool = False, is_whole: bool = True, is_beside: bool = False) -> list[str]:
    rows = byte_map(sides, has_local=has_local, is_whole=is_whole, is_beside=is_beside)
    return [row.text for row in rows]


@pytest.mark.debian_tool("pahole")
def test_every_field_and_hole_is_where_pahole_has_it(tmp_path: Path) -> None:
    members = {
        "a": (INT, 0),
        "b": (LONG, 64),
        "c": (INT, 128),
        "d": (LONG, 4 * 512),
        "e": (INT, 4 * 512 + 64),
    }
    path = tmp_path / "t.btf"
    path.write_bytes(build_btf_bytes(struct("t", size=296, **members)))
    told = pahole(path, "-C", "t")
    fields = {
        name: (int(at), int(size)) for name, at, size in re.findall(r"(\w+);\s+/\*\s+(\d+)\s+(\d+) \*/", told)
    }
    holes = [int(size) for size in re.findall(r"XXX (\d+) bytes hole", told)]
    padding = [int(size) for size in re.findall(r"padding: (\d+)", told)]
    (target,) = open_targets(str(path))
    shown = side(target.btf)
    assert {
        one.name: (one.bit_offset // 8, one.bit_size // 8) for one in shown.extents if one.key in fields
    } == fields
    assert [one.bit_size // 8 for one in shown.extents if one.what == "hole"] == holes
    assert [one.bit_size // 8 for one in shown.extents if one.what == "padding"] == padding
    rows = texts(shown)
    drawn = "".join(cells(rows, start) for start in range(0, 296, LINE_BYTES))
    assert len(drawn) == 296
    for name, (at, size) in fields.items():
        assert drawn[at : at + size] == f"|{name}".ljust(size)
    assert drawn.count("·") == sum(holes) + sum(padding)


def test_fields_of_kernels_are_where_pahole_has_them() -> None:
    # pahole -C sched_entity on 6.1: on_rq at 56, a hole of 4 bytes, exec_start at 64, vruntime at 80.
    rows = texts(kernel_side(OLD, "sched_entity"))
    assert cells(rows, 0)[56:64] == "|on_····"
    assert cells(rows, 64)[0:8] == "|exec_st"
    assert cells(rows, 64)[16:24] == "|vruntim"


def test_the_programs_fields_have_the_same_mark_in_the_kernel() -> None:
    local = side(build_btf(struct("t", size=16, a=(LONG, 0), b=(LONG, 64))), where="the program")
    there = side(
        build_btf(struct("t", size=336, x=(LONG, 0), b=(LONG, 64), a=(LONG, 8 * 264))), where="kernel"
    )
    rows = texts(local, there, has_local=True, is_whole=False)
    at = rows.index("")
    assert cells(rows[:at], 0) == "1a      2b      "
    assert cells(rows[at:], 0).startswith("|x      2b      ")
    assert cells(rows[at:], 256).startswith("········1a      ····")
    assert "     ⋮ 1 line with nothing marked" in rows, "the third of six: one before and behind stay"
    roles = {
        part.text: part.role
        for row in byte_map((local, there), has_local=True, is_whole=False)[at:]
        for part in row.segments
    }
    assert roles["b      "] == "as-compiled"
    assert roles["a      "] == "moved"


def test_between_two_kernels_what_moved_is_marked() -> None:
    old, new = kernel_side(OLD, "sched_entity"), kernel_side(NEW, "sched_entity")
    joined = join((old, new), has_local=False)
    # pahole on both: load is at 0; vruntime at 80, and at 112.
    assert "vruntime" in joined
    assert "load.weight" not in joined
    rows = texts(old, new, is_beside=True)
    assert max(map(len, rows)) <= BESIDE_WIDTH + 60, "only a heading at the right is longer"
    line = next(row for row in rows if row.startswith("    64 "))
    left, right = line[7:WIDTH], line[WIDTH + 3 + 7 :]
    mark = left[16]
    assert left[16:24] == f"{mark}vruntim"
    assert right[48:56] == f"{mark}vruntim"


def test_bitfields_are_told_bit_by_bit() -> None:
    btf = build_btf(struct("t", ("a", INT, 0, 1), ("b", INT, 1, 3), ("c", INT, 9, 2), size=4))
    rows = texts(side(btf))
    assert cells(rows, 0) == "::··"
    # 32 bits less the 6 that are named.
    assert "1 cacheline, 2 holes of 3 bytes 2 bits in all" in " ".join(rows)
    assert [row.split() for row in rows if row.split()[1:2] == ["bits"]] == [
        ["0", "bits", "abbb····", "a", "a:1", "b", "b:3"],
        ["1", "bits", "·aa·····", "a", "c:2"],
    ]


def test_an_extent_that_goes_over_lines_says_so_and_a_huge_one_is_bounded() -> None:
    rows = texts(side(build_btf(struct("t", size=4 * 40, many=(array(INT, 40), 0)))))
    assert cells(rows, 0) == "|many".ljust(64)
    assert cells(rows, 64) == "…many".ljust(64)
    assert cells(rows, 128) == "…many".ljust(32)
    size = 1 << 31
    rows = texts(side(build_btf(struct("t", size=size, many=(array(INT, size // 4), 0)))))
    assert len(rows) < 3_000
    assert rows[-2] == f"     … {size // 64 - 2048} more lines"


def test_a_union_shows_the_field_that_is_asked_for() -> None:
    local = side(build_btf(struct("t", size=8, b=(LONG, 0))), where="the program")
    there = side(build_btf(struct("t", ("", union("", ("a", LONG, 0), ("b", LONG, 0), size=8), 0), size=8)))
    rows = texts(local, there, has_local=True)
    assert [cells(rows[: rows.index("")], 0), cells(rows[rows.index("") :], 0)] == ["1b      ", "1b      "]
