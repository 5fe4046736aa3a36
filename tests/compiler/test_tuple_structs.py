"""Tuple structs in queries and in BTF: rustc calls their fields ``__0``, ``__1`` in debug info."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.source import Source

from .front_end_helpers import GATE, build, relocation_globals

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
