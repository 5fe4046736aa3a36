"""A target's layout beside the program's own. The judges: what the resolver says of the same field (which is
held to libbpf elsewhere), and ``pahole -C`` on whole kernels."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis, CellState
from btfview.btf.layout_rows import CACHELINE_ROW
from btfview.source import Source
from btfview.targets.find import open_target
from btfview.targets.target import Target
from btfview.views.layouts.beside import LayoutBeside, There
from btfview.views.layouts.struct_tree import struct_tree
from tests.analyses import analyse_object
from tests.btf.build import INT, LONG, UNSIGNED_CHAR, array, enum, ptr, struct, union
from tests.btf.pahole import pahole
from tests.objects import Record, build_object
from tests.paths import DEMO
from tests.views.test_rows import K

OLD, NEW = "6.1.0-56-amd64", "6.12.117+deb12-amd64"

LOCAL = (
    struct(
        "t",
        ("same", INT, 0),
        ("moved", INT, 32),
        ("grown", INT, 64),
        ("bits", INT, 96, 3),
        ("", union("", size=8, in_union=(INT, 0)), 128),
        ("deep", struct("", size=8, x=(INT, 0), y=(INT, 32)), 192),
        ("gone", INT, 256),
        ("guarded", INT, 288),
        ("other", INT, 320),
        ("list", array(INT, 4), 352),
        size=64,
    ),
    struct("nowhere___v2", size=4, x=(INT, 0)),
    enum("e", A=1, B=2, C=3),
)
TARGET = (
    struct(
        "t",
        ("same", INT, 0),
        ("", struct("", size=8, moved=(INT, 32)), 32),
        ("grown", LONG, 128),
        ("bits", INT, 197, 3),
        ("in_union", INT, 256),
        ("deep", struct("named", size=12, z=(INT, 0), y=(INT, 64)), 288),
        ("other", ptr(INT), 384),
        ("list", array(INT, 8), 448),
        size=96,
    ),
    enum("e", A=1, B=9),
    enum("bpf_func_id"),
)


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], There | None]:
    """A function from root and field to what stands beside it."""
    records = (
        Record(K.FIELD_BYTE_OFFSET, "t", "0:6", 32),
        Record(K.FIELD_EXISTS, "t", "0:7", 1),
        Record(K.TYPE_EXISTS, "nowhere___v2", "0", 1),
        Record(K.ENUMVAL_VALUE, "e", "2", 3),
    )
    return cells_of(
        analyse_object(tmp_path_factory.mktemp("beside"), build_object(LOCAL, records), kernel=TARGET)
    )


def cells_of(analysis: Analysis, target: int = 0) -> Callable[[str, str], There | None]:
    assert analysis.object is not None
    btf, layout = analysis.object.btf, LayoutBeside(analysis)
    places = [one.place for one in struct_tree(analysis) if one.place is not None]

    def cell(root: str, field: str) -> There | None:
        place = next(one for one in places if btf.name(one.root) == root and one.field == field)
        return layout.cell(place, target)

    return cell


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("same", There(CellState.AS_COMPILED, "0"), id="same"),
        pytest.param("moved", There(CellState.MOVED, "8"), id="through-an-anonymous-struct-there"),
        pytest.param("grown", There(CellState.MOVED, "16", "8 B"), id="another-size"),
        pytest.param("bits", There(CellState.MOVED, "24:5"), id="bitfield"),
        pytest.param("in_union", There(CellState.MOVED, "32"), id="out-of-an-anonymous-union-here"),
        pytest.param("deep", There(CellState.MOVED, "36", "12 B"), id="struct-of-another-size"),
        pytest.param("deep.y", There(CellState.MOVED, "44"), id="nested"),
        pytest.param("list", There(CellState.MOVED, "56", "32 B", "int[8]"), id="longer-array"),
    ],
)
def test_a_field_stands_where_the_target_has_it(
    beside: Callable[[str, str], There | None], field: str, expected: There
) -> None:
    assert beside("t", field) == expected


def test_what_is_missing_is_a_problem_where_a_record_fails_on_it(
    beside: Callable[[str, str], There | None],
) -> None:
    gone, guarded, inner = beside("t", "gone"), beside("t", "guarded"), beside("t", "deep.x")
    assert gone == There(CellState.MISSING, why="struct t has no member gone there")
    assert guarded is not None
    assert guarded.state == CellState.MISSING_GUARDED
    assert inner == There(CellState.MISSING_GUARDED, why="struct named has no member x there")
    other = beside("t", "other")
    assert other is not None
    assert "it is a pointer there, but int (4 bytes) in the program" in other.why
    nowhere = beside("nowhere___v2", "x")
    assert nowhere is not None
    assert nowhere.why == "no struct nowhere___v2 there"


def test_roots_and_enumerators_have_a_counterpart(beside: Callable[[str, str], There | None]) -> None:
    assert beside("t", "") == There(CellState.AS_COMPILED, "", "96 B")
    assert beside("e", "A") == There(CellState.AS_COMPILED, "1")
    assert beside("e", "B") == There(CellState.MOVED, "9")
    assert beside("e", "C") == There(CellState.MISSING, why="no enumerator C there")


def test_types_of_one_name_that_disagree_are_ambiguous(tmp_path: Path) -> None:
    local = struct("s", size=4, x=(INT, 0))
    data = build_object((local,), (Record(K.FIELD_EXISTS, "s", "0:0", 1),))
    kernel = (local, struct("s", size=8, a=(UNSIGNED_CHAR, 0), x=(INT, 32)))
    cell = cells_of(analyse_object(tmp_path, data, kernel=kernel))("s", "x")
    assert cell is not None
    assert cell.state == CellState.AMBIGUOUS


@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["k01_task.v3.o", "s01_shapes.v3.o", "k04_bitfields.v3.o", "k11_ambiguous.v3.o"]
)
def test_each_record_says_what_stands_beside_its_field(
    name: str, shared: Path, kernel_btf: Callable[[str], Path]
) -> None:
    targets = [open_target(str(kernel_btf(kernel))) for kernel in (OLD, "5.4.0-216-generic-amd64")]
    analysis = analyse(str(shared / "corpus" / "obj" / name), targets)
    layout = LayoutBeside(analysis)
    compared = 0
    for row, place in ((one.row, one.place) for one in struct_tree(analysis)):
        for index in row.relos:
            linked = analysis.relos[index]
            if place is None or linked.relo.kind_label != "field_byte_offset" or "[" in linked.path:
                continue
            for target in range(len(targets)):
                result = analysis.results[index][target]
                outcome = result.alone or result.outcome  # earlier records do not matter to a layout
                cell = layout.cell(place, target)
                assert cell is not None
                if outcome.status == "resolved" and ":" not in cell.place:
                    assert cell.place == str(outcome.value), linked.path
                elif outcome.status == "ambiguous":
                    assert cell.state == CellState.AMBIGUOUS
                elif outcome.status == "missing":
                    assert cell.place == ""
                compared += 1
    assert compared or name == "k04_bitfields.v3.o"


def demo(*targets: Target) -> Analysis:
    path = str(DEMO / "sched.rs")
    return analyse(path, targets, source=Source(path, Path(path).read_text()))


@pytest.mark.debian_tool("pahole")
def test_the_whole_type_is_as_pahole_shows_it(kernel_btf: Callable[[str], Path]) -> None:
    path = kernel_btf(OLD)
    analysis = demo(open_target(str(path)))
    layout = LayoutBeside(analysis)
    root = next(one.place.root for one in struct_tree(analysis) if one.place)
    rows = layout.whole_rows(root, 0, lambda _path: False, has_cachelines=True)
    top = [one for one in rows if one.row.depth == 1 and one.place and one.place.path]
    text = pahole(path, "-C", "task_struct")
    count = int(re.findall(r"(?m)^\t/\* size: .* members: (\d+)", text)[0])
    assert len(top) == count
    lit = {one.place.field: one.row.relos for one in rows if one.place and one.row.relos}
    assert lit == {"se.vruntime": (0, 1), "se.load.weight": (2, 3)}
    places = {one.place.field: one.place.bit_offset // 8 for one in rows if one.place}
    # pahole -C task_struct: se at 128, of 256 bytes; sched_entity: vruntime at 80.
    assert (places["se"], places["se.vruntime"]) == (128, 208)
    first = next(one for one in rows if one.place and one.place.what == CACHELINE_ROW)
    assert "cacheline 1 boundary (64 bytes)" in text
    assert "cacheline 1 from byte 64" in first.row.text


def test_closed_structs_are_expanded_when_they_are_asked_for() -> None:
    analysis = demo(open_target(OLD))
    layout = LayoutBeside(analysis)
    root = next(one.place.root for one in struct_tree(analysis) if one.place)
    closed = layout.whole_rows(root, 0, lambda _path: False, has_cachelines=False)
    thread_info = next(one.place for one in closed if one.place and one.place.field == "thread_info")
    opened = layout.whole_rows(root, 0, lambda path: path == thread_info.path, has_cachelines=False)
    fields = {one.place.field for one in opened if one.place}
    assert "thread_info.flags" in fields
    assert "thread_info.flags" not in {one.place.field for one in closed if one.place}
