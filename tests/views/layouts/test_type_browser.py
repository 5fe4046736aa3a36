"""Rows of a type; offsets and sizes of kernels are those of ``pahole -F btf -C``."""

from __future__ import annotations

import pytest

from btfview.analysis.type_rows import (
    RowState,
    compare,
    definition_of,
    differences,
    same_type,
    title_of,
    type_rows,
)
from btfview.btf.reader import Btf
from btfview.targets.find import open_target
from tests.btf.build import INT, LONG, array, build_btf, ptr, ref, struct, union

OLD, NEW = "6.1.0-56-amd64", "6.12.117+deb12-amd64"


def kernel(name: str) -> Btf:
    return open_target(name).btf


def test_a_member_has_its_place_size_type_and_path() -> None:
    btf = kernel(OLD)
    rows = {row.path: row for row in type_rows(btf, btf.ids_named("task_struct")[0]) if row.path}
    # pahole: se at 128 (struct of 256), vruntime in it at 80; in_iowait 2344: 3.
    facts = {path: (row.place, row.size, row.type_name) for path, row in rows.items()}
    assert facts["se"] == ("128", "256", "struct sched_entity")
    assert facts["se.vruntime"] == ("208", "8", "u64")
    assert facts["in_iowait"] == ("2344:3", ":1", "unsigned int")
    in_iowait = rows["in_iowait"]
    assert (in_iowait.bit_offset, in_iowait.bit_size, in_iowait.is_in_bits) == (2344 * 8 + 3, 1, True)
    assert btf.name(rows["mm"].follows) == "mm_struct"
    assert rows["pid"].follows == 0


def test_members_of_anonymous_ones_have_paths_without_them() -> None:
    inner = union("", size=4, a=(INT, 0), b=(INT, 0))
    btf = build_btf(struct("outer", ("", inner, 32), ("tail", INT, 96), size=16))
    rows = type_rows(btf, btf.ids_named("outer")[0])
    assert [(row.path, row.note) for row in rows] == [
        ("", "hole"),
        ("", "anonymous"),
        ("a", ""),
        ("b", ""),
        ("", "hole"),
        ("tail", ""),
    ]
    assert [row.place for row in rows] == ["0", "4", "4", "4", "8", "12"]


def test_a_pointer_is_followed_to_what_it_points_to() -> None:
    btf = build_btf(struct("node", size=8, next=(ptr(ref("node")), 0)))
    node = btf.ids_named("node")[0]
    (row,) = type_rows(btf, node)
    assert row.follows == node


def test_every_type_of_a_kernel_has_a_title_and_rows() -> None:
    btf = kernel(NEW)
    for type_id in btf.ids():
        assert title_of(btf, type_id)
        for row in type_rows(btf, type_id) if btf.kind(type_id).label != "struct" else ():
            assert 0 <= row.follows < btf.type_count
    assert definition_of(btf, 1) == 1


def test_two_kernels_are_aligned_by_field() -> None:
    here, there = kernel(OLD), kernel(NEW)
    type_id = here.ids_named("sched_entity")[0]
    other = same_type(here, type_id, there)
    compared = compare(type_rows(here, type_id), type_rows(there, other))
    states = {(one.here or one.there).key: one.state for one in compared}  # type: ignore[union-attr]
    assert states["load"] == RowState.SAME
    assert states["vruntime"] == RowState.MOVED  # 80, then 112
    assert states["vlag"] == RowState.ONLY_THERE  # since 6.6
    assert states["on_rq"] == RowState.CHANGED  # unsigned int, then unsigned char
    keys = [(one.here or one.there).key for one in compared]  # type: ignore[union-attr]
    assert keys.index("deadline") < keys.index("vruntime"), "new fields stand where the other target has them"
    backwards = compare(type_rows(there, other), type_rows(here, type_id))
    assert {(one.here or one.there).key: one.state for one in backwards}["vlag"] == RowState.ONLY_HERE  # type: ignore[union-attr]


def test_a_field_that_only_the_other_has_does_not_split_a_struct() -> None:
    here, there = kernel(NEW), kernel("5.10.0-46-amd64")
    task = here.ids_named("task_struct")[0]
    compared = compare(type_rows(here, task), type_rows(there, same_type(here, task, there)))
    keys = [(one.here or one.there).key for one in compared]  # type: ignore[union-attr]
    # 5.10: thread_info ends with status, then comes state; 6.12 has cpu behind status.
    at = keys.index("state")
    assert keys[at - 1] == "thread_info.cpu"
    assert compared[at].state == RowState.ONLY_THERE


def test_holes_and_cachelines_are_compared_too() -> None:
    b, tail = ("b", LONG, 64), ("d", INT, 640)
    old = build_btf(struct("s", ("a", INT, 0), b, ("c", array(LONG, 8), 128), tail, size=88))
    tail = ("d", INT, 576)
    new = build_btf(struct("s", ("a", INT, 0), ("x", INT, 32), b, ("c", array(LONG, 7), 128), tail, size=76))
    rows = [type_rows(btf, btf.ids_named("s")[0], has_cachelines=True) for btf in (old, new)]
    # 4 bytes behind a, 4 of padding; byte 64 lies in c (16 to 80), so the boundary is told before d.
    assert [(row.note, row.place) for row in rows[0] if row.note] == [
        ("hole", "4"),
        ("cacheline 1", "64"),
        ("padding", "84"),
    ]
    compared = compare(*rows)
    facts = [((one.here or one.there).name or (one.here or one.there).note, one.state) for one in compared]  # type: ignore[union-attr]
    assert facts == [
        ("a", RowState.SAME),
        ("x", RowState.ONLY_THERE),
        ("hole", RowState.ONLY_HERE),
        ("b", RowState.SAME),
        ("c", RowState.CHANGED),
        ("cacheline 1", RowState.SAME),
        ("d", RowState.MOVED),
        ("padding", RowState.ONLY_HERE),
    ]
    assert compared[5].there is not None, "one mark for both, since both stand before d"
    assert [one.state for one in differences(compared)] == [
        RowState.ONLY_THERE,
        RowState.ONLY_HERE,
        RowState.CHANGED,
        RowState.MOVED,
        RowState.ONLY_HERE,
    ]


def test_what_differs_stands_in_its_structs() -> None:
    here, there = kernel(OLD), kernel(NEW)
    task = here.ids_named("task_struct")[0]
    compared = compare(type_rows(here, task), type_rows(there, same_type(here, task, there)))
    kept = differences(compared)
    keys = [(one.here or one.there).key for one in kept]  # type: ignore[union-attr]
    assert keys.index("se") < keys.index("se.vruntime")
    assert "se.load" not in keys, "the same on both"
    assert [one for one in compared if one.state != RowState.SAME] == [
        one for one in kept if one.state != RowState.SAME
    ]


def test_a_type_that_the_other_lacks_is_not_compared_with_something_else() -> None:
    here, there = build_btf(struct("a", size=4, x=(INT, 0))), build_btf(struct("b", size=4, x=(INT, 0)))
    assert same_type(here, here.ids_named("a")[0], there) == 0
    assert [one.state for one in compare(type_rows(here, here.ids_named("a")[0]), ())] == [RowState.ONLY_HERE]


@pytest.mark.parametrize("name", ["pid_type", "u32", "pid_t", "int"])
def test_types_that_are_no_structs_have_rows(name: str) -> None:
    btf = kernel(OLD)
    assert type_rows(btf, btf.ids_named(name)[0])
