"""write_btf against bpftool, which prints what it finds in the bytes, and the limits of the format."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.btf.reader import Btf
from btfview.btf.writer import write_btf
from tests.btf.build import (
    INT,
    LONG,
    array,
    build_btf,
    build_btf_bytes,
    build_types,
    const,
    datasec,
    decl_tag,
    enum,
    enum64,
    float_,
    func,
    func_proto,
    fwd,
    int_,
    ptr,
    ref,
    restrict,
    struct,
    type_tag,
    typedef,
    union,
    var,
    volatile,
)

ONE_OF_EACH_KIND = (
    INT,
    struct("node", size=16, next=(ptr(ref("node")), 0), flag=(INT, 64, 3), rest=(INT, 67, 29)),
    union("either", ("", struct("", size=4, inner=(INT, 0)), 0), ("b", array(INT, 2), 0), size=8),
    enum("sign", signed=True, MINUS=-1, PLUS=1),
    enum64("wide", BIG=0xFFFF_FFFF_FFFF_FFFF),
    enum64("deep", signed=True, LOW=-(1 << 63)),
    fwd("absent"),
    fwd("absent_union", is_union=True),
    typedef("number", const(volatile(restrict(LONG)))),
    ptr(type_tag("rcu", INT)),
    decl_tag("mark", fn := func("fn", func_proto(INT, a=LONG), linkage=1), component=0),
    datasec(".data", (var("counter", INT), 0, 4), size=4),
    float_("double", 8),
    decl_tag("whole", fn),
)


def bpftool_types(data: bytes, tmp_path: Path) -> list[dict[str, Any]]:
    path = tmp_path / "written.btf"
    path.write_bytes(data)
    printed = subprocess.run(["bpftool", "-j", "btf", "dump", "file", path], capture_output=True, check=True)
    types: list[dict[str, Any]] = json.loads(printed.stdout)["types"]
    return types


def test_every_kind_is_built() -> None:
    assert {int(one.kind) for one in build_types(*ONE_OF_EACH_KIND)} == set(range(1, 20))


@pytest.mark.debian_tool
def test_bpftool_reads_every_kind_back(tmp_path: Path) -> None:
    types = bpftool_types(build_btf_bytes(*ONE_OF_EACH_KIND), tmp_path)
    by_name = {one["name"]: one for one in types}
    assert by_name["node"]["members"] == [
        {"name": "next", "type_id": by_name["node"]["id"] - 1, "bits_offset": 0},
        {"name": "flag", "type_id": 1, "bits_offset": 64, "bitfield_size": 3},
        {"name": "rest", "type_id": 1, "bits_offset": 67, "bitfield_size": 29},
    ]
    assert by_name["sign"]["values"] == [{"name": "MINUS", "val": -1}, {"name": "PLUS", "val": 1}]
    assert by_name["wide"]["values"] == [{"name": "BIG", "val": 0xFFFF_FFFF_FFFF_FFFF}]
    assert by_name["deep"]["values"] == [{"name": "LOW", "val": -(1 << 63)}]
    assert by_name["absent"]["fwd_kind"] == "struct"
    assert by_name["absent_union"]["fwd_kind"] == "union"
    assert (by_name["mark"]["component_idx"], by_name["whole"]["component_idx"]) == (0, -1)
    assert by_name["fn"]["linkage"] == "global"
    assert by_name[".data"]["vars"] == [{"type_id": by_name["counter"]["id"], "offset": 0, "size": 4}]
    assert by_name["double"]["size"] == 8
    assert [one["kind"].lower() for one in types] == [
        one.kind.label for one in build_types(*ONE_OF_EACH_KIND)
    ]


@pytest.mark.parametrize("is_little_endian", [True, False], ids=["little", "big"])
def test_what_is_written_is_read_back(is_little_endian: bool) -> None:
    written = build_types(*ONE_OF_EACH_KIND)
    btf = Btf(write_btf(written, is_little_endian=is_little_endian))
    assert btf.is_little_endian == is_little_endian
    assert [btf.type(one.id) for one in written] == written


def test_split_btf_continues_ids_and_strings_of_its_base() -> None:
    base = build_btf(struct("list_head", size=8, next=(ptr(ref("list_head")), 0)))
    module = build_btf(struct("device", size=8, list=(ref("list_head"), 0)), base=base)
    (device_id,) = module.ids_named("device")
    assert device_id == base.type_count
    device = module.type(device_id)
    assert isinstance(device, t.Struct)
    assert module.name(device.members[0].type_id) == "list_head"


def test_equal_strings_are_stored_once() -> None:
    data = build_btf_bytes(struct("name", size=4, name=(typedef("name", INT), 0)))
    assert data.count(b"name\0") == 1


def test_ids_must_be_those_of_the_positions() -> None:
    with pytest.raises(ValueError, match=r"type \[2\] 'int' stands at the place of \[1\]"):
        write_btf([t.Int(2, "int", 4, 1, 0, 32)])


MANY = enum("e", **cast(Any, {f"v{i}": i for i in range(1 << 16)}))


def _pair(bit_offset: int, bitfield_size: int, kind_flag: bool) -> list[t.BtfType]:
    member = t.Member("b", 1, bit_offset, bitfield_size)
    return [*build_types(INT), t.Struct(2, "pair", BtfKind.STRUCT, 8, (member,), kind_flag)]


@pytest.mark.parametrize(
    ("types", "problem"),
    [
        pytest.param(_pair(1 << 24, 1, True), "24 and 8 bits", id="offset-beside-bitfield-size"),
        pytest.param(_pair(0, 256, True), "24 and 8 bits", id="bitfield-size"),
        pytest.param(_pair(0, 3, False), "kind_flag", id="bitfield-without-flag"),
        pytest.param(build_types(enum("e", A=1 << 32)), "32 bits", id="enum-value"),
        pytest.param(build_types(enum64("e", A=1 << 64)), "64 bits", id="enum64-value"),
        pytest.param(build_types(int_("a\0b", 4)), "zero byte", id="name"),
        pytest.param(build_types(MANY), "65536 parts", id="vlen"),
        pytest.param([t.Unknown(1, "x", 20)], "no record", id="unknown-kind"),
    ],
)
def test_values_that_do_not_fit_are_refused(types: list[t.BtfType], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        write_btf(types)
