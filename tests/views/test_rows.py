"""Rows of the panes: what they say, and to which records they belong."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.btf.kinds import CoreReloKind
from btfview.views.detail import detail_rows, detail_title
from btfview.views.layouts.struct_tree import struct_tree
from btfview.views.offset_table import offset_table
from btfview.views.relocations import COLUMNS, relocation_rows
from btfview.views.report import report_text
from btfview.views.rows import ROLES, Row
from btfview.views.source import source_rows
from btfview.views.stages.intrinsics import RECONSTRUCTED, intrinsic_rows
from tests.analyses import analyse_object
from tests.btf.build import INT, array, enum, struct, union
from tests.hostile.objects import object_with_many_records
from tests.objects import Record, build_object

K = CoreReloKind
LOCAL = (
    struct(
        "t",
        ("a", INT, 0),
        ("", union("", size=8, low=(INT, 0), arr=(array(INT, 2), 0)), 64),
        ("in_", struct("in", size=8, x=(INT, 0), y=(INT, 32)), 128),
        size=24,
    ),
    enum("e", A=1, B=7),
)
RECORDS = (
    Record(K.FIELD_BYTE_OFFSET, "t", "0:2:1", 20),
    Record(K.FIELD_EXISTS, "t", "0:1:1:1", 1),
    Record(K.TYPE_SIZE, "t", "0", 24),
    Record(K.ENUMVAL_VALUE, "e", "1", 7),
    Record(K.FIELD_BYTE_SIZE, "t", "2:0", 4),
    Record(K.FIELD_BYTE_OFFSET, "t", "0:2:1", 20),
    Record(K.FIELD_BYTE_OFFSET, "t", "0:9", 20),
)
TARGET = (struct("t", size=8, in_=(struct("in", size=4, y=(INT, 0)), 32)), enum("e", A=3))


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return analyse_object(tmp_path_factory.mktemp("rows"), build_object(LOCAL, RECORDS), kernel=TARGET)


def texts(rows: Iterable[Row]) -> list[str]:
    return ["  " * row.depth + row.text for row in rows]


def tree_rows(analysis: Analysis) -> tuple[Row, ...]:
    return tuple(one.row for one in struct_tree(analysis))


def test_struct_rows_mark_the_members_that_records_use(analysis: Analysis) -> None:
    assert texts(tree_rows(analysis)) == [
        "struct t  24 B  ◆ #2",
        "  a                    +0    4 B  int  ◆ #4",
        "  4 bytes hole",
        "  (anonymous)          +8    8 B  union {...}",
        "    low                +8    4 B  int",
        "    arr                +8    8 B  int[2]  ◆ #1",
        "  in_                 +16    8 B  struct in",
        "    x                 +16    4 B  int",
        "    y                 +20    4 B  int  ◆ #0 #5",
        "enum e",
        "  A = 1",
        "  B = 7  ◆ #3",
    ]


def test_members_alone_have_columns_whatever_the_text_of_other_rows(analysis: Analysis) -> None:
    columns = [one.columns for one in struct_tree(analysis)]
    assert [one and (one.name.text, one.offset, one.size, one.type_name.text) for one in columns] == [
        None,
        ("a", "+0", "4 B", "int"),
        None,
        ("(anonymous)", "+8", "8 B", "union {...}"),
        ("low", "+8", "4 B", "int"),
        ("arr", "+8", "8 B", "int[2]"),
        ("in_", "+16", "8 B", "struct in"),
        ("x", "+16", "4 B", "int"),
        ("y", "+20", "4 B", "int"),
        None,
        None,
        None,
    ]
    assert columns[1] is not None
    assert [part.text for part in columns[1].tail] == ["  ◆ #4"]


def test_relocation_rows(analysis: Analysis) -> None:
    rows = relocation_rows(analysis)
    assert [segment.text for segment in rows[0].segments] == [
        "#0",
        "field_byte_offset",
        "0",
        "r1 = 20",
        "0:2:1 = 20",
        "prog · socket",
    ]
    assert [segment.text for segment in rows[-1].segments][4] == "malformed"
    assert [row.relos for row in rows] == [(index,) for index in range(7)]
    assert all(len(row.segments) == len(COLUMNS) for row in rows)


def test_offset_table_keeps_records_of_one_path_together(analysis: Analysis) -> None:
    table = offset_table(analysis)
    assert table.columns == ("kernel",)
    assert [(row.relo, row.group) for row in table.rows][:3] == [
        (0, "t.in_.y"),
        (5, "t.in_.y"),
        (1, "t.arr[1]"),
    ]
    cells = {row.relo: row.cells[0] for row in table.rows}
    assert [(cells[index].state, cells[index].value) for index in range(7)] == [
        ("moved", "4"),
        ("missing, guarded", "0"),
        ("moved", "8"),
        ("missing", "-"),
        ("missing", "-"),
        ("moved", "4"),
        ("error", "-"),
    ]


@pytest.mark.parametrize(
    ("relo", "said"),
    [
        pytest.param(0, ["▲ moved: compiled 20, there 4", "in_ +4 → y +0  (0:0:0)"], id="moved"),
        pytest.param(1, ["○ it is not there: 0", "struct t has no member arr there"], id="not-there"),
        pytest.param(2, ["▲ changed: compiled 24, there 8"], id="size"),
        pytest.param(
            3, ["enum e has no enumerator B there", "bpf_core_enum_value_exists(enum e, B)"], id="enum"
        ),
        pytest.param(
            4, ["✖ missing there: poisoned", "bpf_core_field_exists(((struct t *)0)[2].a)"], id="guard"
        ),
        pytest.param(6, ["asks for member 9 of struct t, which has 3"], id="malformed"),
    ],
)
def test_details_say_what_why_and_what_to_do(relo: int, said: list[str], analysis: Analysis) -> None:
    text = "\n".join(texts(detail_rows(analysis, relo, 0)))
    for part in said:
        assert part in text


def test_detail_title(analysis: Analysis) -> None:
    assert detail_title(analysis, 0, 0) == "#0 field_byte_offset t.in_.y on kernel"


def test_all_rows_have_known_roles_and_unique_keys(analysis: Analysis) -> None:
    for build in (source_rows, tree_rows, intrinsic_rows, relocation_rows):
        rows = build(analysis)
        assert {segment.role for row in rows for segment in row.segments} <= ROLES
        keys = [row.key for row in rows if row.key]
        assert len(keys) == len(set(keys))


def test_an_object_without_line_info_says_so(analysis: Analysis) -> None:
    assert texts(source_rows(analysis)) == ["this object has no line_info: compile it with -g"]


SOURCE = """\
#define INFO(e, k) __builtin_preserve_field_info(e, k)
struct in { int x; int y[4]; };
union u { struct in s; long l[2]; };
struct t {
    long a; struct in in; union u un; struct { int anon; }; unsigned bits : 5;
} __attribute__((preserve_access_index));
enum e { A = 1, B = 7 };
struct t *g;
int f(void)
{
    return INFO(g->a, 0) + INFO(g->in.y[2], 1) + INFO(g->un.l[1], 2) + INFO(g->anon, 0) + INFO(g->bits, 4)
         + INFO(g->bits, 5) + INFO(g[3].in.x, 0) + __builtin_preserve_type_info(*(struct t *)0, 1)
         + __builtin_btf_type_id(*(struct t *)0, 1) + __builtin_preserve_enum_value(*(enum e *)B, 1);
}
"""


@pytest.mark.debian_tool("clang-19")
def test_reconstructed_intrinsics_are_those_of_clang(tmp_path: Path) -> None:
    """The IR of the same source before the relocation pass has the same calls with the same numbers."""
    source, out = tmp_path / "i.c", tmp_path / "i.o"
    source.write_text(SOURCE)
    clang = ["clang-19", "-target", "bpf", "-g", "-O2", str(source), "-o"]
    ir = subprocess.run(
        [*clang, "-", "-S", "-emit-llvm", "-Xclang", "-disable-llvm-passes"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    subprocess.run([*clang, str(out), "-c"], check=True)
    by_clang = [
        (name, [int(number) for number in re.findall(r"i(?:32|64) (\d+)", arguments)])
        for name, arguments in re.findall(r"call \w+ @llvm\.([\w.]+?)(?:\.p0)*\((.*?)\), !dbg", ir)
    ]
    analysis = analyse(str(out))
    rows = [row.text for row in intrinsic_rows(analysis)]
    assert rows[0] == RECONSTRUCTED
    ours = []
    for row in rows[1:]:
        if call := re.search(r"((?:preserve|bpf)\.[\w.]+)\((.*?)\)  ;", row):
            numbers = [int(number) for number in call[2].split(", ") if number.isdigit()]
            ours.append((call[1], numbers))
    # Of type and enum queries the first argument is a running number, which no record keeps.
    expected = [
        (name, numbers[1:] if "type" in name or "enum" in name else numbers) for name, numbers in by_clang
    ]
    assert ours == expected
    assert len(ours) == 24


@pytest.mark.debian_tool("clang-19")
def test_recorded_lines_of_an_object_stand_for_its_source(tmp_path: Path) -> None:
    source, out = tmp_path / "i.c", tmp_path / "i.o"
    source.write_text(SOURCE)
    subprocess.run(["clang-19", "-target", "bpf", "-g", "-O2", "-c", str(source), "-o", str(out)], check=True)
    analysis = analyse(str(out))
    source.unlink()
    rows = source_rows(analysis)
    assert rows[0].text == "i.c (lines recorded in .BTF.ext)"
    lines = SOURCE.split("\n")
    linked: set[int] = set()
    for row in rows[1:]:
        if row.key:
            number, _, text = row.text.strip().partition("  ")
            assert text.strip() == lines[int(number) - 1].strip()
            linked |= set(row.relos)
    assert linked == set(range(len(analysis.relos)))


def test_one_long_name_widens_its_own_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "long.o"
    path.write_bytes(object_with_many_records(50, b"n" * 4_000))
    text = report_text(analyse(str(path)))
    lengths = sorted(len(line) for line in text.split("\n"))
    assert lengths[-1] > 4_000 > 250 > lengths[-2]
