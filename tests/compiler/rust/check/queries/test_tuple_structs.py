"""Tuple structs in queries and in BTF: rustc calls their fields ``__0``, ``__1`` in debug info."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.source import Source
from tests.compiler.rust.front_end_helpers import GATE, build, problems, relocation_globals, the_problem

TEXT = GATE + (
    "#[repr(Btf)] pub struct Pair(u32, Inner);\n"
    "#[repr(C)] pub struct Inner(u64, [u8; 4]);\n"
    "pub fn f() -> usize { core::btf::field_byte_offset!(Pair, 1.0) }\n"
    "pub fn g() -> usize { core::btf::field_byte_size!(Pair, 1.1) }\n"
    "pub fn h() -> bool { core::btf::field_exists!(Pair, 0) }\n"
)


def test_a_query_walks_tuple_structs_by_index() -> None:
    # repr(C): Inner is at 8, its array of 4 bytes at 16
    assert relocation_globals(TEXT) == {"llvm.Pair:0:8$0:1:0", "llvm.Pair:1:4$0:1:1", "llvm.Pair:2:1$0:0"}


def test_paths_are_told_by_their_names_in_btf() -> None:
    result = build(TEXT)
    assert result.program is not None
    assert [query.path for query in result.program.queries] == ["Pair.__1.__0", "Pair.__1.__1", "Pair.__0"]
    assert [field.name for field in result.program.structs[0].fields] == ["__0", "__1"]


def test_a_query_walks_tuples_by_value() -> None:
    """RFC: a path goes through structs, unions and tuples. Offsets are those of our layout of the tuple."""
    text = GATE + (
        "#[repr(Btf)] pub struct outer { pid: u32, t: (u32, inner, (), (u8, u64)) }\n"
        "#[repr(Btf)] pub struct inner { b: u32, a: u8 }\n"
        "pub fn f() -> usize { core::btf::field_byte_offset!(outer, t.1.a) }\n"
        "pub fn g() -> usize { core::btf::field_byte_size!(outer, t.3.1) }\n"
    )
    result = build(text)
    assert result.program is not None
    assert [query.path for query in result.program.queries] == ["outer.t.__1.a", "outer.t.__3.__1"]
    # t at 8 (for its u64), inner at 4 in it, a at 4 in that; `()` has no member in BTF
    assert relocation_globals(text) == {"llvm.outer:0:16$0:1:1:1", "llvm.outer:1:8$0:1:2:1"}
    assert (
        problems(text.replace("t.3.1", "t.2"))[0][2] == "no field `2` on type `(u32, inner, (), (u8, u64))`"
    )


@pytest.mark.parametrize(
    ("types", "path", "place"),
    [
        ("struct T(u8, u32);", "1", "T"),
        ("struct T { a: u8, b: u32 }", "b", "T"),
        ("#[repr(C)] struct T { a: (u8, u32) }", "a.1", "(u8, u32)"),
    ],
)
def test_offset_of_asks_for_a_promised_layout(types: str, path: str, place: str) -> None:
    text = f"{types}\npub fn f() -> usize {{ core::mem::offset_of!(T, {path}) }}"
    message, hint = the_problem(text)[2:]
    assert message == f"Rust does not say where the fields of `{place}` are"
    assert "repr(C)" in hint


@pytest.mark.debian_tool("bpftool")
def test_bpftool_sees_rustc_s_names(tmp_path: Path) -> None:
    (tmp_path / "case.o").write_bytes(compile_source(Source("lib.rs", TEXT)).object or b"")
    shown = subprocess.run(
        ["bpftool", "-j", "btf", "dump", "file", tmp_path / "case.o"], capture_output=True, check=True
    )
    types = json.loads(shown.stdout)["types"]
    members = {item["name"]: [member["name"] for member in item["members"]]
               for item in types if item["kind"] == "STRUCT"}  # fmt: skip
    assert members == {"Pair": ["__0", "__1"], "Inner": ["__0", "__1"]}
