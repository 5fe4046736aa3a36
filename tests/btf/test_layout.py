"""Rows of a struct: where members stand, what is a hole, how deep it goes."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from btfview.btf.kinds import BtfKind
from btfview.btf.layout_rows import (
    CACHELINE_ROW,
    HOLE,
    MEMBER,
    PADDING,
    LayoutRow,
    struct_layout,
    with_cachelines,
)
from btfview.btf.reader import Btf
from btfview.btf.types import Struct
from tests.btf.bpftool import bpftool_types
from tests.btf.build import (
    INT,
    LONG,
    UNSIGNED_CHAR,
    Described,
    array,
    build_btf,
    build_btf_bytes,
    fwd,
    int_,
    ptr,
    ref,
    struct,
    typedef,
    union,
)
from tests.btf.pahole import pahole_structs


def rows_of(btf: Btf, name: str, *, is_expanded: bool = True) -> list[LayoutRow]:
    found = btf.type(btf.ids_named(name)[-1])
    assert isinstance(found, Struct)
    return list(struct_layout(btf, found, is_expanded=is_expanded))


def rows(*described: Described, is_expanded: bool = True) -> list[LayoutRow]:
    return rows_of(build_btf(*described), described[-1].name, is_expanded=is_expanded)


def facts(row: LayoutRow) -> tuple[str, str, int, int]:
    return row.what, row.name, row.bit_offset, row.bit_size


def test_members_holes_and_padding_stand_in_order() -> None:
    found = rows(struct("s", size=24, a=(INT, 0), b=(LONG, 64), c=(UNSIGNED_CHAR, 128)))
    assert [facts(row) for row in found] == [
        (MEMBER, "a", 0, 32),
        (HOLE, "", 32, 32),
        (MEMBER, "b", 64, 64),
        (MEMBER, "c", 128, 8),
        (PADDING, "", 136, 56),
    ]


def test_nested_members_count_from_the_outermost() -> None:
    inner = struct("inner", size=16, x=(INT, 0), y=(LONG, 64))
    found = rows(struct("outer", size=24, a=(LONG, 0), b=(typedef("inner_t", inner), 64)))
    assert [(row.path, row.depth, row.bit_offset, row.has_children) for row in found] == [
        ((0,), 0, 0, False),
        ((1,), 0, 64, True),
        ((1, 0), 1, 64, False),
        ((), 1, 96, False),
        ((1, 1), 1, 128, False),
    ]
    assert [row.type_name for row in found] == ["long", "inner_t", "int", "", "long"]


def test_without_expansion_there_are_own_members_only() -> None:
    inner = struct("inner", size=4, x=(INT, 0))
    found = rows(struct("outer", size=4, b=(inner, 0)), is_expanded=False)
    assert [facts(row) for row in found] == [(MEMBER, "b", 0, 32)]
    assert found[0].has_children, "there is something to expand"


def test_only_what_is_asked_for_is_expanded() -> None:
    inner = struct("inner", size=4, x=(INT, 0))
    btf = build_btf(struct("outer", size=8, a=(inner, 0), b=(inner, 32)))
    outer = btf.type(btf.ids_named("outer")[-1])
    assert isinstance(outer, Struct)
    found = struct_layout(btf, outer, expands=lambda path: path == (1,))
    assert [row.path for row in found] == [(0,), (1,), (1, 0)]


def test_cachelines_are_marked_before_the_first_member_behind_a_boundary() -> None:
    big = array(LONG, 9)
    found = with_cachelines(
        rows(struct("s", size=136, a=(LONG, 0), b=(big, 64), c=(LONG, 640), d=(LONG, 1024)))
    )
    marks = [(row.bit_offset // 8, row.bit_size // 8) for row in found if row.what == CACHELINE_ROW]
    assert marks == [(64, 16), (128, 0)]


@pytest.mark.debian_tool("pahole")
def test_cachelines_of_a_kernel_are_those_of_pahole(kernel_btf: Callable[[str], Path]) -> None:
    path = kernel_btf("6.12.117+deb12-amd64")
    btf = Btf(path.read_bytes())
    ids = [one for one in btf.ids() if btf.kind(one) in (BtfKind.STRUCT, BtfKind.UNION) and btf.name(one)]
    names = {
        "sk_buff",
        "page",
        "rq",
        "mm_struct",
        *(btf.name(one) for one in random.Random(0).sample(ids, 200)),
    }
    count = 0
    for keyword, name, text in pahole_structs(path, "-E", "-C", ",".join(names)):
        if re.search(r"\} ?\w+\[", text):
            continue  # pahole goes into the first element of an array
        theirs: dict[int, int] = {}
        for boundary, ago in re.findall(r"boundary \((\d+) bytes\)(?: was (\d+) bytes? ago)?", text):
            theirs.setdefault(int(boundary), int(ago or 0))  # of a union's arms the first that crosses it
        found = next(btf.type(one) for one in btf.ids_named(name) if btf.kind(one).label == keyword)
        assert isinstance(found, Struct)
        ours = {
            row.bit_offset // 8: row.bit_size // 8
            for row in with_cachelines(struct_layout(btf, found))
            if row.what == CACHELINE_ROW
        }
        assert ours == theirs, name
        count += len(ours)
    assert count > 100


def test_a_union_has_no_holes() -> None:
    found = rows(union("u", size=16, a=(INT, 0), b=(array(LONG, 2), 0)))
    assert [facts(row) for row in found] == [(MEMBER, "a", 0, 32), (MEMBER, "b", 0, 128)]


def test_bitfields_have_bits_also_those_of_old_compilers() -> None:
    """Before kind_flag (kernel 4.20) the int had the bits (Documentation/bpf/btf.rst, BTF_KIND_INT)."""
    new = rows(struct("new", size=4, a=(INT, 0, 3), b=(INT, 3, 29)))
    old = rows(struct("old", size=4, a=(int_("int", 4, bits=3), 0), b=(int_("int", 4, bits=29), 3)))
    expected = [(MEMBER, "a", 0, 3), (MEMBER, "b", 3, 29)]
    assert [facts(row) for row in new] == [facts(row) for row in old] == expected
    assert all(row.is_bitfield for row in (*new, *old))


def test_a_struct_inside_itself_is_not_expanded() -> None:
    found = rows(struct("s", size=16, a=(ref("s"), 0), b=(INT, 96)))
    assert [facts(row) for row in found] == [(MEMBER, "a", 0, 128), (MEMBER, "b", 96, 32)]


def test_structs_in_structs_without_end_are_bounded() -> None:
    inner: Described = INT
    for depth in range(40):
        inner = struct(f"level{depth}", size=4, a=(inner, 0), b=(inner, 0))
    assert len(rows(inner)) < 60_000


@pytest.mark.parametrize(
    "described",
    [
        pytest.param(fwd("absent"), id="without-a-size"),
        pytest.param(typedef("loop", ref("loop")), id="circle"),
        pytest.param(array(array(INT, 1 << 30), 1 << 30), id="too-large"),
    ],
)
def test_a_member_that_has_no_size_does_not_hide_the_others(described: Described) -> None:
    found = rows(struct("s", size=8, bad=(described, 0), good=(INT, 32)))
    assert [facts(row) for row in found if row.what == MEMBER] == [
        (MEMBER, "bad", 0, 0),
        (MEMBER, "good", 32, 32),
    ]


def test_a_member_of_a_type_that_does_not_exist_does_not_hide_the_others() -> None:
    data = bytearray(build_btf_bytes(struct("s", size=16, bad=(ptr(INT), 0), good=(INT, 64))))
    btf = Btf(bytes(data))
    at = 24 + 4 * (btf.place(btf.ids_named("s")[0])[1] + 3)  # type of the first member
    data[at : at + 4] = (999).to_bytes(4, "little")
    found = rows_of(Btf(bytes(data)), "s")
    assert [row.name for row in found if row.what == MEMBER] == ["bad", "good"]
    assert found[0].type_name == "<type [999]>"


@pytest.mark.debian_tool("bpftool")
@pytest.mark.parametrize("name", ["task_struct", "sk_buff", "page"])
def test_offsets_are_the_sums_along_the_path(name: str, kernel_btf: Callable[[str], Path]) -> None:
    """bpftool prints the offset of each member in its own struct."""
    path = kernel_btf("6.1.0-56-amd64")
    types = {one["id"]: one for one in bpftool_types(path)}
    btf = Btf(path.read_bytes())
    (root,) = (one for one in btf.ids_named(name) if types[one]["kind"] == "STRUCT")
    found = rows_of(btf, name)
    assert len(found) > 50
    for row in found:
        if row.what == MEMBER:
            assert row.bit_offset == offset_along(types, root, row.path)


def offset_along(types: dict[int, dict[str, Any]], type_id: int, path: tuple[int, ...]) -> int:
    total = 0
    for index in path:
        while "members" not in types[type_id]:
            type_id = types[type_id]["type_id"]
        member = types[type_id]["members"][index]
        total += member["bits_offset"]
        type_id = member["type_id"]
    return total
