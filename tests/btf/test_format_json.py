"""btfview's own JSON: the schema that its docstring promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from btfview.btf.format.as_json import format_json, format_json_list
from btfview.btf.reader import Btf
from tests.btf.bpftool import bpftool_types
from tests.btf.build import (
    INT,
    LONG,
    Described,
    array,
    build_btf,
    build_btf_bytes,
    datasec,
    decl_tag,
    enum,
    func,
    func_proto,
    fwd,
    ptr,
    struct,
    union,
    var,
)
from tests.btf.test_reader import set_name_offset


def document(btf: Btf, *type_ids: int, is_expanded: bool = False) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads("".join(format_json(btf, "file", type_ids, is_expanded=is_expanded)))
    return loaded


def last_type(described: Described, *, is_expanded: bool = False) -> dict[str, Any]:
    btf = build_btf(described)
    (found,) = document(btf, btf.type_count - 1, is_expanded=is_expanded)["types"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("is_little_endian", [True, False], ids=["little", "big"])
def test_the_head_says_what_the_numbers_mean(is_little_endian: bool) -> None:
    found = document(build_btf(INT, is_little_endian=is_little_endian))
    assert found == {
        "schema_version": 1,
        "file": "file",
        "endian": "little" if is_little_endian else "big",
        "pointer_size": 8,
        "types": [],
    }


def test_a_struct_has_members_with_bits_and_holes() -> None:
    found = last_type(struct("s", size=16, a=(INT, 0, 3), b=(INT, 32), c=(INT, 96)))
    assert found == {
        "id": 2,
        "kind": "struct",
        "name": "s",
        "byte_size": 16,
        "members": [
            {**_member("a", 0, 3), "is_bitfield": True, "hole_bits_after": 29},
            {**_member("b", 32, 32), "hole_bits_after": 32},
            _member("c", 96, 32),
        ],
        "padding_bits": 0,
    }


def _member(name: str, bit_offset: int, bit_size: int) -> dict[str, Any]:
    return {
        "name": name,
        "type_id": 1,
        "type": "int",
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "is_bitfield": False,
        "hole_bits_after": 0,
    }


def test_anonymous_members_are_always_shown_named_ones_expanded_only() -> None:
    inner = struct("inner", size=4, x=(INT, 0))
    outer = struct("outer", ("", union("", size=4, y=(INT, 0)), 0), size=8, named=(inner, 32))
    flat, expanded = last_type(outer), last_type(outer, is_expanded=True)
    assert [("members" in one) for one in flat["members"]] == [True, False]
    assert expanded["members"][1]["members"][0]["bit_offset"] == 32


@pytest.mark.parametrize(
    ("described", "details"),
    [
        pytest.param(
            enum("e", signed=True, A=-1),
            {"byte_size": 4, "is_signed": True, "values": [{"name": "A", "value": -1}]},
            id="enum",
        ),
        pytest.param(
            array(INT, 3), {"type_id": 1, "type": "int", "index_type_id": 1, "length": 3}, id="array"
        ),
        pytest.param(ptr(INT), {"type_id": 1, "type": "int"}, id="pointer"),
        pytest.param(fwd("u", is_union=True), {"is_union": True}, id="forward"),
        pytest.param(INT, {"byte_size": 4, "bits": 32, "bit_offset": 0, "encoding": "signed"}, id="int"),
        pytest.param(
            func_proto(LONG, a=INT),
            {
                "return_type_id": 1,
                "return_type": "long",
                "params": [{"name": "a", "type_id": 2, "type": "int"}],
            },
            id="prototype",
        ),
        pytest.param(
            func("f", func_proto(), linkage=0),
            {"type_id": 1, "type": "void (void)", "linkage": "static"},
            id="function",
        ),
        pytest.param(var("v", INT), {"type_id": 1, "type": "int", "linkage": "global"}, id="variable"),
        pytest.param(decl_tag("t", INT, component=2), {"type_id": 1, "component_index": 2}, id="tag"),
        pytest.param(
            datasec(".bss", (var("v", INT), 4, 4), size=8),
            {
                "byte_size": 8,
                "variables": [{"name": "v", "type_id": 2, "type": "v", "byte_offset": 4, "byte_size": 4}],
            },
            id="section",
        ),
    ],
)
def test_each_kind_has_its_fields(described: Described, details: dict[str, Any]) -> None:
    found = last_type(described)
    assert {key: value for key, value in found.items() if key not in ("id", "kind", "name")} == details


def test_a_list_has_sizes_and_no_members() -> None:
    btf = build_btf(struct("s", size=4, a=(INT, 0)), fwd("x"))
    found = json.loads("".join(format_json_list(btf, "file", btf.ids())))
    assert found["types"] == [
        {"id": 1, "kind": "int", "name": "int", "byte_size": 4},
        {"id": 2, "kind": "struct", "name": "s", "byte_size": 4},
        {"id": 3, "kind": "fwd", "name": "x", "byte_size": None},
    ]


def test_a_damaged_record_does_not_hide_the_others() -> None:
    data = bytearray(build_btf_bytes(INT, struct("bad", size=0), struct("good", size=0)))
    set_name_offset(data, 2, 0x7FFF_0000)
    btf = Btf(bytes(data))
    kinds = [(one["kind"], "error" in one) for one in document(btf, 1, 2, 3)["types"]]
    assert kinds == [("int", False), ("damaged", True), ("struct", False)]
    assert json.loads("".join(format_json_list(btf, "file", (2,))))["types"][0]["name"] == "(invalid)"


def test_control_characters_are_escaped() -> None:
    name = "a\x1b[2J\x9b"
    text = "".join(format_json(build_btf(struct(name, size=0)), name, (1,)))
    assert text.replace("\n", "").isascii()
    assert "\x1b" not in text
    assert json.loads(text)["types"][0]["name"] == name


@pytest.mark.debian_tool("bpftool")
def test_whole_kernels_have_bpftools_offsets(kernel_btf: Callable[[str], Path]) -> None:
    path = kernel_btf("7.2.13+deb14-amd64")
    btf = Btf(path.read_bytes())
    ours = {one["id"]: one for one in document(btf, *btf.ids())["types"]}
    for theirs in bpftool_types(path):
        one = ours[theirs["id"]]
        assert one["kind"].upper() == theirs["kind"]
        assert one["name"] == theirs["name"].replace("(anon)", "")
        expected = [
            (member["name"].replace("(anon)", ""), member["bits_offset"], member["type_id"])
            for member in theirs.get("members", ())
        ]
        members = one.get("members", [])
        assert [(one["name"], one["bit_offset"], one["type_id"]) for one in members] == expected
